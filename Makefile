# Every target sets up what it needs by itself: a virtual environment with what packaging/constraints.txt pins.
#   make demo        reconstruct the demo scan and say where the pictures are
#   make test        the tests (ARGS="tests/core -x" for some of them); test-slow: those that train
#   make lint        ruff, mypy, import-linter
#   make bench       measure, and print what was measured; bench-refine: refinement, beside pty-chi if it is there;
#                    bench-train: what watching costs a training, and what the detectors of health see
#   make fuzz        damaged files for every reader, guided by coverage, 60 s each (ARGS="300 cxi tiff": 300 s, those)
#   make venv        only the environment;  clean: remove it and what tools left

VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=
OLD_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(OLD_ENOUGH)' 2>/dev/null && { echo $$python; break; }; done)

# Measured data of others, where this machine has them; tests that need them skip elsewhere and say so.
PTYGUI_REAL_DATA ?= $(abspath $(wildcard ../shared/data))
ifneq ($(PTYGUI_REAL_DATA),)
export PTYGUI_REAL_DATA
endif

.PHONY: venv demo test test-slow lint bench bench-refine bench-train fuzz clean

venv: $(STAMP)

# Build tools come first and from the same pins, so that building isolates (and downloads) nothing.
$(STAMP): pyproject.toml packaging/constraints.txt
	@test -n "$(PYTHON)" || { echo "ptygui needs Python 3.11 or newer; none was found." >&2; exit 1; }
	@echo "Installing into $(VENV): a few minutes the first time."
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c packaging/constraints.txt hatchling editables
	$(BIN)/python -m pip install --quiet --no-build-isolation -c packaging/constraints.txt -e '.[dev]'
	@touch $@

demo: $(STAMP)
	$(BIN)/ptygui demo $(ARGS)

test: $(STAMP)
	$(BIN)/python -m pytest $(ARGS)

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python tests/benchmarks/start.py
	$(BIN)/python tests/benchmarks/heartbeat.py
	$(BIN)/python tests/benchmarks/throughput.py $(ARGS)
	$(BIN)/python tests/benchmarks/memory.py
	$(BIN)/python tests/benchmarks/opening.py
	$(BIN)/python tests/benchmarks/polish.py

bench-refine: $(STAMP)
	$(BIN)/python tests/benchmarks/refine.py
	$(BIN)/python tests/benchmarks/refine.py starts

bench-train: $(STAMP)
	$(BIN)/python tests/benchmarks/watching.py
	$(BIN)/python tests/benchmarks/health.py $(ARGS)

# Linux and Python 3.11 to 3.13 only: atheris has no wheels for others.
fuzz: $(STAMP)
	$(BIN)/python -m pip install --quiet --no-build-isolation -c packaging/constraints.txt -e '.[dev,fuzz]'
	$(BIN)/python tests/fuzz/run.py $(ARGS)

clean:
	rm -rf .fuzz $(VENV) build dist htmlcov .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find ptygui tests -name __pycache__ -type d -prune -exec rm -rf {} +
