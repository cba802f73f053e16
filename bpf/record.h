/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the BPF programs and the agent share: the layout of the records in the ring buffer and of
 * the values in the maps. Both sides are built from this file at the same time; it is no stable
 * interface.
 *
 * Times are nanoseconds of CLOCK_MONOTONIC. Pids are those of the agent's pid namespace; 0 is a
 * task that it cannot see.
 */
#ifndef ALUMET_RECORD_H
#define ALUMET_RECORD_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Most counters of a task, a counter being one event on one PMU. */
#define MAX_COUNTERS 32

/*
 * Weights, by which energy is shared out: at most so many, each of at most so many counters side by
 * side, with factors in fractions of 1 << WEIGHT_FACTOR_BITS. See bpf/weights.h.
 */
#define MAX_WEIGHTS 2
#define MAX_WEIGHT_COUNTERS 4
#define WEIGHT_FACTOR_BITS 16

/* TASK_COMM_LEN of the kernel's include/linux/sched.h. */
#define COMM_SIZE 16

/* Most bytes of a path with its NUL: PATH_MAX. A power of two, as the verifier likes it. */
#define PATH_SIZE 4096

/* Arguments are captured up to ARGS_MAX bytes, in records of at most ARGS_CHUNK. */
#define ARGS_CHUNK 8192
#define ARGS_MAX (64 * 1024)

enum record_type {
	RECORD_TASK = 1, /* struct task_record: a task (thread) has ended */
	RECORD_EXEC,     /* struct exec_record: a process has executed a program */
	RECORD_ARGS,     /* struct args_record: more arguments of the exec before */
};

struct record_header {
	__u32 type; /* enum record_type */
	__u32 size; /* of the whole record */
	__u64 time_ns;
};

/* A process, told apart from others with its pid by the time its first task was created. */
struct process_id {
	__u64 start_ns; /* 0: not a process of the traced tree */
	__u32 pid;
	__u32 pad;
};

/* As struct bpf_perf_event_value of the kernel; sums of differences in a task_record. */
struct counter {
	__u64 count;
	__u64 enabled_ns;
	__u64 running_ns;
};

enum task_flags {
	TASK_ROOT = 1 << 0,       /* first task of the traced command */
	TASK_LEADER = 1 << 1,     /* first task of its process */
	TASK_PENDING = 1 << 2,    /* the root before its first exec: not counted yet */
	TASK_EXECUTED = 1 << 3,   /* its process called execve since it was created */
	TASK_ENDED = 1 << 4,      /* nothing will be added any more */
	TASK_GROUP_EXIT = 1 << 5, /* exit_code is that of the whole process */
	TASK_OOM_VICTIM = 1 << 6, /* the OOM killer has chosen its process */
	/* Its program is not the agent's user's to observe: it is followed, not counted. */
	TASK_HIDDEN = 1 << 7,
	TASK_BORN_HIDDEN =
		1 << 8, /* its creator was hidden; with TASK_HIDDEN exit_code is not told */
};

/* What the kernel keeps for every task by itself. */
struct kernel_counts {
	__u64 cpu_ns;
	__u64 context_switches;
	__u64 migrations;
};

/*
 * What the kernel keeps of a task and its process anyway: taken at the task's last switch-out, and
 * when the agent asks. Read in bpf/fields.h, folded over threads by src/sources/perf/fields.c.
 */
enum task_field {
	/* A task's own, from 0 on. The root's begin at its first exec. */
	TASK_USER_TICKS,      /* ns, as found by the timer tick; see fields.c */
	TASK_SYSTEM_TICKS,    /* ns, likewise */
	TASK_USER_REPORTED,   /* ns of the process, as they were last reported to anybody */
	TASK_SYSTEM_REPORTED, /* ns */
	TASK_RUNQUEUE_WAIT,   /* ns runnable without running */
	TASK_BLOCK_WAIT,      /* ns waiting for block devices */
	TASK_READ_BYTES,      /* fetched from storage */
	TASK_WRITE_BYTES,     /* caused to be sent to storage */
	TASK_READ_CHARS,      /* through read() and the like */
	TASK_WRITE_CHARS,     /* through write() and the like */
	TASK_VOLUNTARY_SWITCHES,
	TASK_INVOLUNTARY_SWITCHES,
	TASK_EXECS, /* execve() calls that succeeded */
	TASK_COUNTED_N,
	/* What is no such sum. */
	TASK_PEAK_RSS = TASK_COUNTED_N, /* bytes, of the process, its earlier programs included */
	TASK_FIELDS_N,
};

/* In the place of a field's value: this kernel does not keep it, or not for this task. */
#define TASK_FIELD_NONE (~0ULL)

/* What a task did while it was hidden, to be taken off afterwards. */
struct hidden_part {
	struct kernel_counts kernel;
	__u64 fields[TASK_FIELDS_N]; /* TASK_PEAK_RSS: not 0 once it was hidden */
};

/*
 * A task's account: the value of the map of tasks while it lives, its last record when it has
 * ended. Only the CPU that the task runs on writes it. On the wire it ends after the last slot of
 * counters that the run uses, unless some of its time slices are estimates: then after them.
 */
struct task_record {
	struct record_header header;
	__u32 seq;   /* odd while it is being written */
	__u32 flags; /* enum task_flags */
	struct process_id process;
	struct process_id parent; /* at creation */
	__u64 token;              /* no other task of the run has it */
	__u64 creator_token;      /* of the task that created it, in the same process; else 0 */
	__u64 start_ns;           /* when the task was created */
	__u32 tid;
	__u32 created; /* tasks that it created in its own process, and that are tracked */
	__s32 exit_code;
	__u32 execs;   /* that the task has made */
	__u64 exec_id; /* of the last exec that was seen; of the creator's before */
	__u64 slices;  /* time slices whose counts are estimates */
	__u64 cpu_ns;
	__u64 context_switches;
	__u64 migrations;
	char comm[COMM_SIZE];
	char birth_comm[COMM_SIZE];  /* as the process was created */
	__u64 fields[TASK_FIELDS_N]; /* by enum task_field; valid once TASK_ENDED */
	/*
	 * The run's counters; behind them, with only .count in use, each weight in each group of
	 * CPUs: weight w in group g at counters_n + w * groups_n + g.
	 */
	struct counter counters[MAX_COUNTERS];
	/* How much of each count was not read, but is a share by time: see claim_share(). */
	__u64 estimated[MAX_COUNTERS];
	struct hidden_part hidden; /* never sent */
};

/* An exec: the path as given to execve, without NUL, and the first of the arguments. */
struct exec_record {
	struct record_header header;
	struct process_id process;
	struct process_id parent;
	char comm[COMM_SIZE];
	char birth_comm[COMM_SIZE];
	__u32 is_root;
	__u32 is_hidden; /* TASK_HIDDEN from here on: no arguments */
	__u32 path_length;
	__u32 args_total;  /* bytes, each argument with its NUL, as the process has them */
	__u32 args_length; /* of those, in this record; more may follow in RECORD_ARGS */
	__u32 pad;
	char data[PATH_SIZE + ARGS_CHUNK];
};

struct args_record {
	struct record_header header;
	struct process_id process;
	__u32 offset; /* of this part in the arguments */
	__u32 length;
	char data[ARGS_CHUNK];
};

/* One CPU's part of the counting. Written by that CPU; the agent only clears base, see kernel_clear_base(). */
struct cpu_state {
	__u64 current; /* address of the task that was last seen to be switched in */
	__u32 tracked; /* it is in the map of tasks */
	__u32 group;   /* set by the agent, as is factor: where weights of this CPU are kept */
	__u32 factor;  /* of what is gained here from now on, in 1 << WEIGHT_FACTOR_BITS */
	__u32 pad;
	__u64 idle;                        /* address of the idle task; 0: not known yet */
	__u64 since_ns;                    /* up to when busy_ns is, 0 at first */
	__u64 busy_ns;                     /* time not idle */
	__u64 weights[MAX_WEIGHTS];        /* of everything that ran here */
	struct counter base[MAX_COUNTERS]; /* last readings; enabled_ns 0: there is none */
	struct counter now[MAX_COUNTERS];  /* scratch of the programs */
};

/* What could not be done as it should, counted where it happened. */
struct losses {
	__u64 tasks;     /* not tracked: no room in the map of tasks, or no memory */
	__u64 ring_full; /* last records that had to wait, in the reserve or among the tasks */
	__u64 records;   /* last records that found no room there either */
	__u64 execs;     /* exec records dropped: the process keeps its comm only */
	__u64 args;      /* argument records dropped */
	__u64 reads;     /* counter readings that failed; the slice is missing in the sum */
	__u64 slices;    /* that began unseen; what they counted is estimated */
	__u64 hidden; /* execs of programs that the user may not observe: not counted from there */
};

/* What the program that the agent runs when it looks is to do: its first argument. */
enum demand {
	DEMAND_ACCOUNT = 1, /* bring the task that runs on this CPU up to date */
	DEMAND_FIELDS, /* read the fields of the task at the address that is the second argument */
};

/* What DEMAND_FIELDS has read. */
struct task_reading {
	__u64 fields[TASK_FIELDS_N];
	char comm[COMM_SIZE];
	__u64 is_ending; /* its parent knows of its end: only the last switch is still to come */
};

/* The counters that make a weight; counters_n 0: it is time, of the clock that switches are timed by. */
struct weight_config {
	__u32 first, counters_n;
};

/*
 * Set by the agent before load; the verifier removes the paths that a run does not need, and whole programs
 * are left out: see program_is_needed() in src/sources/perf/bpf/loading.h.
 */
struct run_config {
	__u32 counters_n; /* counters of this run, MAX_COUNTERS at most */
	__u32 sparse;     /* a counter may be missing on some CPUs: hybrid machines */
	__u32 direct;     /* bpf_get_current_task_btf() is there: Linux 5.11 and newer */
	__u32 page_size;
	__u32 slots_n;   /* of an account's counters: the counters and the weights */
	__u32 weights_n; /* 0: nothing is weighed */
	__u32 groups_n;  /* of CPUs */
	__u32 times_run; /* some weight is time: each slice is to be timed */
	struct weight_config weights[MAX_WEIGHTS];
	__u32 restricted; /* the user may not observe every program: see observe.h */
	__u32 cpus_n;     /* the highest possible CPU number + 1 */
	__u32 exec_twice; /* the program at an exec is attached a second time */
	__u32 nested;     /* the agent is in a pid namespace of its own */
	__u64 ring_wake;  /* bytes in the ring at which the agent is woken */
};

/* Whom the agent works for, as the kernel has him; set by on_arm where config.restricted. */
struct observer {
	__u64 user_namespace; /* its address */
	__u32 uid;
	__u32 gid;
};

/* In the place of an address: it ended without having executed anything. */
#define ROOT_GONE 1

/* What the programs know beside the maps; the agent has it mapped. */
struct run_state {
	__u64 agent_task;       /* address of the agent's task_struct: its next child is the root */
	__u64 agent_namespace;  /* address of its pid namespace */
	__u32 agent_level;      /* depth of that; the initial one has 0 */
	__u32 wake_always;      /* set by the agent: it waits for every end */
	struct process_id root; /* the traced command */
	__u64 root_pending; /* address of its task until it has executed the command; ROOT_GONE */
	__u64 root_switched_in; /* since when that runs on its CPU, and its CPU time then */
	__u64 root_runtime;
	struct kernel_counts root_base; /* the root's numbers at its first exec */
	__u64 root_fields[TASK_COUNTED_N];
	struct task_reading reading;
	__s64 alive; /* accounts in the map of tasks */
	struct losses losses;
	struct observer observer;
};

#endif
