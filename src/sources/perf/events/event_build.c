/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event_build.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "sources/perf/events/event_explain.h"
#include "sources/perf/events/event_rights.h"
#include "sources/perf/events/pmu_explain.h"
#include "sources/perf/events/pmu_format.h"
#include "sources/perf/events/tracepoint.h"
#include "sources/perf/fields.h"

/* The PMU of a generic event stands above the 32 bits of its own (PERF_PMU_TYPE_SHIFT, since 5.13). */
#define PMU_TYPE_SHIFT 32

void event_context_fini(struct event_context *context)
{
	pmu_list_free(&context->pmus);
	libpfm_close(&context->libpfm);
	context->has_pmus = false;
}

int event_context_pmus(struct event_context *context)
{
	int err;

	if (context->has_pmus)
		return 0;
	err = pmu_list_load(context->sysroot, &context->pmus);
	context->has_pmus = err == 0;
	if (err)
		pmu_list_free(&context->pmus);
	return err;
}

void event_fini(struct event *event)
{
	for (size_t i = 0; i < event->n_instances; i++) {
		free(event->instances[i].pmu);
		free(event->instances[i].cpus);
	}
	free(event->instances);
	free(event->text);
	free(event->metric);
	free(event->label);
	*event = (struct event){0};
}

void built_event_fini(struct built_event *built)
{
	event_fini(&built->event);
	free(built->plain);
	free(built->rename);
	*built = (struct built_event){0};
}

int event_add_instance(struct event *event, const struct perf_event_attr *attr,
                       const struct pmu *pmu)
{
	struct event_instance *instances =
		reallocarray(event->instances, event->n_instances + 1, sizeof(*instances));
	struct event_instance *instance;

	if (!instances)
		return -ENOMEM;
	event->instances = instances;
	instance = &instances[event->n_instances];
	*instance = (struct event_instance){.attr = *attr};
	instance->attr.size = sizeof(instance->attr);
	instance->attr.read_format =
		PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	if (!pmu) {
		event->n_instances++;
		return 0;
	}

	instance->pmu = strdup(pmu->name);
	if (!pmu->everywhere) {
		instance->n_cpus = pmu->cpus.n;
		instance->cpus = calloc(pmu->cpus.n, sizeof(*instance->cpus));
	}
	if (!instance->pmu || (!pmu->everywhere && !instance->cpus)) {
		free(instance->pmu);
		free(instance->cpus);
		return -ENOMEM;
	}
	if (!pmu->everywhere)
		memcpy(instance->cpus, pmu->cpus.cpus, pmu->cpus.n * sizeof(*instance->cpus));
	event->n_instances++;
	return 0;
}

/*
 * A generic event, or (type PERF_TYPE_RAW) a code, of the CPU's own PMU: the kernel finds it by
 * itself where there is one; where core types differ, each has its own.
 */
static int add_core_instances(struct event_context *context, struct event *event, uint32_t type,
                              uint64_t config)
{
	const struct pmu *pmu = NULL;
	struct perf_event_attr attr = {.type = type, .config = config};
	int err = event_context_pmus(context);

	if (err)
		return err;
	if (pmu_count_cores(&context->pmus) <= 1) {
		pmu = pmu_next_core(&context->pmus, NULL);
		return event_add_instance(event, &attr, pmu && !pmu->everywhere ? pmu : NULL);
	}
	while (!err && (pmu = pmu_next_core(&context->pmus, pmu)) != NULL) {
		if (type == PERF_TYPE_RAW)
			attr.type = pmu->type;
		else
			attr.config = config | (uint64_t)pmu->type << PMU_TYPE_SHIFT;
		err = event_add_instance(event, &attr, pmu);
	}
	return err;
}

/*
 * Say where the event counts. user_only: so it counts without u, k and h. Guests are left out as
 * perf stat leaves them out: without a modifier and with u, if neither G nor H says otherwise.
 */
static void set_excludes(struct perf_event_attr *attr, const struct event_modifiers *modifiers,
                         bool user_only)
{
	const bool levels = modifiers->user || modifiers->kernel || modifiers->hypervisor;
	const bool all = modifiers->given && !modifiers->alumet;

	attr->exclude_user = levels && !modifiers->user;
	attr->exclude_kernel = levels ? !modifiers->kernel : user_only && !all;
	attr->exclude_hv = levels ? !modifiers->hypervisor : user_only && !all;
	attr->exclude_guest =
		modifiers->guest ? 0 : modifiers->host || !modifiers->given || modifiers->user;
	attr->exclude_host = modifiers->guest && !modifiers->host;
	attr->exclude_idle = modifiers->not_idle;
}

static bool same_excludes(const struct perf_event_attr *a, const struct perf_event_attr *b)
{
	return a->exclude_user == b->exclude_user && a->exclude_kernel == b->exclude_kernel &&
	       a->exclude_hv == b->exclude_hv && a->exclude_guest == b->exclude_guest &&
	       a->exclude_host == b->exclude_host && a->exclude_idle == b->exclude_idle;
}

static void apply_modifiers(struct built_event *built, const struct event_spec *spec,
                            bool user_only)
{
	const struct event_modifiers modifiers =
		grammar_join_modifiers(spec->modifiers, spec->group_modifiers);
	const struct event_modifiers none = {0};
	struct perf_event_attr wanted = {0}, usual = {0};

	set_excludes(&wanted, &modifiers, user_only);
	set_excludes(&usual, &none, user_only);
	if (!same_excludes(&wanted, &usual))
		grammar_print_modifiers(&modifiers, built->modifiers);
	for (size_t i = 0; i < built->event.n_instances; i++)
		set_excludes(&built->event.instances[i].attr, &modifiers, user_only);
}

/* What the kernel counts for each task by itself has no levels; a group's modifiers pass it by. */
static int build_kept(struct built_event *built, const struct event_spec *spec)
{
	const struct event_modifiers *own = &spec->modifiers;
	const bool everywhere = own->user && own->kernel && !own->guest && !own->not_idle;

	built->event.origin = built->alias.origin;
	built->event.field = built->alias.field;
	if (built->alias.type == ALIAS_OF_PROCESS)
		built->event.unit = process_fields[built->alias.field].unit;
	if (!own->given || everywhere)
		return 0;
	log_error("event \"%s\": the kernel keeps %s for the whole task, user space and kernel "
	          "together: leave the modifier out",
	          spec->text, built->alias.name);
	return -EINVAL;
}

static int build_alias(struct event_context *context, const struct event_spec *spec,
                       struct built_event *built)
{
	const struct alias *alias = &built->alias;
	struct perf_event_attr attr = {.type = alias->type, .config = alias->config};
	int err;

	if (alias->origin != EVENT_FROM_PERF)
		return build_kept(built, spec);
	if (alias->type == PERF_TYPE_SOFTWARE)
		err = event_add_instance(&built->event, &attr, NULL);
	else
		err = add_core_instances(context, &built->event, alias->type, alias->config);
	if (!err)
		apply_modifiers(built, spec, alias->type != PERF_TYPE_SOFTWARE);
	return err;
}

/* "r412e", "r0x412e". Returns false when it is no such code. */
static bool parse_raw(const char *name, uint64_t *config)
{
	const char *digits = name + 1;
	char *end;

	if (name[0] != 'r' && name[0] != 'R')
		return false;
	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		digits += 2;
	if (!isxdigit((unsigned char)*digits))
		return false;
	errno = 0;
	*config = strtoull(digits, &end, 16);
	return *end == '\0' && errno == 0;
}

static int add_pmu_instance(struct event_context *context, const struct event_spec *spec,
                            const struct pmu *pmu, const struct event_term *terms, size_t n_terms,
                            struct event *event)
{
	struct perf_event_attr attr = {0};
	int err;

	if (pmu->is_uncore)
		return event_explain_uncore(spec, pmu);
	err = pmu_encode(&context->pmus, pmu, spec->text, terms, n_terms, &attr);
	if (err)
		return err;
	/* A generic event of this PMU alone: it has to be said which, if there are several. */
	if (attr.type != pmu->type && pmu_count_cores(&context->pmus) > 1)
		attr.config |= (uint64_t)pmu->type << PMU_TYPE_SHIFT;
	return event_add_instance(event, &attr, pmu);
}

static int explain_no_pmu(const struct event_context *context, const struct event_spec *spec)
{
	if (event_explain_elsewhere(spec))
		return -ENOENT;
	return pmu_explain_pmu(&context->pmus, spec->text, spec->name);
}

static int build_pmu(struct event_context *context, const struct event_spec *spec,
                     struct built_event *built)
{
	const struct pmu *pmu = NULL;
	bool is_core = false;
	int err = event_context_pmus(context);

	if (err)
		return err;
	while (!err && (pmu = pmu_match(&context->pmus, spec->name, pmu)) != NULL) {
		is_core = pmu->is_core;
		err = add_pmu_instance(context, spec, pmu, spec->terms, spec->n_terms,
		                       &built->event);
	}
	if (err)
		return err;
	if (built->event.n_instances == 0)
		return explain_no_pmu(context, spec);
	apply_modifiers(built, spec, is_core);
	return 0;
}

/* "mem-loads", an event of the core PMUs' events/. Adds no instance when none has it. */
static int build_core_event(struct event_context *context, const struct event_spec *spec,
                            struct built_event *built)
{
	struct event_term term = {.key = spec->name};
	const struct pmu *pmu = NULL;
	int err = strchr(spec->name, ':') ? 0 : event_context_pmus(context);

	while (!err && (pmu = pmu_next_core(&context->pmus, pmu)) != NULL) {
		char line[EVENT_TEXT_MAX];

		err = pmu_read(&context->pmus, pmu, "events", spec->name, line, sizeof(line));
		if (err == -ENOENT)
			err = 0; /* not one of its events */
		else if (err != -ENOMEM)
			err = add_pmu_instance(context, spec, pmu, &term, 1, &built->event);
	}
	if (!err)
		apply_modifiers(built, spec, true);
	return err;
}

/* "sched:sched_process_exec". Adds no instance when there is no such tracepoint. */
static int build_tracepoint(struct event_context *context, const struct event_spec *spec,
                            struct built_event *built)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT};
	uint64_t id;
	int err = tracepoint_find(context->sysroot, spec, &id);

	if (err)
		return err == -ENOENT ? 0 : err;
	attr.config = id;
	err = event_add_instance(&built->event, &attr, NULL);
	if (err)
		return err;
	apply_modifiers(built, spec, false);
	/* The summary's columns are narrow, and the tracepoint tells more than its subsystem. */
	if (!built->rename)
		strcpy(built->event.label, strchr(spec->text, ':') + 1);
	return 0;
}

static int add_libpfm_instance(struct event_context *context, const struct event_spec *spec,
                               const struct perf_event_attr *attr, struct event *event)
{
	const struct pmu *pmu;
	int err = event_context_pmus(context);

	if (err)
		return err;
	if (attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_HW_CACHE)
		return add_core_instances(context, event, attr->type, attr->config);
	pmu = pmu_of_type(&context->pmus, attr->type);
	if (pmu && pmu->is_uncore)
		return event_explain_uncore(spec, pmu);
	if (!pmu && attr->type > PERF_TYPE_BREAKPOINT)
		return explain_no_pmu(context, spec);
	/* The CPU's one PMU need not be named: raw codes find it. */
	return event_add_instance(event, attr, attr->type == PERF_TYPE_RAW ? NULL : pmu);
}

/*
 * The library gets the text with its modifiers first: it knows u, k and h too, and some events have
 * a unit mask of such a name. ":uk" it does not know, and '#' is Alumet's.
 */
static int build_libpfm(struct event_context *context, const struct event_spec *spec,
                        struct built_event *built)
{
	struct perf_event_attr attr = {0}, found;
	const char *why = "";
	bool has_levels = spec->modifiers.given && !spec->modifiers.alumet;
	enum libpfm_answer answer = libpfm_encode(&context->libpfm, spec->plain, &attr, &why);
	int err;

	if (answer == LIBPFM_BAD_ATTRIBUTE && has_levels) {
		attr = (struct perf_event_attr){0};
		answer = libpfm_encode(&context->libpfm, spec->name, &attr, &why);
		has_levels = false;
	}
	if (answer != LIBPFM_FOUND)
		return event_explain_unknown(context, spec, answer, why);

	/* Where it counts is set as for any other event, if the text did not say it to the library. */
	found = attr;
	attr = (struct perf_event_attr){
		.type = found.type,
		.config = found.config,
		.config1 = found.config1,
		.config2 = found.config2,
	};
	err = add_libpfm_instance(context, spec, &attr, &built->event);
	if (err)
		return err;
	apply_modifiers(built, spec, found.type != PERF_TYPE_SOFTWARE);
	for (size_t i = 0; has_levels && i < built->event.n_instances; i++) {
		built->event.instances[i].attr.exclude_user = found.exclude_user;
		built->event.instances[i].attr.exclude_kernel = found.exclude_kernel;
	}
	return 0;
}

static int build_named(struct event_context *context, const struct event_spec *spec,
                       struct built_event *built)
{
	const char *refusal = alias_refusal(spec->name);
	uint64_t config;
	int err;

	if (alias_find(spec->name, &built->alias))
		return build_alias(context, spec, built);
	if (refusal) {
		log_error("event \"%s\" %s", spec->text, refusal);
		return -EINVAL;
	}
	if (parse_raw(spec->name, &config)) {
		err = add_core_instances(context, &built->event, PERF_TYPE_RAW, config);
		if (!err)
			apply_modifiers(built, spec, true);
		return err;
	}
	err = build_core_event(context, spec, built);
	if (!err && built->event.n_instances == 0)
		err = build_tracepoint(context, spec, built);
	if (err || built->event.n_instances > 0)
		return err;
	return build_libpfm(context, spec, built);
}

/* The term name= of a PMU event, or NULL. */
static const char *name_term(const struct event_spec *spec)
{
	for (size_t i = 0; i < spec->n_terms; i++) {
		if (strcmp(spec->terms[i].key, "name") == 0)
			return spec->terms[i].value;
	}
	return NULL;
}

int event_build(struct event_context *context, const struct event_spec *spec, const char *rename,
                struct built_event *built)
{
	struct event *event = &built->event;
	int err;

	*built = (struct built_event){0};
	if (!rename)
		rename = name_term(spec);
	event->group = spec->group;
	event->origin = EVENT_FROM_PERF;
	event->text = strdup(spec->text);
	event->label = strdup(rename ? rename : spec->text);
	built->plain = strdup(spec->plain);
	built->rename = rename ? strdup(rename) : NULL;
	if (!event->text || !event->label || !built->plain || (rename && !built->rename))
		return -ENOMEM;
	err = spec->is_pmu ? build_pmu(context, spec, built) : build_named(context, spec, built);
	return err ? err : event_check_rights(context, event);
}
