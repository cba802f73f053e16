/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sources/perf/bpf/light_loader.h"

#define INSTRUCTION(c, d, s, o, i)                                                                 \
	(struct bpf_insn)                                                                          \
	{                                                                                          \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i)                \
	}
#define SET(r, i) INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_K, r, 0, 0, i)
#define COPY(to, r) INSTRUCTION(BPF_ALU64 | BPF_MOV | BPF_X, to, r, 0, 0)
#define ADD(r, i) INSTRUCTION(BPF_ALU64 | BPF_ADD | BPF_K, r, 0, 0, i)
#define SHIFT(r, i) INSTRUCTION(BPF_ALU64 | BPF_RSH | BPF_K, r, 0, 0, i)
#define CALL(f) INSTRUCTION(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define EXIT INSTRUCTION(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define JUMP(c, r, i) INSTRUCTION(BPF_JMP | (c) | BPF_K, r, 0, 1, i) /* over one instruction */
#define DATA(r, at)                                                                                \
	INSTRUCTION(BPF_LD | BPF_IMM | BPF_DW, r, BPF_PSEUDO_MAP_IDX_VALUE, 0, 0),                 \
		INSTRUCTION(0, 0, 0, 0, at)

static char data[64];
static uint64_t context[4];

#define RUN_ADJUSTED(adjust, ...)                                                                  \
	run((struct bpf_insn[]){__VA_ARGS__},                                                      \
	    sizeof((struct bpf_insn[]){__VA_ARGS__}) / sizeof(struct bpf_insn), adjust)
#define RUN(...) RUN_ADJUSTED(NULL, __VA_ARGS__)

static int run(const struct bpf_insn *instructions, size_t n, light_loader_adjust *adjust)
{
	const struct light_loader loader = {instructions, n, data, sizeof(data)};

	return light_loader_run(&loader, context, adjust, NULL);
}

static void returns_what_is_in_r0(void **state)
{
	assert_int_equal(RUN(SET(0, 0), EXIT), 0);
	assert_int_equal(RUN(SET(0, -22), EXIT), -22);
	assert_int_equal(RUN(SET(7, 40), COPY(0, 7), ADD(0, 2), EXIT), 42);
	/* A constant of 32 bits is signed; what is shifted is all of the 64. */
	assert_int_equal(RUN(SET(0, -1), SHIFT(0, 40), EXIT), 0xffffff);
}

static void constants_have_64_bits(void **state)
{
	assert_int_equal(RUN(INSTRUCTION(BPF_LD | BPF_IMM | BPF_DW, 0, 0, 0, -2),
	                     INSTRUCTION(0, 0, 0, 0, 5), SHIFT(0, 32), EXIT),
	                 5);
}

static void memory_is_read_and_written_in_words_and_double_words(void **state)
{
	uint64_t before = 0x1122334455667788, after;
	uint32_t half;

	context[1] = before;
	assert_int_equal(RUN(INSTRUCTION(BPF_LDX | BPF_MEM | BPF_DW, 6, 1, 8, 0), DATA(2, 16),
	                     INSTRUCTION(BPF_STX | BPF_MEM | BPF_DW, 2, 6, 8, 0),
	                     INSTRUCTION(BPF_STX | BPF_MEM | BPF_W, 2, 6, -8, 0),
	                     INSTRUCTION(BPF_LDX | BPF_MEM | BPF_W, 0, 1, 8, 0), SHIFT(0, 16),
	                     EXIT),
	                 0x5566);
	memcpy(&after, data + 24, sizeof(after));
	assert_true(after == before);
	memcpy(&half, data + 8, sizeof(half));
	assert_int_equal(half, 0x55667788);
}

static void the_stack_is_there(void **state)
{
	assert_int_equal(RUN(SET(3, 7), INSTRUCTION(BPF_STX | BPF_MEM | BPF_DW, 10, 3, -512, 0),
	                     INSTRUCTION(BPF_LDX | BPF_MEM | BPF_DW, 0, 10, -512, 0), EXIT),
	                 7);
	/* The loader clears it by reading from nowhere. */
	assert_int_equal(RUN(SET(3, 7), INSTRUCTION(BPF_STX | BPF_MEM | BPF_DW, 10, 3, -8, 0),
	                     COPY(1, 10), ADD(1, -8), SET(2, 8), SET(3, 0),
	                     CALL(BPF_FUNC_probe_read_kernel),
	                     INSTRUCTION(BPF_LDX | BPF_MEM | BPF_DW, 0, 10, -8, 0), EXIT),
	                 0);
}

static void jumps_compare_signed_numbers(void **state)
{
	static const struct {
		uint8_t condition;
		int value, operand;
		int taken;
	} cases[] = {
		{BPF_JEQ, -1, -1, 1},   {BPF_JEQ, 0, -1, 0},  {BPF_JNE, 0, -1, 1},
		{BPF_JNE, -1, -1, 0},   {BPF_JSLT, -1, 0, 1}, {BPF_JSLT, 0, 0, 0},
		{BPF_JSLE, 0, 0, 1},    {BPF_JSLE, 1, 0, 0},  {BPF_JSGT, 1, 0, 1},
		{BPF_JSGT, -1, 0, 0},   {BPF_JSGE, 0, 0, 1},  {BPF_JSGE, -1, 0, 0},
		{BPF_JSET, 6, 4, 1},    {BPF_JSET, 6, 1, 0},  {BPF_JSLT, INT32_MIN, 0, 1},
		{BPF_JSET, -1, -16, 1},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(RUN(SET(0, 1), SET(4, cases[i].value),
		                     JUMP(cases[i].condition, 4, cases[i].operand), SET(0, 0),
		                     EXIT),
		                 cases[i].taken);
	assert_int_equal(RUN(SET(0, 1), INSTRUCTION(BPF_JMP | BPF_JA, 0, 0, 1, 0), SET(0, 0), EXIT),
	                 1);
}

static void calls_give_a_negative_errno(void **state)
{
	assert_int_equal(RUN(SET(1, 4711), CALL(BPF_FUNC_sys_close), EXIT), -EBADF);
	/* No such command of bpf(), whoever asks. */
	assert_true(RUN(SET(1, 9999), COPY(2, 10), ADD(2, -16), SET(3, 16), CALL(BPF_FUNC_sys_bpf),
	                EXIT) < 0);
}

/* --- descriptors ------------------------------------------------------------------------------ */

static int opened, of_another_thread;
static int all_opened[100];
static size_t opened_n;

/* A map's descriptor; and what another thread opens while the loader does something else. */
static bool open_files(void *given, int command, union bpf_attr *attr, uint32_t size, int *result)
{
	*result = 0;
	if (command == BPF_MAP_CREATE)
		*result = opened = all_opened[opened_n++ % 100] = dup(STDIN_FILENO);
	else
		of_another_thread = dup(STDIN_FILENO);
	return true;
}

#define CALL_BPF(command) SET(1, command), SET(3, 0), CALL(BPF_FUNC_sys_bpf)
#define RUN_WITH_FILES(...) RUN_ADJUSTED(open_files, __VA_ARGS__)

static void closes_what_it_was_given(void **state)
{
	assert_int_equal(RUN_WITH_FILES(CALL_BPF(BPF_MAP_CREATE), COPY(1, 0),
	                                CALL(BPF_FUNC_sys_close), EXIT),
	                 0);
	assert_int_equal(fcntl(opened, F_GETFD), -1);
}

static void what_it_does_not_close_stays_open(void **state)
{
	assert_true(RUN_WITH_FILES(CALL_BPF(BPF_MAP_CREATE), EXIT) > 0);
	assert_int_equal(close(opened), 0);
}

/* As bpftool's loaders do when they fail after a map within another. */
static void closes_no_file_of_another_thread_that_got_the_number(void **state)
{
	assert_int_equal(RUN_WITH_FILES(CALL_BPF(BPF_MAP_CREATE), COPY(6, 0), COPY(1, 6),
	                                CALL(BPF_FUNC_sys_close), CALL_BPF(BPF_MAP_FREEZE),
	                                COPY(1, 6), CALL(BPF_FUNC_sys_close), EXIT),
	                 -EBADF);
	assert_int_equal(of_another_thread, opened);
	assert_int_equal(close(of_another_thread), 0);
}

/* The number is the loader's again, once. */
static void closes_a_number_that_it_was_given_again_once(void **state)
{
	assert_int_equal(RUN_WITH_FILES(CALL_BPF(BPF_MAP_CREATE), COPY(6, 0), COPY(1, 6),
	                                CALL(BPF_FUNC_sys_close), CALL_BPF(BPF_MAP_CREATE),
	                                COPY(1, 6), CALL(BPF_FUNC_sys_close),
	                                CALL_BPF(BPF_MAP_FREEZE), COPY(1, 6),
	                                CALL(BPF_FUNC_sys_close), EXIT),
	                 -EBADF);
	assert_int_equal(close(of_another_thread), 0);
}

static void too_many_descriptors_are_refused_and_closed(void **state)
{
	opened_n = 0;
	/* Counts down from 100, and ends with the first error. */
	assert_int_equal(RUN_WITH_FILES(SET(7, 100), CALL_BPF(BPF_MAP_CREATE),
	                                INSTRUCTION(BPF_JMP | BPF_JSLT | BPF_K, 0, 0, 2, 0),
	                                ADD(7, -1),
	                                INSTRUCTION(BPF_JMP | BPF_JSGT | BPF_K, 7, 0, -6, 0), EXIT),
	                 -EMFILE);
	assert_int_equal(fcntl(opened, F_GETFD), -1);
	while (opened_n > 1) /* the last one is closed */
		assert_int_equal(close(all_opened[--opened_n - 1]), 0);
}

static void copies_from_where_the_context_says(void **state)
{
	static const char first[] = "first value";

	context[2] = (uint64_t)first;
	assert_int_equal(RUN(INSTRUCTION(BPF_LDX | BPF_MEM | BPF_DW, 3, 1, 16, 0), DATA(1, 4),
	                     SET(2, sizeof(first)), CALL(BPF_FUNC_copy_from_user), EXIT),
	                 0);
	assert_string_equal(data + 4, first);
}

/* The kernel is asked, which takes a capability; what is no name is refused before. */
static void types_are_searched_by_their_names(void **state)
{
	static const char name[] = "task_struct";

	context[2] = (uint64_t)name;
	assert_int_equal(RUN(INSTRUCTION(BPF_LDX | BPF_MEM | BPF_DW, 1, 1, 16, 0),
	                     SET(2, sizeof(name) - 1), SET(3, 4), SET(4, 0),
	                     CALL(BPF_FUNC_btf_find_by_name_kind), EXIT),
	                 -EINVAL);
	assert_int_equal(RUN(INSTRUCTION(BPF_LDX | BPF_MEM | BPF_DW, 1, 1, 16, 0), SET(2, 0),
	                     SET(3, 4), SET(4, 0), CALL(BPF_FUNC_btf_find_by_name_kind), EXIT),
	                 -EINVAL);
	assert_int_equal(RUN(DATA(1, 0), SET(2, 65), SET(3, 4), SET(4, 0),
	                     CALL(BPF_FUNC_btf_find_by_name_kind), EXIT),
	                 -EINVAL);
}

/* Then libbpf does it all: nothing may have happened yet. */
static void what_is_not_known_is_refused_before_anything_is_done(void **state)
{
	opened = -1;
	assert_int_equal(
		RUN_WITH_FILES(CALL_BPF(BPF_MAP_CREATE), CALL(BPF_FUNC_ktime_get_ns), EXIT),
		-ENOTSUP);
	assert_int_equal(RUN_WITH_FILES(CALL_BPF(BPF_MAP_CREATE),
	                                INSTRUCTION(BPF_ALU64 | BPF_XOR | BPF_X, 1, 2, 0, 0), EXIT),
	                 -ENOTSUP);
	assert_int_equal(RUN_WITH_FILES(CALL_BPF(BPF_MAP_CREATE), DATA(1, sizeof(data)), EXIT),
	                 -ENOTSUP);
	/* A constant of which half is missing. */
	assert_int_equal(RUN_WITH_FILES(CALL_BPF(BPF_MAP_CREATE), EXIT,
	                                INSTRUCTION(BPF_LD | BPF_IMM | BPF_DW, 0, 0, 0, 1)),
	                 -ENOTSUP);
	assert_int_equal(opened, -1);
}

static int last_command;
static uint32_t flags_seen;

static bool take_over(void *given, int command, union bpf_attr *attr, uint32_t size, int *result)
{
	assert_ptr_equal(given, &flags_seen);
	assert_int_equal(size, 20);
	last_command = command;
	*result = 4711;
	if (command == BPF_PROG_LOAD)
		return true;
	flags_seen = attr->map_flags;
	attr->map_flags = 0;
	attr->map_type = UINT32_MAX; /* there is no such map */
	return false;
}

static int run_adjusted(enum bpf_cmd command)
{
	const struct bpf_insn instructions[] = {DATA(2, 0), SET(1, command), SET(3, 20),
	                                        CALL(BPF_FUNC_sys_bpf), EXIT};

	const struct light_loader loader = {
		instructions, sizeof(instructions) / sizeof(*instructions), data, sizeof(data)};

	return light_loader_run(&loader, context, take_over, &flags_seen);
}

static void commands_can_be_adjusted(void **state)
{
	/* Type, sizes of key and value, entries, flags. */
	const uint32_t map[5] = {BPF_MAP_TYPE_HASH, 4, 4, 1, BPF_F_NO_PREALLOC};
	uint32_t left[5];

	memcpy(data, map, sizeof(map));
	assert_true(run_adjusted(BPF_MAP_CREATE) < 0);
	assert_int_equal(last_command, BPF_MAP_CREATE);
	assert_int_equal(flags_seen, BPF_F_NO_PREALLOC);
	memcpy(left, data, sizeof(left));
	assert_int_equal(left[4], 0);
}

static void commands_can_be_kept_from_the_kernel(void **state)
{
	assert_int_equal(run_adjusted(BPF_PROG_LOAD), 4711);
	assert_int_equal(last_command, BPF_PROG_LOAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(returns_what_is_in_r0),
		cmocka_unit_test(constants_have_64_bits),
		cmocka_unit_test(memory_is_read_and_written_in_words_and_double_words),
		cmocka_unit_test(the_stack_is_there),
		cmocka_unit_test(jumps_compare_signed_numbers),
		cmocka_unit_test(calls_give_a_negative_errno),
		cmocka_unit_test(closes_what_it_was_given),
		cmocka_unit_test(what_it_does_not_close_stays_open),
		cmocka_unit_test(closes_no_file_of_another_thread_that_got_the_number),
		cmocka_unit_test(closes_a_number_that_it_was_given_again_once),
		cmocka_unit_test(too_many_descriptors_are_refused_and_closed),
		cmocka_unit_test(commands_can_be_adjusted),
		cmocka_unit_test(commands_can_be_kept_from_the_kernel),
		cmocka_unit_test(types_are_searched_by_their_names),
		cmocka_unit_test(copies_from_where_the_context_says),
		cmocka_unit_test(what_is_not_known_is_refused_before_anything_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
