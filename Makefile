# What people type. Each target is a script of its own in deploy/dev/, which says what it does.
.DEFAULT_GOAL := help
.PHONY: help demo demo-clean test soak bench fuzz packages fmt

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: ## everything on this machine: hub, satellite, targets; http://localhost:8080, Ctrl-C stops it
	@deploy/dev/demo

demo-clean: ## forget the demo's data, passwords and accounts
	@deploy/dev/demo clean

test: ## what CI runs: formats, lints, licenses, tests, generated files, pages, browser
	@deploy/dev/test

soak: ## the long runs, release build, on a quiet machine: hundreds of shells, a thousand satellites, outages
	@deploy/dev/soak $(ARGS)

bench: ## shells beside ssh and ssh -J, desktops beside guacd: delays, throughput, memory, a long line; on a quiet machine
	@deploy/dev/bench $(ARGS)

fuzz: ## search for bytes that break a decoder, ten minutes a target; ARGS="60 frame" for less
	@deploy/dev/fuzz $(ARGS)

packages: ## Debian packages of hub and satellite in target/packages/; ARGS=check tries them
	@deploy/dev/package $(ARGS)

fmt: ## format the Rust sources
	@cargo fmt --all
