# Two commands reach everything: `make demo` and `make test`. Both work from nothing on a machine
# with only Python 3.10+ (uv is used where it is present); a second run installs nothing.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := .venvs/clients
# Other interpreters that `make test` looks for; those that are not there are named and left out.
OTHERS ?= 3.10 3.11 3.12 3.13 3.14
SOURCES := runtime codegen collector examples benchmarks tests
# What measures the tests stands in an environment of its own.
MEASURE := .venvs/measure
# Of tests/mutation/groups.py; all by default. And --sample, --again or --show; see docs/testing.md.
MUTATE ?=
# Fuzzers that are led by coverage stand in another: seconds of each target, and what else
# tests/fuzz/run.py takes, such as `--jobs 2 loader seals`. Needs CPython 3.11 to 3.13 on Linux.
FUZZERS := .venvs/fuzz
FUZZ_SECONDS ?= 60
FUZZ ?=

.PHONY: demo test check lint types drift test-main test-others test-clients soak differential corpus \
	bench bench-quick coverage mutation fuzz clean

demo: $(VENV)/.demo
	@$(BIN)/python examples/modelkit/demo.py

test: test-main test-others

test-main: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto

test-others: $(VENV)/.dev
	@$(BIN)/python tests/other_interpreters.py $(OTHERS)

# Clients that nobody here wrote, against what is here; needs Node.js, npm and Python 3.11 or later.
test-clients: $(VENV)/.dev $(CLIENTS)/.installed
	$(BIN)/python -m pytest -n auto tests/clients
	cd tests/clients && npm test --silent

# A million events through faults and deaths at random, and an account of each; half an hour on two
# cores. SOAK="--events 20000 --skip-sweeps --seed 7" is a short one, of a seed that was printed.
soak: $(VENV)/.dev
	$(BIN)/python tests/process/survival/soak.py $(SOAK)

# Thousands of made-up schemas, from a seed on, against two engines: make differential SEED=1000.
SEED ?= 1000
BATCHES ?= 100
differential: $(VENV)/.dev
	DECLARANT_SEED=$(SEED) DECLARANT_BATCHES=$(BATCHES) $(BIN)/python -m pytest -q -n auto \
		tests/codegen/test_against_engines.py

# Event schemas of others, converted to the dialect; needs npm.
corpus: $(VENV)/.dev
	$(BIN)/python benchmarks/corpus.py

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

# Declarant beside its peers, which are installed from PyPI into .bench/ at the first run; about half
# an hour. `make bench-quick` takes a few minutes for rough figures, `make bench-emit` one measure
# (`python benchmarks --help` names them all).
bench: $(VENV)/.dev
	@$(BIN)/python benchmarks

bench-quick: $(VENV)/.dev
	@$(BIN)/python benchmarks --quick

bench-%: $(VENV)/.dev
	@$(BIN)/python benchmarks $*

# Lines and branches that the suite reaches, by the processes that it starts too.
coverage: $(MEASURE)/.measure
	$(MEASURE)/bin/coverage erase
	-$(MEASURE)/bin/coverage run -m pytest -n auto
	$(MEASURE)/bin/coverage combine --quiet
	$(MEASURE)/bin/coverage report --sort=cover

# Hours, for all of it.
mutation: $(MEASURE)/.measure
	$(MEASURE)/bin/python tests/mutation/run.py $(MUTATE)

# Ten minutes with the seconds above; exits with 1 if anything was found.
fuzz: $(FUZZERS)/.fuzz
	$(FUZZERS)/bin/python tests/fuzz/run.py --seconds $(FUZZ_SECONDS) $(FUZZ)

$(VENV)/.demo: pyproject.toml generated/pyproject.toml examples/modelkit/pyproject.toml Makefile
	@PYTHON=$(PYTHON) sh tests/install.sh $(VENV) demo
	@touch $@

INSTALLED := pyproject.toml generated/pyproject.toml examples/modelkit/pyproject.toml Makefile \
	tests/install.sh tests/loopback_only.py

$(VENV)/.dev: $(INSTALLED)
	@PYTHON=$(PYTHON) sh tests/install.sh $(VENV) dev
	@touch $(VENV)/.demo $@

$(CLIENTS)/.installed: $(addprefix tests/clients/,install.sh requirements.txt package.json package-lock.json)
	@PYTHON=$(PYTHON) sh tests/clients/install.sh $(CLIENTS)
	@touch $@

$(MEASURE)/.measure: $(INSTALLED)
	@PYTHON=$(PYTHON) sh tests/install.sh $(MEASURE) measure
	@touch $@

$(FUZZERS)/.fuzz: $(INSTALLED)
	@PYTHON=$(PYTHON) sh tests/install.sh $(FUZZERS) fuzz
	@touch $@

clean:
	rm -rf $(VENV) .venvs .bench .cache tests/clients/node_modules
