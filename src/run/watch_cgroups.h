/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the cgroups to watch: by path, or by container. */
#ifndef RUN_WATCH_CGROUPS_H
#define RUN_WATCH_CGROUPS_H

#include <stdbool.h>

#include "linux/cgroup.h"

/* Find the cgroup, which must contain a process. Returns 0 or a negative errno, logged. */
int watch_cgroup_find(const char *path, struct cgroup *cgroup);

/*
 * Find the cgroup of a container: by its id, or a prefix of it, as Docker, Podman, containerd and
 * CRI-O name cgroups; or by the name that Docker stores. Returns as above.
 */
int watch_container_find(const char *name, struct cgroup *cgroup);

/* Whether the cgroup name is that of a container with this id or prefix: "docker-1f2e….scope". */
bool watch_is_container(const char *cgroup, const char *id);

#endif
