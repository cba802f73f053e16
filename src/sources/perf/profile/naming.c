/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/profile/naming.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "core/log.h"
#include "linux/regular_file.h"
#include "sources/perf/profile/candidates.h"
#include "sources/perf/profile/compiled.h"
#include "sources/perf/profile/inlined.h"
#include "sources/perf/profile/kernel_names.h"
#include "symbols/elf_headers.h"
#include "symbols/elf_symbols.h"

/* Limit of memory for the symbols of all binaries and maps, which the measured user has made. */
#define SYMBOLS_ROOM ((size_t)1024 * 1024 * 1024)

/* Longest name of a file in "[file+0x12]". */
#define PLACE_NAME_MAX 480

#define VDSO "[vdso]"
#define KERNEL "[kernel]"

/* The symbols of a binary; by its number in images. */
struct known_binary {
	bool is_read;
	struct elf_symbols *symbols; /* NULL: unreadable */
	uint32_t module;             /* its name in strings; NO_STRING until is_read */
};

struct naming {
	struct images *images;
	struct strings *strings;
	struct programs programs;
	struct naming_paths paths;
	struct known_binary *binaries;
	struct compiled compiled;
	struct candidates candidates;
	size_t room; /* left for symbols */
	struct kernel_names *kernel;
	struct inlined inlined;
};

int naming_new(struct images *images, struct strings *strings, const struct programs *programs,
               const struct naming_paths *paths, struct naming **result)
{
	struct naming *naming = calloc(1, sizeof(*naming));

	*result = NULL;
	if (!naming)
		return -ENOMEM;
	naming->images = images;
	naming->strings = strings;
	naming->programs = *programs;
	naming->paths = *paths;
	naming->room = SYMBOLS_ROOM;
	naming->binaries = calloc(images->n_binaries + 1, sizeof(*naming->binaries));
	naming->kernel = kernel_names_new(paths->kernel, paths->kallsyms);
	if (compiled_init(&naming->compiled, images, paths->perf_maps) || !naming->binaries ||
	    !naming->kernel) {
		naming_free(naming);
		return -ENOMEM;
	}
	*result = naming;
	return 0;
}

void naming_free(struct naming *naming)
{
	if (!naming)
		return;
	candidates_fini(&naming->candidates);
	inlined_fini(&naming->inlined);
	for (size_t i = 0; naming->binaries && i < naming->images->n_binaries; i++)
		elf_symbols_free(naming->binaries[i].symbols);
	compiled_fini(&naming->compiled);
	kernel_names_free(naming->kernel);
	free(naming->binaries);
	free(naming);
}

bool naming_lacks_kernel(const struct naming *naming)
{
	return kernel_names_are_hidden(naming->kernel);
}

static int intern(struct naming *naming, const char *text, uint32_t *number)
{
	*number = strings_intern(naming->strings, text);
	return *number == NO_STRING ? -ENOMEM : 0;
}

/* --- binaries --------------------------------------------------------------------------------- */

/* Read this process's own vDSO: the kernel maps the same one into each process. */
static struct elf_symbols *read_vdso(void)
{
	const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)getauxval(AT_SYSINFO_EHDR);
	struct elf_symbols *symbols = NULL;

	if (header)
		elf_symbols_read_memory(
			header, header->e_shoff + (size_t)header->e_shnum * header->e_shentsize,
			&symbols);
	return symbols;
}

static int read_file(const struct naming *naming, const struct binary *binary, int fd,
                     const char *path, struct elf_symbols **symbols)
{
	return elf_symbols_read(fd, path, binary->has_build_id ? binary->build_id : NULL,
	                        naming->paths.debug_root, naming->room, symbols);
}

static struct elf_symbols *read_path(const struct naming *naming, const struct binary *binary,
                                     const char *path, bool *is_other)
{
	struct elf_symbols *symbols = NULL;
	/* Without a build id, only its version shows whether it is the file that was mapped. */
	const int fd = binary->has_build_id ? regular_file_open(path, 0, NULL)
	                                    : file_version_open(&binary->version, path);

	*is_other = fd == -ESTALE;
	if (fd < 0)
		return NULL;
	*is_other = read_file(naming, binary, fd, path, &symbols) == -ESTALE;
	close(fd);
	return symbols;
}

static struct elf_symbols *search(struct naming *naming, struct binary *binary)
{
	const char *path =
		candidates_find(&naming->candidates, naming->images, naming->strings,
	                        &naming->programs, naming->paths.library_cache, binary->build_id);
	bool is_other;

	if (!path)
		return NULL;
	binary->path = strdup(path);
	return read_path(naming, binary, path, &is_other);
}

/* Of a file without a build id, only its version shows it. */
static bool is_written_again(const struct binary *binary)
{
	return !binary->has_build_id && binary->version.is_known &&
	       !file_version_is(&binary->version, binary->fd);
}

static struct elf_symbols *read_binary(struct naming *naming, struct binary *binary)
{
	struct elf_symbols *symbols = NULL;
	bool is_other = false;

	if (binary->path && strcmp(binary->path, VDSO) == 0)
		return read_vdso();
	if (binary->fd >= 0)
		is_other = is_written_again(binary) ||
		           read_file(naming, binary, binary->fd, binary->path, &symbols) == -ESTALE;
	else if (binary->path)
		symbols = read_path(naming, binary, binary->path, &is_other);
	else if (binary->has_build_id)
		symbols = search(naming, binary);
	if (is_other)
		log_debug("profile: %s is not the file that was executed any more", binary->path);
	return symbols;
}

/* The module name of a binary: "libfoo.so", or its build id if it has no path. */
static int module_of(struct naming *naming, const struct binary *binary, uint32_t *module)
{
	char id[2 * 4 + sizeof("build-id ...")];
	const char *slash = binary->path ? strrchr(binary->path, '/') : NULL;

	if (binary->path)
		return intern(naming, slash && slash[1] ? slash + 1 : binary->path, module);
	snprintf(id, sizeof(id), "build-id %02x%02x%02x%02x...", binary->build_id[0],
	         binary->build_id[1], binary->build_id[2], binary->build_id[3]);
	return intern(naming, id, module);
}

static int know_binary(struct naming *naming, uint32_t index, struct known_binary **result)
{
	struct known_binary *known = &naming->binaries[index];
	int err = 0;

	*result = known;
	if (known->is_read)
		return 0;
	known->symbols = read_binary(naming, &naming->images->binaries[index]);
	if (known->symbols)
		naming->room -= elf_symbols_size(known->symbols);
	err = module_of(naming, &naming->images->binaries[index], &known->module);
	known->is_read = !err;
	return err;
}

/*
 * Convert the offset to an address of the file's symbols. Returns false if it is unknown, or no
 * code.
 */
static bool find_address(const struct known_binary *known, uint64_t offset, uint64_t *address)
{
	return known->symbols && elf_symbols_address(known->symbols, offset, address);
}

static int name_by_place(struct naming *naming, uint32_t module, uint64_t offset,
                         struct frame_name *name)
{
	const char *file = strings_get(naming->strings, module);
	const size_t length = strnlen(file, PLACE_NAME_MAX), bracket = file[0] == '[' && length > 2;
	char place[PLACE_NAME_MAX + 32];

	/* "[vdso]" already has brackets. */
	snprintf(place, sizeof(place), "[%.*s+0x%" PRIx64 "]", (int)(length - 2 * bracket),
	         file + bracket, offset);
	name->n = 1;
	return intern(naming, place, &name->functions[0]);
}

/*
 * The outermost function gets the name of its symbol, if the file has symbols for all functions;
 * debugging information has the inlined ones.
 */
static int name_in_binary(struct naming *naming, uint32_t index, uint64_t offset,
                          struct frame_name *name)
{
	const char *symbol = NULL;
	const uint32_t *inlined = NULL;
	struct known_binary *known;
	uint64_t address;
	int err = know_binary(naming, index, &known);

	if (err)
		return err;
	name->module = known->module;
	if (find_address(known, offset, &address)) {
		symbol = elf_symbols_name(known->symbols, address);
		inlined = inlined_find(&naming->inlined, index, address, &name->n);
	} else if (known->symbols) {
		name->is_code = false;
	}
	if (!symbol && !inlined)
		return name_by_place(naming, known->module, offset, name);
	if (inlined)
		memcpy(name->functions, inlined, name->n * sizeof(*inlined));
	else
		name->n = 1;
	return symbol && (!inlined || elf_symbols_are_complete(known->symbols))
	               ? function_intern(naming->strings, symbol, &name->functions[0])
	               : 0;
}

/* --- addresses -------------------------------------------------------------------------------- */

/* Samples have shown an address of the binary; its segments show how far the mapping extends. */
static bool find_by_segments(struct naming *naming, const struct image *image, uint64_t address,
                             uint32_t *binary, uint64_t *offset)
{
	for (size_t i = 0; i < image->n_seen; i++) {
		const struct mapping *seen = &image->seen[i];
		struct known_binary *known;

		*offset = address - (seen->start - seen->offset);
		*binary = seen->binary;
		if (!know_binary(naming, seen->binary, &known) && known->symbols &&
		    elf_symbols_has_code(known->symbols, *offset))
			return true;
	}
	return false;
}

static const char *find_compiled(struct naming *naming, uint32_t image, uint64_t address)
{
	return compiled_find(&naming->compiled, image, address, &naming->room);
}

static bool find_place(struct naming *naming, uint32_t index, uint64_t address, uint32_t *binary,
                       uint64_t *offset)
{
	const struct images *images = naming->images;

	if (images_find(images, index, address, binary, offset))
		return true;
	for (; index != NO_IMAGE; index = images->images[index].origin) {
		if (find_by_segments(naming, &images->images[index], address, binary, offset))
			return true;
	}
	return false;
}

static int name_address(struct naming *naming, uint32_t image, uint64_t address,
                        struct frame_name *name)
{
	const char *compiled = find_compiled(naming, image, address);
	uint32_t binary;
	uint64_t offset;
	char place[32];
	int err;

	if (!compiled && find_place(naming, image, address, &binary, &offset))
		return name_in_binary(naming, binary, offset, name);
	err = intern(naming, "", &name->module);
	if (err)
		return err;
	name->is_code = compiled || images_has_own_code(naming->images, image, address);
	snprintf(place, sizeof(place), "[0x%" PRIx64 "]", address);
	name->n = 1;
	return intern(naming, compiled ? compiled : place, &name->functions[0]);
}

/* --- debugging information -------------------------------------------------------------------- */

/* Whether debugging information may know more than the symbols. */
static bool is_to_be_asked(const struct known_binary *known)
{
	return known->symbols &&
	       (elf_symbols_have_debug_info(known->symbols) || inlined_may_fetch());
}

static int prepare(struct naming *naming, const struct stack_frame *frame)
{
	uint32_t binary = frame->index;
	uint64_t offset = frame->place, address;
	struct known_binary *known;
	int err;

	if (frame->kind == STACK_KERNEL)
		return 0;
	if (frame->kind == STACK_ADDRESS &&
	    (find_compiled(naming, frame->index, frame->place) ||
	     !find_place(naming, frame->index, frame->place, &binary, &offset)))
		return 0;
	err = know_binary(naming, binary, &known);
	if (err || !is_to_be_asked(known) || !find_address(known, offset, &address))
		return err;
	return inlined_add(&naming->inlined, binary, address);
}

int naming_prepare(struct naming *naming, const struct stacks *stacks)
{
	int err = 0;

	for (size_t i = STACK_ROOT + 1; i < stacks->n_nodes && !err; i++)
		err = prepare(naming, &stacks->nodes[i].frame);
	return err ? err
	           : inlined_ask(&naming->inlined, naming->images, naming->strings,
	                         naming->paths.debug_root);
}

enum debug_outcome naming_debug_outcome(const struct naming *naming)
{
	return naming->inlined.outcome;
}

/* --- the kernel ------------------------------------------------------------------------------- */

static int name_kernel(struct naming *naming, uint64_t address, struct frame_name *name)
{
	const char *module;
	const char *function = kernel_names_find(naming->kernel, address, &module);
	int err = intern(naming, module ? module : KERNEL, &name->module);

	name->n = 1;
	return err ? err
	           : function_intern(naming->strings, function ? function : KERNEL,
	                             &name->functions[0]);
}

int naming_find(struct naming *naming, const struct stack_frame *frame, struct frame_name *name)
{
	name->is_code = true;
	switch (frame->kind) {
	case STACK_KERNEL:
		return name_kernel(naming, frame->place, name);
	case STACK_BINARY:
		return name_in_binary(naming, frame->index, frame->place, name);
	case STACK_ADDRESS:
		return name_address(naming, frame->index, frame->place, name);
	}
	return -EINVAL;
}
