# Everything here uses the release profile, so that the bindings to libtorch are compiled once.

TORCH   := 2.11.0
# All that libtorch needs to start without a GPU; with an NVIDIA driver, pip brings the rest.
CPU     := --no-deps nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85
DRIVER  := $(shell nvidia-smi -L 2>/dev/null || cat /proc/driver/nvidia/version 2>/dev/null)
PYTHON  ?= python3
CARGO   ?= cargo
OWN     := $(CURDIR)/.libtorch

# What an installed libtorch is known by. It is built beside its place and moved there whole.
INSTALLED = test -e '$(OWN)/torch/lib/libtorch_cpu.so' && test -d '$(OWN)/torch-$(TORCH).dist-info' \
            $(if $(DRIVER),&& test -d '$(OWN)/nvidia/cudnn')

.DEFAULT_GOAL := help
.PHONY: help prerequisites libtorch build test bench gate nightly page lint criterion install archive

help: ## Say what can be made
	@echo 'make TARGET, where TARGET is'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

prerequisites: ## Say what this machine still lacks
	@missing=0; \
	lacks() { echo "missing: $$1"; echo "         $$2"; missing=1; }; \
	case "$$(uname -s)" in Linux) ;; *) lacks 'Linux' 'this needs Linux; elsewhere, a container or a virtual machine';; esac; \
	cargo=$$($(CARGO) --version 2>/dev/null | sed -n 's/^cargo 1\.\([0-9]*\)\..*/\1/p'); \
	test "$${cargo:-0}" -ge 90 || lacks "cargo 1.90 or newer (found: $$($(CARGO) --version 2>/dev/null || echo none))" \
	  'get Rust from https://rustup.rs, or `rustup update stable`'; \
	c++ --version >/dev/null 2>&1 || lacks 'c++, a C++17 compiler' 'Debian, Ubuntu: apt-get install g++   Fedora: dnf install gcc-c++'; \
	if test -z "$$LIBTORCH$$LIBTORCH_USE_PYTORCH"; then \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null \
	    || lacks "python3 3.10 or newer (found: $$($(PYTHON) --version 2>&1 | grep ^Python || echo none))" \
	      'Debian, Ubuntu: apt-get install python3   or name another one: make PYTHON=python3.12'; \
	  $(PYTHON) -m pip --version >/dev/null 2>&1 \
	    || lacks 'pip' 'Debian, Ubuntu: apt-get install python3-pip   elsewhere: $(PYTHON) -m ensurepip'; \
	fi; \
	exit $$missing

libtorch: prerequisites ## Get libtorch into .libtorch (1.2 GB; 4.7 GB with an NVIDIA driver)
	@if test -n "$$LIBTORCH_USE_PYTORCH"; then :; \
	elif test -n "$$LIBTORCH"; then \
	  test -e "$$LIBTORCH/lib/libtorch_cpu.so" || { echo "LIBTORCH=$$LIBTORCH holds no lib/libtorch_cpu.so: correct it, or unset it"; exit 1; }; \
	elif ! { $(INSTALLED); }; then \
	  echo 'Getting libtorch $(TORCH) $(if $(DRIVER),for CUDA,for the CPU) into .libtorch' \
	  && rm -rf '$(OWN).part' && mkdir -p '$(OWN).part/tmp' \
	  && PIP_ROOT_USER_ACTION=ignore TMPDIR='$(OWN).part/tmp' $(PYTHON) -m pip install --disable-pip-version-check --no-compile \
	       --target '$(OWN).part/all' torch==$(TORCH) $(if $(DRIVER),,$(CPU)) \
	  && rm -rf '$(OWN)' && mv '$(OWN).part/all' '$(OWN)' && rm -rf '$(OWN).part'; \
	fi

build: libtorch ## Build target/release/tchbench
	$(CARGO) build --release

test: libtorch ## Run all tests
	$(CARGO) test --release

bench: build ## Train the smoke suite on the CPU and show its tables
	$(CARGO) run --release --quiet -- run smoke --device cpu

# Make ends with 2 whatever fails: what needs the exit codes of gate and nightly calls the program itself.

# Portable numerics, so that the bits are to be the same on every machine.
GATE = $(or $(CARGO_TARGET_DIR),target)/gate
gate: build ## Train the smoke suite and compare it with its committed baseline
	rm -rf '$(GATE)'
	$(CARGO) run --release --quiet -- run smoke --device cpu --numerics portable --results '$(GATE)' --quiet
	$(CARGO) run --release --quiet -- diff latest --results '$(GATE)'

nightly: build ## Train, measure, compare with the baselines, add to the history
	'$(or $(CARGO_TARGET_DIR),target)/release/tchbench' nightly --device cpu $(NIGHTLY)

page: build ## Make docs/experiments.md and its pictures from results/published and suites
	rm -f docs/experiments/*.svg
	$(CARGO) run --release --quiet -- page $(sort $(patsubst %/run.json,%,$(wildcard results/published/*/run.json)))

lint: libtorch ## Check format and lints, with the engine and without
	$(CARGO) fmt --check
	rustfmt --check --edition 2024 $(shell find commit harness/recipe harness/metrics harness/engine harness/data harness/kernels -name '*.rs')
	$(CARGO) clippy --release --all-targets --no-default-features -- --deny warnings
	$(CARGO) clippy --release --all-targets -- --deny warnings

criterion: libtorch ## Time kernels beside MKL's and oneDNN's, and training
	$(CARGO) bench

# `make install` puts the program below PREFIX with all that it needs, so that the tree can be moved: it looks for libtorch
# beside itself first. LINK=1 links to libtorch where it is, in place of copying it (440 MB; 4.7 GB with an NVIDIA driver).
PREFIX ?= /usr/local
BINARY = $(or $(CARGO_TARGET_DIR),target)/release/tchbench
ROOT   = $(DESTDIR)$(PREFIX)
# Of PyTorch's wheel: what a program without Python and without a GPU loads.
UNUSED = $(if $(DRIVER),,-name 'libtorch_cuda*' -o -name 'libtorch_nvshmem*' -o -name 'libc10_cuda*' -o) -name '*python*'

install: build ## Put it below PREFIX: program, libtorch, completions, pages, suites, baselines
	install -d '$(ROOT)/bin' '$(ROOT)/lib/tchbench' '$(ROOT)/share/tchbench' '$(ROOT)/share/man/man1' \
	  '$(ROOT)/share/bash-completion/completions' '$(ROOT)/share/zsh/site-functions' '$(ROOT)/share/fish/vendor_completions.d'
	strip -o '$(ROOT)/bin/tchbench' '$(BINARY)'
	rm -rf '$(ROOT)/lib/tchbench' && mkdir '$(ROOT)/lib/tchbench'
	from=$${LIBTORCH:-$(OWN)/torch}; \
	if test -n "$$LIBTORCH_USE_PYTORCH"; then from=$$($(PYTHON) -c 'import os, torch; print(os.path.dirname(torch.__file__))'); fi; \
	into='$(ROOT)/lib/tchbench'; \
	if test -n '$(LINK)'; then \
	  ln -s "$$(realpath "$$from")" "$$into/torch"; \
	else \
	  mkdir -p "$$into/torch/lib" \
	  && find "$$from/lib/" -maxdepth 1 -name '*.so*' ! \( $(UNUSED) \) -exec cp {} "$$into/torch/lib" \; \
	  && if test -d "$$from/../nvidia"; then \
	    (cd "$$from/.." && find nvidia -name '*.so*' $(if $(DRIVER),,\( -name 'libcudart.so*' -o -name 'libcupti.so*' \)) \
	      -exec cp --parents {} "$$into" \;); \
	  fi; \
	fi
	cp -r suites baselines '$(ROOT)/share/tchbench'
	install -D -m 644 docs/suite.schema.json '$(ROOT)/share/tchbench/docs/suite.schema.json'
	'$(BINARY)' man '$(ROOT)/share/man/man1'
	'$(BINARY)' completions bash > '$(ROOT)/share/bash-completion/completions/tchbench'
	'$(BINARY)' completions zsh > '$(ROOT)/share/zsh/site-functions/_tchbench'
	'$(BINARY)' completions fish > '$(ROOT)/share/fish/vendor_completions.d/tchbench.fish'

ARCHIVE = $(or $(CARGO_TARGET_DIR),target)/archive
archive: build ## Pack the stripped program, completions, pages, suites and baselines, without libtorch
	rm -rf '$(ARCHIVE)'
	$(MAKE) install PREFIX=/tchbench DESTDIR='$(ARCHIVE)' LINK=1
	rm '$(ARCHIVE)/tchbench/lib/tchbench/torch'
	tar -C '$(ARCHIVE)' -cJf '$(ARCHIVE)/tchbench.tar.xz' tchbench
	ls -l '$(BINARY)' '$(ARCHIVE)/tchbench/bin/tchbench' '$(ARCHIVE)/tchbench.tar.xz'
