# Two commands matter: `make demo` (the whole loop, nothing needed but Python) and `make test` (every test).
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
FUZZ   ?= 1000000
JOBS   ?= 2

.PHONY: help setup demo test test-lab check lint types unit parts lock clean fuzz crash

help:            ## this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(VENV)/.ready  ## an environment in .venv with every pinned dependency

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cordon needs Python 3.11 or newer: set PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "setting up $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m controller.collector.kernels
	@$(BIN)/python -m controller.switches.wire
	@$(BIN)/python -m detectors.kernels
	@touch $@

demo: setup      ## the whole loop on a recording and emulated switches; no root, no servers
	@$(BIN)/cordon demo

check: lint types  ## lint, types and import contracts, without the tests

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: setup
	@$(BIN)/mypy

unit: setup      # JOBS=0: on one process. The lab counts lost packets: it has the machine to itself
	@$(BIN)/pytest -n $(JOBS) -m "not lab" $(PYTEST)
	@$(BIN)/pytest -m lab $(PYTEST) || [ $$? = 5 -a -n "$(PYTEST)" ]

test: check unit ## lint, types, import contracts and every test; missing real parts are listed at the end

test-lab: setup  ## the network in namespaces alone: real switches, real attacks (root, after `make parts`)
	@$(BIN)/pytest -m lab $(PYTEST)

fuzz: setup      ## mutated datagrams, ten times as many as in `make test`; FUZZ=10000000 for a night
	@CORDON_FUZZ=$(FUZZ) $(BIN)/pytest -m fuzz $(PYTEST)

crash: setup     ## SIGKILL after every journal step of every driver, and the state machine at length
	@CORDON_CRASH=full $(BIN)/pytest -m crash $(PYTEST)

parts:           ## the real parts that some tests want: Kafka, net-snmp, collectors to measure beside (apt as root, Maven, Go)
	@sh .ci/parts.sh

lock:            ## pin every dependency again, with hashes
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --output-file requirements.lock

clean:           ## remove what setup and the tests made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
