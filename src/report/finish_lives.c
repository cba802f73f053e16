/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/finish_lives.h"

/* Where rows lack the begin or end of a process, use the times of its first and last row. */
static void settle_lives(struct builder *builder)
{
	for (size_t i = 0; i < builder->n_processes; i++) {
		struct build_process *build = &builder->processes[i];
		struct report_process *process = &build->process;
		struct report_run *run = &builder->data->runs[process->run];

		if (!process->begin_ns || process->begin_ns > build->first_ns)
			process->begin_ns = build->first_ns;
		if (!process->has_end)
			process->end_ns = build->last_ns;
		if (process->end_ns < process->begin_ns)
			process->end_ns = process->begin_ns;
		if (!run->start_ns || process->begin_ns < run->start_ns)
			run->start_ns = process->begin_ns;
		if (process->end_ns > run->end_ns)
			run->end_ns = process->end_ns;
	}
}

/* A run without processes, such as one of energy only, lasts from its first row to its last. */
static void settle_empty_runs(struct builder *builder)
{
	for (size_t i = 0; i < builder->data->n_runs; i++) {
		struct report_run *run = &builder->data->runs[i];

		if (run->start_ns)
			continue;
		run->start_ns = builder->runs[i].first_ns;
		run->end_ns = builder->runs[i].last_ns;
	}
}

/*
 * Which processes were still alive when the run's last row was written: those without a
 * process_exit row, if the run has such rows at all. A watch may have none, because watched
 * processes usually live on.
 */
static void settle_alive(struct builder *builder)
{
	for (size_t i = 0; i < builder->n_processes; i++) {
		struct report_process *process = &builder->processes[i].process;
		const struct report_run *run = &builder->data->runs[process->run];

		process->lives = (run->has_exits || run->is_watch) && !process->has_end;
		if (process->lives && !builder->processes[i].has_alive)
			process->end_ns = run->end_ns;
	}
}

/*
 * Running processes are adopted one after another, which takes less time than this. Meanwhile a
 * process may create another one, whose rows begin before those of its creator.
 */
#define ADOPTION_NS 1000000000u

/* Limit for generations adopted in the wrong order: deeper than real trees; it ends cycles. */
#define GENERATIONS 1000

/* The parent of a process if the parent was adopted just after the child began, else NULL. */
static struct build_process *adopted_late(const struct builder *builder,
                                          const struct build_process *child)
{
	const struct report_process *process = &child->process;
	const uint64_t born_ns = child->created_ns ? child->created_ns : process->begin_ns;
	uint32_t index = child->first_parent;
	struct build_process *parent;

	if (index == NO_PROCESS && process->parent_pid)
		index = builder_current(builder, process->run, process->parent_pid);
	while (index != NO_PROCESS && builder->processes[index].previous != NO_PROCESS)
		index = builder->processes[index].previous;
	if (index == NO_PROCESS)
		return NULL;
	parent = &builder->processes[index];
	return parent->process.is_adopted && parent->created_ns <= born_ns &&
	                       parent->process.begin_ns >= process->begin_ns &&
	                       parent->process.begin_ns - process->begin_ns < ADOPTION_NS
	               ? parent
	               : NULL;
}

/* Let each parent begin before its children. */
static void settle_adoptions(struct builder *builder)
{
	for (size_t i = 0; i < builder->n_processes; i++) {
		const struct build_process *child = &builder->processes[i];
		struct build_process *parent = adopted_late(builder, child);

		for (int n = 0; n < GENERATIONS && parent; n++) {
			parent->process.begin_ns = child->process.begin_ns - 1;
			child = parent;
			parent = adopted_late(builder, child);
		}
	}
}

void finish_lives(struct builder *builder)
{
	settle_lives(builder);
	settle_empty_runs(builder);
	settle_adoptions(builder);
	settle_alive(builder);
}

uint32_t finish_parent(const struct builder *builder, const struct build_process *build)
{
	const struct report_process *process = &build->process;
	uint32_t index = process->parent_pid ? build->first_parent : NO_PROCESS;

	if (index != NO_PROCESS || !process->parent_pid)
		return index;
	index = builder_current(builder, process->run, process->parent_pid);
	while (index != NO_PROCESS &&
	       builder->processes[index].process.begin_ns > process->begin_ns)
		index = builder->processes[index].previous;
	return index;
}
