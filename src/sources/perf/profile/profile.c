/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/profile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/metric_registry.h"
#include "core/pipeline.h"
#include "sources/perf/profile/collect.h"
#include "sources/perf/profile/incomplete.h"
#include "sources/perf/profile/named_stacks.h"
#include "sources/perf/profile/naming.h"
#include "sources/perf/profile/profile_event.h"
#include "sources/perf/profile/sampler.h"

/* Programs to remember, as candidates for binaries. */
#define PROGRAMS_MAX 1000

#define NUMBER_SIZE 24

struct profile {
	struct sample_event event;
	struct sampler *sampler;
	struct collection collection;
	struct strings strings;
	uint32_t programs[PROGRAMS_MAX];
	size_t n_programs;
	struct pipeline *pipeline;
	uint32_t frame_metric, samples_metric;
	struct incomplete incomplete;
	uint64_t too_many; /* samples without room for the names of their stacks */
	bool lacks_kernel;
	enum debug_outcome debug_outcome;
};

static int register_metrics(struct profile *profile, struct metric_registry *metrics)
{
	static const char *const keys[] = {"command", "event",  "function", "module",
	                                   "parent",  "priced", "stack",    "weight"};
	int frame = metric_register(metrics, "profile_frame", &UNIT_NONE, METRIC_GAUGE);
	int samples = metric_register(metrics, "profile_samples", &UNIT_NONE, METRIC_DELTA);
	int err = frame < 0 ? frame : samples < 0 ? samples : 0;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]) && !err; i++)
		err = metric_announce_attribute(metrics, keys[i]);
	profile->frame_metric = (uint32_t)frame;
	profile->samples_metric = (uint32_t)samples;
	return err ? log_oom() : 0;
}

int profile_open(const char *text, int tasks_fd, uint32_t cpus_n, const struct cpu_list *online,
                 const struct source_context *context, struct profile **result)
{
	struct profile *profile = calloc(1, sizeof(*profile));
	int err;

	*result = NULL;
	if (!profile)
		return log_oom();
	profile->pipeline = context->pipeline;
	err = collection_init(&profile->collection, "/") ? log_oom() : 0;
	if (!err)
		err = profile_event_parse(text, &profile->event);
	if (!err)
		pricing_init(&profile->collection.pricing,
		             pipeline_weight_plan(context->pipeline), profile->event.weight_unit);
	if (!err)
		err = register_metrics(profile, context->metrics);
	if (!err)
		err = sampler_new(&profile->event, tasks_fd, cpus_n, online, &profile->sampler);
	if (!err)
		err = sampler_open(profile->sampler, online);
	if (err) {
		profile_free(profile);
		return err;
	}
	*result = profile;
	return 0;
}

void profile_free(struct profile *profile)
{
	if (!profile)
		return;
	sampler_free(profile->sampler);
	collection_fini(&profile->collection);
	strings_fini(&profile->strings);
	incomplete_fini(&profile->incomplete);
	free(profile->event.name);
	free(profile);
}

void profile_start(struct profile *profile)
{
	sampler_enable(profile->sampler);
}

int profile_fd(const struct profile *profile)
{
	return sampler_fd(profile->sampler);
}

static int take(void *data, const struct sample_record *record)
{
	struct profile *profile = data;

	return collection_add(&profile->collection, record);
}

/* Samples that arrived after the end of the last interval wait for the end of the next one. */
int profile_drain(struct profile *profile)
{
	struct collection *collection = &profile->collection;
	int err = pricing_settle(&collection->pricing, &collection->stacks, false);

	return err ? err : sampler_drain(profile->sampler, take, profile);
}

void profile_forget_cpu(struct profile *profile, uint32_t cpu)
{
	sampler_forget(profile->sampler, cpu);
}

int profile_refresh(struct profile *profile, const struct cpu_list *online)
{
	return sampler_open(profile->sampler, online);
}

static int remember_program(struct profile *profile, const char *path)
{
	const uint32_t number = strings_intern(&profile->strings, path);

	if (number == NO_STRING)
		return -ENOMEM;
	for (size_t i = 0; i < profile->n_programs; i++) {
		if (profile->programs[i] == number)
			return 0;
	}
	if (profile->n_programs < PROGRAMS_MAX)
		profile->programs[profile->n_programs++] = number;
	return 0;
}

int profile_ended(struct profile *profile, const struct process *process)
{
	/* Its last samples are in a ring of their own. */
	int err = profile_drain(profile);
	struct sampled *sampled = collection_find(&profile->collection, &process->id);

	if (err || !sampled)
		return err;
	memcpy(sampled->comm, process->comm, sizeof(sampled->comm));
	sampled->life = process->number;
	memcpy(sampled->rank, process->rank, sizeof(sampled->rank));
	return process->exe ? remember_program(profile, process->exe) : 0;
}

/* --- points ----------------------------------------------------------------------------------- */

static int name_stacks(struct profile *profile, struct named_stacks *named)
{
	const struct naming_paths paths = {
		.kernel = KERNEL_NAMES_ASK,
		.kallsyms = "/proc/kallsyms",
		.debug_root = "/usr/lib/debug",
		.perf_maps = "/tmp",
		.library_cache = "/etc/ld.so.cache",
	};
	const struct stacks *from = &profile->collection.stacks;
	struct naming *naming = NULL;
	const struct programs programs = {profile->programs, profile->n_programs};
	int err = naming_new(&profile->collection.images, &profile->strings, &programs, &paths,
	                     &naming);

	if (!err)
		err = naming_prepare(naming, from);
	if (!err)
		err = named_stacks_init(named, from, naming);
	profile->incomplete.frames_max = incomplete_frames_max();
	if (!err)
		err = incomplete_find(&profile->incomplete, &profile->collection, &named->stacks,
		                      named->nodes, &profile->strings);
	profile->lacks_kernel = naming && naming_lacks_kernel(naming);
	profile->debug_outcome = naming ? naming_debug_outcome(naming) : DEBUG_ALL;
	naming_free(naming);
	return err;
}

static struct attribute attribute(const char *key, const char *text)
{
	return (struct attribute){.key = key, .text = text, .length = strlen(text)};
}

static int push_frame(struct profile *profile, const struct stacks *stacks, size_t node,
                      uint64_t time_ns)
{
	const struct stack_node *at = &stacks->nodes[node];
	const char *module = strings_get(&profile->strings, at->frame.index);
	struct attribute attributes[3];
	char parent[NUMBER_SIZE];
	struct point point = {
		.metric = profile->frame_metric,
		.time_ns = time_ns,
		.type = VALUE_U64,
		.value.u64 = node,
		.attributes = attributes,
	};

	attributes[point.n_attributes++] =
		attribute("function", strings_get(&profile->strings, (uint32_t)at->frame.place));
	if (*module)
		attributes[point.n_attributes++] = attribute("module", module);
	if (at->parent != STACK_ROOT) {
		snprintf(parent, sizeof(parent), "%" PRIu32, at->parent);
		attributes[point.n_attributes++] = attribute("parent", parent);
	}
	return pipeline_push(profile->pipeline, &point);
}

static int push_count(struct profile *profile, const struct stack_count *count)
{
	const struct sampled *process = profile->collection.processes[count->process];
	char stack[NUMBER_SIZE], weight[NUMBER_SIZE], priced[NUMBER_SIZE];
	struct attribute attributes[5];
	struct point point = {
		.metric = profile->samples_metric,
		.time_ns = clock_to_realtime(count->time_ns),
		.type = VALUE_U64,
		.value.u64 = count->samples,
		.consumer_kind = CONSUMER_PROCESS,
		.consumer_id = process->id.pid,
		.consumer_start_ns = process->id.start_ns,
		.consumer_life = process->life, /* at the end, rows are not in the order of lives */
		.consumer_rank = process->rank,
		.attributes = attributes,
	};

	snprintf(stack, sizeof(stack), "%" PRIu32, count->node);
	snprintf(weight, sizeof(weight), "%" PRIu64, count->weight);
	attributes[point.n_attributes++] = (struct attribute){
		.key = "command",
		.text = process->comm,
		.length = strnlen(process->comm, sizeof(process->comm)),
	};
	attributes[point.n_attributes++] = attribute("event", profile->event.name);
	if (count->priced > 0) {
		snprintf(priced, sizeof(priced), "%.9g", count->priced);
		attributes[point.n_attributes++] = attribute("priced", priced);
	}
	if (count->node != STACK_ROOT)
		attributes[point.n_attributes++] = attribute("stack", stack);
	attributes[point.n_attributes++] = attribute("weight", weight);
	return pipeline_push(profile->pipeline, &point);
}

/* Rows of frames must precede all rows that refer to them, even if rows are sorted by time. */
static uint64_t first_ns(const struct stacks *stacks)
{
	uint64_t first = clock_monotonic_ns();

	for (size_t i = 0; i < stacks->n_counts; i++) {
		if (stacks->counts[i].time_ns < first)
			first = stacks->counts[i].time_ns;
	}
	return clock_to_realtime(first);
}

int profile_finish(struct profile *profile)
{
	struct collection *collection = &profile->collection;
	struct named_stacks named = {.nodes = NULL};
	uint64_t time_ns;
	int err;

	sampler_disable(profile->sampler);
	err = profile_drain(profile);
	if (!err)
		err = pricing_settle(&collection->pricing, &collection->stacks, true);
	time_ns = first_ns(&collection->stacks);
	log_debug("profile: %" PRIu64 " frames in user space with a build id, %" PRIu64
	          " found by their addresses, %" PRIu64 " not yet",
	          collection->frames_by_build_id, collection->frames_found,
	          collection->frames_lost);
	/* Names may take minutes: whoever ends the agent meanwhile only loses the profile. */
	pipeline_flush(profile->pipeline);
	if (!err)
		err = name_stacks(profile, &named);
	for (size_t i = STACK_ROOT + 1; i < named.stacks.n_nodes && !err; i++)
		err = push_frame(profile, &named.stacks, i, time_ns);
	for (size_t i = 0; i < named.stacks.n_counts && !err; i++)
		err = push_count(profile, &named.stacks.counts[i]);
	profile->too_many = named.stacks.too_many;
	named_stacks_fini(&named);
	return err;
}

/* --- what there is to say --------------------------------------------------------------------- */

static const char *const inlined_notes[] = {
	[DEBUG_NO_LIBRARY] =
		"inlined functions are not told apart in the profile: the library libdw.so.1 "
		"is not here; apt install libdw1",
	[DEBUG_STATIC] =
		"inlined functions are not told apart in the profile: this program is linked "
		"statically and cannot load libdw.so.1",
	[DEBUG_LATE] =
		"some inlined functions are not told apart in the profile: reading debugging "
		"information took too long",
	[DEBUG_BROKEN] =
		"some inlined functions are not told apart in the profile: reading debugging "
		"information failed",
	[DEBUG_STOPPED] =
		"some inlined functions are not told apart in the profile: a signal ended "
		"reading debugging information",
};

void profile_report(const struct profile *profile,
                    void (*say)(void *data, enum report_kind kind, const char *line), void *data)
{
	const uint64_t lost = sampler_losses(profile->sampler).ring_full;
	const uint64_t samples = profile->collection.samples;
	const uint64_t too_many = profile->collection.stacks.too_many + profile->too_many;
	char line[256];

	if (lost) {
		snprintf(line, sizeof(line),
		         "%" PRIu64 " of %" PRIu64
		         " samples of the profile were lost: the agent did "
		         "not come to read them; fewer a second (--profile=49) take less room",
		         lost, samples + lost);
		say(data, REPORT_LOSS, line);
	}
	if (too_many) {
		snprintf(line, sizeof(line),
		         "%" PRIu64
		         " samples of the profile are counted without their stacks, of which "
		         "there were too many",
		         too_many);
		say(data, REPORT_LOSS, line);
	}
	if (profile->lacks_kernel)
		say(data, REPORT_NOTE,
		    "the kernel's functions are not named in the profile: their addresses are "
		    "hidden; sudo sysctl kernel.kptr_restrict=0 kernel.perf_event_paranoid=1 shows "
		    "them");
	if (inlined_notes[profile->debug_outcome])
		say(data, REPORT_NOTE, inlined_notes[profile->debug_outcome]);
	incomplete_say(&profile->incomplete, &profile->strings, say, data);
}
