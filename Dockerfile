# One image for all processes: web, jobs and every command of the operator.
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --system --create-home --home-dir /srv/racking --shell /usr/sbin/nologin racking
WORKDIR /srv/racking

COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY app.py LICENSE ./
COPY inventory inventory
COPY templates templates
COPY static static
RUN python -m compileall -q inventory && mkdir instance && chown racking:racking instance

USER racking
ENV RACKING_HOST=0.0.0.0 RACKING_INSTANCE=/srv/racking/instance
VOLUME /srv/racking/instance
EXPOSE 5000

HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5000/api/v1/health', timeout=4)"]

ENTRYPOINT ["flask", "--app", "app"]
CMD ["serve"]
