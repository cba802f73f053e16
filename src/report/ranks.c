/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/ranks.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/names.h"
#include "tree/view/scale.h"

/* The energy of at most this many hosts is shown. */
#define HOSTS_MAX 16

const struct rank_quantity rank_quantities[RANK_QUANTITIES] = {
	[RANK_CPU] = {"CPU time", "cpu-time", QUANTITY_TIME, offsetof(struct report_rank, cpu_ns)},
	[RANK_WALL] = {"wall time", "wall-time", QUANTITY_TIME,
                       offsetof(struct report_rank, wall_ns)},
	[RANK_WAIT] = {"waited for CPU", "runqueue-wait", QUANTITY_TIME,
                       offsetof(struct report_rank, wait_ns)},
	[RANK_MEMORY] = {"peak memory", "peak-rss", QUANTITY_BYTES,
                         offsetof(struct report_rank, peak_rss)},
	[RANK_ENERGY] = {"energy", "attributed-energy", QUANTITY_ENERGY,
                         offsetof(struct report_rank, joules)},
};

double rank_value(const struct report_rank *rank, size_t quantity)
{
	double value;

	memcpy(&value, (const char *)rank + rank_quantities[quantity].offset, sizeof(value));
	return value;
}

bool rank_balance(const struct report_job *job, size_t quantity, struct rank_balance *balance)
{
	double sum = 0;

	*balance = (struct rank_balance){.least = NULL};
	for (size_t i = 0; i < job->n_ranks; i++) {
		const struct report_rank *rank = &job->ranks[i];
		const double value = rank_value(rank, quantity);

		if (isnan(value))
			continue;
		if (!balance->least || value < rank_value(balance->least, quantity))
			balance->least = rank;
		if (!balance->most || value > rank_value(balance->most, quantity))
			balance->most = rank;
		sum += value;
		balance->n++;
	}
	balance->mean = balance->n > 0 ? sum / (double)balance->n : 0;
	return balance->n > 1 && sum > 0;
}

double rank_hosts_joules(const struct report_job *job)
{
	double joules = NAN;

	for (size_t i = 0; i < job->n_hosts; i++) {
		if (!isnan(job->hosts[i].joules))
			joules = (isnan(joules) ? 0 : joules) + job->hosts[i].joules;
	}
	return joules;
}

void rank_add_title(const struct report_job *job, struct text *out)
{
	char number[48];

	if (job->job->n > 0) {
		text_add_string(out, "job ");
		report_add_visible(out, job->job->bytes, job->job->n);
	} else if (job->n_runs > 1) {
		text_add_string(out, "trace ");
		report_add_visible(out, job->run_id->bytes, job->run_id->n);
	}
	if (job->step->n > 0) {
		text_add_string(out, ", step ");
		report_add_visible(out, job->step->bytes, job->step->n);
	}
	if (job->id->n > 0) {
		text_add_string(out, ", run ");
		report_add_visible(out, job->id->bytes, job->id->n);
	}
	if (out->n > 0)
		text_add_string(out, ": ");
	if (job->n_ranks > 0) {
		snprintf(number, sizeof(number), "%zu rank%s on ", job->n_ranks,
		         job->n_ranks == 1 ? "" : "s");
		text_add_string(out, number);
	}
	snprintf(number, sizeof(number), "%zu host%s", job->n_hosts,
	         job->n_hosts == 1 ? "" : "s");
	text_add_string(out, number);
}

/*
 * --- writing -----------------------------------------------------------------------------------
 */

struct writer {
	const struct report_job *job;
	bool markdown;
	struct text_signs signs;
	FILE *out;
};

static void put_text(const struct writer *writer, const struct report_text *text)
{
	struct text visible = {.data = NULL};

	report_add_visible(&visible, text->bytes, text->n);
	if (!visible.failed)
		fwrite(visible.data, 1, visible.n, writer->out);
	text_fini(&visible);
}

static void put_side(const struct writer *writer, const char *number, const struct scale *scale,
                     const struct report_rank *rank)
{
	fprintf(writer->out, writer->markdown ? "%s %s (rank " : "%8s %s (rank ", number,
	        scale->unit);
	put_text(writer, rank->name);
	fputs(")", writer->out);
}

/*
 * "CPU time  1.20 s (rank 3), 2.40 s (rank 1), 1.33": the least, the most, and the ratio of the
 * most to the mean.
 */
static void write_line(const struct writer *writer, size_t quantity)
{
	const struct rank_quantity *known = &rank_quantities[quantity];
	char low[TEXT_NUMBER_SIZE], high[TEXT_NUMBER_SIZE];
	struct rank_balance balance;
	struct scale scale;
	double most;

	if (!rank_balance(writer->job, quantity, &balance))
		return;
	most = rank_value(balance.most, quantity);
	scale_choose(known->kind, most, &writer->signs, &scale);
	scale_print(&scale, rank_value(balance.least, quantity), low);
	scale_print(&scale, most, high);
	fprintf(writer->out, writer->markdown ? "| %s | " : "  %-14s ", known->title);
	put_side(writer, low, &scale, balance.least);
	fputs(writer->markdown ? " | " : ", ", writer->out);
	put_side(writer, high, &scale, balance.most);
	fprintf(writer->out, writer->markdown ? " | %.2f |\n" : ", %.2f\n", most / balance.mean);
}

static void write_nodes(const struct writer *writer)
{
	const struct report_job *job = writer->job;
	size_t shown = 0;

	for (size_t i = 0; i < job->n_hosts; i++) {
		if (isnan(job->hosts[i].joules) || ++shown > HOSTS_MAX)
			continue;
		fputs(shown > 1          ? ", "
		      : writer->markdown ? "\nEnergy of the nodes: "
		                         : "  nodes          ",
		      writer->out);
		put_text(writer, job->hosts[i].name);
		fprintf(writer->out, " %.4g J", job->hosts[i].joules);
	}
	if (shown > HOSTS_MAX)
		fprintf(writer->out, ", %zu more", shown - HOSTS_MAX);
	if (shown > 0)
		fprintf(writer->out, "%s%.4g J\n", shown > 1 ? "; together " : "; ",
		        rank_hosts_joules(job));
}

int report_write_ranks(const struct report_job *job, FILE *out, bool markdown)
{
	struct writer writer = {.job = job, .out = out, .markdown = markdown};
	struct text title = {.data = NULL};
	int err;

	if (markdown)
		text_signs_init_utf8(&writer.signs);
	else
		text_signs_init(&writer.signs, false);
	rank_add_title(job, &title);
	fprintf(out, "%s%.*s\n", markdown ? "### " : "", (int)title.n,
	        title.data ? title.data : "");
	if (job->n_ranks > 1)
		fputs(markdown ? "\n| per rank | least | most | most / mean |\n|---|---|---|---|\n"
		               : "  per rank: least, most, and imbalance (most / mean)\n",
		      out);
	for (size_t i = 0; i < RANK_QUANTITIES; i++)
		write_line(&writer, i);
	write_nodes(&writer);
	if (markdown)
		fputc('\n', out);
	err = title.failed ? -ENOMEM : 0;
	text_fini(&title);
	text_signs_fini(&writer.signs);
	return err;
}
