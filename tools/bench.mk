# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Benchmarks, docs/performance.md. Included by the Makefile of the top folder.
# BENCH is handed on: make bench BENCH="--rounds 15 --only pipe"

BENCH ?=
BENCH_PROGRAMS := $(O)/tools/bench/measure $(O)/tools/bench/workload

.PHONY: bench

$(O)/tools/bench/%: tools/bench/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS_ALL) -MMD -MP -o $@ $< -lbpf -lpthread

bench: setup
	$(Q)$(MAKE) --no-print-directory $(JOBS) $(AGENT) $(BENCH_PROGRAMS)
	$(Q)O=$(O) tools/bench/bench.py $(BENCH)

-include $(BENCH_PROGRAMS:=.d)
