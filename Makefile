# `make help` lists what can be made.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
.NOTPARALLEL:

# What building the package needs besides.
PACKAGING := debhelper gcc rsync python3

# How long `make fuzz` fuzzes altogether.
SECONDS ?= 600

.PHONY: build
build: packages ## Build the debug version.
	swift build

.PHONY: release
release: packages ## Build the release version: .build/release/cccd.
	swift build --configuration release --product cccd

.PHONY: demo
demo: packages ## Check three virtual cards in, each through PC/SC and the daemon: a good one, an altered one, a stranger's.
	swift build --product cccd
	Scripts/demo.sh

.PHONY: test
test: packages lint ## Run all tests, those through pcscd included.
	swift build --build-tests
	Scripts/doc-check.sh
	Scripts/virtual-reader.sh swift test --disable-xctest
	$(MAKE) --no-print-directory test-page
	if Scale/install.sh --check >/dev/null; then Scale/test.sh .build/debug/cccd; fi

.PHONY: test-page
test-page: packages ## Try the page in a browser; pictures of every state in .build/screenshots.
	swift build --product cccd
	AXE=$$(Tests/Page/axe.sh) Scripts/virtual-reader.sh python3 Tests/Page/test_page.py

.PHONY: screenshots
screenshots: test-page ## Take the picture of the page in docs/page.png anew.
	convert .build/screenshots/good-vi.png -crop 1280x1130+0+0 +repage -strip -colors 128 docs/page.png

.PHONY: matrix
matrix: packages ## Open a chip in each of the 447 ways there are, through pcscd, with a wrong and a right key.
	swift build --build-tests
	Scripts/virtual-reader.sh swift test --disable-xctest --filter ThroughPCSC/Matrix

.PHONY: lint
lint: toolchain ## Check that the code is formatted as .swift-format says.
	swift format lint --strict --recursive Sources Tests Examples

.PHONY: doc-check
doc-check: packages ## Look for public symbols of the libraries without a doc comment; the documentation goes to .build/docs.
	swift build
	Scripts/doc-check.sh --out .build/docs

.PHONY: doc-test
doc-test: packages ## Run the commands of README and docs, and compare what they print.
	swift build --build-tests
	swift test --skip-build --disable-xctest --filter DocumentationTests

.PHONY: format
format: toolchain ## Format the code in place.
	swift format --in-place --recursive Sources Tests Examples

.PHONY: fuzz
fuzz: packages ## Fuzz every parser and what judges signatures; SECONDS=600 are divided over the targets.
	Fuzz/run.sh "$(SECONDS)"

.PHONY: mutate
mutate: packages ## Flip every bit of every EF.SOD that the tests have, instead of a sample. Takes an hour.
	CCCD_MUTATE=all swift test --disable-xctest --filter Mutation

.PHONY: agree
agree: packages ## Hold a million signatures of the batch core against OpenSSL's own verification.
	Benchmarks/agree.sh 1000000

.PHONY: scale-test
scale-test: packages ## Install Spark, and hold its job on two workers, one of them killed, against one process.
	swift build --configuration release --product cccd
	Scale/test.sh .build/release/cccd

.PHONY: evp-test
evp-test: packages ## Build without OpenSSL's deprecated functions and their declarations, and test the batch.
	swift build --build-tests --scratch-path .build-evp -Xswiftc -DCCCD_ONLY_EVP -Xcc -DOPENSSL_NO_DEPRECATED
	swift test --skip-build --disable-xctest --scratch-path .build-evp -Xswiftc -DCCCD_ONLY_EVP \
	    -Xcc -DOPENSSL_NO_DEPRECATED --filter 'CryptoTests|VerifierTests.Batch'

.PHONY: registry-kill-test
registry-kill-test: packages ## Kill 100 loads of a registry in a file, and 100 on PostgreSQL, at random moments.
	swift build --configuration release --product registry-benchmark
	Benchmarks/Registry/kill-test.sh .build/release/registry-benchmark 100
	Scripts/postgresql.sh Benchmarks/Registry/kill-test.sh .build/release/registry-benchmark 100 100000 \
	    'postgresql://'

.PHONY: audit-kill-test
audit-kill-test: packages ## Kill a daemon under load 200 times; its audit log must be whole, with every answered check-in.
	swift build --configuration release --product cccd
	CCCD=.build/release/cccd Scripts/audit-kill-test.sh 200

.PHONY: asan
asan: packages ## Run the tests of the daemon under AddressSanitizer.
	swift build --build-tests --sanitize address --scratch-path .build-asan
	ASAN_OPTIONS=detect_leaks=0 swift test --skip-build --disable-xctest --sanitize address \
	    --scratch-path .build-asan --filter DaemonTests

.PHONY: tsan
tsan: packages ## Run the tests of the daemon under ThreadSanitizer.
	swift build --build-tests --sanitize thread --scratch-path .build-tsan
	TSAN_OPTIONS=halt_on_error=0 swift test --skip-build --disable-xctest --sanitize thread \
	    --scratch-path .build-tsan --filter DaemonTests

.PHONY: soak
soak: packages ## Run the daemon for an hour with readers, cards, callers and registry failing at random.
	swift build --build-tests
	CCCD_SOAK_SECONDS=3600 swift test --skip-build --disable-xctest --filter SoakTests

.PHONY: hostile-clients
hostile-clients: packages ## Let ten thousand connections and every attack loose on a daemon, beside one caller who behaves.
	swift build --build-tests
	CCCD_HOSTILE_CLIENTS=10000 swift test --skip-build --disable-xctest --filter HostileClientsTests

.PHONY: bench-load
bench-load: packages ## Decisions of the insurance a second beside redis-benchmark's GET; the last line is the ratio.
	Benchmarks/Load/run.sh

.PHONY: jose
jose: packages ## Have two JOSE libraries from PyPI check the receipts.
	swift build --build-tests
	Scripts/jose.sh

.PHONY: schemathesis
schemathesis: packages ## Try the API with schemathesis against the OpenAPI document that the daemon serves, all checks on.
	swift build --product cccd
	Scripts/schemathesis.sh

.PHONY: endurance
endurance: packages ## Lay a card on, read it and take it away 1000 times in two readers; pcscd restarts 10 times.
	swift build --build-tests
	CCCD_ENDURANCE_CYCLES=1000 CCCD_ENDURANCE_RESTARTS=10 \
	    swift test --skip-build --disable-xctest --filter ComingAndGoing

.PHONY: deb
deb: toolchain ## Build the Debian package of the last commit: .build/package/cccd_*.deb.
	@Scripts/install-packages.sh --for-building $(PACKAGING)
	Packaging/build.sh

.PHONY: sbom
sbom: deb ## Take the package's software bill of materials out of it: .build/package/cccd.spdx.json.
	dpkg-deb --fsys-tarfile "$$(ls -t .build/package/cccd_*.deb | head -n 1)" \
	    | tar --extract --to-stdout ./usr/share/doc/cccd/cccd.spdx.json >.build/package/cccd.spdx.json

.PHONY: package-test
package-test: toolchain ## Install the package in a Debian of its own, check a card in, upgrade, remove and purge it.
	@Scripts/install-packages.sh --for-building $(PACKAGING) debootstrap systemd-container lintian mandoc man-db zsh fish \
	    duktape iproute2 jq python3-venv
	rm -f .build/package/cccd_*.deb
	Packaging/build.sh --revision 1
	Packaging/build.sh --revision 2 --again
	Packaging/test.sh .build/package/cccd_*-1_*.deb .build/package/cccd_*-2_*.deb

.PHONY: reproducible
reproducible: toolchain ## Build the package twice, in two folders, and compare the bytes.
	@Scripts/install-packages.sh --for-building $(PACKAGING)
	Packaging/reproducible.sh

.PHONY: clean
clean: ## Remove everything that was built.
	rm -rf .build .build-*

.PHONY: help
help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: packages
packages: toolchain
	@Scripts/install-packages.sh

.PHONY: toolchain
toolchain:
	@command -v swift >/dev/null || { \
	    echo "There is no swift in PATH. Install Swift 6.3 or later; swift.org tells how." >&2; exit 1; }
