/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whole resolutions, on machines that are laid out in a folder and kernels that are played. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>

#include "unit/event_support.h"

#include "sources/perf/event_resolve.h"

#define HARDWARE 0
#define SOFTWARE 1
#define CACHE 3
#define RAW 4

/* A kernel: what it refuses. Descriptors are numbers; all that are given out come back. */
struct kernel {
	int (*refuses)(const struct perf_event_attr *attr, int cpu, int group_fd);
	int n_open, n_opened, n_group;
};

static int play_open(void *data, const struct perf_event_attr *attr, int cpu, int group_fd)
{
	struct kernel *kernel = data;
	int err = kernel->refuses ? kernel->refuses(attr, cpu, group_fd) : 0;

	assert_int_equal(attr->size, sizeof(*attr));
	assert_int_equal(attr->inherit, 0);
	assert_int_equal(attr->sample_period, 0);
	assert_int_equal(attr->read_format, 3); /* both times, PERF_FORMAT_TOTAL_TIME_* */
	if (group_fd < 0)
		kernel->n_group = 0;
	if (err)
		return err;
	kernel->n_open++;
	kernel->n_group++;
	return ++kernel->n_opened;
}

static void play_close(void *data, int fd)
{
	((struct kernel *)data)->n_open--;
}

static struct machine machine;
static struct event_list list;

static int set_up(void **state)
{
	machine_new(&machine);
	machine_write(&machine, "sys/devices/system/cpu/online", "0-7\n");
	machine_write(&machine, "proc/sys/kernel/perf_event_paranoid", "2\n");
	return 0;
}

static int tear_down(void **state)
{
	events_free(&list);
	machine_free(&machine);
	return 0;
}

static int set_up_cpu(void **state)
{
	set_up(state);
	machine_pmu(&machine, "cpu", "type", "4\n");
	machine_pmu(&machine, "cpu", "format/event", "config:0-7\n");
	machine_pmu(&machine, "cpu", "format/umask", "config:8-15\n");
	machine_pmu(&machine, "cpu", "events/mem-loads", "event=0xcd,umask=0x1\n");
	machine_pmu(&machine, "msr", "type", "9\n");
	machine_pmu(&machine, "msr", "format/event", "config:0-63\n");
	machine_pmu(&machine, "msr", "events/tsc", "event=0x00\n");
	machine_pmu(&machine, "power", "type", "21\n");
	machine_pmu(&machine, "power", "cpumask", "0\n");
	machine_pmu(&machine, "power", "events/energy-pkg", "event=0x02\n");
	return 0;
}

static int set_up_hybrid(void **state)
{
	set_up(state);
	machine_pmu(&machine, "cpu_core", "type", "4\n");
	machine_pmu(&machine, "cpu_core", "cpus", "0-3\n");
	machine_pmu(&machine, "cpu_core", "format/event", "config:0-7\n");
	machine_pmu(&machine, "cpu_core", "events/slots", "event=0x00\n");
	machine_pmu(&machine, "cpu_atom", "type", "10\n");
	machine_pmu(&machine, "cpu_atom", "cpus", "4-7\n");
	machine_pmu(&machine, "cpu_atom", "format/event", "config:0-7\n");
	return 0;
}

static int set_up_big_little(void **state)
{
	set_up(state);
	machine_pmu(&machine, "armv8_cortex_a53", "type", "7\n");
	machine_pmu(&machine, "armv8_cortex_a53", "cpus", "0-3\n");
	machine_pmu(&machine, "armv8_cortex_a72", "type", "8\n");
	machine_pmu(&machine, "armv8_cortex_a72", "cpus", "4-7\n");
	return 0;
}

static int resolve_lists(const struct event_request *request, struct kernel *kernel)
{
	const struct event_prober prober = {.open = play_open, .close = play_close, .data = kernel};
	struct event_request here = *request;
	int err;

	events_free(&list);
	here.sysroot = machine.root;
	err = events_resolve_with(&here, &prober, &list);
	assert_int_equal(kernel->n_open, 0);
	if (err)
		assert_int_equal(list.n, 0);
	return err;
}

static int resolve_as(const char *text, enum event_naming naming, struct kernel *kernel)
{
	struct setting_list events = {0};
	struct event_request request = {.events = &events, .naming = naming};
	int err = events_split(text, &events);

	assert_int_equal(err, 0);
	err = resolve_lists(&request, kernel);
	for (size_t i = 0; i < events.n; i++)
		free(events.items[i].text);
	free(events.items);
	return err;
}

/* As -e would, on a machine that has everything. */
static void resolve(const char *text)
{
	struct kernel kernel = {0};

	assert_int_equal(resolve_as(text, NAMING_CLASSIC, &kernel), 0);
}

static void refused(const char *text, struct kernel *kernel, int expected, const char *words)
{
	struct kernel none = {0};
	struct said said;
	int err;

	said_begin(&said);
	err = resolve_as(text, NAMING_CLASSIC, kernel ? kernel : &none);
	said_end(&said);
	if (err != expected)
		fail_msg("\"%s\" gives %d: %s", text, err, said.text);
	assert_said(&said, words);
}

static void assert_metrics(const char *const *metrics, size_t n)
{
	assert_int_equal(list.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(list.events[i].metric, metrics[i]);
}

#define ASSERT_METRICS(...)                                                                        \
	assert_metrics((const char *const[]){__VA_ARGS__},                                         \
	               sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void assert_attr(size_t event, size_t instance, uint32_t type, uint64_t config)
{
	const struct perf_event_attr *attr;

	assert_true(event < list.n && instance < list.events[event].n_instances);
	attr = &list.events[event].instances[instance].attr;
	assert_int_equal(attr->type, type);
	assert_true(attr->config == config);
}

/* ---- where events count ---- */

static void assert_levels(size_t event, bool user, bool kernel, bool hv, bool guest, bool host)
{
	const struct perf_event_attr *attr = &list.events[event].instances[0].attr;

	assert_int_equal(attr->exclude_user, !user);
	assert_int_equal(attr->exclude_kernel, !kernel);
	assert_int_equal(attr->exclude_hv, !hv);
	assert_int_equal(attr->exclude_guest, !guest);
	assert_int_equal(attr->exclude_host, !host);
}

static void counts_user_space_unless_told_otherwise(void **state)
{
	resolve("cycles,LL_READ_MISS,r1a2,cpu/event=1/,mem-loads,page-faults,msr/tsc/");
	for (size_t i = 0; i < 5; i++)
		assert_levels(i, true, false, false, false, true);
	assert_levels(5, true, true, true, false, true);
	assert_levels(6, true, true, true, false, true);
}

static void obeys_modifiers_of_perf(void **state)
{
	resolve("cycles:u,instructions:k,branches:uk,branch-misses:ukh,cache-misses:H,bus-cycles:G,"
	        "cpu/event=1/k,page-faults:u,ref-cycles:I");
	assert_levels(0, true, false, false, false, true);
	assert_levels(1, false, true, false, true, true);
	assert_levels(2, true, true, false, false, true);
	assert_levels(3, true, true, true, false, true);
	assert_levels(4, true, true, true, false, true);
	assert_levels(5, true, true, true, true, false);
	assert_levels(6, false, true, false, true, true);
	assert_levels(7, true, false, false, false, true);
	assert_true(list.events[8].instances[0].attr.exclude_idle);
}

static void obeys_modifiers_of_alumet(void **state)
{
	resolve("INSTRUCTIONS#u:k,CPU_CYCLES#G,CACHE_MISSES#H,BUS_CYCLES#");
	assert_levels(0, true, true, false, false, true);
	assert_levels(1, true, false, false, true, false);
	assert_levels(2, true, false, false, false, true);
	assert_levels(3, true, false, false, false, true);
}

static void adds_a_groups_modifiers(void **state)
{
	resolve("{cycles:k,instructions,task-clock}:u");
	assert_levels(0, true, true, false, false, true);
	assert_levels(1, true, false, false, false, true);
	assert_int_equal(list.events[2].n_instances, 0);
}

static void leaves_what_the_kernel_keeps_without_perf_events(void **state)
{
	struct kernel kernel = {0};

	assert_int_equal(
		resolve_as("task-clock,CPU_CLOCK:uk,cs,migrations", NAMING_CLASSIC, &kernel), 0);
	assert_int_equal(kernel.n_opened, 0);
	assert_int_equal(list.events[0].origin, EVENT_FROM_CPU_TIME);
	assert_int_equal(list.events[1].origin, EVENT_FROM_CPU_TIME);
	assert_int_equal(list.events[2].origin, EVENT_FROM_CONTEXT_SWITCHES);
	assert_int_equal(list.events[3].origin, EVENT_FROM_CPU_MIGRATIONS);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(list.events[i].n_instances, 0);
	refused("cs:u", NULL, -EINVAL, "leave the modifier out");
}

/* ---- names ---- */

static void names_metrics_as_alumet_does(void **state)
{
	resolve("cycles,LLC-load-misses,branches,minor-faults,cs,task-clock,REF_CPU_CYCLES");
	ASSERT_METRICS("perf_hardware_CPU_CYCLES", "perf_cache_LL_READ_MISS",
	               "perf_hardware_BRANCH_INSTRUCTIONS", "perf_software_PAGE_FAULTS_MIN",
	               "perf_software_CONTEXT_SWITCHES", "perf_software_TASK_CLOCK",
	               "perf_hardware_REF_CPU_CYCLES");
	assert_string_equal(list.events[0].label, "cycles");
	assert_string_equal(list.events[0].text, "cycles");
	assert_true(list.events[0].by_name);
}

static void names_metrics_flat_when_asked(void **state)
{
	struct kernel kernel = {0};

	assert_int_equal(resolve_as("ref-cycles,LL_READ_MISS,page-faults,cycles,cycles:k",
	                            NAMING_FLAT, &kernel),
	                 0);
	ASSERT_METRICS("perf_ref_cpu_cycles", "perf_ll_read_miss", "perf_page_faults",
	               "perf_cpu_cycles", "perf_cpu_cycles_k");
}

static void names_other_events_by_their_text(void **state)
{
	resolve("r412e,r0x412e,cpu/event=0x2e,umask=0x41/,msr/tsc/,mem-loads,cpu/event=3/k,r1:u");
	ASSERT_METRICS("perf_r412e", "perf_r0x412e", "perf_cpu_event_0x2e_umask_0x41",
	               "perf_msr_tsc", "perf_mem_loads", "perf_cpu_event_3_k", "perf_r1_u");
}

static void keeps_modifiers_out_of_a_name_that_is_alone(void **state)
{
	resolve("INSTRUCTIONS#u:k,cycles:k,cpu/event=1/#k");
	ASSERT_METRICS("perf_hardware_INSTRUCTIONS", "perf_hardware_CPU_CYCLES",
	               "perf_cpu_event_1");
}

static void tells_the_same_event_apart_by_its_modifiers(void **state)
{
	resolve("cycles,cycles:k,CPU_CYCLES#u:k,instructions:k,instructions:u,r1#u,r1#k,r1:H");
	ASSERT_METRICS("perf_hardware_CPU_CYCLES", "perf_hardware_CPU_CYCLES_k",
	               "perf_hardware_CPU_CYCLES_uk", "perf_hardware_INSTRUCTIONS_k",
	               "perf_hardware_INSTRUCTIONS", "perf_r1", "perf_r1_k", "perf_r1_h");
}

static void takes_a_name_from_the_term(void **state)
{
	resolve("cpu/event=0x2e,name=LLC/,msr/tsc,name=time-stamp/,cpu/event=1,name=perf_x/");
	ASSERT_METRICS("perf_LLC", "perf_time_stamp", "perf_x");
	assert_string_equal(list.events[0].label, "LLC");
}

static int resolve_renamed(const char *text, const char *rename, struct kernel *kernel)
{
	struct setting_item item = {.text = (char *)text, .rename = (char *)rename};
	const struct setting_list events = {.items = &item, .n = 1, .is_set = true};
	const struct event_request request = {.events = &events};

	return resolve_lists(&request, kernel);
}

static void takes_a_name_from_the_configuration(void **state)
{
	struct kernel kernel = {0};
	struct said said;

	assert_int_equal(resolve_renamed("LL_READ_MISS", "llc_miss", &kernel), 0);
	ASSERT_METRICS("perf_llc_miss");
	assert_string_equal(list.events[0].label, "llc_miss");
	assert_int_equal(resolve_renamed("cpu/event=1,name=x/", "y", &kernel), 0);
	ASSERT_METRICS("perf_y");
	assert_int_equal(resolve_renamed("task-clock", "my time", &kernel), 0);
	ASSERT_METRICS("perf_my_time");
	assert_int_equal(resolve_renamed("task-clock", "-- x.y --", &kernel), 0);
	ASSERT_METRICS("perf_x_y");

	said_begin(&said);
	assert_int_equal(resolve_renamed("cycles,instructions", "x", &kernel), -EINVAL);
	assert_int_equal(resolve_renamed("cycles", "!", &kernel), -EINVAL);
	said_end(&said);
	assert_said(&said, "given to 2 events");
	assert_said(&said, "no letter or digit");
}

static void refuses_two_events_of_one_name(void **state)
{
	refused("cycles,CPU_CYCLES", NULL, -EINVAL, "rename");
	refused("cycles:k,cpu-cycles:k", NULL, -EINVAL, "perf_hardware_CPU_CYCLES_k");
	refused("cpu/event=1,name=x/,cpu/event=2,name=x/", NULL, -EINVAL, "perf_x");
}

/* ---- core types ---- */

static void opens_a_generic_event_on_every_core_type(void **state)
{
	const struct event *event;

	resolve("cycles,LLC-load-misses,r1a2,page-faults");
	event = &list.events[0];
	assert_int_equal(event->n_instances, 2);
	assert_string_equal(event->instances[0].pmu, "cpu_atom");
	assert_attr(0, 0, HARDWARE, 0xa00000000);
	assert_int_equal(event->instances[0].n_cpus, 4);
	assert_int_equal(event->instances[0].cpus[0], 4);
	assert_string_equal(event->instances[1].pmu, "cpu_core");
	assert_attr(0, 1, HARDWARE, 0x400000000);
	assert_int_equal(event->instances[1].cpus[3], 3);
	assert_attr(1, 0, CACHE, 0xa00010002);
	assert_attr(1, 1, CACHE, 0x400010002);
	assert_attr(2, 0, 10, 0x1a2);
	assert_attr(2, 1, 4, 0x1a2);
	assert_int_equal(list.events[3].n_instances, 1);
	assert_null(list.events[3].instances[0].cpus);
	assert_attr(3, 0, SOFTWARE, 2);
}

static void opens_a_pmus_event_on_its_own_cores(void **state)
{
	resolve("cpu_atom/event=0x3c/,cpu_core/cycles/,cpu/event=1/,slots");
	assert_int_equal(list.events[0].n_instances, 1);
	assert_attr(0, 0, 10, 0x3c);
	assert_int_equal(list.events[0].instances[0].cpus[0], 4);
	assert_attr(1, 0, HARDWARE, 0x400000000);
	assert_int_equal(list.events[2].n_instances, 2);
	assert_attr(2, 0, 10, 1);
	assert_attr(2, 1, 4, 1);
	assert_int_equal(list.events[3].n_instances, 1);
	assert_string_equal(list.events[3].instances[0].pmu, "cpu_core");
}

static int atom_has_no_nodes(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type == CACHE && cpu >= 4 ? -ENOENT : 0;
}

static void counts_where_it_can_and_says_where_not(void **state)
{
	struct kernel kernel = {.refuses = atom_has_no_nodes};
	struct said said;

	said_begin(&said);
	assert_int_equal(resolve_as("node-loads", NAMING_CLASSIC, &kernel), 0);
	said_end(&said);
	assert_int_equal(list.events[0].n_instances, 1);
	assert_string_equal(list.events[0].instances[0].pmu, "cpu_core");
	assert_said(&said, "cpu_atom");
}

/* Arm before 6.6: the CPU tells which PMU is meant, a number in config is refused. */
static int knows_no_pmu_numbers(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type <= CACHE && attr->config >> 32 ? -ENOENT : 0;
}

static void goes_without_the_pmus_number_on_older_arm_kernels(void **state)
{
	struct kernel kernel = {.refuses = knows_no_pmu_numbers};

	assert_int_equal(
		resolve_as("cycles,armv8_cortex_a53/config=0x11/", NAMING_CLASSIC, &kernel), 0);
	assert_int_equal(list.events[0].n_instances, 2);
	assert_attr(0, 0, HARDWARE, 0);
	assert_attr(0, 1, HARDWARE, 0);
	assert_int_equal(list.events[0].instances[1].cpus[0], 4);
	assert_attr(1, 0, 7, 0x11);
	assert_int_equal(list.events[1].n_instances, 1);
}

static void leaves_the_cpus_open_where_there_is_one_core_type(void **state)
{
	resolve("cycles,r1a2,cpu/event=1/,cpu/cycles/");
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(list.events[i].n_instances, 1);
		assert_null(list.events[i].instances[0].cpus);
	}
	assert_null(list.events[0].instances[0].pmu);
	assert_attr(0, 0, HARDWARE, 0);
	assert_attr(1, 0, RAW, 0x1a2);
	assert_string_equal(list.events[2].instances[0].pmu, "cpu");
	assert_attr(3, 0, HARDWARE, 0);
}

static int first_cpus_are_offline(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type != SOFTWARE && (cpu == 0 || cpu == 4) ? -ENODEV : 0;
}

static void opens_on_a_cpu_that_is_online(void **state)
{
	struct kernel kernel = {.refuses = first_cpus_are_offline};

	assert_int_equal(
		resolve_as("{cycles,instructions},cpu_atom/event=1/", NAMING_CLASSIC, &kernel), 0);
	assert_int_equal(list.events[0].n_instances, 2);
	assert_int_equal(list.events[0].instances[0].n_cpus, 4);
}

/* ---- what cannot be counted ---- */

static void refuses_what_counts_for_several_cpus(void **state)
{
	refused("power/energy-pkg/", NULL, -EOPNOTSUPP, "the plugin rapl measures energy");
	machine_pmu(&machine, "uncore_imc_0", "type", "30\n");
	machine_pmu(&machine, "uncore_imc_0", "cpumask", "0,4\n");
	refused("uncore_imc/event=1/", NULL, -EOPNOTSUPP, "belong to no process");
}

static void names_what_was_probably_meant(void **state)
{
	refused("cylces", NULL, -EINVAL, "did you mean cycles?");
	refused("LL_READ_MIS", NULL, -EINVAL, "did you mean LL_READ_MISS?");
	refused("mem-laods", NULL, -EINVAL, "did you mean mem-loads?");
	refused("mrs/tsc/", NULL, -ENOENT, "did you mean msr?");
	refused("msr/tcs/", NULL, -EINVAL, "did you mean tsc?");
	refused("cycles:x", NULL, -EINVAL, "is no modifier");
	refused("duration_time", NULL, -EINVAL, "perf's own clock");
	refused("rxyz", NULL, -EINVAL, "not known");
	refused("r11112222333344445", NULL, -EINVAL, "not known");
}

static int lacks_hardware(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type == SOFTWARE ? 0 : -ENOENT;
}

static void says_when_there_are_no_counters(void **state)
{
	struct kernel kernel = {.refuses = lacks_hardware};

	refused("page-faults,cycles", &kernel, -ENOENT, "no hardware counters");
}

static int denies(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return -EACCES;
}

static void says_what_is_not_permitted(void **state)
{
	struct kernel kernel = {.refuses = denies};
	const struct event_request request = {0};
	struct said said;

	refused("cycles", &kernel, -EACCES, "not permitted");
	/* Defaults are no exception: what helps is a right, not another event. */
	said_begin(&said);
	assert_int_equal(resolve_lists(&request, &kernel), -EACCES);
	said_end(&said);
	assert_said(&said, "not permitted");
}

static int has_no_levels(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	const bool excludes = attr->exclude_user || attr->exclude_kernel || attr->exclude_hv ||
	                      attr->exclude_guest;

	return attr->type == 9 && excludes ? -EINVAL : 0;
}

static void counts_everything_on_a_pmu_without_levels(void **state)
{
	struct kernel kernel = {.refuses = has_no_levels};

	assert_int_equal(resolve_as("msr/tsc/", NAMING_CLASSIC, &kernel), 0);
	assert_levels(0, true, true, true, true, true);
	refused("msr/tsc/u", &kernel, -EOPNOTSUPP, "without the modifier");
}

/* ---- defaults ---- */

static void counts_alumets_defaults(void **state)
{
	const struct event_request request = {0};
	struct kernel kernel = {0};

	assert_int_equal(resolve_lists(&request, &kernel), 0);
	ASSERT_METRICS("perf_hardware_REF_CPU_CYCLES", "perf_hardware_CACHE_MISSES",
	               "perf_hardware_BRANCH_MISSES", "perf_cache_LL_READ_MISS");
	assert_false(list.events[0].by_name);
}

static void falls_back_to_software_with_one_warning(void **state)
{
	const struct event_request request = {0};
	struct kernel kernel = {.refuses = lacks_hardware};
	struct said said;

	said_begin(&said);
	assert_int_equal(resolve_lists(&request, &kernel), 0);
	said_end(&said);
	ASSERT_METRICS("perf_software_TASK_CLOCK", "perf_software_PAGE_FAULTS",
	               "perf_software_CONTEXT_SWITCHES", "perf_software_CPU_MIGRATIONS");
	assert_said(&said, "REF_CPU_CYCLES, CACHE_MISSES, BRANCH_MISSES, LL_READ_MISS");
	assert_ptr_equal(strchr(said.text, '\n'), strrchr(said.text, '\n'));
}

static int lacks_ref_cycles(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return attr->type == HARDWARE && attr->config == 9 ? -EINVAL : 0;
}

static void goes_on_without_a_default_that_is_missing(void **state)
{
	const struct event_request request = {0};
	struct kernel kernel = {.refuses = lacks_ref_cycles};
	struct said said;

	said_begin(&said);
	assert_int_equal(resolve_lists(&request, &kernel), 0);
	said_end(&said);
	ASSERT_METRICS("perf_hardware_CACHE_MISSES", "perf_hardware_BRANCH_MISSES",
	               "perf_cache_LL_READ_MISS");
	assert_said(&said, "not counted: REF_CPU_CYCLES");
	refused("ref-cycles", &kernel, -EOPNOTSUPP, "cannot count it");
}

static void reads_alumets_three_lists(void **state)
{
	struct setting_item hardware = {.text = (char *)"INSTRUCTIONS"};
	struct setting_item software = {.text = (char *)"PAGE_FAULTS"};
	const struct setting_list hardware_events = {&hardware, 1, true};
	const struct setting_list software_events = {&software, 1, true};
	const struct setting_list empty = {NULL, 0, true}, unset = {0};
	const struct event_request all = {
		.events = &unset,
		.hardware_events = &hardware_events,
		.software_events = &software_events,
		.cache_events = &empty,
	};
	const struct event_request some = {.events = &unset, .hardware_events = &hardware_events};
	const struct event_request none = {.events = &empty};
	struct kernel kernel = {0};

	assert_int_equal(resolve_lists(&all, &kernel), 0);
	ASSERT_METRICS("perf_hardware_INSTRUCTIONS", "perf_software_PAGE_FAULTS");
	/* What is not set keeps its default. */
	assert_int_equal(resolve_lists(&some, &kernel), 0);
	ASSERT_METRICS("perf_hardware_INSTRUCTIONS", "perf_cache_LL_READ_MISS");
	assert_int_equal(resolve_lists(&none, &kernel), 0);
	assert_int_equal(list.n, 0);
}

/* ---- together ---- */

static int cannot_group(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	return group_fd >= 0 ? -EINVAL : 0;
}

static void counts_groups_together_or_not_at_all(void **state)
{
	struct kernel kernel = {.refuses = cannot_group};

	resolve("{cycles,instructions},{page-faults,task-clock,faults:u},branches");
	assert_int_equal(list.events[0].group, 0);
	assert_int_equal(list.events[1].group, 0);
	assert_int_equal(list.events[2].group, 1);
	assert_int_equal(list.events[3].group, 1);
	assert_int_equal(list.events[5].group, -1);
	refused("{cycles,instructions}", &kernel, -EINVAL, "cannot be counted together");
	/* One perf event, the other is the kernel's own: nothing to be opened together. */
	assert_int_equal(resolve_as("{cycles,task-clock}", NAMING_CLASSIC, &kernel), 0);
}

static void groups_on_each_core_type(void **state)
{
	resolve("{cycles,instructions}");
	refused("{cpu_core/cycles/,cpu_atom/cycles/}", NULL, -EINVAL, "different CPUs");
}

static int counters_taken;

static int has_four_counters(const struct perf_event_attr *attr, int cpu, int group_fd)
{
	if (attr->type == SOFTWARE)
		return 0;
	counters_taken = group_fd < 0 ? 1 : counters_taken + 1;
	return counters_taken > 4 ? -EINVAL : 0;
}

static void says_when_events_take_turns(void **state)
{
	struct kernel kernel = {.refuses = has_four_counters};
	struct said said;

	said_begin(&said);
	assert_int_equal(resolve_as("cycles,instructions,branches,branch-misses,page-faults",
	                            NAMING_CLASSIC, &kernel),
	                 0);
	said_end(&said);
	assert_string_equal(said.text, "");
	said_begin(&said);
	assert_int_equal(resolve_as("cycles,instructions,branches,branch-misses,cache-misses",
	                            NAMING_CLASSIC, &kernel),
	                 0);
	said_end(&said);
	assert_said(&said, "take turns");
}

static void takes_no_more_events_than_there_is_room_for(void **state)
{
	char text[EVENTS_MAX * 8 + 16] = "";

	for (int i = 0; i < EVENTS_MAX; i++)
		snprintf(text + strlen(text), 8, "%sr%x", i ? "," : "", i + 1);
	resolve(text);
	assert_int_equal(list.n, EVENTS_MAX);
	strcat(text, ",r999");
	refused(text, NULL, -E2BIG, "at most 32");
}

#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counts_user_space_unless_told_otherwise, set_up_cpu),
		TEST(obeys_modifiers_of_perf, set_up_cpu),
		TEST(obeys_modifiers_of_alumet, set_up_cpu),
		TEST(adds_a_groups_modifiers, set_up_cpu),
		TEST(leaves_what_the_kernel_keeps_without_perf_events, set_up_cpu),
		TEST(names_metrics_as_alumet_does, set_up_cpu),
		TEST(names_metrics_flat_when_asked, set_up_cpu),
		TEST(names_other_events_by_their_text, set_up_cpu),
		TEST(keeps_modifiers_out_of_a_name_that_is_alone, set_up_cpu),
		TEST(tells_the_same_event_apart_by_its_modifiers, set_up_cpu),
		TEST(takes_a_name_from_the_term, set_up_cpu),
		TEST(takes_a_name_from_the_configuration, set_up_cpu),
		TEST(refuses_two_events_of_one_name, set_up_cpu),
		TEST(opens_a_generic_event_on_every_core_type, set_up_hybrid),
		TEST(opens_a_pmus_event_on_its_own_cores, set_up_hybrid),
		TEST(counts_where_it_can_and_says_where_not, set_up_hybrid),
		TEST(goes_without_the_pmus_number_on_older_arm_kernels, set_up_big_little),
		TEST(leaves_the_cpus_open_where_there_is_one_core_type, set_up_cpu),
		TEST(opens_on_a_cpu_that_is_online, set_up_hybrid),
		TEST(refuses_what_counts_for_several_cpus, set_up_cpu),
		TEST(names_what_was_probably_meant, set_up_cpu),
		TEST(says_when_there_are_no_counters, set_up),
		TEST(says_what_is_not_permitted, set_up_cpu),
		TEST(counts_everything_on_a_pmu_without_levels, set_up_cpu),
		TEST(counts_alumets_defaults, set_up_cpu),
		TEST(falls_back_to_software_with_one_warning, set_up),
		TEST(goes_on_without_a_default_that_is_missing, set_up_cpu),
		TEST(reads_alumets_three_lists, set_up_cpu),
		TEST(counts_groups_together_or_not_at_all, set_up_cpu),
		TEST(groups_on_each_core_type, set_up_hybrid),
		TEST(says_when_events_take_turns, set_up_cpu),
		TEST(takes_no_more_events_than_there_is_room_for, set_up_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
