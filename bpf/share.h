/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A part of a number, in whole numbers of 64 bits, which is what a BPF program has. */
#ifndef BPF_SHARE_H
#define BPF_SHARE_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define SHARE_INLINE static inline __attribute__((always_inline))

/* A long division under way. */
struct division {
	__u64 quotient;
	__u64 rest;
};

/* value × the next 16 bits of a factor, divided by whole; value and rest are below 2^47, as whole is. */
SHARE_INLINE void divide_on(struct division *division, __u64 value, __u64 bits, __u64 whole)
{
	__u64 product = (division->rest << 16) + value * (bits & 0xffff);

	division->quotient = (division->quotient << 16) + product / whole;
	division->rest = product % whole;
}

/*
 * value × part / whole to the nearest whole number, part < whole. Exact for a whole below 2^47, 39 hours in
 * ns; of a longer one the last 16 bits, 65 µs, are left out.
 */
SHARE_INLINE __u64 share_of(__u64 value, __u64 part, __u64 whole)
{
	struct division division = {0};
	__u64 shift = whole >> 47 ? 16 : 0;

	part >>= shift;
	whole >>= shift;
	divide_on(&division, value % whole, part >> 32, whole);
	divide_on(&division, value % whole, part >> 16, whole);
	divide_on(&division, value % whole, part, whole);
	return value / whole * part + division.quotient + (division.rest >= whole - division.rest);
}

#endif
