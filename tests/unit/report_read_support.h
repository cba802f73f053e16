/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A saved run, read from memory. */
#ifndef TESTS_UNIT_REPORT_READ_SUPPORT_H
#define TESTS_UNIT_REPORT_READ_SUPPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/log.h"
#include "report/read.h"
#include "unit/messages.h"

#define HEADER                                                                                     \
	"metric;timestamp;value;resource_kind;resource_id;consumer_kind;consumer_id;"              \
	"__late_attributes\n"
#define DAY "2026-11-26T10:00:"

/* Rows of a process, and of the run; time: seconds of the minute, all as strings. */
#define ROW(metric, time, value, pid, attributes)                                                  \
	metric ";" DAY time "Z;" value ";local_machine;;process;" pid ";" attributes "\n"
#define INFO(time, pid, attributes) ROW("process_info", time, "1", pid, attributes)
#define EXIT(time, status, pid, attributes) ROW("process_exit", time, status, pid, attributes)
#define RUN_ROW(metric, time, value, attributes)                                                   \
	metric ";" DAY time "Z;" value ";local_machine;;local_machine;;" attributes "\n"
#define RUN_INFO(time, attributes) RUN_ROW("run_info", time, "1", attributes)
#define RUN_END(time, status, attributes) RUN_ROW("run_end", time, status, attributes)

static struct report_data data;

static inline void read_bytes(const void *bytes, size_t n)
{
	char path[32];
	const char *const paths[] = {path};
	const int file = memfd_create("run", 0);

	report_data_fini(&data);
	assert_int_equal(write(file, bytes, n), n);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	assert_int_equal(report_read(paths, 1, &data), 0);
	close(file);
}

static inline void read_text(const char *text)
{
	read_bytes(text, strlen(text));
}

/* A file with the header and these strings, which need not be whole rows. */
#define read_rows(...) read_list((const char *const[]){HEADER, __VA_ARGS__, NULL})

static inline void read_list(const char *const *rows)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	for (; *rows; rows++)
		fputs(*rows, out);
	fclose(out);
	read_bytes(text, n);
	free(text);
}

static inline double value(size_t process, const char *name)
{
	for (size_t i = 0; i < data.n_fields; i++) {
		if (strcmp(data.fields[i].name, name) == 0)
			return report_value(&data, process, (int)i);
	}
	fail_msg("no field %s", name);
	return 0;
}

static inline int teardown(void **state)
{
	report_data_fini(&data);
	return 0;
}

#endif
