/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/rapl/rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_rows(const void *a, const void *b)
{
	const struct rapl_id *left = &((const struct rapl_row *)a)->id;
	const struct rapl_id *right = &((const struct rapl_row *)b)->id;

	if (left->kind != right->kind)
		return left->kind < right->kind ? -1 : 1;
	if (left->package != right->package)
		return left->package < right->package ? -1 : 1;
	return (left->die > right->die) - (left->die < right->die);
}

/* The row that a domain is added to. */
static struct rapl_row row_of(const struct rapl_domain *domain, bool per_die)
{
	struct rapl_row row = {.id = domain->id};

	if (!per_die || row.id.kind == RAPL_PLATFORM)
		row.id.die = -1;
	else if (row.id.die < 0) /* the package's only one */
		row.id.die = 0;
	return row;
}

int rapl_rows_init(struct rapl_rows *rows, uint32_t metric, bool per_die, bool emit_totals,
                   struct rapl_domain *domains, size_t n_domains)
{
	*rows = (struct rapl_rows){
		.metric = metric, .per_die = per_die, .emit_totals = emit_totals};
	rows->rows = calloc(n_domains, sizeof(*rows->rows));
	if (!rows->rows)
		return -ENOMEM;
	for (size_t i = 0; i < n_domains; i++)
		rows->rows[i] = row_of(&domains[i], per_die);
	qsort(rows->rows, n_domains, sizeof(*rows->rows), compare_rows);
	for (size_t i = 0; i < n_domains; i++)
		if (rows->n == 0 || compare_rows(&rows->rows[rows->n - 1], &rows->rows[i]) != 0)
			rows->rows[rows->n++] = rows->rows[i];
	for (size_t i = 0; i < rows->n; i++)
		snprintf(rows->rows[i].die_text, sizeof(rows->rows[i].die_text), "%d",
		         rows->rows[i].id.die);
	for (size_t i = 0; i < n_domains; i++) {
		struct rapl_row key = row_of(&domains[i], per_die);
		const struct rapl_row *row =
			bsearch(&key, rows->rows, rows->n, sizeof(*rows->rows), compare_rows);

		domains[i].row = (size_t)(row - rows->rows);
	}
	for (int kind = 0; kind < RAPL_KINDS; kind++)
		rows->totals[kind] = (struct rapl_row){.id = {kind, 0, -1}, .is_total = true};
	return 0;
}

void rapl_rows_fini(struct rapl_rows *rows)
{
	free(rows->rows);
	rows->rows = NULL;
	rows->n = 0;
}

static const char *domain_text(const struct rapl_row *row)
{
	static const char *const totals[RAPL_KINDS] = {
		[RAPL_PACKAGE] = "package_total",   [RAPL_PP0] = "pp0_total",
		[RAPL_PP1] = "pp1_total",           [RAPL_DRAM] = "dram_total",
		[RAPL_PLATFORM] = "platform_total",
	};

	return row->is_total ? totals[row->id.kind] : rapl_kind_name(row->id.kind);
}

static enum resource_kind resource_of(const struct rapl_row *row)
{
	if (row->is_total || row->id.kind == RAPL_PLATFORM)
		return RESOURCE_LOCAL_MACHINE;
	return row->id.kind == RAPL_DRAM ? RESOURCE_DRAM : RESOURCE_CPU_PACKAGE;
}

/* Push the row if it has a value, and reset it. */
static int push_row(const struct rapl_rows *rows, struct rapl_row *row, uint64_t time_ns,
                    struct pipeline *pipeline)
{
	const char *domain = domain_text(row);
	struct attribute attributes[3] = {
		{.key = "domain", .text = domain, .length = strlen(domain)},
		{.key = "die", .text = row->die_text, .length = strlen(row->die_text)},
	};
	struct point point = {
		.metric = rows->metric,
		.time_ns = time_ns,
		.type = VALUE_F64,
		.value.f64 = (double)row->joules,
		.resource_kind = resource_of(row),
		.consumer_kind = CONSUMER_LOCAL_MACHINE,
		.n_attributes = row->id.die >= 0 ? 2 : 1,
		.attributes = attributes,
	};

	if (rows->host)
		attributes[point.n_attributes++] = (struct attribute){
			.key = "hostname", .text = rows->host, .length = strlen(rows->host)};
	if (point.resource_kind != RESOURCE_LOCAL_MACHINE)
		point.resource_id = (uint32_t)row->id.package;
	if (!row->fresh)
		return 0;
	row->fresh = false;
	row->joules = 0;
	return pipeline_push(pipeline, &point);
}

int rapl_rows_push(struct rapl_rows *rows, struct rapl_domain *domains, size_t n_domains,
                   uint64_t time_ns, struct pipeline *pipeline)
{
	int result = 0;

	for (size_t i = 0; i < n_domains; i++) {
		struct rapl_row *row = &rows->rows[domains[i].row];
		struct rapl_row *total = &rows->totals[row->id.kind];
		long double joules;

		if (!domains[i].fresh)
			continue;
		joules = rapl_domain_take(&domains[i]);
		row->joules += joules;
		row->fresh = true;
		if (rows->emit_totals) {
			total->joules += joules;
			total->fresh = true;
		}
	}
	for (size_t i = 0; i < rows->n; i++) {
		int error = push_row(rows, &rows->rows[i], time_ns, pipeline);

		result = result ? result : error;
	}
	for (size_t i = 0; i < RAPL_KINDS; i++) {
		int error = push_row(rows, &rows->totals[i], time_ns, pipeline);

		result = result ? result : error;
	}
	return result;
}
