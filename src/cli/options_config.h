/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Turns the options into a request for the configuration. */
#ifndef CLI_OPTIONS_CONFIG_H
#define CLI_OPTIONS_CONFIG_H

#include "cli/options.h"
#include "config/config.h"

/*
 * Fill a request from the options, which must outlive it. Returns 0, or -ENOMEM, logged. Call
 * options_config_request_free() either way.
 */
int options_config_request(const struct options *options, struct config_request *request);
void options_config_request_free(struct config_request *request);

#endif
