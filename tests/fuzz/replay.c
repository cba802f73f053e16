/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs a fuzz target over files, for machines without libFuzzer and for valgrind:
 * replay FILE|FOLDER... The target's own requirements abort it.
 */
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

static size_t n_replayed;

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size = 0, got;
	uint8_t block[4096];

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	while ((got = fread(block, 1, sizeof(block), file)) > 0) {
		uint8_t *grown = realloc(data, size + got);

		if (!grown)
			abort();
		data = grown;
		memcpy(data + size, block, got);
		size += got;
	}
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	n_replayed++;
	return 0;
}

static int replay_folder(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	char file[4096];
	int result = 0;

	if (!folder)
		return 0; /* a target without such inputs */
	while ((entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		result |= replay_file(file);
	}
	closedir(folder);
	return result;
}

int main(int argc, char **argv)
{
	struct stat status;
	int result = 0;

	for (int i = 1; i < argc; i++) {
		if (!stat(argv[i], &status) && S_ISREG(status.st_mode))
			result |= replay_file(argv[i]);
		else
			result |= replay_folder(argv[i]);
	}
	printf("%zu inputs\n", n_replayed);
	return result;
}
