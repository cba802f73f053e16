/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "doctor/doctor_report.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/printable.h"
#include "core/utf8.h"
#include "core/wrap.h"

static const struct {
	const char *title;
	const char *key;
} areas[N_AREAS] = {
	[AREA_CONFIGURATION] = {"Configuration", "configuration"},
	[AREA_KERNEL] = {"Kernel", "kernel"},
	[AREA_PRIVILEGES] = {"Privileges", "privileges"},
	[AREA_BPF] = {"BPF", "bpf"},
	[AREA_EVENTS] = {"Events", "events"},
	[AREA_RAPL] = {"Energy (RAPL)", "rapl"},
	[AREA_OUTPUT] = {"Output", "output"},
	[AREA_MACHINE] = {"Machine", "machine"},
};

static const char *const verdict_keys[] = {
	[GOOD] = "good",
	[LACKING] = "lacking",
	[FATAL] = "fatal",
};

static void finding_fini(struct finding *finding)
{
	free(finding->subject);
	free(finding->detail);
	free(finding->remedy);
}

void report_add(struct report *report, enum report_area area, enum verdict verdict,
                const char *subject, const char *remedy, const char *detail, ...)
{
	struct finding *findings = reallocarray(report->findings, report->n + 1, sizeof(*findings));
	struct finding finding = {.area = area, .verdict = verdict, .subject = strdup(subject)};
	va_list args;

	va_start(args, detail);
	if (vasprintf(&finding.detail, detail, args) < 0)
		finding.detail = NULL;
	va_end(args);
	if (remedy)
		finding.remedy = strdup(remedy);

	if (findings)
		report->findings = findings;
	if (!findings || !finding.subject || !finding.detail || (remedy && !finding.remedy)) {
		finding_fini(&finding);
		report->failed = true;
		return;
	}
	findings[report->n++] = finding;
}

void report_free(struct report *report)
{
	for (size_t i = 0; i < report->n; i++)
		finding_fini(&report->findings[i]);
	free(report->findings);
	*report = (struct report){0};
}

size_t report_count(const struct report *report, enum report_area area, enum verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < report->n; i++)
		n += report->findings[i].area == area && report->findings[i].verdict == verdict;
	return n;
}

bool report_works(const struct report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		if (report->findings[i].verdict == FATAL)
			return false;
	}
	return !report->failed;
}

/* ---- text ---- */

/* Whether finding a is printed before finding b of the same report. */
static bool is_before(const struct finding *a, const struct finding *b)
{
	return a->area < b->area || (a->area == b->area && a < b);
}

/* The first one that is printed before this one and has the same remedy, or NULL. */
static const struct finding *find_same_remedy(const struct report *report,
                                              const struct finding *finding)
{
	const struct finding *first = NULL;

	for (size_t i = 0; finding->remedy && i < report->n; i++) {
		const struct finding *other = &report->findings[i];

		if (other->remedy && strcmp(other->remedy, finding->remedy) == 0 &&
		    is_before(other, finding) && (!first || is_before(other, first)))
			first = other;
	}
	return first;
}

/* Returns the columns that it takes. */
static size_t print_subject(const struct finding *finding, FILE *out)
{
	struct printable printable;
	size_t columns;

	printable_init(&printable);
	columns = printable_print(&printable, finding->subject, strlen(finding->subject), out);
	printable_fini(&printable);
	return columns;
}

/* A remedy stands there once; where it is needed again, a word refers to it. */
static void print_finding(const struct report *report, const struct finding *finding, bool unicode,
                          FILE *out)
{
	const struct finding *same = find_same_remedy(report, finding);
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

void report_print_text(const struct report *report, bool unicode, FILE *out)
{
	for (enum report_area area = 0; area < N_AREAS; area++) {
		bool titled = false;

		for (size_t i = 0; i < report->n; i++) {
			if (report->findings[i].area != area)
				continue;
			if (!titled)
				fprintf(out, "%s\n", areas[area].title);
			titled = true;
			print_finding(report, &report->findings[i], unicode, out);
		}
	}
	if (report->failed)
		fputs("Something is missing here: out of memory.\n", out);
	fputs(report_works(report) ? "\nexec works here.\n"
	                           : "\nexec does not work here; see above for what mends it.\n",
	      out);
}

/* ---- JSON ---- */

/* Control characters are escaped, those of C1 too: JSON may be looked at on a terminal. */
static void print_json_string(FILE *out, const char *text)
{
	uint32_t code;

	fputc('"', out);
	while (*text) {
		const size_t length = utf8_decode(text, &code);

		if (length == 0)
			fputs("\\ufffd", out);
		else if (code == '"' || code == '\\')
			fprintf(out, "\\%c", *text);
		else if (code == '\n')
			fputs("\\n", out);
		else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
			fprintf(out, "\\u%04" PRIx32, code);
		else
			fwrite(text, 1, length, out);
		text += length ? length : 1;
	}
	fputc('"', out);
}

void report_print_json(const struct report *report, FILE *out)
{
	fprintf(out, "{\n  \"works\": %s,\n  \"findings\": [",
	        report_works(report) ? "true" : "false");
	for (size_t i = 0; i < report->n; i++) {
		const struct finding *finding = &report->findings[i];

		fprintf(out, "%s\n    {\"area\": \"%s\", \"verdict\": \"%s\", \"subject\": ",
		        i ? "," : "", areas[finding->area].key, verdict_keys[finding->verdict]);
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
