# What a newcomer runs is what CI runs. Needs Python 3.11 or later; all else goes into .venv.

PYTHON ?= python3
PYTEST_ARGS ?= -n 2 --dist worksteal
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: help install run test lint clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED) ## make .venv and install Pagemill with all extras into it

run: $(INSTALLED) ## mill the example pages: a summary by outcome, and records.jsonl
	@$(BIN)/pagemill run examples/pages --out records.jsonl

test: $(INSTALLED) ## run the tests
	@$(BIN)/pytest $(PYTEST_ARGS)

lint: $(INSTALLED) ## check style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

clean: ## remove what make and the tools left here, .venv too
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist records.jsonl

# Only a change of pyproject.toml installs again.
$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Pagemill needs Python 3.11 or later; this is %s.%s: name another with make PYTHON=python3.12" % sys.version_info[:2])'
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv
	@echo "installing into .venv ..."
	@$(BIN)/pip install -qq --disable-pip-version-check --editable '.[all,dev]'
	@touch $@
