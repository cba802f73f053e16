/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The page without its data, as the build has put it together from page/. */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include <stddef.h>

/* What the data replace in the page. */
#define REPORT_PAGE_DATA "@DATA@"

extern const char *const report_page;
extern const size_t report_page_size;

#endif
