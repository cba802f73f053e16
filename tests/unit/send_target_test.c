/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "send/target.h"
#include "unit/output_support.h"

static void assert_url(const char *address, enum send_protocol protocol, const char *url)
{
	struct send_target target;

	assert_int_equal(send_target_init(&target, address, NULL), 0);
	assert_int_equal(target.protocol, protocol);
	assert_string_equal(target.url, url);
	send_target_fini(&target);
}

static void completes_addresses(void **state)
{
	assert_url("influx+http://h:1/?db=a", SEND_INFLUX, "http://h:1/write?precision=ns&db=a");
	assert_url("influx+https://h?org=o&bucket=b&precision=s", SEND_INFLUX,
	           "https://h/api/v2/write?precision=ns&org=o&bucket=b");
}

static void tells_the_protocol_by_the_path(void **state)
{
	assert_url("http://h/write?db=a", SEND_INFLUX, "http://h/write?precision=ns&db=a");
	assert_url("https://h/api/v2/write?bucket=b", SEND_INFLUX,
	           "https://h/api/v2/write?precision=ns&bucket=b");
	assert_url("http://h:4318/v1/traces", SEND_OTLP, "http://h:4318/v1/traces");
	assert_url("otlp+http://[::1]:4318", SEND_OTLP, "http://[::1]:4318/v1/traces");
}

static void a_table_is_a_name(void **state)
{
	assert_url("clickhouse+http://h:8123", SEND_CLICKHOUSE,
	           "http://h:8123/?query=INSERT%20INTO%20processes%20FORMAT%20CSVWithNames");
	assert_url("clickhouse+http://h/?table=a.b_1&database=d", SEND_CLICKHOUSE,
	           "http://h/?query=INSERT%20INTO%20a.b_1%20FORMAT%20CSVWithNames&database=d");
}

static void assert_refused(const char *address, const char *words)
{
	struct send_target target;
	struct capture capture;

	capture_begin(&capture);
	assert_int_equal(send_target_init(&target, address, NULL), -EINVAL);
	capture_end_expecting(&capture, words);
	send_target_fini(&target);
}

static void refuses_what_is_no_address(void **state)
{
	assert_refused("", "not the address");
	assert_refused("ftp://h/write", "not the address");
	assert_refused("influx+http://", "names no host");
	assert_refused("http://h/other", "names no protocol");
	/* Whatever the query has is not shown. */
	assert_refused("influx+http:///write?p=secret", "'…' names no host");
	assert_refused("http://h/other?key=secret", "'…' names no protocol");
	assert_refused("clickhouse+http://h/?table=a%20b", "not the name of a table");
	assert_refused("influx+http://u:secret@h/write", "password");
	assert_refused("influx+http://h/write?db=a&u=me&p=secret", "password");
	assert_refused("clickhouse+http://h/?user=me&password=secret", "password");
	assert_refused("https://h/v1/traces?access_token=secret", "password");
}

static void takes_a_user_but_no_password(void **state)
{
	struct send_target target;

	setenv("ALUMET_TOKEN", "abc", 1);
	assert_int_equal(send_target_init(&target, "clickhouse+https://bob@h/", NULL), 0);
	assert_string_equal(target.user, "bob");
	assert_string_equal(target.host, "h");
	assert_string_equal(target.token, "abc");
	send_target_fini(&target);
	setenv("ALUMET_TOKEN", "a\r\nX: y", 1);
	assert_refused("influx+https://h/write", "not one line");
	unsetenv("ALUMET_TOKEN");
}

/* A message goes into logs that others read. */
static void a_mistake_does_not_show_what_may_be_a_password(void **state)
{
	static const char *const addresses[] = {"u:secret@h/write", "h/write?u=me&p=secret"};

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		struct send_target target;
		struct capture capture;
		char *text;

		capture_begin(&capture);
		assert_int_equal(send_target_init(&target, addresses[i], NULL), -EINVAL);
		text = capture_end(&capture);
		assert_non_null(strstr(text, "not the address"));
		assert_null(strstr(text, "secret"));
		free(text);
		send_target_fini(&target);
	}
}

static void a_token_that_leaves_the_machine_unencrypted_is_told(void **state)
{
	static const char *const others[] = {
		"influx+http://localhost.example.org/write", "influx+http://127.example.org/write",
		"influx+http://10.1.2.3/write", "influx+http://128.0.0.1:8086/write",
		"influx+http://[::1].example.org/write"};
	static const char *const own[] = {
		"influx+http://localhost/write", "influx+http://LocalHost:8086/write",
		"influx+http://127.1.2.3:8086/write", "influx+http://[::1]:8086/write"};
	struct send_target target;
	struct capture capture;

	setenv("ALUMET_TOKEN", "abc", 1);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		capture_begin(&capture);
		assert_int_equal(send_target_init(&target, others[i], NULL), 0);
		capture_end_expecting(&capture, "unencrypted");
		send_target_fini(&target);
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		capture_begin(&capture);
		assert_int_equal(send_target_init(&target, own[i], NULL), 0);
		capture_end_expecting_nothing(&capture);
		send_target_fini(&target);
	}
	unsetenv("ALUMET_TOKEN");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(completes_addresses),
		cmocka_unit_test(tells_the_protocol_by_the_path),
		cmocka_unit_test(a_table_is_a_name),
		cmocka_unit_test(refuses_what_is_no_address),
		cmocka_unit_test(takes_a_user_but_no_password),
		cmocka_unit_test(a_mistake_does_not_show_what_may_be_a_password),
		cmocka_unit_test(a_token_that_leaves_the_machine_unencrypted_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
