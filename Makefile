# Two commands matter: `make demo` and `make test`. Both set up what they need.

PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
DEMO ?= demo
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install -q --no-input --no-compile
RUN_LOCKS := requirements/run.lock requirements/setup.lock
DEV_LOCKS := requirements/dev.lock requirements/setup.lock
# A module's tests stay together, so what it sets up is set up once; tests/conftest.py orders them.
BY_MODULE := --dist loadfile --no-loadscope-reorder
require = $(foreach lock,$(1),-r $(lock))

# Hundreds of commands are started by the tests and the demo: compile each module once.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo serve test test-live odoo lint types contracts check bench lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Kvitto needs Python 3.11 or newer on the PATH; none was found." >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(RUN_LOCKS) pyproject.toml | $(BIN)/python
	@echo "Setting up (once; about half a minute) ..."
	@$(PIP) --require-hashes $(call require,$(RUN_LOCKS))
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: $(DEV_LOCKS) $(VENV)/.run
	@echo "Setting up what the tests need (once) ..."
	@$(PIP) --require-hashes $(call require,$(DEV_LOCKS))
	@touch $@

demo: $(VENV)/.run  ## the whole job on the shipped demo agency, into ./demo
	@$(BIN)/kvitto demo $(DEMO)

serve: $(VENV)/.run  ## the app on the demo agency, http://127.0.0.1:8080
	@$(BIN)/kvitto --workspace $(DEMO) serve

test: check  ## lint, types, contracts, tests
	@$(BIN)/python -m pytest -n auto $(BY_MODULE) -m "not live"

test-live: $(VENV)/.dev  ## the slow proofs: hundreds of kills, real servers
	@$(BIN)/python -m pytest -n 2 $(BY_MODULE) -m live

odoo: $(VENV)/.dev  ## Odoo 19 with its demo data on this machine, to try the connector
	@$(BIN)/python -m tests.live.odoo.server

check: lint types contracts  ## everything but the tests

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

contracts: $(VENV)/.dev
	@$(BIN)/lint-imports --no-logo

bench: $(VENV)/.dev  ## ratios measured side by side; results in benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks

lock:  ## resolve the requirements again (needs uv)
	cd requirements && for part in run dev setup; do \
		uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
			$$( [ $$part = run ] || echo -c run.lock ) $$part.in -o $$part.lock; done

clean:  ## remove what the other targets made
	rm -rf $(VENV) $(DEMO) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
