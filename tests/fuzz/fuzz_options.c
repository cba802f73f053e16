/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Command lines, the arguments separated by NULs: read, or refused, but for any content. */
#include "fuzz.h"

#include <errno.h>

#include "cli/options.h"

#define ARGUMENTS_MAX 16

/* argv as main() has it; what it points to is to be freed. */
static int take_arguments(struct input *input, char **argv)
{
	int argc = 0;

	argv[argc++] = strdup("alumet-agent");
	while (input->n && argc < ARGUMENTS_MAX) {
		const uint8_t *end = memchr(input->data, '\0', input->n);
		size_t n = end ? (size_t)(end - input->data) : input->n;

		argv[argc++] = take_text(input, n);
		if (end)
			take_u8(input);
	}
	argv[argc] = NULL;
	return argc;
}

static void require_whole(const struct options *options, char *const *argv, int argc)
{
	bool is_last = false;

	if (options->action == ACTION_EXEC) {
		REQUIRE(options->command && options->command[0]);
		for (int i = 0; i < argc; i++)
			is_last |= options->command == &argv[i];
		REQUIRE(is_last);
	}
	REQUIRE(options->config_path);
	for (size_t i = 0; i < options->n_plugins; i++)
		REQUIRE(options->plugins[i][0]);
	for (size_t i = 0; i < options->n_overrides; i++)
		REQUIRE(options->overrides[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	char *argv[ARGUMENTS_MAX + 1], *all[ARGUMENTS_MAX + 1];
	int argc = take_arguments(&input, argv);
	struct options options;
	int parsed;

	memcpy(all, argv, sizeof(all));
	parsed = options_parse(argc, argv, &options);
	REQUIRE(parsed >= 0 || parsed == -EINVAL);
	if (!parsed)
		require_whole(&options, argv, argc);
	options_free(&options);
	for (int i = 0; i < argc; i++)
		free(all[i]);
	return 0;
}
