/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/summary/status_line.h"

#include <fcntl.h>
#include <linux/major.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/clock.h"

/* Shorter runs show no line. The timer may fire a little early. */
#define SHOWN_AFTER_NS (2 * NSEC_PER_SEC - 100 * NSEC_PER_MSEC)

/* Width of a terminal of unknown size. */
#define USUAL_COLUMNS 80

/* Return to the beginning of the line, and erase to its end (ECMA-48, EL). */
#define ERASE "\r\x1b[K"

/* --- where ------------------------------------------------------------------------------------ */

/* Whether the terminal understands ERASE. */
static bool can_erase(void)
{
	const char *type = getenv("TERM");

	return type && *type && strcmp(type, "dumb") != 0;
}

bool status_line_open(struct status_line *line, enum progress_when when)
{
	*line = (struct status_line){.when = when, .fd = -1};
	text_signs_init(&line->signs, false);
	if (when == PROGRESS_NEVER || !can_erase())
		return false;
	if (isatty(STDERR_FILENO))
		line->fd = STDERR_FILENO;
	else if (when == PROGRESS_ALWAYS)
		line->fd = open("/dev/tty", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	return line->fd >= 0;
}

/* /dev/tty is the controlling terminal of the process that opened it: most likely this one. */
static bool is_terminal(const struct stat *file, const struct stat *terminal)
{
	return S_ISCHR(file->st_mode) &&
	       (file->st_rdev == terminal->st_rdev || file->st_rdev == makedev(TTYAUX_MAJOR, 0));
}

/*
 * Whether the command's output now goes to this terminal; a shell may have redirected it. If
 * unknown, yes: a command that has just ended has no file descriptors left.
 */
static bool command_writes_here(const struct status_line *line, const struct run_info *run)
{
	struct stat terminal, file;
	char path[64];

	if (!run->pid)
		return false;
	if (fstat(line->fd, &terminal))
		return true;
	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
		snprintf(path, sizeof(path), "/proc/%u/fd/%d", run->pid, fd);
		if (stat(path, &file) || is_terminal(&file, &terminal))
			return true;
	}
	return false;
}

/*
 * In the background, the terminal belongs to the shell, and writing may stop the agent (SIGTTOU);
 * neither applies if it is not the controlling terminal. A terminal paused with Ctrl-S accepts
 * nothing.
 */
static bool may_write(const struct status_line *line)
{
	const pid_t foreground = tcgetpgrp(line->fd);
	struct pollfd terminal = {.fd = line->fd, .events = POLLOUT};

	return (foreground < 0 || foreground == getpgrp()) && poll(&terminal, 1, 0) == 1 &&
	       terminal.revents == POLLOUT;
}

/* --- drawing ---------------------------------------------------------------------------------- */

/* One write(), so that it does not mix with a line of the command. */
static void put(const struct status_line *line, const char *bytes, size_t n)
{
	/* A closed terminal is not an error of the run. */
	if (write(line->fd, bytes, n) < 0)
		return;
}

static void erase(struct status_line *line)
{
	if (line->is_drawn && may_write(line))
		put(line, ERASE, strlen(ERASE));
	line->is_drawn = false;
}

/* Erase the status line, so that the message starts a line, and pass it to the previous sink. */
static void take_message(void *data, enum log_level level, const char *message)
{
	static void (*const say[])(const char *format, ...) = {
		[LOG_ERROR] = log_error,
		[LOG_WARN] = log_warn,
		[LOG_INFO] = log_info,
		[LOG_DEBUG] = log_debug,
	};
	struct status_line *line = data;
	const struct log_sink sink = log_set_sink(line->behind);

	erase(line);
	say[level]("%s", message);
	log_set_sink(sink);
}

static unsigned columns_of(const struct status_line *line)
{
	struct winsize size = {0};

	if (ioctl(line->fd, TIOCGWINSZ, &size) || !size.ws_col)
		return USUAL_COLUMNS;
	return size.ws_col;
}

static void draw(struct status_line *line, const struct status *status)
{
	struct text_line text;
	char bytes[sizeof(ERASE) + sizeof(text.bytes)];
	int n;

	status_text(&text, &line->signs, status, columns_of(line));
	n = snprintf(bytes, sizeof(bytes), ERASE "%s", text.bytes);
	if (n <= 0 || !may_write(line))
		return;
	if (!line->has_sink) {
		line->behind = log_set_sink((struct log_sink){take_message, line});
		line->has_sink = true;
	}
	put(line, bytes, (size_t)n);
	line->is_drawn = true;
}

/* --- what ------------------------------------------------------------------------------------- */

/* Rate per second; 0 for a sum that decreased because something was lost. */
static double rate(double before, double now, uint64_t before_ns, uint64_t now_ns)
{
	return now > before && now_ns > before_ns
	               ? (now - before) * (double)NSEC_PER_SEC / (double)(now_ns - before_ns)
	               : 0;
}

void status_line_update(struct status_line *line, const struct run_progress *now,
                        const struct run_info *run)
{
	const struct run_progress before = line->before;
	const struct status status = {
		.elapsed_ns = now->now_ns - run->start_ns,
		.run = run->number,
		.runs = run->repeats,
		.has_processes = now->has_processes,
		.n_alive = now->n_alive,
		.n_ended = now->n_ended,
		.cpus_busy = rate((double)before.cpu_ns, (double)now->cpu_ns, before.cpu_at_ns,
	                          now->cpu_at_ns) /
	                     (double)NSEC_PER_SEC,
		.has_watts = now->has_energy && before.has_energy,
		.watts = rate(before.joules, now->joules, before.joules_at_ns, now->joules_at_ns),
	};

	line->before = *now;
	if (line->fd < 0 || status.elapsed_ns < SHOWN_AFTER_NS)
		return;
	if (line->when == PROGRESS_AUTO && command_writes_here(line, run))
		erase(line);
	else
		draw(line, &status);
}

void status_line_remove(struct status_line *line)
{
	erase(line);
	if (line->has_sink)
		log_set_sink(line->behind);
	line->has_sink = false;
}

void status_line_close(struct status_line *line)
{
	status_line_remove(line);
	if (line->fd > STDERR_FILENO)
		close(line->fd);
	line->fd = -1;
	text_signs_fini(&line->signs);
}
