/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Another machine, laid out in a folder, and what the checks find there. */
#ifndef TESTS_UNIT_CHECKS_SUPPORT_H
#define TESTS_UNIT_CHECKS_SUPPORT_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/findings.h"
#include "linux/permission.h"
#include "sources/perf/check/check_parts.h"
#include "sources/rapl/rapl.h"

/* Another machine, laid out in a folder, and what the plugins' checks find there. */
struct laid_out {
	char root[32];
	struct findings findings;
	struct check check;
	struct perf_settings perf_settings;
	struct rapl_settings rapl_settings;
	struct perf_check perf;
};

static inline int set_up(void **state)
{
	struct laid_out *l = calloc(1, sizeof(*l));

	strcpy(l->root, "/tmp/alumet-doctor.XXXXXX");
	if (!mkdtemp(l->root))
		return -1;
	l->check = (struct check){.sysroot = l->root, .enabled = true, .findings = &l->findings};
	l->perf = (struct perf_check){
		.check = &l->check,
		.settings = &l->perf_settings,
		.may_bpf = permission_for_bpf(),
		.may_perf = permission_for_perf(),
	};
	*state = l;
	return 0;
}

static inline int remove_entry(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline int tear_down(void **state)
{
	struct laid_out *l = *state;

	findings_free(&l->findings);
	nftw(l->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(l);
	return 0;
}

/* Make a file with its folders; text NULL: the last part is a folder. */
static inline void lay_out(struct laid_out *l, const char *path, const char *text)
{
	char whole[512];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s/%s", l->root, path);
	for (char *slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	if (!text) {
		mkdir(whole, 0755);
		return;
	}
	file = fopen(whole, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static inline const struct finding *find(const struct laid_out *l, const char *subject)
{
	for (size_t i = 0; i < l->findings.n; i++) {
		if (strcmp(l->findings.items[i].subject, subject) == 0)
			return &l->findings.items[i];
	}
	return NULL;
}

/* The verdict on a subject, whose detail has the phrase; each but GOOD comes with a remedy. */
static void found(const struct laid_out *l, const char *subject, enum verdict verdict,
                  const char *phrase)
{
	const struct finding *finding = find(l, subject);

	if (!finding)
		fail_msg("nothing found about %s", subject);
	assert_int_equal(finding->verdict, verdict);
	if (!strstr(finding->detail, phrase))
		fail_msg("%s: no \"%s\" in: %s", subject, phrase, finding->detail);
	if (verdict == GOOD)
		assert_null(finding->remedy);
	else
		assert_true(strlen(finding->remedy) > 0);
}

#endif
