/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/incomplete.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/sample.h"
#include "linux/text_file.h"

#define FRAMES_MAX "proc/sys/kernel/perf_event_max_stack"

/* A line needs at least this share of all samples, and of the binary's own. */
#define LEAST_OF_ALL 0.05
#define LEAST_OF_OWN 0.2
/* Fewer samples do not predict the next run. */
#define LEAST_SAMPLES 10
#define LINES_MAX 3

/*
 * Whether a thread starts in this function, so that it has no caller. Matches prefixes:
 * "__libc_start_main_impl".
 */
static bool is_beginning(const char *function)
{
	static const char *const names[] = {
		"_start",        "__libc_start_main", "__libc_start_call_main",
		"clone",         "__clone",           "start_thread",
		"_dl_start",     "runtime.goexit",    "runtime.mstart",
		"runtime.rt0_go"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(function, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

/* Most of those are in the C library, without names if it is stripped. */
static bool is_c_library(const char *module)
{
	return strncmp(module, "libc.", 5) == 0 || strncmp(module, "libc-", 5) == 0 ||
	       strncmp(module, "libpthread", 10) == 0 || strncmp(module, "ld-", 3) == 0 ||
	       strncmp(module, "ld.", 3) == 0;
}

size_t incomplete_frames_max(void)
{
	char text[32];
	unsigned long most = SAMPLE_FRAMES_MAX;

	if (!text_file_read("/", FRAMES_MAX, text, sizeof(text)))
		most = strtoul(text, NULL, 10);
	return most < SAMPLE_FRAMES_MAX ? most : SAMPLE_FRAMES_MAX;
}

/* The part of a stack in user space, outside of the kernel's. */
struct user_part {
	uint32_t inner, outer; /* nodes of the collection; STACK_ROOT: none */
	size_t n;
};

static struct user_part user_part_of(const struct stacks *stacks, uint32_t node)
{
	struct user_part part = {STACK_ROOT, STACK_ROOT, 0};

	for (; node != STACK_ROOT; node = stacks->nodes[node].parent) {
		if (stacks->nodes[node].frame.kind == STACK_KERNEL)
			continue;
		if (part.inner == STACK_ROOT)
			part.inner = node;
		part.outer = node;
		part.n++;
	}
	return part;
}

static struct incomplete_module *module_of(struct incomplete *incomplete, uint32_t module)
{
	struct incomplete_module *grown;

	for (size_t i = 0; i < incomplete->n; i++) {
		if (incomplete->modules[i].module == module)
			return &incomplete->modules[i];
	}
	grown = reallocarray(incomplete->modules, incomplete->n + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	incomplete->modules = grown;
	grown[incomplete->n] = (struct incomplete_module){.module = module};
	return &grown[incomplete->n++];
}

static bool is_complete(const struct stacks *named, const uint32_t *nodes, struct user_part part,
                        const struct strings *strings)
{
	uint32_t node = nodes[part.outer];
	const struct stack_frame *outer;

	if (node == STACK_ROOT)
		return false; /* this is no code */
	/* Find the outermost of the functions that are inlined into one another. */
	while (named->nodes[node].parent != STACK_ROOT)
		node = named->nodes[node].parent;
	outer = &named->nodes[node].frame;
	return is_beginning(strings_get(strings, (uint32_t)outer->place)) ||
	       (part.inner != part.outer && is_c_library(strings_get(strings, outer->index)));
}

int incomplete_find(struct incomplete *incomplete, const struct collection *collection,
                    const struct stacks *named, const uint32_t *nodes,
                    const struct strings *strings)
{
	const struct stacks *stacks = &collection->stacks;

	for (size_t i = 0; i < stacks->n_counts; i++) {
		const struct stack_count *count = &stacks->counts[i];
		const struct user_part part = user_part_of(stacks, count->node);
		struct incomplete_module *module;

		incomplete->samples += count->samples;
		if (part.inner == STACK_ROOT || nodes[part.inner] == STACK_ROOT)
			continue;
		module = module_of(incomplete, named->nodes[nodes[part.inner]].frame.index);
		if (!module)
			return -ENOMEM;
		module->samples += count->samples;
		if (is_complete(named, nodes, part, strings))
			continue;
		if (part.n >= incomplete->frames_max)
			module->deep += count->samples;
		else
			module->incomplete += count->samples;
	}
	return 0;
}

void incomplete_fini(struct incomplete *incomplete)
{
	free(incomplete->modules);
	*incomplete = (struct incomplete){.n = 0};
}

/* --- what there is to say --------------------------------------------------------------------- */

typedef void say_line(void *data, enum report_kind kind, const char *line);

static int compare_incomplete(const void *a, const void *b)
{
	const struct incomplete_module *x = a, *y = b;

	return x->incomplete > y->incomplete ? -1 : x->incomplete < y->incomplete;
}

static int compare_deep(const void *a, const void *b)
{
	const struct incomplete_module *x = a, *y = b;

	return x->deep > y->deep ? -1 : x->deep < y->deep;
}

static bool is_worth_a_line(const struct incomplete *incomplete,
                            const struct incomplete_module *module, uint64_t found)
{
	return found >= LEAST_SAMPLES &&
	       (double)found >= LEAST_OF_ALL * (double)incomplete->samples &&
	       (double)found >= LEAST_OF_OWN * (double)module->samples;
}

static double percent(const struct incomplete_module *module, uint64_t found)
{
	return 100 * (double)found / (double)module->samples;
}

static void say_incomplete(const struct incomplete *incomplete, const struct strings *strings,
                           say_line *say, void *data)
{
	char line[512];

	qsort(incomplete->modules, incomplete->n, sizeof(*incomplete->modules), compare_incomplete);
	for (size_t i = 0, lines = 0; i < incomplete->n && lines < LINES_MAX; i++) {
		const struct incomplete_module *module = &incomplete->modules[i];

		if (!is_worth_a_line(incomplete, module, module->incomplete))
			continue;
		snprintf(
			line, sizeof(line),
			"%.200s: %.0f %% of its samples lack callers: it is compiled without frame "
			"pointers; -fno-omit-frame-pointer puts them in",
			strings_get(strings, module->module), percent(module, module->incomplete));
		say(data, REPORT_NOTE, line);
		lines++;
	}
}

static void say_deep(const struct incomplete *incomplete, const struct strings *strings,
                     say_line *say, void *data)
{
	char line[512];

	qsort(incomplete->modules, incomplete->n, sizeof(*incomplete->modules), compare_deep);
	for (size_t i = 0, lines = 0; i < incomplete->n && lines < LINES_MAX; i++) {
		const struct incomplete_module *module = &incomplete->modules[i];

		if (!is_worth_a_line(incomplete, module, module->deep))
			continue;
		snprintf(line, sizeof(line),
		         "%.200s: %.0f %% of its samples lack the outermost callers: the stack is "
		         "deeper than the %zu functions that the kernel takes of it%s",
		         strings_get(strings, module->module), percent(module, module->deep),
		         incomplete->frames_max,
		         incomplete->frames_max < SAMPLE_FRAMES_MAX
		                 ? "; sudo sysctl kernel.perf_event_max_stack=127 takes more"
		                 : "");
		say(data, REPORT_NOTE, line);
		lines++;
	}
}

void incomplete_say(const struct incomplete *incomplete, const struct strings *strings,
                    say_line *say, void *data)
{
	if (incomplete->n == 0)
		return;
	say_incomplete(incomplete, strings, say, data);
	say_deep(incomplete, strings, say, data);
}
