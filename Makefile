# Two commands reach everything: `make demo` and `make test`. Both work from nothing on a machine
# with only Python 3.10+ (uv is used where it is present); a second run installs nothing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Other interpreters that `make test` looks for; those that are not there are named and left out.
OTHERS ?= 3.10 3.11 3.12 3.13 3.14
SOURCES := runtime codegen collector examples benchmarks tests

.PHONY: demo test check lint types drift test-main test-others test-clients bench clean

demo: $(VENV)/.demo
	@$(BIN)/python examples/modelkit/demo.py

test: test-main test-others

test-main: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto

test-others: $(VENV)/.dev
	@$(BIN)/python tests/other_interpreters.py $(OTHERS)

# Programs that are not Python; needs Node.js and npm.
test-clients:
	cd tests/clients/editor && npm install --silent && npm test

check: lint types drift

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy
	$(BIN)/pyright

drift: $(VENV)/.dev
	$(BIN)/declarant check --full

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/emit.py
	$(BIN)/python benchmarks/command_line.py
	$(BIN)/python benchmarks/generation.py
	$(BIN)/python benchmarks/review.py
	$(BIN)/python benchmarks/scrub.py

$(VENV)/.demo: pyproject.toml generated/pyproject.toml examples/modelkit/pyproject.toml Makefile
	@PYTHON=$(PYTHON) sh tests/install.sh $(VENV) demo
	@touch $@

$(VENV)/.dev: pyproject.toml generated/pyproject.toml examples/modelkit/pyproject.toml Makefile
	@PYTHON=$(PYTHON) sh tests/install.sh $(VENV) dev
	@touch $(VENV)/.demo $@

clean:
	rm -rf $(VENV) .venvs .cache
