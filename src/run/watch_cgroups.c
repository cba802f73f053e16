/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/watch_cgroups.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"

/* Hexadecimal digits of a container id, and the shortest prefix that is accepted. */
#define ID_LENGTH 64
#define ID_LEAST 4

/* --- by path ---------------------------------------------------------------------------------- */

static int check_cgroup(const char *what, const char *name, struct cgroup *cgroup)
{
	const int found = cgroup_count(cgroup->directory);

	if (found == -EACCES || found == -EPERM)
		return log_errno(
			found, "%s '%s': you may not read %s\nroot may: sudo alumet-agent watch …",
			what, name, cgroup->directory);
	if (found == -ENOENT || found == -ENODEV)
		return log_errno(-ENOENT, "%s '%s': its cgroup, %s, has just been removed", what,
		                 name, cgroup->directory);
	if (found < 0)
		return log_errno(found, "%s '%s': cannot read %s: %s", what, name,
		                 cgroup->directory, strerror(-found));
	if (!found)
		return log_errno(-ESRCH,
		                 "%s '%s': no process is in %s or below it\n"
		                 "start the agent once there is one, or move one in first",
		                 what, name, cgroup->directory);
	if (cgroup_has_unseen(cgroup->directory))
		return log_errno(-EPERM,
		                 "%s '%s': the pid namespace of the agent, a container's, does not "
		                 "see all processes in it\n"
		                 "start the agent outside of the container, or in one that has the "
		                 "machine's pids (docker run --pid=host)",
		                 what, name);
	return 0;
}

int watch_cgroup_find(const char *path, struct cgroup *cgroup)
{
	const int err = *path ? cgroup_find(path, cgroup) : -ENOENT;

	if (err == -ENODEV)
		return log_errno(err, "cgroup '%s': no cgroup file system is mounted here", path);
	if (err == -EINVAL)
		return log_errno(
			err,
			"cgroup '%s': this is not a directory of a cgroup file system; those are "
			"below /sys/fs/cgroup",
			path);
	if (err == -ENOENT || err == -ENOTDIR)
		return log_errno(-ENOENT,
		                 "there is no cgroup '%s'\n"
		                 "systemd-cgls, or find /sys/fs/cgroup -type d, lists them",
		                 path);
	if (err)
		return log_errno(err, "cgroup '%s': %s", path, strerror(-err));
	return check_cgroup("cgroup", path, cgroup);
}

/* --- by container ----------------------------------------------------------------------------- */

static bool is_hex(const char *text, size_t n)
{
	return strspn(text, "0123456789abcdef") >= n;
}

/*
 * /docker/ID, docker-ID.scope, libpod-ID.scope, /libpod_parent/libpod-ID, cri-containerd-ID.scope,
 * crio-ID.scope, and containerd's /kubepods/…/ID or /NAMESPACE/ID.
 */
bool watch_is_container(const char *cgroup, const char *id)
{
	static const char *const prefixes[] = {"docker-",  "libpod-", "cri-containerd-",
	                                       "nerdctl-", "crio-",   ""};
	const size_t n = strlen(id);

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		const size_t skip = strlen(prefixes[i]);
		const char *rest;

		if (strncmp(cgroup, prefixes[i], skip) != 0 || !is_hex(cgroup + skip, ID_LENGTH))
			continue;
		rest = cgroup + skip + ID_LENGTH;
		return (!*rest || strcmp(rest, ".scope") == 0) &&
		       strncmp(cgroup + skip, id, n) == 0;
	}
	return false;
}

struct search {
	const char *id;
	char directory[CGROUP_PATH_SIZE];
	size_t n; /* different containers */
};

/* A container has a cgroup in each hierarchy; the first match is in v2, if it exists there. */
static int match(void *data, const char *directory)
{
	struct search *search = data;
	const char *name = strrchr(directory, '/') + 1;

	if (!watch_is_container(name, search->id))
		return 0;
	if (!search->n)
		snprintf(search->directory, sizeof(search->directory), "%s", directory);
	if (!search->n || strcmp(strrchr(search->directory, '/') + 1, name) != 0)
		search->n++;
	return 0;
}

/* The string value of a JSON key in a file, up to its closing quote. False: not found. */
static bool read_json_text(const char *path, const char *key, char *text, size_t size)
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	bool found = false;
	size_t room = 0;

	if (!file)
		return false;
	while (!found && getline(&line, &room, file) > 0) {
		const char *value = strstr(line, key);

		if (!value)
			continue;
		value += strlen(key);
		snprintf(text, size, "%.*s", (int)strcspn(value, "\""), value);
		found = true;
	}
	free(line);
	fclose(file);
	return found;
}

/*
 * Docker has a folder for each container, named by its id; config.v2.json in it has the name:
 * "/web".
 */
static bool find_docker_name(const char *name, char id[static ID_LENGTH + 1])
{
	static const char folder[] = "/var/lib/docker/containers";
	char path[sizeof(folder) + 300], kept[256];
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		if (strlen(entry->d_name) != ID_LENGTH)
			continue;
		snprintf(path, sizeof(path), "%s/%s/config.v2.json", folder, entry->d_name);
		found = read_json_text(path, "\"Name\":\"/", kept, sizeof(kept)) &&
		        strcmp(kept, name) == 0;
		if (found)
			memcpy(id, entry->d_name, ID_LENGTH + 1);
	}
	if (dir)
		closedir(dir);
	return found;
}

static int find_by_id(const char *name, const char *id, struct cgroup *cgroup)
{
	struct search search = {.id = id};
	int err = cgroup_for_each(match, &search);

	if (!err && search.n > 1)
		return log_errno(-EINVAL,
		                 "container '%s': several have ids that begin so; write more of it",
		                 name);
	if (!err && search.n == 1)
		err = cgroup_find(search.directory, cgroup);
	else if (!err)
		return log_errno(
			-ENOENT,
			"container '%s': no running container of Docker, Podman, containerd or "
			"CRI-O has that id\n"
			"docker ps and podman ps list those that run; any cgroup can be given with "
			"--cgroup",
			name);
	if (err)
		return log_errno(err, "container '%s': cannot look through the cgroups: %s", name,
		                 strerror(-err));
	return check_cgroup("container", name, cgroup);
}

int watch_container_find(const char *name, struct cgroup *cgroup)
{
	char id[ID_LENGTH + 1];
	const size_t n = strlen(name);

	if (n >= ID_LEAST && n <= ID_LENGTH && is_hex(name, n))
		return find_by_id(name, name, cgroup);
	if (find_docker_name(name, id))
		return find_by_id(name, id, cgroup);
	return log_errno(-ENOENT,
	                 "container '%s': Docker has no container of that name here%s\n"
	                 "of other runtimes give the id, as their ps shows it",
	                 name,
	                 access("/var/lib/docker/containers", F_OK) ? ": it is not installed" : "");
}
