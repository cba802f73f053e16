/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "sources/perf/profile/collect.h"

static struct stack_frame at(uint64_t place)
{
	return (struct stack_frame){.kind = STACK_BINARY, .index = 1, .place = place};
}

static int stacks_add(struct stacks *stacks, uint32_t process, const struct stack_frame *frames,
                      size_t n, uint64_t weight)
{
	return stacks_count(stacks, &(struct stack_count){.process = process,
	                                                  .node = stacks_node(stacks, frames, n),
	                                                  .samples = 1,
	                                                  .weight = weight});
}

static void common_callers_are_there_once(void **state)
{
	const struct stack_frame ab[] = {at(2), at(1)}, ac[] = {at(3), at(1)};
	struct stacks stacks;

	assert_int_equal(stacks_init(&stacks), 0);
	assert_int_equal(stacks_add(&stacks, 0, ab, 2, 10), 0);
	assert_int_equal(stacks_add(&stacks, 0, ac, 2, 10), 0);
	assert_int_equal(stacks_add(&stacks, 0, ab, 2, 10), 0);
	assert_int_equal(stacks_add(&stacks, 1, ab, 2, 10), 0);
	assert_int_equal(stacks.n_nodes, 4); /* the root, 1, 2, 3 */
	assert_int_equal(stacks.n_counts, 3);
	assert_int_equal(stacks.counts[0].samples, 2);
	assert_int_equal(stacks.counts[0].weight, 20);
	assert_int_equal(stacks.nodes[stacks.counts[0].node].frame.place, 2);
	assert_int_equal(stacks.nodes[stacks.counts[1].node].frame.place, 3);
	assert_int_equal(stacks.nodes[stacks.counts[1].node].parent,
	                 stacks.nodes[stacks.counts[0].node].parent);
	stacks_fini(&stacks);
}

/* A tree of random stacks against a plain list of them. */
static void every_sample_is_counted(void **state)
{
	enum { SAMPLES = 20000, DEPTH = 6 };
	struct stacks stacks;
	uint64_t sum = 0, weights = 0;

	srand(7);
	assert_int_equal(stacks_init(&stacks), 0);
	for (int i = 0; i < SAMPLES; i++) {
		struct stack_frame frames[DEPTH];
		const size_t n = (size_t)(rand() % (DEPTH + 1));

		for (size_t k = 0; k < n; k++)
			frames[k] = at((uint64_t)(rand() % 5));
		assert_int_equal(stacks_add(&stacks, (uint32_t)(rand() % 50), frames, n, 3), 0);
	}
	for (size_t i = 0; i < stacks.n_counts; i++) {
		sum += stacks.counts[i].samples;
		weights += stacks.counts[i].weight;
		for (size_t k = 0; k < i; k++)
			assert_false(stacks.counts[k].process == stacks.counts[i].process &&
			             stacks.counts[k].node == stacks.counts[i].node);
	}
	for (size_t i = 1; i < stacks.n_nodes; i++)
		assert_true(stacks.nodes[i].parent < i);
	assert_int_equal(sum, SAMPLES);
	assert_int_equal(weights, 3 * SAMPLES);
	assert_int_equal(stacks.too_many, 0);
	stacks_fini(&stacks);
}

static void what_has_no_room_is_counted_without_its_stack(void **state)
{
	struct stacks stacks;
	uint64_t sum = 0;

	assert_int_equal(stacks_init(&stacks), 0);
	for (uint64_t i = 0; i < STACK_NODES_MAX + 10; i++) {
		const struct stack_frame frame = at(i);

		assert_int_equal(stacks_add(&stacks, 0, &frame, 1, 1), 0);
	}
	assert_int_equal(stacks.n_nodes, STACK_NODES_MAX);
	assert_true(stacks.n_counts <= STACK_COUNTS_MAX + 1);
	assert_true(stacks.too_many > 0);
	for (size_t i = 0; i < stacks.n_counts; i++)
		sum += stacks.counts[i].samples;
	assert_int_equal(sum, STACK_NODES_MAX + 10);
	stacks_fini(&stacks);
}

static void slots_of_time_get_longer_as_a_run_does(void **state)
{
	enum { SAMPLES = 10 * STACK_COUNTS_FINE };
	const struct stack_frame frames[] = {at(1), at(2), at(3)};
	uint64_t sums[3] = {0}, last[3] = {0}, n_last = 0;
	double priced = 0;
	struct stacks stacks;

	assert_int_equal(stacks_init(&stacks), 0);
	for (uint64_t i = 0; i < SAMPLES; i++) {
		struct stack_count sample = {.node = stacks_node(&stacks, &frames[i % 3], 1),
		                             .time_ns = 10000000 * i + 5,
		                             .samples = 1,
		                             .weight = i % 3};

		assert_int_equal(stacks_count(&stacks, &sample), 0);
		/* The price comes later, for the same place and time. */
		sample = (struct stack_count){
			.node = sample.node, .time_ns = sample.time_ns, .priced = 0.5};
		assert_int_equal(stacks_count(&stacks, &sample), 0);
		if (i == 1000) {
			/* Each has its own time until there are many. */
			assert_int_equal(stacks.n_counts, 1001);
			assert_int_equal(stacks.counts[1000].time_ns, 10000000 * i + 5);
		}
	}
	assert_in_range(stacks.n_counts, STACK_COUNTS_FINE / 4, STACK_COUNTS_FINE);
	for (size_t i = 0; i < stacks.n_counts; i++) {
		const struct stack_count *count = &stacks.counts[i];
		const uint64_t which = stacks.nodes[count->node].frame.place - 1;

		assert_int_equal(count->weight, count->samples * which);
		assert_true(count->priced == 0.5 * (double)count->samples);
		/* In order, as they came: none was added to a slot that is not its own. */
		assert_true(count->time_ns / stacks.slot_ns > last[which] || n_last++ < 3);
		last[which] = count->time_ns / stacks.slot_ns;
		sums[which] += count->samples;
		priced += count->priced;
	}
	for (int i = 0; i < 3; i++)
		assert_in_range(sums[i], SAMPLES / 3, SAMPLES / 3 + 1);
	assert_true(priced == 0.5 * SAMPLES);
	stacks_fini(&stacks);
}

/* --- samples ---------------------------------------------------------------------------------- */

struct frame_made {
	uint64_t address, place;
	int status;
	uint8_t id;
};

static struct sample_record sample(uint32_t execs, const struct frame_made *frames, size_t n)
{
	struct sample_record record = {
		.process = {.start_ns = 100, .pid = 999999999},
		.flags = TASK_EXECUTED,
		.execs = execs,
		.weight = 1,
		.user_length = (uint16_t)(n * sizeof(__u64)),
		.frames_length = (uint16_t)(n * sizeof(struct sample_frame)),
	};
	__u64 *user = (__u64 *)record.data;
	struct sample_frame *told = (struct sample_frame *)(record.data + record.user_length);

	for (size_t i = 0; i < n; i++) {
		user[i] = frames[i].address;
		told[i] = (struct sample_frame){.status = frames[i].status,
		                                .place = frames[i].status == SAMPLE_FRAME_FILE
		                                                 ? frames[i].place
		                                                 : frames[i].address};
		told[i].build_id[0] = frames[i].id;
	}
	return record;
}

static struct collection collection;

static int make(void **state)
{
	return collection_init(&collection, "/nonexistent/");
}

static int unmake(void **state)
{
	collection_fini(&collection);
	return 0;
}

static void add(const struct sample_record *record)
{
	assert_int_equal(collection_add(&collection, record), 0);
}

static void add_stack(uint32_t execs, const struct frame_made *frames, size_t n)
{
	const struct sample_record record = sample(execs, frames, n);

	add(&record);
}

static struct stack_frame last_added(void)
{
	return collection.stacks.nodes[collection.stacks.n_nodes - 1].frame;
}

/* Two frames with an id tell where the file is; between them an address is enough. */
static void samples_tell_what_is_mapped_where(void **state)
{
	const struct frame_made first = {0x7f0000001000, 0x1000, SAMPLE_FRAME_FILE, 7};
	const struct frame_made last = {0x7f0000005000, 0x5000, SAMPLE_FRAME_FILE, 7};
	const struct frame_made between = {0x7f0000003000, 0, SAMPLE_FRAME_ADDRESS, 0};

	add_stack(1, &first, 1);
	add_stack(1, &between, 1);
	assert_int_equal(last_added().kind, STACK_ADDRESS);
	add_stack(1, &last, 1);
	add_stack(1, &between, 1);
	assert_int_equal(last_added().kind, STACK_BINARY);
	assert_int_equal(last_added().place, 0x3000);
	/* After an exec all of that is gone. */
	add_stack(2, &between, 1);
	assert_int_equal(last_added().kind, STACK_ADDRESS);
}

/* It counts its own: the first, after the first of the leader. Its own threads have made none. */
static void an_exec_of_another_thread_is_one_too(void **state)
{
	const struct frame_made frame = {0x7f0000001000, 0x1000, SAMPLE_FRAME_FILE, 7};
	struct sample_record leader = sample(1, &frame, 1), thread = sample(1, &frame, 1);
	struct sampled *process;
	uint32_t image;

	leader.token = 5;
	thread.token = 6;
	add(&leader);
	process = collection_find(&collection, &leader.process);
	image = process->image;
	add(&leader);
	assert_int_equal(process->image, image);
	add(&thread);
	assert_int_not_equal(process->image, image);
	image = process->image;
	add(&thread);
	thread.token = 7;
	thread.execs = 0;
	add(&thread);
	assert_int_equal(process->image, image);
}

static void a_caller_is_where_the_call_is(void **state)
{
	const struct frame_made frames[] = {{0x400100, 0x100, SAMPLE_FRAME_FILE, 7},
	                                    {0x400200, 0x200, SAMPLE_FRAME_FILE, 7}};

	add_stack(1, frames, 2);
	assert_int_equal(last_added().place, 0x100);
	assert_int_equal(collection.stacks.nodes[1].frame.place, 0x1ff);
}

static void assert_ends_before(struct frame_made untrue)
{
	const struct frame_made frames[] = {{0x400100, 0x100, SAMPLE_FRAME_FILE, 7},
	                                    untrue,
	                                    {0x400200, 0x200, SAMPLE_FRAME_FILE, 7}};

	add_stack(1, frames, 3);
	assert_int_equal(collection.stacks.n_nodes, 2);
	assert_int_equal(last_added().place, 0x100);
}

/* The kernel followed a register that held no frame pointer. */
static void a_stack_ends_where_it_is_no_longer_true(void **state)
{
	assert_ends_before((struct frame_made){5, 0xffffaa3abd30ffff, SAMPLE_FRAME_FILE, 7});
}

/* An address that no program has, where the kernel finds no file either. */
static void a_stack_ends_at_an_address_outside_of_user_space(void **state)
{
#if defined(__x86_64__)
	const uint64_t beyond = 1ULL << 47;
#else
	const uint64_t beyond = 1ULL << 56;
#endif

	assert_ends_before((struct frame_made){beyond, 0, SAMPLE_FRAME_ADDRESS, 0});
}

static void a_child_has_the_image_of_its_creator_until_its_exec(void **state)
{
	const struct frame_made known = {0x400100, 0x100, SAMPLE_FRAME_FILE, 7};
	const struct frame_made address = {0x400100, 0, SAMPLE_FRAME_ADDRESS, 0};
	struct sample_record record = sample(1, &known, 1);

	add(&record);
	record = sample(0, &address, 1);
	record.flags = 0;
	record.creator = record.process;
	record.process.start_ns = 200;
	add(&record);
	assert_int_equal(collection.stacks.n_nodes, 2);
	assert_int_equal(collection.stacks.n_counts, 2);
	record.execs = 1;
	record.flags = TASK_EXECUTED;
	add(&record);
	assert_int_equal(last_added().kind, STACK_ADDRESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(common_callers_are_there_once),
		cmocka_unit_test(every_sample_is_counted),
		cmocka_unit_test(slots_of_time_get_longer_as_a_run_does),
		cmocka_unit_test(what_has_no_room_is_counted_without_its_stack),
		cmocka_unit_test_setup_teardown(samples_tell_what_is_mapped_where, make, unmake),
		cmocka_unit_test_setup_teardown(an_exec_of_another_thread_is_one_too, make, unmake),
		cmocka_unit_test_setup_teardown(a_caller_is_where_the_call_is, make, unmake),
		cmocka_unit_test_setup_teardown(a_stack_ends_where_it_is_no_longer_true, make,
	                                        unmake),
		cmocka_unit_test_setup_teardown(a_stack_ends_at_an_address_outside_of_user_space,
	                                        make, unmake),
		cmocka_unit_test_setup_teardown(a_child_has_the_image_of_its_creator_until_its_exec,
	                                        make, unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
