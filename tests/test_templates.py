"""What every template must keep, so that the content policy holds and htmx 4 does as we mean."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import Environment, meta

from inventory.config import ROOT

TEMPLATES = ROOT / "templates"
PAGES = sorted(
    path for path in TEMPLATES.rglob("*.html") if path.relative_to(TEMPLATES).parts[0] != "email"
)
VERBS = {"hx-get", "hx-post", "hx-put", "hx-patch", "hx-delete", "hx-query"}
# Without a verb on the same element these only mean something through inheritance.
NEED_A_VERB = {
    "hx-target",
    "hx-swap",
    "hx-trigger",
    "hx-sync",
    "hx-select",
    "hx-include",
    "hx-vals",
    "hx-indicator",
    "hx-disable",
    "hx-confirm",
    "hx-replace-url",
    "hx-encoding",
}
FORBIDDEN = {
    "style",
    "hx-on",
    "hx-ext",
    "hx-disabled-elt",
    "hx-swap-oob",
    "hx-boost",
    "hx-push-url",
}
CONTROLS = {"a", "button", "form", "input", "select", "textarea"}
TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
SAFE_FILTER = re.compile(r"\|\s*safe\b|\bMarkup\(")


class Elements(HTMLParser):
    """The elements of a template with their attributes, each with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str], int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.found.append((tag, given, self.getpos()[0]))


def elements(path: Path) -> list[tuple[str, dict[str, str], int]]:
    """The elements as written, expressions replaced by a word that no rule refuses."""
    text = TAG.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), path.read_text())
    parser = Elements()
    parser.feed(EXPRESSION.sub("x", text))
    return parser.found


def broken_rules(tag: str, given: dict[str, str]) -> Iterator[str]:
    for name, value in given.items():
        yield from _broken_by_attribute(name, value)
    if tag == "script" and "src" not in given and given.get("type") != "application/json":
        yield "a script without src"
    if tag == "style":
        yield "a style element"
    if tag == "form" and not {"action", "method"} <= set(given) and given.get("method") != "dialog":
        yield "a form needs action and method"
    yield from _broken_by_htmx(tag, given)


def _broken_by_attribute(name: str, value: str) -> Iterator[str]:
    if name in FORBIDDEN or name.startswith(("hx-on:", "hx-on-", "on")):
        yield f"{name} is not for us"
    if "js:" in value or value.startswith("javascript:"):
        yield f"{name} runs a script"
    if name == "hx-trigger" and "[" in value:
        yield "a filter in hx-trigger never fires"


def _broken_by_htmx(tag: str, given: dict[str, str]) -> Iterator[str]:
    asks = bool(VERBS & set(given))
    needy = NEED_A_VERB & set(given)
    if needy and not asks and tag != "hx-partial":
        yield f"{', '.join(sorted(needy))} without a verb does not inherit"
    by_itself = given.get("hx-trigger", "").startswith(("load", "stock-changed", "revealed"))
    if asks and tag not in CONTROLS and not by_itself:
        yield f"htmx on <{tag}> cannot be reached by keyboard"


def carries_token(text: str) -> bool:
    """Whether the token is written here, by the macro, or in a partial that is included."""
    if "csrf_token" in text or "hidden(" in text:
        return True
    included = re.findall(r'{% include "([^"]+)"', text)
    return any(carries_token((TEMPLATES / name).read_text()) for name in included)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_keeps_the_rules(path: Path) -> None:
    broken = [
        f"line {line}: {rule}"
        for tag, given, line in elements(path)
        for rule in broken_rules(tag, given)
    ]
    text = path.read_text()
    if SAFE_FILTER.search(text):
        broken.append("nothing is marked safe in a template")
    if not text.startswith("{#"):
        broken.append("the first line says what the template needs")
    assert broken == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_partial_never_extends(path: Path) -> None:
    if path.name.startswith("_"):
        assert "{% extends" not in path.read_text()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_form_that_posts_carries_the_token(path: Path) -> None:
    text = path.read_text()
    forms = [
        form
        for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL)
        if re.search(r'method="post"', form)
    ]
    naked = [form[:80] for form in forms if not carries_token(form)]
    assert naked == []


def test_the_rules_are_able_to_fail() -> None:
    sins = {
        "div": {"style": "color: red"},
        "button": {"onclick": "x()"},
        "a": {"hx-get": "/x", "hx-trigger": "keyup[key=='Enter']"},
        "script": {},
        "section": {"hx-target": "#rows"},
        "form": {"method": "post"},
        "span": {"hx-get": "/x"},
    }
    assert all(list(broken_rules(tag, given)) for tag, given in sins.items())


def test_every_template_that_is_named_exists(app: Flask) -> None:
    environment: Environment = app.jinja_env
    missing: list[str] = []
    for path in PAGES:
        named = meta.find_referenced_templates(environment.parse(path.read_text()))
        missing += [name for name in named if name and not (TEMPLATES / name).is_file()]
    assert missing == []


def test_every_endpoint_that_a_template_names_exists(app: Flask) -> None:
    missing = [
        (path.relative_to(TEMPLATES), endpoint)
        for path in PAGES
        for endpoint in re.findall(r'url_for\(\s*"([^"]+)"', path.read_text())
        if endpoint not in app.view_functions
    ]
    assert missing == []


def test_no_template_writes_an_address_by_hand() -> None:
    written = [
        (path.name, name, value)
        for path in PAGES
        for _, given, _ in elements(path)
        for name, value in given.items()
        if name in {"href", "action", "src", *VERBS} and value.startswith("/")
    ]
    assert written == []
