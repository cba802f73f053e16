# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Benchmarks, docs/performance.md. Included by the Makefile of the top folder.
# BENCH is handed on: make bench BENCH="--rounds 15 --only pipe"

BENCH ?=
BENCH_PROGRAMS := $(O)/tools/bench/measure $(O)/tools/bench/workload $(O)/tools/bench/rapl_ticks \
                  $(O)/tools/bench/csv $(O)/tools/bench/lives

.PHONY: bench

$(O)/tools/bench/%: tools/bench/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -MMD -MP -o $@ $< -lbpf -lpthread

# Use the project's own code: parts of it alone.
$(O)/tools/bench/csv $(O)/tools/bench/lives: $(O)/tools/bench/%: tools/bench/%.c $(LIB)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -MT $@ -c $< -o $@.o
	$(Q)$(CXX) $(LDFLAGS_ALL) -o $@ $@.o $(LIB) $(LDLIBS)

bench: setup-test
	$(Q)$(MAKE) --no-print-directory $(JOBS) $(AGENT) $(BENCH_PROGRAMS)
	$(Q)O=$(O) tools/bench/bench.py $(BENCH)
	$(Q)O=$(O) tools/bench/rapl_rate.py
	$(Q)$(O)/tools/bench/csv
	$(Q)$(O)/tools/bench/lives

-include $(BENCH_PROGRAMS:=.d)
