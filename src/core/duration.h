/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Quantities as people write them: durations ("1m 30s") and sizes ("1MiB"). */
#ifndef AGENT_DURATION_H
#define AGENT_DURATION_H

#include <stdint.h>

/*
 * A duration as the Rust library humantime, and so every Alumet configuration, writes it: numbers
 * with units, added up, spaces between them or not: "1s", "10ms", "1m 30s", "2h5min"; "0" needs no
 * unit. Beyond humantime a number may have a decimal fraction: "0.5s".
 * Units: ns us ms s m h d w M y and their longer names; a month is 30.44 days, a year 365.25, as
 * there.
 * Returns 0, or -EINVAL (not a duration), -ERANGE (more than 2^64 - 1 ns, 584 years); *why is then
 * a phrase for the user, a literal.
 */
int duration_parse(const char *text, uint64_t *ns, const char **why);

/*
 * A size in bytes: a number with an optional unit, B, KiB MiB GiB TiB (also K M G T, as perf has
 * them) or the decimal kB MB GB TB. Upper and lower case are the same but in "kB"/"KB": both 1000.
 * Errors as duration_parse().
 */
int size_parse(const char *text, uint64_t *bytes, const char **why);

#endif
