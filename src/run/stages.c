/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/stages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "linux/descriptors.h"
#include "core/log.h"

/*
 * What a run without energy counters has open at once as it starts, beside the standard streams and
 * the signals. With fewer its steps would fail one by one, each in words of its own.
 */
#define DESCRIPTORS_NEEDED 24

int stages_init(struct stages *stages, size_t n_plugins)
{
	*stages = (struct stages){
		.metrics = metric_registry_new(),
		.pipeline = pipeline_new(),
		.sources = calloc(n_plugins, sizeof(struct source *)),
		.transforms = calloc(n_plugins, sizeof(struct transform *)),
		.outputs = calloc(n_plugins, sizeof(struct output *)),
	};
	if (!stages->metrics || !stages->pipeline || !stages->sources || !stages->transforms ||
	    !stages->outputs)
		return -ENOMEM;
	return 0;
}

/* --- opening ----------------------------------------------------------------------------------- */

/* A source that finds nothing to measure is left out, unless it was asked for. */
static int open_source(struct stages *stages, const struct plugin_config *config,
                       const struct process_listener *listener)
{
	const struct source_context context = {
		.pipeline = stages->pipeline,
		.metrics = stages->metrics,
		.listener = listener,
		.required = config->required,
	};
	struct source *source;
	int err = config->plugin.source->open(config->settings, &context, &source);

	if (err)
		return err == -ENODEV && !config->required ? 0 : err;
	stages->sources[stages->n_sources++] = source;
	return 0;
}

/* A pipeline has no words for running out of memory. */
static int added(int err)
{
	if (err)
		log_error("out of memory");
	return err;
}

static int open_transform(struct stages *stages, const struct plugin_config *config)
{
	struct transform *transform;
	int err = config->plugin.transform->open(config->settings, stages->metrics, &transform);

	if (err)
		return err;
	stages->transforms[stages->n_transforms++] = transform;
	return added(pipeline_add_transform(stages->pipeline, transform));
}

static int open_output(struct stages *stages, const struct plugin_config *config)
{
	struct output *output;
	int err = config->plugin.output->open(config->settings, &stages->output_context, &output);

	if (err)
		return err;
	stages->outputs[stages->n_outputs++] = output;
	return added(pipeline_add_output(stages->pipeline, output));
}

static int open_plugin(struct stages *stages, const struct plugin_config *config,
                       const struct process_listener *listener)
{
	switch (config->plugin.kind) {
	case PLUGIN_SOURCE:
		return open_source(stages, config, listener);
	case PLUGIN_TRANSFORM:
		return open_transform(stages, config);
	case PLUGIN_OUTPUT:
		return open_output(stages, config);
	}
	return -EINVAL;
}

int stages_open(struct stages *stages, const struct config *config,
                const struct process_listener *listener)
{
	int err = descriptors_need(DESCRIPTORS_NEEDED);
	size_t i;

	if (err)
		return err;
	stages->output_context.metrics = stages->metrics;
	stages->output_context.config_path = config->path;
	for (i = 0; i < config->n; i++) {
		if (config->plugins[i].enabled)
			err = open_plugin(stages, &config->plugins[i], listener);
		if (err)
			return err;
	}
	return 0;
}

/* --- the run ----------------------------------------------------------------------------------- */

int stages_start(struct stages *stages)
{
	size_t i;

	for (i = stages->n_sources; i-- > 0;) {
		struct source *source = stages->sources[i];
		int err = source->ops->start ? source->ops->start(source) : 0;

		if (err)
			return err;
	}
	return 0;
}

static void call(struct stages *stages, struct source *source, int (*function)(struct source *))
{
	int err = function ? function(source) : 0;

	if (!err || stages->source_failed)
		return;
	log_error("%s: the measurement is incomplete: %s", source->ops->name, strerror(-err));
	stages->source_failed = true;
}

void stages_poll(struct stages *stages, size_t source)
{
	call(stages, stages->sources[source], stages->sources[source]->ops->poll);
}

void stages_ready(struct stages *stages, size_t source)
{
	call(stages, stages->sources[source], stages->sources[source]->ops->ready);
}

bool stages_busy(const struct stages *stages)
{
	size_t i;

	for (i = 0; i < stages->n_sources; i++) {
		struct source *source = stages->sources[i];

		if (source->ops->busy && source->ops->busy(source))
			return true;
	}
	return false;
}

void stages_stop(struct stages *stages)
{
	size_t i;

	for (i = 0; i < stages->n_sources; i++)
		call(stages, stages->sources[i], stages->sources[i]->ops->stop);
	for (i = 0; i < stages->n_sources; i++)
		call(stages, stages->sources[i], stages->sources[i]->ops->finish);
}

int stages_end(struct stages *stages)
{
	int result = pipeline_end(stages->pipeline);

	return stages->source_failed && !result ? -EIO : result;
}

uint64_t stages_flush_interval(const struct stages *stages)
{
	uint64_t shortest = 0;
	size_t i;

	for (i = 0; i < stages->n_sources; i++) {
		uint64_t interval = stages->sources[i]->flush_interval_ns;

		if (interval && (!shortest || interval < shortest))
			shortest = interval;
	}
	return shortest;
}

void stages_report(const struct stages *stages,
                   void (*say)(void *data, enum report_kind kind, const char *line), void *data)
{
	size_t i;

	for (i = 0; i < stages->n_sources; i++) {
		struct source *source = stages->sources[i];

		if (source->ops->report)
			source->ops->report(source, say, data);
	}
}

void stages_close(struct stages *stages)
{
	size_t i;

	for (i = 0; i < stages->n_sources; i++)
		stages->sources[i]->ops->close(stages->sources[i]);
	for (i = 0; i < stages->n_transforms; i++)
		stages->transforms[i]->ops->close(stages->transforms[i]);
	for (i = 0; i < stages->n_outputs; i++)
		stages->outputs[i]->ops->close(stages->outputs[i]);
	pipeline_free(stages->pipeline);
	metric_registry_free(stages->metrics);
	free(stages->sources);
	free(stages->transforms);
	free(stages->outputs);
}
