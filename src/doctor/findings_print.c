/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "doctor/findings_print.h"

#include <stdlib.h>
#include <string.h>

#include "core/json_escape.h"
#include "core/printable.h"
#include "core/wrap.h"

static const char *const verdict_keys[] = {
	[GOOD] = "good",
	[LACKING] = "lacking",
	[FATAL] = "fatal",
};

/* ---- text ---- */

/* The position of a finding's area: that of the area's first finding. */
static size_t area_order(const struct findings *findings, const struct finding *finding)
{
	size_t i = 0;

	while (strcmp(findings->items[i].area, finding->area) != 0)
		i++;
	return i;
}

/* Whether finding a is printed before finding b. */
static bool is_before(const struct findings *findings, const struct finding *a,
                      const struct finding *b)
{
	const size_t area_a = area_order(findings, a), area_b = area_order(findings, b);

	return area_a < area_b || (area_a == area_b && a < b);
}

/* The first finding with the same remedy that is printed before this one, or NULL. */
static const struct finding *find_same_remedy(const struct findings *findings,
                                              const struct finding *finding)
{
	const struct finding *first = NULL;

	for (size_t i = 0; finding->remedy && i < findings->n; i++) {
		const struct finding *other = &findings->items[i];

		if (other->remedy && strcmp(other->remedy, finding->remedy) == 0 &&
		    is_before(findings, other, finding) &&
		    (!first || is_before(findings, other, first)))
			first = other;
	}
	return first;
}

/* Returns the number of columns used. */
static size_t print_subject(const struct finding *finding, FILE *out)
{
	struct printable printable;
	size_t columns;

	printable_init(&printable);
	columns = printable_print(&printable, finding->subject, strlen(finding->subject), out);
	printable_fini(&printable);
	return columns;
}

/* Each remedy is printed once; later findings with the same remedy refer to the first. */
static void print_finding(const struct findings *findings, const struct finding *finding,
                          bool unicode, FILE *out)
{
	const struct finding *same = find_same_remedy(findings, finding);
	const bool good = finding->verdict == GOOD;
	const char *mark = good ? "ok" : "NO";
	size_t columns;

	if (unicode)
		mark = good ? "✔" : "✘";
	fprintf(out, "  %s ", mark);
	columns = print_subject(finding, out);
	fputs(": ", out);
	wrap_print(out, finding->detail, columns + (unicode ? 6 : 7), "      ");
	if (!finding->remedy)
		return;
	fputs(unicode ? "      → " : "      -> ", out);
	if (same) {
		fputs("as for ", out);
		print_subject(same, out);
		fputc('\n', out);
	} else {
		wrap_print(out, finding->remedy, unicode ? 8 : 9,
		           unicode ? "        " : "         ");
	}
}

void findings_print_text(const struct findings *findings, bool unicode, FILE *out)
{
	for (size_t first = 0; first < findings->n; first++) {
		const struct finding *of_area = &findings->items[first];

		if (area_order(findings, of_area) != first)
			continue;
		fprintf(out, "%s\n", of_area->title);
		for (size_t i = first; i < findings->n; i++) {
			if (strcmp(findings->items[i].area, of_area->area) == 0)
				print_finding(findings, &findings->items[i], unicode, out);
		}
	}
	if (findings->failed)
		fputs("Something is missing here: out of memory.\n", out);
	fputs(findings_work(findings) ? "\nexec works here.\n"
	                              : "\nexec does not work here; see above for how to fix it.\n",
	      out);
}

/* ---- JSON ---- */

static void print_json_string(FILE *out, const char *text)
{
	const char *end = text + strlen(text);

	fputc('"', out);
	while (text < end) {
		char escape[JSON_ESCAPE_SIZE];
		const size_t taken = json_escape(text, (size_t)(end - text), escape);

		if (*escape)
			fputs(escape, out);
		else
			fwrite(text, 1, taken, out);
		text += taken;
	}
	fputc('"', out);
}

void findings_print_json(const struct findings *findings, FILE *out)
{
	fprintf(out, "{\n  \"works\": %s,\n  \"findings\": [",
	        findings_work(findings) ? "true" : "false");
	for (size_t i = 0; i < findings->n; i++) {
		const struct finding *finding = &findings->items[i];

		fprintf(out, "%s\n    {\"area\": \"%s\", \"verdict\": \"%s\", \"subject\": ",
		        i ? "," : "", finding->area, verdict_keys[finding->verdict]);
		print_json_string(out, finding->subject);
		fputs(", \"detail\": ", out);
		print_json_string(out, finding->detail);
		fputs(", \"remedy\": ", out);
		if (finding->remedy)
			print_json_string(out, finding->remedy);
		else
			fputs("null", out);
		fputc('}', out);
	}
	fputs("\n  ]\n}\n", out);
}
