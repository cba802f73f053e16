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
#
#   make fuzz-pack TARGET=options
#
# keeps of the new inputs and those of tests/fuzz/corpus/NAME.tar.gz the fewest that reach as much,
# beyond the inputs that people wrote, and packs them as the new archive.

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
FUZZ_NOT     := src/cli/main.c $(addprefix src/sources/perf/bpf/,programs.c light.c libbpf.c adoption.c \
	adoption_light.c adoption_libbpf.c)
FUZZ_LIB_SRC := $(filter-out $(FUZZ_NOT),$(SRC_C)) $(SRC_CXX)
FUZZ_OBJ     := $(FUZZ_LIB_SRC:%=$(O)/fuzz/%.o)
FUZZ_LIB     := $(O)/fuzz/libalumet.a

# Inputs that libFuzzer found, one archive per target, unpacked where the tests find them.
FUZZ_PACKED   := $(patsubst tests/fuzz/corpus/%.tar.gz,%,$(wildcard tests/fuzz/corpus/*.tar.gz))
FUZZ_UNPACKED := $(FUZZ_PACKED:%=$(O)/fuzz/unpacked/%)

# Stored inputs of a target: a small one of each kind, those that something was found with, and the
# unpacked ones.
fuzz_written = $(wildcard tests/fuzz/corpus/$(1) tests/fuzz/regress/$(1))
fuzz_inputs  = $(fuzz_written) $(filter $(O)/fuzz/unpacked/$(1),$(FUZZ_UNPACKED))

.PHONY: fuzz fuzz-pack $(FUZZ_NAMES:%=fuzz-%) $(FUZZ_NAMES:%=fuzz-pack-%)

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

# A whole folder or none: the time of the folder is that of its last unpacking.
$(FUZZ_UNPACKED): $(O)/fuzz/unpacked/%: tests/fuzz/corpus/%.tar.gz
	$(say) UNPACK $@
	$(Q)rm -rf $@ $@.new && mkdir -p $@.new && tar -xzf $< -C $@.new && touch $@.new && mv $@.new $@

fuzz-pack: $(TARGET:%=fuzz-pack-%)

$(FUZZ_NAMES:%=fuzz-pack-%): fuzz-pack-%: $(O)/fuzz/% $(FUZZ_UNPACKED)
	$(say) PACK tests/fuzz/corpus/$*.tar.gz
	$(Q)rm -rf $(O)/fuzz/merged/$* && mkdir -p $(O)/fuzz/merged/$* $(O)/fuzz/corpus/$*
	$(Q)$(foreach folder,$(call fuzz_written,$*),cp $(folder)/* $(O)/fuzz/merged/$* &&) true
	$(Q)$< -merge=1 -close_fd_mask=3 $(O)/fuzz/merged/$* $(O)/fuzz/corpus/$* \
		$(filter $(O)/fuzz/unpacked/$*,$(FUZZ_UNPACKED)) >$(O)/fuzz/$*.log 2>&1 || \
		{ tail -n 40 $(O)/fuzz/$*.log; exit 1; }
	$(Q)$(foreach folder,$(call fuzz_written,$*),cd $(O)/fuzz/merged/$* && \
		rm -f $(notdir $(wildcard $(folder)/*)) && cd $(CURDIR) &&) true
	$(Q)tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=644 \
		-C $(O)/fuzz/merged/$* -cf - $$(cd $(O)/fuzz/merged/$* && ls) | \
		gzip -9n >tests/fuzz/corpus/$*.tar.gz

# With the programs come their inputs.
$(foreach name,$(FUZZ_PACKED),$(eval $(O)/fuzz/$(name) $(O)/tests/fuzz/replay_$(name): \
	| $(O)/fuzz/unpacked/$(name)))

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

$(FUZZ_OBJ): | $(GENERATED)

$(FUZZ_LIB): $(FUZZ_OBJ)
	$(say) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(FUZZERS): $(O)/fuzz/%: $(O)/fuzz/tests/fuzz/fuzz_%.c.o $(FUZZ_LIB)
	$(say) LD $@
	$(Q)$(FUZZ_CXX) -fsanitize=fuzzer,address,undefined -o $@ $^ -liberty -lbpf -lelf -lz -lzstd -ldl

# Built for the tests too, where libFuzzer is.
FUZZ_RUNTIME := $(wildcard $(shell $(FUZZ_CC) -print-resource-dir 2>/dev/null)/lib/linux/libclang_rt.fuzzer-*.a)
HELPERS += $(REPLAYS)
ifneq ($(FUZZ_RUNTIME),)
  HELPERS += $(FUZZERS)
endif

-include $(REPLAYS:=.d) $(FUZZ_OBJ:.o=.d) $(FUZZ_SRC:%=$(O)/fuzz/%.d)
