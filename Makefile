# Most targets are steps of .ci/run: what passes here passes there.
.PHONY: build test long race lint fuzz bench day demo release snapshot ci

build:
	CGO_ENABLED=0 go build -trimpath -o nashra ./cmd/nashra

test:
	go test ./...

long: # the tests that `make test` leaves out
	.ci/run long

race:
	.ci/run race

lint:
	.ci/run vet format lint

fuzz: # FUZZTIME=10s for each target
	.ci/run fuzz

bench: # the table of docs/speed.md for NASHRA_BENCH_FEEDS=1000 feeds
	go test -run '^$$' -bench Farm -benchtime 1x -timeout 20m ./cmd/nashra ./feeds/parse

day: # the table of docs/speed.md for a day of NASHRA_BENCH_FEEDS=10104 feeds, some ten minutes
	go test -run '^$$' -bench Day -benchtime 1x -timeout 60m ./cmd/nashra

demo:
	go run ./cmd/nashra demo

release: # dist/, from a clean checkout of a version's tag
	.ci/release

snapshot: # dist/, from any tree
	.ci/release --snapshot

ci:
	.ci/run
