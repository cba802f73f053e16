/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/losses.h"

#include <inttypes.h>
#include <stdio.h>

#define LINE_SIZE 256

/* What is said of a number of them. */
struct text {
	enum report_kind kind;
	const char *one, *many; /* after "1 " and after "2 " */
	const char *one_of;     /* after "1 of 5 "; NULL where no total is known */
};

struct number {
	uint64_t n;
	uint64_t of; /* the total, including the missing ones; 0: not shown */
};

#define NOT_FOLLOWED "the map of tasks was full (max_tasks), or the kernel had no memory for "
#define NO_ROOM "the ring and the map behind it were full (ring_size, max_tasks)"
#define NOT_NAMED                                                                                  \
	"the ring was full (ring_size), the kernel skipped the BPF program (PREEMPT_RT), or more " \
	"CPUs came online during the run than there was room for"

#define NO_RANK                                                                                    \
	"the environment has more variables than are read (before Linux 6.1: 256), or the ring "   \
	"was full (ring_size)"

enum item {
	TASKS,
	RECORDS,
	INCOMPLETE,
	EXECS,
	ARGS,
	OUTSIDE,
	RANKS,
	READS,
	HIDDEN,
	WAITED,
	WATCHED,
	OUTLIVED,
	INTERRUPTED,
	ITEMS
};

static const struct text texts[ITEMS] = {
	[TASKS] = {REPORT_LOSS, "task was not followed, nor what it created: " NOT_FOLLOWED "it",
                   "tasks were not followed, nor what they created: " NOT_FOLLOWED "them",
                   "tasks was not followed, nor what it created: " NOT_FOLLOWED "it"},
	[RECORDS] = {REPORT_LOSS, "ended thread is missing: " NO_ROOM,
                     "ended threads are missing: " NO_ROOM, "ended threads is missing: " NO_ROOM},
	[INCOMPLETE] = {REPORT_LOSS,
                        "process lacks records of ended threads: its counts are too low, and its "
                        "end is the last known of it",
                        "processes lack records of ended threads: their counts are too low, and "
                        "their ends are the last known of them",
                        NULL},
	[EXECS] = {REPORT_LOSS, "exec has no path and arguments: " NOT_NAMED,
                   "execs have no path and arguments: " NOT_NAMED,
                   "execs has no path and arguments: " NOT_NAMED},
	[ARGS] = {REPORT_LOSS, "argument list is cut: the ring was full (ring_size)",
                  "argument lists are cut: the ring was full (ring_size)",
                  "argument lists is cut: the ring was full (ring_size)"},
	[OUTSIDE] = {REPORT_LOSS,
                     "thread in the cgroups was not measured: it is not of this pid namespace (a "
                     "container's)",
                     "threads in the cgroups were not measured: they are not of this pid namespace "
                     "(a container's)",
                     NULL},
	[RANKS] = {REPORT_LOSS, "exec may be of a rank that is not known: " NO_RANK,
                   "execs may be of ranks that are not known: " NO_RANK,
                   "execs may be of a rank that is not known: " NO_RANK},
	[READS] = {REPORT_LOSS, "reading of a counter failed; what it counted around it is missing",
                   "readings of a counter failed; what it counted around them is missing",
                   "readings of a counter failed; what it counted around it is missing"},
	[HIDDEN] = {REPORT_NOTE,
                    "program that this user may not observe (set-user-ID, capabilities, "
                    "unreadable) was followed, but not counted from its start on",
                    "programs that this user may not observe (set-user-ID, capabilities, "
                    "unreadable) were followed, but not counted from their start on",
                    NULL},
	[WAITED] = {REPORT_NOTE, "record of a thread's end found the ring full and waited in a map",
                    "records of threads' ends found the ring full and waited in a map",
                    "records of threads' ends found the ring full and waited in a map"},
	[WATCHED] = {REPORT_NOTE, "process runs on; its counts end here",
                     "processes run on; their counts end here", NULL},
	[OUTLIVED] = {REPORT_NOTE, "process outlived the command (--wait-tree waits for it)",
                      "processes outlived the command (--wait-tree waits for them)", NULL},
	[INTERRUPTED] = {REPORT_NOTE,
                         "process was still running when a signal ended --wait-tree; its counts "
                         "end here",
                         "processes were still running when a signal ended --wait-tree; their "
                         "counts end here",
                         NULL},
};

/* "3 tasks were …" or, if the total is known, "3 of 1204 tasks were …". */
static void print_item(const struct text *text, struct number number, char line[static LINE_SIZE])
{
	if (number.of > number.n)
		snprintf(line, LINE_SIZE, "%" PRIu64 " of %" PRIu64 " %s", number.n, number.of,
		         number.n == 1 ? text->one_of : text->many);
	else
		snprintf(line, LINE_SIZE, "%" PRIu64 " %s", number.n,
		         number.n == 1 ? text->one : text->many);
}

void losses_say(const struct losses *losses, const struct losses_seen *seen, size_t left,
                enum losses_left why,
                void (*say)(void *data, enum report_kind kind, const char *line), void *data)
{
	/* Of how many is not known where threads are missing whose execs nobody has counted. */
	const uint64_t execs = losses->records ? 0 : seen->execs;
	const uint64_t ended = seen->tasks + losses->records;
	const struct number numbers[ITEMS] = {
		[TASKS] = {losses->tasks, ended + losses->tasks},
		[RECORDS] = {losses->records, ended},
		[INCOMPLETE] = {seen->incomplete, 0},
		[EXECS] = {losses->execs, execs},
		[ARGS] = {losses->args, execs},
		[OUTSIDE] = {losses->outside, 0},
		[RANKS] = {losses->ranks, execs},
		[READS] = {losses->reads, losses->records ? 0 : seen->readings},
		[HIDDEN] = {losses->hidden, 0},
		[WAITED] = {losses->ring_full - losses->records, ended},
		[WATCHED] = {why == LEFT_BY_WATCH ? left : 0, 0},
		[OUTLIVED] = {why == LEFT_BY_COMMAND ? left : 0, 0},
		[INTERRUPTED] = {why == LEFT_BY_SIGNAL ? left : 0, 0},
	};
	char line[LINE_SIZE];

	for (size_t i = 0; i < ITEMS; i++) {
		if (!numbers[i].n)
			continue;
		print_item(&texts[i], numbers[i], line);
		say(data, texts[i].kind, line);
	}
}

/* "12 %", "0.43 %"; "at most 0.001 %" is exact enough for all smaller shares. */
static void print_share(double share, char text[static 16])
{
	const double percent = share * 100 < 0.001 ? 0.001 : share * 100;

	snprintf(text, 16, percent < 10 ? "%.2g %%" : "%.0f %%", percent);
}

/* If nothing was counted in the slices, there are no estimates. */
void losses_say_estimates(const struct losses *losses, const struct losses_seen *seen, double share,
                          const char *label,
                          void (*say)(void *data, enum report_kind kind, const char *line),
                          void *data)
{
	static const struct text text = {
		REPORT_NOTE,
		"time slice began unseen by the kernel's tracepoint; its counts are",
		"time slices began unseen by the kernel's tracepoint; their counts are",
		"time slices began unseen by the kernel's tracepoint; its counts are",
	};
	const struct number number = {losses->slices, losses->records ? 0 : seen->slices};
	char what[LINE_SIZE], percent[16], line[2 * LINE_SIZE];

	if (!losses->slices || !(share > 0))
		return;
	print_item(&text, number, what);
	print_share(share, percent);
	snprintf(line, sizeof(line), "%s estimates, wrong by at most %s of a total (%s)", what,
	         percent, label);
	say(data, REPORT_NOTE, line);
}

void losses_say_shared(double share, const char *label,
                       void (*say)(void *data, enum report_kind kind, const char *line), void *data)
{
	char line[LINE_SIZE];

	if (!label)
		return;
	snprintf(line, sizeof(line),
	         "hardware counters were shared (with other agents or perf, or among more events "
	         "than there are counters): %s was counted %.0f %% of the time, and is scaled",
	         label, share * 100);
	say(data, REPORT_NOTE, line);
}
