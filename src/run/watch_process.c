/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/watch_process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/privilege.h"
#include "linux/process_status.h"

bool watch_process_is_ancestor(uint32_t pid)
{
	struct process_status status = {.parent = (uint32_t)getpid()};

	for (uint32_t above = status.parent; above; above = status.parent) {
		if (above == pid)
			return true;
		if (process_status_read(above, &status))
			return false;
	}
	return false;
}

/* The kernel allows this open() if the caller may trace the process: ptrace_may_access(). */
bool watch_process_is_allowed(uint32_t pid)
{
	char path[40];
	int fd;

	if (!privilege_is_borrowed())
		return true;
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/environ", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

int watch_process_missing(uint32_t pid)
{
	const uint32_t outer = process_by_inner_pid(pid), process = process_of_thread(pid);
	struct process_status status;

	if (process && process != pid)
		return log_errno(-ESRCH,
		                 "%" PRIu32 " is a thread of process %" PRIu32
		                 ", and all threads of a process are watched together\n"
		                 "write: alumet-agent watch %" PRIu32,
		                 pid, process, process);
	if (outer && !process_status_read(outer, &status))
		return log_errno(-ESRCH,
		                 "there is no process %" PRIu32
		                 " here; in a pid namespace of its own, a container's say, "
		                 "process %" PRIu32 " (%s) has that pid\n"
		                 "write: alumet-agent watch %" PRIu32,
		                 pid, outer, status.comm, outer);
	return log_errno(-ESRCH, "there is no process %" PRIu32 ": it has ended, or never existed",
	                 pid);
}

/* Returns 0, or a negative errno after logging why the process cannot be watched. */
int watch_process_check(uint32_t pid)
{
	struct process_status status;

	if (process_status_read(pid, &status))
		return watch_process_missing(pid);
	if (status.state == 'Z' || status.state == 'X')
		return log_errno(-ESRCH,
		                 "process %" PRIu32 " (%s) has ended; its parent, %" PRIu32
		                 ", has not taken its exit status yet",
		                 pid, status.comm, status.parent);
	if (status.is_kernel_thread)
		return log_errno(-EINVAL,
		                 "process %" PRIu32
		                 " (%s) is a kernel thread, and executes no program\n"
		                 "kernel threads are watched with the whole machine: "
		                 "alumet-agent watch --all",
		                 pid, status.comm);
	if (watch_process_is_ancestor(pid))
		return log_errno(
			-EINVAL,
			"process %" PRIu32 " (%s) is %s, which would measure itself\n"
			"start the agent elsewhere, from another terminal say; or watch the "
			"whole machine: alumet-agent watch --all",
			pid, status.comm,
			pid == (uint32_t)getpid() ? "this agent" : "an ancestor of this agent");
	if (!watch_process_is_allowed(pid))
		return log_errno(
			-EPERM,
			"process %" PRIu32
			" (%s) is another user's, or has privileges that you lack: you may not "
			"observe it\n"
			"root may: sudo alumet-agent watch %" PRIu32,
			pid, status.comm, pid);
	return 0;
}
