# What this repository can do. Nothing outside it is written, save by `install`
# (and Go's own caches).

SHELL    := /bin/bash -o pipefail
GO       ?= go
PREFIX   ?= /usr/local
FUZZTIME ?= 10s
SEED     ?= 1
SEEDS    ?= 20000
SEQUENCES ?= 5000
RACE     ?= ./...
DOUBLES  ?= 10000
BENCH    ?=
BUG      ?=
PACKAGES ?= supervisor/lifecycle config procfs cgroupfs supervisor
CPU      ?= 5s
CHAOS    ?=
LONG     = Redis|Hung$$|Shop|Forgotten

.DEFAULT_GOAL := help
.PHONY: help build test golden race chaos diff swarm nightly determinism speed score mutants fuzz bench junit test-vm test-arm64 test-pie lint cover install clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## bin/gosv: one static binary; and bin/gosv-faulty, which gosv chaos selftest judges
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w" -o bin/ ./cmd/...

test: ## go vet, and every test; also those that go test ./... leaves out because they take long
	$(GO) vet ./... && $(GO) vet -C tools ./...
	$(GO) test ./...
	$(GO) test -C tools ./...
	$(GO) test ./sim -run 'TestEvery(Failure|SlowCall)$$' -all
	$(GO) test ./integration -run '$(LONG)' -all -v | grep -v '^=== '

golden: ## write every golden file and every generated page anew; then look at git diff
	$(GO) test $$(grep -rl --include='*_test.go' 'gosv/internal/golden"' . | xargs -n1 dirname | sort -u) -update

race: ## the tests under the race detector; RACE=./supervisor/... for a part
	CGO_ENABLED=1 $(GO) test -race $(RACE)

chaos: build ## kill 1,000 services in a minute, and judge what comes back; CHAOS="--seed 7" adds flags
	bin/gosv chaos --services 20 --count 1000 --duration 60s $(CHAOS)

swarm: ## play many random scenarios on the fake kernel; SEEDS=20000 SEED=1
	GOGC=400 $(GO) test ./sim -run 'TestSwarm$$' -timeout 60m -seed $(SEED) -seeds $(SEEDS) -v $(UPDATE)

diff: ## play SEQUENCES=5000 random sequences of operations on Linux and on the fake kernel, and compare; SEED=1
	CGO_ENABLED=0 $(GO) test -C tools ./difftest -run 'TestRandomSequences$$' -count=1 -timeout 60m -sequences $(SEQUENCES) -workers 6 -seed $(SEED) -v

determinism: ## DOUBLES=10000 seeds, each played twice, with 1, 2 and 8 threads and under the race detector: one digest
	@{ for n in 1 2 8; do \
		echo "GOMAXPROCS=$$n" >&2; \
		GOMAXPROCS=$$n $(GO) test ./sim -run 'TestDigest$$' -timeout 60m -seed $(SEED) -doubles $(DOUBLES) -v || exit 1; \
	done; \
	echo "-race" >&2; \
	CGO_ENABLED=1 $(GO) test -race ./sim -run 'TestDigest$$' -timeout 60m -seed $(SEED) -doubles $(DOUBLES) -v || exit 1; } | \
	awk '/digest of/ { sub(/.*digest/, "digest"); print; all[$$0]++; n++ } /^ *[a-z_]*test.go.*gives|FAIL/ { print; bad = 1 } \
		END { if (bad || n != 4 || length(all) != 1) { print "the runs differ"; exit 1 } }'

speed: ## how fast the swarm is: steps, seeds and simulated hours in a second of processor time
	$(GO) test ./sim -run '^$$' -bench 'BenchmarkSwarm$$' -benchtime 20000x

NIGHT     = GOGC=400 $(GO) test ./sim -v -timeout 30m -seed $(SEED)
BRIEFLY   = | grep -v '^=== ' | grep -v '^ *--- PASS'

nightly: ## the long search, in 15 minutes: swarm, pairs of faults, crashes and slow calls, decisions, orders; SEED=1
	$(NIGHT) -run 'TestSwarm$$' -nightly 3m -seeds 1000000000 $(BRIEFLY)
	$(NIGHT) -run 'TestNightlyPairs' -nightly 4m30s $(BRIEFLY)
	$(NIGHT) -run 'TestNightlyCrashes' -nightly 2m30s $(BRIEFLY)
	$(NIGHT) -run 'TestNightlySlow' -nightly 1m30s $(BRIEFLY)
	$(NIGHT) -run 'TestNightlyDecisions' -nightly 2m $(BRIEFLY)
	$(NIGHT) -run 'TestNightlyOrders' -nightly 1m30s $(BRIEFLY)

score: ## plant every bug of bugs/, one at a time, and write what finding it took to docs/reference/score.md; BUG=name for one
	$(GO) build -C tools -o ../bin/score ./score
	bin/score $(if $(BUG),-run '$(BUG)',-write docs/reference/score.md)

mutants: ## change one operator at a time; PACKAGES=supervisor for a part, CPU=5s of search for each
	$(GO) build -C tools -o ../bin/mutants ./mutants
	nice -n 19 bin/mutants -cpu $(CPU) $(PACKAGES)

fuzz: ## every fuzz target for FUZZTIME (10s)
	@for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$pkg || exit 1; \
		done; \
	done

bench: build ## gosv beside a C program that does the same kernel work (BENCH="-n 100 -repeats 1" for a quick look)
	$(CC) -O2 -Wall -Wextra -static -nostdlib -fno-stack-protector -o bin/pause tools/bench/c/pause.c
	$(CC) -O2 -Wall -Wextra -mno-red-zone -o bin/limit tools/bench/c/limit.c
	CGO_ENABLED=0 $(GO) build -C tools -o ../bin/bareloop ./bench/bareloop
	CGO_ENABLED=0 $(GO) build -C tools -o ../bin/bench ./bench
	bin/bench $(BENCH)

JUNIT = bin/gosv chaos --seed $(SEED) --duration 2s --tick 200ms --kill-rate 0.3 --report

junit: build ## a pass and a failure of gosv chaos (of a supervisor that starts everything twice), read by another reader of JUnit's XML
	$(JUNIT) junit=bin/pass.xml --slack 5s >bin/pass.txt 2>&1 || { cat bin/pass.txt; exit 1; }
	$(JUNIT) junit=bin/fail.xml --gosv "bin/gosv-faulty --fault doubled-instance" >bin/fail.txt 2>&1; test $$? = 1
	$(GO) run -C tools ./junitcheck ../bin/pass.xml ../bin/fail.xml

KERNELS ?= 6.1 6.12 latest 5.10

test-vm: build ## the limits on kernels with every cgroup controller, in virtual machines; KERNELS="6.1 6.12 latest 5.10"
	tools/vmrun/test.sh bin/vm $(KERNELS)

ARM64 = ^(clock|wait|spawn|attributes|start_errors|abort|output|reap|signal|sibling|traced|worker)$$

test-arm64: ## go vet for arm64, and the conformance suite of sys/linux in an emulated arm64 machine (Debian packages, a few minutes)
	GOARCH=arm64 CGO_ENABLED=0 $(GO) vet ./...
	tools/vmrun/fetch.sh bin/vm arm64/6.1
	CGO_ENABLED=0 $(GO) build -C tools -o ../bin/vm/vmrun ./vmrun
	GOARCH=arm64 CGO_ENABLED=0 $(GO) build -C tools -o ../bin/vm/arm64/vmrun ./vmrun
	GOARCH=arm64 CGO_ENABLED=0 $(GO) test -count=1 -run 'TestConformance/$(ARM64)' -v ./sys/linux -exec "$(CURDIR)/bin/vm/vmrun -arch arm64 \
		-init-program $(CURDIR)/bin/vm/arm64/vmrun -qemu $(CURDIR)/bin/vm/qemu-aarch64 -kernel $(CURDIR)/bin/vm/arm64/6.1/vmlinuz -smp 2 -limit 8m"

test-pie: ## gosv as a position-independent program runs its demo for some seconds
	CGO_ENABLED=0 $(GO) build -buildmode=pie -o bin/gosv-pie ./cmd/gosv
	timeout --preserve-status -s TERM 4 bin/gosv-pie

lint: ## gofmt, go vet, staticcheck (pinned in tools/go.mod)
	@files="$$(gofmt -l .)"; test -z "$$files" || { echo "not formatted (gofmt -w makes them so):"; echo "$$files"; exit 1; }
	$(GO) vet ./... && $(GO) vet -C tools ./...
	$(GO) build -C tools -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	bin/staticcheck ./... && cd tools && ../bin/staticcheck ./...

cover: ## statement coverage of all packages by all tests, in bin/cover.html
	@mkdir -p bin
	$(GO) test -coverpkg=./... -coverprofile=bin/cover.out ./...
	$(GO) tool cover -html=bin/cover.out -o bin/cover.html
	@$(GO) tool cover -func=bin/cover.out | tail -1

install: build ## copy the binary to PREFIX/bin (/usr/local)
	install -D -m 755 bin/gosv $(DESTDIR)$(PREFIX)/bin/gosv

clean: ## remove what was built
	rm -rf bin
