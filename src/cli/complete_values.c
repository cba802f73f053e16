/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/complete_values.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options_set.h"
#include "compare/compare.h"
#include "linux/process_status.h"
#include "plugins/plugins.h"
#include "report/report.h"

#define CGROUPS "/sys/fs/cgroup/"

void complete_offer(struct value_place place, const char *name, const char *help)
{
	/* A process may have any name. */
	for (const char *c = name; *c; c++) {
		if (iscntrl((unsigned char)*c))
			return;
	}
	printf("%.*s%s\t", (int)place.begin, place.word, name);
	for (const char *c = help; *c && !strchr(",;:(.", *c); c++)
		putchar(*c == '\n' ? ' ' : *c);
	putchar('\n');
}

static void offer_all(const struct value_place *place, const char *const *names)
{
	for (; *names; names++)
		complete_offer(*place, *names, "");
}

static void offer_event(void *data, const char *name)
{
	complete_offer(*(struct value_place *)data, name, "");
}

/* What -e accepts on every machine. */
static void offer_events(const struct value_place *place)
{
	for (size_t i = 0; i < plugin_table_n; i++) {
		const struct plugin *plugin = plugin_table[i];

		if (!plugin->role || strcmp(plugin->role, "-e") != 0)
			continue;
		for (const struct setting *setting = plugin->settings; setting->key; setting++) {
			if (setting->values && setting->values->each_name)
				setting->values->each_name(offer_event, (void *)place);
		}
	}
}

/* The place of the last entry of a list with commas. */
static struct value_place last_entry(const struct value_place *place, const char *before)
{
	struct value_place last = *place;

	for (size_t i = place->begin; place->word[i]; i++) {
		if (strchr(before, place->word[i]))
			last.begin = i + 1;
	}
	return last;
}

static void event_list(const struct value_place *place)
{
	const struct value_place last = last_entry(place, ",{");

	offer_events(&last);
	puts(":nospace");
}

static void plugin_list(const struct value_place *place)
{
	const struct value_place last = last_entry(place, ",");

	for (size_t i = 0; i < plugin_table_n; i++)
		complete_offer(last, plugin_table[i]->name, plugin_table[i]->help);
	puts(":nospace");
}

static void cost(const struct value_place *place)
{
	complete_offer(*place, "cpu", "CPU time");
	complete_offer(*place, "energy", "attributed energy");
	complete_offer(*place, "wall", "wall time");
	complete_offer(*place, "rss", "peak resident memory");
	offer_events(place);
}

static void offer_format(void *data, const char *name, const char *what)
{
	complete_offer(*(struct value_place *)data, name, what);
}

static void format(const struct value_place *place)
{
	if (place->has_action && place->action == ACTION_COMPARE)
		compare_each_format(offer_format, (void *)place);
	else
		report_each_format(offer_format, (void *)place);
}

static void file(const struct value_place *place)
{
	printf(":files %.*s\n", (int)place->begin, place->word);
}

/* FORMAT:FILE is also possible. */
static void output(const struct value_place *place)
{
	struct value_place last = last_entry(place, ":");

	file(&last);
}

static void summary(const struct value_place *place)
{
	if (strchr(place->word + place->begin, ':'))
		output(place);
	else
		offer_all(place, options_summary_modes);
}

static void when(const struct value_place *place)
{
	offer_all(place, options_whens);
}

static void user(const struct value_place *place)
{
	printf(":users %.*s\n", (int)place->begin, place->word);
}

static void store(const struct value_place *place)
{
	complete_offer(*place, "influx+http://", "line protocol for InfluxDB and VictoriaMetrics");
	complete_offer(*place, "clickhouse+http://", "rows of the output processes for ClickHouse");
	complete_offer(*place, "otlp+http://", "traces for an OpenTelemetry collector");
	puts(":nospace");
}

static int offer_comm(void *data, uint32_t pid)
{
	struct process_status status;

	if (process_status_read(pid, &status) == 0)
		complete_offer(*(struct value_place *)data, status.comm, "");
	return 0;
}

static void comm(const struct value_place *place)
{
	process_for_each(offer_comm, (void *)place);
}

static int offer_pid(void *data, uint32_t pid)
{
	struct process_status status;
	char name[16];

	snprintf(name, sizeof(name), "%u", pid);
	if (process_status_read(pid, &status) == 0)
		complete_offer(*(struct value_place *)data, name, status.comm);
	return 0;
}

void complete_pids(struct value_place place)
{
	process_for_each(offer_pid, &place);
}

/* The directories at the end of the path, which may be absolute or begin at the root of cgroups. */
static void cgroup(const struct value_place *place)
{
	struct value_place last = last_entry(place, "/");
	const char *path = place->word + place->begin;
	const int length = (int)(last.begin - place->begin);
	struct dirent *entry;
	char *folder, *name;
	DIR *dir = NULL;

	if (asprintf(&folder, "%s%.*s", path[0] == '/' ? "" : CGROUPS, length, path) >= 0) {
		dir = opendir(folder);
		free(folder);
	}
	while (dir && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.' ||
		    asprintf(&name, "%s/", entry->d_name) < 0)
			continue;
		complete_offer(last, name, "");
		free(name);
	}
	if (dir)
		closedir(dir);
	puts(":nospace");
}

static void none(const struct value_place *place)
{
}

static const struct {
	int code;
	void (*offer)(const struct value_place *place);
} values[] = {
	{'e', event_list},
	{'o', output},
	{'I', none},
	{'r', none},
	{OPTION_WARMUP, none},
	{OPTION_FAIL_ABOVE, none},
	{OPTION_PROFILE, offer_events},
	{OPTION_USER, user},
	{OPTION_SUMMARY, summary},
	{OPTION_COLOR, when},
	{OPTION_PROGRESS, when},
	{OPTION_REPORT, format},
	{OPTION_COMM, comm},
	{OPTION_CGROUP, cgroup},
	{OPTION_CONTAINER, none},
	{OPTION_FOR, none},
	{OPTION_FORMAT, format},
	{OPTION_BY, cost},
	{OPTION_TO, store},
	{OPTION_TOKEN_FILE, file},
	{OPTION_CONFIG, file},
	{OPTION_CONFIG_OVERRIDE, none},
	{OPTION_PLUGINS, plugin_list},
	{OPTION_ACCEPTED, none},
};

bool complete_has_value(int code)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (values[i].code == code)
			return true;
	}
	return false;
}

void complete_value(const struct option_info *option, struct value_place place)
{
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (values[i].code == option->code)
			values[i].offer(&place);
	}
}
