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
.PHONY: audit bench comment coverage deploy diagrams dist docs drift help hooks image install licences lock mutants up preview preview-files down prove reference lint types secrets test test-all soak

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
	$(COMPILE) requirements/release.in -o requirements/release.txt
	$(COMPILE) requirements/mutants.in -o requirements/mutants.txt
	$(COMPILE) requirements/docs.in -o requirements/docs.txt

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
	@$(BIN)/pytest -m "not slow" -n 2 --dist worksteal

soak: install ## 100,000 simulated region losses (SEEDS=n, FIRST=n, MINUTES=n); goes on where it was interrupted
	@$(BIN)/python -m holdfast.testing.simulation --seeds $(or $(SEEDS),100000) --first $(or $(FIRST),0) \
		--minutes $(or $(MINUTES),inf) --resume .holdfast/soak.jsonl

test-all: lint types ## every schedule, mutation and engine
	@$(BIN)/pytest -n 2 --dist worksteal

TESTS ?= tests/unit

coverage: install ## branch coverage by room, into build/coverage.md (TESTS=tests for all of them; PAGE=1 writes docs/coverage.md)
	@mkdir -p build
	@$(BIN)/pytest -m "not slow" -n 2 --cov --cov-config pyproject.toml --cov-report json:build/coverage.json $(TESTS)
	@$(BIN)/python release/rooms.py build/coverage.json --tests "$(TESTS)" $(if $(PAGE),--page)

build/mutants/venv/.installed: requirements/mutants.txt | install
	@test -x build/mutants/venv/bin/python || $(PYTHON) -m venv build/mutants/venv
	@$(BIN)/uv pip install --quiet --python build/mutants/venv/bin/python --require-hashes -r requirements/mutants.txt
	@touch $@

mutants: build/mutants/venv/.installed ## change the pure cores and see that their tests notice (CORES=names, MINUTES=n for each); goes on where it was interrupted
	@$(BIN)/python release/mutants.py $(CORES) --minutes $(or $(MINUTES),10) $(if $(PAGE),--page)

benchmarks/.venv/.installed: requirements/bench.txt | install
	@echo "installing the peers into benchmarks/.venv"
	@test -x benchmarks/.venv/bin/python || $(PYTHON) -m venv benchmarks/.venv
	@$(BIN)/uv pip install --quiet --python benchmarks/.venv/bin/python --require-hashes -r requirements/bench.txt
	@touch $@

bench: benchmarks/.venv/.installed ## measure the client beside boto3 and its other peers
	@benchmarks/.venv/bin/python benchmarks/client/run.py $(ARGS)

# --- pipelines: every step of a workflow is one of these

BASE ?= origin/main
BAKE ?= 900
PREVIEWS := build/preview
DONE_PREVIEWS = $(foreach file,$(wildcard $(PREVIEWS)/*.preview.json),$(patsubst $(PREVIEWS)/%.preview.json,%,$(file))=$(file))
COSTS = $(foreach file,$(wildcard $(PREVIEWS)/*.cost.json),--cost $(patsubst $(PREVIEWS)/%.cost.json,%,$(file))=$(file))

preview-files: install ## write the preview and the cost difference of a stack into build/preview (STACK, ENGINE, BASE)
	@mkdir -p $(PREVIEWS)
	@$(HOLDFAST) cost --stack $(STACK) --against $(BASE) --json > $(PREVIEWS)/$(STACK).cost.json || rm $(PREVIEWS)/$(STACK).cost.json
	@$(HOLDFAST) preview --stack $(STACK) --engine $(ENGINE) --json > $(PREVIEWS)/$(STACK).preview.json

comment: install ## write build/preview/comment.md from the previews there; POST=1 puts it on the pull request
	@$(HOLDFAST) pr-comment $(DONE_PREVIEWS) $(COSTS) --log-url "$(LOG_URL)" --output $(PREVIEWS)/comment.md --sarif $(PREVIEWS)/findings.sarif $(if $(POST),--post)

deploy: install ## deploy a change to the stack in AWS: a region first, then the rest (STACK, BAKE seconds)
	@mkdir -p build && pulumi stack output topology --json --stack $(STACK) > build/topology.json
	@HOLDFAST_TOPOLOGY=build/topology.json $(HOLDFAST) deploy --aws --stack $(STACK) --bake $(BAKE) --yes

drift: install ## show what was changed behind the stack's back (ENGINE=aws, ISSUE=1)
	@$(HOLDFAST) drift --stack $(STACK) $(if $(filter aws,$(ENGINE)),--aws) $(if $(ISSUE),--issue)

# --- releases and the supply chain

TOOLS := build/tools
GITLEAKS := github.com/zricethezav/gitleaks/v8@v8.30.1

$(TOOLS)/.installed: requirements/release.txt requirements/docs.txt | install
	@test -x $(TOOLS)/bin/python || $(PYTHON) -m venv $(TOOLS)
	@$(BIN)/uv pip install --quiet --python $(TOOLS)/bin/python --require-hashes -r requirements/release.txt
	@$(BIN)/uv pip install --quiet --python $(TOOLS)/bin/python --require-hashes -r requirements/docs.txt
	@touch $@

dist: $(TOOLS)/.installed ## build both distributions from the committed tree, test what was built, write the SBOM
	@$(TOOLS)/bin/python release/build.py dist $(if $(TAG),--tag $(TAG))

BUILDER ?= $(firstword $(foreach tool,docker podman buildah,$(if $(shell command -v $(tool)),$(tool))))
IMAGE ?= orders

image: ## build the orders service's container image (IMAGE=name, BUILDER=docker|podman|buildah, BASE_IMAGE=name, IMAGE_FLAGS)
	@test -n "$(BUILDER)" || { echo "make image: install docker, podman or buildah"; exit 1; }
	@$(BUILDER) build $(IMAGE_FLAGS) $(if $(BASE_IMAGE),--build-arg BASE_IMAGE=$(BASE_IMAGE)) -f services/orders/Containerfile -t $(IMAGE) .

licences: install ## the licences of everything that is installed, against those that are allowed
	@$(BIN)/python release/licences.py

audit: $(TOOLS)/.installed ## known vulnerabilities of everything that is pinned
	@for file in dev service bench release mutants docs; do $(TOOLS)/bin/pip-audit --require-hashes --disable-pip --requirement requirements/$$file.txt || exit 1; done

secrets: ## search the whole history for secrets (needs Go)
	@go run $(GITLEAKS) git --redact --no-banner .

docs: $(TOOLS)/.installed ## build the site strictly into site/
	@$(TOOLS)/bin/zensical build --strict --clean

reference: install ## write docs/reference from the code
	@$(BIN)/python release/reference.py

diagrams: install ## draw the production stack into docs/diagrams from what the program registers
	@APPROVE=1 $(BIN)/pytest -n 0 tests/unit/components/platform/test_diagrams.py

hooks: install ## run lint and types before each commit of this clone
	@printf '#!/bin/sh\nexec make lint types\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit
