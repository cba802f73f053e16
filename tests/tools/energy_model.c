/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A model machine: four cores, processes of known watts, an energy counter that is refreshed every
 * 0.98 to 1.02 ms. The energy that a process really used is known; what the attribution gives it is
 * computed with the agent's own formula. Prints the mean error as the tables of docs/energy.md.
 * The same numbers on every machine: its random numbers are its own.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "transforms/energy/share.h"
#include "../unit/random_numbers.h"

#define CORES 4
#define STEP_NS 50000.0
#define COUNTS_PER_JOULE 16384.0
#define IDLE_WATTS 10.0
#define RUNS 200

/* What else runs: nothing, one core all the time, or up to three cores in bursts. */
enum load { ALONE, STEADY, BURSTY, LOADS };

static const char *const load_names[LOADS] = {"nothing", "one core, steady", "three cores, bursts"};

/* Watts of a core at the highest clock, by what runs: 8 for the process. Others differ. */
struct model {
	enum load load;
	double length_ns;   /* of the process */
	double interval_ns; /* of prices */
	bool by_power;      /* the idle part by its watts, else by time */
	bool by_cycles;     /* the weight, else CPU time */
	double watts;       /* of a core that runs other work */
};

/* The clock falls as more cores run; power falls with its cube. */
static double clock_of(unsigned int busy)
{
	static const double ghz[CORES + 1] = {3.8, 3.8, 3.6, 3.4, 3.2};

	return ghz[busy];
}

struct machine_state {
	double now_ns, next_refresh_ns, joules, shown_joules; /* shown: as of the last refresh */
	double burst_ends_ns[CORES], burst_begins_ns[CORES];
	double true_joules; /* of the process */
	double weight, total_weight, busy_ns;
};

static void refresh(struct machine_state *state)
{
	while (state->next_refresh_ns <= state->now_ns) {
		state->shown_joules = state->joules;
		state->next_refresh_ns += 980000 + 40000 * random_part();
	}
}

/* Bursts of 5 to 45 ms, after pauses as long. */
static bool is_in_burst(struct machine_state *state, unsigned int core)
{
	if (state->now_ns >= state->burst_ends_ns[core]) {
		state->burst_begins_ns[core] = state->now_ns + 5e6 + 40e6 * random_part();
		state->burst_ends_ns[core] =
			state->burst_begins_ns[core] + 5e6 + 40e6 * random_part();
	}
	return state->now_ns >= state->burst_begins_ns[core];
}

static bool runs_other_work(const struct model *model, struct machine_state *state,
                            unsigned int core)
{
	if (core == 0 || model->load == ALONE)
		return false;
	return model->load == STEADY ? core == 1 : is_in_burst(state, core);
}

static void step(const struct model *model, struct machine_state *state, bool process_runs)
{
	unsigned int others = 0, busy;
	double factor, weight;

	for (unsigned int core = 1; core < CORES; core++)
		others += runs_other_work(model, state, core);
	busy = others + process_runs;
	factor = clock_of(busy) / clock_of(1);
	factor *= factor * factor;
	weight = model->by_cycles ? clock_of(busy) * STEP_NS : STEP_NS;
	state->joules += IDLE_WATTS * STEP_NS / 1e9;
	state->joules += others * model->watts * factor * STEP_NS / 1e9;
	if (process_runs) {
		state->joules += 8 * factor * STEP_NS / 1e9;
		state->true_joules += 8 * factor * STEP_NS / 1e9;
		state->weight += weight;
	}
	state->total_weight += busy * weight;
	state->busy_ns += busy * STEP_NS;
	state->now_ns += STEP_NS;
	refresh(state);
}

/* What the process gets of the interval that ends here. */
static double price(const struct model *model, struct machine_state *state, double *base_joules,
                    double *begin_ns)
{
	const double ns = state->now_ns - *begin_ns;
	const uint64_t counts = (uint64_t)(state->shown_joules * COUNTS_PER_JOULE) -
	                        (uint64_t)(*base_joules * COUNTS_PER_JOULE);
	const uint64_t idle =
		model->by_power
			? energy_idle_by_power(IDLE_WATTS, (uint64_t)ns, COUNTS_PER_JOULE)
			: energy_idle_by_time(counts, (uint64_t)(CORES * ns - state->busy_ns),
	                                      (uint64_t)(CORES * ns));
	struct energy_share share = energy_share_begin(counts, idle, (uint64_t)state->total_weight,
	                                               (uint64_t)state->weight);
	const uint64_t part = energy_share_take(&share, (uint64_t)state->weight);

	*base_joules = state->shown_joules;
	*begin_ns = state->now_ns;
	state->weight = state->total_weight = state->busy_ns = 0;
	return (double)part / COUNTS_PER_JOULE;
}

/* The relative error of one process that begins anywhere in an interval. */
static double error_of_run(const struct model *model)
{
	struct machine_state state = {.next_refresh_ns = 1e6 * random_part()};
	const double begins_ns = model->interval_ns + model->interval_ns * random_part();
	double base_joules = 0, begin_ns = 0, given = 0;

	for (double next_ns = model->interval_ns;; next_ns += model->interval_ns) {
		while (state.now_ns < next_ns)
			step(model, &state,
			     state.now_ns >= begins_ns &&
			             state.now_ns < begins_ns + model->length_ns);
		given += price(model, &state, &base_joules, &begin_ns);
		if (state.now_ns >= begins_ns + model->length_ns)
			break;
	}
	return fabs(given - state.true_joules) / state.true_joules;
}

static double mean_error(const struct model *model)
{
	double sum = 0;

	random_state = 88172645463325252ULL;
	for (int i = 0; i < RUNS; i++)
		sum += error_of_run(model);
	return 100 * sum / RUNS;
}

/* Equal watts of everybody, the idle power known: what the interval and the refresh leave. */
static void print_intervals(void)
{
	static const double intervals_ms[] = {10, 50, 100, 1000}, lengths_ms[] = {5, 50, 500};

	printf("| concurrent load | interval | 5 ms | 50 ms | 500 ms |\n|---|---|---|---|---|\n");
	for (enum load load = 0; load < LOADS; load++) {
		for (size_t i = 0; i < 4; i++) {
			struct model model = {.load = load,
			                      .interval_ns = intervals_ms[i] * 1e6,
			                      .by_power = true,
			                      .by_cycles = true,
			                      .watts = 8};

			printf("| %s | %g ms |", load_names[load], intervals_ms[i]);
			for (size_t j = 0; j < 3; j++) {
				model.length_ns = lengths_ms[j] * 1e6;
				printf(" %.1f %% |", mean_error(&model));
			}
			printf("\n");
		}
	}
}

/* A process of 500 ms, in intervals of 50 ms: what the settings and unequal watts make of it. */
static void print_methods(void)
{
	static const struct {
		const char *name;
		bool by_power, by_cycles;
	} methods[] = {{"cycles; idle power known", true, true},
	               {"CPU time; idle power known", true, false},
	               {"cycles; idle by time", false, true}};
	static const double watts[] = {8, 12, 4};

	printf("| weight; idle part | concurrent load | others need the same | half as much again "
	       "| half |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < 3; i++) {
		for (enum load load = 0; load < LOADS; load++) {
			struct model model = {.load = load,
			                      .interval_ns = 50e6,
			                      .length_ns = 500e6,
			                      .by_power = methods[i].by_power,
			                      .by_cycles = methods[i].by_cycles};

			printf("| %s | %s |", methods[i].name, load_names[load]);
			for (size_t j = 0; j < 3; j++) {
				model.watts = watts[j];
				printf(" %.1f %% |", mean_error(&model));
			}
			printf("\n");
		}
	}
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "methods") == 0)
		print_methods();
	else
		print_intervals();
	return 0;
}
