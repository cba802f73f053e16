/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "run/progress.h"

#include <sys/stat.h>
#include <unistd.h>

/* Whether path is the terminal of stderr, as /dev/stdout or under its own name. */
static bool is_the_terminal(const char *path)
{
	struct stat file, terminal;

	return stat(path, &file) == 0 && S_ISCHR(file.st_mode) &&
	       fstat(STDERR_FILENO, &terminal) == 0 && S_ISCHR(terminal.st_mode) &&
	       file.st_rdev == terminal.st_rdev;
}

bool progress_is_wanted(const struct stages *stages)
{
	bool is_wanted = false;

	for (size_t i = 0; i < stages->n_outputs; i++) {
		const struct output *output = stages->outputs[i];

		if (output->path && is_the_terminal(output->path))
			return false;
		is_wanted |= output->shows_progress;
	}
	return is_wanted;
}

void progress_show(const struct stages *stages)
{
	struct run_progress progress = {.now_ns = clock_monotonic_ns()};

	for (size_t i = 0; i < stages->n_sources; i++) {
		struct source *source = stages->sources[i].source;

		if (source->ops->progress && !stages->sources[i].failed)
			source->ops->progress(source, &progress);
	}
	for (size_t i = 0; i < stages->n_outputs; i++) {
		if (stages->outputs[i]->shows_progress)
			stages->outputs[i]->ops->progress(stages->outputs[i], &progress);
	}
}

void progress_remove(const struct stages *stages)
{
	for (size_t i = 0; i < stages->n_outputs; i++) {
		if (stages->outputs[i]->shows_progress)
			stages->outputs[i]->ops->progress(stages->outputs[i], NULL);
	}
}
