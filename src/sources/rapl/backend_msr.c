/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Energy from the CPU's registers, through dev/cpu/N/msr of the kernel module 'msr'. cpu_model.h
 * has the registers and their units. The lower 32 bits are the counter.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/privilege.h"
#include "sources/rapl/backend.h"
#include "sources/rapl/cpu_model.h"
#include "sources/rapl/places.h"

#define COUNTER_MASK 0xffffffffULL
#define COUNTER_WRAP (COUNTER_MASK + 1)

/* The MSR device of a CPU. */
struct device {
	uint32_t cpu;
	int fd;
};

/* Where a domain is read. */
struct counter {
	int fd; /* of a device */
	uint32_t address;
};

struct msr_backend {
	struct rapl_backend base;
	struct counter *counters; /* of each domain */
	struct device *devices;
	size_t n_devices;
};

/* The state of open_msr(). */
struct discovery {
	struct msr_backend *msr;
	struct rapl_machine *machine;
	struct rapl_cpu_model model;
	struct rapl_reason *reason;
	bool has_platform;
};

static void close_msr(struct rapl_backend *backend)
{
	struct msr_backend *msr = (struct msr_backend *)backend;

	if (!msr)
		return;
	for (size_t i = 0; i < msr->n_devices; i++)
		close(msr->devices[i].fd);
	free(msr->devices);
	free(msr->counters);
	free(msr->base.domains);
	free(msr);
}

static int read_register(int fd, uint32_t address, uint64_t *value)
{
	ssize_t n = pread(fd, value, sizeof(*value), (off_t)address);

	if (n < 0)
		return -errno;
	return n == sizeof(*value) ? 0 : -EIO;
}

static void read_msr(struct rapl_backend *backend, bool thorough)
{
	struct msr_backend *msr = (struct msr_backend *)backend;

	for (size_t i = 0; i < backend->n_domains; i++) {
		struct rapl_domain *domain = &backend->domains[i];
		uint64_t value;

		if (domain->gone)
			continue;
		domain->error =
			read_register(msr->counters[i].fd, msr->counters[i].address, &value);
		/* What the driver returns once the CPU is offline. */
		if (domain->error == -ENXIO)
			domain->error = -ENODEV;
		if (!domain->error)
			domain->count = value & COUNTER_MASK;
	}
}

/* Set the reason for a failed open(); returns the error of open_msr(). */
static int explain_open(const struct discovery *found, const char *path, int error)
{
	const char *root = found->machine->sysroot;

	switch (error) {
	case -ENOENT:
	case -ENOTDIR:
	case -ENXIO:
	case -ENODEV:
		rapl_reason_set(found->reason,
		                "there is no %s/%s: the kernel module 'msr' is not loaded "
		                "(modprobe msr)",
		                root, path);
		return -ENODEV;
	case -EACCES:
	case -EPERM:
		rapl_reason_set(found->reason,
		                "%s/%s may not be opened (%s): that needs CAP_SYS_RAWIO and read "
		                "permission on the file (or CAP_DAC_READ_SEARCH), or root",
		                root, path, strerror(-error));
		return error;
	default:
		rapl_reason_set(found->reason, "%s/%s: %s", root, path, strerror(-error));
		return -EIO;
	}
}

/* The MSR device of a CPU, opened once. Returns a file descriptor, or -errno with the reason. */
static int device_of(struct discovery *found, uint32_t cpu)
{
	struct msr_backend *msr = found->msr;
	struct device *devices;
	char path[64];
	int fd, error;

	for (size_t i = 0; i < msr->n_devices; i++)
		if (msr->devices[i].cpu == cpu)
			return msr->devices[i].fd;
	devices = reallocarray(msr->devices, msr->n_devices + 1, sizeof(*devices));
	if (!devices)
		return -ENOMEM;
	msr->devices = devices;
	snprintf(path, sizeof(path), "dev/cpu/%u/msr", cpu);
	privilege_raise();
	fd = openat(found->machine->root, path, O_RDONLY | O_CLOEXEC);
	error = fd < 0 ? -errno : 0;
	privilege_lower();
	if (error)
		return explain_open(found, path, error);
	devices[msr->n_devices++] = (struct device){cpu, fd};
	return fd;
}

/*
 * As the kernel's drivers do, assume that this CPU lacks a register that reads 0 at the start (no
 * graphics, or a desktop CPU without a dram counter). Exceptions: the package, which every CPU of
 * the table has; single cores, which may have slept since power-on; and a platform counter in whole
 * joules.
 */
static bool zero_is_absent(const struct rapl_cpu_model *model, enum rapl_kind kind)
{
	return kind == RAPL_PP1 || kind == RAPL_DRAM ||
	       (kind == RAPL_PP0 && !model->pp0_is_per_core) ||
	       (kind == RAPL_PLATFORM && !model->psys_is_joule);
}

/* Add the domain of a place if its register can be read. Returns 0 or -errno with the reason. */
static int add_domain(struct discovery *found, enum rapl_kind kind, const struct rapl_place *place,
                      double counts_per_joule)
{
	struct msr_backend *msr = found->msr;
	uint32_t address = found->model.registers[kind];
	struct rapl_id id = {kind, place->package, place->die};
	struct counter *counters;
	struct rapl_domain *domain;
	char label[RAPL_LABEL_SIZE];
	uint64_t value;
	int fd = device_of(found, place->cpu);
	int error;

	if (fd < 0)
		return fd;
	error = read_register(fd, address, &value);
	if (error && zero_is_absent(&found->model, kind))
		return 0;
	if (error) {
		log_warn("rapl: msr: %s: register 0x%x of CPU %u cannot be read (%s): left out",
		         rapl_id_label(&id, label), address, place->cpu, strerror(-error));
		return 0;
	}
	if ((value & COUNTER_MASK) == 0 && zero_is_absent(&found->model, kind))
		return 0;
	if (kind == RAPL_PLATFORM) {
		if (found->has_platform)
			return 0;
		found->has_platform = true;
		id = (struct rapl_id){RAPL_PLATFORM, 0, -1};
	}
	counters = reallocarray(msr->counters, msr->base.n_domains + 1, sizeof(*counters));
	if (!counters)
		return -ENOMEM;
	msr->counters = counters;
	domain = rapl_backend_add_domain(&msr->base, &id);
	if (!domain)
		return -ENOMEM;
	domain->counts_per_joule = counts_per_joule;
	domain->wrap = COUNTER_WRAP;
	domain->count = value & COUNTER_MASK;
	if (kind == RAPL_PP0 && found->model.pp0_is_per_core)
		domain->core_cpu = (int)place->cpu;
	counters[msr->base.n_domains - 1] = (struct counter){fd, address};
	return 0;
}

/* Read the unit register of a place. Returns 0 or -errno with the reason. */
static int read_units(struct discovery *found, const struct rapl_place *place, uint64_t *units)
{
	int fd = device_of(found, place->cpu);
	int error;

	if (fd < 0)
		return fd;
	error = read_register(fd, found->model.unit_register, units);
	if (!error && *units != 0)
		return 0;
	rapl_reason_set(
		found->reason,
		"the RAPL unit register (0x%x) of CPU %u %s: this is a virtual machine that "
		"is given no energy counters, or they are switched off",
		found->model.unit_register, place->cpu, error ? "cannot be read" : "reads 0");
	return error == -EACCES || error == -EPERM ? error : -EIO;
}

static int add_places(struct discovery *found, const struct cpu_list *cpus, bool of_cores)
{
	struct rapl_place *places;
	int n = rapl_places_find(found->machine, cpus,
	                         of_cores ? PLACES_OF_CORES : PLACES_OF_PACKAGES, &places);
	int error = n < 0 ? n : 0;

	for (int i = 0; !error && i < n; i++) {
		uint64_t units = 0;

		error = read_units(found, &places[i], &units);
		for (int kind = 0; !error && kind < RAPL_KINDS; kind++) {
			bool is_of_core = kind == RAPL_PP0 && found->model.pp0_is_per_core;

			if (found->model.registers[kind] != 0 && is_of_core == of_cores)
				error = add_domain(found, kind, &places[i],
				                   rapl_cpu_model_unit(&found->model, kind, units));
		}
	}
	free(places);
	return error;
}

static int discover(struct discovery *found)
{
	const struct rapl_machine *machine = found->machine;
	struct cpu_list cpus;
	int error;

	if (!rapl_cpu_model_find(machine->vendor, machine->family, machine->model, &found->model)) {
		if (machine->vendor[0] == '\0')
			rapl_reason_set(found->reason, "%s/proc/cpuinfo names no x86 CPU",
			                machine->sysroot);
		else
			rapl_reason_set(found->reason,
			                "the energy registers of this CPU are not known: %s family "
			                "%d (0x%x) model %d (0x%x)",
			                machine->vendor, machine->family,
			                (unsigned int)machine->family, machine->model,
			                (unsigned int)machine->model);
		return -EOPNOTSUPP;
	}
	error = rapl_machine_online(found->machine, &cpus);
	if (error) {
		rapl_reason_set(found->reason, "%s/sys/devices/system/cpu/online lists no CPU",
		                machine->sysroot);
		return error == -ENOMEM ? error : -ENODEV;
	}
	/* If the devices are missing, fail before the topology of every CPU is read. */
	error = device_of(found, cpus.cpus[0]);
	error = error < 0 ? error : add_places(found, &cpus, false);
	if (!error && found->model.pp0_is_per_core)
		error = add_places(found, &cpus, true);
	cpu_list_free(&cpus);
	if (!error && found->msr->base.n_domains == 0) {
		rapl_reason_set(found->reason, "no energy register of this CPU can be read");
		error = -EIO;
	}
	return error;
}

static int open_msr(struct rapl_machine *machine, struct rapl_backend **backend,
                    struct rapl_reason *reason)
{
	struct discovery found = {.machine = machine, .reason = reason};
	int error;

	found.msr = calloc(1, sizeof(*found.msr));
	if (!found.msr)
		return -ENOMEM;
	found.msr->base.ops = &rapl_backend_msr;
	error = discover(&found);
	if (error) {
		close_msr(&found.msr->base);
		return error;
	}
	*backend = &found.msr->base;
	return 0;
}

const struct rapl_backend_ops rapl_backend_msr = {
	.name = "msr",
	.open = open_msr,
	.read = read_msr,
	.close = close_msr,
};
