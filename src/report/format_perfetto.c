/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A Perfetto trace (protobuf) for ui.perfetto.dev. Each process has a track below its parent's,
 * with one slice for its life. The counters are below the first process. Samples of a profile
 * follow.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "report/formats.h"
#include "report/names.h"
#include "report/perfetto_samples.h"
#include "report/protobuf.h"
#include "report/series.h"

/* Field numbers of protos/perfetto/trace/. */
enum {
	TRACE_PACKET = 1,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE_ID = 10,
	PACKET_TRACK_EVENT = 11,
	PACKET_TRACK_DESCRIPTOR = 60,
	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_PARENT_UUID = 5,
	TRACK_COUNTER = 8,
	COUNTER_UNIT_NAME = 6,
	EVENT_DEBUG_ANNOTATION = 4,
	EVENT_TYPE = 9,
	EVENT_TRACK_UUID = 11,
	EVENT_NAME = 23,
	EVENT_COUNTER_VALUE = 44,
	ANNOTATION_UINT = 3,
	ANNOTATION_DOUBLE = 5,
	ANNOTATION_STRING = 6,
	ANNOTATION_NAME = 10,
};

enum { SLICE_BEGIN = 1, SLICE_END = 2, INSTANT = 3, COUNTER = 4 };

/* There are two packet sequences: samples need their own, for interned data. */
#define SEQUENCE_ID 1
#define SAMPLES_SEQUENCE_ID 2

/* Points of the counter "CPUs busy". */
#define CPU_POINTS 4096

/* Track 0 stands for the trace itself in Perfetto. */
#define TRACK_OF(process) ((uint64_t)(process) + 1)

struct perfetto {
	const struct report_data *data;
	FILE *out;
	struct text packet, message, inner; /* being built, from the outermost to the innermost */
	bool failed;
};

static void start(struct perfetto *p)
{
	text_clear(&p->packet, 65536);
	text_clear(&p->message, 65536);
}

/* Write a packet, with the message as this field of it. */
static void finish(struct perfetto *p, unsigned int field)
{
	struct text *trace = &p->inner;

	protobuf_add_u64(&p->packet, PACKET_SEQUENCE_ID, SEQUENCE_ID);
	protobuf_add_bytes(&p->packet, field, p->message.data, p->message.n);
	text_clear(trace, 65536);
	protobuf_add_bytes(trace, TRACE_PACKET, p->packet.data, p->packet.n);
	p->failed = p->failed || trace->failed || p->packet.failed || p->message.failed;
	if (!p->failed)
		fwrite(trace->data, 1, trace->n, p->out);
}

static void add_string(struct text *out, unsigned int field, const char *string)
{
	protobuf_add_bytes(out, field, string, strlen(string));
}

static void annotate_text(struct perfetto *p, const char *name, const char *bytes, size_t n)
{
	struct text visible = {.n = 0};

	if (n == 0)
		return;
	text_clear(&p->inner, 65536);
	add_string(&p->inner, ANNOTATION_NAME, name);
	report_add_visible(&visible, bytes, n);
	protobuf_add_bytes(&p->inner, ANNOTATION_STRING, visible.data, visible.n);
	p->failed = p->failed || visible.failed;
	text_fini(&visible);
	protobuf_add_bytes(&p->message, EVENT_DEBUG_ANNOTATION, p->inner.data, p->inner.n);
}

static void annotate_number(struct perfetto *p, const char *name, double value)
{
	text_clear(&p->inner, 65536);
	add_string(&p->inner, ANNOTATION_NAME, name);
	if (value == floor(value) && value >= 0 && value < 1e15)
		protobuf_add_u64(&p->inner, ANNOTATION_UINT, (uint64_t)value);
	else
		protobuf_add_double(&p->inner, ANNOTATION_DOUBLE, value);
	protobuf_add_bytes(&p->message, EVENT_DEBUG_ANNOTATION, p->inner.data, p->inner.n);
}

static void annotate(struct perfetto *p, size_t i)
{
	const struct report_data *data = p->data;
	const struct report_process *process = &data->processes[i];
	struct text outcome = {.n = 0};

	annotate_number(p, "pid", process->pid);
	annotate_text(p, "args", process->args->bytes, process->args->n);
	annotate_text(p, "exe", process->exe->bytes, process->exe->n);
	report_add_outcome(&outcome, process);
	annotate_text(p, "ended", outcome.data, outcome.n);
	text_fini(&outcome);
	for (size_t f = 0; f < data->n_fields; f++) {
		const double value = report_value(data, i, (int)f);

		if (!isnan(value))
			annotate_number(p, data->fields[f].metric->bytes, value);
	}
}

static void write_event(struct perfetto *p, uint64_t time_ns, uint64_t track, unsigned int type)
{
	protobuf_add_u64(&p->packet, PACKET_TIMESTAMP, time_ns);
	protobuf_add_u64(&p->message, EVENT_TYPE, type);
	protobuf_add_u64(&p->message, EVENT_TRACK_UUID, track);
}

static void write_process(struct perfetto *p, size_t i)
{
	const struct report_process *process = &p->data->processes[i];
	struct text label = {.n = 0};
	char pid[24];

	report_add_label(&label, process);
	start(p);
	protobuf_add_u64(&p->message, TRACK_UUID, TRACK_OF(i));
	if (process->parent != NO_PROCESS)
		protobuf_add_u64(&p->message, TRACK_PARENT_UUID, TRACK_OF(process->parent));
	snprintf(pid, sizeof(pid), " %u", process->pid);
	text_clear(&p->inner, 65536);
	text_add(&p->inner, label.data, label.n);
	text_add_string(&p->inner, pid);
	protobuf_add_bytes(&p->message, TRACK_NAME, p->inner.data, p->inner.n);
	finish(p, PACKET_TRACK_DESCRIPTOR);

	start(p);
	write_event(p, process->begin_ns, TRACK_OF(i), SLICE_BEGIN);
	protobuf_add_bytes(&p->message, EVENT_NAME, label.data, label.n);
	annotate(p, i);
	finish(p, PACKET_TRACK_EVENT);

	start(p);
	write_event(p, process->end_ns, TRACK_OF(i), SLICE_END);
	finish(p, PACKET_TRACK_EVENT);
	p->failed = p->failed || label.failed;
	text_fini(&label);
}

/* Write the track of a counter, below a process's track; 0: below none. */
static void write_counter_track(struct perfetto *p, uint64_t track, uint64_t parent,
                                const char *name, const char *unit)
{
	start(p);
	protobuf_add_u64(&p->message, TRACK_UUID, track);
	if (parent)
		protobuf_add_u64(&p->message, TRACK_PARENT_UUID, parent);
	add_string(&p->message, TRACK_NAME, name);
	text_clear(&p->inner, 65536);
	add_string(&p->inner, COUNTER_UNIT_NAME, unit);
	protobuf_add_bytes(&p->message, TRACK_COUNTER, p->inner.data, p->inner.n);
	finish(p, PACKET_TRACK_DESCRIPTOR);
}

static void write_count(struct perfetto *p, uint64_t track, uint64_t time_ns, double value)
{
	start(p);
	write_event(p, time_ns, track, COUNTER);
	protobuf_add_double(&p->message, EVENT_COUNTER_VALUE, value);
	finish(p, PACKET_TRACK_EVENT);
}

static int write_cpus_busy(struct perfetto *p, uint64_t track, uint64_t parent)
{
	double *busy = report_cpus_busy(p->data, CPU_POINTS);
	const double length = (double)p->data->end_ns / CPU_POINTS;

	if (!busy)
		return -ENOMEM;
	write_counter_track(p, track, parent, "CPUs busy", "CPUs");
	for (size_t i = 0; i < CPU_POINTS; i++) {
		if (i == 0 || busy[i] != busy[i - 1])
			write_count(p, track, (uint64_t)((double)i * length), busy[i]);
	}
	write_count(p, track, p->data->end_ns, 0);
	free(busy);
	return 0;
}

/*
 * A counter keeps its value until the next one, so the watts of a sample are set at the begin of
 * its interval.
 */
static void write_watts(struct perfetto *p, uint64_t track, uint64_t parent,
                        const struct report_energy *energy)
{
	uint64_t before = p->data->runs[energy->run].begin_ns;
	char name[128];

	report_energy_name(energy, name, sizeof(name) - 8);
	strcat(name, " watts");
	write_counter_track(p, track, parent, name, "W");
	for (size_t i = 0; i < energy->n_samples; i++) {
		write_count(p, track, before, report_watts(p->data, energy, i));
		before = energy->samples[i].time_ns;
	}
	write_count(p, track, before, 0);
}

/* What is missing or estimated: events at the end, on a track of their own. */
static void write_messages(struct perfetto *p, uint64_t track)
{
	struct text visible = {.n = 0};
	const char *message;
	bool is_loss;

	for (size_t i = 0; (message = report_message(p->data, i, &is_loss)); i++) {
		if (i == 0) {
			start(p);
			protobuf_add_u64(&p->message, TRACK_UUID, track);
			add_string(&p->message, TRACK_NAME, "missing, estimated");
			finish(p, PACKET_TRACK_DESCRIPTOR);
		}
		text_clear(&visible, 65536);
		text_add_string(&visible, is_loss ? "missing: " : "note: ");
		report_add_visible(&visible, message, strlen(message));
		start(p);
		write_event(p, p->data->end_ns, track, INSTANT);
		protobuf_add_bytes(&p->message, EVENT_NAME, visible.data, visible.n);
		finish(p, PACKET_TRACK_EVENT);
	}
	p->failed = p->failed || visible.failed;
	text_fini(&visible);
}

int report_write_perfetto(struct report_data *data, const struct report_options *options, FILE *out)
{
	struct perfetto p = {.data = data, .out = out};
	const uint64_t parent = data->n_processes ? TRACK_OF(0) : 0;
	uint64_t track = TRACK_OF(data->n_processes);
	int err = 0;

	for (size_t i = 0; i < data->n_processes; i++)
		write_process(&p, i);
	if (report_field_of(data, FIELD_CPU_TIME) >= 0)
		err = write_cpus_busy(&p, track++, parent);
	for (size_t i = 0; i < data->n_energies; i++) {
		if (report_is_measured(&data->energies[i]))
			write_watts(&p, track++, parent, &data->energies[i]);
	}
	write_messages(&p, track);
	if (p.failed)
		err = -ENOMEM;
	if (!err)
		err = perfetto_write_samples(data, SAMPLES_SEQUENCE_ID, out);
	if (err)
		log_error("out of memory for the trace");
	text_fini(&p.packet);
	text_fini(&p.message);
	text_fini(&p.inner);
	return err;
}
