/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "unit/event_support.h"

#include "sources/perf/events/pmu_format.h"

static struct machine machine;
static struct pmu_list list;

/* The cpu PMU of an x86 with what makes formats hard: split ranges and three words. */
static int set_up(void **state)
{
	machine_new(&machine);
	machine_write(&machine, "sys/devices/system/cpu/online", "0-1\n");
	machine_pmu(&machine, "cpu", "type", "4\n");
	machine_pmu(&machine, "cpu", "format/event", "config:0-7,32-35\n");
	machine_pmu(&machine, "cpu", "format/umask", "config:8-15\n");
	machine_pmu(&machine, "cpu", "format/edge", "config:18\n");
	machine_pmu(&machine, "cpu", "format/cmask", "config:24-31\n");
	machine_pmu(&machine, "cpu", "format/offcore_rsp", "config1:0-63\n");
	machine_pmu(&machine, "cpu", "format/ldlat", "config1:0-15\n");
	machine_pmu(&machine, "cpu", "format/second", "config2:60,62-63\n");
	machine_pmu(&machine, "cpu", "format/third", "config3:0-7\n");
	machine_pmu(&machine, "cpu", "format/bad", "config:64\n");
	machine_pmu(&machine, "cpu", "events/cpu-cycles", "event=0x3c\n");
	machine_pmu(&machine, "cpu", "events/mem-loads", "event=0xcd,umask=0x1,ldlat=3\n");
	machine_pmu(&machine, "cpu", "events/open", "event=0x10,cmask=?\n");
	machine_pmu(&machine, "cpu", "events/odd", "event=1,nonsense=2\n");
	machine_pmu(&machine, "cpu", "events/edge", "event=0x99\n");
	assert_int_equal(pmu_list_load(machine.root, &list), 0);
	return 0;
}

static int tear_down(void **state)
{
	pmu_list_free(&list);
	machine_free(&machine);
	return 0;
}

static int encode(const char *text, struct perf_event_attr *attr)
{
	struct event_term *terms;
	size_t n;
	int err = grammar_parse_terms(text, text, &terms, &n);

	memset(attr, 0, sizeof(*attr));
	if (!err)
		err = pmu_encode(&list, &list.pmus[0], text, terms, n, attr);
	grammar_free_terms(terms, n);
	return err;
}

static void assert_words(const char *text, uint64_t config, uint64_t config1, uint64_t config2)
{
	struct perf_event_attr attr;

	assert_int_equal(encode(text, &attr), 0);
	assert_int_equal(attr.type, 4);
	assert_true(attr.config == config);
	assert_true(attr.config1 == config1);
	assert_true(attr.config2 == config2);
}

static void puts_terms_where_the_format_says(void **state)
{
	assert_words("event=0x2e,umask=0x41", 0x412e, 0, 0);
	assert_words("event=46,umask=65", 0x412e, 0, 0);
	assert_words("umask=0xff,cmask=0x1", 0x100ff00, 0, 0);
	assert_words("offcore_rsp=0xffffffffffffffff,event=0xb7", 0xb7, UINT64_MAX, 0);
}

static void splits_a_value_over_ranges(void **state)
{
	assert_words("event=0x1cd", 0x1000000cd, 0, 0);
	assert_words("event=0xfff", 0xf000000ff, 0, 0);
	assert_words("second=1", 0, 0, UINT64_C(1) << 60);
	assert_words("second=6", 0, 0, UINT64_C(3) << 62);
}

static void takes_a_term_alone_for_one(void **state)
{
	assert_words("event=0x10,ldlat", 0x10, 1, 0);
}

static void expands_named_events(void **state)
{
	assert_words("cpu-cycles", 0x3c, 0, 0);
	assert_words("mem-loads", 0x1cd, 3, 0);
	assert_words("mem-loads,ldlat=30", 0x1cd, 30, 0);
	assert_words("ldlat=30,name=x,cpu-cycles", 0x3c, 30, 0);
	assert_words("open,cmask=2", 0x2000010, 0, 0);
	assert_words("edge", 0x99, 0, 0); /* an event of that name wins over the term */
	assert_words("edge=1", 0x40000, 0, 0);
}

static void takes_whole_words_and_raw_codes(void **state)
{
	assert_words("config=0x1234,config1=5,config2=0x6", 0x1234, 5, 6);
	assert_words("r1a2", 0x1a2, 0, 0);
	assert_words("config=0x1234,umask=0xff", 0xff34, 0, 0);
}

static void takes_generic_events_of_the_core(void **state)
{
	struct perf_event_attr attr;

	assert_int_equal(encode("LLC-load-misses", &attr), 0);
	assert_int_equal(attr.type, PERF_TYPE_HW_CACHE);
	assert_int_equal(attr.config, 0x10002);
	assert_int_equal(encode("INSTRUCTIONS,name=x", &attr), 0);
	assert_int_equal(attr.type, PERF_TYPE_HARDWARE);
	assert_int_equal(attr.config, 1);
}

static void assert_refused(const char *text, const char *words)
{
	struct perf_event_attr attr;
	struct said said;
	int err;

	said_begin(&said);
	err = encode(text, &attr);
	said_end(&said);
	assert_int_equal(err, -EINVAL);
	assert_said(&said, words);
}

static void says_what_is_wrong_with_a_term(void **state)
{
	assert_refused("evnet=1", "did you mean event?");
	assert_refused("evnet=1", "bad, cmask, edge, event, ldlat");
	assert_refused("nonsense=1", "cpu-cycles, edge, mem-loads");
	assert_refused("cpu-cycels", "did you mean cpu-cycles?");
	assert_refused("page-faults", "neither a term nor an event");
	assert_refused("cycles,umask=1", "neither a term nor an event");
	assert_refused("umask=0x100", "up to 0xff");
	assert_refused("event=0x1000", "up to 0xfff");
	assert_refused("edge=2", "up to 0x1");
	assert_refused("umask=x", "not a 64-bit number");
	assert_refused("umask=-1", "not a 64-bit number");
	assert_refused("umask=0x", "not a 64-bit number");
	assert_refused("umask=1 2", "not a 64-bit number");
	assert_refused("config=0x10000000000000000", "not a 64-bit number");
	assert_refused("bad=1", "format/bad");
	assert_refused("third=1", "format/third");
	assert_refused("open", "needs the term cmask=VALUE");
	assert_refused("odd", "nonsense");
}

static void reads_formats(void **state)
{
	static const char *const bad[] = {"",
	                                  "config",
	                                  "config:",
	                                  "config:1-",
	                                  "config:-1",
	                                  "config:7-0",
	                                  "config:64",
	                                  "config:0-64",
	                                  "config:a",
	                                  "config:1,",
	                                  "config:,1",
	                                  "config: 1",
	                                  "config3:0",
	                                  "konfig:0",
	                                  "config1",
	                                  "config:1;2",
	                                  "config:99999999999999999999"};
	unsigned int word;
	uint64_t bits;

	assert_int_equal(pmu_parse_format("config:0-7,32-35", &word, &bits), 0);
	assert_int_equal(word, 0);
	assert_true(bits == 0xf000000ff);
	assert_int_equal(pmu_parse_format("config2:0-63", &word, &bits), 0);
	assert_int_equal(word, 2);
	assert_true(bits == UINT64_MAX);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (pmu_parse_format(bad[i], &word, &bits) != -EINVAL)
			fail_msg("\"%s\" is taken for a format", bad[i]);
	}
}

static void places_bits_and_leaves_the_others(void **state)
{
	uint64_t config = UINT64_MAX;

	assert_int_equal(pmu_place(&config, 0xff00, 0x12), 0);
	assert_true(config == 0xffffffffffff12ff);
	assert_int_equal(pmu_place(&config, 0xff00, 0x100), -ERANGE);
	assert_true(config == 0xffffffffffff12ff);
	assert_int_equal(pmu_place(&config, UINT64_MAX, 0), 0);
	assert_true(config == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_terms_where_the_format_says),
		cmocka_unit_test(splits_a_value_over_ranges),
		cmocka_unit_test(takes_a_term_alone_for_one),
		cmocka_unit_test(expands_named_events),
		cmocka_unit_test(takes_whole_words_and_raw_codes),
		cmocka_unit_test(takes_generic_events_of_the_core),
		cmocka_unit_test(says_what_is_wrong_with_a_term),
		cmocka_unit_test(reads_formats),
		cmocka_unit_test(places_bits_and_leaves_the_others),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
