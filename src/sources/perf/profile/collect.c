/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The parts of a sample. */
struct parts {
	const __u64 *kernel, *user;
	const struct sample_frame *frames;
	size_t n_kernel, n_user, n_frames;
};

static struct parts parts_of(const struct sample_record *record)
{
	const char *user = record->data + record->kernel_length;

	return (struct parts){
		.kernel = (const __u64 *)record->data,
		.n_kernel = record->kernel_length / sizeof(__u64),
		.user = (const __u64 *)user,
		.n_user = record->user_length / sizeof(__u64),
		.frames = (const struct sample_frame *)(user + record->user_length),
		.n_frames = record->frames_length / sizeof(struct sample_frame),
	};
}

int collection_init(struct collection *collection, const char *root)
{
	*collection = (struct collection){.by_id = NULL};
	images_init(&collection->images, root);
	return stacks_init(&collection->stacks);
}

void collection_fini(struct collection *collection)
{
	HASH_CLEAR(hh, collection->by_id);
	for (size_t i = 0; i < collection->n_processes; i++)
		free(collection->processes[i]);
	free(collection->processes);
	images_fini(&collection->images);
	pricing_fini(&collection->pricing);
	stacks_fini(&collection->stacks);
}

/* --- processes -------------------------------------------------------------------------------- */

static struct process_id key_of(const struct process_id *id)
{
	return (struct process_id){.start_ns = id->start_ns, .pid = id->pid};
}

struct sampled *collection_find(const struct collection *collection, const struct process_id *id)
{
	const struct process_id key = key_of(id);
	struct sampled *process;

	HASH_FIND(hh, collection->by_id, &key, sizeof(key), process);
	return process;
}

static struct sampled *add_process(struct collection *collection, const struct process_id *id)
{
	struct sampled *process;

	if (collection->n_processes == collection->capacity) {
		const size_t room = collection->capacity ? 2 * collection->capacity : 64;
		struct sampled **grown = reallocarray(collection->processes, room, sizeof(*grown));

		if (!grown)
			return NULL;
		collection->processes = grown;
		collection->capacity = room;
	}
	process = calloc(1, sizeof(*process));
	if (!process)
		return NULL;
	process->id = key_of(id);
	process->image = NO_IMAGE;
	process->index = (uint32_t)collection->n_processes;
	HASH_ADD(hh, collection->by_id, id, sizeof(process->id), process);
	if (!process->hh.tbl) {
		free(process);
		return NULL;
	}
	collection->processes[collection->n_processes++] = process;
	return process;
}

/*
 * Whether the process has executed a program since its last sample. Each task counts its own execs:
 * one that is not the leader begins with 1, too, and ends all others. A thread that was created
 * later has made none.
 */
static bool has_executed(const struct sampled *process, const struct sample_record *record)
{
	return record->execs > process->execs || (record->execs && record->token != process->token);
}

/*
 * The process of a sample, with its image: at first a copy of its creator's, and a new one after
 * each exec.
 */
static struct sampled *process_of(struct collection *collection, const struct sample_record *record)
{
	struct images *images = &collection->images;
	struct sampled *process = collection_find(collection, &record->process), *creator = NULL;

	if (!process) {
		process = add_process(collection, &record->process);
		if (process && !(record->flags & TASK_EXECUTED))
			creator = collection_find(collection, &record->creator);
		if (creator)
			process->image = images_add(images, process->id.pid, process->id.start_ns,
			                            creator->image);
	}
	if (process && (process->image == NO_IMAGE || has_executed(process, record))) {
		if (process->image != NO_IMAGE)
			images_end(images, process->image);
		process->image =
			images_add(images, process->id.pid, process->id.start_ns, NO_IMAGE);
		process->execs = record->execs;
		process->token = record->token;
	}
	return process;
}

/* --- frames ----------------------------------------------------------------------------------- */

/*
 * The range of code in user space. Without frame pointers, the kernel follows whatever is in the
 * register. The address can be any number then, and so can the offset that the kernel computes from
 * it, relative to the next mapping above the address.
 */
#define LOWEST_ADDRESS 4096
#define HIGHEST_ADDRESS (1ULL << 56)
#define HIGHEST_OFFSET (1ULL << 48)

static bool can_be_code(const struct sample_frame *given, uint64_t address)
{
	if (given && given->status == SAMPLE_FRAME_FILE)
		return given->place < HIGHEST_OFFSET;
#if defined(__x86_64__)
	/* Not canonical, or in the kernel's half. */
	if (address >> 47)
		return false;
#endif
	return address >= LOWEST_ADDRESS && address < HIGHEST_ADDRESS;
}

/* A return address is behind the call; the byte before it belongs to the call. */
static uint64_t before_return(uint64_t place, size_t depth)
{
	return depth > 0 && place > 0 ? place - 1 : place;
}

static size_t add_kernel(const struct parts *parts, struct stack_frame *frames)
{
	for (size_t i = 0; i < parts->n_kernel; i++)
		frames[i] = (struct stack_frame){.kind = STACK_KERNEL,
		                                 .place = before_return(parts->kernel[i], i)};
	return parts->n_kernel;
}

/* Find what is at an address, as far as possible. */
static struct stack_frame look_up(struct collection *collection, uint32_t image, uint64_t address)
{
	struct images *images = &collection->images;
	struct stack_frame frame = {.kind = STACK_ADDRESS, .index = image, .place = address};
	uint32_t binary;
	uint64_t offset;
	bool found;

	/* A copy may have mapped something else there by now. */
	if (!images_is_file(images, image, address))
		images_read_maps(images, image);
	/* What may have been compiled is looked up by its address in the end. */
	found = images_find(images, image, address, &binary, &offset) &&
	        !images_may_be_compiled(images, image, address);
	if (found)
		frame = (struct stack_frame){
			.kind = STACK_BINARY, .index = binary, .place = offset};
	*(found ? &collection->frames_found : &collection->frames_lost) += 1;
	return frame;
}

static struct stack_frame user_frame(struct collection *collection, uint32_t image,
                                     const struct sample_frame *given, uint64_t address)
{
	struct images *images = &collection->images;
	uint32_t binary = NO_BINARY;

	if (given && given->status == SAMPLE_FRAME_FILE)
		binary = images_binary(images, given->build_id);
	if (binary == NO_BINARY)
		return look_up(collection, image, address);
	collection->frames_by_build_id++;
	if (address)
		images_learn(images, image, address, binary, given->place);
	if (!images->binaries[binary].path &&
	    !images_take_path(images, image, address, binary, given->place))
		images_read_maps(images, image);
	return (struct stack_frame){.kind = STACK_BINARY, .index = binary, .place = given->place};
}

/*
 * Both halves of the user stack were taken at the same time, and have the same number of frames,
 * unless one is missing.
 */
static size_t add_user(struct collection *collection, uint32_t image, const struct parts *parts,
                       struct stack_frame *frames)
{
	const size_t n = parts->n_user > parts->n_frames ? parts->n_user : parts->n_frames;
	const bool is_pair = parts->n_user == parts->n_frames;

	for (size_t i = 0; i < n; i++) {
		const struct sample_frame *given = i < parts->n_frames ? &parts->frames[i] : NULL;
		uint64_t address = 0;

		if (is_pair || !given)
			address = parts->user[i];
		else if (given->status == SAMPLE_FRAME_ADDRESS)
			address = given->place;
		/* From here outward, the stack is wrong. */
		if (!can_be_code(given, address))
			return i;
		frames[i] = user_frame(collection, image, given, address);
		frames[i].place = before_return(frames[i].place, i);
	}
	return n;
}

int collection_add(struct collection *collection, const struct sample_record *record)
{
	struct stack_frame frames[3 * SAMPLE_FRAMES_MAX];
	const struct parts parts = parts_of(record);
	struct sampled *process = process_of(collection, record);
	struct stack_count sample;
	size_t n;
	int err;

	if (!process || parts.n_kernel > SAMPLE_FRAMES_MAX || parts.n_user > SAMPLE_FRAMES_MAX ||
	    parts.n_frames > SAMPLE_FRAMES_MAX)
		return process ? -EPROTO : -ENOMEM;
	n = add_kernel(&parts, frames);
	if (process->image != NO_IMAGE)
		n += add_user(collection, process->image, &parts, frames + n);
	collection->samples++;
	sample = (struct stack_count){
		.process = process->index,
		.node = stacks_node(&collection->stacks, frames, n),
		.time_ns = record->time_ns,
		.samples = 1,
		.weight = record->weight,
	};
	err = stacks_count(&collection->stacks, &sample);
	return err ? err
	           : pricing_add(&collection->pricing, &collection->stacks, &sample, record->cpu);
}
