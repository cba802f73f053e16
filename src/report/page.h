/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The page without its data; the build assembles it from page/. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stddef.h>

/* The placeholder for the data. */
#define REPORT_PAGE_DATA "@DATA@"

extern const char *const report_page;
extern const size_t report_page_size;

#endif
