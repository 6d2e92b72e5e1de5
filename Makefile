# make help lists what can be done here. Every target is a thin call of the holdfast command or of a test tool.
STACK ?= prod
ENGINE ?= sandbox
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOLDFAST = $(BIN)/holdfast
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
export STACK ENGINE

.DEFAULT_GOAL := help
.PHONY: bench help install lock up preview down prove lint types test test-all soak

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.installed: requirements/install.txt requirements/dev.txt pyproject.toml runtime/pyproject.toml policies/pyproject.toml
	@echo "installing into $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/install.txt
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . -e runtime -e policies
	@touch $@

install: $(VENV)/.installed ## install into .venv what is pinned in requirements/

lock: ## compile requirements/*.in into hash-pinned requirements/*.txt
	$(COMPILE) requirements/install.in -o requirements/install.txt
	$(COMPILE) requirements/service.in -o requirements/service.txt
	$(COMPILE) requirements/function.in -o requirements/function.txt
	$(COMPILE) requirements/dev.in -o requirements/dev.txt
	$(COMPILE) requirements/bench.in -o requirements/bench.txt

up: install ## bring the stack up in the sandbox and prove that it serves (STACK=name, ENGINE=pulumi)
	@$(HOLDFAST) up --stack $(STACK) --engine $(ENGINE)

preview: install ## show what an up would change, judged by the policy packs
	@$(HOLDFAST) preview --stack $(STACK) --engine $(ENGINE)

down: install ## destroy the stack and stop its sandbox (YES=1 does not ask)
	@$(HOLDFAST) down --stack $(STACK) --engine $(ENGINE) $(if $(filter 1,$(YES)),--yes)

prove: install ## prove again that a running stack serves and fails over
	@$(HOLDFAST) prove --stack $(STACK)

lint: install ## ruff and import-linter
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache

types: install ## mypy strict
	@$(BIN)/mypy --no-error-summary

test: lint types ## lint, types and tests: what CI runs
	@$(BIN)/pytest -m "not slow" -n 2

soak: install ## 100,000 simulated region losses (SEEDS=n, FIRST=n, MINUTES=n); goes on where it was interrupted
	@$(BIN)/python -m holdfast.testing.simulation --seeds $(or $(SEEDS),100000) --first $(or $(FIRST),0) \
		--minutes $(or $(MINUTES),inf) --resume .holdfast/soak.jsonl

test-all: lint types ## every schedule, mutation and engine
	@$(BIN)/pytest -n 2

benchmarks/.venv/.installed: requirements/bench.txt | install
	@echo "installing the peers into benchmarks/.venv"
	@test -x benchmarks/.venv/bin/python || $(PYTHON) -m venv benchmarks/.venv
	@$(BIN)/uv pip install --quiet --python benchmarks/.venv/bin/python --require-hashes -r requirements/bench.txt
	@touch $@

bench: benchmarks/.venv/.installed ## measure the client beside boto3 and its other peers
	@benchmarks/.venv/bin/python benchmarks/client/run.py $(ARGS)
