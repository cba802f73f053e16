/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "symbols/debug_info.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "symbols/debug_child.h"

#define BUFFER_SIZE (2 * (sizeof(struct debug_answer) + DEBUG_ANSWER_MAX))

/* A signal may come at any time. */
#define LOOK_MS 100

struct reading {
	const struct debug_question *questions;
	size_t n_questions;
	debug_take *take;
	void *data;
	char *buffer;
	size_t n;
	bool has_ended;
	enum debug_outcome outcome;
};

/* Do not trust the child: it has read files that anybody may have made. */
static int take_answer(struct reading *reading, const struct debug_answer *answer,
                       const char *bytes)
{
	const char *names[DEBUG_FUNCTIONS_MAX], *end = bytes + answer->size;

	if (answer->question >= reading->n_questions ||
	    answer->address >= reading->questions[answer->question].n || answer->n == 0 ||
	    answer->n > DEBUG_FUNCTIONS_MAX)
		return -EPROTO;
	for (size_t i = 0; i < answer->n; i++) {
		const char *zero = memchr(bytes, '\0', (size_t)(end - bytes));

		if (!zero)
			return -EPROTO;
		names[i] = bytes;
		bytes = zero + 1;
	}
	return reading->take(reading->data, answer->question, answer->address, names, answer->n);
}

/* Take all complete answers, and move the rest to the start of the buffer. */
static int take_answers(struct reading *reading)
{
	size_t at = 0;
	int err = 0;

	while (!err && !reading->has_ended && reading->n - at >= sizeof(struct debug_answer)) {
		struct debug_answer answer;

		memcpy(&answer, reading->buffer + at, sizeof(answer));
		if (answer.size > DEBUG_ANSWER_MAX)
			return -EPROTO;
		if (answer.question == DEBUG_END) {
			reading->has_ended = true;
			reading->outcome =
				answer.n <= DEBUG_STATIC ? answer.n : DEBUG_BROKEN;
			break;
		}
		if (reading->n - at - sizeof(answer) < answer.size)
			break;
		err = take_answer(reading, &answer, reading->buffer + at + sizeof(answer));
		at += sizeof(answer) + answer.size;
	}
	memmove(reading->buffer, reading->buffer + at, reading->n - at);
	reading->n -= at;
	return err;
}

/* Which signals are pending that ask the agent to end; it blocks them. */
static unsigned int end_requests(void)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP};
	unsigned int requests = 0;
	sigset_t pending;

	if (sigpending(&pending))
		return 0;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		requests |= sigismember(&pending, signals[i]) == 1 ? 1U << i : 0;
	return requests;
}

static int read_all(struct reading *reading, int fd, unsigned int seconds)
{
	const uint64_t end_ns = clock_monotonic_ns() + seconds * NSEC_PER_SEC;
	/* Those before have ended the run: they are not about this. */
	const unsigned int before = end_requests();
	int err = 0;

	while (!err && !reading->has_ended) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		ssize_t n;

		if (clock_monotonic_ns() >= end_ns || end_requests() & ~before) {
			reading->outcome = end_requests() & ~before ? DEBUG_STOPPED : DEBUG_LATE;
			break;
		}
		if (poll(&poll_fd, 1, LOOK_MS) <= 0)
			continue;
		n = read(fd, reading->buffer + reading->n, BUFFER_SIZE - reading->n);
		if (n == 0)
			break;
		if (n < 0)
			continue;
		reading->n += (size_t)n;
		err = take_answers(reading);
	}
	return err;
}

int debug_info_ask(const struct debug_question *questions, size_t n, const char *debug_root,
                   unsigned int seconds, debug_take *take, void *data, enum debug_outcome *outcome)
{
	struct reading reading = {.questions = questions,
	                          .n_questions = n,
	                          .take = take,
	                          .data = data,
	                          .outcome = DEBUG_BROKEN};
	const pid_t self = getpid();
	int ends[2], err = 0;
	pid_t child;

	*outcome = DEBUG_BROKEN;
	if (pipe2(ends, O_CLOEXEC))
		return 0;
	reading.buffer = malloc(BUFFER_SIZE);
	child = reading.buffer ? fork() : -1;
	if (child == 0) {
		close(ends[0]);
		debug_child(self, ends[1], questions, n, debug_root);
	}
	close(ends[1]);
	if (child > 0) {
		err = read_all(&reading, ends[0], seconds);
		kill(child, SIGKILL);
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
		*outcome = reading.outcome;
	}
	close(ends[0]);
	free(reading.buffer);
	/* Malformed answers are not the caller's fault. */
	return err == -EPROTO ? 0 : err;
}
