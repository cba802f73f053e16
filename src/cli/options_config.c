/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options_config.h"

#include <errno.h>
#include <stdlib.h>

#include "core/log.h"

/*
 * Options that set one value: -e, -I, --summary and its file, --by, --color, --progress, --profile.
 */
#define SINGLE_OPTIONS 8

static void add(struct config_request *request, struct config_assignment assignment)
{
	struct config_assignment *assignments = (struct config_assignment *)request->assignments;

	if (assignment.text)
		assignments[request->n_assignments++] = assignment;
}

int options_config_request(const struct options *options, struct config_request *request)
{
	const size_t most = SINGLE_OPTIONS + options->n_outputs;

	*request = (struct config_request){
		.path = options->config_path,
		.path_is_named = options->config_named,
		.must_exist = options->no_default_config,
		.overrides = options->overrides,
		.n_overrides = options->n_overrides,
		.plugins = options->plugins,
		.n_plugins = options->n_plugins,
		.assignments = calloc(most, sizeof(*request->assignments)),
		.trust_others = options->trust_others,
		.is_measuring = options->action == ACTION_EXEC || options->action == ACTION_WATCH ||
	                        options->action == ACTION_DOCTOR,
		.quiet = options->verbosity < 0,
	};
	if (!request->assignments)
		return log_oom();
	if (options->action == ACTION_REPORT || options->action == ACTION_COMPARE ||
	    options->action == ACTION_SEND)
		return 0; /* here -o is the report's file */
	add(request, (struct config_assignment){"-e", "-e", "events", options->events});
	for (size_t i = 0; i < options->n_outputs; i++)
		add(request,
		    (struct config_assignment){"-o", "-o", "output_path", options->outputs[i]});
	add(request, (struct config_assignment){"-I", NULL, "poll_interval", options->interval});
	add(request,
	    (struct config_assignment){"--summary", "--summary", "mode", options->summary});
	add(request, (struct config_assignment){"--summary", "--summary", "output_path",
	                                        options->summary_path});
	add(request, (struct config_assignment){"--by", "--summary", "by", options->by});
	add(request, (struct config_assignment){"--profile", "-e", "profile", options->profile});
	add(request, (struct config_assignment){"--color", "--summary", "color", options->color});
	add(request,
	    (struct config_assignment){"--progress", "--summary", "progress", options->progress});
	return 0;
}

void options_config_request_free(struct config_request *request)
{
	free((struct config_assignment *)request->assignments);
	*request = (struct config_request){.path = NULL};
}
