/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Energy by powercap: the file energy_uj of each zone, kept open and read again at offset 0. It
 * counts microjoules and wraps after the zone's max_energy_range_uj, which is the largest value.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/privilege.h"
#include "sources/rapl/backend.h"
#include "sources/rapl/powercap_zone.h"

#define MICROJOULES_PER_JOULE 1e6

/* 2^64 has 20 digits; a newline, and one more to see that nothing follows. */
#define COUNT_SIZE 24

/* The file of a domain's counter. */
struct counter_file {
	int fd; /* -1 once it is gone */
	char *path;
};

struct powercap_backend {
	struct rapl_backend base;
	int root;
	struct counter_file *files; /* of each domain */
};

static void close_powercap(struct rapl_backend *backend)
{
	struct powercap_backend *powercap = (struct powercap_backend *)backend;

	if (!powercap)
		return;
	for (size_t i = 0; i < powercap->base.n_domains; i++) {
		if (powercap->files[i].fd >= 0)
			close(powercap->files[i].fd);
		free(powercap->files[i].path);
	}
	free(powercap->files);
	free(powercap->base.domains);
	free(powercap);
}

/* Decimal digits and at most a newline. Returns 0 or -EBADMSG. */
static int parse_count(const char *text, size_t length, uint64_t *count)
{
	uint64_t value = 0;

	if (length > 0 && text[length - 1] == '\n')
		length--;
	if (length == 0)
		return -EBADMSG;
	for (size_t i = 0; i < length; i++) {
		unsigned int digit = (unsigned int)(unsigned char)text[i] - '0';

		if (digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return -EBADMSG;
	}
	*count = value;
	return 0;
}

static int read_count(int fd, uint64_t *count)
{
	char text[COUNT_SIZE];
	ssize_t length = pread(fd, text, sizeof(text), 0);

	return length < 0 ? -errno : parse_count(text, (size_t)length, count);
}

/*
 * sysfs returns ENODEV once a zone is gone; a file descriptor on an ordinary file system stays
 * valid, and reads the same value forever.
 */
static bool is_unlinked(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && status.st_nlink == 0;
}

/* Open with the agent's privileges: usually only root may. Returns a descriptor or -errno. */
static int open_counter(const struct powercap_backend *powercap, const char *path)
{
	int fd;

	privilege_raise();
	fd = openat(powercap->root, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fd = -errno;
	privilege_lower();
	return fd;
}

/* The driver was unloaded, or the file replaced: there may be a new file with this name. */
static int reopen(const struct powercap_backend *powercap, struct counter_file *file,
                  uint64_t *count)
{
	close(file->fd);
	file->fd = open_counter(powercap, file->path);
	return file->fd < 0 ? -ENODEV : read_count(file->fd, count);
}

static void read_powercap(struct rapl_backend *backend, bool thorough)
{
	struct powercap_backend *powercap = (struct powercap_backend *)backend;

	for (size_t i = 0; i < backend->n_domains; i++) {
		struct rapl_domain *domain = &backend->domains[i];
		struct counter_file *file = &powercap->files[i];
		uint64_t count = domain->count;

		if (file->fd < 0)
			continue;
		domain->error = read_count(file->fd, &count);
		if (domain->error == -ENODEV ||
		    (!domain->error && thorough && is_unlinked(file->fd)))
			domain->error = reopen(powercap, file, &count);
		if (!domain->error)
			domain->count = count;
	}
}

/*
 * On AMD, the kernel's PP0 zone of a package reads the register of a single core
 * (MSR_AMD_CORE_ENERGY_STATUS of the package's first CPU, drivers/powercap/intel_rapl_msr.c).
 * Returns 1 if this is such a zone and the package has several cores, 0 if not, or -ENOMEM.
 */
static int is_one_core_of_many(struct rapl_machine *machine, const struct rapl_id *id)
{
	struct cpu_location first = {0}, other;
	struct cpu_list online;
	int error;
	int several = false;
	bool seen = false;

	if (id->kind != RAPL_PP0 || !rapl_machine_counts_per_package(machine))
		return false;
	error = rapl_machine_online(machine, &online);
	if (error)
		return error == -ENOMEM ? error : false;
	for (size_t i = 0; i < online.n && !several; i++) {
		error = rapl_machine_locate(machine, online.cpus[i], &other);
		if (error == -ENOMEM) {
			several = error;
			break;
		}
		if (error || other.package != id->package)
			continue;
		if (!seen)
			first = other;
		seen = true;
		several = other.core != first.core || other.die != first.die;
	}
	cpu_list_free(&online);
	return several;
}

/*
 * Whether an open zone already has this zone's energy. A domain is read from one control type only,
 * whether or not both distinguish dies, and only once if a package has one register (AMD).
 */
static bool is_shown_already(const struct rapl_machine *machine,
                             const struct powercap_backend *powercap, const int *types,
                             const struct powercap_zone *zone)
{
	for (size_t i = 0; i < powercap->base.n_domains; i++) {
		const struct rapl_id *id = &powercap->base.domains[i].id;

		if (id->kind != zone->id.kind || id->package != zone->id.package)
			continue;
		if (types[i] != zone->type || id->die == zone->id.die || id->die < 0 ||
		    zone->id.die < 0 || rapl_machine_counts_per_package(machine))
			return true;
	}
	return false;
}

/*
 * The value at which the zone's counter wraps, or 0 after a warning if that is unknown.
 * max_energy_range_uj is the largest value, for a register with all 32 bits set
 * (get_max_energy_counter() in drivers/powercap/intel_rapl_common.c). The counter returns to 0 one
 * unit of the register later, some 61 or 15 microjoules; if the range is too small for that, the
 * unit is one microjoule.
 */
static uint64_t read_wrap(const struct powercap_backend *powercap,
                          const struct rapl_machine *machine, const struct powercap_zone *zone)
{
	const uint64_t register_max = UINT32_MAX;
	char path[512];
	char reason[96];
	uint64_t range = 0, unit;
	int error;

	snprintf(path, sizeof(path), "%s/max_energy_range_uj", zone->path);
	error = sysfs_read_u64(powercap->root, path, &range);
	if (!error && range > 0 && range < UINT64_MAX / 2) {
		unit = (range + register_max / 2) / register_max;
		return range + (unit ? unit : 1);
	}
	if (error == -EBADMSG)
		snprintf(reason, sizeof(reason), "does not hold a number");
	else if (error)
		snprintf(reason, sizeof(reason), "cannot be read (%s)", strerror(-error));
	else
		snprintf(reason, sizeof(reason), "holds %llu, which is no range",
		         (unsigned long long)range);
	log_warn("rapl: %s/%s %s: if the counter wraps, that energy is lost", machine->sysroot,
	         path, reason);
	return 0;
}

/* Open the zone's counter and read it once. Returns 0, or -errno when it is left out. */
static int add_zone(struct powercap_backend *powercap, const struct rapl_machine *machine,
                    const struct powercap_zone *zone, int **types)
{
	size_t n = powercap->base.n_domains;
	struct counter_file file = {.fd = -1};
	struct counter_file *files = reallocarray(powercap->files, n + 1, sizeof(*files));
	struct rapl_domain *domain;
	uint64_t count;
	int *grown;
	int error;

	if (!files)
		return -ENOMEM;
	powercap->files = files;
	grown = reallocarray(*types, n + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	*types = grown;
	file.path = sysfs_join(zone->path, "energy_uj");
	if (!file.path)
		return -ENOMEM;
	file.fd = open_counter(powercap, file.path);
	error = file.fd < 0 ? file.fd : read_count(file.fd, &count);
	domain = error ? NULL : rapl_backend_add_domain(&powercap->base, &zone->id);
	if (!domain) {
		if (file.fd >= 0)
			close(file.fd);
		free(file.path);
		return error ? error : -ENOMEM;
	}
	domain->counts_per_joule = MICROJOULES_PER_JOULE;
	domain->wrap = read_wrap(powercap, machine, zone);
	domain->count = count;
	files[n] = file;
	grown[n] = zone->type;
	return 0;
}

/* Zones that could not be opened: their number, and the first one for the message. */
struct left_out {
	size_t n;
	int error;
	char path[160];
};

static int add_zones(struct powercap_backend *powercap, struct rapl_machine *machine,
                     const struct powercap_zones *zones, struct left_out *left_out)
{
	int *types = NULL;
	int error = 0;

	for (size_t i = 0; i < zones->n && error != -ENOMEM; i++) {
		const struct powercap_zone *zone = &zones->zones[i];

		if (is_shown_already(machine, powercap, types, zone)) {
			log_debug("rapl: %s/%s shows energy that another zone shows: left out",
			          machine->sysroot, zone->path);
			continue;
		}
		error = is_one_core_of_many(machine, &zone->id);
		if (error == 1) {
			log_info("rapl: powercap: %s/%s is the energy of one core only on this "
			         "CPU: left out (the backend msr has pp0, and perf where the "
			         "kernel has the PMU power_core)",
			         machine->sysroot, zone->path);
			continue;
		}
		if (!error)
			error = add_zone(powercap, machine, zone, &types);
		if (error && left_out->n++ == 0) {
			left_out->error = error;
			snprintf(left_out->path, sizeof(left_out->path), "%.150s", zone->path);
		}
	}
	free(types);
	return error == -ENOMEM ? error : 0;
}

#define UDEV_HINT                                                                                  \
	"give it CAP_DAC_READ_SEARCH, run it as root, use the perf backend (CAP_PERFMON), or let " \
	"a udev rule open the files to a group (docs/rapl.md)"

/* Set the reason why no zone could be opened. Returns the error of open_powercap(). */
static int explain(const struct rapl_machine *machine, const struct powercap_zones *zones,
                   const struct left_out *left_out, struct rapl_reason *reason)
{
	if (left_out->n == 0) {
		rapl_reason_set(reason, "no zone in %s/sys/class/powercap is a RAPL domain (%s)",
		                machine->sysroot,
		                zones->n_unknown ? zones->unknown : "there is none");
		return -ENODEV;
	}
	if (left_out->error == -EACCES || left_out->error == -EPERM) {
		rapl_reason_set(reason,
		                "%s/%s/energy_uj may not be read (%s): since Linux 5.10 it is for "
		                "root only; " UDEV_HINT,
		                machine->sysroot, left_out->path, strerror(-left_out->error));
		return left_out->error;
	}
	rapl_reason_set(reason, "%s/%s/energy_uj %s", machine->sysroot, left_out->path,
	                left_out->error == -EBADMSG ? "does not hold a number"
	                                            : strerror(-left_out->error));
	return -EIO;
}

static void warn_of_left_out(const struct rapl_machine *machine, const struct powercap_zones *zones,
                             const struct left_out *left_out)
{
	if (left_out->n > 0)
		log_warn("rapl: powercap: %s/%s/energy_uj %s%s: %zu zone%s left out",
		         machine->sysroot, left_out->path,
		         left_out->error == -EBADMSG ? "does not hold a number"
		                                     : "cannot be read: ",
		         left_out->error == -EBADMSG ? "" : strerror(-left_out->error), left_out->n,
		         left_out->n == 1 ? "" : "s");
	if (zones->n_unknown > 0)
		log_warn("rapl: powercap: %s: %zu zone%s left out", zones->unknown,
		         zones->n_unknown, zones->n_unknown == 1 ? "" : "s");
}

static int scan_powercap(struct rapl_machine *machine, struct rapl_id_list *list)
{
	struct powercap_zones zones;
	int error = powercap_zones_find(machine, &zones);

	*list = (struct rapl_id_list){0};
	if (error)
		return error;
	for (size_t i = 0; error >= 0 && i < zones.n; i++) {
		error = is_one_core_of_many(machine, &zones.zones[i].id);
		if (error == 0)
			error = rapl_id_list_add(list, &zones.zones[i].id);
	}
	error = error > 0 ? 0 : error;
	powercap_zones_free(&zones);
	if (error)
		rapl_id_list_free(list);
	return !error && list->n == 0 ? -ENODEV : error;
}

static int open_powercap(struct rapl_machine *machine, struct rapl_backend **backend,
                         struct rapl_reason *reason)
{
	struct powercap_backend *powercap = calloc(1, sizeof(*powercap));
	struct left_out left_out = {0};
	struct powercap_zones zones;
	int error;

	if (!powercap)
		return -ENOMEM;
	powercap->base.ops = &rapl_backend_powercap;
	powercap->root = machine->root;
	error = powercap_zones_find(machine, &zones);
	if (error == -ENODEV)
		rapl_reason_no_module(reason, machine, "powercap has no RAPL zone",
		                      "intel_rapl_msr");
	if (!error)
		error = add_zones(powercap, machine, &zones, &left_out);
	if (!error && powercap->base.n_domains == 0)
		error = explain(machine, &zones, &left_out, reason);
	if (!error)
		warn_of_left_out(machine, &zones, &left_out);
	powercap_zones_free(&zones);
	if (error) {
		close_powercap(&powercap->base);
		return error;
	}
	*backend = &powercap->base;
	return 0;
}

const struct rapl_backend_ops rapl_backend_powercap = {
	.name = "powercap",
	.scan = scan_powercap,
	.open = open_powercap,
	.read = read_powercap,
	.close = close_powercap,
};
