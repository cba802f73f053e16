/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A configuration file in a folder of its own, loaded for the plugins of config_support.h. */
#ifndef TESTS_UNIT_CONFIG_FIXTURE_H
#define TESTS_UNIT_CONFIG_FIXTURE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "unit/config_support.h"
#include "unit/messages.h"

#define SECOND 1000000000ULL

/* A folder for the files of a test, and what the last load told. */
struct fixture {
	char folder[32];
	char path[64];
	int result;
	struct config config;
	const char *told;
	struct messages messages;
};

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->folder, "/tmp/alumet-config.XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/c.toml", f->folder);
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static inline struct perf_settings *perf(struct fixture *f)
{
	return f->config.plugins[0].settings;
}

static inline struct test_rapl *rapl(struct fixture *f)
{
	return f->config.plugins[1].settings;
}

static inline struct test_csv *csv(struct fixture *f)
{
	return f->config.plugins[2].settings;
}

static inline void load_with(struct fixture *f, const char *text, struct config_request *request)
{
	if (text) {
		FILE *file = fopen(f->path, "w");

		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	request->path = f->path;
	request->path_is_named = true;

	messages_catch(&f->messages, STDERR_FILENO);
	f->result = config_check_for(test_plugins, TEST_PLUGINS, request);
	if (!f->result)
		f->result = config_load_from(test_plugins, TEST_PLUGINS, request, &f->config);
	f->told = messages_text(&f->messages);
}

static inline void load(struct fixture *f, const char *text)
{
	struct config_request request = {0};

	load_with(f, text, &request);
}

/* Loads without a word. */
static inline void good(struct fixture *f, const char *text)
{
	load(f, text);
	if (f->result != 0 || *f->told)
		fail_msg("%d: %s\n%s", f->result, f->told, text);
}

/* Refused, with the place ("3:17") and the phrase told. */
static inline void bad(struct fixture *f, const char *text, const char *place, const char *phrase)
{
	char where[128];

	load(f, text);
	snprintf(where, sizeof(where), "%s:%s: ", f->path, place);
	assert_int_equal(f->result, -EBADMSG);
	if (!strstr(f->told, where) || !strstr(f->told, phrase))
		fail_msg("\"%s\" or \"%s\" is not told in: %s", where, phrase, f->told);
	config_free(&f->config);
}

static inline void are_defaults(struct fixture *f)
{
	assert_true(perf(f)->poll_interval_ns == SECOND);
	assert_true(perf(f)->flush_interval_ns == 5 * SECOND);
	assert_false(perf(f)->events.is_set);
	assert_false(perf(f)->hardware_events.is_set);
	assert_int_equal(perf(f)->values, VALUES_CUMULATIVE);
	assert_true(perf(f)->process_info);
	assert_false(perf(f)->per_pmu);
	assert_true(perf(f)->multiplexing_auto_scale);
	assert_int_equal(perf(f)->max_tasks, 0);
	assert_int_equal(perf(f)->ring_size, 0);
	assert_true(rapl(f)->poll_interval_ns == SECOND);
	assert_int_equal(rapl(f)->backend, 0);
	assert_string_equal(rapl(f)->sysroot, "/");
	assert_string_equal(csv(f)->output_path, "alumet-output.csv");
	assert_true(csv(f)->force_flush);
	assert_string_equal(csv(f)->csv_delimiter, ";");
	for (size_t i = 0; i < f->config.n; i++) {
		assert_true(f->config.plugins[i].enabled);
		assert_false(f->config.plugins[i].required);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
