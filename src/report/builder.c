/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/builder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 4096

/* Maps a pid to its current life: process + 1; 0: free. */
struct build_slot {
	uint64_t key;
	uint32_t process;
};

int builder_init(struct builder *builder, struct report_data *data)
{
	*builder = (struct builder){.data = data, .n_slots = SLOTS_FIRST};
	builder->others = (struct build_metric){.role = METRIC_VALUE, .field = BUILDER_FIELDS_MAX};
	report_profile_init(&builder->profile, data);
	builder->slots = calloc(builder->n_slots, sizeof(*builder->slots));
	builder->nothing = report_texts_get(&data->texts, "", 0);
	return builder->slots && builder->nothing ? 0 : -ENOMEM;
}

void builder_fini(struct builder *builder)
{
	free(builder->processes);
	free(builder->slots);
	free(builder->metrics);
	free(builder->runs);
	report_profile_fini(&builder->profile);
	slots_fini(&builder->energies);
	arena_fini(&builder->arena);
}

/*
 * Make room for one more element of an array that doubles. Returns the array, or NULL if memory ran
 * out.
 */
static void *grow(void *array, size_t n, size_t *capacity, size_t size)
{
	const size_t wanted = n < 64 ? 64 : 2 * n;

	if (n < *capacity)
		return array;
	array = reallocarray(array, wanted, size);
	if (array)
		*capacity = wanted;
	return array;
}

int builder_add_run(struct builder *builder, const char *file, const struct report_text *id)
{
	struct report_data *data = builder->data;
	struct report_run *runs = reallocarray(data->runs, data->n_runs + 1, sizeof(*runs));
	struct build_run *builds =
		reallocarray(builder->runs, data->n_runs + 1, sizeof(*builds));

	if (runs)
		data->runs = runs;
	if (builds)
		builder->runs = builds;
	if (!runs || !builds)
		return -ENOMEM;
	builds[data->n_runs] =
		(struct build_run){.values = BUILD_VALUES_UNKNOWN, .first_ns = UINT64_MAX};
	runs[data->n_runs++] = (struct report_run){
		.file = file, .id = id, .info = builder->nothing, .command = builder->nothing};
	return 0;
}

/* ---- metrics ---- */

/* Whether the run has a metric of the field. */
static bool is_of_run(const struct builder *builder, uint32_t field, uint32_t run)
{
	for (size_t i = 0; i < builder->n_metrics; i++) {
		if (builder->metrics[i].field == field && builder->metrics[i].run == run)
			return true;
	}
	return false;
}

static bool is_same(const struct report_field *a, const struct report_field *b)
{
	return a->kind == b->kind && (a->kind != FIELD_EVENT || (strcmp(a->name, b->name) == 0 &&
	                                                         strcmp(a->unit, b->unit) == 0));
}

static int add_field(struct builder *builder, uint32_t run, const struct report_text *metric,
                     uint32_t *index)
{
	struct report_data *data = builder->data;
	struct report_field *fields, field = {.metric = metric};
	int err = field_describe(metric->bytes, &field);

	if (err)
		return err;
	*index = 0;
	while (*index < data->n_fields && !is_same(&data->fields[*index], &field))
		++*index;
	if (field.kind == FIELD_EVENT && *index < data->n_fields &&
	    is_of_run(builder, *index, run)) {
		/* Two columns of one name would be taken for one. */
		free(field.name);
		field.name = strdup(metric->bytes);
		if (!field.name)
			return -ENOMEM;
		*index = (uint32_t)data->n_fields;
	}
	if (*index < data->n_fields || *index >= BUILDER_FIELDS_MAX) {
		free(field.name);
		return 0;
	}
	fields = reallocarray(data->fields, data->n_fields + 1, sizeof(*fields));
	if (!fields) {
		free(field.name);
		return -ENOMEM;
	}
	data->fields = fields;
	fields[data->n_fields++] = field;
	return 0;
}

struct build_metric *builder_metric(struct builder *builder, uint32_t run, const char *name,
                                    size_t n)
{
	const struct report_text *text = report_texts_get(&builder->data->texts, name, n);
	struct build_metric *metrics;

	if (!text)
		return NULL;
	for (size_t i = 0; i < builder->n_metrics; i++) {
		if (builder->metrics[i].text == text) {
			builder->metrics[i].run = run;
			return &builder->metrics[i];
		}
	}
	metrics = builder->metrics;
	/* Names beyond a sensible number share an entry, whose rows are dropped. */
	if (builder->n_metrics >= 4 * BUILDER_FIELDS_MAX)
		return &builder->others;
	metrics = reallocarray(metrics, builder->n_metrics + 1, sizeof(*metrics));
	if (!metrics)
		return NULL;
	builder->metrics = metrics;
	metrics += builder->n_metrics;
	*metrics = (struct build_metric){text, metric_role(text->bytes), BUILDER_FIELDS_MAX, run};
	if ((metrics->role == METRIC_VALUE || metrics->role == METRIC_ATTRIBUTED_ENERGY) &&
	    add_field(builder, run, text, &metrics->field))
		return NULL;
	builder->n_metrics++;
	return metrics;
}

/* ---- processes ---- */

static struct build_slot *find_slot(const struct builder *builder, uint64_t key)
{
	size_t at = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (builder->n_slots - 1);

	while (builder->slots[at].process && builder->slots[at].key != key)
		at = (at + 1) & (builder->n_slots - 1);
	return &builder->slots[at];
}

static int grow_slots(struct builder *builder)
{
	struct build_slot *old = builder->slots;
	const size_t n_old = builder->n_slots;

	builder->slots = calloc(2 * n_old, sizeof(*builder->slots));
	if (!builder->slots) {
		builder->slots = old;
		return -ENOMEM;
	}
	builder->n_slots = 2 * n_old;
	for (size_t i = 0; i < n_old; i++) {
		if (old[i].process)
			*find_slot(builder, old[i].key) = old[i];
	}
	free(old);
	return 0;
}

static uint64_t key_of(uint32_t run, uint32_t pid)
{
	return (uint64_t)run << 32 | pid;
}

uint32_t builder_current(const struct builder *builder, uint32_t run, uint32_t pid)
{
	return find_slot(builder, key_of(run, pid))->process - 1;
}

static struct build_process *add_process(struct builder *builder, uint32_t run, uint32_t pid,
                                         uint32_t number)
{
	struct build_process *processes;
	struct build_slot *slot;

	if (builder->n_processes >= BUILDER_PROCESSES_MAX) {
		builder->dropped++;
		return NULL;
	}
	processes = grow(builder->processes, builder->n_processes, &builder->processes_capacity,
	                 sizeof(*processes));
	if (!processes)
		return NULL;
	builder->processes = processes;
	if (2 * builder->n_slots_used >= builder->n_slots && grow_slots(builder))
		return NULL;
	slot = find_slot(builder, key_of(run, pid));
	processes += builder->n_processes;
	*processes = (struct build_process){
		.process = {.pid = pid,
	                    .number = number,
	                    .run = run,
	                    .parent = NO_PROCESS,
	                    .comm = builder->nothing,
	                    .exe = builder->nothing,
	                    .args = builder->nothing,
	                    .rank = builder->nothing},
		.previous = slot->process - 1,
		.first_parent = NO_PROCESS,
		.first_ns = UINT64_MAX,
	};
	builder->n_slots_used += !slot->process;
	*slot = (struct build_slot){key_of(run, pid), (uint32_t)++builder->n_processes};
	return processes;
}

struct build_process *builder_next_life(struct builder *builder, uint32_t run, uint32_t pid)
{
	const uint32_t current = builder_current(builder, run, pid);

	return add_process(builder, run, pid,
	                   current == NO_PROCESS ? 1
	                                         : builder->processes[current].process.number + 1);
}

struct build_process *builder_process(struct builder *builder, uint32_t run, uint32_t pid,
                                      uint32_t number)
{
	uint32_t index = builder_current(builder, run, pid);

	if (number == 0 && index != NO_PROCESS)
		return &builder->processes[index];
	while (index != NO_PROCESS && builder->processes[index].process.number != number)
		index = builder->processes[index].previous;
	if (index != NO_PROCESS)
		return &builder->processes[index];
	return add_process(builder, run, pid, number ? number : 1);
}

/* ---- values ---- */

static struct build_cell *find_cell(struct builder *builder, struct build_process *process,
                                    uint32_t field, const struct report_text *variant)
{
	struct build_cell **link = &process->cells;

	for (; *link; link = &(*link)->next) {
		if ((*link)->field == field && (*link)->variant == variant)
			return *link;
	}
	*link = arena_take(&builder->arena, sizeof(**link));
	if (*link)
		**link = (struct build_cell){.field = field, .variant = variant};
	return *link;
}

/* Whether the field is CPU time. */
static bool is_cpu_time(const struct report_field *field)
{
	return field->kind == FIELD_CPU_TIME || strcmp(field->name, "task-clock") == 0;
}

/*
 * The row's time ends the slice. Its CPU time is computed in settle_slices(), when it is known
 * whether rows are cumulative.
 */
static int add_slice(struct builder *builder, const struct build_process *process,
                     const struct build_cell *cell, uint64_t time_ns, double value)
{
	struct report_data *data = builder->data;
	struct report_slice *slices =
		grow(data->slices, data->n_slices, &builder->slices_capacity, sizeof(*slices));

	if (!slices)
		return -ENOMEM;
	data->slices = slices;
	slices[data->n_slices++] = (struct report_slice){
		.process = (uint32_t)(process - builder->processes),
		.begin_ns = cell->time_ns,
		.end_ns = time_ns,
		.cpu_ns = value,
	};
	return 0;
}

int builder_add_value(struct builder *builder, struct build_process *process,
                      const struct build_value *value)
{
	struct report_field *fields = builder->data->fields;
	struct build_cell *cell;
	int err = 0;

	if (value->field >= builder->data->n_fields) {
		builder->dropped++;
		return 0;
	}
	cell = find_cell(builder, process, value->field, value->variant);
	if (!cell)
		return -ENOMEM;
	fields[value->field].has_rows = true;
	if (is_cpu_time(&fields[value->field]))
		err = add_slice(builder, process, cell, value->time_ns, value->value);
	if (value->value < cell->last && !value->is_rough)
		builder->runs[process->process.run].is_delta[value->field] = true;
	cell->last = value->value;
	cell->sum += value->value;
	builder->has_estimates |= value->estimated > 0;
	cell->last_estimated = value->estimated;
	cell->estimated_sum += cell->last_estimated;
	cell->time_ns = value->time_ns;
	return err;
}

bool builder_is_delta(const struct builder *builder, uint32_t run, uint32_t field)
{
	const struct build_run *build = &builder->runs[run];

	switch (build->values) {
	case BUILD_VALUES_CUMULATIVE:
		return false;
	case BUILD_VALUES_DELTA:
		return !builder->data->fields[field].is_max; /* a peak has no difference */
	case BUILD_VALUES_UNKNOWN:
		break;
	}
	return build->is_delta[field];
}

int builder_set_final(struct builder *builder, struct build_process *process, enum field_kind kind,
                      uint64_t time_ns, double value, double estimated)
{
	const char *name = field_metric(kind);
	const struct build_metric *metric =
		builder_metric(builder, process->process.run, name, strlen(name));
	struct build_cell *cell;

	if (!metric)
		return -ENOMEM;
	if (metric->field >= builder->data->n_fields) {
		builder->dropped++;
		return 0;
	}
	cell = find_cell(builder, process, metric->field, builder->nothing);
	if (!cell)
		return -ENOMEM;
	builder->has_estimates |= estimated > 0;
	cell->is_final = true;
	cell->last = value;
	cell->last_estimated = estimated;
	cell->time_ns = time_ns;
	return 0;
}
