/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "transforms/context/context.h"

#include <stdlib.h>
#include <string.h>

#include "linux/identity.h"
#include "core/log.h"
#include "core/pipeline.h"

/* Attributes of the identity at most. */
#define COMMON_MAX 8

struct context {
	struct transform transform; /* first: the pipeline's part */
	const struct transform_context *given;
	struct identity identity;
	struct attribute common[COMMON_MAX];
	size_t n_common;
};

static struct attribute attribute(const char *key, const char *text)
{
	return (struct attribute){.key = key, .text = text, .length = strlen(text)};
}

static int announce(struct context *context)
{
	struct metric_registry *metrics = context->given->metrics;
	int err = 0;

	for (size_t i = 0; !err && i < context->n_common; i++)
		err = metric_announce_attribute(metrics, context->common[i].key);
	return err ? log_oom() : 0;
}

static int open_context(const void *settings, const struct transform_context *given,
                        struct transform **transform)
{
	struct context *context = calloc(1, sizeof(*context));
	const char *key, *value;
	int err;

	if (!context)
		return log_oom();
	context->transform.ops = context_plugin.transform;
	context->given = given;
	identity_read(&context->identity, given->run->id);
	for (size_t i = 0; value = identity_field(&context->identity, i, &key), key; i++) {
		if (value)
			context->common[context->n_common++] = attribute(key, value);
	}
	err = announce(context);
	if (err) {
		free(context);
		return err;
	}
	pipeline_set_common(given->pipeline, context->common, context->n_common);
	*transform = &context->transform;
	return 0;
}

static void close_context(struct transform *transform)
{
	free(transform);
}

static const struct transform_ops ops = {
	.open = open_context,
	.close = close_context,
};

static const struct setting no_settings[] = {{.key = NULL}};

const struct plugin context_plugin = {
	.kind = PLUGIN_TRANSFORM,
	.name = "context",
	.help = "run, host, job, step and rank in every row",
	.settings = no_settings,
	.settings_size = 1,
	.def = PLUGIN_OFF,
	.transform = &ops,
};
