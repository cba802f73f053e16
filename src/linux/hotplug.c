/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "linux/hotplug.h"

#include <inttypes.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Multicast group of the kernel's own uevents (lib/kobject_uevent.c); udev's is 2. */
#define UEVENT_GROUP 1

/* Twice UEVENT_BUFFER_SIZE of include/linux/kobject.h: the header needs room, too. */
#define MESSAGE_MAX 4096

int hotplug_open(void)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = UEVENT_GROUP};
	int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * A message is "online@/devices/system/cpu/cpu1", followed by a NUL and KEY=VALUE strings. The
 * caller has added another NUL.
 */
static bool tells_of_cpu(const char *message, uint32_t *cpu)
{
	int end = 0;

	return sscanf(message, "online@/devices/system/cpu/cpu%" SCNu32 "%n", cpu, &end) == 1 &&
	       !message[end];
}

void hotplug_take(int fd, void (*online)(void *data, uint32_t cpu), void *data)
{
	char message[MESSAGE_MAX + 1];
	ssize_t length;
	uint32_t cpu;

	while ((length = recv(fd, message, MESSAGE_MAX, 0)) > 0) {
		message[length] = '\0';
		if (tells_of_cpu(message, &cpu))
			online(data, cpu);
	}
}
