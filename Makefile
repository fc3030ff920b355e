SHELL := bash
.DEFAULT_GOAL := help

# What you may set: make demo INPUT=kitchen.jpg; make setup PYTHON=python3.12 ROS=kilted
INPUT ?=
SEED ?= 0
TABLE ?= runs/table
DOORS ?=
SEEDS ?= 0 1 2
DATA_SEED ?= 0
STUDY ?= runs/study
TASKS ?=
EPISODES ?= 10
CLOSED_LOOP ?= runs/closed_loop
MODEL ?=
PYTHON ?=

# A sourced ROS 2 is used; without one, the pip wheels of Jazzy or Kilted: those that ROS names, or that are set up.
ROS ?=
ifneq ($(filter-out jazzy kilted,$(ROS)),)
$(error ROS is $(ROS): there are wheels of jazzy and kilted; of others source an installed ROS 2)
endif
ifneq ($(and $(ROS),$(ROS_DISTRO),$(filter-out $(ROS_DISTRO),$(ROS))),)
$(error ROS is $(ROS) and ROS 2 $(ROS_DISTRO) is sourced: use a shell without it)
endif
NAMED := $(if $(ROS),wheels$(filter-out -jazzy,-$(ROS)))
PRESENT := $(patsubst .venv/ready-%,%,$(firstword $(wildcard .venv/ready-wheels*)))
KIND := $(or $(ROS_DISTRO),$(NAMED),$(PRESENT),wheels)
READY := .venv/ready-$(KIND)
BUILT := .build/built-$(KIND)

.PHONY: help setup demo table study-synthetic closed-loop lint smoke test test-all docs clean FORCE

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## /  make \1\t/p' Makefile | expand -t 24

setup: $(BUILT) ## set everything up in this folder; 'source env.sh' then enters it (ROS=kilted: with Kilted's wheels)

demo: $(BUILT) ## run the node on images and write overlays to demo_output/ (INPUT=photo, folder or video)
	@source ./env.sh && python -m hotspot_ros.demo $(if $(INPUT),"$(INPUT)")

table: $(BUILT) ## train and compare every method on synthetic scenes, about 55 minutes on 2 cores (SEED=1 TABLE=runs/other DOORS=photos.json)
	@source ./env.sh && python -m hotspot_core.experiments.table --seed $(SEED) --output $(TABLE) --docs docs/notes/results.md $(if $(DOORS),--doors "$(DOORS)")

study-synthetic: $(BUILT) ## train the method with and without its parts on synthetic scenes, about 25 minutes on 2 cores (SEEDS="3 4 5" DATA_SEED=1 STUDY=runs/other)
	@source ./env.sh && python -m hotspot_core.experiments.study --seeds $(SEEDS) --data-seed $(DATA_SEED) --output $(STUDY)

closed-loop: $(BUILT) ## let Meta-World's experts act on perceived points, about 25 minutes on 2 cores (TASKS=door-open,dial-turn EPISODES=2 SEED=1 MODEL=other.safetensors CLOSED_LOOP=runs/other DOCS=docs/closed_loop.md)
	@source ./env.sh && GOMP_SPINCOUNT=1000 python -m hotspot_ros.closed_loop --episodes $(EPISODES) --seed $(SEED) --output $(CLOSED_LOOP) $(if $(TASKS),--tasks "$(TASKS)") $(if $(MODEL),--checkpoint "$(MODEL)") $(if $(DOCS),--docs "$(DOCS)")

# A worker for each core; their threads share the cores, and must not spin while they wait for each other.
WORKERS := OMP_NUM_THREADS=1 GOMP_SPINCOUNT=1000

# With a sourced ROS 2, the bare commands may be those of the system's Python.
lint: $(BUILT) ## run linters and type checks
	@source ./env.sh && set -x && ruff check && ruff format --check && python -m mypy

test: lint ## run linters, type checks and all tests but the slow ones
	@source ./env.sh && set -x && $(WORKERS) python -m pytest -m "not slow" --numprocesses auto --dist loadfile

smoke: $(BUILT) ## run a few tests of the node alone, a minute long
	@source ./env.sh && set -x && $(WORKERS) python -m pytest -m "not slow" test/ros/node test/ros/outputs test/ros/ros test/ros/test_examples.py

test-all: lint ## run linters, type checks and every test
	@source ./env.sh && set -x && $(WORKERS) python -m pytest --numprocesses auto --dist loadfile

docs: $(BUILT) ## build the documentation's site in .build/site
	@source ./env.sh && NO_MKDOCS_2_WARNING=1 python -m mkdocs build --strict --quiet && echo "the site: .build/site/index.html"

clean: ## remove everything that make made here
	rm -rf .venv .build demo_output *.egg-info .mypy_cache .pytest_cache .ruff_cache

$(READY): pyproject.toml constraints.txt scripts/setup.sh
	@scripts/setup.sh $(KIND) $(PYTHON)
	@touch $@

# Installed as links: only changed messages and new files need another build. hotspot_core is imported from here.
$(BUILT): $(READY) CMakeLists.txt package.xml scripts/venv.cmake $(wildcard msg/* srv/* scripts/tf2_msgs/*.* scripts/tf2_msgs/msg/*) .build/files
	@source .venv/bin/activate && \
	colcon --log-base .build/log build --base-paths . $(if $(filter wheels%,$(KIND)),scripts/tf2_msgs) \
		--packages-select hotspot_ros $(if $(filter wheels%,$(KIND)),tf2_msgs) \
		--build-base .build/build --install-base .build/install --merge-install --symlink-install \
		--cmake-args -DBUILD_TESTING=OFF -DCMAKE_PROJECT_INCLUDE=$(CURDIR)/scripts/venv.cmake
	@touch $@

.build/files: FORCE
	@mkdir -p .build && find config examples hotspot_ros launch scripts -type f ! -name '*.pyc' | sort > $@.new
	@cmp -s $@.new $@ || cp $@.new $@
