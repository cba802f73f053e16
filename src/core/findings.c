/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "core/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void finding_fini(struct finding *finding)
{
	free(finding->subject);
	free(finding->detail);
	free(finding->remedy);
}

void check_area(struct check *check, const char *area, const char *title)
{
	check->area = area;
	check->title = title;
}

enum verdict check_obstacle(const struct check *check)
{
	return check->enabled ? FATAL : LACKING;
}

void check_add(struct check *check, enum verdict verdict, const char *subject, const char *remedy,
               const char *detail, ...)
{
	struct findings *findings = check->findings;
	struct finding *items = reallocarray(findings->items, findings->n + 1, sizeof(*items));
	struct finding finding = {
		.area = check->area,
		.title = check->title,
		.verdict = verdict,
		.subject = strdup(subject),
	};
	va_list args;

	va_start(args, detail);
	if (vasprintf(&finding.detail, detail, args) < 0)
		finding.detail = NULL;
	va_end(args);
	if (remedy)
		finding.remedy = strdup(remedy);

	if (items)
		findings->items = items;
	if (!items || !finding.subject || !finding.detail || (remedy && !finding.remedy)) {
		finding_fini(&finding);
		findings->failed = true;
		return;
	}
	items[findings->n++] = finding;
}

void findings_free(struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		finding_fini(&findings->items[i]);
	free(findings->items);
	*findings = (struct findings){.items = NULL};
}

bool findings_work(const struct findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		if (findings->items[i].verdict == FATAL)
			return false;
	}
	return !findings->failed;
}
