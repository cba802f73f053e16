/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Messages for a file that cannot be written, the same for every output. */
#ifndef CORE_LOG_WRITE_H
#define CORE_LOG_WRITE_H

/*
 * Log that a file cannot be written, why, and what to do. err: a negative errno, which is returned.
 * why: NULL, or more than the errno says; it may have lines of its own that say what to do.
 */
int log_cannot_write(const char *path, int err, const char *why);

/*
 * Flush the standard output. Returns 0, or a negative errno that is the cause of this or of an
 * earlier failure; logs it as "cannot write WHAT: …".
 */
int log_flush_output(const char *what);

#endif
