/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's types as far as the BPF programs touch them, written by hand. Offsets are relocated
 * at load (CO-RE), so that only names and types of the fields must be right, not their order. A
 * flavour (name___what) is a type as a certain range of kernels has it.
 *
 * Constants are the kernel's UAPI (include/uapi/linux/bpf.h, sched.h) where nothing else is said.
 */
#ifndef VMLINUX_VMLINUX_H
#define VMLINUX_VMLINUX_H

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u64 __be64;
typedef __u32 __wsum;
typedef _Bool bool;

#define true 1
#define false 0

enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERF_EVENT_ARRAY = 4,
	BPF_MAP_TYPE_HASH_OF_MAPS = 13,
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
};

enum {
	BPF_F_NO_PREALLOC = 1U << 0,
	BPF_F_MMAPABLE = 1U << 10,
};

enum {
	BPF_F_USER_STACK = 1ULL << 8,
	BPF_F_USER_BUILD_ID = 1ULL << 11,
};

enum {
	BPF_RB_NO_WAKEUP = 1ULL << 0,
	BPF_RB_FORCE_WAKEUP = 1ULL << 1,
};

enum {
	BPF_RB_AVAIL_DATA = 0,
};

#define CLONE_PARENT 0x00008000
#define CLONE_THREAD 0x00010000

/* include/linux/sched.h; the same since 4.14. */
#define TASK_DEAD 0x00000080

/* The same file: created and not yet on a run queue (4.8), and task_struct.flags. */
#define TASK_NEW 0x00000800
#define PF_EXITING 0x00000004
#define PF_FORKNOEXEC 0x00000040
#define PF_KTHREAD 0x00200000

/* include/linux/sched/signal.h; the same in all kernels with BTF. */
#define SIGNAL_GROUP_EXIT 0x00000004

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct pid_namespace;

struct upid {
	int nr;
	struct pid_namespace *ns;
};

struct pid {
	unsigned int level;
	struct upid numbers[1];
};

/* include/linux/uidgid.h: an id as the initial user namespace has it. */
typedef struct {
	__u32 val;
} kuid_t;

typedef struct {
	__u32 val;
} kgid_t;

/* Until 6.2 an array of two 32-bit numbers, since 6.3 one of 64 bits: 8 bytes either way. */
typedef struct {
	__u64 val;
} kernel_cap_t;

struct user_namespace {
	struct user_namespace *parent;
	kuid_t owner;
};

struct cred {
	kuid_t uid;
	kgid_t gid;
	kuid_t suid;
	kgid_t sgid;
	kuid_t euid;
	kgid_t egid;
	kernel_cap_t cap_permitted;
	struct user_namespace *user_ns;
};

struct mm_struct {
	unsigned long flags; /* until 6.17 */
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long env_start;
	unsigned long env_end;
	struct user_namespace *user_ns; /* until 7.1 */
};

/* Since 6.18 the flags are a bitmap in a struct. */
struct mm_struct___since_6_18 {
	struct {
		unsigned long __mm_flags[1];
	} flags;
};

/*
 * Since 7.2 (include/linux/sched/coredump.h, exec_state.h). An int would not match: the kinds
 * differ.
 */
enum task_dumpable {
	TASK_DUMPABLE_OWNER = 1,
};

struct task_exec_state {
	enum task_dumpable dumpable;
	struct user_namespace *user_ns;
};

/* User and system time as they were last reported; not with VIRT_CPU_ACCOUNTING_NATIVE. */
struct prev_cputime {
	__u64 utime;
	__u64 stime;
};

struct signal_struct {
	int nr_threads; /* that were not released yet */
	int group_exit_code;
	unsigned int flags;
	unsigned long maxrss; /* pages; set by the last thread in do_exit() and at exec */
	struct prev_cputime prev_cputime;
	struct mm_struct *oom_mm; /* set when the OOM killer has chosen the process */
};

/* Bytes; the first two with TASK_XACCT, the others with TASK_IO_ACCOUNTING. */
struct task_io_accounting {
	__u64 rchar;
	__u64 wchar;
	__u64 read_bytes;
	__u64 write_bytes;
};

/* With SCHED_INFO. */
struct sched_info {
	unsigned long long run_delay;
};

/* With TASK_DELAY_ACCT; a task has one if delays were accounted when it was created. */
struct task_delay_info {
	__u64 blkio_delay;
};

struct rq {
	struct task_struct *idle;
};

struct cfs_rq {
	struct rq *rq; /* with FAIR_GROUP_SCHED */
};

struct sched_entity {
	__u64 exec_start; /* of rq_clock_task(): up to when sum_exec_runtime is */
	__u64 sum_exec_runtime;
	__u64 nr_migrations;
	struct cfs_rq
		*cfs_rq; /* with FAIR_GROUP_SCHED; of the CPU where the task is, or was last */
};

struct list_head {
	struct list_head *next;
};

struct task_struct {
	unsigned int __state; /* since 5.14 */
	int pid;
	int tgid;
	int exit_code;
	int exit_state; /* not 0 from exit_notify() on */
	unsigned int flags;
	int on_cpu; /* with SMP: it runs, or its last switch-out is not over */
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct list_head children; /* of the thread: who has it as its real_parent, by sibling */
	struct list_head sibling;
	struct pid *thread_pid;
	const struct cred *real_cred;
	struct css_set *cgroups;
	struct mm_struct *mm;
	struct signal_struct *signal;
	struct sched_entity se;
	unsigned long nvcsw;
	unsigned long nivcsw;
	__u64 utime; /* ns; as the timer tick has found the task */
	__u64 stime;
	struct sched_info sched_info;
	struct task_io_accounting ioac;
	struct task_delay_info *delays;
	__u64 start_time;
	__u64 start_boottime; /* since 5.5 */
	__u64 self_exec_id; /* one more at each exec; a new task has its creator's */
	char comm[16];
};

/* Up to 5.13. */
struct task_struct___before_5_14 {
	volatile long state;
};

/* What mm_struct had of it before. */
struct task_struct___since_7_2 {
	struct task_exec_state *exec_state;
};

struct cgroup;
struct css_set;

struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};

struct kernfs_node {
	__u64 id; /* the inode's number, too, on 64-bit machines */
};

struct cgroup_root {
	int hierarchy_id; /* 0: cgroup v2 */
};

struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

/* A set has one cgroup in each hierarchy: a link for each (kernel/cgroup/cgroup-internal.h). */
struct cgrp_cset_link {
	struct cgroup *cgrp;
	struct list_head cgrp_link;
};

struct css_set {
	struct cgroup *dfl_cgrp; /* of cgroup v2 */
	struct list_head cgrp_links;
};

struct seq_file;

/* What an iterator's program is called with (kernel/bpf/task_iter.c, include/linux/bpf.h). */
struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};

struct linux_binprm {
	const char *filename;
};

#pragma clang attribute pop

/* The layout that bpf_perf_event_read_value() fills: struct counter of bpf/record.h. */
struct bpf_perf_event_value {
	__u64 counter;
	__u64 enabled;
	__u64 running;
};

#endif
