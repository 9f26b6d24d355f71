# The commands of the project. `make up` and `make test` do all the set-up themselves, on Debian 12 with Python 3.11.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One lock for running, one for developing; `make lock` makes both anew. Neither names a host.
RUN_STAMP := $(VENV)/.run-stamp
DEV_STAMP := $(VENV)/.dev-stamp
ARGS ?=

.PHONY: help up test check bench soak lock clean format system

help:
	@echo "make up      start the town: authorities, provider, phone, cards (ARGS='--fresh' starts over)"
	@echo "make test    run every test, real clients and browser included"
	@echo "make check   format, lint, types, imports, lock"
	@echo "make bench   measure against the limits, results under bench/results"
	@echo "make soak    long campaigns: fuzzing, power cuts"
	@echo "make lock    resolve the dependencies anew"

$(RUN_STAMP): requirements.lock pyproject.toml
	@scripts/venv $(PYTHON) $(VENV) requirements.lock $@

$(DEV_STAMP): requirements-dev.lock pyproject.toml
	@scripts/system-packages build
	@scripts/venv $(PYTHON) $(VENV) requirements-dev.lock $@

up: $(RUN_STAMP)
	@exec $(BIN)/warifu town up $(ARGS)

test: $(DEV_STAMP)
	@scripts/system-packages clients
	@scripts/npm-packages $(VENV) install
	@# Without compiled files each of the hundreds of programs that the tests start would compile all of warifu anew.
	env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n logical --maxprocesses=4 $(ARGS)

check: $(DEV_STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	@! grep -nE '://' requirements.lock requirements-dev.lock tests/npm/package-lock.json

format: $(DEV_STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV_STAMP)
	@scripts/system-packages clients
	@scripts/npm-packages $(VENV) install
	$(BIN)/python -m bench $(ARGS)

soak: $(DEV_STAMP)
	@scripts/system-packages clients
	WARIFU_SOAK=1 $(BIN)/python -m pytest tests/soak $(ARGS)

lock:
	@scripts/lock $(PYTHON)

clean:
	rm -rf $(VENV) tests/npm/node_modules dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
