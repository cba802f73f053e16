/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Provides the weights of a plan (alumet/weights.h) as points. */
#ifndef SOURCES_PERF_WEIGHER_H
#define SOURCES_PERF_WEIGHER_H

#include <stdbool.h>
#include <stdint.h>

#include "alumet/metric.h"
#include "alumet/weights.h"
#include "core/pipeline.h"
#include "linux/cpu_list.h"
#include "sources/perf/bpf/kernel.h"
#include "sources/perf/events/event.h"
#include "sources/perf/processes.h"

struct process_rows;
struct weigher;

/*
 * Provide what the plan asks for; both outlive the weigher. The weight's event, if it is one, is
 * appended to the events behind the last: it is counted with them and has no rows. events has room
 * for it. Returns 0, or a negative errno after logging why.
 */
int weigher_new(struct weight_plan *plan, struct event_list *events, struct pipeline *pipeline,
                struct metric_registry *metrics, struct weigher **weigher);
void weigher_free(struct weigher *weigher);

/* How many events the weigher appended: 0 or 1. */
size_t weigher_events(const struct weigher *weigher);

/* What the programs are to weigh. counters_n of the request is set. */
void weigher_request(struct weigher *weigher, struct programs_request *request);

/*
 * Whether reading the weights of all CPUs, begun then, has taken much longer than it needs: tasks
 * ran on while the agent got no CPU.
 */
bool weigher_is_held_up(const struct cpu_list *online, uint64_t begun_ns);

/*
 * Before the command starts: tell the programs each CPU's group, and read each CPU's weights so
 * far. Only here are idle CPUs woken.
 */
void weigher_start(struct weigher *weigher, struct kernel *kernel, const struct cpu_list *online);

/*
 * Push what the CPUs weigh since the last time, and apply the plan's factors of now. To be followed
 * by a snapshot of the tasks and weigher_process() for each process. Returns 0 or the first error
 * of pipeline_push().
 */
int weigher_sample(struct weigher *weigher, struct kernel *kernel, const struct cpu_list *online,
                   uint64_t time_ns);

/*
 * Push what a process gained since the last time. rows: makes the parts of a point that identify
 * the process.
 */
int weigher_process(struct weigher *weigher, const struct process_rows *rows,
                    struct process *process, uint64_t time_ns);

#endif
