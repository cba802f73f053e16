/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads debugging information in a child process. The measured user has made the files, and libdw
 * is meant for files that one trusts. A child that crashes, loops or uses up its memory only costs
 * the names that it would have found.
 */
#ifndef SYMBOLS_DEBUG_INFO_H
#define SYMBOLS_DEBUG_INFO_H

#include <stddef.h>
#include <stdint.h>

/* Maximum number of functions at one address; those inlined deeper count as the last one. */
#define DEBUG_FUNCTIONS_MAX 32

/* A question about one file. */
struct debug_question {
	const char *path;  /* where to search for separate files; NULL: unknown */
	int fd;            /* of the file, owned by the caller; negative: open the path */
	const uint8_t *build_id; /* ELF_BUILD_ID_SIZE bytes that the file must have, or NULL */
	const uint64_t *addresses; /* in ascending order, as in the file's symbols */
	size_t n;
};

/* How reading ended. */
enum debug_outcome {
	DEBUG_ALL,
	DEBUG_NO_LIBRARY, /* libdw is not installed */
	DEBUG_STATIC,     /* a static program cannot load libdw */
	DEBUG_LATE,       /* time ran out */
	DEBUG_BROKEN,     /* the child ended early, or could not be created */
	DEBUG_STOPPED,    /* a blocked SIGINT, SIGTERM, SIGQUIT or SIGHUP became pending */
};

/*
 * Takes the answer to one address of a question: the functions there, from the outermost to the
 * innermost; each was inlined into the one before. They are valid during the call. Returns 0, or a
 * negative errno to stop.
 */
typedef int debug_take(void *data, size_t question, size_t address, const char *const *names,
                       size_t n);

/*
 * Ask for the functions in n files; debug_root: /usr/lib/debug. take is called for each address
 * about which anything is known. Returns 0, or the negative errno of take. Answers that were taken
 * before an error are valid.
 */
int debug_info_ask(const struct debug_question *questions, size_t n, const char *debug_root,
                   unsigned int seconds, debug_take *take, void *data, enum debug_outcome *outcome);

#endif
