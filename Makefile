# Two commands: `make run` and `make test`. Everything else is for developers.
# Needs git, make and Python ≥ 3.11 with its venv module; PYTHON=… chooses another interpreter.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVE ?= 1
BROWSER ?=
JOBS ?= 2
export COPYHOLD_HOME ?= $(CURDIR)/var
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run test test-deep lint types check-translations check-migrations lock clean $(addprefix bench-,image text audio index certificates patrol)

run: $(VENV)/.run  ## open a demonstration office, do the main job, serve it (SERVE=0: end after the job)
	@$(BIN)/copyhold demo $(if $(filter 0,$(SERVE)),--no-serve)

test: $(VENV)/.dev  ## the quick suite, browser included (BROWSER=none: without; JOBS=1: in one process)
	@BROWSER="$(BROWSER)" $(BIN)/python tools/browser.py
	@BROWSER="$(BROWSER)" $(BIN)/python -m pytest -n $(JOBS) --dist loadfile -m "not deep$(if $(filter none,$(BROWSER)), and not browser)" $(ARGS)

test-deep: $(VENV)/.dev
	@$(BIN)/python -m pytest $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy

check-translations: $(VENV)/.dev
	$(BIN)/python tools/translations.py check

check-migrations: $(VENV)/.dev
	COPYHOLD_HOME=$$(mktemp -d) DATABASE_URL=postgresql:///none $(BIN)/python -W ignore manage.py makemigrations --check --dry-run

bench-%: $(VENV)/.dev
	$(BIN)/python benchmarks/$*.py $(MEDIA)

lock:  ## renew the hashed requirement files (needs uv)
	tools/lock.sh

clean:  ## remove the virtual environment; the office's data in var/ stay
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Copyhold needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.run: requirements/run.txt | $(VENV)/bin/python
	@echo "Installing Copyhold's parts (once; hashes are checked) …"
	@$(PIP) install --quiet --require-hashes --no-deps --prefer-binary -r requirements/run.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(PIP) install --quiet --require-hashes --no-deps -r requirements/dev.txt
	@touch $@
