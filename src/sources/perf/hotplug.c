/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/hotplug.h"

#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Multicast group of the kernel's own uevents (lib/kobject_uevent.c); udev's is 2. */
#define UEVENT_GROUP 1

/* UEVENT_BUFFER_SIZE of include/linux/kobject.h, and as much again for the header. */
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

/* A message is "online@/devices/system/cpu/cpu1" and, after its NUL, KEY=VALUE strings. */
static bool is_about_cpu(const char *message, size_t length)
{
	static const char wanted[] = "@/devices/system/cpu/cpu";
	const char *at = memchr(message, '@', length);

	return at && length - (size_t)(at - message) >= sizeof(wanted) &&
	       !memcmp(at, wanted, sizeof(wanted) - 1);
}

bool hotplug_take(int fd)
{
	char message[MESSAGE_MAX];
	bool found = false;
	ssize_t length;

	while ((length = recv(fd, message, sizeof(message), 0)) > 0)
		found |= is_about_cpu(message, (size_t)length);
	return found;
}
