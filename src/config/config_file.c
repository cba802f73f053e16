/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "config/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "core/text.h"
#include "linux/trust.h"

/* A larger file is not a configuration: somebody named a device or a data file. */
#define FILE_MAX (16U << 20)

/* The text grows by this many bytes, its NUL included. */
#define READ_SIZE 4096

/*
 * Replaces "\${" while a text is parsed: TOML forbids "\$" in "basic" strings, but Alumet, which
 * replaces variables before parsing, accepts it. A private-use character of the same length, so
 * that positions do not change.
 */
#define ESCAPED_DOLLAR "\xee\x80\x80" /* U+E000 */

/* ---- messages ---- */

static char *place_text(const struct toml_value *value, struct toml_place place)
{
	char *text = NULL;

	if (asprintf(&text, "%s:%u:%u: ", value->origin, place.line, place.column) < 0)
		return NULL;
	return text;
}

static void complain(void (*log)(const char *format, ...), const struct toml_value *value,
                     struct toml_place place, const char *format, va_list args)
{
	char *where = place_text(value, place);
	char *what = NULL;

	if (vasprintf(&what, format, args) < 0)
		what = NULL;
	log("%s%s", where ? where : "", what ? what : "out of memory");
	free(where);
	free(what);
}

void config_error(const struct toml_value *value, struct toml_place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(log_error, value, place, format, args);
	va_end(args);
}

void config_warn(const struct toml_value *value, struct toml_place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(log_warn, value, place, format, args);
	va_end(args);
}

/* ---- reading ---- */

/* The text is NUL-terminated; text->n does not count the NUL. */
static int read_all(int fd, struct text *text)
{
	for (;;) {
		ssize_t got;

		if (text->n >= FILE_MAX)
			return -EFBIG;
		if (text->capacity - text->n < 2 && !text_grow(text, READ_SIZE))
			return -ENOMEM;
		got = read(fd, text->data + text->n, text->capacity - text->n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		text->n += (size_t)got;
		text->data[text->n] = '\0';
		if (got == 0)
			return 0;
	}
}

/*
 * Without a file name from the user, the file in the current directory is read. If another user has
 * put it there, or can change it, it must not decide what the caller writes and where: it is
 * ignored, as with git's safe.directory. For a symbolic link the link's own owner counts, who chose
 * its target.
 */
static const char *find_distrust(const char *path, int fd)
{
	struct stat link, file, directory;

	if (stat(".", &directory) != 0 || lstat(path, &link) != 0 || fstat(fd, &file) != 0)
		return "its owner cannot be determined";
	if (!trust_is_own(directory.st_uid))
		return "the current directory belongs to another user";
	if (trust_is_shared(&directory))
		return "other users may write to the current directory";
	if (!trust_is_own(link.st_uid))
		return "it belongs to another user";
	if (!S_ISLNK(link.st_mode) && trust_is_shared(&file))
		return "other users may write to it";
	return S_ISREG(file.st_mode) ? NULL : "it is not a regular file";
}

static void pass_over(const char *path, const char *why)
{
	log_warn("%s is ignored: %s; if you trust it, name it: --config %s", path, why, path);
}

/* /dev/fd/N, which a shell passes for <(command), and other inherited file descriptors. */
static bool names_descriptor(const char *path)
{
	return strncmp(path, "/dev/fd/", 8) == 0 || strncmp(path, "/proc/", 6) == 0 ||
	       strcmp(path, "/dev/stdin") == 0;
}

/*
 * A named file can be a regular file, a character device (/dev/null), or a pipe that is already
 * open. Opening a FIFO would block until there is a writer.
 */
static int check_type(const char *path, int fd)
{
	struct stat file;

	if (fstat(fd, &file) != 0)
		return -errno;
	if (S_ISDIR(file.st_mode))
		return -EISDIR;
	if (S_ISREG(file.st_mode) || S_ISCHR(file.st_mode) ||
	    (S_ISFIFO(file.st_mode) && names_descriptor(path)))
		return fcntl(fd, F_SETFL, 0) < 0 ? -errno : 0;
	return -EINVAL;
}

static int cannot_read(const struct config_request *request, int err)
{
	const char *path = request->path;

	if (err == -ENOENT)
		log_error("there is no configuration file %s\nto write one with the defaults: "
		          "alumet-agent --config %s config regen",
		          path, path);
	else if (err == -EFBIG)
		log_error("%s is larger than %u MiB: it cannot be a configuration file", path,
		          FILE_MAX >> 20);
	else if (err == -EINVAL)
		log_error("%s is not a regular file: it cannot be a configuration file", path);
	else if (err == -EISDIR)
		log_error("%s is a directory, not a configuration file", path);
	else
		log_error("cannot read the configuration file %s: %s", path, strerror(-err));
	return err;
}

/* Opening must not block, e.g. on a FIFO without a writer. Returns a file descriptor or -errno. */
static int open_without_waiting(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

/* Returns 0 with an empty text if there is no file, or it is ignored, and none is required. */
static int read_file(const struct config_request *request, struct text *text)
{
	const bool found = !request->path_is_named;
	const char *path = request->path, *distrust = NULL;
	int fd = open_without_waiting(path);
	int err;

	if (fd == -ENOENT && found && !request->must_exist)
		return 0;
	if (fd < 0)
		return cannot_read(request, fd);
	if (found && !request->trust_others)
		distrust = find_distrust(path, fd);
	if (distrust)
		pass_over(path, distrust);
	err = distrust ? 0 : check_type(path, fd);
	if (!err && !distrust)
		err = read_all(fd, text);
	close(fd);
	if (distrust && request->must_exist)
		err = -EPERM;
	return err ? cannot_read(request, err) : 0;
}

/* ---- parsing and merging ---- */

/* "\${" becomes ESCAPED_DOLLAR, unless the "\" is itself escaped or the text has that character. */
static void protect_escapes(struct text *text)
{
	char *at = text->data;

	if (strstr(text->data, ESCAPED_DOLLAR))
		return;
	while ((at = strstr(at, "\\${"))) {
		size_t backslashes = 1;

		while (at - backslashes >= text->data && *(at - backslashes) == '\\')
			backslashes++;
		if (backslashes % 2 == 1)
			memcpy(at, ESCAPED_DOLLAR, 3);
		at += 3;
	}
}

/* Parse text and merge it over the document. Takes ownership of origin, which may be NULL. */
static int add_text(struct config_document *document, char *origin, struct text *text,
                    const char *hint)
{
	char **origins = reallocarray(document->origins, document->n_origins + 1, sizeof(*origins));
	struct toml_value *root = NULL;
	struct toml_error error = {0};
	int err;

	if (origins)
		document->origins = origins;
	if (!origins || !origin || text->failed) {
		free(origin);
		return -ENOMEM;
	}
	origins[document->n_origins++] = origin;

	if (text->n > 0)
		protect_escapes(text);
	err = toml_parse(text->data ? text->data : "", text->n, origin, &root, &error);
	if (err == -EINVAL)
		log_error("%s:%u:%u: %s%s", origin, error.place.line, error.place.column,
		          error.message, hint);
	if (!err && !document->root) {
		document->root = root;
		return 0;
	}
	if (!err)
		err = toml_merge(document->root, root);
	toml_free(root);
	return err;
}

static int add_file(const struct config_request *request, struct config_document *document)
{
	struct text text = {0};
	int err = read_file(request, &text);

	if (!err)
		err = add_text(document, strdup(request->path), &text, "");
	text_fini(&text);
	return err;
}

static int add_override(const char *override, struct config_document *document)
{
	struct text text = {0};
	char *origin = NULL;
	int err;

	text_add(&text, override, strlen(override) + 1);
	if (asprintf(&origin, "--config-override \"%s\"", override) < 0)
		origin = NULL;
	text.n -= !text.failed; /* the NUL stays after the text */
	err = add_text(document, origin, &text,
	               "\nit is written as in the file, strings in quotes: "
	               "--config-override \"plugins.rapl.poll_interval='10ms'\"");
	text_fini(&text);
	return err;
}

int config_document_read(const struct config_request *request, struct config_document *document)
{
	int err;

	*document = (struct config_document){0};
	err = add_file(request, document);
	for (size_t i = 0; i < request->n_overrides && !err; i++)
		err = add_override(request->overrides[i], document);
	return err;
}

void config_document_free(struct config_document *document)
{
	toml_free(document->root);
	for (size_t i = 0; i < document->n_origins; i++)
		free(document->origins[i]);
	free(document->origins);
	*document = (struct config_document){0};
}

/* ---- ${VAR} ---- */

/* The value of the variable in the ${NAME} at text; *end: after its "}". NULL: logged. */
static const char *look_up(const struct toml_value *value, const char *text, const char **end)
{
	const size_t length =
		strspn(text + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                         "0123456789_");
	const char *found;
	char *name;

	if (length == 0 || text[2 + length] != '}') {
		config_error(value, value->place,
		             "\"%s\": a variable is written ${NAME}; for a plain ${ write \\${",
		             value->string);
		return NULL;
	}
	name = strndup(text + 2, length);
	found = name ? getenv(name) : NULL;
	if (!found)
		config_error(value, value->place, "the environment variable %s is not set",
		             name ? name : "");
	free(name);
	*end = text + 2 + length + 1;
	return found;
}

static int expand_string(struct toml_value *value)
{
	const char *s = value->string;
	struct text text = {0};

	if (!strstr(s, "${") && !strstr(s, ESCAPED_DOLLAR))
		return 0;

	while (*s) {
		if (strncmp(s, "\\${", 3) == 0 || strncmp(s, ESCAPED_DOLLAR, 3) == 0) {
			text_add_string(&text, "${");
			s += 3;
		} else if (strncmp(s, "${", 2) == 0) {
			const char *found = look_up(value, s, &s);

			if (!found) {
				text_fini(&text);
				return -EINVAL;
			}
			text_add_string(&text, found);
		} else {
			text_add_char(&text, *s++);
		}
	}
	text_add_char(&text, '\0');
	if (text.failed) {
		text_fini(&text);
		return -ENOMEM;
	}
	free(value->string);
	value->string = text.data;
	return 0;
}

int config_expand(struct toml_value *value)
{
	int err = 0;

	if (value->type == TOML_STRING)
		return expand_string(value);
	for (size_t i = 0; i < value->n; i++) {
		const int item_err = config_expand(&value->items[i]);

		err = err ? err : item_err;
	}
	return err;
}
