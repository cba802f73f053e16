/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/bpf/programs.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "linux/capability.h"
#include "linux/descriptors.h"
#include "linux/privilege.h"
#include "core/log.h"
#include "sources/perf/bpf/light_loader.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wcast-qual"
#include <bpf/skel_internal.h>
/* Put in the place of the skeletons' own functions. */
static int run_loader(struct bpf_load_and_run_opts *opts);
static void *alloc_light(size_t size);
#define bpf_load_and_run run_loader
#define skel_alloc alloc_light
#include "alumet.light.h"
#include "alumet.skel.h"
#undef bpf_load_and_run
#undef skel_alloc
#pragma GCC diagnostic pop

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

static unsigned int kernel_version(void)
{
	struct utsname name;
	unsigned int major = 0, minor = 0;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return (major << 16) | (minor << 8);
}

static bool is_preempt_rt(void)
{
	struct utsname name;

	return !uname(&name) && strstr(name.version, "PREEMPT_RT");
}

/*
 * bpf_map_update_elem() may allocate in the scheduler's path since the BPF memory allocator of
 * Linux 6.1 (commit 7c8199e24fa0); before, every entry must exist from the start. So it must with
 * PREEMPT_RT: there the allocator's few free elements are made good by a thread (irq_work_raise() in
 * kernel/bpf/memalloc.c), and tasks that are created before it has its turn would be refused with
 * -ENOMEM: 62 to 117 of 1000 forks on Linux 7.2.
 */
static bool can_allocate_on_demand(void)
{
	return kernel_version() >= ((6U << 16) | (1U << 8)) && !is_preempt_rt();
}

/* Programs of raw tracepoints may be preempted: see bpf/exec.bpf.c. */
static bool can_preempt_programs(void)
{
	return kernel_version() >= (7U << 16) && is_preempt_rt();
}

/* Its system calls came with 5.17; it is tested from 6.1 on. */
static bool has_light_skeleton(void)
{
	return kernel_version() >= ((6U << 16) | (1U << 8));
}

/*
 * Some programs are there in two kinds, because the verifier's time goes with their length: for agents in
 * the initial pid namespace or in another, for runs with weights or without, for users who may observe
 * every program or not. One more is of use only where programs can be preempted.
 */
static bool is_needed(const struct run_config *config, const char *program)
{
	const struct {
		const char *program;
		bool is_needed;
	} choices[] = {
		{"on_arm", !config->nested},           {"on_arm_ns", config->nested},
		{"on_newtask", !config->nested},       {"on_newtask_ns", config->nested},
		{"on_switch", !config->weights_n},     {"on_switch_weigh", config->weights_n},
		{"on_exec", !config->restricted},      {"on_exec_rights", config->restricted},
		{"on_exec_again", config->exec_twice},
	};
	size_t i;

	for (i = 0; i < sizeof(choices) / sizeof(*choices); i++) {
		if (strcmp(program, choices[i].program) == 0)
			return choices[i].is_needed;
	}
	return true;
}

static uint32_t at_least_one(uint32_t n)
{
	return n ? n : 1;
}

/* --- the light skeleton ------------------------------------------------------------------------ */

/*
 * A program that is loaded when it is needed: the command that loads it, what that points to, and the
 * type information, which the loader closes.
 */
struct waiting_load {
	union bpf_attr attr;
	void *data; /* NULL: nothing waits */
	uint32_t size;
	int btf_fd;
};

struct light {
	struct alumet_light skeleton; /* first: the generated functions take it for the whole */
	struct waiting_load demand;
};

static void *alloc_light(size_t size)
{
	(void)size;
	return calloc(1, sizeof(struct light));
}

static bool let_wait(struct waiting_load *load, const union bpf_attr *attr, uint32_t size)
{
	if (size > sizeof(load->attr))
		return false;
	load->btf_fd = fcntl((int)attr->prog_btf_fd, F_DUPFD_CLOEXEC, 0);
	if (load->btf_fd < 0)
		return false;
	memcpy(&load->attr, attr, size);
	load->size = size;
	load->attr.prog_btf_fd = (__u32)load->btf_fd;
	return true;
}

static void stop_waiting(struct waiting_load *load)
{
	if (!load->data)
		return;
	close(load->btf_fd);
	free(load->data);
	load->data = NULL;
}

/*
 * What the light skeleton has built in, as this kernel and this run need it: maps that have every entry
 * from the start; the programs that are needed, without the lines of their source, which only the
 * verifier's log has a use for: for each instruction that is removed the kernel goes through all of them.
 */
static bool adjust(void *context, int command, union bpf_attr *attr, uint32_t size, int *result)
{
	struct light *light = context;

	*result = 0;
	if (command == BPF_MAP_CREATE && !can_allocate_on_demand())
		attr->map_flags &= ~(__u32)BPF_F_NO_PREALLOC;
	if (command != BPF_PROG_LOAD)
		return false;
	attr->line_info_cnt = 0;
	if (!is_needed(&light->skeleton.rodata->config, attr->prog_name))
		return true;
	return strcmp(attr->prog_name, "on_demand") == 0 && let_wait(&light->demand, attr, size);
}

/* Here if that can be, else in the kernel, as it is meant to, with the maps as they are. */
static int run_loader(struct bpf_load_and_run_opts *opts)
{
	struct light *light = (struct light *)opts->ctx;
	void *data = malloc(opts->data_sz);
	int err;

	if (!data)
		return -ENOMEM;
	memcpy(data, opts->data, opts->data_sz);
	err = light_loader_run_adjusted(opts->insns, opts->insns_sz / sizeof(struct bpf_insn), data,
	                                opts->data_sz, light, adjust);
	if (light->demand.btf_fd > 0)
		light->demand.data = data;
	else
		free(data);
	if (err == -ENOTSUP && can_allocate_on_demand())
		return bpf_load_and_run(opts);
	return err;
}

static void destroy_light(struct light *light)
{
	stop_waiting(&light->demand);
	alumet_light__destroy(&light->skeleton);
}

/* What of the programs' constants both loaders set alike. */
static struct run_config run_config(const struct programs_request *request)
{
	struct run_config config = {
		.counters_n = request->counters_n,
		.sparse = request->sparse,
		.page_size = (uint32_t)sysconf(_SC_PAGESIZE),
		.slots_n = programs_slots(request),
		.weights_n = request->weights_n,
		.groups_n = request->groups_n,
		.restricted = request->restricted,
		.cpus_n = request->cpus_n,
		.exec_twice = can_preempt_programs(),
		.nested = !pid_namespace_is_initial(),
		.ring_wake = request->ring_bytes / 4,
	};
	uint32_t i;

	for (i = 0; i < request->weights_n; i++) {
		config.weights[i] = request->weights[i];
		config.times_run |= request->weights[i].counters_n == 0;
	}
	return config;
}

/* One for each CPU and program at an exec. */
static uint32_t scratches_n(const struct programs_request *request)
{
	return can_preempt_programs() ? 2 * request->cpus_n : request->cpus_n;
}

static int load_light(const struct programs_request *request, struct programs *programs)
{
	struct alumet_light *light = alumet_light__open();
	int err;

	if (!light)
		return -ENOMEM;
	light->rodata->config = run_config(request);
	light->rodata->config.direct = true;
	light->maps.tasks.max_entries = request->tasks_max;
	light->maps.ring.max_entries = request->ring_bytes;
	light->maps.events.max_entries = at_least_one(request->cpus_n * request->counters_n);
	light->maps.cpus.max_entries = request->cpus_n;
	light->maps.scratches.max_entries = scratches_n(request);
	err = alumet_light__load(light);
	if (err) {
		destroy_light((struct light *)light);
		return err < 0 ? err : -err;
	}
	*programs = (struct programs){
		.skeleton = light,
		.is_light = true,
		.tasks_fd = light->maps.tasks.map_fd,
		.reserves_fd = light->maps.reserves.map_fd,
		.reserve_fd = -1,
		.ring_fd = light->maps.ring.map_fd,
		.events_fd = light->maps.events.map_fd,
		.cpus_fd = light->maps.cpus.map_fd,
		.arm_fd = light->rodata->config.nested ? light->progs.on_arm_ns.prog_fd
	                                               : light->progs.on_arm.prog_fd,
		.demand_fd = light->progs.on_demand.prog_fd,
		.run = &light->bss->run,
	};
	return 0;
}

/* The new task's last: before it nothing is tracked. */
static int attach_light(struct alumet_light *light)
{
	const struct {
		const char *program;
		int (*attach)(struct alumet_light *light);
	} programs[] = {
		{"on_switch", alumet_light__on_switch__attach},
		{"on_switch_weigh", alumet_light__on_switch_weigh__attach},
		{"on_exec", alumet_light__on_exec__attach},
		{"on_exec_rights", alumet_light__on_exec_rights__attach},
		{"on_exec_again", alumet_light__on_exec_again__attach},
		{"on_newtask", alumet_light__on_newtask__attach},
		{"on_newtask_ns", alumet_light__on_newtask_ns__attach},
	};
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		if (is_needed(&light->rodata->config, programs[i].program) &&
		    programs[i].attach(light) < 0)
			return -errno;
	}
	return 0;
}

/* --- libbpf's skeleton ------------------------------------------------------------------------- */

static void configure(struct alumet_bpf *bpf, const struct programs_request *request)
{
	struct bpf_program *program;

	bpf->rodata->config = run_config(request);
	bpf->rodata->config.direct = kernel_version() >= ((5U << 16) | (11U << 8));
	bpf_map__set_max_entries(bpf->maps.tasks, request->tasks_max);
	bpf_map__set_max_entries(bpf->maps.ring, request->ring_bytes);
	bpf_map__set_max_entries(bpf->maps.events,
	                         at_least_one(request->cpus_n * request->counters_n));
	bpf_map__set_max_entries(bpf->maps.cpus, request->cpus_n);
	bpf_map__set_max_entries(bpf->maps.scratches, scratches_n(request));
	bpf_object__for_each_program(program, bpf->obj) bpf_program__set_autoload(
		program, is_needed(&bpf->rodata->config, bpf_program__name(program)));
	if (!can_allocate_on_demand()) {
		bpf_map__set_map_flags(bpf->maps.tasks, 0);
		bpf_map__set_map_flags(bpf_map__inner_map(bpf->maps.reserves), 0);
	}
}

static int load_libbpf(const struct programs_request *request, struct programs *programs)
{
	/*
	 * Given the path of the kernel's types, libbpf does not search those of the modules for a
	 * type that this kernel lacks: listing them takes CAP_SYS_ADMIN (BPF_BTF_GET_NEXT_ID).
	 */
	LIBBPF_OPTS(bpf_object_open_opts, options, .btf_custom_path = "/sys/kernel/btf/vmlinux");
	struct alumet_bpf *bpf = alumet_bpf__open_opts(&options);
	int err;

	if (!bpf)
		return -errno;
	configure(bpf, request);
	err = alumet_bpf__load(bpf);
	if (err) {
		alumet_bpf__destroy(bpf);
		return err;
	}
	*programs = (struct programs){
		.skeleton = bpf,
		.tasks_fd = bpf_map__fd(bpf->maps.tasks),
		.reserves_fd = bpf_map__fd(bpf->maps.reserves),
		.reserve_fd = -1,
		.ring_fd = bpf_map__fd(bpf->maps.ring),
		.events_fd = bpf_map__fd(bpf->maps.events),
		.cpus_fd = bpf_map__fd(bpf->maps.cpus),
		.arm_fd = bpf_program__fd(bpf->rodata->config.nested ? bpf->progs.on_arm_ns
	                                                             : bpf->progs.on_arm),
		.demand_fd = bpf_program__fd(bpf->progs.on_demand),
		.run = &bpf->bss->run,
	};
	return 0;
}

static int attach_libbpf(struct alumet_bpf *bpf)
{
	const struct {
		const struct bpf_program *program;
		struct bpf_link **link;
	} programs[] = {
		{bpf->progs.on_switch, &bpf->links.on_switch},
		{bpf->progs.on_switch_weigh, &bpf->links.on_switch_weigh},
		{bpf->progs.on_exec, &bpf->links.on_exec},
		{bpf->progs.on_exec_rights, &bpf->links.on_exec_rights},
		{bpf->progs.on_exec_again, &bpf->links.on_exec_again},
		{bpf->progs.on_newtask, &bpf->links.on_newtask},
		{bpf->progs.on_newtask_ns, &bpf->links.on_newtask_ns},
	};
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		if (!bpf_program__autoload(programs[i].program))
			continue;
		*programs[i].link = bpf_program__attach(programs[i].program);
		if (!*programs[i].link)
			return -errno;
	}
	return 0;
}

/* --- both -------------------------------------------------------------------------------------- */

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

	return err == -EPERM && version < ((5U << 16) | (11U << 8)) &&
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
	} else if (version && version < ((5U << 16) | (8U << 8))) {
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
			can_allocate_on_demand() && by_cpus > TASKS_MAX ? by_cpus : TASKS_MAX;
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
	if (has_light_skeleton() && !secure_getenv("ALUMET_LIBBPF_LOADER"))
		err = load_light(&request, programs);
	/* With too few descriptors libbpf's own trials fail, and it blames what it tried. */
	if (err && err != -EMFILE) {
		log_debug("light skeleton: %s; loading with libbpf", strerror(-err));
		err = load_libbpf(&request, programs);
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
	err = programs->is_light ? attach_light(programs->skeleton)
	                         : attach_libbpf(programs->skeleton);
	privilege_lower();
	if (err)
		explain(err, "attach the BPF programs to the scheduler's tracepoints");
	return err;
}

int programs_add_reserve(struct programs *programs)
{
	bool on_demand = can_allocate_on_demand();
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
	struct light *light = programs->skeleton;
	int fd;

	if (programs->demand_fd || !programs->is_light)
		return programs->demand_fd;
	fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &light->demand.attr, light->demand.size);
	if (fd < 0) {
		programs->demand_fd = -errno;
		explain(programs->demand_fd, "load the BPF program that looks at running tasks");
		return programs->demand_fd;
	}
	light->skeleton.progs.on_demand.prog_fd = fd; /* which closes it */
	programs->demand_fd = fd;
	stop_waiting(&light->demand);
	return fd;
}

void programs_unload(struct programs *programs)
{
	if (!programs->skeleton)
		return;
	if (programs->reserve_fd >= 0)
		close(programs->reserve_fd);
	if (programs->is_light)
		destroy_light(programs->skeleton);
	else
		alumet_bpf__destroy(programs->skeleton);
	programs->skeleton = NULL;
}
