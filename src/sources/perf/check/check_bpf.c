/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tries what exec does in the kernel, and undoes it. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log_capture.h"
#include "linux/privilege.h"
#include "sources/perf/bpf/programs.h"
#include "sources/perf/check/check_parts.h"

/* For -EPERM although the capabilities are there. */
#define FORBIDDEN                                                                                  \
	"a seccomp filter or security module forbids bpf(); in a container start it with "         \
	"--security-opt seccomp=unconfined"

static uint32_t ring_bytes(const struct perf_check *perf)
{
	if (perf->settings->ring_size)
		return (uint32_t)perf->settings->ring_size;
	return programs_ring_bytes(programs_cpus_expected((uint32_t)sysconf(_SC_NPROCESSORS_ONLN),
	                                                  (uint32_t)sysconf(_SC_NPROCESSORS_CONF)));
}

static void check_ring(struct perf_check *perf)
{
	const uint32_t bytes = ring_bytes(perf);
	int fd;

	privilege_raise();
	fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "doctor", 0, 0, bytes, NULL);
	privilege_lower();
	if (fd >= 0) {
		check_add(perf->check, GOOD, "ring buffer", NULL, "%u KiB", bytes >> 10);
		close(fd);
		return;
	}
	perf_check_obstacle(perf, "ring buffer",
	                    fd == -EPERM && !perf->may_bpf ? perf->remedy
	                    : fd == -EPERM ? FORBIDDEN "; before Linux 5.11: ulimit -l unlimited"
	                    : fd == -EINVAL
	                            ? "set ring_size in [plugins.perf] to a power of two"
	                            : "free memory, or set a smaller ring_size in [plugins.perf]",
	                    "of %u KiB cannot be made: %s", bytes >> 10, strerror(-fd));
}

static const char *programs_remedy(const struct perf_check *perf, int err)
{
	if (!perf->may_bpf)
		return perf->remedy;
	if (err == -EPERM)
		return FORBIDDEN;
	return "see the reason; alumet-agent -vv exec true shows the kernel's own";
}

static void check_programs(struct perf_check *perf)
{
	const struct programs_request request = {
		.counters_n = 1,
		.cpus_n = (uint32_t)sysconf(_SC_NPROCESSORS_CONF),
		.ring_bytes = ring_bytes(perf),
	};
	struct programs programs = {0};
	struct log_capture capture;
	const char *what;
	char *text;
	int err;

	log_capture_begin(&capture, !perf->may_bpf); /* the remedy has its advice */
	err = programs_load(&request, &programs);
	what = err ? "load" : "attach";
	if (!err)
		err = programs_attach(&programs);
	text = log_capture_end(&capture);
	if (err)
		perf_check_obstacle(perf, "programs", programs_remedy(perf, err),
		                    "cannot be %sed: %s", what,
		                    text && *text ? text : strerror(-err));
	else
		check_add(perf->check, GOOD, "programs", NULL, "loaded and attached%s",
		          programs.is_light ? ", by the light loader" : ", by libbpf");
	programs_unload(&programs);
	free(text);
}

void perf_check_bpf(struct perf_check *perf)
{
	check_area(perf->check, "bpf", "BPF");
	check_ring(perf);
	check_programs(perf);
}
