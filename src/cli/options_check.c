/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "cli/options_check.h"

#include <errno.h>

#include "cli/options_help.h"
#include "core/log.h"

/* Refuse options that the sub-command does not have; log those accepted without effect. */
static int check_given(enum action action, const bool *given)
{
	for (size_t i = 0; option_table[i].name; i++) {
		if (!given[i])
			continue;
		if (!(option_table[i].actions & FOR(action)))
			return log_errno(
				-EINVAL, "%s has no option --%s%s", action_name(action),
				option_table[i].name,
				action == ACTION_CONFIG_REGEN ? ": it writes the defaults" : "");
		if (option_table[i].code == OPTION_ACCEPTED)
			log_warn("--%s has no effect in this program", option_table[i].name);
	}
	return 0;
}

static int check_watch(const struct options *options)
{
	const bool has_processes = options->n_pids || options->n_comms;
	const bool has_cgroups = options->n_cgroups || options->n_containers;
	const bool has_some = has_processes || has_cgroups;

	if (has_processes && has_cgroups)
		return log_errno(
			-EINVAL,
			"watch: name either processes or cgroups, not both: a cgroup's process "
			"is watched until it leaves the cgroup, a named one until it ends\n"
			"start an agent for each");

	if (options->all && has_some)
		return log_errno(-EINVAL,
		                 "watch: --all watches every process; leave out the other targets");
	if (!options->all && !has_some)
		return log_errno(-EINVAL,
		                 "watch: no target is named; write for example: "
		                 "alumet-agent watch 1234, watch --comm nginx, or watch --all");
	return 0;
}

static int check_rest(struct options *options, char **rest)
{
	if (options->action == ACTION_EXEC) {
		options->command = rest;
		return rest[0] ? 0
		               : log_errno(-EINVAL,
		                           "exec: the command is missing; write for example: "
		                           "alumet-agent exec make -j8");
	}
	return rest[0] ? log_errno(-EINVAL, "%s: unexpected argument '%s'",
	                           action_name(options->action), rest[0])
	               : 0;
}

static int check_compare(const struct options *options)
{
	if (options->n_files == 2)
		return 0;
	return log_errno(
		-EINVAL,
		"compare: two arguments are needed: alumet-agent compare BASE NEW; several "
		"files of one side as a quoted pattern: 'base-*.csv'");
}

static int check_send(const struct options *options)
{
	if (options->to && options->n_files)
		return 0;
	return log_errno(-EINVAL,
	                 "send: %s missing; write for example: alumet-agent send "
	                 "--to 'influx+http://localhost:8086/write?db=alumet' run.csv",
	                 options->to ? "the files are" : "--to URL is");
}

int options_check(struct options *options, const bool *given, char **rest)
{
	int err = check_given(options->action, given);

	if (!err)
		err = check_rest(options, rest);
	if (!err && options->action == ACTION_COMPARE)
		err = check_compare(options);
	if (!err && options->action == ACTION_SEND)
		err = check_send(options);
	if (!err && options->action == ACTION_WATCH)
		err = check_watch(options);
	if (options->verbosity < 0 && !options->summary)
		options->summary = "none";
	if (options->verbosity < 0 && !options->progress)
		options->progress = "never";
	return err;
}
