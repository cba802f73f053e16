/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Send runs to each kind of store. Each returns as post_body() does, or -ENOMEM, logged. */
#ifndef SEND_STORES_H
#define SEND_STORES_H

#include "report/run.h"
#include "send/post.h"

/*
 * Influx line protocol: sums of each command and of the whole run, or with per_process the values
 * of each process; and the machine's energy. If a file is sent again, times and tags are the same.
 */
int send_influx(struct post *post, struct report_data *data, bool per_process);

/*
 * A trace for each run: a process is a span below its parent's. If sent again, ids are the same.
 */
int send_otlp(struct post *post, struct report_data *data);

/*
 * The rows of a file of the output processes, in parts of a few MB. Returns -EBADMSG, logged, for
 * files of another kind.
 */
int send_clickhouse(struct post *post, const char *path);

#endif
