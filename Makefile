# make [help] lists what there is. Everything is installed into .venv, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BENCHMARKS ?= training inference serving bulk resilience cluster abuse
MODULES ?= app model static
MINUTES ?= 30
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt
# Half of a test's time goes by in waiting for a service or a browser. Each computes on one thread.
TESTS_AT_ONCE := $(shell expr 2 '*' $$(getconf _NPROCESSORS_ONLN))
# The tests start hundreds of processes; without bytecode on disk each compiles the same modules anew.
unexport PYTHONDONTWRITEBYTECODE
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --constraint constraints.txt \
	--generate-hashes --no-annotate --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help serve test check audit lock mutate format train evaluate sheet bench image clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(VENV)/serve.stamp  ## serve the page and the API on http://127.0.0.1:8000
	@$(BIN)/python -m app

test: $(VENV)/test.stamp  ## run the tests
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses $(TESTS_AT_ONCE) --dist worksteal $(PYTEST_ARGS)

check: $(VENV)/test.stamp  ## check format, lint and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

audit: $(VENV)/test.stamp  ## ask for known vulnerabilities of the pinned packages
	@$(BIN)/python tests/ci/audit.py

# For every platform and Python version, since an image is built on more than one.
lock: $(VENV)/test.stamp  ## write what the image installs, with hashes, from pyproject.toml and constraints.txt
	$(LOCK) --extra otel pyproject.toml --output-file deploy/requirements/image.txt
	echo cyclonedx-bom | $(LOCK) - --output-file deploy/requirements/sbom.txt

mutate: $(VENV)/mutate.stamp  ## plant mistakes in MODULES="app/queue model/nn", and see which the tests find
	@$(BIN)/python -m tests.mutation --minutes $(MINUTES) $(ARGS) $(MODULES)

format: $(VENV)/test.stamp  ## format the code, and mend what the linter can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

train: $(VENV)/train.stamp  ## train the network from MNIST into weights/digits.npz (an hour)
	$(BIN)/python -m model train $(ARGS)

evaluate: $(VENV)/train.stamp  ## measure weights/digits.npz and write its model card
	$(BIN)/python -m model evaluate --card weights/MODEL_CARD.md $(ARGS)

sheet: $(VENV)/train.stamp  ## draw a sheet of the digits that are drawn by code
	$(BIN)/python -m model sheet $(ARGS)

bench: $(VENV)/bench.stamp  ## measure against PyTorch, ONNX Runtime and other servers
	@for name in $(BENCHMARKS); do $(BIN)/python -m benchmarks.$$name || exit 1; done

image:  ## build the container image
	docker build --tag digit-recognizer --build-arg REVISION=$$(git rev-parse HEAD) .

clean:  ## remove what was installed, built and cached, but nothing that was measured
	rm -rf $(VENV) node_modules build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .mutation
	find app model tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

# One stamp for each set of packages, so that a second run installs nothing.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; $(PYTHON) is not: make PYTHON=python3.13 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/%.stamp: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV) ..."
	$(INSTALL) --editable '.$(EXTRAS_$*)'
	@touch $@

# For the tests of the page: the rules of accessible pages, what each browser can do, and types.
node_modules: Makefile
	npm install --silent --no-save --no-package-lock --no-audit --no-fund \
		axe-core@4.14.1 @mdn/browser-compat-data@8.1.9 typescript@7.0.2
	@touch $@

EXTRAS_serve :=
EXTRAS_train := [train]
EXTRAS_test := [test,dev]
EXTRAS_mutate := [test,mutate]
EXTRAS_bench := [bench]
