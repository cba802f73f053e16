/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The interface between the BPF programs and the agent: the records in the ring buffer and the
 * values of the maps. Both sides are built from this file at the same time; it is not a stable
 * interface.
 *
 * Times are in ns of CLOCK_MONOTONIC. Pids are those of the agent's pid namespace; 0 is a task that
 * is invisible there.
 */
#ifndef BPF_RECORD_H
#define BPF_RECORD_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Counters of a task at most; a counter is one event on one PMU. */
#define MAX_COUNTERS 32

/*
 * Weights, by which energy is distributed: at most this many, each of at most this many counters
 * read together, with factors in fractions of 1 << WEIGHT_FACTOR_BITS. See bpf/weights.h.
 */
#define MAX_WEIGHTS 2
#define MAX_WEIGHT_COUNTERS 4
#define WEIGHT_FACTOR_BITS 16

/* TASK_COMM_LEN of include/linux/sched.h. */
#define COMM_SIZE 16

/* PATH_MAX: bytes of a path with its NUL at most. A power of two, for the verifier. */
#define PATH_SIZE 4096

/* Arguments are recorded up to ARGS_MAX bytes, in records of ARGS_CHUNK at most. */
#define ARGS_CHUNK 16384
#define ARGS_MAX (64 * 1024)

/*
 * Environment variables that may hold a rank, in order of preference: at most this many. A name
 * with its '=' has at most RANK_NAME_WORDS words of 8 bytes. "NAME=VALUE" with its NUL is truncated
 * to RANK_TEXT_SIZE.
 */
#define RANK_NAMES_MAX 8
#define RANK_NAME_WORDS 4
#define RANK_TEXT_SIZE 64

enum record_type {
	RECORD_TASK = 1, /* struct task_record: a task (thread) has ended */
	RECORD_EXEC,     /* struct exec_record: a process has executed a program */
	RECORD_ARGS,     /* struct args_record: more arguments of the previous exec */
	RECORD_RANK,     /* struct rank_record: the next exec has a rank */
	RECORD_MOVED,    /* struct record_header: run.moves has increased */
};

struct record_header {
	__u32 type; /* enum record_type */
	__u32 size; /* of the whole record */
	__u64 time_ns;
};

/* A process; the creation time of its first task distinguishes it from others with the same pid. */
struct process_id {
	__u64 start_ns; /* 0: not in the traced tree */
	__u32 pid;
	__u32 pad;
};

/* Like struct bpf_perf_event_value; a task_record has sums of differences. */
struct counter {
	__u64 count;
	__u64 enabled_ns;
	__u64 running_ns;
};

enum task_flags {
	TASK_ROOT = 1 << 0,       /* first task of the traced command */
	TASK_LEADER = 1 << 1,     /* first task of its process */
	TASK_PENDING = 1 << 2,    /* the root before its first exec, which is not counted */
	TASK_EXECUTED = 1 << 3,   /* its process has called execve() since its creation */
	TASK_ENDED = 1 << 4,      /* nothing is added any more */
	TASK_GROUP_EXIT = 1 << 5, /* exit_code is that of the process */
	TASK_OOM_VICTIM = 1 << 6, /* its process was chosen by the OOM killer */
	/* The agent's user may not observe its program: it is followed, but not counted. */
	TASK_HIDDEN = 1 << 7,
	TASK_BORN_HIDDEN =
		1 << 8,        /* its creator was hidden; with TASK_HIDDEN, exit_code is withheld */
	TASK_ADOPTED = 1 << 9, /* it was running already when it was added to the watched set */
	/* Its process was running already; the task itself may be newer. */
	TASK_OF_ADOPTED = 1 << 10,
	TASK_NAMED = 1 << 11, /* its process was named as a target */
	TASK_LEFT = 1 << 12,  /* it has not ended, but was moved out of the watched cgroups */
	/* Set by the agent: of the root, whose peak memory may be the agent's, before its exec. */
	TASK_PEAK_SHARED = 1 << 13,
};

/* What the kernel counts for every task. */
struct kernel_counts {
	__u64 cpu_ns;
	__u64 context_switches;
	__u64 migrations;
};

/*
 * Values that the kernel keeps for a task and its process anyway, taken at the last switch-out and
 * on request of the agent. bpf/fields.h reads them, src/sources/perf/fields.c folds them over
 * threads.
 */
enum task_field {
	/* Of the task, counted from 0. Those of the root count from its first exec. */
	TASK_USER_TICKS,      /* ns, by the timer tick; see fields.c */
	TASK_SYSTEM_TICKS,    /* ns, the same */
	TASK_USER_REPORTED,   /* ns of the process, as the kernel last reported it */
	TASK_SYSTEM_REPORTED, /* ns */
	TASK_RUNQUEUE_WAIT,   /* ns runnable without running */
	TASK_BLOCK_WAIT,      /* ns waiting for block devices */
	TASK_READ_BYTES,      /* read from storage */
	TASK_WRITE_BYTES,     /* written to storage */
	TASK_READ_CHARS,      /* by read() and similar calls */
	TASK_WRITE_CHARS,     /* by write() and similar calls */
	TASK_VOLUNTARY_SWITCHES,
	TASK_INVOLUNTARY_SWITCHES,
	TASK_EXECS, /* successful execve() calls */
	TASK_COUNTED_N,
	/* The following are no sums. */
	TASK_PEAK_RSS = TASK_COUNTED_N, /* bytes, of the process, its earlier programs included */
	TASK_FIELDS_N,
};

/* Value of a field that this kernel does not keep, or not for this task. */
#define TASK_FIELD_NONE (~0ULL)

/* What a task did but is not counted: before its adoption, and while it was hidden. */
struct excluded_part {
	struct kernel_counts kernel;
	__u64 fields[TASK_FIELDS_N]; /* TASK_PEAK_RSS: not 0 if it was ever hidden */
};

/*
 * The account of a task: a value of the map of tasks while the task lives, then its last record.
 * Only the CPU that runs the task writes it. In the ring it is truncated after the last counter
 * slot of the run or, if some slices are estimated, after their estimates.
 */
struct task_record {
	struct record_header header;
	__u32 seq;   /* odd while it is being written */
	__u32 flags; /* enum task_flags */
	struct process_id process;
	struct process_id parent; /* at creation */
	__u64 token;              /* unique among the tasks of the run */
	__u64 creator_token;      /* of the task that created it, if in the same process; else 0 */
	__u64 start_ns;           /* when the task was created */
	__u32 tid;
	__u32 created; /* tracked tasks that it created in its own process */
	__s32 exit_code;
	__u32 execs;   /* by this task */
	__u64 exec_id; /* of the last exec that was seen; initially the creator's */
	__u64 slices;  /* slices with estimated counts */
	__u64 adopted_ns; /* begin of its counts; 0: its creation */
	__u64 cpu_ns;
	__u64 context_switches;
	__u64 migrations;
	__u32 target; /* index of the watch's target that the task belongs to */
	__u32 round;  /* run.round of its last noted change; see bpf/change.h */
	char comm[COMM_SIZE];
	char birth_comm[COMM_SIZE];  /* at the creation of the process */
	__u64 fields[TASK_FIELDS_N]; /* by enum task_field; valid once TASK_ENDED */
	/*
	 * The run's counters, followed by the weights in each group of CPUs, which use only .count:
	 * weight w in group g is at counters_n + w * groups_n + g.
	 */
	struct counter counters[MAX_COUNTERS];
	/* By how much each count may be wrong, because it is estimated: see claim_share(). */
	__u64 estimated[MAX_COUNTERS];
	/* The rest is never sent. */
	struct excluded_part excluded;
	__u64 reported;   /* the agent has received its adopted_record */
	__u64 left;       /* the agent knows that it no longer belongs to the watched set */
	__u32 noted_cpu;  /* CPU where its last change was noted, */
	__u32 noted_at;   /* and index of that change */
};

/* An exec: the path passed to execve(), without NUL, and the first part of the arguments. */
struct exec_record {
	struct record_header header;
	struct process_id process;
	struct process_id parent;
	char comm[COMM_SIZE];
	char birth_comm[COMM_SIZE];
	__u32 is_root;
	__u32 is_hidden; /* TASK_HIDDEN begins: no arguments */
	__u32 path_length;
	__u32 args_total;  /* in bytes, each argument with its NUL, as in the process */
	__u32 args_length; /* part in this record; RECORD_ARGS may follow */
	__u32 pad;
	char data[PATH_SIZE + ARGS_CHUNK];
};

/* The variable with the rank, sent before the record of the exec. */
struct rank_record {
	struct record_header header;
	struct process_id process;
	struct process_id parent;
	char birth_comm[COMM_SIZE];
	__u32 is_root;
	__u32 name; /* index of the name; RANK_NAMES_MAX: none */
	char text[RANK_TEXT_SIZE];
};

/* A watched process, by its pid: index of its target. */
struct watch_root {
	__u64 start_ticks; /* as in /proc/PID/stat; 0: any process with this pid */
	__u32 target;
	__u32 pad;
};

/* Written by the task iterator for each adopted task: see bpf/watch/adopt.bpf.c. */
struct adopted_record {
	struct process_id process;
	struct process_id parent;
	__u64 token;
	__u64 time_ns; /* begin of its counts */
	__u64 start_ns;
	__u32 tid;
	__u32 flags; /* enum task_flags */
	__u32 target;
	__u32 pad;
	__u64 task; /* key in the map of tasks */
	char comm[COMM_SIZE];
	char birth_comm[COMM_SIZE]; /* name of its process */
};

struct args_record {
	struct record_header header;
	struct process_id process;
	__u32 offset; /* of this part within the arguments */
	__u32 length;
	char data[ARGS_CHUNK];
};

/*
 * State of a CPU. That CPU writes it; the agent only sets group, factor and absent, clears base
 * (kernel_clear_base()).
 */
struct cpu_state {
	__u64 current;   /* address of the task that was last seen switched in */
	__u32 tracked;   /* that task is in the map of tasks */
	__u32 group;     /* set by the agent, like factor: where weights of this CPU are added */
	__u32 factor;    /* for weights gained here from now on, in 1 << WEIGHT_FACTOR_BITS */
	__u32 changed_n; /* number of changes noted here: see note_change() */
	__u32 absent;    /* bit i: counter i is of a PMU that this CPU lacks: no reading fails */
	__u32 pad;
	__u64 idle;      /* address of the idle task; 0: not known yet */
	__u64 silent;    /* address of the task that last left without the tracepoint */
	__u64 since_ns;  /* busy_ns is valid up to this time; initially 0 */
	/* Difference of the clock and the scheduler's: see switch_time(); 0: unknown. */
	__u64 ahead_ns;
	__u64 ahead_at;  /* run.round of that measurement */
	__u64 busy_ns;   /* time not idle */
	__u64 weights[MAX_WEIGHTS];        /* of everything that ran here */
	struct counter base[MAX_COUNTERS]; /* last readings; enabled_ns 0: none */
	struct counter now[MAX_COUNTERS];  /* scratch space of the programs */
};

/* Losses, counted where they occur. */
struct losses {
	__u64 tasks;     /* tasks not tracked: the map of tasks was full, or there was no memory */
	__u64 ring_full; /* last records that had to wait, in the reserve or in the map of tasks; */
	__u64 records;   /* of those, the ones lost because there was no room there, either */
	__u64 execs;     /* exec records lost: the process keeps only its comm */
	__u64 args;      /* argument records dropped */
	__u64 reads;     /* counter readings that failed; the sum lacks the slice */
	__u64 slices;    /* slices whose begin was missed: their counts are estimated */
	/* Execs that may have a rank: the environment was too long, or the ring full. */
	__u64 ranks;
	/* Execs of programs that the user may not observe, and that are not counted. */
	__u64 hidden;
	__u64 outside; /* tasks in watched cgroups that the agent's pid namespace does not see */
};

/* First argument of on_demand: what to do. */
enum demand {
	DEMAND_ACCOUNT = 1, /* update the account of the task that runs on this CPU */
	DEMAND_FIELDS,      /* read the fields of the task whose address is the second argument */
	DEMAND_ROOM,        /* make room on this CPU for several accounts at once */
};

/* Result of DEMAND_FIELDS. */
struct task_reading {
	__u64 fields[TASK_FIELDS_N];
	char comm[COMM_SIZE];
	/* Its parent was notified of its end, and only the last switch is missing. */
	__u64 is_ending;
};

/* The counters of a weight; counters_n 0: time, of the clock that times switches. */
struct weight_config {
	__u32 first, counters_n;
};

/* A name with its '=', as words of memory; masks: the bits that belong to the name. */
struct rank_name {
	__u64 words[RANK_NAME_WORDS];
	__u64 masks[RANK_NAME_WORDS];
};

/*
 * Set by the agent before loading. The verifier removes the paths that a run does not need, and
 * whole programs are not loaded: see program_is_needed() in src/sources/perf/bpf/loading.h.
 */
struct run_config {
	__u32 counters_n; /* counters of this run */
	__u32 sparse;     /* some CPUs lack some counters, on hybrid machines */
	/* Bit i: counter i always counts while its CPU is online, because it is pinned. */
	__u32 always_on;
	__u32 direct;     /* bpf_get_current_task_btf() exists: Linux 5.11 and newer */
	__u32 page_size;
	__u32 slots_n;   /* slots of an account: counters and weights */
	__u32 weights_n; /* 0: no weights */
	__u32 groups_n;  /* of CPUs */
	__u32 times_run; /* a weight is time, so that each slice is timed */
	struct weight_config weights[MAX_WEIGHTS];
	__u32 restricted; /* the user may not observe every program: see observe.h */
	__u32 cpus_n;     /* the highest possible CPU number + 1 */
	__u32 exec_twice; /* the exec program is attached twice */
	__u32 nested;     /* the agent is in a nested pid namespace */
	__u32 excludes;   /* accounts have an excluded part: restricted or watches */
	__u32 watches;    /* tasks are adopted, and the agent starts no command */
	__u32 watch_all;  /* all tasks of the machine belong to the watched set */
	__u32 by_cgroup;  /* tasks in certain cgroups belong to it */
	__s32 hierarchy;  /* number of their hierarchy; 0: cgroup v2 */
	/* Number of variables that may hold a rank; 0: ranks are not told apart. */
	__u32 ranks_n;
	__u32 changes_n;  /* changes that a CPU can note between two samples; a power of two */
	__u32 pad;
	__u64 ring_wake; /* wake the agent when the ring has this many bytes: a quarter of it */
	struct rank_name ranks[RANK_NAMES_MAX];
};

/* The agent's user in the kernel; set by on_arm if config.restricted. */
struct observer {
	__u64 user_namespace; /* address of it */
	__u32 uid;
	__u32 gid;
};

/* In place of an address: the task ended without an exec. */
#define ROOT_GONE 1

/* Variables of the programs; the agent maps them. */
struct run_state {
	__u64 agent_task;       /* address of the agent's task_struct; its next child is the root */
	__u64 agent_namespace;  /* address of its pid namespace */
	__u32 agent_level;      /* depth of that namespace; the initial one has 0 */
	__u32 wake_always;      /* set by the agent: wake it for each end of a task */
	struct process_id root; /* the traced command */
	__u64 root_pending; /* address of its task until its first exec; ROOT_GONE */
	__u64 root_woken;   /* time at which it was created */
	__u64 root_switched_in; /* time of its switch-in, and its CPU time then */
	__u64 root_runtime;
	/*
	 * The root's values at its first exec, which its account still includes: they are
	 * subtracted later.
	 */
	struct kernel_counts root_base;
	__u64 root_fields[TASK_FIELDS_N];
	struct task_reading reading;
	__s64 alive; /* accounts in the map of tasks */
	struct losses losses;
	struct observer observer;
	__u32 adopting;     /* the map of tasks may still lack tasks of the set */
	__u32 too_deep;     /* a chain of parents was too long to follow; the agent clears it */
	/* The agent clears it, too: because a task ended, the iterator may have missed one. */
	__u32 is_unsure;
	__u64 orphaned;     /* number of tasks that ended meanwhile and left children */
	__u64 moves;        /* number of tasks that entered the watched cgroups, or left them */
	__s64 left;         /* accounts of tasks that left the cgroups */
	__u32 left_is_back; /* one of these is back in the set, but has not run since */
	__u32 round;        /* number of times that the agent has sampled the weights */
};

#endif
