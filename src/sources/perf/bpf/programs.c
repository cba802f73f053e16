/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/programs.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "linux/capability.h"
#include "linux/descriptors.h"
#include "linux/privilege.h"
#include "core/log.h"
#include "sources/perf/bpf/libbpf.h"
#include "sources/perf/bpf/light.h"
#include "sources/perf/bpf/loading.h"

#define BTF_PATH "/sys/kernel/btf/vmlinux"

/*
 * Memory is what costs at start-up: each page is cleared and mapped. A CPU makes at most a few lives
 * in a millisecond, of some 400 bytes each; in 64 KiB a CPU's go for some 30 ms, and they have the
 * map of tasks behind them.
 */
#define RING_BYTES_PER_CPU (64U * 1024)
#define RING_BYTES_MIN (512U * 1024)
#define RING_BYTES_MAX (16U * 1024 * 1024)

/*
 * Tasks alive at once, and ended ones that wait for the agent. Where entries are allocated as they
 * are needed, one that is not used takes 16 bytes; else all have their size from the start.
 */
#define TASKS_MAX 16384
#define TASKS_MAX_PER_CPU 512

/* Ended tasks that can wait while the agent does not come for seconds; else a tenth of it. */
#define RESERVE_MAX (256 * 1024)

/* libbpf's own messages: for those who ask with -vv, verifier log and all. */
static __attribute__((format(printf, 2, 0))) int print_libbpf(enum libbpf_print_level level,
                                                              const char *format, va_list args)
{
	char *message = NULL;

	if (level == LIBBPF_DEBUG || !log_is_shown(LOG_DEBUG))
		return 0;
	if (vasprintf(&message, format, args) < 0)
		return 0;
	log_debug("%s", message);
	free(message);
	return 0;
}

static const char *missing_capability(void)
{
	bool admin = capability_is_effective(CAP_SYS_ADMIN);

	if (!admin && !capability_is_effective(CAP_BPF))
		return capability_is_effective(CAP_PERFMON) ? "CAP_BPF" : "CAP_BPF and CAP_PERFMON";
	if (!admin && !capability_is_effective(CAP_PERFMON))
		return "CAP_PERFMON";
	return NULL;
}

/*
 * Up to Linux 5.10 a map is locked memory of its user, and creating one beyond the limit gives EPERM;
 * libbpf lifts the limit where it may. Since 5.11 a map is accounted to the cgroup.
 */
static bool is_locked_memory_short(int err, unsigned int version)
{
	struct rlimit limit;

	return err == -EPERM && version < LINUX_VERSION(5, 11) &&
	       !capability_is_effective(CAP_SYS_RESOURCE) && !getrlimit(RLIMIT_MEMLOCK, &limit) &&
	       limit.rlim_cur != RLIM_INFINITY;
}

static void explain(int err, const char *what)
{
	const char *missing = missing_capability();
	unsigned int version = kernel_version();
	char path[4096] = "alumet-agent";
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (length > 0)
		path[length] = '\0';
	if ((err == -EPERM || err == -EACCES) && !user_namespace_is_initial()) {
		log_error("cannot %s: " USER_NAMESPACE_REASON "\n" USER_NAMESPACE_REMEDY, what);
	} else if (err == -EMFILE) {
		descriptors_say_short(what);
	} else if (missing) {
		log_error("cannot %s: %s missing\n"
		          "grant it once with: sudo setcap cap_bpf,cap_perfmon=ep %s\n"
		          "or run as root",
		          what, missing, path);
	} else if (is_locked_memory_short(err, version)) {
		log_error("cannot %s: before Linux 5.11 they take locked memory, more than "
		          "'ulimit -l' allows\n"
		          "grant: sudo setcap cap_bpf,cap_perfmon,cap_sys_resource=ep %s\n"
		          "or let the user lock more (memlock in /etc/security/limits.conf)",
		          what, path);
	} else if (access(BTF_PATH, R_OK)) {
		log_error("cannot %s: no %s (%s)\n"
		          "the kernel must be built with CONFIG_DEBUG_INFO_BTF=y, as those of the "
		          "distributions are",
		          what, BTF_PATH, strerror(errno));
	} else if (version && version < LINUX_VERSION(5, 8)) {
		log_error("cannot %s: Linux 5.8 or newer is needed", what);
	} else if (err == -EPERM) {
		log_error("cannot %s: not permitted, although the capabilities are there: a "
		          "container's seccomp profile or a security module forbids bpf()\n"
		          "in a container: --security-opt seccomp=unconfined",
		          what);
	} else {
		log_error("cannot %s: %s%s", what, strerror(-err),
		          log_is_shown(LOG_DEBUG) ? "" : " (-vv shows the kernel's reasons)");
	}
}

uint32_t programs_ring_bytes(uint32_t cpus_n)
{
	uint32_t bytes = RING_BYTES_MIN;

	while (bytes < RING_BYTES_MAX && bytes / RING_BYTES_PER_CPU < cpus_n)
		bytes *= 2;
	return bytes;
}

static void set_defaults(struct programs_request *request)
{
	uint32_t by_cpus = request->cpus_n * TASKS_MAX_PER_CPU;

	if (!request->ring_bytes)
		request->ring_bytes = programs_ring_bytes(request->cpus_n);
	if (!request->tasks_max)
		request->tasks_max =
			maps_allocate_on_demand() && by_cpus > TASKS_MAX ? by_cpus : TASKS_MAX;
}

int programs_load(const struct programs_request *asked, struct programs *programs)
{
	struct programs_request request = *asked;
	int err = -ENOTSUP;

	set_defaults(&request);
	libbpf_set_print(print_libbpf);
	/* Without capabilities the loaders would fail one by one, slowly and in riddles. */
	if (missing_capability()) {
		explain(-EPERM, "load the BPF programs");
		return -EPERM;
	}
	privilege_raise();
	if (kernel_has_light_skeleton() && !secure_getenv("ALUMET_LIBBPF_LOADER"))
		err = light_load(&request, programs);
	/* With too few descriptors libbpf's own trials fail, and it blames what it tried. */
	if (err && err != -EMFILE) {
		log_debug("light skeleton: %s; loading with libbpf", strerror(-err));
		err = libbpf_load(&request, programs);
	}
	privilege_lower();
	if (err) {
		explain(err, "load the BPF programs");
		return err;
	}
	return 0;
}

int programs_attach(struct programs *programs)
{
	int err;

	privilege_raise();
	err = programs->is_light ? light_attach(programs) : libbpf_attach(programs);
	privilege_lower();
	if (err)
		explain(err, "attach the BPF programs to the scheduler's tracepoints");
	return err;
}

int programs_add_reserve(struct programs *programs)
{
	bool on_demand = maps_allocate_on_demand();
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = on_demand ? BPF_F_NO_PREALLOC : 0);
	uint32_t slot = 0;
	int fd, err;

	privilege_raise();
	fd = bpf_map_create(BPF_MAP_TYPE_HASH, "reserve", sizeof(uint64_t),
	                    sizeof(struct task_record), on_demand ? RESERVE_MAX : RESERVE_MAX / 10,
	                    &options);
	err = fd < 0 ? fd : bpf_map_update_elem(programs->reserves_fd, &slot, &fd, BPF_ANY);
	privilege_lower();
	if (!err)
		programs->reserve_fd = fd;
	else if (fd >= 0)
		close(fd);
	return err;
}

int programs_demand_fd(struct programs *programs)
{
	if (programs->demand_fd)
		return programs->demand_fd;
	programs->demand_fd = light_load_demand(programs);
	if (programs->demand_fd < 0)
		explain(programs->demand_fd, "load the BPF program that looks at running tasks");
	return programs->demand_fd;
}

void programs_unload(struct programs *programs)
{
	if (!programs->skeleton)
		return;
	if (programs->reserve_fd >= 0)
		close(programs->reserve_fd);
	if (programs->is_light)
		light_unload(programs);
	else
		libbpf_unload(programs);
	programs->skeleton = NULL;
}
