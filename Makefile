# Dayways: all targets. `make help` lists them. One folder under services/ is one library and one daemon.
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

# release (default) | asan | cov | fuzz
BUILD ?= release
CC := $(if $(filter fuzz,$(BUILD)),clang,$(if $(filter default,$(origin CC)),gcc,$(CC)))
O := build/$(BUILD)
G := build/gen
V ?= 0
Q := $(if $(filter 1,$(V)),,@)

PACKAGES := libzmq libprotobuf-c hiredis libevent jansson inih libsodium libsystemd
PKG_CFLAGS = $(shell pkg-config --cflags $(PACKAGES))
LIBS = $(shell pkg-config --libs $(PACKAGES)) -lm

STD := -std=c17 -D_GNU_SOURCE -DDAYWAYS_VERSION='"$(shell cat VERSION)"'
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
    -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wswitch-enum -Wimplicit-fallthrough -Werror
HARDEN_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
HARDEN_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -fPIE
HARDEN_cov := -O0 -g --coverage -fPIE
HARDEN_fuzz = -O2 -g -fsanitize=$(FUZZ_COVER)address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -fPIE \
    -fno-sanitize-coverage=trace-cmp
# What is fuzzed is watched, what fuzzes it is not. Numbers that are compared are not noted, since most inputs are forms (form.h), in
# which they do not stand, and it costs a third of the time; texts are.
FUZZ_COVER := fuzzer-no-link,
$(O)/tests/%: private FUZZ_COVER :=
LINK_release := -pie -Wl,-z,relro,-z,now
LINK_asan := -pie -fsanitize=address,undefined
LINK_cov := -pie --coverage
LINK_fuzz := -pie -fsanitize=address,undefined
DW_CFLAGS = $(STD) $(WARNINGS) $(HARDEN_$(BUILD)) -I. -isystem $(G) $(PKG_CFLAGS) $(CFLAGS)
GEN_CFLAGS = $(STD) $(HARDEN_$(BUILD)) -w -I. -I$(G) $(CFLAGS)
DW_LDFLAGS = $(LINK_$(BUILD)) $(LDFLAGS)

PROTOS := $(wildcard proto/*.proto)
GEN_C := $(PROTOS:proto/%.proto=$(G)/%.pb-c.c)
GEN_O := $(PROTOS:proto/%.proto=$(O)/gen/%.pb-c.o) $(O)/gen/messages.o $(O)/proto/model_check.o
COMMON_O := $(patsubst %.c,$(O)/%.o,$(wildcard common/*.c))
SERVICES := $(notdir $(patsubst %/,%,$(dir $(wildcard services/*/service.c services/cli/main.c))))
DAEMONS := $(filter-out cli gateway,$(SERVICES))
PURE_LIBS := $(DAEMONS:%=$(O)/lib%.a)
# Tests may look at the command line's pure parts too, such as the demonstration's plan.
CLI_LIB := $(if $(filter cli,$(SERVICES)),$(O)/libcli.a)
BINARIES := $(DAEMONS:%=$(O)/bin/dayways-%) $(if $(filter cli,$(SERVICES)),$(O)/bin/dayways)

all: $(BINARIES) ## build everything

$(G)/%.pb-c.c $(G)/%.pb-c.h: proto/%.proto
	@mkdir -p $(@D)
	$(Q)protoc-c -Iproto -I/usr/include --c_out=$(G) $<

# A Lua library as a C string.
$(G)/%_lua.h: common/%.lua
	@mkdir -p $(@D)
	$(Q)sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $< > $@

# The list of all message types, and the rule behind each refusal and error, for proto/messages.h.
$(G)/messages.c: $(GEN_C) $(PROTOS) proto/rules.awk Makefile
	$(Q){ printf '#include "%s"\n' proto/messages.h $(notdir $(GEN_C:.c=.h)); \
	    echo 'const ProtobufCMessageDescriptor *const messages_all[] = {'; \
	    awk '/^const ProtobufCMessageDescriptor / { symbol = $$3; line = NR } \
	        symbol && NR == line + 4 { gsub(/[ ",]/, ""); print $$0, "    &" symbol ","; symbol = "" }' $(GEN_C) | \
	        LC_ALL=C sort | cut -d ' ' -f 2-; \
	    echo '    NULL,'; echo '};'; \
	    echo 'const struct message_rule message_rules[] = {'; awk -f proto/rules.awk $(PROTOS); echo '    {NULL, NULL},'; echo '};'; } >$@

$(O)/gen/%.o: $(G)/%.c | $(GEN_C)
	@mkdir -p $(@D)
	$(Q)$(CC) $(GEN_CFLAGS) -MD -MP -c -o $@ $<

$(O)/%.o: %.c | $(GEN_C) $(G)/store_lua.h
	@mkdir -p $(@D)
	$(if $(filter 1,$(V)),,@echo "  CC $<")
	$(Q)$(CC) $(DW_CFLAGS) -MD -MP -c -o $@ $<

$(O)/libproto.a: $(GEN_O)
	$(Q)rm -f $@ && ar rcs $@ $^

$(O)/libcommon.a: $(COMMON_O)
	$(Q)rm -f $@ && ar rcs $@ $^

define service
$(1)_O := $$(patsubst %.c,$(O)/%.o,$$(filter-out %/main.c,$$(wildcard services/$(1)/*.c)))
$(O)/lib$(1).a: $$($(1)_O)
	$(Q)rm -f $$@ && ar rcs $$@ $$^
$(O)/bin/dayways$(if $(filter cli,$(1)),,-$(1)): $(O)/services/$(1)/main.o $(O)/lib$(1).a $(O)/libcommon.a $(O)/libproto.a
	@mkdir -p $$(@D)
	$(Q)$(CC) $(DW_LDFLAGS) -o $$@ $$^ $(LIBS)
endef
$(foreach s,$(SERVICES),$(eval $(call service,$(s))))

# Modules for the client in another language.
$(G)/python/envelope_pb2.py: $(PROTOS)
	@mkdir -p $(@D)
	$(Q)protoc -Iproto -I/usr/include --python_out=$(G)/python $(PROTOS) protobuf-c/protobuf-c.proto

# --- tests: every tests/unit/*.c and tests/integration/*.c is one program -------------------------------------------
SUPPORT_O := $(patsubst %.c,$(O)/%.o,$(wildcard tests/support/*.c))
# The simulator is a library: of its own program, and of the tests that hold it against the real store.
SIM_O := $(patsubst %.c,$(O)/%.o,$(filter-out tests/sim/main.c,$(wildcard tests/sim/*.c)))
$(O)/tests/libsim.a: $(SIM_O)
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar rcs $@ $^
UNIT := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/*.c))
INTEGRATION := $(patsubst tests/integration/%.c,$(O)/tests/integration/%,$(wildcard tests/integration/*.c))

$(O)/tests/%: $(O)/tests/%.o $(SUPPORT_O) $(O)/tests/libsim.a $(PURE_LIBS) $(CLI_LIB) $(O)/libcommon.a $(O)/libproto.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(DW_LDFLAGS) -o $@ $(filter %.o,$^) $(O)/tests/libsim.a $(PURE_LIBS) $(CLI_LIB) $(O)/libcommon.a $(O)/libproto.a -lcmocka $(LIBS)

# A fuzzing target is a library for libFuzzer, and elsewhere a program that replays its corpus.
FUZZ_TARGETS := $(patsubst tests/fuzz/%.c,%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
FUZZ_REPLAYS := $(FUZZ_TARGETS:%=$(O)/tests/fuzz/%)
$(O)/tests/fuzz/%: DW_LDFLAGS += $(if $(filter fuzz,$(BUILD)),-fsanitize=fuzzer)
$(O)/tests/fuzz/%: $(O)/tests/fuzz/%.o $(if $(filter-out fuzz,$(BUILD)),$(O)/tests/fuzz/replay.o) $(SUPPORT_O) $(O)/tests/libsim.a $(PURE_LIBS) $(CLI_LIB) $(O)/libcommon.a $(O)/libproto.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(DW_LDFLAGS) -o $@ $^ $(O)/libcommon.a -lcmocka $(LIBS)

CHAOS := $(O)/tests/chaos/main $(O)/tests/chaos/shim.so $(O)/tests/chaos/shim-malloc.so
BENCH_PROGRAMS := $(patsubst tests/bench/%.c,$(O)/tests/bench/%,$(wildcard tests/bench/*.c))
LINT := $(wildcard tests/lint/*)
# Every test here needs real binaries; tests find them by this.
export DAYWAYS_BIN := $(O)/bin

deps:
	@deploy/install-deps

run: ## install what is missing, build, start everything with the demonstration (RESET=1: afresh)
	@deploy/install-deps
	@$(MAKE) --no-print-directory BUILD=$(BUILD) all
	@exec $(O)/bin/dayways up $(if $(filter 1,$(RESET)),--reset)

PREFIX ?= /usr/local
SHARE := $(PREFIX)/share/dayways
install: $(BINARIES) ## copy programs, configuration and models under DESTDIR/PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(SHARE)/authorities $(DESTDIR)$(SHARE)/demonstrations
	install -m 755 $(BINARIES) $(DESTDIR)$(PREFIX)/bin
	install -m 644 deploy/authorities/*.json $(DESTDIR)$(SHARE)/authorities
	install -m 644 deploy/demonstrations/*.json $(DESTDIR)$(SHARE)/demonstrations
	install -m 644 deploy/redis.conf $(DESTDIR)$(SHARE)
	install -m 755 deploy/redis-start $(DESTDIR)$(SHARE)
	sed 's#deploy/authorities#$(SHARE)/authorities#' deploy/dayways.conf > $(DESTDIR)$(SHARE)/dayways.conf
	chmod 644 $(DESTDIR)$(SHARE)/dayways.conf

check: ## install what is missing, build, run every fast test
	@deploy/install-deps --tests
	@$(MAKE) --no-print-directory BUILD=$(BUILD) check-built
check-built: $(BINARIES) $(UNIT) $(INTEGRATION) $(FUZZ_REPLAYS) $(BENCH_PROGRAMS) $(CHAOS) $(G)/python/envelope_pb2.py
	@tests/run $(LINT) $(UNIT) $(FUZZ_REPLAYS) $(INTEGRATION)

check-asan: ## the same with address and undefined-behaviour sanitizers
	@$(MAKE) --no-print-directory BUILD=asan check

check-valgrind: ## the unit tests under valgrind
	@deploy/install-deps --tests valgrind
	@$(MAKE) --no-print-directory BUILD=$(BUILD) $(UNIT)
	@TEST_TIMEOUT=1800 TEST_UNDER="valgrind -q --error-exitcode=9 --leak-check=full" tests/run $(UNIT)

lint: all ## the rules of the house that a program can check
	@deploy/install-deps --tests
	@tests/run $(LINT)

cov: ## run the tests and tell which lines they reached
	@deploy/install-deps --tests gcovr
	@$(MAKE) --no-print-directory BUILD=cov check-built LINT=
	@gcovr --root . --filter common --filter proto --filter services build/cov

# One entry a file, for editors and clang tools.
compile_commands.json: $(GEN_C) $(G)/store_lua.h ## what editors want to know
	@{ echo '['; for file in $(wildcard common/*.c proto/*.c services/*/*.c tests/*/*.c); do \
	    printf '{"directory":"%s","file":"%s","command":"%s"},\n' '$(CURDIR)' "$$file" \
	        "$(CC) $(subst ",\\\",$(subst ',,$(DW_CFLAGS))) -c $$file"; done | sed '$$s/,$$//'; echo ']'; } > $@

sim: ## the whole system in one process from one seed (SEED=n STEPS=n SIM_FAULTS=kind,kind)
	@$(MAKE) --no-print-directory BUILD=$(BUILD) $(O)/tests/sim/main
	@$(O)/tests/sim/main "$(SEED)" "$(STEPS)"

mutants: ## break one guard after the other in a copy: each must be caught (MUTANTS="part of a name")
	@deploy/install-deps --tests
	@$(MAKE) --no-print-directory BUILD=release all
	@tests/mutants/run $(if $(MUTANTS),"$(MUTANTS)")

# Real daemons, Redis and files; its shims are loaded into them.
CHAOS_O := $(patsubst %.c,$(O)/%.o,$(filter-out tests/chaos/shim.c tests/chaos/main.c,$(wildcard tests/chaos/*.c)))
$(filter %.so,$(CHAOS)): tests/chaos/shim.c tests/chaos/control.h
	@mkdir -p $(@D)
	$(Q)$(CC) $(STD) $(WARNINGS) -O2 -I. -shared -fPIC $(if $(findstring malloc,$@),-DSHIM_MALLOC) -o $@ $<
$(O)/tests/chaos/main: $(CHAOS_O)
chaos: ## real daemons and a real Redis under load, with faults; needs root (SECONDS=n SEED=n CHAOS_FAULTS=part,part)
	@deploy/install-deps --tests iproute2 util-linux mount
	@$(MAKE) --no-print-directory BUILD=$(BUILD) chaos-built
chaos-built: $(BINARIES) $(CHAOS)
	@$(O)/tests/chaos/main "$(SECONDS)" "$(SEED)"

FUZZ ?= $(FUZZ_TARGETS)
SECONDS ?= 60
fuzz: ## every decoder, parser and handler against libFuzzer (SECONDS=n or FUZZ_RUNS=n for each, FUZZ=target)
	@deploy/install-deps --tests clang libclang-rt-14-dev
	@$(MAKE) --no-print-directory BUILD=fuzz fuzz-built
fuzz-built: $(FUZZ:%=$(O)/tests/fuzz/%)
	@SECONDS=$(SECONDS) FUZZ_RUNS=$(FUZZ_RUNS) tests/fuzz/run $(FUZZ:%=$(O)/tests/fuzz/%)

# Measurements, in the order in which one is the limit of the next.
BENCHES := echo commit lookup place race rebuild lag ingest recover authorities memory timetable idle
BENCH ?= $(BENCHES)
bench: ## measure, print a table, write build/bench.json (BENCH=name)
	@deploy/install-deps --tests
	@$(MAKE) --no-print-directory BUILD=$(BUILD) bench-built
bench-built: $(BINARIES) $(BENCH_PROGRAMS)
	@rm -f build/bench.lines
	@for bench in $(BENCH); do echo "$$bench:"; \
	    DAYWAYS_BENCH_FILE=build/bench.lines $(O)/tests/bench/$$bench || exit 1; done
	@{ echo '['; sed '$$!s/$$/,/' build/bench.lines; echo ']'; } > build/bench.json

golden: $(O)/tests/unit/golden ## write down the bytes of messages that are new or have changed
	@GOLDEN_WRITE=1 $<

fmt: ## lay out all C files
	clang-format -i $(shell git ls-files '*.c' '*.h')

clean: ## remove build/
	rm -rf build

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 24

.PHONY: all deps run install check check-built check-asan check-valgrind lint cov sim mutants chaos chaos-built fuzz fuzz-built bench \
    bench-built golden fmt clean help
-include $(shell find $(O) -name '*.d' 2>/dev/null)
