/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/stages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "linux/descriptors.h"
#include "core/clock.h"
#include "core/log.h"

/*
 * File descriptors open at once at the start of a run without energy counters. Checked first: with
 * fewer, each step would fail with its own message.
 */
#define DESCRIPTORS_NEEDED 26

/* How often sources are sampled for one window, if the agent gets no CPU between them. */
#define SAMPLE_TRIES 3

int stages_init(struct stages *stages, size_t n_plugins)
{
	*stages = (struct stages){
		.metrics = metric_registry_new(),
		.sources = calloc(n_plugins, sizeof(struct stage_source)),
		.begun = calloc(n_plugins, sizeof(struct source *)),
		.n_plugins = n_plugins,
		.transforms = calloc(n_plugins, sizeof(struct transform *)),
		.transform_contexts = calloc(n_plugins, sizeof(struct transform_context)),
		.outputs = calloc(n_plugins, sizeof(struct output *)),
	};
	identity_new_run(stages->run_id);
	stages->run.id = stages->run_id;
	stages->pipeline = stages->metrics ? pipeline_new(stages->metrics) : NULL;
	if (!stages->metrics || !stages->pipeline || !stages->sources || !stages->begun ||
	    !stages->transforms || !stages->transform_contexts || !stages->outputs)
		return -ENOMEM;
	return 0;
}

/* --- opening ---------------------------------------------------------------------------------- */

static enum absence absence_of(const struct plugin_config *config)
{
	if (config->required)
		return ABSENCE_ERROR;
	return config->is_auto ? ABSENCE_SILENT : ABSENCE_WARNING;
}

static struct source_context source_context(const struct stages *stages,
                                            const struct plugin_config *config)
{
	return (struct source_context){
		.pipeline = stages->pipeline,
		.metrics = stages->metrics,
		.run = &stages->run,
		.watch = stages->watch,
		.absence = absence_of(config),
	};
}

static int begin_plugin(struct stages *stages, const struct config *config, size_t i)
{
	const struct plugin_config *plugin = &config->plugins[i];
	const struct source_context context = source_context(stages, plugin);

	if (!plugin->enabled || plugin->plugin->kind != PLUGIN_SOURCE ||
	    !plugin->plugin->source->begin)
		return 0;
	return plugin->plugin->source->begin(plugin->settings, &context, &stages->begun[i]);
}

/* A source that finds nothing to measure is left out, unless it was requested. */
static int open_source(struct stages *stages, const struct plugin_config *config,
                       struct source *source)
{
	const struct source_context context = source_context(stages, config);
	int err = config->plugin->source->open(config->settings, &context, &source);

	if (err)
		return err == -ENODEV && !config->required ? 0 : err;
	stages->sources[stages->n_sources++] = (struct stage_source){
		.source = source,
		.config = config,
		.name = config->plugin->name,
	};
	return 0;
}

/* For functions of the pipeline that fail only with -ENOMEM and do not log it. */
static int added(int err)
{
	return err ? log_oom() : 0;
}

static int open_transform(struct stages *stages, const struct plugin_config *config)
{
	struct transform_context *context = &stages->transform_contexts[stages->n_transforms];
	struct transform *transform;
	int err;

	*context = (struct transform_context){
		.metrics = stages->metrics,
		.pipeline = stages->pipeline,
		.run = &stages->run,
		.absence = absence_of(config),
	};
	err = config->plugin->transform->open(config->settings, context, &transform);

	if (err)
		return err == -ENODEV && !config->required ? 0 : err;
	stages->transforms[stages->n_transforms++] = transform;
	return added(pipeline_add_transform(stages->pipeline, transform));
}

static int open_output(struct stages *stages, const struct plugin_config *config)
{
	struct user_before before;
	struct output *output;
	int err = user_begin(stages->user, &before);

	if (err)
		return err;
	stages->output_context.continues = stages->n_outputs < stages->n_continues
	                                           ? stages->continues[stages->n_outputs]
	                                           : NULL;
	err = config->plugin->output->open(config->settings, &stages->output_context, &output);
	user_end(stages->user, &before);
	if (err)
		return err;
	stages->outputs[stages->n_outputs++] = output;
	return added(pipeline_add_output(stages->pipeline, output));
}

static int open_plugin(struct stages *stages, const struct config *config, size_t i)
{
	const struct plugin_config *plugin = &config->plugins[i];
	struct source *begun = stages->begun[i];

	if (!plugin->enabled)
		return 0;
	stages->begun[i] = NULL;
	switch (plugin->plugin->kind) {
	case PLUGIN_SOURCE:
		return open_source(stages, plugin, begun);
	case PLUGIN_TRANSFORM:
		return open_transform(stages, plugin);
	case PLUGIN_OUTPUT:
		return open_output(stages, plugin);
	}
	return -EINVAL;
}

static int load_source(struct stages *stages, struct stage_source *source)
{
	const struct source_context context = source_context(stages, source->config);

	return source->source->ops->load ? source->source->ops->load(source->source, &context) : 0;
}

int stages_open(struct stages *stages, const struct config *config)
{
	int err = descriptors_need(DESCRIPTORS_NEEDED);
	size_t i;

	if (!err)
		err = run_rows_open(&stages->rows, stages->metrics, stages->pipeline);
	if (err)
		return err;
	stages->output_context.run = &stages->run;
	stages->output_context.metrics = stages->metrics;
	stages->output_context.schema = pipeline_life_schema(stages->pipeline);
	stages->output_context.config_path = config->path;
	stages->output_context.trust_others = config->trust_others;
	for (i = 0; i < config->n && !err; i++)
		err = begin_plugin(stages, config, i);
	for (i = 0; i < config->n && !err; i++)
		err = open_plugin(stages, config, i);
	for (i = 0; i < stages->n_sources && !err; i++)
		err = load_source(stages, &stages->sources[i]);
	return err;
}

/* --- the run ---------------------------------------------------------------------------------- */

/* A source's error is logged once. At the end of the run, the source is called again. */
static void take_error(struct stage_source *source, int err)
{
	if (err >= 0 || source->failed)
		return;
	log_error("%s: the measurement is incomplete: %s", source->name, strerror(-err));
	source->failed = true;
	source->err = err;
}

static void call(struct stage_source *source, int (*function)(struct source *))
{
	take_error(source, function ? function(source->source) : 0);
}

/* Returns false if all sources have to be sampled again. */
static bool sample(struct stage_source *source, uint64_t begun_ns)
{
	const struct source_ops *ops = source->source->ops;
	int err = ops->sample && !source->failed ? ops->sample(source->source, begun_ns) : 0;

	take_error(source, err);
	return err != SAMPLE_AGAIN;
}

int stages_start(struct stages *stages)
{
	const bool has_windows = pipeline_window_ns(stages->pipeline);
	size_t i;

	for (i = stages->n_sources; i-- > 0;) {
		struct source *source = stages->sources[i].source;
		int err = source->ops->start ? source->ops->start(source) : 0;

		if (err)
			return err;
	}
	for (i = stages->n_sources; has_windows && i-- > 0;)
		sample(&stages->sources[i], 0);
	stages->window_begin_ns = clock_monotonic_ns();
	return 0;
}

void stages_begin(struct stages *stages)
{
	pipeline_begin(stages->pipeline);
	if (stages->n_outputs > 0)
		run_rows_push_info(&stages->rows, &stages->run);
}

static bool sample_each(struct stages *stages, uint64_t begun_ns)
{
	bool is_done = true;

	for (size_t i = 0; i < stages->n_sources && is_done; i++)
		is_done = sample(&stages->sources[i], begun_ns);
	return is_done;
}

/* tries: how often sources may be sampled. Returns the time of the samples. */
static uint64_t sample_all(struct stages *stages, int tries)
{
	const uint64_t before_ns = clock_thread_ns();
	uint64_t now_ns;

	do
		now_ns = clock_monotonic_ns();
	while (!sample_each(stages, --tries > 0 ? now_ns : 0));
	for (size_t i = 0; i < stages->n_sources; i++) {
		if (!stages->sources[i].failed)
			call(&stages->sources[i], stages->sources[i].source->ops->sampled);
	}
	stages->sample_cost_ns = (3 * stages->sample_cost_ns + clock_thread_ns() - before_ns) / 4;
	return now_ns;
}

static void end_window_at(struct stages *stages, uint64_t end_ns)
{
	const struct window window = {.begin_ns = stages->window_begin_ns,
	                              .end_ns = end_ns,
	                              .n_prolonged = stages->n_prolonged};

	stages->window_begin_ns = end_ns;
	stages->n_prolonged = 0;
	pipeline_end_window(stages->pipeline, &window);
}

void stages_end_window(struct stages *stages)
{
	end_window_at(stages, sample_all(stages, SAMPLE_TRIES));
}

bool stages_poll(struct stages *stages, size_t source)
{
	struct stage_source *polled = &stages->sources[source];

	if (!polled->failed)
		call(polled, polled->source->ops->poll);
	return !polled->failed;
}

bool stages_ready(struct stages *stages, size_t source)
{
	struct stage_source *ready = &stages->sources[source];

	if (!ready->failed)
		call(ready, ready->source->ops->ready);
	return !ready->failed;
}

bool stages_can_be_busy(const struct stages *stages)
{
	for (size_t i = 0; i < stages->n_sources; i++) {
		if (stages->sources[i].source->ops->busy && !stages->sources[i].failed)
			return true;
	}
	return false;
}

bool stages_busy(const struct stages *stages)
{
	size_t i;

	for (i = 0; i < stages->n_sources; i++) {
		struct source *source = stages->sources[i].source;

		if (source->ops->busy && source->ops->busy(source))
			return true;
	}
	return false;
}

void stages_stop(struct stages *stages)
{
	const bool has_windows = pipeline_window_ns(stages->pipeline);
	uint64_t end_ns = 0;
	size_t i;

	for (i = 0; i < stages->n_sources; i++)
		call(&stages->sources[i], stages->sources[i].source->ops->stop);
	/* Once: the last readings were made by stop(). */
	if (has_windows)
		end_ns = sample_all(stages, 1);
	for (i = 0; i < stages->n_sources; i++)
		call(&stages->sources[i], stages->sources[i].source->ops->finish);
	if (has_windows)
		end_window_at(stages, end_ns);
}

const char *stages_first_path(const struct stages *stages)
{
	for (size_t i = 0; i < stages->n_outputs; i++) {
		if (stages->outputs[i]->path)
			return stages->outputs[i]->path;
	}
	return NULL;
}

uint64_t stages_flush_interval(const struct stages *stages)
{
	uint64_t shortest = 0;
	size_t i;

	for (i = 0; i < stages->n_sources; i++) {
		uint64_t interval = stages->sources[i].source->flush_interval_ns;

		if (interval && (!shortest || interval < shortest))
			shortest = interval;
	}
	return shortest;
}

void stages_close(struct stages *stages)
{
	size_t i;

	for (i = 0; stages->begun && i < stages->n_plugins; i++) {
		if (stages->begun[i])
			stages->begun[i]->ops->close(stages->begun[i]);
	}
	for (i = 0; i < stages->n_sources; i++)
		stages->sources[i].source->ops->close(stages->sources[i].source);
	for (i = 0; i < stages->n_transforms; i++)
		stages->transforms[i]->ops->close(stages->transforms[i]);
	for (i = 0; i < stages->n_outputs; i++)
		stages->outputs[i]->ops->close(stages->outputs[i]);
	for (i = 0; i < stages->notices.n; i++)
		free((char *)stages->notices.items[i].line);
	free(stages->notices.items);
	pipeline_free(stages->pipeline);
	metric_registry_free(stages->metrics);
	free(stages->sources);
	free(stages->begun);
	free(stages->transforms);
	free(stages->transform_contexts);
	free(stages->outputs);
}
