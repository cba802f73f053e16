/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/identity.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "core/parallel_task.h"
#include "linux/small_file.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* Positions in TRACEPARENT, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01". */
#define TRACE_AT 3
#define SPAN_AT 36
#define TRACEPARENT_LENGTH 55

static bool is_id(const char *digits, size_t n)
{
	bool has_one = false;

	for (size_t i = 0; i < n; i++) {
		if (!isdigit((unsigned char)digits[i]) && !(digits[i] >= 'a' && digits[i] <= 'f'))
			return false;
		has_one |= digits[i] != '0';
	}
	return has_one;
}

/* TRACEPARENT, or NULL if it is not valid. A later version may have more after another '-'. */
static const char *find_trace(void)
{
	const char *trace = getenv("TRACEPARENT");

	if (!trace || strlen(trace) < TRACEPARENT_LENGTH || trace[2] != '-' ||
	    trace[SPAN_AT - 1] != '-' || trace[SPAN_AT + IDENTITY_SPAN_SIZE - 1] != '-')
		return NULL;
	if (!is_id(trace + TRACE_AT, IDENTITY_RUN_SIZE - 1) ||
	    !is_id(trace + SPAN_AT, IDENTITY_SPAN_SIZE - 1))
		return NULL;
	return trace;
}

void identity_new_run(char run[static IDENTITY_RUN_SIZE])
{
	const char *trace = find_trace();
	unsigned char bytes[(IDENTITY_RUN_SIZE - 1) / 2];

	if (trace) {
		memcpy(run, trace + TRACE_AT, IDENTITY_RUN_SIZE - 1);
		run[IDENTITY_RUN_SIZE - 1] = '\0';
		return;
	}
	/* Early during boot there may be no random bytes: time and pid distinguish runs, too. */
	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) != (ssize_t)sizeof(bytes)) {
		struct timespec now;
		const pid_t pid = getpid();

		clock_gettime(CLOCK_REALTIME, &now);
		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes, &now.tv_sec, 4);
		memcpy(bytes + 4, &now.tv_nsec, 4);
		memcpy(bytes + 8, &pid, sizeof(pid));
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(run + 2 * i, 3, "%02x", bytes[i]);
}

static void read_boot(char boot[static IDENTITY_BOOT_SIZE])
{
	const ssize_t n = small_file_read(AT_FDCWD, BOOT_ID, boot, IDENTITY_BOOT_SIZE - 1);

	boot[n == IDENTITY_BOOT_SIZE - 1 ? n : 0] = '\0';
}

void identity_read(struct identity *identity, const char *run)
{
	const char *trace = find_trace();
	struct utsname names;

	*identity = (struct identity){
		.job = parallel_task_job(),
		.step = parallel_task_step(),
		.rank = parallel_task_is_one() ? parallel_task_rank() : NULL,
		.task = parallel_task_local_rank(),
	};
	snprintf(identity->run, sizeof(identity->run), "%s", run);
	if (trace)
		snprintf(identity->parent_span, sizeof(identity->parent_span), "%s",
		         trace + SPAN_AT);
	if (uname(&names) == 0)
		snprintf(identity->host, sizeof(identity->host), "%s", names.nodename);
	read_boot(identity->boot);
}

const char *identity_field(const struct identity *identity, size_t index, const char **key)
{
	const struct {
		const char *key, *value;
	} fields[] = {
		{"run_id", identity->run},   {"hostname", identity->host},
		{"boot_id", identity->boot}, {"job_id", identity->job},
		{"step", identity->step},    {"rank", identity->rank},
		{"task", identity->task},    {NULL, NULL},
	};
	const size_t last = sizeof(fields) / sizeof(fields[0]) - 1;
	const char *value;

	index = index < last ? index : last;
	*key = fields[index].key;
	value = fields[index].value;
	return value && *value ? value : NULL;
}
