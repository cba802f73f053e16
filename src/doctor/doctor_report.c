/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "doctor/doctor_report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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

/* A remedy stands there once; where it is needed again, a word refers to it. */
static void print_finding(const struct report *report, const struct finding *finding, bool unicode,
                          FILE *out)
{
	const struct finding *same = find_same_remedy(report, finding);
	const bool good = finding->verdict == GOOD;
	const char *mark = good ? "ok" : "NO";

	if (unicode)
		mark = good ? "✔" : "✘";
	fprintf(out, "  %s %s: ", mark, finding->subject);
	wrap_print(out, finding->detail, strlen(finding->subject) + (unicode ? 6 : 7), "      ");
	if (!finding->remedy)
		return;
	fputs(unicode ? "      → " : "      -> ", out);
	if (same)
		fprintf(out, "as for %s\n", same->subject);
	else
		wrap_print(out, finding->remedy, unicode ? 8 : 9,
		           unicode ? "        " : "         ");
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

/* Length of the well-formed UTF-8 character at s, or 0. */
static size_t utf8_length(const unsigned char *s)
{
	const size_t length = s[0] < 0x80         ? 1
	                      : (s[0] >> 5) == 6  ? 2
	                      : (s[0] >> 4) == 14 ? 3
	                      : (s[0] >> 3) == 30 ? 4
	                                          : 0;

	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	}
	return length;
}

static void print_json_string(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	fputc('"', out);
	while (*s) {
		const size_t length = utf8_length(s);

		if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if (*s == '\n')
			fputs("\\n", out);
		else if (*s < 0x20 || *s == 0x7f)
			fprintf(out, "\\u%04x", *s);
		else if (length == 0)
			fputs("\\ufffd", out);
		else
			fwrite(s, 1, length, out);
		s += length ? length : 1;
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
