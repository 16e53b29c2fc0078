# Everything runs in .venv, against the built and installed package: what is tested is what ships.
# Only Python 3.11 or newer, its venv module and make are needed.

# The first Python that is new enough; make PYTHON=/path/to/python takes another.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo demo-gedis shell test lint types format states bench bench-gedis clean

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 20

demo: $(BIN)/python  ## install, and follow one reservation through its whole life
	@$(call install,cli)
	@$(BIN)/workloadmanager demo

demo-gedis: $(BIN)/python  ## install, and follow one over gedis, through two restarts of its server
	@$(call install,cli$(comma)gedis)
	@$(BIN)/workloadmanager demo --gedis

shell: $(BIN)/python  ## install, and open the shell
	@$(call install,cli$(comma)shell)
	@$(BIN)/workloadmanager shell

test: $(BIN)/python  ## install, and run the tests on the installed package
	@$(call install,cli$(comma)gedis$(comma)shell$(comma)bench$(comma)test)
	$(BIN)/pytest -n auto $(ARGUMENTS)

lint: $(BIN)/python  ## ruff: rules and format
	@$(PIP) install $(RUFF)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/python  ## mypy strict: the installed package, then the tests
	@$(call install,cli$(comma)gedis$(comma)shell$(comma)bench$(comma)test$(comma)lint)
	$(BIN)/mypy -p workloadmanager
	$(BIN)/mypy --explicit-package-bases tests
	MYPYPATH=examples $(BIN)/mypy --explicit-package-bases examples/*.py
	MYPYPATH=bench $(BIN)/mypy --explicit-package-bases bench/*.py

format: $(BIN)/python  ## ruff: put the format right
	@$(PIP) install $(RUFF)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

states: $(BIN)/python  ## draw the state diagram of docs/states.md again from the table
	@$(call install,)
	$(BIN)/python docs/draw_states.py

bench: $(BIN)/python  ## install, and measure against peers; QUICK=1 in under five minutes, ONLY="B9 B10" some of it
	@$(call install,cli$(comma)gedis$(comma)bench)
	$(BIN)/python bench/run.py $(if $(QUICK),--quick) $(addprefix --documents ,$(DOCUMENTS)) $(addprefix --json ,$(JSON)) \
		$(if $(ONLY),--only $(ONLY)) $(if $(DOCS),--docs) $(addprefix --again ,$(AGAIN)) $(ARGUMENTS)

bench-gedis:  ## the server alone, with redis-server and PostgreSQL beside it
	@$(MAKE) --no-print-directory bench ONLY="B5 B15"

clean:  ## remove what these targets made
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stale build folder would put files into the wheel that the repository no longer has.
define install
	rm -rf build *.egg-info && $(PIP) install '.$(if $(strip $(1)),[$(1)])' && rm -rf build *.egg-info
endef

comma := ,
# The version that setup.cfg allows: a newer one may have more to say.
RUFF  := "$(shell sed -n 's/^    \(ruff .*\)/\1/p' setup.cfg)"

$(BIN)/python:
	$(or $(PYTHON),$(error Python 3.11 or newer was not found; say where it is: make PYTHON=/path/to/python)) -m venv $(VENV)
