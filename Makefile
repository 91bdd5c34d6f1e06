# Two commands on a fresh machine: `make run` and `make test`. Everything else is detail.
PY ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3,11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
FLASK := $(BIN)/flask --app app
JOBS ?= 2
# Tests run in the order of their files; `make test ORDER=` shuffles them.
ORDER ?= -p no:randomly

.PHONY: run test check fuzz model lock

run: .venv/.run
	@$(FLASK) run-all

test: .venv/.dev .venv/.chromium check
	$(BIN)/pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder -rs $(ORDER) $(ARGS)

check: .venv/.dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-logo && $(BIN)/djlint --quiet --lint templates

fuzz: .venv/.dev
	FUZZ_EXAMPLES=$(or $(N),200) FUZZ_PHASES=examples,coverage,fuzzing,stateful FUZZ_SEED=$(or $(SEED),1) $(BIN)/pytest tests/fuzz -p no:randomly $(ARGS)

model: .venv/.dev
	MODEL_EXAMPLES=$(or $(EXAMPLES),100) MODEL_STEPS=$(or $(STEPS),50) $(BIN)/pytest tests/stories/test_model.py -p no:randomly $(if $(SEED),--hypothesis-seed=$(SEED)) $(ARGS)

bench: .venv/.dev
	$(BIN)/python benchmarks/run.py $(if $(QUICK),--size quick) $(ARGS)

lock: .venv/.dev
	$(BIN)/uv lock -q && $(BIN)/uv export -q --no-dev --format requirements-txt --no-header -o requirements.txt && $(BIN)/uv export -q --all-groups --format requirements-txt --no-header -o requirements-dev.txt && rm uv.lock

.venv/bin/python:
	@test -n "$(PY)" || { echo "Racking needs Python 3.11 or newer as python3."; exit 1; }
	@$(PY) -m venv .venv 2>/dev/null || { rm -rf .venv; $(PY) -m venv --without-pip .venv && $(PY) -m pip --python .venv/bin/python install -q pip; }

.venv/.run: requirements.txt | .venv/bin/python
	@echo "Installing what Racking needs (once) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

.venv/.dev: requirements-dev.txt | .venv/bin/python
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@ .venv/.run

.venv/.chromium: | .venv/bin/python
	@command -v chromium chromium-browser google-chrome >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    echo "Installing Chromium for the browser tests (once) ..."; \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; \
	  else echo "The browser tests need Chromium: install the package 'chromium' and run make test again."; exit 1; fi; }
	@touch $@
