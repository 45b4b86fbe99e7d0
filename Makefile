# Each command does all of its own set-up. `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

CORES ?= 2
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PART ?=
MIRROR ?=
RECORDED ?=
# Where torch's CPU build is: a folder of wheels (PIP_FIND_LINKS, pip's own variable) or an index such as
# https://download.pytorch.org/whl/cpu (TORCH_INDEX). Without either, the registry's build with CUDA is installed.
TORCH_INDEX ?=

LOCKS := locks/packages.txt locks/$(if $(and $(TORCH_INDEX)$(PIP_FIND_LINKS),$(filter x86_64,$(shell uname -m))),torch-cpu,torch).txt
LOCK := $(shell cat $(LOCKS) | { sha256sum 2>/dev/null || shasum -a 256; } | cut -c1-16)
STAMP := .venv/installed-$(LOCK)
DETECTRON2 := .venv/detectron2-0.6

export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONPATH := $(CURDIR)
export LC_ALL := C.UTF-8
export MPLBACKEND := Agg
export OMP_WAIT_POLICY := PASSIVE
export GOMP_SPINCOUNT := 0
# A folder by its whole path; `abspath` would cut a name at its spaces.
whole = $(if $(filter /%,$(1)),$(1),$(CURDIR)/$(1))
ifneq ($(MIRROR),)
export CROSS2STRA_MIRROR := $(call whole,$(MIRROR))
endif

ifneq ($(RECORDED),)
export CROSS2STRA_RECORDED := $(call whole,$(RECORDED))
endif

SNAKEMAKE = snakemake --cores $(CORES)
# What stands for PART of a profile: <transfer>[/<seed>[/<group>]]; nothing, for everything, without PART.
DONE = $(if $(PART),results/$(1)/parts/$(PART)$(if $(word 3,$(subst /, ,$(PART))),,/all).done)

.PHONY: help setup demo study worlds mini tables figures data structures report expected record lock sbom test fuzz fuzz-guided test-slurm faults bench memory graph schema clean
help: ## this list
	@grep -hE '^[a-z][a-z0-9 -]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 36
	@echo
	@echo 'Variables: CORES=2, CONFIG=config/demo.yaml (for the targets of one profile), TORCH_INDEX=URL, PIP_FIND_LINKS=FOLDER'
	@echo 'Any output by its path: .venv/bin/snakemake --cores 2 results/demo/captions/en-zh_aic/cross2stra/1.jsonl'

setup: $(STAMP) ## the pinned environment in .venv

$(STAMP): $(LOCKS)
	@$(if $(PYTHON),,$(error Python 3.11 is needed, and there is no python3: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)))
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v == (3, 11) else f"Python 3.11 is needed, $(PYTHON) is {v[0]}.{v[1]}: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)")'
	@echo "[setup] installing $$(cat $(LOCKS) | grep -c ==) packages into .venv, their digests checked; once, and again when locks/ changes"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --no-deps --require-hashes -r locks/uv.txt || echo '[setup] no uv: pip does it, more slowly'
	@if test -x .venv/bin/uv && .venv/bin/uv pip install --quiet --compile-bytecode --python .venv/bin/python --no-deps --require-hashes \
	    $(addprefix --find-links ,$(PIP_FIND_LINKS)) \
	    $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX) --index-strategy unsafe-best-match) $(addprefix -r ,$(LOCKS)); \
	  then :; else .venv/bin/python -m pip install --quiet --no-deps --require-hashes $(addprefix --extra-index-url ,$(TORCH_INDEX)) \
	    $(addprefix -r ,$(LOCKS)); fi
	@rm -f .venv/installed-*
	@touch $@

LOCKED = .venv/bin/uv pip compile --quiet --no-deps --generate-hashes --no-header --no-annotate --python-version 3.11 -
lock: $(STAMP) ## write locks/ again from requirements.txt, but for the CPU build of torch
	@for part in packages:-vE:'^(torch|uv)==' torch:-E:'^torch==' uv:-E:'^uv=='; do IFS=: read -r name how which <<< "$$part"; \
	  { echo '# Made by `make lock` from requirements.txt: the same versions with the digests of their files.'; \
	    grep $$how "$$which" requirements.txt | $(LOCKED); } > locks/$$name.txt.part && mv locks/$$name.txt.part locks/$$name.txt; done

SBOM := cyclonedx-bom==7.5.0
sbom: $(STAMP) ## what is installed, with licences, as CycloneDX: results/sbom.json
	@mkdir -p results && .venv/bin/uv tool run --quiet --from $(SBOM) cyclonedx-py environment .venv/bin/python --output-reproducible -o results/sbom.json
	@echo results/sbom.json

demo: $(STAMP) ## raw captions to the report in the generated world, on two cores
	@$(SNAKEMAKE) --configfile config/demo.yaml
	@$(MAKE) --no-print-directory shown PROFILE=demo

study: $(STAMP) ## the world, larger: both directions, three to five seeds; PART=<transfer>/<seed>[/systems|/ablations|/sweeps|/bounds]
	@$(SNAKEMAKE) --configfile config/study.yaml -- $(call DONE,study)
	@$(if $(PART),echo 'study: part $(PART) is complete',$(MAKE) --no-print-directory shown PROFILE=study)

WORLDS = world_no_ambiguity world_plain_order world_few_things world_caption_register
# Records of a world are looked for beside those of the study.
worlds: $(STAMP) ## is each effect of the study gone in a world that lacks its cause? results/worlds/; hours on 2 cores, goes on where it stopped
	@$(SNAKEMAKE) --configfile config/study.yaml -- results/study/parts/en-zh_aic/all.done
	@for world in $(WORLDS); do records="$$(dirname -- "$$CROSS2STRA_RECORDED")/$$world"; \
	  test -n "$$CROSS2STRA_RECORDED" -a -d "$$records" || records=; \
	  CROSS2STRA_RECORDED="$$records" $(SNAKEMAKE) --configfile config/worlds/$$world.yaml -- results/$$world/scores.csv || exit; done
	@python -m cross2stra worlds --config config/study.yaml $(WORLDS:%=--config config/worlds/%.yaml) \
	    --experiments config/experiments.yaml --results results --output results/worlds

mini: $(STAMP) ## real data; MIRROR=<folder with the files of config/sources.csv>, PART=<transfer>[/<seed>/<group>]
	@$(SNAKEMAKE) --configfile config/mini.yaml -- $(call DONE,mini)
	@$(if $(PART),echo 'mini: part $(PART) is complete',$(MAKE) --no-print-directory shown PROFILE=mini)

.PHONY: shown
shown:
	@echo
	@cat results/$(PROFILE)/tables/table1.md
	@echo
	@echo 'tables   results/$(PROFILE)/tables/'
	@echo 'figures  results/$(PROFILE)/figures/'
	@echo 'report   results/$(PROFILE)/site/index.html'

CONFIG ?= config/demo.yaml
NUMBERED := $(foreach n,1 2 3 4 5,table$(n)) $(foreach n,1 2 3 4 5 6 7 8 9 10,figure$(n))
.PHONY: $(NUMBERED)
tables figures data structures report: $(STAMP) ## a named target of the profile CONFIG, as are table1 to table5 and figure1 to figure10
$(NUMBERED): $(STAMP)
tables figures data structures report $(NUMBERED):
	@$(SNAKEMAKE) --configfile "$(CONFIG)" -- $@

expected: $(STAMP) ## record the scores of CONFIG's run, or of its parts so far, in config/expected/ (REPEAT=scores.csv: of a further run)
	@python -m cross2stra expected --config "$(CONFIG)" --output config/expected/$(basename $(notdir $(CONFIG))).csv $(addprefix --repeat ,$(REPEAT))

record: $(STAMP) ## keep the captions of CONFIG's run, or of its parts so far, in config/recorded/ (make study RECORDED=config/recorded/study)
	@python -m cross2stra record --config "$(CONFIG)" --output config/recorded/$(basename $(notdir $(CONFIG)))

# The source that the contract tests of the detectron2 backend read: it cannot be installed without a compiler.
$(DETECTRON2): $(STAMP) tests/structures/visual/detectron2.txt
	@rm -rf $@ $@.part
	@{ .venv/bin/python -m pip download --quiet --no-deps --no-binary :all: --no-build-isolation --require-hashes \
	    --dest $@.part -r tests/structures/visual/detectron2.txt && tar -xzf $@.part/*.tar.gz --strip-components=1 -C $@.part \
	    && rm $@.part/*.tar.gz && mv $@.part $@ && touch $@; } || echo '[test] no source of detectron2: its contract tests are skipped'

test: $(STAMP) $(DETECTRON2) ## every check: style, types, workflow, all tests with the whole DAG on config/test.yaml
	@ruff check .
	@mypy
	@snakemake --lint --configfile config/test.yaml
	@OMP_NUM_THREADS=1 python -m pytest -n 2 --dist loadfile --durations 15

EXAMPLES ?= 2000
fuzz: $(STAMP) ## every reader of outside files, EXAMPLES=2000 inputs each
	@OMP_NUM_THREADS=1 FUZZ_EXAMPLES=$(EXAMPLES) python -m pytest -n $(CORES) -W ignore tests/fuzz

ATHERIS := atheris==3.0.0
fuzz-guided: $(STAMP) ## a million inputs, led by the code that they reach (atheris): results/fuzz/guided.csv
	@.venv/bin/uv pip install --quiet --no-deps --target results/fuzz/atheris $(ATHERIS)
	@set -o pipefail; OMP_NUM_THREADS=1 PYTHONPATH=$(CURDIR):results/fuzz/atheris python tests/fuzz/guided.py every --output results/fuzz 2>&1 | sed '/^INFO: /d'

test-slurm: $(STAMP) ## the faults of a cluster on a SLURM of one node that it starts and stops; root, apt-get install slurm-wlm munge
	@CROSS2STRA_SLURM=1 python -m pytest -rP tests/slurm

faults: $(STAMP) ## an hour: 200 kills at random, full disk, torn files and more: results/faults/faults.csv; goes on by count
	@PYTHONPATH=$(CURDIR):benchmarks/scaling python tests/faults --output results/faults

bench: $(STAMP) ## hot steps beside a peer, in turns, and how costs grow: results/bench/bench.md, bench.svg, curves.svg
	@OMP_NUM_THREADS=1 python benchmarks/bench --output results/bench
	@OMP_NUM_THREADS=1 python benchmarks/bench/curves.py --output results/bench

memory: $(STAMP) ## memory of the long verbs against the size of the corpus, 1, 3 and 10 times: results/bench/memory.csv
	@$(SNAKEMAKE) --configfile config/test.yaml -- data
	@python benchmarks/memory.py --results results/test --config config/test.yaml --work results/bench/memory \
	    --output results/bench/memory.csv

graph: $(STAMP) ## draw the DAG of rules again: docs/dag.md
	@{ printf '# The DAG of rules\n\nDrawn by `make graph` from the workflow (profile `demo`).\n\n```mermaid\n'; \
	  snakemake --rulegraph mermaid-js --configfile config/demo.yaml 2>/dev/null | sed -n '/^flowchart/,$$p' | grep -v style; \
	  printf '```\n'; } > docs/dag.md

schema: $(STAMP) ## write the configuration's schema and page of keys again
	@python -m cross2stra schema --output workflow/schemas/config.schema.yaml --keys config/keys.md

clean: ## remove results/ and logs/ (not .venv)
	@rm -rf results logs
