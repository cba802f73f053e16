/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/rapl.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
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
#include "sources/rapl/rows.h"
#include "sources/rapl/samples.h"

/* A counter is read at least this many times in the shortest time that it can wrap in. */
#define READINGS_PER_WRAP 4

/* The counters move about every ms: reading them more often than that guards against nothing. */
#define SHORTEST_GUARD_NS NSEC_PER_MSEC

/* A counter that never moved in a shorter run than this tells nothing. */
#define STANDSTILL_NS (100 * NSEC_PER_MSEC)

/* In a longer run a refresh more or less makes no difference: 0.1 %. */
#define ALIGNED_RUN_NS NSEC_PER_SEC

/* Between two thorough readings (see backend.h); most intervals are longer, and all theirs are. */
#define THOROUGH_INTERVAL_NS (100 * NSEC_PER_MSEC)

struct rapl {
	struct source source;
	const struct rapl_settings *settings;
	struct pipeline *pipeline;
	struct rapl_machine machine;
	struct rapl_backend *backend;
	struct rapl_rows rows;
	bool is_for_outputs; /* the agent is no task of a parallel job, or its node's first */
	struct rapl_samples samples;
	struct refresh refresh;  /* of the readings at both ends, when windows are wanted */
	bool is_aligned;         /* the last reading is of the moment of a refresh */
	bool is_settled;         /* the last reading was made just now: the sample needs none */
	bool row_is_due;         /* at the end of this window */
	uint64_t tick_ns;        /* between two readings: never above the poll interval */
	uint64_t start_ns;       /* CLOCK_MONOTONIC, as all below */
	uint64_t last_tick_ns;   /* the latest reading */
	uint64_t last_sample_ns; /* the latest reading that ended a window */
	uint64_t last_row_ns;    /* the latest reading that rows were made of */
	uint64_t last_thorough_ns;
	uint64_t n_ticks;
	uint64_t n_missed; /* ticks that were due while another one was late */
	uint64_t longest_gap_ns;
};

static const char *const backend_names[] = {"auto", "perf", "powercap", "msr", NULL};
static const struct setting_values backend_values = {.choices = backend_names};

static const struct setting settings[] = {
	{"poll_interval", SETTING_DURATION, offsetof(struct rapl_settings, poll_interval_ns),
         "\"1s\"", NULL, "time between two readings of the energy counters"},
	{"flush_interval", SETTING_DURATION, offsetof(struct rapl_settings, flush_interval_ns),
         "\"5s\"", NULL, "time after which rows are written at the latest"},
	{"no_perf_events", SETTING_BOOL, offsetof(struct rapl_settings, no_perf_events), "false",
         NULL, "never use the perf PMU, only powercap or MSR"},
	{"backend", SETTING_CHOICE, offsetof(struct rapl_settings, backend), "\"auto\"",
         &backend_values,
         "\"auto\": the first of \"perf\", \"powercap\", \"msr\" that can be read;\n"
         "one of those: that one or an error"},
	{"sysroot", SETTING_STRING, offsetof(struct rapl_settings, sysroot), "\"/\"", NULL,
         "sysfs, /proc/cpuinfo and /dev/cpu are read below this folder"},
	{"per_die", SETTING_BOOL, offsetof(struct rapl_settings, per_die), "false", NULL,
         "a row for each die of a package, with a die attribute, instead of their sum"},
	{"emit_totals", SETTING_BOOL, offsetof(struct rapl_settings, emit_totals), "false", NULL,
         "also a row for each domain over all packages: package_total, dram_total and so on"},
	{0},
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
	free(rapl);
}

/*
 * The time between two readings: the poll interval divided by a whole number, so that no counter
 * can go round by more than a part of its range between them.
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
		log_error("rapl: plugins.rapl.sysroot '%s': with the capabilities of the program's "
		          "file, which this user lacks, only the machine's own / is read: another "
		          "folder's files would choose what is counted\n"
		          "leave sysroot out, or run a copy of the program without capabilities",
		          wanted->sysroot);
		return -EPERM;
	}
	error = rapl_machine_open(&rapl->machine, wanted->sysroot);
	if (error) {
		log_error("rapl: sysroot '%s' cannot be opened: %s", wanted->sysroot,
		          strerror(-error));
		return error == -ENODEV ? -ENXIO : error;
	}
	if (wanted->no_perf_events && wanted->backend == RAPL_PERF) {
		log_error("rapl: backend = \"perf\" and no_perf_events = true contradict each "
		          "other: leave one of them out");
		return -EINVAL;
	}
	return rapl_choose(&rapl->machine, (enum rapl_wish)wanted->backend, wanted->no_perf_events,
	                   context->required, &rapl->backend);
}

static int open_rows(struct rapl *rapl, struct metric_registry *metrics)
{
	const struct rapl_settings *wanted = rapl->settings;
	/* One task of a node writes the node's energy; transforms have it in each. */
	int (*const give_id)(struct metric_registry *, const char *, const struct unit *,
	                     enum metric_kind) =
		rapl->is_for_outputs ? metric_register : metric_register_internal;
	int metric = give_id(metrics, "rapl_consumed_energy", &UNIT_JOULE, METRIC_DELTA);
	int error = metric < 0 ? metric : metric_announce_attribute(metrics, "domain");

	if (!error && wanted->per_die)
		error = metric_announce_attribute(metrics, "die");
	if (!error)
		error = rapl_samples_init(&rapl->samples, metrics);
	if (!error)
		error = rapl_rows_init(&rapl->rows, (uint32_t)metric, wanted->per_die,
		                       wanted->emit_totals, rapl->backend->domains,
		                       rapl->backend->n_domains);
	return error;
}

static int open_rapl(const void *wanted, const struct source_context *context,
                     struct source **source)
{
	struct rapl *rapl = calloc(1, sizeof(*rapl));
	int error;

	if (!rapl) {
		log_error("rapl: out of memory");
		return -ENOMEM;
	}
	rapl->machine.root = -1;
	rapl->settings = wanted;
	rapl->pipeline = context->pipeline;
	rapl->is_for_outputs = parallel_task_is_first_of_node();
	error = open_counters(rapl, context);
	if (!error)
		error = open_rows(rapl, context->metrics);
	if (error) {
		if (error == -ENOMEM) /* the only error that comes without words */
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

/* Read every counter and account what it shows. Returns the time of the reading. */
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
	return now_ns;
}

static int push_rows(struct rapl *rapl, uint64_t now_ns)
{
	rapl->last_row_ns = now_ns;
	return rapl_rows_push(&rapl->rows, rapl->backend->domains, rapl->backend->n_domains,
	                      clock_to_realtime(now_ns), rapl->pipeline);
}

/*
 * How old the counts are that the run begins or ends with: told where it is known. Such a run's error
 * is what transforms say of it.
 */
static int push_age(struct rapl *rapl, uint64_t now_ns)
{
	if (!rapl->refresh.moves)
		return 0;
	return rapl_samples_push_age(&rapl->samples, rapl->is_aligned ? 0 : rapl->refresh.period_ns,
	                             clock_to_realtime(now_ns), rapl->pipeline);
}

/* The command begins after a refresh: a job of a few ms has its own energy, and all of it. */
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

/*
 * The counts of this window, and the rows that are due: of the same reading, so that what is made of
 * the counts adds up to the rows.
 */
static int sample_rapl(struct source *source)
{
	struct rapl *rapl = rapl_of(source);
	uint64_t now_ns = rapl->is_settled ? rapl->last_tick_ns : take_readings(rapl, false);
	int error = rapl_samples_push(&rapl->samples, rapl->backend, clock_to_realtime(now_ns),
	                              rapl->pipeline);

	rapl->is_settled = false;
	rapl->last_sample_ns = now_ns;
	if (error || !rapl->row_is_due)
		return error;
	rapl->row_is_due = false;
	return push_rows(rapl, now_ns);
}

/*
 * A row is of the reading that a window ends with: of the one that has ended at this tick, or of the
 * one that ends for the row's sake.
 */
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
	/* Half a tick of jitter is on time. What was missed is not caught up. */
	if (gap_ns > rapl->tick_ns + rapl->tick_ns / 2)
		rapl->n_missed += (gap_ns - rapl->tick_ns / 2) / rapl->tick_ns;
	if (gap_ns > rapl->longest_gap_ns)
		rapl->longest_gap_ns = gap_ns;
	rapl->last_tick_ns = now_ns;
	if (has_windows)
		return poll_with_windows(rapl, now_ns);
	/* Most ticks of a long interval only keep a wrap from being missed: they make no row. */
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

/* A line to say, and to whom. */
struct speaker {
	void (*say)(void *data, enum report_kind kind, const char *line);
	void *data;
};

static void say(const struct speaker *speaker, enum report_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void say(const struct speaker *speaker, enum report_kind kind, const char *format, ...)
{
	char line[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	speaker->say(speaker->data, kind, line);
}

static const char *error_text(int error)
{
	return error == -EBADMSG ? "no number in it" : strerror(-error);
}

static void report_domain(const struct rapl_domain *domain, const struct speaker *speaker)
{
	char label[RAPL_LABEL_SIZE];

	rapl_domain_label(domain, label);
	if (domain->gone)
		say(speaker, REPORT_LOSS,
		    "rapl: %s: the counter went away after %llu reading%s; what it used from then on "
		    "is missing",
		    label, (unsigned long long)domain->n_readings,
		    domain->n_readings == 1 ? "" : "s");
	else if (domain->n_failed > 0)
		say(speaker, REPORT_LOSS, "rapl: %s: %llu reading%s failed (the last: %s)%s", label,
		    (unsigned long long)domain->n_failed, domain->n_failed == 1 ? "" : "s",
		    error_text(domain->last_error),
		    domain->error ? "; what it used since the last good one is missing" : "");
	if (domain->n_backwards > 0)
		say(speaker, REPORT_LOSS,
		    "rapl: %s: the counter went backwards %llu time%s by other than a wrap; what was "
		    "used between those readings is not added",
		    label, (unsigned long long)domain->n_backwards,
		    domain->n_backwards == 1 ? "" : "s");
}

/* The counter has not moved, in a run that is long enough to tell. */
static bool stood_still(const struct rapl *rapl, const struct rapl_domain *domain)
{
	return rapl->last_tick_ns - rapl->start_ns >= STANDSTILL_NS && !domain->alive &&
	       domain->n_readings > 1;
}

/* None has moved: there is a RAPL interface, but nothing behind it. */
static bool all_stood_still(const struct rapl *rapl)
{
	for (size_t i = 0; i < rapl->backend->n_domains; i++)
		if (!stood_still(rapl, &rapl->backend->domains[i]))
			return false;
	return true;
}

static bool all_read_0(const struct rapl *rapl)
{
	for (size_t i = 0; i < rapl->backend->n_domains; i++)
		if (rapl->backend->domains[i].count)
			return false;
	return true;
}

/* Graphics that are off use nothing; everything else that there is draws power all the time. */
static void report_still(const struct rapl *rapl, const struct speaker *speaker)
{
	char label[RAPL_LABEL_SIZE];

	if (all_stood_still(rapl)) {
		say(speaker, REPORT_LOSS,
		    "rapl: every energy counter (%s) %s from start to end: this is a virtual "
		    "machine without RAPL, or a CPU that does not count; take no 0 J for a result",
		    rapl->backend->ops->name, all_read_0(rapl) ? "read 0" : "stood still");
		return;
	}
	for (size_t i = 0; i < rapl->backend->n_domains; i++) {
		const struct rapl_domain *domain = &rapl->backend->domains[i];

		if (domain->id.kind != RAPL_PP1 && stood_still(rapl, domain))
			say(speaker, REPORT_LOSS,
			    "rapl: %s: the counter stood still from start to end, at %.6g J; take "
			    "no 0 J for a result",
			    rapl_domain_label(domain, label),
			    (double)domain->count / domain->counts_per_joule);
	}
}

static void report_rapl(struct source *source,
                        void (*to)(void *data, enum report_kind kind, const char *line), void *data)
{
	const struct rapl *rapl = rapl_of(source);
	const struct speaker speaker = {to, data};

	for (size_t i = 0; i < rapl->backend->n_domains; i++)
		report_domain(&rapl->backend->domains[i], &speaker);
	report_still(rapl, &speaker);
	if (!rapl->is_for_outputs)
		say(&speaker, REPORT_NOTE,
		    "rapl: the machine's energy is in the file of the first task on this node "
		    "(local rank 0), and only there: summed over the files of a job it counts once");
	if (rapl->n_missed > 0)
		say(&speaker, REPORT_NOTE,
		    "rapl: %llu of %llu readings came too late to be made (longest gap %.1f ms); "
		    "their energy is in the rows that follow",
		    (unsigned long long)rapl->n_missed,
		    (unsigned long long)(rapl->n_ticks + rapl->n_missed),
		    (double)rapl->longest_gap_ns / (double)NSEC_PER_MSEC);
}

const struct source_ops rapl_source = {
	.open = open_rapl,
	.start = start_rapl,
	.poll = poll_rapl,
	.sample = sample_rapl,
	.stop = stop_rapl,
	.report = report_rapl,
	.close = close_rapl,
};

const struct plugin rapl_plugin = {
	.kind = PLUGIN_SOURCE,
	.name = "rapl",
	.help = "energy of CPU packages, cores, graphics, memory and machine (RAPL)",
	.settings = settings,
	.settings_size = sizeof(struct rapl_settings),
	.def = PLUGIN_ON,
	.check = rapl_check,
	.source = &rapl_source,
};
