/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Quantities as people write them: durations ("1m 30s") and sizes ("1MiB"). */
#ifndef CORE_DURATION_H
#define CORE_DURATION_H

#include <stdint.h>

/*
 * Parse a duration in the format of the Rust library humantime, which Alumet's configuration uses:
 * numbers with units, which are added up, with or without spaces: "1s", "10ms", "1m 30s", "2h5min".
 * "0" needs no unit. Unlike in humantime, a number may have a decimal fraction: "0.5s".
 * Units: ns us ms s m h d w M y and their longer names; as in humantime, a month has 30.44 days and
 * a year 365.25.
 * Returns 0, -EINVAL (not a duration) or -ERANGE (more than 2^64 - 1 ns, 584 years). On an error,
 * *why is a string literal that tells the user what is wrong.
 */
int duration_parse(const char *text, uint64_t *ns, const char **why);

/*
 * Parse a size in bytes: a number with an optional unit. Units are B, KiB MiB GiB TiB (also K M G
 * T, as in perf) and the decimal kB MB GB TB. Case does not matter: "KB" is 1000 bytes too. Errors
 * as for duration_parse().
 */
int size_parse(const char *text, uint64_t *bytes, const char **why);

#endif
