/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/config_alumet.h"

#include <stddef.h>
#include <string.h>

/*
 * The names of Alumet's plugins, as of its main branch in 2026, and those of earlier releases that
 * configuration files still use (OAR3, nvml, jetson, kwollect …).
 */
static const char *const plugins[] = {
	"aggregation",
	"amd-gpu",
	"amdgpu",
	"cgroup",
	"cgroups",
	"containers",
	"docker",
	"elasticsearch",
	"energy-attribution",
	"energy-estimation-tdp",
	"energy-to-carbon",
	"filter",
	"grace-hopper",
	"influxdb",
	"jetson",
	"k8s",
	"kwollect",
	"kwollect-input",
	"kwollect-output",
	"lm-sensors",
	"mongodb",
	"nvidia-jetson",
	"nvidia-nvml",
	"nvml",
	"oar",
	"oar2",
	"oar2-plugin",
	"oar3",
	"OAR2",
	"OAR3",
	"opensearch",
	"opentelemetry",
	"process-to-cgroup-bridge",
	"procfs",
	"prometheus-exporter",
	"quarch",
	"raw-cgroups",
	"relay-client",
	"relay-server",
	"slurm",
	"socket-control",
	"temperature",
	"tui",
};

static const char *const keys[] = {
	"max_update_interval",
	"source_channel_size",
	"normal_worker_threads",
	"priority_worker_threads",
};

static bool is_in(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

bool alumet_has_plugin(const char *name)
{
	return is_in(name, plugins, sizeof(plugins) / sizeof(plugins[0]));
}

bool alumet_has_key(const char *key)
{
	return is_in(key, keys, sizeof(keys) / sizeof(keys[0]));
}
