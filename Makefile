# From a fresh clone: `make demo` shows the library at work, `make test` runs every check there is.
# Needs make and Python 3.11 or newer. Packages come from where pip is configured to find them.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LOCK := requirements-dev.lock
# Other people's clients have an environment of their own: see the group `peers` in pyproject.toml.
PEERS := .venv-peers
PEERS_READY := $(PEERS)/.ready
PEERS_LOCK := requirements-peers.lock
# So has what examines the packages that are used.
AUDIT := .venv-audit
AUDIT_READY := $(AUDIT)/.ready
AUDIT_LOCK := requirements-audit.lock

CANDIDATES := python3 python3.11 python3.12 python3.13 python3.14
USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach name,$(CANDIDATES),$(shell $(name) -c '$(USABLE)' 2>/dev/null && echo $(name))))
# Twice quiet: errors are shown, remarks are not.
QUIET := --disable-pip-version-check --no-input -qq
PIP := $(BIN)/python -m pip $(QUIET)

.PHONY: help demo test check fidelity format fuzz figures soak sbom audit bench bench-quick lock clean

help:
	@echo 'make demo    show the library at work against simulated venues; needs no account'
	@echo 'make test    every check and every test'
	@echo 'make check   format, lint and types only'
	@echo 'make format  put the code into its format'
	@echo 'make fidelity  let clients that others wrote judge sandboxes and requests'
	@echo 'make figures measure what the shared services promise; QUICK=1 for seconds, LONG=1 for ten times as much'
	@echo 'make soak    trade on all simulated venues at once for 30 virtual minutes; MINUTES=5 for less'
	@echo 'make fuzz    feed hostile answers and files to every reader; SECONDS=600 says for how long'
	@echo 'make sbom    write the bill of materials to build/sbom.json'
	@echo 'make audit   ask whether holes are known in any locked package; OSV=https://mirror/v1/query asks a mirror'
	@echo 'make bench   how fast it is beside raw aiohttp and other clients, in minutes; bench-quick in seconds'
	@echo 'make lock    choose the versions of all packages anew'
	@echo 'make clean   remove what the others made'

demo: $(READY)
	@$(BIN)/python -m unified demo

# Format, lint and types are tests too (tests/project/test_checks.py).
test: $(READY) $(PEERS_READY)
	@$(BIN)/python -m pytest -n 2

check: $(READY)
	@$(BIN)/python -m pytest tests/project/test_checks.py

format: $(READY)
	@$(BIN)/ruff check --fix --exit-zero --quiet
	@$(BIN)/ruff format

# Other people's clients against the sandboxes, and our requests beside theirs: docs/fidelity.md.
fidelity: $(READY) $(PEERS_READY)
	@$(BIN)/python -m pytest -n 2 tests/fidelity
	@$(BIN)/python -m tests.fidelity.page

figures: $(READY)
	@$(BIN)/python -m benchmarks.figures $(if $(QUICK),--quick) $(if $(LONG),--long)

soak: $(READY)
	@$(BIN)/python -m benchmarks.soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

fuzz: $(READY)
	@$(BIN)/python -m tests.hostile.fuzz --seconds $(or $(SECONDS),60)

sbom: $(READY) $(AUDIT_READY)
	@mkdir -p build
	@$(AUDIT)/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type library --output-reproducible \
	  --output-format JSON --output-file build/sbom.json $(BIN)/python
	@echo 'build/sbom.json: what $(VENV) is made of, as CycloneDX'

# OSV=https://mirror/v1/query asks a mirror of OSV. UNREACHABLE=pass: where nobody can be asked, say so and go on (docs/decisions/0006).
audit: $(AUDIT_READY)
	@$(AUDIT)/bin/python tests/project/audit.py $(if $(OSV),--osv-url $(OSV)) || { code=$$?; test "$$code" = 3 && test '$(UNREACHABLE)' = pass; }

# Everybody who is measured has to live in one environment.
bench: $(PEERS_READY)
	@$(PEERS)/bin/python -m benchmarks.speed --write

bench-quick: $(PEERS_READY)
	@$(PEERS)/bin/python -m benchmarks.speed --quick

$(READY): $(LOCK) pyproject.toml
	@$(or $(PYTHON),false) -c '$(USABLE)' 2>/dev/null || { \
	  echo 'No Python 3.11 or newer with its venv module was found (tried: $(or $(PYTHON),$(CANDIDATES))).'; \
	  echo 'Install one, or name it: make PYTHON=/path/to/python3'; exit 1; } >&2
	@echo 'Preparing $(VENV) with $(PYTHON); this takes a minute, once.'
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --requirement $(LOCK)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(PEERS_READY): $(PEERS_LOCK) pyproject.toml $(READY)
	@echo 'Preparing $(PEERS) with other people'"'"'s clients; this takes two minutes, once.'
	@$(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip $(QUIET) install --require-hashes --requirement $(PEERS_LOCK)
	@$(PEERS)/bin/python -m pip $(QUIET) install --no-deps --no-build-isolation --editable .
	@touch $@

$(AUDIT_READY): $(AUDIT_LOCK) $(READY)
	@echo 'Preparing $(AUDIT); this takes a minute, once.'
	@$(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip $(QUIET) install --require-hashes --requirement $(AUDIT_LOCK)
	@touch $@

# The oldest supported Python decides: newer ones need the same packages or fewer.
lock: build/lock/bin/pip-compile
	@$(call choose,dev,$(LOCK))
	@$(call choose,peers,$(PEERS_LOCK))
	@$(call choose,audit,$(AUDIT_LOCK))

build/lock/bin/pip-compile:
	@python3.11 -m venv build/lock
	@build/lock/bin/python -m pip --disable-pip-version-check --quiet install 'pip-tools>=7.5'

define choose
build/lock/bin/python tests/project/wanted.py $(1) > build/lock/$(1).in && \
	build/lock/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras --no-annotate --no-header \
	--no-emit-options --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file build/lock/$(1).txt build/lock/$(1).in && \
	{ echo '# Made by `make lock` from pyproject.toml. Do not edit.'; cat build/lock/$(1).txt; } > $(2)
endef

clean:
	@rm -rf $(VENV) $(PEERS) $(AUDIT) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find unified adapters tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
