# docker build --tag digit-recognizer .
# docker run --publish 8000:8000 --read-only --cap-drop ALL --security-opt no-new-privileges digit-recognizer

# Python 3.13.14 on Debian trixie, for all platforms. A tag is moved to other files; a digest is not.
# CONTRIBUTING.md says how a newer one is taken.
ARG PYTHON=3.13-slim@sha256:9662417aace5ae7b8e2609cce472b72a8958e134ba372808abe9cc1a0c0125e6

# The service's packages by their hashes, without what only their developers use. This layer stays
# as it is until a file of deploy/requirements changes.
FROM python:${PYTHON} AS packages
WORKDIR /build
COPY pyproject.toml deploy/requirements/ ./
RUN pip install --no-cache-dir --no-compile --root-user-action=ignore --prefix=/packages --require-hashes --requirement=image.txt \
    && find /packages -type d \( -name tests -o -name include \) -prune -exec rm -r {} + \
    && find /packages -type f \( -name '*.a' -o -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' \) -delete
# The software bill of materials, in CycloneDX: what these packages are, and under which licences.
RUN python -m venv /tools \
    && /tools/bin/pip install --no-cache-dir --require-hashes --requirement=sbom.txt \
    && PYTHONPATH=$(echo /packages/lib/python*/site-packages) /tools/bin/cyclonedx-py environment \
        --pyproject=pyproject.toml --output-reproducible --output-file=/packages/sbom.cdx.json "$(command -v python)"

FROM python:${PYTHON}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="digit-recognizer" \
      org.opencontainers.image.description="Reads handwritten digits: a convolutional network in NumPy behind a page to draw on" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"

COPY --from=packages /packages /usr/local
# Nothing is installed in a running container, and no file in it changes who runs.
RUN rm -rf /usr/local/bin/pip* /usr/local/lib/python3*/ensurepip \
        /usr/local/lib/python3*/site-packages/pip /usr/local/lib/python3*/site-packages/pip-* \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
WORKDIR /srv/digits
COPY app app
COPY model model
COPY static static
COPY weights weights

ENV DIGITS_HOST=0.0.0.0 \
    DIGITS_PORT=8000 \
    PYTHONUNBUFFERED=1

# Serving once proves that the image works, and writes the bytecode of exactly the modules that are
# needed: the file system is read-only later, and compiling them would take a second at each start.
RUN python -m app & service=$! \
    && timeout 60 sh -c 'until python -m app.healthcheck; do sleep 0.2; done' \
    && kill $service \
    && wait $service

# A number, since an orchestrator checks "not root" by it; any other id works as well.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python", "-m", "app.healthcheck"]
CMD ["python", "-m", "app"]
