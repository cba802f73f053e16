# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Fuzz targets, each twice: fuzz/NAME with libFuzzer (clang's compiler-rt is needed), and
# tests/fuzz/replay_NAME, which runs the stored inputs only and is built as everything else is.
#
#   make fuzz [TARGET="csv toml"] [SECONDS=600]
#
# make test runs both for some seconds (tests/integration/fuzz.py).
#
# New inputs are kept in $(O)/fuzz/corpus/NAME; what a target fails on, in $(O)/fuzz/findings. Such
# an input goes into tests/fuzz/regress/NAME once its cause is mended.

FUZZ_SRC   := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_NAMES := $(FUZZ_SRC:tests/fuzz/fuzz_%.c=%)
FUZZERS    := $(FUZZ_NAMES:%=$(O)/fuzz/%)
REPLAYS    := $(FUZZ_NAMES:%=$(O)/tests/fuzz/replay_%)

TARGET  ?= $(FUZZ_NAMES)
SECONDS ?= 60

FUZZ_CC    ?= clang
FUZZ_CXX   ?= clang++
FUZZ_FLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
FUZZ_CPPFLAGS := -D_GNU_SOURCE -Iinclude -iquote src -iquote . -Itests -I$(O)/gen

# All but what loads the BPF programs, which no target does: clang refuses the generated skeletons.
FUZZ_NOT     := src/cli/main.c $(addprefix src/sources/perf/bpf/,programs.c light.c libbpf.c)
FUZZ_LIB_SRC := $(filter-out $(FUZZ_NOT),$(SRC_C)) $(SRC_CXX)
FUZZ_OBJ     := $(FUZZ_LIB_SRC:%=$(O)/fuzz/%.o)
FUZZ_LIB     := $(O)/fuzz/libalumet.a

# Stored inputs of a target: a small one of each kind, and those that something was found with.
fuzz_inputs = $(wildcard tests/fuzz/corpus/$(1) tests/fuzz/regress/$(1))

.PHONY: fuzz $(FUZZ_NAMES:%=fuzz-%)

fuzz: setup-test
	$(Q)$(MAKE) --no-print-directory $(JOBS) $(TARGET:%=$(O)/fuzz/%)
	$(Q)$(MAKE) --no-print-directory $(TARGET:%=fuzz-%)

$(FUZZ_NAMES:%=fuzz-%): fuzz-%: $(O)/fuzz/%
	@mkdir -p $(O)/fuzz/corpus/$* $(O)/fuzz/findings
	$(say) FUZZ '$* for $(SECONDS) s'
	$(Q)$< -max_total_time=$(SECONDS) -timeout=10 -close_fd_mask=3 -print_final_stats=1 \
		-artifact_prefix=$(O)/fuzz/findings/$*- \
		$(addprefix -dict=,$(wildcard tests/fuzz/$*.dict)) \
		$(O)/fuzz/corpus/$* $(call fuzz_inputs,$*) >$(O)/fuzz/$*.log 2>&1 || \
		{ tail -n 40 $(O)/fuzz/$*.log; exit 1; }
	$(Q)awk -v name=$* '/^#.*DONE/ { cov = $$0; sub(/.*cov: /, "", cov); sub(/ .*/, "", cov) } \
		/number_of_executed_units/ { n = $$2 } \
		END { printf "%s: %d executions, %d branches reached, nothing found\n", \
			name, n, cov }' $(O)/fuzz/$*.log

$(O)/tests/fuzz/replay_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c tests/fuzz/fuzz.h $(LIB)
	@mkdir -p $(@D)
	$(say) TEST $@
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itests $(CFLAGS_ALL) -Wno-conversion -MMD -MP -MT $@ -MF $@.d \
		-c $< -o $@.o
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -c tests/fuzz/replay.c -o $@.main.o
	$(Q)$(CXX) $(LDFLAGS_ALL) -o $@ $@.o $@.main.o $(LIB) $(LDLIBS)

$(O)/fuzz/%.c.o: %.c
	@mkdir -p $(@D)
	$(say) FUZZCC $@
	$(Q)$(FUZZ_CC) $(FUZZ_CPPFLAGS) -std=c17 $(FUZZ_FLAGS) -MMD -MP -c $< -o $@

$(O)/fuzz/%.cpp.o: %.cpp
	@mkdir -p $(@D)
	$(say) FUZZCXX $@
	$(Q)$(FUZZ_CXX) $(FUZZ_CPPFLAGS) -std=c++17 $(FUZZ_FLAGS) -MMD -MP -c $< -o $@

$(FUZZ_OBJ): | $(O)/gen/revision.h $(O)/gen/report_page.h

$(FUZZ_LIB): $(FUZZ_OBJ)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(FUZZERS): $(O)/fuzz/%: $(O)/fuzz/tests/fuzz/fuzz_%.c.o $(FUZZ_LIB)
	$(say) LD $@
	$(Q)$(FUZZ_CXX) -fsanitize=fuzzer,address,undefined -o $@ $^ -lbpf -lelf -lz -lzstd -ldl

# Built for the tests too, where libFuzzer is.
FUZZ_RUNTIME := $(wildcard $(shell $(FUZZ_CC) -print-resource-dir 2>/dev/null)/lib/linux/libclang_rt.fuzzer-*.a)
HELPERS += $(REPLAYS)
ifneq ($(FUZZ_RUNTIME),)
  HELPERS += $(FUZZERS)
endif

-include $(REPLAYS:=.d) $(FUZZ_OBJ:.o=.d) $(FUZZ_SRC:%=$(O)/fuzz/%.d)
