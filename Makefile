# RoboMem. `make demo` and `make test` work in a fresh clone: what is missing is made on the way.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin

# The environment is made anew when what it is made from changes, by content and not by date.
KEY := $(shell cat pyproject.toml constraints.txt | cksum | cut -d' ' -f1)
READY := $(VENV)/.ready-$(KEY)

# MuJoCo's renderer: what is set, else EGL, else OSMesa; Debian's libraries are installed where that is allowed.
RENDER = MUJOCO_GL="$${MUJOCO_GL-$$($(PYTHON) scripts/house/graphics.py)}"
# Two test processes on two cores: one thread each, and none of them spinning.
PYTEST = $(RENDER) OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive $(BIN)/python -m pytest
PARALLEL := -n $(JOBS) --dist worksteal

.PHONY: help environment demo test test-fast test-mujoco310 lint type layers docs wheel bench format clean distclean

help:  ## show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s'|'

environment: $(READY)  ## make .venv and nothing else

demo: $(READY)  ## train an arm that remembers beside one that does not, and film both
	$(RENDER) $(BIN)/python scripts/demo.py

test: $(READY)  ## every test, the slow ones too (under 20 minutes on two cores)
	$(PYTEST) $(PARALLEL)

test-fast: $(READY)  ## the tests that take seconds
	$(PYTEST) $(PARALLEL) -m "not slow"

lint: $(READY)  ## style, formatting, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

type: $(READY)  ## mypy, strict for the library
	$(BIN)/mypy

layers: $(READY)  ## who may import whom (.importlinter)
	$(BIN)/lint-imports

docs: $(READY)  ## build the documentation into site/; a broken link is an error
	$(BIN)/zensical build --strict

bench: $(READY)  ## the benchmarks behind docs/results/, one after the other
	set -e; export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive $(RENDER); \
	for script in scripts/bench/*.py; do echo "== $$script"; $(BIN)/python $$script; done

wheel: $(READY)  ## build sdist and wheel, and try the wheel in a clean environment
	rm -rf dist .venv-wheel
	$(BIN)/python -m build --no-isolation
	$(PYTHON) -m venv .venv-wheel
	.venv-wheel/bin/pip install --quiet --no-deps dist/*.whl
	$(BIN)/python scripts/house/borrow.py $(VENV) .venv-wheel
	$(RENDER) .venv-wheel/bin/python -P scripts/house/try_wheel.py dist

# The borrowed environment mixes in MuJoCo 4's renderer, which does not fit 3.10: pictures are tested on 4 alone.
NO_PICTURES := not picture and not pixels and not render and not film and not camera and not drawn
test-mujoco310: $(READY)  ## the environment tests on MuJoCo 3.10, the oldest that is promised
	test -x .venv-mj310/bin/python || $(PYTHON) -m venv .venv-mj310
	.venv-mj310/bin/pip install --quiet --no-deps mujoco==3.10.0
	$(BIN)/python scripts/house/borrow.py $(VENV) .venv-mj310 --editable
	.venv-mj310/bin/python -c "import mujoco; assert mujoco.__version__ == '3.10.0', mujoco"
	$(subst $(BIN),.venv-mj310/bin,$(PYTEST)) $(PARALLEL) -m "not slow" -k "$(NO_PICTURES)" tests/envs

format: $(READY)  ## write the formatting that lint checks
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove what was built; environments and runs stay
	rm -rf dist build site .cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -path './.venv*' -prune -o -name __pycache__ -type d -exec rm -rf {} +

distclean: clean  ## remove the virtual environments too
	rm -rf .venv .venv-*

# torch first, by its exact version: pip then takes a CPU build where the machine offers one.
$(READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "RoboMem needs Python 3.11 or newer; name one: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Making $(VENV) (once, a minute or two) …"
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-compile -c constraints.txt "$$(grep '^torch==' constraints.txt)"
	$(BIN)/pip install --quiet --no-compile -c constraints.txt -e '.[dev]'
	@rm -f $(VENV)/.ready-*
	@touch $@
