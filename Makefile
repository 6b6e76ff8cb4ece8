# The whole interface for people. Every target sets itself up first; a second run starts at once.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PY := .venv/bin/python
AUDIO ?=
SPEED ?= 2
PORT ?= 8080
DATA ?= .data
READY := .venv/.complete

.PHONY: help setup run serve test test-all lint types layers unit wire e2e bench bundle tf lock clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

$(READY): requirements/dev.txt requirements/models.txt tools/setup.sh
	@PYTHON="$(or $(PYTHON),python3)" tools/setup.sh

setup: $(READY) ## make the local environment (the others do it by themselves)

run: $(READY) ## stream a recording through the whole chain and show what became of it (AUDIO=talk.wav SPEED=4)
	@$(PY) -m local run $(if $(AUDIO),--audio "$(AUDIO)") --speed $(SPEED) $(ARGS)

serve: $(READY) ## keep the local cloud up (PORT=8080 DATA=.data)
	@exec $(PY) -m local serve --port $(PORT) --data "$(DATA)" $(ARGS)

test: lint types layers ## lint, types, layers, unit, contract, wire and a smoke end-to-end test
	$(PY) -m pytest -q -m "not long" -n 3 --dist loadfile tests

test-all: $(READY) ## the long tests on top: faults, storms, real clients
	$(PY) -m pytest -q -m long tests

lint: $(READY)
	.venv/bin/ruff check --quiet .
	.venv/bin/ruff format --check --quiet .

types: $(READY)
	.venv/bin/mypy --no-error-summary common functions local operate tests bench tools

layers: $(READY)
	.venv/bin/lint-imports > .cache/layers.txt || { cat .cache/layers.txt; exit 1; }

bench: $(READY) ## measure: recognition, live capture, stores, REST, search, understanding, costs, cold starts, memory
	$(PY) -m bench.speech --figures .cache/speech-figures.json
	$(PY) -m bench.gate
	$(PY) -m bench.listen
	$(PY) -m bench.listen_latency
	$(PY) -m bench.firestore
	$(PY) -m bench.api
	$(PY) -m bench.retrieval
	$(PY) -m bench.answering
	$(PY) -m bench.quality
	$(PY) -m bench.memories
	$(PY) -m bench.costs
	$(PY) -m bench.cold_start
	$(PY) -m bench.memory

bundle: $(READY) ## pack every function for its deployment, in build/
	$(PY) -m tools.bundle

tf: bundle ## check the deployment: format, types, tests of the plan, and what checkov finds
	tools/tf.sh
	tools/checkov.sh

lock: $(READY) ## pin all dependencies anew, with hashes and without an index address
	$(PY) -m tools.lock

clean: ## remove what was set up and stored here
	rm -rf .venv .cache .data build .mypy_cache .ruff_cache .pytest_cache .hypothesis
