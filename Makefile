# The verbs of this repository. Each is a script under scripts/, so that it can be read and run alone.

.PHONY: help run test check bench bench-match setup build clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: ## build and serve the demo brand, and print the console's address
	@scripts/run

test: ## checks, unit, integration, SDK and browser tests (PARTS="rust clients" for some of them)
	@scripts/test $(PARTS)

check: ## format, lints, dependency arrows, licences, generated files
	@scripts/setup
	@scripts/check

bench: ## measure ingest, reads, sealing, scans and memory on this machine
	@scripts/bench

bench-match: ## matching beside Splink on the same files, then a million generated records
	@scripts/bench-match

setup: ## install what building and testing need
	@scripts/setup

build: ## build the release binary with the console inside
	@scripts/build

clean: ## remove what was built; installed packages and downloaded crates stay
	@scripts/pg-up --stop
	@cargo clean --quiet
	@rm -rf web/console/dist web/tag/dist
