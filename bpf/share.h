/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A share of a number with integers of 64 bits, which is all that a BPF program has. */
#ifndef BPF_SHARE_H
#define BPF_SHARE_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define SHARE_INLINE static inline __attribute__((always_inline))

/*
 * 1 unless number is 0. Computed: the compiler would make a branch of a comparison, a path for the
 * verifier.
 */
SHARE_INLINE __u64 is_not_0(__u64 number)
{
	return (number | -number) >> 63;
}

/*
 * value × part / whole to the nearest whole number, part < whole. Exact for a whole below 2^32, 4 s
 * in ns; of a longer one the last 16 bits, 65 µs, are left out, and from 2^48 on, three days, 4 s.
 */
SHARE_INLINE __u64 share_of(__u64 value, __u64 part, __u64 whole)
{
	__u64 shift = (is_not_0(whole >> 32) + is_not_0(whole >> 48)) * 16;

	part >>= shift;
	whole >>= shift;
	return value / whole * part + (value % whole * part + whole / 2) / whole;
}

#endif
