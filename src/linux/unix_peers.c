/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/unix_peers.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "linux/process_status.h"

#define LINK_SIZE 40

/* --- a process's descriptors ------------------------------------------------------------------ */

/*
 * Call visit() with each file descriptor that is a socket, and its inode number, until it returns
 * true.
 */
static bool for_each_socket(uint32_t pid, bool (*visit)(void *data, int fd, uint64_t inode),
                            void *data)
{
	char path[LINK_SIZE], link[LINK_SIZE];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/fd", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir))) {
		const ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
		uint64_t inode;

		link[n > 0 ? n : 0] = '\0';
		if (sscanf(link, "socket:[%" SCNu64 "]", &inode) == 1)
			found = visit(data, atoi(entry->d_name), inode);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* --- who has accepted a connection ------------------------------------------------------------ */

struct holder_search {
	const uint64_t *inodes;
	size_t n;
	uint32_t pid; /* of the process being examined, or found */
};

static bool is_one_of_them(void *data, int fd, uint64_t inode)
{
	const struct holder_search *search = data;

	(void)fd;
	for (size_t i = 0; i < search->n; i++) {
		if (search->inodes[i] == inode)
			return true;
	}
	return false;
}

static int look_at(void *data, uint32_t pid)
{
	struct holder_search *search = data;

	search->pid = pid;
	return pid > 1 && for_each_socket(pid, is_one_of_them, search);
}

/*
 * The process, other than pid 1, that has accepted a connection to the path; 0: none. The accepting
 * socket has the path of the listening one, the connecting socket has none.
 */
static uint32_t find_holder(const char *path)
{
	FILE *file = fopen("/proc/net/unix", "re");
	uint64_t inodes[64];
	struct holder_search search = {.inodes = inodes};
	char line[256], own[UNIX_PATH_SIZE];
	uint64_t inode;

	while (file && search.n < sizeof(inodes) / sizeof(*inodes) &&
	       fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*s %*s %*s %*s %*s %" SCNu64 " %109s", &inode, own) == 2 &&
		    strcmp(own, path) == 0)
			inodes[search.n++] = inode;
	}
	if (file)
		fclose(file);
	return search.n && process_for_each(look_at, &search) > 0 ? search.pid : 0;
}

/* --- peers ------------------------------------------------------------------------------------ */

struct peer_search {
	int pidfd;
	struct unix_peer *peers;
	size_t n, max;
};

static bool read_peer(int fd, struct unix_peer *peer)
{
	struct sockaddr_un address = {.sun_family = AF_UNSPEC};
	socklen_t size = sizeof(address), length;
	struct ucred credentials;

	if (getpeername(fd, (struct sockaddr *)&address, &size) || address.sun_family != AF_UNIX ||
	    size <= offsetof(struct sockaddr_un, sun_path))
		return false;
	length = sizeof(credentials);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &length) || credentials.pid <= 0)
		return false;
	size -= (socklen_t)offsetof(struct sockaddr_un, sun_path);
	if (!address.sun_path[0])
		address.sun_path[0] = '@';
	snprintf(peer->path, sizeof(peer->path), "%.*s", (int)size, address.sun_path);
	peer->pid = (uint32_t)credentials.pid;
	return true;
}

static bool add_peer(void *data, int fd, uint64_t inode)
{
	struct peer_search *search = data;
	struct unix_peer *peer = &search->peers[search->n];
	const int own = (int)syscall(SYS_pidfd_getfd, search->pidfd, fd, 0);
	bool is_peer = own >= 0 && read_peer(own, peer);

	(void)inode;
	if (own >= 0)
		close(own);
	for (size_t i = 0; i < search->n && is_peer; i++)
		is_peer = strcmp(search->peers[i].path, peer->path) != 0;
	search->n += is_peer;
	return search->n == search->max;
}

size_t unix_peers_find(uint32_t pid, struct unix_peer *peers, size_t max)
{
	struct peer_search search = {.peers = peers, .max = max};
	size_t kept = 0;

	search.pidfd = max ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	if (search.pidfd < 0)
		return 0;
	for_each_socket(pid, add_peer, &search);
	close(search.pidfd);
	for (size_t i = 0; i < search.n; i++) {
		/* The credentials are those of the process that called listen(). */
		peers[i].is_activated = peers[i].pid == 1;
		if (peers[i].is_activated)
			peers[i].pid = find_holder(peers[i].path);
		if (peers[i].pid)
			peers[kept++] = peers[i];
	}
	return kept;
}
