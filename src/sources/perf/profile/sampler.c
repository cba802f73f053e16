/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/sampler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "core/log.h"
#include "linux/descriptors.h"
#include "linux/perf_event.h"
#include "linux/privilege.h"
#include "sources/perf/bpf/programs.h"
#include "sources/perf/events/event_context.h"
#include "sources/perf/events/event_explain.h"

#include "profile.skel.h"

/*
 * Most samples have 2 KiB, so that a CPU's last for a third of a second at 99 Hz; the agent reads
 * more often.
 */
#define RING_BYTES_PER_CPU (64U * 1024)
#define RING_BYTES_MIN (256U * 1024)
#define RING_BYTES_MAX (16U * 1024 * 1024)

#define NO_FD (-1)

struct sampler {
	const struct sample_event *event;
	struct profile_bpf *bpf;
	struct ring_buffer *ring;
	bool is_enabled;
	bool has_complained; /* has logged that the event cannot be opened on a CPU */
	uint32_t cpus_n;
	int *fds; /* by CPU number; NO_FD: none */
	int (*take)(void *data, const struct sample_record *record);
	void *data; /* for take */
};

static uint32_t ring_bytes(uint32_t cpus_n)
{
	uint32_t bytes = RING_BYTES_MIN;

	while (bytes < RING_BYTES_MAX && bytes / RING_BYTES_PER_CPU < cpus_n)
		bytes *= 2;
	return bytes;
}

static int receive(void *context, void *bytes, size_t size)
{
	struct sampler *sampler = context;
	const struct sample_record *record = bytes;

	if (size < offsetof(struct sample_record, data) ||
	    size - offsetof(struct sample_record, data) <
	            (size_t)record->kernel_length + record->user_length + record->frames_length)
		return -EPROTO;
	return sampler->take(sampler->data, record);
}

static int load(struct sampler *sampler, int tasks_fd, uint32_t cpus_expected)
{
	const uint32_t bytes = ring_bytes(cpus_expected);
	struct profile_bpf *bpf = profile_bpf__open();
	int err;

	if (!bpf)
		return -errno;
	sampler->bpf = bpf;
	bpf->rodata->ring_wake = bytes / 4;
	bpf_map__set_max_entries(bpf->maps.samples, bytes);
	bpf_map__set_max_entries(bpf->maps.sample_scratches, sampler->cpus_n);
	err = bpf_map__reuse_fd(bpf->maps.tasks, tasks_fd);
	if (!err)
		err = profile_bpf__load(bpf);
	if (!err && !bpf->bss) /* see libbpf_load() */
		err = -ENOTSUP;
	if (err)
		return err;
	sampler->ring = ring_buffer__new(bpf_map__fd(bpf->maps.samples), receive, sampler, NULL);
	return sampler->ring ? 0 : -errno;
}

int sampler_new(const struct sample_event *event, int tasks_fd, uint32_t cpus_n,
                const struct cpu_list *online, struct sampler **result)
{
	struct sampler *sampler = calloc(1, sizeof(*sampler));
	int err = -ENOMEM;

	*result = NULL;
	if (sampler) {
		sampler->event = event;
		sampler->cpus_n = cpus_n;
		sampler->fds = malloc(cpus_n * sizeof(*sampler->fds));
	}
	if (sampler && sampler->fds) {
		memset(sampler->fds, 0xff, cpus_n * sizeof(*sampler->fds));
		privilege_raise();
		err = load(sampler, tasks_fd, programs_cpus_expected((uint32_t)online->n, cpus_n));
		privilege_lower();
	}
	if (err) {
		sampler_free(sampler);
		if (err == -EMFILE)
			return descriptors_log(err, "load the BPF program that takes samples");
		return log_errno(
			err, "cannot load the BPF program that takes samples: %s%s", strerror(-err),
			log_is_shown(LOG_DEBUG) ? "" : " (-vv shows the kernel's reasons)");
	}
	*result = sampler;
	return 0;
}

/* Returns a descriptor or a negative errno; -ENODEV: the CPU is offline. */
static int open_on_cpu(const struct sampler *sampler, uint32_t cpu)
{
	const int program = bpf_program__fd(sampler->bpf->progs.on_sample);
	int fd = perf_event_open_on_cpu(&sampler->event->attr, (int)cpu, -1);
	int err = 0;

	if (fd == -ENXIO)
		return -ENODEV;
	if (fd < 0)
		return fd;
	privilege_raise();
	if (ioctl(fd, PERF_EVENT_IOC_SET_BPF, program))
		err = -errno;
	privilege_lower();
	if (!err && sampler->is_enabled && ioctl(fd, PERF_EVENT_IOC_ENABLE, 0))
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int explain_open(const struct sampler *sampler, uint32_t cpu, int err)
{
	const struct event_context context = {.sysroot = "/"};
	const struct event event = {.text = sampler->event->name};

	if (sampler->has_complained)
		return err;
	if (err == -EMFILE) {
		descriptors_say_short("sample every CPU");
		return err;
	}
	if (err == -EACCES || err == -EPERM)
		return event_explain_open(&context, &event, err);
	/* The event could be opened as a counter, so it is sampling that does not work. */
	if (err == -EOPNOTSUPP || err == -EINVAL)
		return log_errno(
			err,
			"--profile=%s: no samples can be taken by it: it is no event of which a "
			"counter interrupts the CPU after so many (%s)\n"
			"'cpu-clock', 'page-faults' and 'context-switches' can be sampled on every "
			"machine, 'cycles' and 'instructions' where the CPU's counters can",
			sampler->event->name, strerror(-err));
	return log_errno(err, "cannot sample '%s' on CPU %u: %s", sampler->event->name, cpu,
	                 strerror(-err));
}

int sampler_open(struct sampler *sampler, const struct cpu_list *online)
{
	for (size_t i = 0; i < online->n; i++) {
		const uint32_t cpu = online->cpus[i];
		int fd;

		if (cpu >= sampler->cpus_n || sampler->fds[cpu] >= 0)
			continue;
		fd = open_on_cpu(sampler, cpu);
		if (fd == -ENODEV)
			continue; /* offline again */
		if (fd < 0) {
			fd = explain_open(sampler, cpu, fd);
			sampler->has_complained = true;
			return fd;
		}
		sampler->fds[cpu] = fd;
	}
	return 0;
}

void sampler_forget(struct sampler *sampler, uint32_t cpu)
{
	if (cpu >= sampler->cpus_n || sampler->fds[cpu] < 0)
		return;
	close(sampler->fds[cpu]);
	sampler->fds[cpu] = NO_FD;
}

static void switch_all(const struct sampler *sampler, unsigned long request)
{
	for (uint32_t cpu = 0; cpu < sampler->cpus_n; cpu++) {
		if (sampler->fds[cpu] >= 0)
			ioctl(sampler->fds[cpu], request, 0);
	}
}

void sampler_enable(struct sampler *sampler)
{
	sampler->is_enabled = true;
	switch_all(sampler, PERF_EVENT_IOC_ENABLE);
}

void sampler_disable(struct sampler *sampler)
{
	sampler->is_enabled = false;
	switch_all(sampler, PERF_EVENT_IOC_DISABLE);
}

int sampler_fd(const struct sampler *sampler)
{
	return ring_buffer__epoll_fd(sampler->ring);
}

int sampler_drain(struct sampler *sampler,
                  int (*take)(void *data, const struct sample_record *record), void *data)
{
	int err;

	sampler->take = take;
	sampler->data = data;
	err = ring_buffer__consume(sampler->ring);
	return err < 0 ? err : 0;
}

struct sample_losses sampler_losses(const struct sampler *sampler)
{
	const struct sample_losses *now = &sampler->bpf->bss->state.losses;

	return (struct sample_losses){
		.ring_full = __atomic_load_n(&now->ring_full, __ATOMIC_RELAXED),
	};
}

void sampler_free(struct sampler *sampler)
{
	if (!sampler)
		return;
	for (uint32_t cpu = 0; sampler->fds && cpu < sampler->cpus_n; cpu++)
		sampler_forget(sampler, cpu);
	ring_buffer__free(sampler->ring);
	profile_bpf__destroy(sampler->bpf);
	free(sampler->fds);
	free(sampler);
}
