/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options_set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "core/log.h"
#include "report/report.h"

const char *const options_summary_modes[] = {"none", "short", "full", "json", "markdown", NULL};
const char *const options_whens[] = {"auto", "always", "never", NULL};

/* getopt parses "-o=x" as the argument "=x"; "x" was meant. */
static int refuse_equals(char letter, const char *name, const char *argument)
{
	log_error("-%c%s: a short option has no '='; write -%c %s or --%s%s", letter, argument,
	          letter, argument + 1, name, argument);
	return -EINVAL;
}

int options_add_override(struct options *options, const char *text)
{
	const char **overrides =
		reallocarray(options->overrides, options->n_overrides + 1, sizeof(*overrides));

	if (!overrides)
		return log_oom();
	options->overrides = overrides;
	overrides[options->n_overrides++] = text;
	return 0;
}

static int add_plugin(struct options *options, const char *name, size_t length)
{
	char **plugins;

	for (size_t i = 0; i < options->n_plugins; i++) {
		if (strlen(options->plugins[i]) == length &&
		    strncmp(options->plugins[i], name, length) == 0)
			return 0;
	}
	plugins = reallocarray(options->plugins, options->n_plugins + 1, sizeof(*plugins));
	if (!plugins)
		return log_oom();
	options->plugins = plugins;
	plugins[options->n_plugins] = strndup(name, length);
	if (!plugins[options->n_plugins])
		return log_oom();
	options->n_plugins++;
	return 0;
}

int options_add_plugins(struct options *options, const char *list)
{
	for (const char *s = list;; s++) {
		size_t length, end;
		int err;

		s += strspn(s, " \t");
		end = strcspn(s, ",");
		for (length = end; length > 0 && strchr(" \t", s[length - 1]); length--)
			;
		if (length == 0) {
			log_error("--plugins '%s': a name is missing; write for example "
			          "--plugins perf,csv",
			          list);
			return -EINVAL;
		}
		err = add_plugin(options, s, length);
		if (err)
			return err;
		s += end;
		if (!*s)
			return 0;
	}
}

int options_add_events(struct options *options, const char *events)
{
	char *joined;

	if (*events == '=')
		return refuse_equals('e', "events", events);
	if (!events[strspn(events, " \t,")]) {
		log_error("-e '%s': no event is named; write for example -e cycles,page-faults",
		          events);
		return -EINVAL;
	}
	if (asprintf(&joined, "%s%s%s", options->events ? options->events : "",
	             options->events ? "," : "", events) < 0)
		return log_oom();
	free(options->events);
	options->events = joined;
	return 0;
}

/* As with perf's -I, a number without a unit is milliseconds. */
int options_set_interval(struct options *options, const char *text)
{
	const bool is_number = *text && !text[strspn(text, "0123456789.")];
	const char *why = NULL;
	uint64_t ns = 0;
	char *interval;

	if (asprintf(&interval, "%s%s", text, is_number ? "ms" : "") < 0)
		return log_oom();
	free(options->interval);
	options->interval = interval;
	if (duration_parse(interval, &ns, &why) == 0)
		return 0;
	log_error("-I '%s': %s; write milliseconds (-I 100) or a duration (-I 2s)", text, why);
	return -EINVAL;
}

/* Many programs mean the standard output by "-". */
static int refuse_dash(const char *before)
{
	return log_errno(-EINVAL,
	                 "%s-: for the standard output write %s/dev/stdout, for a file of that "
	                 "name %s./-",
	                 before, before, before);
}

int options_set_summary(struct options *options, const char *text)
{
	const char *const *const modes = options_summary_modes;
	const size_t n = strcspn(text, ":");

	for (size_t i = 0; modes[i]; i++) {
		if (strlen(modes[i]) != n || strncmp(text, modes[i], n) != 0)
			continue;
		options->summary = modes[i];
		options->summary_path = text[n] ? text + n + 1 : NULL;
		if (i > 0 && options->summary_path && strcmp(options->summary_path, "-") == 0) {
			char before[32];

			snprintf(before, sizeof(before), "--summary=%s:", modes[i]);
			return refuse_dash(before);
		}
		if (!options->summary_path || (*options->summary_path && i > 0))
			return 0;
		log_error(i > 0 ? "--summary='%s': the name of a file is missing behind the colon"
		                : "--summary='%s': with none there is nothing to write to a file",
		          text);
		return -EINVAL;
	}
	log_error("--summary='%s': it can be none, short, full, json or markdown, and :FILE", text);
	return -EINVAL;
}

int options_set_when(const char *option, const char *text, const char **when)
{
	for (size_t i = 0; options_whens[i]; i++) {
		if (strcmp(text, options_whens[i]) == 0) {
			*when = options_whens[i];
			return 0;
		}
	}
	log_error("%s='%s': it can be auto, always or never", option, text);
	return -EINVAL;
}

int options_add_output(struct options *options, const char *path)
{
	const char **outputs;

	if (!*path) {
		log_error("-o '': the name of a file is missing");
		return -EINVAL;
	}
	if (strcmp(path, "-") == 0)
		return refuse_dash("-o ");
	if (*path == '=')
		return refuse_equals('o', "output-file", path);
	outputs = reallocarray(options->outputs, options->n_outputs + 1, sizeof(*outputs));
	if (!outputs)
		return log_oom();
	options->outputs = outputs;
	outputs[options->n_outputs++] = path;
	return 0;
}

int options_set_config(struct options *options, const char *path)
{
	if (!*path) {
		log_error("--config '': the name of a file is missing");
		return -EINVAL;
	}
	options->config_path = path;
	options->config_named = true;
	return 0;
}

int options_set_format(const char *option, const char *name, const char **format)
{
	if (!report_has_format(name)) {
		log_error("%s='%s': it can be %s", option, name, report_format_names());
		return -EINVAL;
	}
	*format = name;
	return 0;
}

#define COUNT_MAX 100000

int options_set_count(const char *option, const char *text, uint32_t least, uint32_t *count)
{
	const bool is_number = *text && strlen(text) <= 6 && !text[strspn(text, "0123456789")];
	const unsigned long value = is_number ? strtoul(text, NULL, 10) : COUNT_MAX + 1UL;

	if (value < least || value > COUNT_MAX) {
		log_error("%s '%s': it is a whole number from %u to %d", option, text, least,
		          COUNT_MAX);
		return -EINVAL;
	}
	*count = (uint32_t)value;
	return 0;
}

int options_add_file(struct options *options, const char *path)
{
	const char **files;

	if (!*path) {
		log_error("the name of a file is empty");
		return -EINVAL;
	}
	files = reallocarray(options->files, options->n_files + 1, sizeof(*files));
	if (!files)
		return log_oom();
	options->files = files;
	files[options->n_files++] = path;
	return 0;
}

/* Append a word to a list. */
static int add_word(const char ***words, size_t *n, const char *word)
{
	const char **more = reallocarray(*words, *n + 1, sizeof(*more));

	if (!more)
		return log_oom();
	*words = more;
	more[(*n)++] = word;
	return 0;
}

int options_add_pid(struct options *options, const char *word)
{
	return add_word(&options->pids, &options->n_pids, word);
}

int options_add_comm(struct options *options, const char *name)
{
	if (!*name)
		return log_errno(-EINVAL, "--comm: the name is empty");
	return add_word(&options->comms, &options->n_comms, name);
}

int options_add_cgroup(struct options *options, const char *path)
{
	return add_word(&options->cgroups, &options->n_cgroups, path);
}

int options_add_container(struct options *options, const char *id)
{
	return add_word(&options->containers, &options->n_containers, id);
}

int options_set_for(struct options *options, const char *text)
{
	const bool is_number = *text && !text[strspn(text, "0123456789.")];
	const char *why = NULL;
	char duration[64];

	snprintf(duration, sizeof(duration), "%s%s", text, is_number ? "s" : "");
	if (strlen(text) + 2 > sizeof(duration))
		why = "it is too long";
	else if (!duration_parse(duration, &options->for_ns, &why) && !options->for_ns)
		why = "it would end at once";
	if (!why)
		return 0;
	return log_errno(-EINVAL,
	                 "--for '%s': %s; write seconds (--for 10) or a duration (--for 2m)", text,
	                 why);
}

int options_set_user(struct options *options, const char *name)
{
	if (!*name) {
		log_error("--user '': the name of a user is missing");
		return -EINVAL;
	}
	options->user = name;
	return 0;
}
