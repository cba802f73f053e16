/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ExportTraceServiceRequest of opentelemetry-proto (trace/v1), as protocol buffers, which every
 * receiver accepts; some do not accept JSON.
 */
#include <math.h>
#include <string.h>

#include "core/log.h"
#include "report/heading.h"
#include "report/names.h"
#include "report/protobuf.h"
#include "report/origin.h"
#include "send/stores.h"

/* Spans of one request at most, and their bytes: collectors take 4 MiB (gRPC) to 20 MiB. */
#define SPANS_MAX 2000
#define BYTES_MAX ((size_t)3 * 1024 * 1024)

/* Field numbers. */
enum {
	REQUEST_RESOURCE_SPANS = 1,
	RESOURCE_SPANS_RESOURCE = 1,
	RESOURCE_SPANS_SCOPE_SPANS = 2,
	RESOURCE_ATTRIBUTES = 1,
	SCOPE_SPANS_SCOPE = 1,
	SCOPE_SPANS_SPANS = 2,
	SCOPE_NAME = 1,
	SPAN_TRACE_ID = 1,
	SPAN_ID = 2,
	SPAN_PARENT_ID = 4,
	SPAN_NAME = 5,
	SPAN_KIND = 6,
	SPAN_START = 7,
	SPAN_END = 8,
	SPAN_ATTRIBUTES = 9,
	SPAN_STATUS = 15,
	STATUS_MESSAGE = 2,
	STATUS_CODE = 3,
	KEY = 1,
	VALUE = 2,
	VALUE_STRING = 1,
	VALUE_INT = 3,
	VALUE_DOUBLE = 4,
};

enum { KIND_INTERNAL = 1, STATUS_ERROR = 2 };

#define TRACE_ID_SIZE 16
#define SPAN_ID_SIZE 8

struct otlp {
	struct post *post;
	const struct report_data *data;
	uint32_t run;
	unsigned char trace[TRACE_ID_SIZE];
	struct text spans; /* encoded as fields of ScopeSpans */
	size_t n;
	struct text span, inner, value, body; /* scratch */
};

/* --- ids -------------------------------------------------------------------------------------- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Convert lowercase hexadecimal digits to bytes. Returns false if they are no id of this size. */
static bool read_id(const char *digits, size_t n, unsigned char *id, size_t size)
{
	if (!digits || n != 2 * size)
		return false;
	for (size_t i = 0; i < n; i += 2) {
		const int high = digit(digits[i]), low = digit(digits[i + 1]);

		if (high < 0 || low < 0)
			return false;
		id[i / 2] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* The run's id, or if it has none, a hash of its start time and the pid of its first process. */
static void make_trace_id(struct otlp *otlp)
{
	const struct report_run *run = &otlp->data->runs[otlp->run];
	const struct report_process *root = report_root(otlp->data, otlp->run);
	size_t n = 0;
	const char *id = origin_find(run, "run_id", &n);
	uint64_t hash;

	if (read_id(id, n, otlp->trace, sizeof(otlp->trace)))
		return;
	hash = origin_hash(ORIGIN_HASH, &run->start_ns, sizeof(run->start_ns));
	memcpy(otlp->trace, &hash, sizeof(hash));
	if (root)
		hash = origin_hash(hash, &root->pid, sizeof(root->pid));
	memcpy(otlp->trace + sizeof(hash), &hash, sizeof(hash));
}

/* A hash that is unique over all nodes of a job, whose processes may have the same pids. */
static void make_span_id(const struct otlp *otlp, const struct report_process *process,
                         unsigned char id[static SPAN_ID_SIZE])
{
	const struct report_run *run = &otlp->data->runs[process->run];
	const uint64_t begin_ns = origin_epoch_ns(run, process->begin_ns);
	uint64_t hash = origin_hash(ORIGIN_HASH, otlp->trace, sizeof(otlp->trace));
	size_t n = 0;
	const char *host = origin_find(run, "hostname", &n);

	hash = origin_hash(hash, host ? host : "", n);
	hash = origin_hash(hash, &process->pid, sizeof(process->pid));
	hash = origin_hash(hash, &process->number, sizeof(process->number));
	hash = origin_hash(hash, &begin_ns, sizeof(begin_ns));
	hash += hash == 0; /* 0 is no valid id */
	memcpy(id, &hash, SPAN_ID_SIZE);
}

/* --- a span ----------------------------------------------------------------------------------- */

static void add_bytes(struct text *out, unsigned int field, const void *bytes, size_t n)
{
	protobuf_add_bytes(out, field, bytes, n);
}

/* Add an attribute to out; its value was built in otlp->value. */
static void end_attribute(struct otlp *otlp, struct text *out, unsigned int field, const char *key)
{
	struct text visible = {.data = NULL}; /* a metric's name may be anything in the file */

	report_add_visible(&visible, key, strlen(key));
	otlp->inner.n = 0;
	add_bytes(&otlp->inner, KEY, visible.data, visible.n);
	otlp->inner.failed |= visible.failed;
	text_fini(&visible);
	add_bytes(&otlp->inner, VALUE, otlp->value.data, otlp->value.n);
	add_bytes(out, field, otlp->inner.data, otlp->inner.n);
}

static void add_text(struct otlp *otlp, struct text *out, unsigned int field, const char *key,
                     const char *bytes, size_t n)
{
	struct text visible = {.data = NULL};

	if (!bytes || n == 0)
		return;
	report_add_visible(&visible, bytes, n);
	otlp->value.n = 0;
	add_bytes(&otlp->value, VALUE_STRING, visible.data, visible.n);
	otlp->value.failed |= visible.failed;
	text_fini(&visible);
	end_attribute(otlp, out, field, key);
}

/* Whole numbers of 64 bits are integers, unless the attribute always is a double. */
static void add_number(struct otlp *otlp, const char *key, double value, bool is_whole)
{
	if (isnan(value))
		return;
	otlp->value.n = 0;
	if (is_whole && fabs(value) < 0x1p63 && value == (double)(int64_t)value)
		protobuf_add_u64(&otlp->value, VALUE_INT, (uint64_t)(int64_t)value);
	else
		protobuf_add_double(&otlp->value, VALUE_DOUBLE, value);
	end_attribute(otlp, &otlp->span, SPAN_ATTRIBUTES, key);
}

/* Use OpenTelemetry's names where there are any, else the names of the metrics. */
static void add_attributes(struct otlp *otlp, size_t index)
{
	const struct report_data *data = otlp->data;
	const struct report_process *process = &data->processes[index];
	struct text *span = &otlp->span;

	add_number(otlp, "process.pid", process->pid, true);
	if (process->parent_pid)
		add_number(otlp, "process.parent_pid", process->parent_pid, true);
	add_text(otlp, span, SPAN_ATTRIBUTES, "process.executable.path", process->exe->bytes,
	         process->exe->n);
	add_text(otlp, span, SPAN_ATTRIBUTES, "process.command_line", process->args->bytes,
	         process->args->n);
	add_text(otlp, span, SPAN_ATTRIBUTES, "rank", process->rank->bytes, process->rank->n);
	if (process->has_end && !process->status_hidden)
		add_number(otlp, "process.exit.code",
		           process->signal ? 128 + process->signal : process->exit_status, true);
	for (size_t i = 0; i < data->n_fields; i++) {
		const struct report_field *field = &data->fields[i];

		add_number(otlp, field->metric->bytes, report_value(data, index, (int)i),
		           !field->is_difference);
	}
}

static void add_status(struct otlp *otlp, const struct report_process *process)
{
	struct text outcome = {.data = NULL};

	if (!process->signal && !process->exit_status)
		return;
	report_add_outcome(&outcome, process);
	otlp->inner.n = 0;
	add_bytes(&otlp->inner, STATUS_MESSAGE, outcome.data, outcome.n);
	protobuf_add_u64(&otlp->inner, STATUS_CODE, STATUS_ERROR);
	add_bytes(&otlp->span, SPAN_STATUS, otlp->inner.data, otlp->inner.n);
	text_fini(&outcome);
}

/* The parent's span; for a root, the caller's span (TRACEPARENT). Returns false if it has none. */
static bool find_parent(const struct otlp *otlp, const struct report_process *process,
                        unsigned char id[static SPAN_ID_SIZE])
{
	size_t n = 0;
	const char *caller = origin_find(&otlp->data->runs[otlp->run], "parent_span", &n);

	if (process->parent == NO_PROCESS)
		return read_id(caller, n, id, SPAN_ID_SIZE);
	make_span_id(otlp, &otlp->data->processes[process->parent], id);
	return true;
}

static void make_span(struct otlp *otlp, size_t index)
{
	const struct report_process *process = &otlp->data->processes[index];
	const struct report_run *run = &otlp->data->runs[otlp->run];
	unsigned char id[SPAN_ID_SIZE];
	char buffer[32];
	struct text name = {.data = NULL};

	otlp->span.n = 0;
	add_bytes(&otlp->span, SPAN_TRACE_ID, otlp->trace, sizeof(otlp->trace));
	make_span_id(otlp, process, id);
	add_bytes(&otlp->span, SPAN_ID, id, sizeof(id));
	if (find_parent(otlp, process, id))
		add_bytes(&otlp->span, SPAN_PARENT_ID, id, sizeof(id));
	report_add_visible(&name, report_label(process, buffer),
	                   strlen(report_label(process, buffer)));
	add_bytes(&otlp->span, SPAN_NAME, name.data, name.n);
	protobuf_add_u64(&otlp->span, SPAN_KIND, KIND_INTERNAL);
	protobuf_add_fixed64(&otlp->span, SPAN_START, origin_epoch_ns(run, process->begin_ns));
	protobuf_add_fixed64(&otlp->span, SPAN_END, origin_epoch_ns(run, process->end_ns));
	add_attributes(otlp, index);
	add_status(otlp, process);
	otlp->span.failed |= name.failed || otlp->inner.failed || otlp->value.failed;
	text_fini(&name);
}

/* --- requests --------------------------------------------------------------------------------- */

static void add_resource(struct otlp *otlp, struct text *out)
{
	static const struct {
		const char *key, *name;
	} origins[] = {
		{"hostname", "host.name"}, {"boot_id", "host.boot_id"},
		{"job_id", "job_id"},      {"step", "step"},
		{"rank", "rank"},
	};
	const struct report_run *run = &otlp->data->runs[otlp->run];
	struct text resource = {.data = NULL};

	add_text(otlp, &resource, RESOURCE_ATTRIBUTES, "service.name", "alumet-agent",
	         strlen("alumet-agent"));
	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++) {
		size_t n = 0;
		const char *value = origin_find(run, origins[i].key, &n);

		add_text(otlp, &resource, RESOURCE_ATTRIBUTES, origins[i].name, value, n);
	}
	add_bytes(out, RESOURCE_SPANS_RESOURCE, resource.data, resource.n);
	out->failed |= resource.failed;
	text_fini(&resource);
}

static int hand_out(struct otlp *otlp)
{
	struct text scope = {.data = NULL}, all = {.data = NULL};
	int err;

	if (otlp->n == 0)
		return 0;
	otlp->inner.n = 0;
	add_bytes(&otlp->inner, SCOPE_NAME, "alumet-agent", strlen("alumet-agent"));
	add_bytes(&scope, SCOPE_SPANS_SCOPE, otlp->inner.data, otlp->inner.n);
	text_add(&scope, otlp->spans.data, otlp->spans.n);
	add_resource(otlp, &all);
	add_bytes(&all, RESOURCE_SPANS_SCOPE_SPANS, scope.data, scope.n);
	otlp->body.n = 0;
	add_bytes(&otlp->body, REQUEST_RESOURCE_SPANS, all.data, all.n);
	otlp->body.failed |= scope.failed || all.failed || otlp->spans.failed;
	err = post_body(otlp->post, NULL, &otlp->body, otlp->n);
	text_fini(&scope);
	text_fini(&all);
	otlp->spans.n = 0;
	otlp->n = 0;
	return err;
}

static int send_run(struct otlp *otlp)
{
	const size_t end = report_first_of(otlp->data, otlp->run + 1);
	int err = 0;

	make_trace_id(otlp);
	for (size_t i = report_first_of(otlp->data, otlp->run); !err && i < end; i++) {
		make_span(otlp, i);
		add_bytes(&otlp->spans, SCOPE_SPANS_SPANS, otlp->span.data, otlp->span.n);
		otlp->spans.failed |= otlp->span.failed;
		otlp->n++;
		if (otlp->n >= SPANS_MAX || otlp->spans.n >= BYTES_MAX)
			err = hand_out(otlp);
	}
	return err ? err : hand_out(otlp);
}

int send_otlp(struct post *post, struct report_data *data)
{
	struct otlp otlp = {.post = post, .data = data};
	int err = 0;

	for (; !err && otlp.run < data->n_runs; otlp.run++)
		err = send_run(&otlp);
	text_fini(&otlp.spans);
	text_fini(&otlp.span);
	text_fini(&otlp.inner);
	text_fini(&otlp.value);
	text_fini(&otlp.body);
	return err;
}
