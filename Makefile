# `make` alone lists the targets.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test bench docs docs-check operator-cases format lint clean

SOURCES = Package.swift Sources Passes Plugins Tests

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup: ## get what is missing: system packages and ONNX Runtime (into .deps/)
	@Setup/setup.sh

build: setup ## build the `workbench` command with optimization
	swift build --configuration release --product workbench

demo: setup ## search a model of the Corpus for parts it can do without
	swift run workbench search --model Corpus/models/glyph-resnet/model.onnx --budget 1%

test: setup ## run all tests; `make test OPTIONS='--filter …'` runs some
	@Setup/test.sh $(OPTIONS)

bench: setup ## print what the workbench costs besides the engine; `make bench OPTIONS=large` one part
	swift build --product workbench
	swift build --configuration release --product workbench
	swift build --configuration release --product benchmark
	.build/release/benchmark .build/debug .build/release Corpus/models $(OPTIONS)

docs: setup ## make the pictures and tables of Docs/ anew
	swift build --product workbench
	Setup/docs.sh

docs-check: setup ## say which of them are stale
	swift build --product workbench
	Setup/docs.sh --check

operator-cases: setup ## check every operator on the cases of the onnx package (needs Python 3 and pip)
	swift build --product operator-cases
	Setup/python.sh .deps/operator-cases Tests/OperatorCases/requirements.txt
	.deps/operator-cases/bin/python -W ignore Tests/OperatorCases/check.py \
	  .build/debug/operator-cases --table Docs/OperatorCoverage.md

format: ## format the Swift sources in place
	swift format format --in-place --parallel --recursive $(wildcard $(SOURCES))

lint: ## check format and style, changing nothing
	swift format lint --strict --parallel --recursive $(wildcard $(SOURCES))

clean: ## remove what was built; .deps/ stays
	rm -rf .build
