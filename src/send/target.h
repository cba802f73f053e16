/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The address of a store, as a URL whose scheme names the protocol:
 *
 *	influx+http://HOST:8086/write?db=NAME           InfluxDB 1, VictoriaMetrics
 *	influx+https://HOST/api/v2/write?org=O&bucket=B InfluxDB 2 and later
 *	clickhouse+http://HOST:8123/?database=D&table=T  the CSV file of the output processes
 *	otlp+http://HOST:4318/v1/traces                  a trace for each run
 *
 * http:// or https:// alone is enough if the path is /write, /api/v2/write or /v1/traces.
 */
#ifndef SEND_TARGET_H
#define SEND_TARGET_H

#include <stdbool.h>

enum send_protocol { SEND_INFLUX, SEND_CLICKHOUSE, SEND_OTLP };

struct send_target {
	enum send_protocol protocol;
	char *url;   /* requests are posted to it */
	char *host;  /* its host and port, for messages */
	char *table; /* SEND_CLICKHOUSE */
	char *token; /* NULL: none. Never part of a message */
	char *user;  /* from the address, for SEND_CLICKHOUSE; NULL: none */
	bool is_loopback;
};

/*
 * Parse an address, and read the token from the file, or from the environment if token_file is
 * NULL. Returns 0; or -EINVAL, -ENOMEM or the error of reading the file, logged. Call
 * send_target_fini() in all cases.
 */
int send_target_init(struct send_target *target, const char *address, const char *token_file);
void send_target_fini(struct send_target *target);

#endif
