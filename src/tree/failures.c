/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/failures.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "core/signal_name.h"

/* The wait status of a shell whose pipeline was ended by SIGPIPE. */
#define PIPE_PASSED_ON W_EXITCODE(128 + SIGPIPE, 0)

static bool is_by_pipe(int wait_status)
{
	return WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGPIPE;
}

bool life_failed(const struct life *life)
{
	return life->ended && !life->status_hidden && life->wait_status != 0;
}

void failure_describe(int wait_status, bool oom_killed, char text[static FAILURE_TEXT_SIZE])
{
	char signal[SIGNAL_NAME_SIZE];

	text[0] = '\0';
	if (!WIFSIGNALED(wait_status)) {
		if (wait_status != 0)
			snprintf(text, FAILURE_TEXT_SIZE, "exit %d", WEXITSTATUS(wait_status));
		return;
	}
	signal_name(WTERMSIG(wait_status), signal);
	snprintf(text, FAILURE_TEXT_SIZE, "%s%s%s", signal, oom_killed ? ", out of memory" : "",
	         WCOREDUMP(wait_status) ? ", core dumped" : "");
}

static struct failure *find(struct failures *failures, const struct life *life,
                            const struct label *label)
{
	for (size_t i = 0; i < failures->n; i++) {
		struct failure *group = &failures->groups[i];

		if (group->wait_status == life->wait_status &&
		    group->oom_killed == life->oom_killed &&
		    strcmp(group->label.name, label->name) == 0)
			return group;
	}
	return NULL;
}

/* Whether a child of the process failed before: children mostly end before their parents. */
static bool child_failed(const struct failures *failures, const struct life *life)
{
	for (size_t i = 0; i < FAILED_PARENTS_MAX; i++) {
		const struct failed_parent *parent = &failures->parents[i];

		if (parent->key.pid == life->key.pid &&
		    parent->key.start_ns == life->key.start_ns &&
		    (!parent->by_pipe || life->wait_status == PIPE_PASSED_ON))
			return true;
	}
	return false;
}

int failures_add(struct failures *failures, const struct life *life)
{
	struct failure *group;
	struct label label;

	if (!life_failed(life))
		return 0;
	if (!failures->groups) {
		failures->groups = calloc(FAILURES_MAX, sizeof(*failures->groups));
		if (!failures->groups)
			return -ENOMEM;
	}
	label_make(life, &label);
	failures->parents[failures->processes % FAILED_PARENTS_MAX] = (struct failed_parent){
		.key = life->parent, .by_pipe = is_by_pipe(life->wait_status)};
	failures->processes++;
	failures->passed_pipe_on |= life->wait_status == PIPE_PASSED_ON;
	group = find(failures, life, &label);
	if (!group && failures->n == FAILURES_MAX) {
		failures->ungrouped++;
		return 0;
	}
	if (!group) {
		group = &failures->groups[failures->n++];
		group->wait_status = life->wait_status;
		group->oom_killed = life->oom_killed;
	}
	group->is_mixed |= group->processes > 0 && strcmp(group->label.detail, label.detail) != 0;
	group->is_cause |= !child_failed(failures, life);
	group->processes++;
	if (life->end_ns >= group->last_ns) {
		group->last_ns = life->end_ns;
		group->pid = life->key.pid;
		group->label = label;
	}
	return 0;
}

void failures_fini(struct failures *failures)
{
	free(failures->groups);
	*failures = (struct failures){.n = 0};
}

/* passed_on: SIGPIPE made somebody fail. */
static int order_of(const struct failure *failure, bool passed_on)
{
	if (is_by_pipe(failure->wait_status))
		return passed_on ? 1 : 2;
	return WIFSIGNALED(failure->wait_status) ? 0 : 1;
}

static int by_interest(const void *a, const void *b)
{
	const struct failure *x = a, *y = b;

	if (x->order != y->order)
		return x->order - y->order;
	if (x->is_cause != y->is_cause)
		return x->is_cause ? -1 : 1;
	if (x->processes != y->processes)
		return x->processes < y->processes ? -1 : 1;
	return (x->last_ns < y->last_ns) - (x->last_ns > y->last_ns);
}

void failures_sort(struct failures *failures)
{
	for (size_t i = 0; i < failures->n; i++)
		failures->groups[i].order =
			order_of(&failures->groups[i], failures->passed_pipe_on);
	if (failures->n > 1)
		qsort(failures->groups, failures->n, sizeof(*failures->groups), by_interest);
}
