/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Debugging information, by a child of this test: of this very program, and of files that are none.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "symbols/debug_info.h"
#include "symbols/elf_symbols.h"
#include "symbols/libdw.h"

#define SECONDS 60
#define EXE "/proc/self/exe"

/* An address in the middle of inner(), which is inlined into middle(), and that into outer(). */
extern const char debug_info_test_place[];

static inline __attribute__((always_inline)) int inner(int n)
{
	__asm__ volatile(".globl debug_info_test_place\ndebug_info_test_place: nop" : "+r"(n));
	return n * 3;
}

static inline __attribute__((always_inline)) int middle(int n)
{
	return inner(n + 1) + 1;
}

__attribute__((noinline, noclone, used)) static int outer(int n)
{
	return middle(n) * 7;
}

struct found {
	char text[256];
	size_t answers;
	int err; /* what take() returns */
};

static int take(void *data, size_t question, size_t address, const char *const *names, size_t n)
{
	struct found *found = data;

	found->answers++;
	snprintf(found->text, sizeof(found->text), "%zu/%zu:", question, address);
	for (size_t i = 0; i < n; i++) {
		strncat(found->text, " ", sizeof(found->text) - strlen(found->text) - 1);
		strncat(found->text, names[i], sizeof(found->text) - strlen(found->text) - 1);
	}
	return found->err;
}

static void need_libdw(void)
{
	struct libdw libdw;

	if (libdw_load(&libdw))
		skip();
}

/*
 * Where the place is, as the program's symbols have it: by the difference to the function that it
 * is in.
 */
static uint64_t address_of_place(void)
{
	const uint64_t difference =
		(uint64_t)(uintptr_t)debug_info_test_place - (uint64_t)(uintptr_t)outer;
	const int fd = open(EXE, O_RDONLY | O_CLOEXEC);
	struct elf_symbols *symbols;
	uint64_t address = 0;

	assert_int_equal(elf_symbols_read(fd, NULL, NULL, NULL, SIZE_MAX, &symbols), 0);
	close(fd);
	for (uint64_t offset = 0; offset < 1 << 24 && !address; offset++) {
		uint64_t here;
		const char *name = elf_symbols_address(symbols, offset, &here)
		                           ? elf_symbols_name(symbols, here)
		                           : NULL;

		if (name && strcmp(name, "outer") == 0)
			address = here + difference;
	}
	elf_symbols_free(symbols);
	assert_true(address != 0);
	return address;
}

static void inlined_functions_are_found_from_the_outermost_on(void **state)
{
	const uint64_t addresses[] = {1, address_of_place(), UINT64_MAX};
	const struct debug_question question = {
		.path = EXE, .fd = open(EXE, O_RDONLY | O_CLOEXEC), .addresses = addresses, .n = 3};
	struct found found = {.answers = 0};
	enum debug_outcome outcome;

	need_libdw();
	assert_int_equal(outer(1), 49);
	assert_int_equal(debug_info_ask(&question, 1, "/nonexistent", SECONDS, take, &found,
	                                &outcome),
	                 0);
	assert_int_equal(outcome, DEBUG_ALL);
	assert_int_equal(found.answers, 1);
	assert_string_equal(found.text, "0/1: outer middle inner");
	close(question.fd);
}

static void a_file_of_another_build_tells_nothing(void **state)
{
	const uint8_t other[ELF_BUILD_ID_SIZE] = {1};
	const uint64_t address = address_of_place();
	const struct debug_question questions[] = {
		{.path = EXE, .fd = open(EXE, O_RDONLY | O_CLOEXEC), .build_id = other,
	         .addresses = &address, .n = 1},
		{.path = "/dev/null", .fd = -1, .addresses = &address, .n = 1},
		{.path = "/nonexistent", .fd = -1, .addresses = &address, .n = 1},
		{.path = NULL, .fd = -1, .addresses = &address, .n = 1},
		{.path = EXE, .fd = questions[0].fd, .addresses = &address, .n = 1},
	};
	struct found found = {.answers = 0};
	enum debug_outcome outcome;

	need_libdw();
	assert_int_equal(debug_info_ask(questions, 5, "/nonexistent", SECONDS, take, &found,
	                                &outcome),
	                 0);
	assert_int_equal(outcome, DEBUG_ALL);
	assert_int_equal(found.answers, 1);
	assert_string_equal(found.text, "4/0: outer middle inner");
	close(questions[0].fd);
}

static void what_takes_too_long_is_ended(void **state)
{
	const uint64_t address = address_of_place();
	const struct debug_question question = {
		.path = EXE, .fd = open(EXE, O_RDONLY | O_CLOEXEC), .addresses = &address, .n = 1};
	struct found found = {.answers = 0};
	enum debug_outcome outcome;

	need_libdw();
	assert_int_equal(debug_info_ask(&question, 1, "/nonexistent", 0, take, &found, &outcome),
	                 0);
	assert_int_equal(outcome, DEBUG_LATE);
	assert_int_equal(found.answers, 0);
	/* No child is left. */
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	close(question.fd);
}

static void who_takes_the_answers_can_stop(void **state)
{
	const uint64_t address = address_of_place();
	const struct debug_question question = {
		.path = EXE, .fd = open(EXE, O_RDONLY | O_CLOEXEC), .addresses = &address, .n = 1};
	struct found found = {.err = -ENOMEM};
	enum debug_outcome outcome;

	need_libdw();
	assert_int_equal(debug_info_ask(&question, 1, "/nonexistent", SECONDS, take, &found,
	                                &outcome),
	                 -ENOMEM);
	assert_int_equal(found.answers, 1);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	close(question.fd);
}

/*
 * Section headers that lie, a table of units that leads anywhere: every byte of a small file is
 * another one once.
 */
static void a_file_that_lies_harms_nobody(void **state)
{
	const uint64_t address = address_of_place();
	char path[] = "/tmp/debug-info-test-XXXXXX", bytes[4096];
	const int fd = mkstemp(path), exe = open(EXE, O_RDONLY | O_CLOEXEC);
	const struct debug_question question = {
		.path = path, .fd = fd, .addresses = &address, .n = 1};
	struct found found = {.answers = 0};
	enum debug_outcome outcome;
	ssize_t n;

	while ((n = read(exe, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 64; i < n; i += 61)
			bytes[i] = (char)(bytes[i] ^ 0xff);
		assert_int_equal(write(fd, bytes, (size_t)n), n);
	}
	close(exe);
	assert_int_equal(debug_info_ask(&question, 1, "/nonexistent", SECONDS, take, &found,
	                                &outcome),
	                 0);
	assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inlined_functions_are_found_from_the_outermost_on),
		cmocka_unit_test(a_file_of_another_build_tells_nothing),
		cmocka_unit_test(what_takes_too_long_is_ended),
		cmocka_unit_test(who_takes_the_answers_can_stop),
		cmocka_unit_test(a_file_that_lies_harms_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
