/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files that a process has mapped, from the lines of /proc/PID/maps. */
#ifndef SOURCES_PERF_PROFILE_MAPPED_FILE_H
#define SOURCES_PERF_PROFILE_MAPPED_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* A line of maps; path is NULL if no file is mapped. */
struct map_line {
	uint64_t start, end, offset, device, inode;
	bool is_executable;
	char *path; /* in the line, without " (deleted)" */
};

/* Returns false if the line has another format. The line is modified. */
bool map_line_parse(char *line, struct map_line *map);

/*
 * Whether this is memory that has a name, but is of no file on a disk: compilers at run time have
 * shared memory, because one mapping may be written to and another one executed. Programs may be
 * executed from such memory, too.
 */
bool map_line_may_be_compiled(const struct map_line *map);

/* The file at a path. One that is replaced, or written again, has another version. */
struct file_version {
	bool is_known;
	uint64_t device, inode, size;
	struct timespec modified;
};

/*
 * Whether the path of the mapping leads to the mapped file. *version: of the file that it leads to,
 * which may be the mapped one even if its number is another, as on overlayfs; not known if there is
 * none, or it has replaced the mapped one.
 */
bool mapped_file_is_at_path(const struct map_line *map, struct file_version *version);

/*
 * Open the mapped file: at its path, or through the process that has mapped it. root: "/", or where
 * tests have created proc/. Returns a file descriptor or a negative errno.
 */
int mapped_file_open(const struct map_line *map, uint32_t pid, const char *root);

/* How many of them may be kept open, as other descriptors are needed, too. */
size_t mapped_files_max(void);

/* Whether the open file is of that version; false if none is known. */
bool file_version_is(const struct file_version *version, int fd);

/*
 * Open the path. Returns a file descriptor, or a negative errno: -ESTALE if the file is not of that
 * version, or none is known.
 */
int file_version_open(const struct file_version *version, const char *path);

#endif
