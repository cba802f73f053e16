/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The doctor tries what exec will do in the kernel, and undoes it. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/doctor_checks.h"
#include "linux/privilege.h"
#include "sources/perf/bpf/programs.h"
#include "sources/perf/settings.h"

/* The capabilities are there. */
#define FORBIDDEN                                                                                  \
	"a seccomp filter or security module forbids bpf(); in a container start it with "         \
	"--security-opt seccomp=unconfined"

static uint32_t ring_bytes(const struct examination *examination)
{
	const struct plugin_config *perf = doctor_plugin(examination, "perf");
	const struct perf_settings *settings = perf ? perf->settings : NULL;

	if (settings && settings->ring_size)
		return (uint32_t)settings->ring_size;
	return programs_ring_bytes((uint32_t)sysconf(_SC_NPROCESSORS_CONF));
}

static void check_ring(struct examination *examination)
{
	const uint32_t bytes = ring_bytes(examination);
	int fd;

	privilege_raise();
	fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "doctor", 0, 0, bytes, NULL);
	privilege_lower();
	if (fd >= 0) {
		report_add(examination->report, AREA_BPF, GOOD, "ring buffer", NULL, "%u KiB",
		           bytes >> 10);
		close(fd);
		return;
	}
	report_add(examination->report, AREA_BPF, examination->no_bpf, "ring buffer",
	           fd == -EPERM && !examination->may_bpf ? examination->remedy
	           : fd == -EPERM  ? FORBIDDEN "; before Linux 5.11: ulimit -l unlimited"
	           : fd == -EINVAL ? "set ring_size in [plugins.perf] to a power of two"
	                           : "free memory, or set a smaller ring_size in [plugins.perf]",
	           "of %u KiB cannot be made: %s", bytes >> 10, strerror(-fd));
}

static const char *programs_remedy(const struct examination *examination, int err)
{
	if (!examination->may_bpf)
		return examination->remedy;
	if (err == -EPERM)
		return FORBIDDEN;
	return "see the reason; alumet-agent -vv exec true shows the kernel's own";
}

static void check_programs(struct examination *examination)
{
	const struct programs_request request = {
		.counters_n = 1,
		.cpus_n = (uint32_t)sysconf(_SC_NPROCESSORS_CONF),
		.ring_bytes = ring_bytes(examination),
	};
	struct programs programs = {0};
	struct said said;
	const char *what;
	char *text;
	int err;

	doctor_said_begin(&said);
	err = programs_load(&request, &programs);
	what = err ? "load" : "attach";
	if (!err)
		err = programs_attach(&programs);
	text = doctor_said_end(&said);
	/* What it advises to do is what the remedy says. */
	if (text && !examination->may_bpf)
		text[strcspn(text, "\n")] = '\0';
	if (err)
		report_add(examination->report, AREA_BPF, examination->no_bpf, "programs",
		           programs_remedy(examination, err), "cannot be %sed: %s", what,
		           text && *text ? text : strerror(-err));
	else
		report_add(examination->report, AREA_BPF, GOOD, "programs", NULL,
		           "loaded and attached%s",
		           programs.is_light ? ", by the light loader" : ", by libbpf");
	programs_unload(&programs);
	free(text);
}

void doctor_check_bpf(struct examination *examination)
{
	check_ring(examination);
	check_programs(examination);
}
