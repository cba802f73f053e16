/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Saved runs of any bytes, plain or compressed: read, and written in every format. */
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "core/log.h"
#include "report/formats.h"
#include "report/read.h"

static void require_sound(const struct report_data *data)
{
	for (size_t i = 0; i < data->n_processes; i++) {
		const struct report_process *process = &data->processes[i];

		REQUIRE(process->parent == NO_PROCESS || process->parent < i);
		REQUIRE(process->begin_ns <= process->end_ns && process->end_ns <= data->end_ns);
		REQUIRE(process->run < data->n_runs);
		REQUIRE(process->comm && process->exe && process->args);
	}
	for (size_t i = 0; i < data->n_slices; i++) {
		REQUIRE(data->slices[i].process < data->n_processes);
		REQUIRE(data->slices[i].begin_ns < data->slices[i].end_ns);
	}
}

static void write_all(struct report_data *data)
{
	static const struct report_options options = {.n_paths = 0};

	for (const struct report_format *format = report_formats; format->name; format++) {
		char *written = NULL;
		size_t n = 0;
		FILE *out = open_memstream(&written, &n);

		REQUIRE(out);
		REQUIRE(format->write(data, &options, out) == 0);
		fclose(out);
		free(written);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static int file = -1;
	struct report_data data = {.n_runs = 0};
	struct report_input *input;
	char path[32];

	log_set_level(LOG_ERROR);
	if (file < 0)
		file = memfd_create("run.csv", MFD_CLOEXEC);
	REQUIRE(file >= 0 && ftruncate(file, 0) == 0);
	REQUIRE(pwrite(file, bytes, size, 0) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	REQUIRE(report_input_open(path, &input) == 0);
	if (report_read_input(input, "run.csv", &data) == 0) {
		require_sound(&data);
		write_all(&data);
	}
	report_input_close(input);
	report_data_fini(&data);
	return 0;
}
