# docker build --tag digit-recognizer .
# docker run --publish 8000:8000 --read-only --cap-drop ALL --security-opt no-new-privileges digit-recognizer

ARG PYTHON=3.13

# The service's packages, without what only their developers use. This layer stays as it is until
# pyproject.toml or constraints.txt change.
FROM python:${PYTHON}-slim AS packages
WORKDIR /build
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
        print(*project['dependencies'], *project['optional-dependencies']['otel'], sep='\n')" > requirements.txt \
    && pip install --no-cache-dir --no-compile --root-user-action=ignore --prefix=/packages --constraint=constraints.txt --requirement=requirements.txt \
    && find /packages -type d \( -name tests -o -name include \) -prune -exec rm -r {} + \
    && find /packages -type f \( -name '*.a' -o -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' \) -delete

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="digit-recognizer" \
      org.opencontainers.image.description="Reads handwritten digits: a convolutional network in NumPy behind a page to draw on" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.licenses="MIT"

COPY --from=packages /packages /usr/local
WORKDIR /srv/digits
COPY app app
COPY model model
COPY static static
COPY weights weights

ENV DIGITS_HOST=0.0.0.0 \
    DIGITS_PORT=8000 \
    PYTHONUNBUFFERED=1

# Serving once, for three seconds, proves that the image works, and writes the bytecode of exactly the
# modules that are needed: the file system is read-only later, and compiling would take a second at each start.
RUN timeout --preserve-status 3 python -m app

# A number, since an orchestrator checks "not root" by it; any other id works as well.
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, sys; from http.client import HTTPConnection; c = HTTPConnection('127.0.0.1', int(os.environ['DIGITS_PORT']), timeout=2); c.request('GET', '/readyz'); sys.exit(c.getresponse().status != 200)"]
CMD ["python", "-m", "app"]
