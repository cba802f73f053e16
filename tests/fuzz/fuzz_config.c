/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A whole configuration, as a file has it, into the settings of plugins. */
#include "fuzz.h"

#include "config/config.h"
#include "unit/config_support.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	char *text = take_rest(&input);
	const char *overrides[] = {text, "plugins.perf.poll_interval = '7s'"};
	const struct config_request request = {
		.path = "/nonexistent/alumet-config.toml",
		.overrides = overrides,
		.n_overrides = 2,
	};
	struct config config;

	if (!config_load_from(test_plugins, TEST_PLUGINS, &request, &config)) {
		const struct perf_settings *perf = config.plugins[0].settings;

		REQUIRE(config.n == TEST_PLUGINS);
		REQUIRE(perf->poll_interval_ns == 7000000000ULL);
		for (size_t i = 0; i < perf->events.n; i++)
			REQUIRE(perf->events.items[i].text);
	}
	config_free(&config);
	free(text);
	return 0;
}
