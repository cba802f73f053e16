/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel's messages of CPUs that come online, sent by the test in the kernel's place. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "linux/hotplug.h"

struct taken {
	uint32_t cpus[8];
	size_t n;
};

static void take(void *data, uint32_t cpu)
{
	struct taken *taken = data;

	assert_true(taken->n < 8);
	taken->cpus[taken->n++] = cpu;
}

static int set_up(void **state)
{
	static int ends[2];

	*state = ends;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends);
}

static int tear_down(void **state)
{
	int *ends = *state;

	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void send_all(int fd, const void *message, size_t size)
{
	assert_int_equal(send(fd, message, size, 0), size);
}

/* The text with its NUL, and two of the strings that follow it. */
#define SEND(fd, text)                                                                             \
	send_all(fd, text "\0ACTION=x\0SUBSYSTEM=cpu", sizeof(text "\0ACTION=x\0SUBSYSTEM=cpu"))

static void a_cpu_that_comes_is_told(void **state)
{
	const int *ends = *state;
	struct taken taken = {.n = 0};

	SEND(ends[0], "online@/devices/system/cpu/cpu3");
	SEND(ends[0], "online@/devices/system/cpu/cpu1023");
	hotplug_take(ends[1], take, &taken);
	assert_int_equal(taken.n, 2);
	assert_int_equal(taken.cpus[0], 3);
	assert_int_equal(taken.cpus[1], 1023);
}

static void other_messages_are_none(void **state)
{
	const int *ends = *state;
	struct taken taken = {.n = 0};

	SEND(ends[0], "offline@/devices/system/cpu/cpu1");
	SEND(ends[0], "add@/devices/system/cpu/cpu1");
	SEND(ends[0], "online@/devices/system/cpu/cpu1/cache/index0");
	SEND(ends[0], "online@/devices/system/cpu/cpu");
	SEND(ends[0], "online@/devices/system/memory/memory1");
	SEND(ends[0], "libudev");
	hotplug_take(ends[1], take, &taken);
	assert_int_equal(taken.n, 0);
}

/* The longest that the kernel makes, without a NUL that a reader could rely on. */
static void a_message_without_an_end_is_none(void **state)
{
	static const char online[] = "online@/devices/system/cpu/cpu1";
	const int *ends = *state;
	struct taken taken = {.n = 0};
	char longest[4096];

	memset(longest, 'x', sizeof(longest));
	memcpy(longest, online, sizeof(online) - 1);
	send_all(ends[0], longest, sizeof(longest));
	send_all(ends[0], online, sizeof(online) - 1);
	hotplug_take(ends[1], take, &taken);
	assert_int_equal(taken.n, 1);
	assert_int_equal(taken.cpus[0], 1);
}

static void nothing_is_waited_for(void **state)
{
	const int *ends = *state;
	struct taken taken = {.n = 0};

	hotplug_take(ends[1], take, &taken);
	assert_int_equal(taken.n, 0);
}

static void the_socket_is_not_the_commands(void **state)
{
	int fd = hotplug_open();

	if (fd < 0) {
		print_message("SKIP: no socket for the kernel's messages here\n");
		skip();
	}
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_cpu_that_comes_is_told),
		TEST(other_messages_are_none),
		TEST(a_message_without_an_end_is_none),
		TEST(nothing_is_waited_for),
		cmocka_unit_test(the_socket_is_not_the_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
