# Every target makes its own .venv when it is missing or older than the lock files.
PYTHON ?= python3
# Twice the processors: much of the suite waits for processes, clocks and signals.
TESTERS ?= $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')
# Tests commit thousands of times and pull no plug: with 4 GB of room for it, what they write stays in memory.
SCRATCH ?= $(shell [ "$$(df --output=avail -B1G /dev/shm 2>/dev/null | tail -1)" -ge 4 ] 2>/dev/null && echo /dev/shm || echo $${TMPDIR:-/tmp})
# Whatever the caller's environment says: many processes are started, and none is to compile the sources anew.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
COMPILED := $(VENV)/.compiled

.DEFAULT_GOAL := help
.PHONY: help serve demo test check format bench soak messages pictures lock clean

help:  ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

serve: $(RUNTIME)  ## Run the site and the scheduler on 127.0.0.1:8000, with the example newsroom
	$(BIN)/feedwright serve

demo: $(RUNTIME)  ## The same with an invented partner that publishes, edits and withdraws as you watch
	$(BIN)/python -m examples.demo

test: $(COMPILED)  ## Run the whole suite, on SQLite and on PostgreSQL
	TMPDIR=$(SCRATCH) $(BIN)/python -m pytest -n $(TESTERS) --dist load --maxschedchunk 1 -m "not soak" --ignore tests/quiet
	$(BIN)/python -m pytest -m "not soak" tests/quiet

check: $(DEVELOPMENT)  ## Format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEVELOPMENT)  ## Put the code into the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEVELOPMENT)  ## Run the benchmarks (nginx-light and wrk of Debian for the web servers)
	$(BIN)/python -m benchmarks

soak: $(DEVELOPMENT)  ## Run the long kill, fuzz and load runs
	$(BIN)/python -m pytest -m soak --timeout 3600

messages: $(DEVELOPMENT)  ## Bring the catalogues in service/locales up to what is said
	$(BIN)/pybabel extract --mapping-file pyproject.toml --keyword say --keyword marked --sort-by-file \
	  --no-location --omit-header --width 110 --output $(VENV)/messages.pot .
	$(BIN)/pybabel update --input-file $(VENV)/messages.pot --output-dir service/locales \
	  --no-fuzzy-matching --omit-header --width 110

pictures: $(DEVELOPMENT)  ## Take the pictures in docs/ anew (needs chromium)
	$(BIN)/python -m tests.browser.pictures

lock:  ## Pin the dependencies anew (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" --group build --quiet -o requirements.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" --group dev --quiet -o requirements-dev.lock

clean:  ## Remove the environment, caches and the local database
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage htmlcov data examples/demo/data
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "feedwright needs Python 3.11 or newer; try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): $(VENV)/pyvenv.cfg requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEVELOPMENT): $(RUNTIME) requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# Tests that are new to this machine are compiled once, and not by each tester.
$(COMPILED): $(DEVELOPMENT)
	@$(BIN)/python -m pytest --collect-only -qq > /dev/null || true  # the run itself tells what is wrong
	@touch $@
