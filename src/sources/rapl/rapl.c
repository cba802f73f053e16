/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/rapl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alumet/energy.h"
#include "alumet/metric.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/parallel_task.h"
#include "linux/sysroot.h"
#include "sources/rapl/choice.h"
#include "sources/rapl/refresh.h"
#include "sources/rapl/report.h"
#include "sources/rapl/rows.h"
#include "sources/rapl/samples.h"

/* Read a counter at least this many times in the shortest time in which it can wrap. */
#define READINGS_PER_WRAP 4

/* The counters move about every ms: reading them more often is useless. */
#define SHORTEST_GUARD_NS NSEC_PER_MSEC

/* In a shorter run, even a real counter may not have moved. */
#define STANDSTILL_NS (100 * NSEC_PER_MSEC)

/* In a longer run one refresh is at most 0.1 % of the energy. */
#define ALIGNED_RUN_NS NSEC_PER_SEC

/*
 * The time between two thorough readings (see backend.h); with longer poll intervals all are
 * thorough.
 */
#define THOROUGH_INTERVAL_NS (100 * NSEC_PER_MSEC)

struct rapl {
	struct source source;
	const struct rapl_settings *settings;
	struct pipeline *pipeline;
	struct rapl_machine machine;
	struct rapl_backend *backend;
	struct rapl_doubt
		*doubt; /* from rapl_choose(): no rows until a counter has moved; else NULL */
	struct rapl_rows rows;
	bool has_samples; /* for transforms */
	char host[PARALLEL_TASK_HOST_SIZE];
	bool is_for_outputs; /* not a task of a parallel job, or the first task of its node */
	struct rapl_samples samples;
	struct refresh refresh;  /* for the first and last reading, if there are windows */
	bool is_aligned;         /* the last reading was made at a refresh */
	bool is_settled;         /* the last reading is up to date: the sample needs no new one */
	bool row_is_due;         /* at the end of this window */
	uint64_t tick_ns;        /* between two readings: never above the poll interval */
	uint64_t start_ns;       /* CLOCK_MONOTONIC, as all below */
	uint64_t last_tick_ns;   /* the latest reading */
	uint64_t last_sample_ns; /* the latest reading that ended a window */
	uint64_t last_row_ns;    /* the latest reading that rows were made from */
	uint64_t last_thorough_ns;
	uint64_t n_ticks;
	uint64_t n_missed; /* ticks that were due while another one was late */
	uint64_t longest_gap_ns;
};

static struct rapl *rapl_of(struct source *source)
{
	return (struct rapl *)source;
}

static void close_rapl(struct source *source)
{
	struct rapl *rapl = rapl_of(source);

	if (!rapl)
		return;
	if (rapl->backend)
		rapl->backend->ops->close(rapl->backend);
	rapl_rows_fini(&rapl->rows);
	rapl_machine_close(&rapl->machine);
	free(rapl->doubt);
	free(rapl);
}

/*
 * The time between two readings: the poll interval divided by an integer, so that between two
 * readings a counter can advance only by a fraction of its range.
 */
static uint64_t tick_interval(const struct rapl_backend *backend, uint64_t poll_interval_ns)
{
	uint64_t guard_ns = UINT64_MAX;

	for (size_t i = 0; i < backend->n_domains; i++) {
		uint64_t wrap_ns = rapl_domain_shortest_wrap_ns(&backend->domains[i]);

		if (wrap_ns / READINGS_PER_WRAP < guard_ns)
			guard_ns = wrap_ns / READINGS_PER_WRAP;
	}
	if (guard_ns < SHORTEST_GUARD_NS)
		guard_ns = SHORTEST_GUARD_NS;
	if (poll_interval_ns == 0)
		return guard_ns >= UINT64_MAX / READINGS_PER_WRAP ? 0 : guard_ns;
	if (poll_interval_ns <= guard_ns)
		return poll_interval_ns;
	return poll_interval_ns / (poll_interval_ns / guard_ns + 1);
}

static int open_counters(struct rapl *rapl, const struct source_context *context)
{
	const struct rapl_settings *wanted = rapl->settings;
	int error;

	if (!sysroot_is_permitted(wanted->sysroot)) {
		return log_errno(
			-EPERM,
			"rapl: plugins.rapl.sysroot '%s': with the capabilities of the program's "
			"file, which this user lacks, only the machine's own / is read: another "
			"directory's files would choose what is counted\n"
			"leave sysroot out, or run a copy of the program without capabilities",
			wanted->sysroot);
	}
	error = rapl_machine_open(&rapl->machine, wanted->sysroot);
	if (error) {
		log_error("rapl: sysroot '%s' cannot be opened: %s", wanted->sysroot,
		          strerror(-error));
		return error == -ENODEV ? -ENXIO : error;
	}
	if (wanted->no_perf_events && wanted->backend == RAPL_PERF) {
		return log_errno(
			-EINVAL,
			"rapl: backend = \"perf\" and no_perf_events = true contradict each "
			"other: leave one of them out");
	}
	return rapl_choose(&rapl->machine, (enum rapl_backend_setting)wanted->backend,
	                   wanted->no_perf_events, context->absence, &rapl->backend, &rapl->doubt);
}

static int open_rows(struct rapl *rapl, struct metric_registry *metrics)
{
	const struct rapl_settings *wanted = rapl->settings;
	/* Only one task of a node writes the node's energy, but transforms need it in each task. */
	int (*const give_id)(struct metric_registry *, const char *, const struct unit *,
	                     enum metric_kind) =
		rapl->is_for_outputs ? metric_register : metric_register_internal;
	int metric = give_id(metrics, "rapl_consumed_energy", &UNIT_JOULE, METRIC_DELTA);
	int error = metric < 0 ? metric : metric_announce_attribute(metrics, "domain");

	if (!error && wanted->per_die)
		error = metric_announce_attribute(metrics, "die");
	if (!error && parallel_task_is_one())
		error = metric_announce_attribute(metrics, "hostname");
	/* Only if the counters are real, because transforms prepare for these metrics. */
	if (!error && rapl->has_samples)
		error = rapl_samples_init(&rapl->samples, metrics);
	if (!error)
		error = rapl_rows_init(&rapl->rows, (uint32_t)metric, wanted->per_die,
		                       wanted->emit_totals, rapl->backend->domains,
		                       rapl->backend->n_domains);
	rapl->rows.host = parallel_task_host(rapl->host);
	return error;
}

static int open_rapl(const void *wanted, const struct source_context *context,
                     struct source **source)
{
	struct rapl *rapl = calloc(1, sizeof(*rapl));
	int error;

	if (!rapl)
		return log_oom();
	rapl->machine.root = -1;
	rapl->settings = wanted;
	rapl->pipeline = context->pipeline;
	rapl->is_for_outputs = parallel_task_is_first_of_node();
	error = open_counters(rapl, context);
	rapl->has_samples = !rapl->doubt;
	if (!error)
		error = open_rows(rapl, context->metrics);
	if (error) {
		if (error == -ENOMEM) /* the only error that is not logged yet */
			log_error("rapl: out of memory");
		close_rapl(&rapl->source);
		return error;
	}
	rapl->tick_ns = tick_interval(rapl->backend, rapl->settings->poll_interval_ns);
	rapl->source = (struct source){
		.ops = &rapl_source,
		.poll_interval_ns = rapl->tick_ns,
		.flush_interval_ns = rapl->settings->flush_interval_ns,
		.fd = -1,
	};
	*source = &rapl->source;
	return 0;
}

/* If one counter is not 0, all are real. */
static void resolve_doubt(struct rapl *rapl)
{
	for (size_t i = 0; rapl->doubt && i < rapl->backend->n_domains; i++) {
		const struct rapl_domain *domain = &rapl->backend->domains[i];

		if (!domain->error && domain->count) {
			free(rapl->doubt);
			rapl->doubt = NULL;
		}
	}
}

/* Read every counter and add its increase. Returns the time of the reading. */
static uint64_t take_readings(struct rapl *rapl, bool thorough)
{
	struct rapl_backend *backend = rapl->backend;
	uint64_t now_ns = clock_monotonic_ns();

	if (now_ns - rapl->last_thorough_ns >= THOROUGH_INTERVAL_NS)
		thorough = true;
	if (thorough)
		rapl->last_thorough_ns = now_ns;
	backend->ops->read(backend, thorough);
	for (size_t i = 0; i < backend->n_domains; i++)
		rapl_domain_update(&backend->domains[i], now_ns);
	resolve_doubt(rapl);
	return now_ns;
}

static int push_rows(struct rapl *rapl, uint64_t now_ns)
{
	rapl->last_row_ns = now_ns;
	if (rapl->doubt)
		return 0;
	return rapl_rows_push(&rapl->rows, rapl->backend->domains, rapl->backend->n_domains,
	                      clock_to_realtime(now_ns), rapl->pipeline);
}

/*
 * Push the maximum age of the counts at the start or end of the run, if it is known. Transforms
 * report it as the error of such a run.
 */
static int push_age(struct rapl *rapl, uint64_t now_ns)
{
	if (!rapl->refresh.moves || !rapl->has_samples)
		return 0;
	return rapl_samples_push_age(&rapl->samples, rapl->is_aligned ? 0 : rapl->refresh.period_ns,
	                             clock_to_realtime(now_ns), rapl->pipeline);
}

/* Start right after a refresh: a job of a few ms gets all of its own energy, and no other. */
static int start_rapl(struct source *source)
{
	struct rapl *rapl = rapl_of(source);

	if (pipeline_window_ns(rapl->pipeline)) {
		refresh_begin(&rapl->refresh, rapl->backend, clock_monotonic_ns);
		rapl->is_aligned = refresh_wait(&rapl->refresh, rapl->backend);
	}
	rapl->start_ns = take_readings(rapl, true);
	rapl->last_tick_ns = rapl->start_ns;
	rapl->last_row_ns = rapl->start_ns;
	rapl->is_settled = true;
	return push_age(rapl, rapl->start_ns);
}

static int sample_rapl(struct source *source, uint64_t begun_ns)
{
	struct rapl *rapl = rapl_of(source);
	uint64_t now_ns = rapl->is_settled ? rapl->last_tick_ns : take_readings(rapl, false);
	int error = 0;

	if (rapl->has_samples)
		error = rapl_samples_push(&rapl->samples, rapl->backend, clock_to_realtime(now_ns),
		                          rapl->pipeline);
	rapl->is_settled = false;
	rapl->last_sample_ns = now_ns;
	return error;
}

/*
 * The rows that are due are from the same reading as the counts of this window, so that what
 * transforms make from the counts adds up to the rows.
 */
static int push_due_rows(struct source *source)
{
	struct rapl *rapl = rapl_of(source);

	if (!rapl->row_is_due)
		return 0;
	rapl->row_is_due = false;
	return push_rows(rapl, rapl->last_sample_ns);
}

/* Rows use the reading at a window's end; if no window ends at this tick, end one. */
static int poll_with_windows(struct rapl *rapl, uint64_t now_ns)
{
	uint64_t interval_ns = rapl->settings->poll_interval_ns;

	if (interval_ns == 0 || now_ns - rapl->last_row_ns + rapl->tick_ns / 2 < interval_ns)
		return 0;
	if (now_ns - rapl->last_sample_ns < SHORTEST_GUARD_NS)
		return push_rows(rapl, rapl->last_sample_ns);
	rapl->row_is_due = true;
	pipeline_end_window_soon(rapl->pipeline);
	return 0;
}

static int poll_rapl(struct source *source)
{
	struct rapl *rapl = rapl_of(source);
	uint64_t interval_ns = rapl->settings->poll_interval_ns;
	bool has_windows = pipeline_window_ns(rapl->pipeline);
	uint64_t now_ns = has_windows ? clock_monotonic_ns() : take_readings(rapl, false);
	uint64_t gap_ns = now_ns - rapl->last_tick_ns;

	rapl->n_ticks++;
	/* A delay of half a tick is on time. Missed ticks are not made up for. */
	if (gap_ns > rapl->tick_ns + rapl->tick_ns / 2)
		rapl->n_missed += (gap_ns - rapl->tick_ns / 2) / rapl->tick_ns;
	if (gap_ns > rapl->longest_gap_ns)
		rapl->longest_gap_ns = gap_ns;
	rapl->last_tick_ns = now_ns;
	if (has_windows)
		return poll_with_windows(rapl, now_ns);
	/* With a long interval, most ticks only detect wraps, and make no row. */
	if (interval_ns == 0 || now_ns - rapl->last_row_ns + rapl->tick_ns / 2 < interval_ns)
		return 0;
	return push_rows(rapl, now_ns);
}

static int stop_rapl(struct source *source)
{
	struct rapl *rapl = rapl_of(source);
	int error;

	rapl->is_aligned = clock_monotonic_ns() - rapl->start_ns < ALIGNED_RUN_NS &&
	                   refresh_wait(&rapl->refresh, rapl->backend);
	rapl->last_tick_ns = take_readings(rapl, true);
	rapl->is_settled = true;
	rapl->row_is_due = false;
	error = push_age(rapl, rapl->last_tick_ns);
	return error ? error : push_rows(rapl, rapl->last_tick_ns);
}

/* Readings between ticks do no harm: rows and samples are made from sums. */
static void progress_rapl(struct source *source, struct run_progress *progress)
{
	struct rapl *rapl = rapl_of(source);

	progress->joules_at_ns = take_readings(rapl, false);
	for (size_t i = 0; i < rapl->backend->n_domains; i++) {
		const struct rapl_domain *domain = &rapl->backend->domains[i];

		if (domain->id.kind != RAPL_PACKAGE)
			continue;
		progress->has_energy |= domain->alive;
		progress->joules += (double)domain->total / domain->counts_per_joule;
	}
}

static void report_rapl(struct source *source,
                        void (*to)(void *data, enum report_kind kind, const char *line), void *data)
{
	const struct rapl *rapl = rapl_of(source);
	const struct rapl_speaker speaker = {to, data};

	if (rapl->doubt) {
		rapl_log_doubt(&rapl->machine, rapl->doubt);
		return;
	}
	rapl_report_counters(rapl->backend, rapl->last_tick_ns - rapl->start_ns >= STANDSTILL_NS,
	                     &speaker);
	if (!rapl->is_for_outputs)
		rapl_say(&speaker, REPORT_NOTE,
		         "rapl: the machine's energy is in the file of the first task on this node "
		         "(local rank 0), and only there: summed over the files of a job it counts "
		         "once");
	rapl_report_missed(rapl->n_missed, rapl->n_ticks, rapl->longest_gap_ns, &speaker);
}

const struct source_ops rapl_source = {
	.open = open_rapl,
	.start = start_rapl,
	.poll = poll_rapl,
	.sample = sample_rapl,
	.sampled = push_due_rows,
	.progress = progress_rapl,
	.stop = stop_rapl,
	.report = report_rapl,
	.close = close_rapl,
};

const struct plugin rapl_plugin = {
	.kind = PLUGIN_SOURCE,
	.name = "rapl",
	.help = "energy of CPU packages, cores, graphics, memory and machine (RAPL)",
	.settings = rapl_settings_table,
	.settings_size = sizeof(struct rapl_settings),
	.def = PLUGIN_ON,
	.role = "calibrate",
	.check = rapl_check,
	.source = &rapl_source,
};
