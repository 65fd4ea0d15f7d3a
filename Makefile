# Two commands matter: `make run` starts Signalbook, `make test` runs all its tests.

PYTHON ?= python3
VENV := .venv/bin/python
HERE := $(PYTHON) -m runtime.bootstrap
# The hundreds of processes that tests start read what the first of them compiled, whatever the shell around us says.
COMPILE_ONCE := env -u PYTHONDONTWRITEBYTECODE

LOCK := $(VENV) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help run restore test tour check format bench mutants soak lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PORT=8000 HOST=127.0.0.1 choose where it runs; DATABASE_URL and BROKER_URL name real servers."

run: ## start Signalbook with its demo company
	@$(HERE) run && exec $(VENV) -m runtime up

restore: ## fill a new clone from a backup (FILE=signalbook-….zip), before its first run
	@$(HERE) run && exec $(VENV) -m runtime restore "$(FILE)"

test: ## run all tests (ARGS="-k name" chooses some)
	@$(HERE) dev && exec $(COMPILE_ONCE) $(VENV) -m runtime db -- $(VENV) -m pytest -n 2 --dist loadgroup -q $(ARGS)

tour: ## walk the guided tour in a browser, print how long each step took, take the README's pictures
	@$(HERE) dev && SIGNALBOOK_PICTURES=docs/pictures exec $(VENV) -m runtime db -- $(VENV) -m pytest -q tests/browser/test_tour.py $(ARGS)

check: ## lint, type-check, and hold the order of imports
	@$(HERE) dev && exec $(VENV) -m runtime db -- $(VENV) -m runtime.code_checks

format: ## format Python and templates
	@$(HERE) dev
	@$(VENV) -m ruff check --quiet --fix .
	@$(VENV) -m ruff format --quiet .

bench: ## measure, and print the figures of benchmarks/README.md (ARGS=growth: how they grow)
	@$(HERE) dev && exec $(VENV) -m runtime db --durable -- $(VENV) -m benchmarks $(ARGS)

mutants: ## try whether the tests notice a sample of faults (ARGS="privacy check/late" chooses some)
	@$(HERE) dev && exec $(VENV) -m runtime db -- nice $(VENV) -m benchmarks.mutants $(ARGS)

soak: ## run a part of the soak: kills, faults, slow clients and hostile input at once (ARGS="--minutes 10")
	@$(HERE) dev && exec nice $(VENV) -m benchmarks.soak $(ARGS)

lock: ## pin the dependencies of pyproject.toml again (ARGS=--upgrade takes newer ones)
	@$(HERE) dev
	@$(LOCK) --output-file requirements/run.lock pyproject.toml
	@$(LOCK) --extra dev --output-file requirements/dev.lock pyproject.toml

clean: ## remove the environment, the demo's data and every cache (asks nothing)
	@test ! -d .signalbook || $(PYTHON) -m runtime forget
	@rm -rf .venv .signalbook staticfiles .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
