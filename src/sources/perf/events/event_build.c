/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/event_build.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "sources/perf/events/event_excludes.h"
#include "sources/perf/events/event_explain.h"
#include "sources/perf/events/event_rights.h"
#include "sources/perf/events/pmu_explain.h"
#include "sources/perf/events/pmu_format.h"
#include "sources/perf/events/tracepoint.h"
#include "sources/perf/fields.h"

/*
 * A generic event's config has the PMU's type above 32 bits of its own (PERF_PMU_TYPE_SHIFT, since
 * 5.13).
 */
#define PMU_TYPE_SHIFT 32

void built_event_fini(struct built_event *built)
{
	event_fini(&built->event);
	free(built->plain);
	free(built->rename);
	*built = (struct built_event){0};
}

/*
 * Add a generic event, or (type PERF_TYPE_RAW) a raw code, of the core PMU. If there is only one,
 * the kernel finds it by itself; on hybrid machines, each type of core has its own.
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

static void apply_modifiers(struct built_event *built, const struct event_spec *spec,
                            bool user_only)
{
	const struct event_modifiers modifiers =
		grammar_join_modifiers(spec->modifiers, spec->group_modifiers);
	const struct event_modifiers none = {0};
	struct perf_event_attr wanted = {0}, usual = {0};

	event_set_excludes(&wanted, &modifiers, user_only);
	event_set_excludes(&usual, &none, user_only);
	if (!event_same_excludes(&wanted, &usual))
		grammar_print_modifiers(&modifiers, built->modifiers);
	for (size_t i = 0; i < built->event.n_instances; i++)
		event_set_excludes(&built->event.instances[i].attr, &modifiers, user_only);
}

/*
 * What the kernel counts for each task anyway has no privilege levels; a group's modifiers do not
 * apply to it.
 */
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
	return log_errno(
		-EINVAL,
		"event \"%s\": the kernel keeps %s for the whole task, user space and kernel "
		"together: leave the modifier out",
		spec->text, built->alias.name);
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

/* Parse "r412e" or "r0x412e". Returns false if it is not such a code. */
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
	/* A generic event of this PMU only: if there are several PMUs, its type must be set. */
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

/* Build "mem-loads", an event in events/ of core PMUs. Adds no instance if none has it. */
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

/* Build "sched:sched_process_exec". Adds no instance if there is no such tracepoint. */
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
	/* The summary's columns are narrow, and the tracepoint says more than its subsystem. */
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
	/* A single core PMU need not be named: the kernel finds it for raw codes. */
	return event_add_instance(event, attr, attr->type == PERF_TYPE_RAW ? NULL : pmu);
}

/*
 * First try the text with its modifiers: the library knows u, k and h, too, and some events have a
 * unit mask of such a name. It does not know ":uk", and '#' is Alumet's.
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

	/*
	 * The exclude bits are set as for any other event, unless the library has read modifiers.
	 */
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
	if (refusal)
		return log_errno(-EINVAL, "event \"%s\" %s", spec->text, refusal);
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

/* The value of the term name= of a PMU event, or NULL. */
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
