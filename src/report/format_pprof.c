/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A profile for pprof (protobuf, gzip), which go tool pprof, Grafana and others open. A stack
 * consists of the functions of a process, the process, and its ancestors up to the command. Sample
 * types are the number of samples, CPU time and energy.
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "core/log.h"
#include "report/fold.h"
#include "report/formats.h"
#include "report/functions.h"
#include "report/names.h"
#include "report/number_math.h"
#include "report/packed.h"
#include "report/protobuf.h"
#include "report/slots.h"

/* Field numbers of github.com/google/pprof/proto/profile.proto. */
enum {
	PROFILE_SAMPLE_TYPE = 1,
	PROFILE_SAMPLE = 2,
	PROFILE_MAPPING = 3,
	PROFILE_LOCATION = 4,
	PROFILE_FUNCTION = 5,
	PROFILE_STRING = 6,
	PROFILE_TIME_NANOS = 9,
	PROFILE_DURATION_NANOS = 10,
	PROFILE_COMMENT = 13,
	PROFILE_DEFAULT_SAMPLE_TYPE = 14,
	VALUE_TYPE_TYPE = 1,
	VALUE_TYPE_UNIT = 2,
	SAMPLE_LOCATION = 1,
	SAMPLE_VALUE = 2,
	MAPPING_ID = 1,
	MAPPING_FILE = 5,
	MAPPING_HAS_FUNCTIONS = 7,
	LOCATION_ID = 1,
	LOCATION_MAPPING = 2,
	LOCATION_LINE = 4,
	LINE_FUNCTION = 1,
	FUNCTION_ID = 1,
	FUNCTION_NAME = 2,
	FUNCTION_SYSTEM_NAME = 3,
	FUNCTION_FILE = 4,
};

/* For deflateInit2(): the largest window, with a gzip header. */
#define GZIP_WINDOW (15 + 16)

/* Stacks deeper than this are cut at their root. */
#define DEPTH_MAX 4096

enum sample_kind { KIND_SAMPLES, KIND_CPU, KIND_ENERGY, KINDS };

static const struct {
	const char *type, *unit;
	double scale; /* from the report's values */
} kinds[KINDS] = {
	[KIND_SAMPLES] = {"samples", "count", 1},
	[KIND_CPU] = {"cpu", "nanoseconds", 1},
	[KIND_ENERGY] = {"energy", "microjoules", 1e6},
};

/* A function or process in a stack. Functions with the same name and module are one. */
struct place {
	const struct report_text *name, *module; /* module NULL: a process */
};

struct pprof {
	const struct report_data *data;
	struct fold fold;
	struct text out, message, inner;
	bool has[KINDS];
	uint64_t n_strings;
	struct place *places; /* location and function id - 1 */
	size_t n_places;
	struct slots slots; /* of places, whose ids are their indices + 1 */
	uint32_t *mappings; /* by the id of a module's text: id of its mapping; 0: none yet */
	uint32_t n_mappings;
};

/* --- the parts -------------------------------------------------------------------------------- */

static uint64_t add_string(struct pprof *p, const char *bytes, size_t n)
{
	protobuf_add_bytes(&p->out, PROFILE_STRING, bytes, n);
	return p->n_strings++;
}

static uint64_t add_visible_string(struct pprof *p, const struct report_text *text)
{
	uint64_t string;

	text_clear(&p->inner, 65536);
	report_add_visible(&p->inner, text->bytes, text->n);
	string = add_string(p, p->inner.data ? p->inner.data : "", p->inner.n);
	text_clear(&p->inner, 65536);
	return string;
}

static void add_message(struct pprof *p, unsigned int field)
{
	protobuf_add_bytes(&p->out, field, p->message.data, p->message.n);
	text_clear(&p->message, 65536);
}

static void add_type(struct pprof *p, enum sample_kind kind, bool is_default)
{
	const uint64_t type = add_string(p, kinds[kind].type, strlen(kinds[kind].type));
	const uint64_t unit = add_string(p, kinds[kind].unit, strlen(kinds[kind].unit));

	protobuf_add_u64(&p->message, VALUE_TYPE_TYPE, type);
	protobuf_add_u64(&p->message, VALUE_TYPE_UNIT, unit);
	add_message(p, PROFILE_SAMPLE_TYPE);
	if (is_default)
		protobuf_add_u64(&p->out, PROFILE_DEFAULT_SAMPLE_TYPE, type);
}

static uint32_t mapping_of(struct pprof *p, const struct report_text *module)
{
	uint64_t file;

	if (p->mappings[module->id])
		return p->mappings[module->id];
	file = add_visible_string(p, module);
	p->mappings[module->id] = ++p->n_mappings;
	protobuf_add_u64(&p->message, MAPPING_ID, p->n_mappings);
	protobuf_add_u64(&p->message, MAPPING_FILE, file);
	protobuf_add_u64(&p->message, MAPPING_HAS_FUNCTIONS, 1);
	add_message(p, PROFILE_MAPPING);
	return p->n_mappings;
}

/* Add a function for the place, and a location that has only this function. */
static void describe_place(struct pprof *p, uint64_t id, const struct place *place)
{
	const uint32_t mapping =
		place->module && place->module->n ? mapping_of(p, place->module) : 0;
	const uint64_t name = add_visible_string(p, place->name);

	protobuf_add_u64(&p->message, FUNCTION_ID, id);
	protobuf_add_u64(&p->message, FUNCTION_NAME, name);
	protobuf_add_u64(&p->message, FUNCTION_SYSTEM_NAME, name);
	add_message(p, PROFILE_FUNCTION);
	protobuf_add_u64(&p->inner, LINE_FUNCTION, id);
	protobuf_add_u64(&p->message, LOCATION_ID, id);
	if (mapping)
		protobuf_add_u64(&p->message, LOCATION_MAPPING, mapping);
	protobuf_add_bytes(&p->message, LOCATION_LINE, p->inner.data, p->inner.n);
	text_clear(&p->inner, 65536);
	add_message(p, PROFILE_LOCATION);
}

/* --- places ----------------------------------------------------------------------------------- */

static uint64_t hash(const void *item)
{
	const struct place *place = item;
	const uint64_t module = place->module ? place->module->id : UINT32_MAX;

	return module << 32 ^ place->name->id;
}

static bool is_same(const void *item, const void *other)
{
	const struct place *x = item, *y = other;

	return x->name == y->name && x->module == y->module;
}

static const struct slots_kind place_kind = {sizeof(struct place), hash, is_same};

static int add_place(struct pprof *p, const struct place *place, struct text *locations)
{
	uint32_t i;
	struct place *places =
		slots_enter(&p->slots, &place_kind, p->places, p->n_places, place, &i);

	if (!places)
		return -ENOMEM;
	p->places = places;
	if (i == p->n_places) {
		p->n_places++;
		describe_place(p, i + 1, place);
	}
	packed_add(locations, i + 1);
	return 0;
}

/* Innermost first: the functions, then the processes. frame may be NO_FRAME. */
static int add_locations(struct pprof *p, uint32_t node, uint32_t frame, struct text *locations)
{
	const struct report_data *data = p->data;
	size_t depth = 0;
	int err = 0;

	for (; frame != NO_FRAME && depth < DEPTH_MAX && !err; depth++) {
		const struct report_frame *at = &data->frames[frame];

		err = add_place(p, &(struct place){at->function, at->module}, locations);
		frame = at->parent;
	}
	for (; node != NO_PROCESS && depth < DEPTH_MAX && !err; depth++) {
		err = add_place(p, &(struct place){.name = p->fold.nodes[node].label}, locations);
		node = p->fold.nodes[node].parent;
	}
	return err;
}

/* --- samples ---------------------------------------------------------------------------------- */

static int add_sample(struct pprof *p, enum sample_kind kind, uint32_t node, uint32_t frame,
                      double value)
{
	const double scaled = value * kinds[kind].scale;
	struct text locations = {.n = 0};
	int err;

	if (!(scaled >= 0.5 && scaled < (double)INT64_MAX / 2))
		return 0;
	err = add_locations(p, node, frame, &locations);
	protobuf_add_bytes(&p->message, SAMPLE_LOCATION, locations.data, locations.n);
	for (enum sample_kind k = 0; k < KINDS; k++) {
		if (p->has[k])
			packed_add(&p->inner, k == kind ? (uint64_t)to_nearest(scaled) : 0);
	}
	protobuf_add_bytes(&p->message, SAMPLE_VALUE, p->inner.data, p->inner.n);
	text_clear(&p->inner, 65536);
	add_message(p, PROFILE_SAMPLE);
	if (locations.failed)
		err = -ENOMEM;
	text_fini(&locations);
	return err;
}

/* field: the value that is distributed over functions; -1: the samples themselves. */
static int add_kind(struct pprof *p, enum sample_kind kind, int field)
{
	struct report_functions functions;
	struct fold *fold = &p->fold;
	int err = fold_processes((struct report_data *)p->data, report_measure_of, field, fold);

	if (err)
		return err;
	err = field < 0 ? report_functions_count(p->data, fold, &functions)
	                : report_functions_make(p->data, field, fold, &functions);
	for (size_t i = 0; i < functions.n && !err; i++)
		err = add_sample(p, kind, functions.functions[i].node, functions.functions[i].frame,
		                 functions.functions[i].value);
	for (size_t i = 0; i < fold->n && !err; i++)
		err = add_sample(p, kind, (uint32_t)i, NO_FRAME, functions.rest[i]);
	report_functions_fini(&functions);
	fold_fini(fold);
	return err;
}

/* What is missing or estimated, as comments: go tool pprof -comments. */
static void add_messages(struct pprof *p)
{
	const char *message;
	bool is_loss;

	for (size_t i = 0; (message = report_message(p->data, i, &is_loss)); i++) {
		text_clear(&p->inner, 65536);
		text_add_string(&p->inner, is_loss ? "missing: " : "note: ");
		report_add_visible(&p->inner, message, strlen(message));
		protobuf_add_u64(&p->out, PROFILE_COMMENT,
		                 add_string(p, p->inner.data, p->inner.n));
	}
	text_clear(&p->inner, 65536);
}

/* The sample type that viewers show first: energy if requested, else CPU time. */
static enum sample_kind default_kind(const struct pprof *p, const char *by)
{
	if (by && strcmp(by, "energy") == 0 && p->has[KIND_ENERGY])
		return KIND_ENERGY;
	return p->has[KIND_CPU] ? KIND_CPU : KIND_SAMPLES;
}

static int build(struct pprof *p, const char *by)
{
	const struct report_data *data = p->data;
	const int fields[KINDS] = {-1, report_field_of(data, FIELD_CPU_TIME),
	                           report_field_of(data, FIELD_ENERGY)};
	int err = 0;

	p->mappings = calloc(data->texts.n + 1, sizeof(*p->mappings));
	if (!p->mappings)
		return -ENOMEM;
	add_string(p, "", 0);
	for (enum sample_kind kind = 0; kind < KINDS; kind++)
		p->has[kind] = kind == KIND_SAMPLES ? data->n_counts > 0 : fields[kind] >= 0;
	for (enum sample_kind kind = 0; kind < KINDS; kind++) {
		if (p->has[kind])
			add_type(p, kind, kind == default_kind(p, by));
	}
	protobuf_add_u64(&p->out, PROFILE_TIME_NANOS,
	                 data->n_runs > 0 ? data->runs[0].start_ns : 0);
	protobuf_add_u64(&p->out, PROFILE_DURATION_NANOS, data->end_ns);
	add_messages(p);
	/* pprof heads the profile with the first mapping's file, as the program's. */
	if (data->n_processes > 0 && data->processes[0].comm->n > 0)
		mapping_of(p, data->processes[0].comm);
	for (enum sample_kind kind = 0; kind < KINDS && !err; kind++) {
		if (p->has[kind])
			err = add_kind(p, kind, fields[kind]);
	}
	return err || p->out.failed || p->message.failed || p->inner.failed ? -ENOMEM : 0;
}

static int write_gzip(const struct text *bytes, FILE *out)
{
	unsigned char buffer[65536];
	z_stream stream = {.next_in = (unsigned char *)bytes->data};
	size_t left = bytes->n;
	int result;

	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8,
	                 Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	do {
		if (stream.avail_in == 0 && left > 0) {
			stream.avail_in = left > UINT_MAX ? UINT_MAX : (unsigned int)left;
			left -= stream.avail_in;
		}
		stream.next_out = buffer;
		stream.avail_out = sizeof(buffer);
		result = deflate(&stream, left > 0 ? Z_NO_FLUSH : Z_FINISH);
		fwrite(buffer, 1, sizeof(buffer) - stream.avail_out, out);
	} while (result == Z_OK);
	deflateEnd(&stream);
	return 0;
}

int report_write_pprof(struct report_data *data, const struct report_options *options, FILE *out)
{
	struct pprof p = {.data = data};
	int err = build(&p, options->by);

	if (!err)
		err = write_gzip(&p.out, out);
	if (err)
		log_error("out of memory for the report");
	text_fini(&p.out);
	text_fini(&p.message);
	text_fini(&p.inner);
	free(p.places);
	slots_fini(&p.slots);
	free(p.mappings);
	return err;
}
