/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The page: one file that a browser opens, with its data inside. */
#include <errno.h>
#include <string.h>

#include "core/log.h"
#include "report/formats.h"
#include "report/html_data.h"
#include "report/packed.h"
#include "report/page.h"

/* As in the text report: energy, if it is attributed to processes. NULL: CPU time. */
static const char *default_cost(const struct report_data *data)
{
	return report_field_of(data, FIELD_ENERGY) >= 0 ? "energy" : NULL;
}

int report_write_html(struct report_data *data, const struct report_options *options, FILE *out)
{
	const char *const place =
		memmem(report_page, report_page_size, REPORT_PAGE_DATA, strlen(REPORT_PAGE_DATA));
	const size_t before = (size_t)(place - report_page);
	const size_t behind = before + strlen(REPORT_PAGE_DATA);
	struct text packed = {.n = 0};
	struct report_measure measure;
	int err =
		report_measure_find(data, options->by ? options->by : default_cost(data), &measure);

	if (err)
		return err;
	err = html_data_add(data, measure.name, &packed);
	if (!err) {
		fwrite(report_page, 1, before, out);
		err = packed_write_base64(&packed, out);
		fwrite(report_page + behind, 1, report_page_size - behind, out);
	}
	if (err)
		log_error("out of memory for the page");
	text_fini(&packed);
	return err;
}
