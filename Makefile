# `make help` lists the targets. Everything runs in .venv, which the first target that needs it makes.
PYTHON ?= python3
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
SETUP := .venv/.installed
DATA ?=
ARGS ?=

.PHONY: help setup test lint format bench reproduce-table1 reproduce-table2 reproduce-table3 reproduce-figure3 reproduce-flickr8k tables clean-runs

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-26s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(SETUP)  ## make .venv and install the project with exactly the versions of constraints.txt

$(SETUP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: $(PYTHON) is older than 3.11: name a newer one, e.g. make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar off --constraint constraints.txt --editable '.[dev]'
	@touch $@

test: $(SETUP)  ## run the tests (a few minutes on 2 cores)
	$(BIN)/python -m pytest

lint: $(SETUP)  ## check style, unused code and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(SETUP)  ## format the code and mend what lint can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reproduce-table1: $(SETUP)  ## train, evaluate and print Table 1: on COCO with COCO_ROOT=..., else on the embedded scenes
	$(BIN)/python -m experiments.reproduce table1 $(if $(DATA),--data $(DATA)) $(ARGS)

reproduce-table2: $(SETUP)  ## the same for Table 2: on Flickr30K with FLICKR30K_ROOT=..., or DATA=flickr8k FLICKR8K_ROOT=...
	$(BIN)/python -m experiments.reproduce table2 $(if $(DATA),--data $(DATA)) $(ARGS)

reproduce-table3: $(SETUP)  ## retrieval examples as PNG and HTML page: of COCO or Flickr30K where a root is set, DATA=..., or the scenes
	$(BIN)/python -m experiments.reproduce table3 $(if $(DATA),--data $(DATA)) $(ARGS)

reproduce-figure3: $(SETUP)  ## t-SNE of Flickr30K and COCO side by side, of those whose root is set, DATA="...", or the scenes
	$(BIN)/python -m experiments.reproduce figure3 $(if $(DATA),--data $(DATA)) $(ARGS)

reproduce-flickr8k: $(SETUP)  ## train and evaluate our rows on Flickr8k (FLICKR8K_ROOT=..., FLICKR30K_ROOT=... for its captions)
	$(BIN)/python -m experiments.reproduce flickr8k $(if $(DATA),--data $(DATA)) $(ARGS)

reproduce-flickr30k-subset: $(SETUP)  ## our row on the Flickr30K photographs that are in Flickr8k too (FLICKR8K_ROOT=..., FLICKR30K_ROOT=...)
	$(BIN)/python -m experiments.flickr30k_subset $(ARGS)

reproduce-twin: $(SETUP)  ## one network or two, on Flickr8k with FLICKR8K_ROOT=... FLICKR30K_ROOT=..., else on the embedded scenes
	$(BIN)/python -m experiments.reproduce twin $(if $(DATA),--data $(DATA)) $(ARGS)

reproduce-ambiguities: $(SETUP)  ## what the ambiguities of the paper are worth: single changes, on the embedded scenes or DATA=...
	$(BIN)/python -m experiments.reproduce ambiguities $(if $(DATA),--data $(DATA)) $(ARGS)

bench: $(SETUP)  ## measure speed against a plain loop, the authors' drawing and the machine's limits (some minutes)
	$(BIN)/python -m experiments.bench $(ARGS)
	$(BIN)/python -m experiments.readme

tables: $(SETUP)  ## make the tables, README blocks and configuration headers again from results/records
	$(BIN)/python -m experiments.table1 > /dev/null
	$(BIN)/python -m experiments.table2 > /dev/null
	$(BIN)/python -m experiments.flickr8k > /dev/null
	$(BIN)/python -m experiments.twin > /dev/null
	$(BIN)/python -m experiments.ambiguities > /dev/null
	$(BIN)/python -m experiments.readme

clean-runs:  ## delete the trained runs (runs/), so that the next reproduce target trains anew
	rm -rf runs
