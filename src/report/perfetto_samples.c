/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/perfetto_samples.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/names.h"
#include "report/protobuf.h"

/* Field numbers of protos/perfetto/trace/. */
enum {
	TRACE_PACKET = 1,
	PACKET_PROCESS_TREE = 2,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE_ID = 10,
	PACKET_INTERNED_DATA = 12,
	PACKET_SEQUENCE_FLAGS = 13,
	PACKET_DEFAULTS = 59,
	PACKET_PERF_SAMPLE = 66,
	TREE_PROCESS = 1,
	PROCESS_PID = 1,
	PROCESS_PPID = 2,
	PROCESS_COMMAND_LINE = 3,
	INTERNED_FUNCTION_NAME = 5,
	INTERNED_FRAME = 6,
	INTERNED_CALLSTACK = 7,
	INTERNED_MAPPING_PATH = 17,
	INTERNED_MAPPING = 19,
	ITEM_ID = 1, /* of each kind of interned item */
	STRING_BYTES = 2,
	FRAME_FUNCTION = 2,
	FRAME_MAPPING = 3,
	FRAME_PLACE = 4,
	CALLSTACK_FRAME = 2,
	MAPPING_PATH = 7,
	DEFAULTS_PERF_SAMPLE = 12,
	SAMPLE_DEFAULTS_TIMEBASE = 1,
	TIMEBASE_NAME = 10,
	SAMPLE_PID = 2,
	SAMPLE_TID = 3,
	SAMPLE_CALLSTACK = 4,
	SAMPLE_MODE = 5,
};

enum { SEQUENCE_CLEARED = 1, SEQUENCE_NEEDED = 2 };
enum { MODE_KERNEL = 1, MODE_USER = 2 };

/* At most this many samples are written, thinned out evenly: the viewer cannot take more. */
#define SAMPLES_MAX 1000000.0

/* Stacks deeper than this are cut at their root. */
#define DEPTH_MAX 1024

struct samples {
	const struct report_data *data;
	unsigned int sequence;
	FILE *out;
	/* Being built, from the outermost to the innermost. */
	struct text trace, packet, message, item;
	bool *is_known;  /* by a text's id, two each: interned as a name, as a mapping */
	bool *has_stack; /* by frame */
	bool failed;
};

static void clear(struct text *text)
{
	text_clear(text, 65536);
}

/* Write a packet, with the message as this field of it. */
static void finish(struct samples *s, unsigned int field)
{
	protobuf_add_u64(&s->packet, PACKET_SEQUENCE_ID, s->sequence);
	if (field)
		protobuf_add_bytes(&s->packet, field, s->message.data, s->message.n);
	protobuf_add_bytes(&s->trace, TRACE_PACKET, s->packet.data, s->packet.n);
	s->failed = s->failed || s->trace.failed || s->packet.failed || s->message.failed ||
	            s->item.failed;
	if (!s->failed)
		fwrite(s->trace.data, 1, s->trace.n, s->out);
	clear(&s->trace);
	clear(&s->packet);
	clear(&s->message);
}

/* --- interned data ---------------------------------------------------------------------------- */

/* Ids of interned data begin with 1; texts and frames count from 0. */
static uint64_t id_of(uint64_t number)
{
	return number + 1;
}

static void add_item(struct samples *s, unsigned int field)
{
	protobuf_add_bytes(&s->message, field, s->item.data, s->item.n);
	clear(&s->item);
}

static void add_string(struct samples *s, unsigned int field, const struct report_text *text)
{
	struct text visible = {.n = 0};

	report_add_visible(&visible, text->bytes, text->n);
	protobuf_add_u64(&s->item, ITEM_ID, id_of(text->id));
	protobuf_add_bytes(&s->item, STRING_BYTES, visible.data ? visible.data : "", visible.n);
	s->failed = s->failed || visible.failed;
	text_fini(&visible);
	add_item(s, field);
}

static void add_function(struct samples *s, const struct report_text *function)
{
	if (!s->is_known[2 * function->id])
		add_string(s, INTERNED_FUNCTION_NAME, function);
	s->is_known[2 * function->id] = true;
}

static void add_mapping(struct samples *s, const struct report_text *module)
{
	if (s->is_known[2 * module->id + 1])
		return;
	s->is_known[2 * module->id + 1] = true;
	add_string(s, INTERNED_MAPPING_PATH, module);
	protobuf_add_u64(&s->item, ITEM_ID, id_of(module->id));
	protobuf_add_u64(&s->item, MAPPING_PATH, id_of(module->id));
	add_item(s, INTERNED_MAPPING);
}

/* Write the frames from the outermost to the innermost. */
static void add_stack(struct samples *s, uint32_t innermost)
{
	uint32_t frames[DEPTH_MAX];
	size_t n = 0;

	for (uint32_t at = innermost; at != NO_FRAME && n < DEPTH_MAX;
	     at = s->data->frames[at].parent)
		frames[n++] = at;
	protobuf_add_u64(&s->item, ITEM_ID, id_of(innermost));
	while (n > 0)
		protobuf_add_u64(&s->item, CALLSTACK_FRAME, id_of(frames[--n]));
	add_item(s, INTERNED_CALLSTACK);
}

/* Perfetto distinguishes functions of a module by address, which is unknown: use the text's id. */
static void add_frames(struct samples *s)
{
	for (uint32_t i = 0; i < s->data->n_frames; i++) {
		const struct report_frame *frame = &s->data->frames[i];

		add_function(s, frame->function);
		add_mapping(s, frame->module);
		protobuf_add_u64(&s->item, ITEM_ID, id_of(i));
		protobuf_add_u64(&s->item, FRAME_FUNCTION, id_of(frame->function->id));
		protobuf_add_u64(&s->item, FRAME_MAPPING, id_of(frame->module->id));
		protobuf_add_u64(&s->item, FRAME_PLACE, frame->function->id);
		add_item(s, INTERNED_FRAME);
	}
}

static void add_stacks(struct samples *s)
{
	for (size_t i = 0; i < s->data->n_counts; i++) {
		const uint32_t frame = s->data->counts[i].frame;

		if (frame == NO_FRAME || s->has_stack[frame])
			continue;
		s->has_stack[frame] = true;
		add_stack(s, frame);
	}
}

static void write_interned(struct samples *s)
{
	static const char name[] = "samples";

	protobuf_add_u64(&s->packet, PACKET_SEQUENCE_FLAGS, SEQUENCE_CLEARED);
	protobuf_add_bytes(&s->item, TIMEBASE_NAME, name, strlen(name));
	protobuf_add_bytes(&s->message, SAMPLE_DEFAULTS_TIMEBASE, s->item.data, s->item.n);
	clear(&s->item);
	protobuf_add_bytes(&s->item, DEFAULTS_PERF_SAMPLE, s->message.data, s->message.n);
	protobuf_add_bytes(&s->packet, PACKET_DEFAULTS, s->item.data, s->item.n);
	clear(&s->item);
	clear(&s->message);
	add_frames(s);
	add_stacks(s);
	finish(s, PACKET_INTERNED_DATA);
}

/* Samples have pids: write the name of each process. */
static void write_processes(struct samples *s)
{
	for (size_t i = 0; i < s->data->n_processes; i++) {
		const struct report_process *process = &s->data->processes[i];
		struct text label = {.n = 0};

		report_add_label(&label, process);
		protobuf_add_u64(&s->item, PROCESS_PID, process->pid);
		protobuf_add_u64(&s->item, PROCESS_PPID, process->parent_pid);
		protobuf_add_bytes(&s->item, PROCESS_COMMAND_LINE, label.data, label.n);
		s->failed = s->failed || label.failed;
		text_fini(&label);
		add_item(s, TREE_PROCESS);
	}
	finish(s, PACKET_PROCESS_TREE);
}

/* --- samples ---------------------------------------------------------------------------------- */

static void write_sample(struct samples *s, const struct report_count *count)
{
	const struct report_process *process = &s->data->processes[count->process];
	const struct report_text *module =
		count->frame == NO_FRAME ? NULL : s->data->frames[count->frame].module;

	protobuf_add_u64(&s->packet, PACKET_TIMESTAMP, count->time_ns);
	protobuf_add_u64(&s->packet, PACKET_SEQUENCE_FLAGS, SEQUENCE_NEEDED);
	protobuf_add_u64(&s->message, SAMPLE_PID, process->pid);
	protobuf_add_u64(&s->message, SAMPLE_TID, process->pid);
	if (count->frame != NO_FRAME)
		protobuf_add_u64(&s->message, SAMPLE_CALLSTACK, id_of(count->frame));
	protobuf_add_u64(&s->message, SAMPLE_MODE,
	                 module && module->n && module->bytes[0] == '[' ? MODE_KERNEL : MODE_USER);
	finish(s, PACKET_PERF_SAMPLE);
}

/* The file merges samples with the same time and stack, and counts them: write each that often. */
static void write_samples(struct samples *s)
{
	double all = 0, due = 0, part;

	for (size_t i = 0; i < s->data->n_samples; i++)
		all += s->data->samples[i].samples;
	part = all > SAMPLES_MAX ? SAMPLES_MAX / all : 1;
	for (size_t i = 0; i < s->data->n_samples && !s->failed; i++) {
		due += part * s->data->samples[i].samples;
		while (due >= 1 && !s->failed) {
			write_sample(s, &s->data->samples[i]);
			due -= 1;
		}
	}
}

int perfetto_write_samples(const struct report_data *data, unsigned int sequence, FILE *out)
{
	struct samples s = {.data = data, .sequence = sequence, .out = out};

	if (data->n_samples == 0)
		return 0;
	s.is_known = calloc(2 * (data->texts.n + 1), sizeof(*s.is_known));
	s.has_stack = calloc(data->n_frames + 1, sizeof(*s.has_stack));
	s.failed = !s.is_known || !s.has_stack;
	if (!s.failed) {
		write_processes(&s);
		write_interned(&s);
		write_samples(&s);
	}
	free(s.is_known);
	free(s.has_stack);
	text_fini(&s.trace);
	text_fini(&s.packet);
	text_fini(&s.message);
	text_fini(&s.item);
	return s.failed ? -ENOMEM : 0;
}
