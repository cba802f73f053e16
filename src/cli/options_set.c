/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options_set.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "core/log.h"
#include "report/report.h"

static int no_memory(void)
{
	log_error("out of memory");
	return -ENOMEM;
}

/* getopt takes "-o=x" for the argument "=x", which nobody means. */
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
		return no_memory();
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
		return no_memory();
	options->plugins = plugins;
	plugins[options->n_plugins] = strndup(name, length);
	if (!plugins[options->n_plugins])
		return no_memory();
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
		return no_memory();
	free(options->events);
	options->events = joined;
	return 0;
}

/* perf's -I: a number is milliseconds. */
int options_set_interval(struct options *options, const char *text)
{
	const bool is_number = *text && !text[strspn(text, "0123456789.")];
	const char *why = NULL;
	uint64_t ns = 0;
	char *interval;

	if (asprintf(&interval, "%s%s", text, is_number ? "ms" : "") < 0)
		return no_memory();
	free(options->interval);
	options->interval = interval;
	if (duration_parse(interval, &ns, &why) == 0)
		return 0;
	log_error("-I '%s': %s; write milliseconds (-I 100) or a duration (-I 2s)", text, why);
	return -EINVAL;
}

int options_set_summary(struct options *options, const char *text)
{
	static const char *const modes[] = {"none", "short", "full", "json", "markdown"};

	const size_t n = strcspn(text, ":");

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strlen(modes[i]) != n || strncmp(text, modes[i], n) != 0)
			continue;
		options->summary = modes[i];
		options->summary_path = text[n] ? text + n + 1 : NULL;
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

int options_set_color(struct options *options, const char *text)
{
	static const char *const whens[] = {"auto", "always", "never"};

	for (size_t i = 0; i < sizeof(whens) / sizeof(whens[0]); i++) {
		if (strcmp(text, whens[i]) == 0) {
			options->color = whens[i];
			return 0;
		}
	}
	log_error("--color='%s': it can be auto, always or never", text);
	return -EINVAL;
}

int options_add_output(struct options *options, const char *path)
{
	const char **outputs;

	if (!*path) {
		log_error("-o '': the name of a file is missing");
		return -EINVAL;
	}
	if (strcmp(path, "-") == 0) {
		log_error("-o -: for the standard output write -o /dev/stdout, for a file of that "
		          "name -o ./-");
		return -EINVAL;
	}
	if (*path == '=')
		return refuse_equals('o', "output-file", path);
	outputs = reallocarray(options->outputs, options->n_outputs + 1, sizeof(*outputs));
	if (!outputs)
		return no_memory();
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
		return no_memory();
	options->files = files;
	files[options->n_files++] = path;
	return 0;
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
