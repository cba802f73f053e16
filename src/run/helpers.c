/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/helpers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/clock.h"
#include "linux/process_times.h"
#include "linux/unix_peers.h"
#include "run/timer.h"

/* Time of the first look, and the number of looks; each interval is twice the previous one. */
#define INTERVAL_NS 300000000
#define LOOKS 12

/* A client mostly waits: it uses less than this share of a CPU, and runs at least this long. */
#define CLIENT_CPU_SHARE 0.25
#define CLIENT_WALL_NS INTERVAL_NS

/*
 * A helper does most of the work: this many times the client's CPU time, and more than a few clock
 * ticks.
 */
#define HELPER_FACTOR 2
#define HELPER_CPU_NS 100000000

/* Processes that are searched for sockets, and of a daemon those whose CPU time is summed. */
#define FAMILY_MAX 64

static bool is_known(const struct helpers *helpers, uint32_t pid)
{
	for (size_t i = 0; i < helpers->n; i++) {
		if (helpers->helpers[i].pid == pid)
			return true;
	}
	return false;
}

/* CPU time of a process, of the children that it has waited for, and of those still alive. */
static uint64_t family_ticks(uint32_t pid)
{
	uint32_t family[FAMILY_MAX];
	const size_t n = process_family(pid, family, FAMILY_MAX);
	struct process_times times;
	uint64_t ticks = 0;

	for (size_t i = 0; i < n; i++) {
		if (!process_times_read(family[i], &times))
			ticks += times.own_ticks + times.waited_ticks;
	}
	return ticks;
}

/*
 * Add a process that was running before the command: what the command has started is in its tree,
 * or is its own daemon. The exception is a service that systemd started for a connection: it may be
 * younger than the command; then all its CPU time counts.
 */
static void add(struct helpers *helpers, const struct unix_peer *peer, uint64_t command_start)
{
	struct helper *helper = &helpers->helpers[helpers->n];
	struct process_times times;
	bool is_older;

	if (helpers->n == HELPERS_MAX || is_known(helpers, peer->pid) ||
	    peer->pid == (uint32_t)getpid() || process_times_read(peer->pid, &times))
		return;
	is_older = times.start_ticks < command_start;
	if (!is_older && !peer->is_activated)
		return;
	*helper = (struct helper){
		.pid = peer->pid,
		.start_ticks = times.start_ticks,
		.ticks = is_older ? family_ticks(peer->pid) : 0,
	};
	memcpy(helper->comm, times.comm, sizeof(helper->comm));
	memcpy(helper->path, peer->path, sizeof(helper->path));
	helpers->n++;
}

static void look(struct helpers *helpers, uint32_t command)
{
	uint32_t family[FAMILY_MAX];
	const size_t n = process_family(command, family, FAMILY_MAX);
	struct unix_peer peers[HELPERS_MAX];
	struct process_times times;

	if (process_times_read(command, &times))
		return;
	for (size_t i = 0; i < n; i++) {
		const size_t found = unix_peers_find(family[i], peers, HELPERS_MAX);

		for (size_t k = 0; k < found; k++)
			add(helpers, &peers[k], times.start_ticks);
	}
}

int helpers_begin(struct helpers *helpers)
{
	*helpers = (struct helpers){.fd = timer_start(INTERVAL_NS, clock_monotonic_ns())};
	return helpers->fd;
}

void helpers_ready(struct helpers *helpers, uint32_t command)
{
	if (!timer_take(helpers->fd))
		return;
	if (command)
		look(helpers, command);
	if (!command || ++helpers->looks == LOOKS)
		helpers_end(helpers);
	else
		timer_set(helpers->fd, (uint64_t)INTERVAL_NS << helpers->looks,
		          clock_monotonic_ns());
}

void helpers_end(struct helpers *helpers)
{
	if (helpers->fd >= 0)
		close(helpers->fd);
	helpers->fd = -1;
}

/* The helper that has used the most CPU time since it was found; NULL: none. */
static const struct helper *find_busiest(struct helpers *helpers)
{
	const struct helper *busiest = NULL;

	for (size_t i = 0; i < helpers->n; i++) {
		struct helper *helper = &helpers->helpers[i];
		const uint64_t ticks = family_ticks(helper->pid);
		struct process_times times;

		if (process_times_read(helper->pid, &times) ||
		    times.start_ticks != helper->start_ticks || ticks < helper->ticks)
			continue;
		helper->used_ticks = ticks - helper->ticks;
		if (!busiest || helper->used_ticks > busiest->used_ticks)
			busiest = helper;
	}
	return busiest;
}

static double seconds_of(const struct timeval *time)
{
	return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

bool helpers_explain(struct helpers *helpers, const struct rusage *usage, uint64_t wall_ns,
                     char text[static HELPERS_TEXT_SIZE])
{
	const double own = (seconds_of(&usage->ru_utime) + seconds_of(&usage->ru_stime)) * 1e9;
	const struct helper *busiest;
	double used;

	if (wall_ns < CLIENT_WALL_NS || own > CLIENT_CPU_SHARE * (double)wall_ns)
		return false;
	busiest = find_busiest(helpers);
	if (!busiest)
		return false;
	used = (double)busiest->used_ticks * 1e9 / (double)sysconf(_SC_CLK_TCK);
	if (used < HELPER_CPU_NS || used < HELPER_FACTOR * own)
		return false;
	snprintf(text, HELPERS_TEXT_SIZE,
	         "the command waited, connected to %s (process %" PRIu32 ", %s), which used %.2g s "
	         "of "
	         "CPU time meanwhile and is not in this tree: 'sudo alumet-agent watch %" PRIu32
	         "' measures it",
	         busiest->comm, busiest->pid, busiest->path, used / 1e9, busiest->pid);
	return true;
}
