/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/programs.h"

#include <errno.h>
#include <inttypes.h>
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
#include "linux/text_file.h"
#include "sources/perf/bpf/libbpf.h"
#include "sources/perf/bpf/light.h"
#include "sources/perf/bpf/loading.h"

#define BTF_PATH "/sys/kernel/btf/vmlinux"

/*
 * Memory is the main cost at start-up: each page is cleared and mapped. A CPU creates at most a few
 * processes in a millisecond, of some 400 bytes each, so that 64 KiB last for some 30 ms; after
 * that, ended tasks wait in the map.
 */
#define RING_BYTES_PER_CPU (64U * 1024)
#define RING_BYTES_MIN (512U * 1024)
#define RING_BYTES_MAX (16U * 1024 * 1024)
#define CPUS_MIN (RING_BYTES_MIN / RING_BYTES_PER_CPU)

/*
 * Tasks that are alive at once, and ended ones that wait for the agent. If entries are allocated on
 * demand, an unused one takes 16 bytes; else all are preallocated.
 */
#define TASKS_MAX 16384
#define TASKS_MAX_PER_CPU 512

/*
 * A watch of so many tasks may have to adopt them all at once. On demand, an interrupt allocates
 * entries, six at a time: 4 µs for each task in a virtual machine, four times as long as with
 * preallocated entries. For more tasks, the map would be too large for a watch of only a few.
 */
#define MANY_TASKS 1000
#define TOO_MANY_TASKS 16384

/*
 * Ended tasks that can wait while the agent does not run for seconds. If preallocated, each takes
 * 1.5 KiB from the start, accounted to the agent's cgroup, as do the 16 384 entries of the map of
 * tasks, which have room for them as well: the reserve is small then, and only for commands that
 * have shown that they create many tasks.
 */
#define RESERVE_MAX (256 * 1024)
#define RESERVE_PREALLOCATED (8 * 1024)
#define RESERVE_AFTER_RECORDS 1000

/* Most commands are shorter, and should not pay for a large map. */
#define RESERVE_AFTER_NS 50000000

/* Messages of libbpf, with the verifier's log: shown with -vv. */
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
 * Up to Linux 5.10, maps count as locked memory of the user, and creating one beyond the limit
 * fails with EPERM; libbpf raises the limit if it may. Since 5.11, the cgroup is charged for maps.
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

uint32_t programs_cpus_expected(uint32_t online, uint32_t possible)
{
	const uint32_t room = online < CPUS_MIN / 2 ? CPUS_MIN : 2 * online;

	return room < possible ? room : possible;
}

uint32_t programs_ring_bytes(uint32_t cpus_n)
{
	uint32_t bytes = RING_BYTES_MIN;

	while (bytes < RING_BYTES_MAX && bytes / RING_BYTES_PER_CPU < cpus_n)
		bytes *= 2;
	return bytes;
}

/* The number of threads on the machine, or 0 if unknown. */
static uint32_t threads_alive(void)
{
	char text[128];
	uint32_t n;

	if (text_file_read("", "proc/loadavg", text, sizeof(text)) ||
	    sscanf(text, "%*s %*s %*s %*u/%" SCNu32, &n) != 1)
		return 0;
	return n;
}

static void set_defaults(struct programs_request *request, uint32_t alive)
{
	uint32_t by_cpus;

	if (!request->cpus_expected)
		request->cpus_expected = request->cpus_n;
	by_cpus = request->cpus_expected * TASKS_MAX_PER_CPU;
	request->adopts_many = alive > MANY_TASKS && alive <= TOO_MANY_TASKS;
	if (!request->ring_bytes)
		request->ring_bytes = programs_ring_bytes(request->cpus_expected);
	if (!request->tasks_max)
		request->tasks_max =
			(maps_allocate_on_demand() && by_cpus > TASKS_MAX ? by_cpus : TASKS_MAX) +
			alive;
}

static bool loads_light(void)
{
	return kernel_has_light_skeleton() && !secure_getenv("ALUMET_LIBBPF_LOADER");
}

void programs_begin(const struct programs_request *asked, struct programs *programs)
{
	struct programs_request request = *asked;

	*programs = (struct programs){.skeleton = NULL};
	if (missing_capability() || !loads_light())
		return;
	set_defaults(&request, 0);
	privilege_raise();
	light_begin(&request, programs);
	privilege_lower();
}

void programs_configure(const struct programs_request *asked, struct programs *programs)
{
	struct programs_request request = *asked;

	if (!programs->skeleton)
		return;
	set_defaults(&request, 0);
	privilege_raise();
	light_configure(&request, programs);
	privilege_lower();
}

int programs_load(const struct programs_request *asked, struct programs *programs)
{
	const uint32_t alive = asked->watches ? threads_alive() : 0;
	struct programs_request request = *asked;
	int err = -ENOTSUP;

	set_defaults(&request, alive);
	libbpf_set_print(print_libbpf);
	/*
	 * Without capabilities the loaders would fail one after the other, slowly, and not name the
	 * cause.
	 */
	if (missing_capability()) {
		explain(-EPERM, "load the BPF programs");
		return -EPERM;
	}
	privilege_raise();
	if (loads_light())
		err = light_load(&request, programs);
	/*
	 * With too few descriptors, libbpf's feature probes fail, and its message names a wrong
	 * cause.
	 */
	if (err && err != -EMFILE) {
		log_debug("light skeleton: %s; loading with libbpf", strerror(-err));
		err = libbpf_load(&request, programs);
	}
	privilege_lower();
	if (err) {
		explain(err, "load the BPF programs");
		return err;
	}
	programs->adoptable_n = alive;
	return 0;
}

int programs_attach(struct programs *programs)
{
	int err;

	privilege_raise();
	if (!programs->is_light)
		loading_prepare_attaching();
	err = programs->is_light ? light_attach(programs) : libbpf_attach(programs);
	privilege_lower();
	if (err)
		explain(err, "attach the BPF programs to the scheduler's tracepoints");
	return err;
}

bool programs_need_reserve(bool on_demand, uint64_t ran_ns, uint64_t records_n)
{
	return ran_ns >= RESERVE_AFTER_NS && (on_demand || records_n >= RESERVE_AFTER_RECORDS);
}

int programs_add_reserve(struct programs *programs)
{
	bool on_demand = maps_allocate_on_demand();
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = on_demand ? BPF_F_NO_PREALLOC : 0);
	uint32_t slot = 0;
	int fd, err;

	privilege_raise();
	fd = bpf_map_create(BPF_MAP_TYPE_HASH, "reserve", sizeof(uint64_t),
	                    sizeof(struct task_record),
	                    on_demand ? RESERVE_MAX : RESERVE_PREALLOCATED, &options);
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
		explain(programs->demand_fd, "load the BPF program that updates running tasks");
	return programs->demand_fd;
}

void programs_detach(struct programs *programs)
{
	if (programs->is_light)
		light_detach(programs);
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
