# The service in a container: docs/deploying.md says how to build and run it.
#
# A tag can be moved. To build from what you looked at, put its digest in:
#   docker build --build-arg PYTHON=python:3.11-slim-bookworm@sha256:DIGEST -t portalcheck .
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
WORKDIR /src
# What portalcheck needs comes first: it changes less often than the program, so this layer is kept.
COPY requirements.lock requirements-build.lock ./
RUN python -m venv --without-pip /opt/portalcheck \
 && python -m pip --python /opt/portalcheck/bin/python install --no-cache-dir --no-compile --require-hashes -r requirements.lock \
 && python -m pip install --no-cache-dir --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY checker checker
COPY allowlists allowlists
# Compiled here, once, and never compared with the sources again: the container's files cannot change.
RUN python -m pip wheel --no-cache-dir --no-build-isolation --no-deps --wheel-dir /wheel . \
 && python -m pip --python /opt/portalcheck/bin/python install --no-cache-dir --no-compile --no-index --no-deps /wheel/portalcheck-*.whl \
 && python -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/portalcheck/lib

FROM ${PYTHON}
LABEL org.opencontainers.image.title="portalcheck" \
      org.opencontainers.image.description="Is this address on the list of official portals?" \
      org.opencontainers.image.licenses="Apache-2.0"
# A number, so that Kubernetes can see that it is not root's. /data is the one place that is written to.
RUN groupadd --gid 10001 portalcheck \
 && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin portalcheck \
 && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /opt/portalcheck /opt/portalcheck
# PYTHONDONTWRITEBYTECODE: everything is compiled already, and the root file system may be read-only.
ENV PATH=/opt/portalcheck/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PORTALCHECK_DATABASE_URL=sqlite:////data/reports.db
WORKDIR /data
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
# Keep localhost among PORTALCHECK_ALLOWED_HOSTS: it is the name that is asked for here.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-I", "-c", "from http.client import HTTPConnection as C; c = C('localhost', 8000, timeout=2); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["portalcheck"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
