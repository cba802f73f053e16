/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Linked into an agent of its own (--wrap=NAME of ld): the n-th of the calls below fails, as the
 * environment says, as if memory, descriptors or devices had run out just then.
 *
 *   INJECT=n       fail the n-th call
 *   INJECT_LOG=f   append to file f which call that was, and where: "calloc src/core/arena.c:12"
 *
 * Calls that cannot fail in a correct program (close(), sigprocmask() …) are left alone, and so is
 * what libraries do inside. inject.mk has the list of names once more.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

/* Of the sanitizers' runtime. */
void __sanitizer_symbolize_pc(void *pc, const char *format, char *text, size_t size);

/* Of all threads. */
static unsigned long n_calls;

static void note(const char *name, void *caller)
{
	const char *path = getenv("INJECT_LOG");
	int fd =
		path ? openat(AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644) : -1;
	char place[512] = "", line[600];

	__sanitizer_symbolize_pc(caller, "%S %f", place, sizeof(place));
	snprintf(line, sizeof(line), "%s %s\n", name, place);
	if (fd < 0)
		return;
	if (write(fd, line, strlen(line)) < 0)
		abort();
	close(fd);
}

/* Whether this is the call that fails. */
bool inject_fails(const char *name, int error, void *caller)
{
	const unsigned long n = __atomic_add_fetch(&n_calls, 1, __ATOMIC_RELAXED);
	const char *text = getenv("INJECT");

	if (n != (text ? strtoul(text, NULL, 10) : 0))
		return false;
	note(name, caller);
	errno = error;
	return true;
}

/* FAIL(type, name, (parameters), (arguments), errno, result) */
#define FAIL(type, name, parameters, arguments, error, result)                                     \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		if (inject_fails(#name, error, __builtin_return_address(0)))                       \
			return result;                                                             \
		return __real_##name arguments;                                                    \
	}

/* --- memory ----------------------------------------------------------------------------------- */

FAIL(void *, malloc, (size_t size), (size), ENOMEM, NULL)
FAIL(void *, calloc, (size_t n, size_t size), (n, size), ENOMEM, NULL)
FAIL(void *, realloc, (void *old, size_t size), (old, size), ENOMEM, NULL)
FAIL(void *, reallocarray, (void *old, size_t n, size_t size), (old, n, size), ENOMEM, NULL)
FAIL(char *, strdup, (const char *text), (text), ENOMEM, NULL)
FAIL(char *, strndup, (const char *text, size_t n), (text, n), ENOMEM, NULL)
FAIL(int, vasprintf, (char **text, const char *format, va_list arguments),
     (text, format, arguments), ENOMEM, -1)
FAIL(FILE *, open_memstream, (char **text, size_t *size), (text, size), ENOMEM, NULL)
FAIL(ssize_t, __getdelim, (char **line, size_t *size, int end, FILE *file), (line, size, end, file),
     ENOMEM, -1)
FAIL(void *, mmap, (void *at, size_t n, int protection, int flags, int fd, off_t offset),
     (at, n, protection, flags, fd, offset), ENOMEM, MAP_FAILED)

int __wrap_asprintf(char **text, const char *format, ...);
int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list arguments;
	int n;

	if (inject_fails("asprintf", ENOMEM, __builtin_return_address(0)))
		return -1;
	va_start(arguments, format);
	n = __real_vasprintf(text, format, arguments);
	va_end(arguments);
	return n;
}

/* --- files ------------------------------------------------------------------------------------ */

FAIL(FILE *, fopen, (const char *path, const char *mode), (path, mode), EMFILE, NULL)
FAIL(FILE *, fdopen, (int fd, const char *mode), (fd, mode), ENOMEM, NULL)
FAIL(DIR *, opendir, (const char *path), (path), EMFILE, NULL)
FAIL(ssize_t, read, (int fd, void *to, size_t n), (fd, to, n), EIO, -1)
FAIL(ssize_t, pread, (int fd, void *to, size_t n, off_t offset), (fd, to, n, offset), EIO, -1)
FAIL(ssize_t, write, (int fd, const void *from, size_t n), (fd, from, n), ENOSPC, -1)
FAIL(int, fstat, (int fd, struct stat *status), (fd, status), EIO, -1)
FAIL(int, stat, (const char *path, struct stat *status), (path, status), EIO, -1)
FAIL(int, fsync, (int fd), (fd), EIO, -1)
FAIL(int, ftruncate, (int fd, off_t size), (fd, size), EIO, -1)
FAIL(int, rename, (const char *from, const char *to), (from, to), EIO, -1)
FAIL(ssize_t, readlink, (const char *path, char *to, size_t n), (path, to, n), EIO, -1)

int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode)
{
	if (inject_fails("open", EMFILE, __builtin_return_address(0)))
		return -1;
	return __real_open(path, flags, mode);
}

int __real_openat(int folder, const char *path, int flags, mode_t mode);
int __wrap_openat(int folder, const char *path, int flags, mode_t mode);
int __wrap_openat(int folder, const char *path, int flags, mode_t mode)
{
	if (inject_fails("openat", EMFILE, __builtin_return_address(0)))
		return -1;
	return __real_openat(folder, path, flags, mode);
}

/* --- waiting, processes ----------------------------------------------------------------------- */

FAIL(int, epoll_create1, (int flags), (flags), EMFILE, -1)
FAIL(int, epoll_ctl, (int epoll, int operation, int fd, struct epoll_event *event),
     (epoll, operation, fd, event), ENOSPC, -1)
FAIL(int, epoll_wait, (int epoll, struct epoll_event *events, int n, int timeout),
     (epoll, events, n, timeout), EINTR, -1)
FAIL(int, timerfd_create, (int clock, int flags), (clock, flags), EMFILE, -1)
FAIL(int, timerfd_settime,
     (int fd, int flags, const struct itimerspec *new, struct itimerspec *old),
     (fd, flags, new, old), EINVAL, -1)
FAIL(int, signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags), EMFILE, -1)
FAIL(int, socket, (int domain, int type, int protocol), (domain, type, protocol), EMFILE, -1)
FAIL(int, bind, (int fd, const struct sockaddr *address, socklen_t n), (fd, address, n), EACCES, -1)
FAIL(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options), EINTR, -1)

/* perf_event_open(), and bpf() of the light skeleton. */
long __real_syscall(long number, ...);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	int error = number == SYS_perf_event_open ? EMFILE : number == SYS_bpf ? ENOMEM : ESRCH;

	/* While it waits, memory and errno are the child's too. */
	if (number == SYS_futex)
		return __real_syscall(number, a, b, c, d, e, f);
	if (inject_fails(number == SYS_perf_event_open ? "perf_event_open"
	                 : number == SYS_bpf           ? "bpf"
	                                               : "syscall",
	                 error, __builtin_return_address(0)))
		return -1;
	return __real_syscall(number, a, b, c, d, e, f);
}

#define CLONE_ARGUMENTS                                                                            \
	int (*function)(void *), void *stack, int flags, void *data, int *pidfd, void *tls,        \
		pid_t *child_tid

int __real_clone(CLONE_ARGUMENTS);
int __wrap_clone(CLONE_ARGUMENTS);
int __wrap_clone(CLONE_ARGUMENTS)
{
	if (inject_fails("clone", EAGAIN, __builtin_return_address(0)))
		return -1;
	return __real_clone(function, stack, flags, data, pidfd, tls, child_tid);
}

/* --- libbpf ----------------------------------------------------------------------------------- */

FAIL(int, bpf_map_update_elem, (int fd, const void *key, const void *value, __u64 flags),
     (fd, key, value, flags), ENOMEM, -ENOMEM)
FAIL(int, bpf_map_lookup_batch,
     (int fd, void *in, void *out, void *keys, void *values, __u32 *n,
      const struct bpf_map_batch_opts *options),
     (fd, in, out, keys, values, n, options), ENOMEM, -ENOMEM)
FAIL(int, bpf_map_create,
     (enum bpf_map_type type, const char *name, __u32 key_size, __u32 value_size, __u32 entries,
      const struct bpf_map_create_opts *options),
     (type, name, key_size, value_size, entries, options), EPERM, -EPERM)
FAIL(int, bpf_prog_test_run_opts, (int fd, struct bpf_test_run_opts *options), (fd, options),
     ENOMEM, -ENOMEM)
FAIL(struct ring_buffer *, ring_buffer__new,
     (int fd, ring_buffer_sample_fn function, void *data, const struct ring_buffer_opts *options),
     (fd, function, data, options), ENOMEM, NULL)
FAIL(struct bpf_link *, bpf_program__attach, (const struct bpf_program *program), (program), ENOMEM,
     NULL)
