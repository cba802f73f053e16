/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A profile for profiler.firefox.com: its processed format, version 48 (src/types/profile.js and
 * docs-developer/CHANGELOG-formats.md there). There is one thread. Each process has a marker for
 * its life and a sample for its CPU time; the sample's stack is the names of its ancestors and,
 * with a profile, the functions. Each energy domain is a power counter.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "report/firefox_stacks.h"
#include "report/fold.h"
#include "report/formats.h"
#include "report/json.h"
#include "report/names.h"
#include "report/series.h"

#define FORMAT_VERSION 48
/*
 * The version of Gecko's own format, from which processed profiles are made. Nothing here depends
 * on it.
 */
#define GECKO_VERSION 29

/* Power counters count picowatt hours: 1 J is 10^12 / 3600 of them. */
#define PWH_PER_J (1e12 / 3600)

struct firefox {
	struct report_data *data;
	struct fold fold;
	struct firefox_stacks stacks;
	uint32_t *label_index; /* by a text's id: its index in the strings + 1 */
	const struct report_text **labels;
	size_t n_labels;
	struct text json;
};

static double milliseconds(uint64_t ns)
{
	return (double)ns * 1e-6;
}

static void add_label(struct firefox *f, const struct report_text *label)
{
	if (f->label_index[label->id])
		return;
	f->labels[f->n_labels++] = label;
	f->label_index[label->id] = (uint32_t)f->n_labels;
}

/* Intern the labels of the stacks: each becomes a string and a function with the same index. */
static int collect_labels(struct firefox *f)
{
	f->label_index = calloc(f->data->texts.n + 1, sizeof(*f->label_index));
	f->labels = calloc(f->fold.n + f->stacks.n + 1, sizeof(struct report_text *));
	if (!f->label_index || !f->labels)
		return -ENOMEM;
	for (size_t i = 0; i < f->fold.n; i++)
		add_label(f, f->fold.nodes[i].label);
	for (size_t i = 0; i < f->stacks.n; i++)
		add_label(f, f->stacks.stacks[i].label);
	return 0;
}

static uint32_t label_of(const struct firefox *f, size_t node)
{
	return f->label_index[f->fold.nodes[node].label->id] - 1;
}

/* "key":[value,value,…] of n equal values. */
static void add_constant(struct text *json, const char *key, const char *value, size_t n)
{
	json_add_key(json, key);
	text_add_char(json, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			text_add_char(json, ',');
		text_add_string(json, value);
	}
	text_add_char(json, ']');
}

/* "key":[0,1,2,…] */
static void add_counting(struct text *json, const char *key, size_t n)
{
	json_add_key(json, key);
	text_add_char(json, '[');
	for (size_t i = 0; i < n; i++) {
		json_separate(json);
		json_add_u64(json, i);
	}
	text_add_char(json, ']');
}

/* What is missing or estimated, for the panel with information about the profile. */
static void add_messages(struct firefox *f)
{
	struct text *json = &f->json;
	const char *message;
	bool is_loss;

	if (!report_message(f->data, 0, &is_loss))
		return;
	text_add_string(json, ",\"extra\":[{\"label\":\"Missing, estimated\",\"entries\":[");
	for (size_t i = 0; (message = report_message(f->data, i, &is_loss)); i++) {
		json_separate(json);
		text_add_char(json, '{');
		json_add_pair(json, "label", is_loss ? "missing" : "note");
		json_add_pair(json, "format", "string");
		json_add_pair_visible(json, "value", message);
		text_add_char(json, '}');
	}
	text_add_string(json, "]}]");
}

static void add_meta(struct firefox *f)
{
	struct text *json = &f->json;
	const struct report_run *run = f->data->n_runs ? &f->data->runs[0] : NULL;

	json_add_key(json, "meta");
	text_add_char(json, '{');
	json_add_pair_u64(json, "preprocessedProfileVersion", FORMAT_VERSION);
	json_add_pair_u64(json, "version", GECKO_VERSION);
	json_add_pair_f64(json, "startTime", run ? milliseconds(run->start_ns) : 0);
	text_add_string(
		json,
		",\"interval\":1,\"processType\":0,\"stackwalk\":0,\"debug\":false,"
		"\"symbolicated\":true,\"product\":\"alumet-agent\",\"importedFrom\":"
		"\"alumet-agent\",\"extensions\":{\"id\":[],\"name\":[],\"baseURL\":[],"
		"\"length\":0},\"categories\":[{\"name\":\"Other\",\"color\":\"grey\","
		"\"subcategories\":[\"Other\"]},{\"name\":\"Process\",\"color\":\"blue\","
		"\"subcategories\":[\"Other\"]},{\"name\":\"Failed\",\"color\":\"red\","
		"\"subcategories\":[\"Other\"]}],\"sampleUnits\":{\"time\":\"ms\","
		"\"eventDelay\":\"ms\",\"threadCPUDelta\":\"ns\"},\"markerSchema\":[{"
		"\"name\":\"Process\",\"display\":[\"marker-chart\",\"marker-table\","
		"\"timeline-overview\"],\"tooltipLabel\":\"{marker.name} {marker.data.pid}\","
		"\"tableLabel\":\"{marker.data.args}\",\"chartLabel\":"
		"\"{marker.name} {marker.data.args}\",\"data\":["
		"{\"key\":\"pid\",\"label\":\"Pid\",\"format\":\"string\",\"searchable\":true},"
		"{\"key\":\"args\",\"label\":\"Command line\",\"format\":\"string\","
		"\"searchable\":true},"
		"{\"key\":\"cpu\",\"label\":\"CPU time\",\"format\":\"duration\"},"
		"{\"key\":\"energy\",\"label\":\"Joules\",\"format\":\"decimal\"},"
		"{\"key\":\"ended\",\"label\":\"Ended\",\"format\":\"string\"}]}]");
	add_messages(f);
	text_add_char(json, '}');
}

/* ---- the thread ---- */

static void add_samples(struct firefox *f)
{
	const struct firefox_sample *samples = f->stacks.samples;
	const size_t n = f->stacks.n_samples;
	struct text *json = &f->json;

	text_add_string(json, ",\"samples\":{\"weightType\":\"tracing-ms\",\"stack\":[");
	for (size_t i = 0; i < n; i++) {
		json_separate(json);
		json_add_u64(json, samples[i].stack);
	}
	text_add_string(json, "],\"time\":[");
	for (size_t i = 0; i < n; i++) {
		json_separate(json);
		json_add_f64(json, milliseconds(samples[i].time_ns));
	}
	text_add_string(json, "],\"weight\":[");
	for (size_t i = 0; i < n; i++) {
		json_separate(json);
		json_add_f64(json, samples[i].cpu_ns * 1e-6);
	}
	text_add_char(json, ']');
	json_add_pair_u64(json, "length", n);
	text_add_char(json, '}');
}

static void add_marker_data(struct firefox *f, size_t i)
{
	const struct report_data *data = f->data;
	const struct report_process *process = &data->processes[i];
	const double cpu = report_value(data, i, report_field_of(data, FIELD_CPU_TIME));
	const double energy = report_value(data, i, report_field_of(data, FIELD_ENERGY));
	struct text *json = &f->json, outcome = {.n = 0};
	char pid[24];

	snprintf(pid, sizeof(pid), "%u", process->pid);
	json_separate(json);
	text_add_string(json, "{\"type\":\"Process\"");
	json_add_pair(json, "pid", pid);
	json_add_key(json, "args");
	json_add_visible(json, process->args->bytes, process->args->n);
	if (!isnan(cpu))
		json_add_pair_f64(json, "cpu", cpu * 1e-6);
	if (!isnan(energy))
		json_add_pair_f64(json, "energy", energy);
	report_add_outcome(&outcome, process);
	if (outcome.n > 0) {
		json_add_key(json, "ended");
		json_add_string(json, outcome.data, outcome.n);
	}
	json->failed = json->failed || outcome.failed;
	text_fini(&outcome);
	text_add_char(json, '}');
}

/* Phase 1 marks an interval. */
static void add_markers(struct firefox *f)
{
	const struct report_data *data = f->data;
	struct text *json = &f->json;

	text_add_string(json, ",\"markers\":{\"data\":[");
	for (size_t i = 0; i < data->n_processes; i++)
		add_marker_data(f, i);
	text_add_string(json, "],\"name\":[");
	for (size_t i = 0; i < data->n_processes; i++) {
		json_separate(json);
		json_add_u64(json, label_of(f, f->fold.of_process[i]));
	}
	text_add_string(json, "],\"startTime\":[");
	for (size_t i = 0; i < data->n_processes; i++) {
		json_separate(json);
		json_add_f64(json, milliseconds(data->processes[i].begin_ns));
	}
	text_add_string(json, "],\"endTime\":[");
	for (size_t i = 0; i < data->n_processes; i++) {
		json_separate(json);
		json_add_f64(json, milliseconds(data->processes[i].end_ns));
	}
	text_add_string(json, "],\"category\":[");
	for (size_t i = 0; i < data->n_processes; i++) {
		const struct report_process *process = &data->processes[i];

		json_separate(json);
		json_add_u64(json, process->signal || process->exit_status ? 2 : 1);
	}
	text_add_char(json, ']');
	add_constant(json, "phase", "1", data->n_processes);
	json_add_pair_u64(json, "length", data->n_processes);
	text_add_char(json, '}');
}

/*
 * Each node of the tree, and each function below a node, has a stack; each label has a frame and a
 * function.
 */
static void add_stacks(struct firefox *f)
{
	struct text *json = &f->json;
	const size_t n = f->fold.n + f->stacks.n;

	text_add_string(json, ",\"stackTable\":{\"frame\":[");
	for (size_t i = 0; i < f->fold.n; i++) {
		json_separate(json);
		json_add_u64(json, label_of(f, i));
	}
	for (size_t i = 0; i < f->stacks.n; i++) {
		json_separate(json);
		json_add_u64(json, f->label_index[f->stacks.stacks[i].label->id] - 1);
	}
	text_add_string(json, "],\"prefix\":[");
	for (size_t i = 0; i < f->fold.n; i++) {
		json_separate(json);
		if (f->fold.nodes[i].parent == NO_PROCESS)
			text_add_string(json, "null");
		else
			json_add_u64(json, f->fold.nodes[i].parent);
	}
	for (size_t i = 0; i < f->stacks.n; i++) {
		json_separate(json);
		json_add_u64(json, f->stacks.stacks[i].prefix);
	}
	text_add_char(json, ']');
	add_constant(json, "category", "1", n);
	add_constant(json, "subcategory", "0", n);
	json_add_pair_u64(json, "length", n);
	text_add_char(json, '}');
}

static void add_functions(struct firefox *f)
{
	static const char *const frame_nulls[] = {"nativeSymbol", "innerWindowID", "implementation",
	                                          "line", "column"};
	static const char *const func_nulls[] = {"fileName", "lineNumber", "columnNumber"};
	struct text *json = &f->json;
	const size_t n = f->n_labels;

	text_add_string(json, ",\"frameTable\":{");
	add_constant(json, "address", "-1", n);
	add_constant(json, "inlineDepth", "0", n);
	add_constant(json, "category", "1", n);
	add_constant(json, "subcategory", "0", n);
	add_counting(json, "func", n);
	for (size_t i = 0; i < sizeof(frame_nulls) / sizeof(frame_nulls[0]); i++)
		add_constant(json, frame_nulls[i], "null", n);
	json_add_pair_u64(json, "length", n);
	text_add_string(json, "},\"funcTable\":{");
	add_counting(json, "name", n);
	add_constant(json, "isJS", "false", n);
	add_constant(json, "relevantForJS", "false", n);
	add_constant(json, "resource", "-1", n);
	for (size_t i = 0; i < sizeof(func_nulls) / sizeof(func_nulls[0]); i++)
		add_constant(json, func_nulls[i], "null", n);
	json_add_pair_u64(json, "length", n);
	text_add_string(json,
	                "},\"resourceTable\":{\"length\":0,\"lib\":[],\"name\":[],\"host\":[],"
	                "\"type\":[]},\"nativeSymbols\":{\"length\":0,\"libIndex\":[],"
	                "\"address\":[],\"name\":[],\"functionSize\":[]},\"stringArray\":[");
	for (size_t i = 0; i < n; i++) {
		json_separate(json);
		json_add_visible(json, f->labels[i]->bytes, f->labels[i]->n);
	}
	text_add_char(json, ']');
}

static void add_thread(struct firefox *f)
{
	struct text *json = &f->json;

	text_add_string(json,
	                ",\"threads\":[{\"processType\":\"default\",\"processName\":\"processes\","
	                "\"name\":\"processes\",\"isMainThread\":true,\"pid\":\"0\",\"tid\":0,"
	                "\"processStartupTime\":0,\"registerTime\":0,\"unregisterTime\":null,"
	                "\"pausedRanges\":[]");
	json_add_pair_f64(json, "processShutdownTime", milliseconds(f->data->end_ns));
	add_samples(f);
	add_markers(f);
	add_stacks(f);
	add_functions(f);
	text_add_string(json, "}]");
}

/* ---- counters ---- */

static void add_counter(struct firefox *f, const struct report_energy *energy)
{
	struct text *json = &f->json;
	char name[128];

	json_separate(json);
	text_add_char(json, '{');
	json_add_pair_visible(json, "name", report_energy_name(energy, name, sizeof(name)));
	json_add_pair(json, "category", "power");
	json_add_pair(json, "description", "energy of the machine (RAPL)");
	text_add_string(json, ",\"pid\":\"0\",\"mainThreadIndex\":0,\"samples\":{\"time\":[");
	json_add_f64(json, milliseconds(f->data->runs[energy->run].begin_ns));
	for (size_t i = 0; i < energy->n_samples; i++) {
		json_separate(json);
		json_add_f64(json, milliseconds(energy->samples[i].time_ns));
	}
	text_add_string(json, "],\"count\":[0");
	for (size_t i = 0; i < energy->n_samples; i++) {
		json_separate(json);
		json_add_f64(json, energy->samples[i].value * PWH_PER_J);
	}
	text_add_char(json, ']');
	json_add_pair_u64(json, "length", energy->n_samples + 1);
	text_add_string(json, "}}");
}

int report_write_firefox(struct report_data *data, const struct report_options *options, FILE *out)
{
	struct firefox f = {.data = data};
	int err = fold_processes(data, report_measure_of, -1, &f.fold);

	if (!err)
		err = firefox_stacks_make(data, &f.fold, &f.stacks);
	if (!err)
		err = collect_labels(&f);
	if (!err) {
		text_add_char(&f.json, '{');
		add_meta(&f);
		text_add_string(&f.json, ",\"libs\":[]");
		add_thread(&f);
		text_add_string(&f.json, ",\"counters\":[");
		for (size_t i = 0; i < data->n_energies; i++) {
			if (report_is_measured(&data->energies[i]))
				add_counter(&f, &data->energies[i]);
		}
		text_add_string(&f.json, "]}\n");
		fwrite(f.json.data, 1, f.json.n, out);
	}
	if (err || f.json.failed) {
		log_error("out of memory for the profile");
		err = -ENOMEM;
	}
	firefox_stacks_fini(&f.stacks);
	free(f.label_index);
	free(f.labels);
	text_fini(&f.json);
	fold_fini(&f.fold);
	return err;
}
