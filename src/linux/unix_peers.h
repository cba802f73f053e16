/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finds the other ends of a process's Unix sockets: daemons that may work for it. */
#ifndef LINUX_UNIX_PEERS_H
#define LINUX_UNIX_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNIX_PATH_SIZE 110

struct unix_peer {
	uint32_t pid;
	bool is_activated;         /* pid 1 listens there, and started it for a connection */
	char path[UNIX_PATH_SIZE]; /* where it listens; an abstract path begins with '@' */
};

/*
 * Find up to max peers of a process's connected sockets. Only sockets with a path count, each path
 * once. Each socket is duplicated into this process for two system calls (pidfd_getfd(), Linux
 * 5.6); the file descriptors of the other process stay as they are. If systemd listens for a daemon
 * that it starts, the daemon is found if its file descriptors may be read. Returns the number of
 * peers; 0 also if the process may not be examined.
 */
size_t unix_peers_find(uint32_t pid, struct unix_peer *peers, size_t max);

#endif
