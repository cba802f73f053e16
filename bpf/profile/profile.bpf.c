// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Takes a sample of what a CPU executes each time that an event on that CPU has counted a period. A
 * task outside of the tree costs one look-up. This is an object of its own, loaded only for a
 * profile. It uses no kernel types, so that no time goes into relocation.
 *
 * The event may interrupt anything, even by an NMI. The look-ups take no lock, and writing to the
 * ring fails if this CPU is writing to it already.
 */
#include "vmlinux.h"

#include <bpf/bpf_helpers.h>

#include "bpf/sample.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* struct bpf_perf_event_data of include/uapi/linux/bpf_perf_event.h, after the registers. */
#if defined(__TARGET_ARCH_x86)
#define REGISTERS_SIZE (21 * 8)
#elif defined(__TARGET_ARCH_arm64)
#define REGISTERS_SIZE (34 * 8)
#endif

struct sample_context {
	char registers[REGISTERS_SIZE];
	__u64 sample_period;
	__u64 addr;
};

/*
 * Stands for the accounts of bpf/maps.h: the agent replaces it by the map of the programs that
 * follow the tree.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct task_record);
} tasks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 19);
} samples SEC(".maps");

/* Buffers for a sample, by CPU number. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sample_record);
} sample_scratches SEC(".maps");

/* Wake the agent when the ring has this many bytes. */
const volatile __u64 ring_wake = 1 << 17;
struct sample_state state = {};

/* Length of a stack in bytes, from the result of bpf_get_stack(); 0 on an error. */
#define LENGTH(result, room) ((result) < 0 ? 0 : (result) & ((room)-1))

/*
 * Take the kernel's stack once, and the user's twice: as addresses, which show where a file is
 * mapped, and as frames, which show the file.
 */
static __always_inline __u64 take_stacks(struct sample_context *context,
                                         struct sample_record *record)
{
	const __u32 addresses_size = SAMPLE_FRAMES_MAX * sizeof(__u64);
	const __u32 frames_size = SAMPLE_FRAMES_MAX * sizeof(struct sample_frame);
	__u64 kernel, user, frames;
	long result;

	result = bpf_get_stack(context, record->data, addresses_size, 0);
	kernel = LENGTH(result, SAMPLE_ADDRESSES_ROOM);
	result = bpf_get_stack(context, record->data + kernel, addresses_size, BPF_F_USER_STACK);
	user = LENGTH(result, SAMPLE_ADDRESSES_ROOM);
	result = bpf_get_stack(context, record->data + kernel + user, frames_size,
	                       BPF_F_USER_STACK | BPF_F_USER_BUILD_ID);
	frames = LENGTH(result, SAMPLE_FRAMES_ROOM);
	record->kernel_length = kernel;
	record->user_length = user;
	record->frames_length = frames;
	return kernel + user + frames;
}

/* Whether the key is not in its place of the table, where it is put then. */
static __always_inline bool is_new_key(__u64 *table, __u32 size, __u64 key)
{
	__u64 *place = &table[key * 0x9e3779b97f4a7c15ULL >> 52 & (size - 1)];

	if (*place == key)
		return false;
	*place = key;
	return true;
}

/*
 * Whether this program of the process is new, or was seen long ago. The agent is woken then, to
 * read the memory map while it exists.
 */
static __always_inline bool is_new(__u64 program)
{
	return is_new_key(state.known, SAMPLE_KNOWN, program);
}

/*
 * Whether the program executes a file that is new, or for the first time code for which only the
 * memory map shows the file: the samples before may have been in the dynamic linker, of which the
 * agent knows the path.
 */
static __always_inline bool is_new_code(const struct sample_record *record, __u64 program)
{
	const __u64 at = record->kernel_length + record->user_length;
	const struct sample_frame *inner =
		(const void *)(record->data + (at & (2 * SAMPLE_ADDRESSES_ROOM - 1)));
	__u32 id[2];

	if (!record->frames_length)
		return false;
	if (inner->status == SAMPLE_FRAME_ADDRESS)
		return is_new_key(state.known_files, SAMPLE_KNOWN_FILES, program);
	if (inner->status != SAMPLE_FRAME_FILE)
		return false;
	__builtin_memcpy(id, inner->build_id, sizeof(id));
	return is_new_key(state.known_files, SAMPLE_KNOWN_FILES, (__u64)id[0] << 32 | id[1]);
}

SEC("perf_event")
int on_sample(struct sample_context *context)
{
	__u64 task = bpf_get_current_task(), program, flags, size;
	struct task_record *account = bpf_map_lookup_elem(&tasks, &task);
	__u32 cpu = bpf_get_smp_processor_id();
	struct sample_record *record;
	bool wakes;

	/*
	 * An account under construction has no process yet. The user may not observe a hidden
	 * program.
	 */
	if (!account || account->flags & (TASK_PENDING | TASK_HIDDEN | TASK_ENDED))
		return 0;
	record = bpf_map_lookup_elem(&sample_scratches, &cpu);
	if (!record)
		return 0;
	record->time_ns = bpf_ktime_get_ns();
	record->weight = context->sample_period;
	record->process = account->process;
	record->creator = account->parent;
	record->token = account->token;
	record->tid = account->tid;
	record->flags = account->flags;
	record->execs = account->execs;
	record->cpu = cpu;
	size = offsetof(struct sample_record, data) + take_stacks(context, record);
	/* Each task counts its own execs; a thread without any runs what its process runs. */
	program = record->process.start_ns + record->execs * record->token;
	wakes = is_new(program);
	wakes |= is_new_code(record, program);
	wakes |= bpf_ringbuf_query(&samples, BPF_RB_AVAIL_DATA) >= ring_wake;
	flags = wakes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
	if (bpf_ringbuf_output(&samples, record, size, flags))
		__sync_fetch_and_add(&state.losses.ring_full, 1);
	return 0;
}
