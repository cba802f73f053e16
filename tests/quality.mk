# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Tools that look for mistakes; each target installs what it needs.
#
#   make lint       who includes whom (quality/layers.py), links of the documentation
#                   (quality/links.py), the width of lines (quality/columns.py), loops of the
#                   BPF programs (quality/back_edges.py), circles of calls (quality/circles.py),
#                   cppcheck, clang-tidy, gcc -fanalyzer;
#                   .clang-tidy and quality/known.txt say what is left out, and why
#   make valgrind   the unit tests and the fuzz targets' stored inputs
#   make coverage   lines reached by the unit and integration tests, by folder; TESTS= as tests/run.sh

.PHONY: lint valgrind coverage

include tests/inject/inject.mk

lint: setup-lint
	$(Q)tests/quality/layers.py
	$(Q)tests/quality/links.py
	$(Q)tests/quality/columns.py
	$(Q)$(MAKE) -s --no-print-directory $(JOBS) $(GENERATED) $(OBJ)
	$(Q)tests/quality/back_edges.py $(LINKED_BPF)
	$(Q)tests/quality/circles.py $(OBJ)
	$(Q)tests/quality/lint.sh $(O)

# Those that replace what valgrind replaces too, make processes as valgrind cannot, add up in the long double
# that it does not have, need its missing pidfd_open(), or ask libpfm4 about the CPU that it plays.
VALGRIND_NOT := $(O)/tests/unit/%out_of_memory_test $(O)/tests/unit/command_test \
	$(O)/tests/unit/rapl_source_test $(O)/tests/unit/loop_test $(O)/tests/unit/event_refused_test
VALGRIND := valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
	--errors-for-leak-kinds=definite,indirect --child-silent-after-fork=yes \
	--suppressions=tests/quality/valgrind.supp

VALGRIND_UNIT := $(filter-out $(VALGRIND_NOT),$(UNIT))

valgrind: setup-test setup-valgrind
	$(Q)$(MAKE) --no-print-directory $(JOBS) $(VALGRIND_UNIT) $(REPLAYS)
	$(Q)failed=; for test in $(VALGRIND_UNIT); do \
		$(VALGRIND) $$test >$(O)/valgrind.log 2>&1; \
		[ $$? = 0 ] || { cat $(O)/valgrind.log; failed=$$failed\ $$(basename $$test); }; \
	done; \
	for name in $(FUZZ_NAMES); do \
		inputs=; for folder in tests/fuzz/corpus tests/fuzz/regress $(O)/fuzz/unpacked; do \
			[ ! -d $$folder/$$name ] || inputs="$$inputs $$folder/$$name"; \
		done; \
		$(VALGRIND) $(O)/tests/fuzz/replay_$$name $$inputs >$(O)/valgrind.log 2>&1; \
		[ $$? = 0 ] || { cat $(O)/valgrind.log; failed=$$failed\ replay_$$name; }; \
	done; \
	[ -z "$$failed" ] || { echo "valgrind:$$failed" >&2; exit 1; }; echo 'valgrind: nothing found'

COVERAGE := build/coverage

coverage: setup-test setup-coverage
	$(Q)$(MAKE) --no-print-directory $(JOBS) O=$(COVERAGE) CFLAGS='--coverage -O0 -U_FORTIFY_SOURCE' \
		CXXFLAGS='--coverage -O0 -U_FORTIFY_SOURCE' LDFLAGS=--coverage coverage-programs
	$(Q)find $(COVERAGE) -name '*.gcda' -delete
	-$(Q)O=$(COVERAGE) FUZZ_SECONDS=0 tests/run.sh
	$(Q)tests/quality/coverage.sh $(COVERAGE)

.PHONY: coverage-programs
coverage-programs: all $(UNIT) $(filter-out $(FUZZERS),$(HELPERS)) $(TOOLS)
