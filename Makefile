# Most targets are steps of .ci/run: what passes here passes there.
.PHONY: build test long race lint fuzz bench demo ci

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

bench: # NASHRA_BENCH_FEEDS=1000 feeds
	go test -run '^$$' -bench Farm -benchtime 1x -timeout 20m ./cmd/nashra ./feeds/parse

demo:
	go run ./cmd/nashra demo

ci:
	.ci/run
