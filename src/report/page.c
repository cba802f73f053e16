/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/page.h"

static const unsigned char page[] = {
#include "report_page.h"
};

const char *const report_page = (const char *)page;
const size_t report_page_size = sizeof(page);
