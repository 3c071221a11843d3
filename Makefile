# `make help` lists the targets. Everything runs in .venv, which the first target that needs it makes.
PYTHON ?= python3
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
SETUP := .venv/.installed
# Python compiles what is imported; compiling all of torch and the rest would take a quarter of the installation.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar off --no-compile
# Set on the command line alone: machines may export a DATA of their own.
DATA =
ARGS =

.PHONY: help setup teachers test test-fast lint style types format docs bench reproduce-table1 reproduce-table2 reproduce-table3
.PHONY: reproduce-figure3 reproduce-flickr8k reproduce-flickr30k-subset reproduce-two-tower reproduce-frozen-images reproduce-sound
.PHONY: reproduce-ambiguities reproduce-ambiguities-flickr8k
.PHONY: search publish gpu-check gpu-pack gpu-wheels gpu-commit

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-31s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SETUP)  ## make .venv and install the project with exactly the versions of constraints.txt

$(SETUP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: $(PYTHON) is missing or older than 3.11: name a newer one, e.g. make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(INSTALL) --constraint constraints.txt --editable '.[dev,docs]'
	$(INSTALL) --no-deps clip-benchmark==1.6.2  # a test runs its metric
	@touch $@

teachers: .venv/.teachers  ## install the packages for knowledge distillation (python -m single_net.teach, taught runs)

.venv/.teachers: $(SETUP)
	$(INSTALL) --constraint constraints.txt --editable '.[teach]'
	@touch $@

# What these targets make goes to runs/. DATA= names another data set, ARGS= passes further options on.
RUN := $(BIN)/python -m experiments.run
FIGURES := $(BIN)/python -m experiments.figures
OPTIONS = $(if $(DATA),--data $(DATA)) $(ARGS)

.PRECIOUS: runs/scenes-nested/model.safetensors  # stays if its evaluation fails
runs/scenes-nested/model.safetensors: | $(SETUP)
	$(RUN) table1 --data scenes --variants nested

search: $(SETUP) runs/scenes-nested/model.safetensors  ## serve a search page for the synthetic scenes (trains nested if missing) and print its address
	$(BIN)/python -m single_net.index runs/scenes-nested scenes --to runs/scenes-nested/scenes.index
	$(BIN)/python -m single_net.serve runs/scenes-nested/scenes.index $(ARGS)

reproduce-table1: $(SETUP)  ## train and evaluate the variants of Table 1 and print a report: on COCO with COCO_ROOT=..., else on the synthetic scenes
	$(RUN) table1 $(OPTIONS)

reproduce-table2: $(SETUP)  ## the same for Table 2: on Flickr30K with FLICKR30K_ROOT=..., else on the scenes
	$(RUN) table2 $(OPTIONS)

reproduce-table3: $(SETUP)  ## retrieval examples as PNG and HTML page: of COCO or Flickr30K where a root is set, else the scenes
	$(FIGURES) table3 $(OPTIONS)

reproduce-figure3: $(SETUP)  ## t-SNE of Flickr30K and COCO side by side where their roots are set, DATA="...", or the scenes
	$(FIGURES) figure3 $(OPTIONS)

reproduce-flickr8k: $(SETUP)  ## config-standard, config-2, nested and (after make teachers) taught on Flickr8k (FLICKR8K_ROOT=... FLICKR30K_ROOT=...): a day on one core
	$(RUN) flickr8k $(OPTIONS)

reproduce-flickr30k-subset: $(SETUP)  ## nested and taught on the images that Flickr30K shares with Flickr8k (FLICKR8K_ROOT=..., FLICKR30K_ROOT=...)
	$(BIN)/python -m experiments.flickr30k_subset runs/flickr30k-subset-data
	$(RUN) table2 --data flickr30k --variants nested-subset taught-subset $(ARGS)

reproduce-two-tower: $(SETUP)  ## one network or two: on Flickr8k with FLICKR8K_ROOT=... FLICKR30K_ROOT=..., else on the scenes
	$(RUN) two_tower $(OPTIONS)

reproduce-frozen-images: $(SETUP) teachers  ## a frozen ImageNet network and an LSTM, as in a tutorial, on Flickr8k (FLICKR8K_ROOT=...)
	$(BIN)/python -m experiments.frozen_images $(ARGS)

reproduce-sound: $(SETUP)  ## images, captions and speech in one network: on Flickr8k with FLICKR8K_ROOT=... FLICKR30K_ROOT=..., else the scenes
	$(RUN) sound $(OPTIONS)

reproduce-ambiguities: $(SETUP)  ## single changes of config-standard, on the synthetic scenes: four hours on one core
	$(RUN) ambiguities $(OPTIONS)

reproduce-ambiguities-flickr8k: $(SETUP)  ## some of these changes on Flickr8k (FLICKR8K_ROOT=...): eight hours on one core
	$(RUN) ambiguities_flickr8k $(OPTIONS)

# A process for each core, up to four, with one thread each; the tests of a file share what they have made.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

test: $(SETUP)  ## run all tests (about twelve minutes on 2 cores, longer on slow machines)
	$(PYTEST)

test-fast: $(SETUP)  ## run the tests that are not marked slow (two to three minutes)
	$(PYTEST) -m "not slow"

lint: docs style types  ## check style, formatting, types and the documentation

style: $(SETUP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(SETUP)
	$(BIN)/mypy

format: $(SETUP)  ## format the code and fix what lint can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(SETUP)  ## build the documentation into build/docs/index.html; warnings are errors
	$(BIN)/sphinx-build -W --keep-going -q -b html docs build/docs

bench: $(SETUP)  ## measure speed against a plain facenet-pytorch loop and the machine's limits, into runs/bench*.json (some minutes)
	$(BIN)/python -m experiments.bench $(ARGS)
	$(BIN)/python -m experiments.bench.answers

# docs/gpu_offline.md tells how to use these on a machine where nothing can be downloaded.
GPU_FILES := gpu-check
GPU_PYTHON ?= 3.12
PLATFORMS := $(foreach glibc,2_28 2_27 2_17,--platform manylinux_$(glibc)_x86_64) --platform manylinux2014_x86_64

gpu-check: $(SETUP)  ## on a GPU: its tests, speeds and trainings in nine minutes (ARGS="--seconds 540 --parts speed training")
	$(BIN)/python -m experiments.gpu_check $(ARGS)

gpu-pack: $(SETUP)  ## pack Flickr8k (FLICKR8K_ROOT=..., FLICKR30K_ROOT=... for its captions) and fit encoders for gpu-check
	$(BIN)/python -m experiments.gpu_check.prepare --files $(GPU_FILES) $(ARGS)

gpu-wheels: $(SETUP)  ## download the packages that gpu-check needs elsewhere, for Linux on x86-64 and GPU_PYTHON=3.12
	rm -rf $(GPU_FILES)/wheels
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
	  --python-version $(GPU_PYTHON) --implementation cp $(PLATFORMS) \
	  --constraint constraints.txt --requirement experiments/gpu_check/wheels.txt --dest $(GPU_FILES)/wheels

gpu-commit:  ## write the commit into COMMIT: run records of a machine without git name it
	git describe --always --dirty --abbrev=40 --exclude='*' > COMMIT.part && mv COMMIT.part COMMIT

publish: $(SETUP)  ## for maintainers: make tables, figures and README from the records (ARGS="--from-runs table1" takes yours)
	$(BIN)/python -m experiments.publish $(ARGS)
	$(BIN)/python -m experiments.gpu_check.page
