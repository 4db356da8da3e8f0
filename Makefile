# From a fresh clone: `make demo` shows the library at work, `make test` runs every check there is.
# Needs make and Python 3.11 or newer. Packages come from where pip is configured to find them.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := requirements-dev.lock

CANDIDATES := python3 python3.11 python3.12 python3.13 python3.14
USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach name,$(CANDIDATES),$(shell $(name) -c '$(USABLE)' 2>/dev/null && echo $(name))))
# Twice quiet: errors are shown, remarks are not.
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq

.PHONY: help demo test check format figures lock clean

help:
	@echo 'make demo    show the library at work against simulated venues; needs no account'
	@echo 'make test    every check and every test'
	@echo 'make check   format, lint and types only'
	@echo 'make format  put the code into its format'
	@echo 'make figures measure what the shared services promise; QUICK=1 for seconds, LONG=1 for ten times as much'
	@echo 'make lock    choose the versions of all packages anew'
	@echo 'make clean   remove what the others made'

demo: $(READY)
	@$(BIN)/python -m unified demo

# Format, lint and types are tests too (tests/project/test_checks.py).
test: $(READY)
	@$(BIN)/python -m pytest -n 2

check: $(READY)
	@$(BIN)/python -m pytest tests/project/test_checks.py

format: $(READY)
	@$(BIN)/ruff check --fix --exit-zero --quiet
	@$(BIN)/ruff format

figures: $(READY)
	@$(BIN)/python -m benchmarks.figures $(if $(QUICK),--quick) $(if $(LONG),--long)

$(READY): $(LOCK) pyproject.toml
	@$(or $(PYTHON),false) -c '$(USABLE)' 2>/dev/null || { \
	  echo 'No Python 3.11 or newer with its venv module was found (tried: $(or $(PYTHON),$(CANDIDATES))).'; \
	  echo 'Install one, or name it: make PYTHON=/path/to/python3'; exit 1; } >&2
	@echo 'Preparing $(VENV) with $(PYTHON); this takes a minute, once.'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --requirement $(LOCK)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# The oldest supported Python decides: newer ones need the same packages or fewer.
lock:
	@python3.11 -m venv build/lock
	@build/lock/bin/python -m pip --disable-pip-version-check --quiet install 'pip-tools>=7.5'
	@build/lock/bin/python tests/project/wanted.py | build/lock/bin/pip-compile --quiet --upgrade --generate-hashes \
	  --allow-unsafe --strip-extras --no-annotate --no-header --no-emit-options \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file build/lock/chosen.txt -
	@{ echo '# Made by `make lock` from pyproject.toml. Do not edit.'; cat build/lock/chosen.txt; } > $(LOCK)

clean:
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find unified adapters tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
