/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "tree/label.h"
#include "core/utf8.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define COMM_MAX 15     /* TASK_COMM_LEN without its NUL */
#define WORDS_MAX 512   /* arguments that are examined */
#define SHORT_DETAIL 30 /* bytes: up to here all arguments are shown */
#define LONG_DETAIL 60  /* bytes of the arguments that are not options */
#define LONG_PATH 16    /* bytes: longer paths are shortened to their last part */

/* The arguments of a process, without the program's own name. */
struct words {
	size_t n;
	const char *word[WORDS_MAX];
};

/* Text that grows up to its size; the rest is dropped. */
struct buffer {
	char *text;
	size_t size, length;
};

static bool is_one_of(const char *word, const char *const *list)
{
	for (; *list; list++) {
		if (strcmp(word, *list) == 0)
			return true;
	}
	return false;
}

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

static bool is_option(const char *word)
{
	return word[0] == '-';
}

/* --- text ------------------------------------------------------------------------------------- */

static void add_bytes(struct buffer *buffer, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length && buffer->length + 1 < buffer->size; i++)
		buffer->text[buffer->length++] = bytes[i] == LABEL_CUT ? '?' : bytes[i];
	buffer->text[buffer->length] = '\0';
}

static void add_cut(struct buffer *buffer)
{
	if (buffer->length + 1 < buffer->size) {
		buffer->text[buffer->length++] = LABEL_CUT;
		buffer->text[buffer->length] = '\0';
	}
}

/*
 * Add the first line of the text that is not blank; if it has more than max bytes, its middle is
 * left out. UTF-8 characters stay whole.
 */
static void add_line(struct buffer *buffer, const char *text, size_t max)
{
	const char *start = text + strspn(text, " \t\n");
	size_t length = strcspn(start, "\n");
	size_t head = max / 2, tail = length - (max - max / 2);
	bool has_more = start[length + strspn(start + length, " \t\n")] != '\0';

	text = start;
	if (length <= max) {
		add_bytes(buffer, text, length);
		if (has_more)
			add_cut(buffer);
		return;
	}
	while (head > 0 && utf8_is_later_byte(text[head]))
		head--;
	while (tail < length && utf8_is_later_byte(text[tail]))
		tail++;
	add_bytes(buffer, text, head);
	add_cut(buffer);
	add_bytes(buffer, text + tail, length - tail);
}

/* Add a word to the detail; a path of more than long_path bytes is shortened to its last part. */
static void add_path(struct buffer *buffer, const char *word, size_t long_path)
{
	const char *last = last_part(word);

	if (buffer->length > 0)
		add_bytes(buffer, " ", 1);
	if (last != word && strlen(word) > long_path && !strpbrk(word, " \t\n")) {
		add_cut(buffer);
		add_bytes(buffer, "/", 1);
		word = last;
	}
	add_line(buffer, word, LONG_DETAIL);
}

static void add_word(struct buffer *buffer, const char *word)
{
	add_path(buffer, word, LONG_PATH);
}

/* --- which arguments -------------------------------------------------------------------------- */

static const char *const SHELLS[] = {"sh",  "bash", "dash", "ash", "zsh",
                                     "ksh", "mksh", "fish", NULL};
static const char *const INTERPRETERS[] = {"perl", "ruby", "node",    "nodejs", "php", "lua",
                                           "java", "R",    "Rscript", "tclsh",  NULL};
static const char *const COMPILERS[] = {
	"cc",       "gcc",     "c++",    "g++",      "cpp",   "clang",       "clang++", "cc1",
	"cc1plus",  "cc1obj",  "f951",   "gfortran", "as",    "ld",          "gold",    "lld",
	"ld.bfd",   "ld.gold", "ld.lld", "collect2", "lto1",  "lto-wrapper", "rustc",   "nvcc",
	"cudafe++", "ptxas",   "javac",  "tcc",      "gnat1", "ar",          "ranlib",  "strip",
	"objcopy",  "compile", "asm",    "link",     NULL};
/* Options whose next word is a file that is not the source. */
static const char *const OTHER_FILES[] = {
	"-o",       "-MF",     "-MT",      "-MQ",         "-I", "-include", "-imacros",
	"-isystem", "-iquote", "-auxbase", "-dumpbase",   "-D", "-dumpdir", "-auxbase-strip",
	"-x",       "-MD",     "-MMD",     "-imultiarch", NULL};
static const char *const SOURCES[] = {"c",    "cc",    "cpp", "cxx", "C", "h",   "hpp", "i",
                                      "ii",   "s",     "S",   "sx",  "m", "mm",  "f",   "f90",
                                      "F90",  "for",   "rs",  "go",  "d", "adb", "ads", "cu",
                                      "java", "proto", "y",   "l",   NULL};

/* Whether the name without prefix and version is a compiler's: "gcc-12", "x86_64-linux-gnu-gcc". */
static bool is_compiler(const char *name)
{
	char bare[32];
	size_t length = strlen(name);

	while (length > 1 && strchr("0123456789.", name[length - 1]))
		length--;
	if (length > 1 && length < strlen(name) && name[length - 1] == '-')
		length--;
	else
		length = strlen(name);
	for (const char *start = name; start;
	     start = strchr(start, '-') ? strchr(start, '-') + 1 : NULL) {
		size_t rest = length - (size_t)(start - name);

		if (start >= name + length || rest >= sizeof(bare))
			continue;
		memcpy(bare, start, rest);
		bare[rest] = '\0';
		if (is_one_of(bare, COMPILERS))
			return true;
	}
	return false;
}

static bool is_shell(const char *name)
{
	return is_one_of(name, SHELLS);
}

static bool is_interpreter(const char *name)
{
	return strncmp(name, "python", 6) == 0 || strncmp(name, "pypy", 4) == 0 ||
	       is_one_of(name, INTERPRETERS) || is_shell(name);
}

/*
 * Whether the path is that of a temporary file whose name a compiler invents, different in each
 * run: ccXXXXXX of gcc, name-XXXXXX of clang, tmpxft_… of nvcc, in a folder "tmp" (TMPDIR).
 */
static bool is_temporary(const char *path)
{
	static const char folder[] = "/tmp/", digits[] = "0123456789abcdef";
	const char *name = last_part(path), *dot = strrchr(name, '.');
	const size_t length = strlen(folder);
	size_t stem;

	if ((size_t)(name - path) < length || strncmp(name - length, folder, length) != 0)
		return false;
	if (strncmp(name, "tmpxft_", 7) == 0)
		return true;
	for (stem = 0; isalnum((unsigned char)name[stem]); stem++)
		;
	if (strncmp(name, "cc", 2) == 0 && stem == 8 && (name[stem] == '.' || !name[stem]))
		return true;
	stem = dot ? (size_t)(dot - name) : strlen(name);
	return stem > 7 && name[stem - 7] == '-' && strspn(name + stem - 6, digits) >= 6;
}

static bool is_source(const char *word)
{
	const char *last = last_part(word), *dot = strrchr(last, '.');

	/* ".c" alone is the value of an option such as -dumpbase-ext. */
	return dot && dot > last && !is_option(word) && is_one_of(dot + 1, SOURCES) &&
	       !is_temporary(word);
}

/* Add the source, or else the output file. Returns false if neither is named. */
static bool add_compiled(struct buffer *buffer, const struct words *words)
{
	size_t source = WORDS_MAX, made = WORDS_MAX, sources = 0;

	for (size_t i = 0; i < words->n; i++) {
		bool is_other = i > 0 && is_one_of(words->word[i - 1], OTHER_FILES);

		if (is_other && strcmp(words->word[i - 1], "-o") == 0)
			made = i;
		if (is_other || !is_source(words->word[i]))
			continue;
		/* The driver names the source first; headers and the like follow. */
		if (sources++ == 0)
			source = i;
	}
	if (sources > 0) {
		add_path(buffer, words->word[source], 0);
		if (sources > 1)
			add_cut(buffer);
		return true;
	}
	if (made == WORDS_MAX || is_temporary(words->word[made]))
		return false;
	add_bytes(buffer, "-o", 2);
	add_path(buffer, words->word[made], 0);
	return true;
}

/* "-c", "-ec", "-lc" of shells and Python, "-e" of Perl, Ruby and Node. */
static bool is_code_option(const char *name, const char *word)
{
	size_t length = strlen(word);

	if (!is_option(word) || word[1] == '-' || length < 2 || length > 6)
		return false;
	if (is_shell(name) || strncmp(name, "py", 2) == 0)
		return word[length - 1] == 'c';
	return word[length - 1] == 'e' || word[length - 1] == 'r' || word[length - 1] == 'E';
}

static bool is_module_option(const char *name, const char *word)
{
	return strcmp(word, "-m") == 0 ? strncmp(name, "py", 2) == 0 : strcmp(word, "-jar") == 0;
}

/* Add the script and its arguments, the text of a script given as an argument, or the module. */
static bool add_interpreted(struct buffer *buffer, const char *name, const struct words *words)
{
	size_t i = 0, first;

	while (i < words->n && is_option(words->word[i]) && words->word[i][1] &&
	       !is_code_option(name, words->word[i]) && !is_module_option(name, words->word[i]))
		i += is_one_of(words->word[i], (const char *const[]){"-cp", "-classpath", "-O",
		                                                     "-o", "-I", "-W", "-X", NULL})
		             ? 2
		             : 1;
	if (i >= words->n)
		return false;
	/* After the script or module, options are less characteristic than the rest. */
	for (first = i; i < words->n && buffer->length < LONG_DETAIL; i++) {
		if (i <= first + 1 || !is_option(words->word[i]))
			add_word(buffer, words->word[i]);
	}
	return true;
}

static size_t joined_length(const struct words *words)
{
	size_t length = 0;

	for (size_t i = 0; i < words->n; i++)
		length += strlen(words->word[i]) + (i > 0);
	return length;
}

/*
 * Add all arguments if they are short; else those that are neither options nor temporary files, as
 * many as fit.
 */
static void add_others(struct buffer *buffer, const struct words *words)
{
	bool all = joined_length(words) <= SHORT_DETAIL;
	bool cut = false;

	for (size_t i = 0; i < words->n; i++) {
		size_t length = strlen(words->word[i]);

		if (!all && (is_option(words->word[i]) || is_temporary(words->word[i])))
			continue;
		if (buffer->length > 0 && buffer->length + length > LONG_DETAIL) {
			cut = true;
			break;
		}
		add_word(buffer, words->word[i]);
	}
	if (cut) {
		add_bytes(buffer, " ", 1);
		add_cut(buffer);
	}
}

static bool has_arguments(const struct life *life)
{
	return life->args && life->args_length > 0 && life->args[life->args_length - 1] == '\0';
}

/* --- the name --------------------------------------------------------------------------------- */

static void make_name(const struct life *life, char name[static LABEL_NAME_SIZE])
{
	static const char copy[] = " (fork)";
	const char *file = last_part(life->exe);
	const char *from = life->comm;
	struct buffer buffer = {.text = name, .size = LABEL_NAME_SIZE - sizeof(copy)};

	/* The kernel truncates a file's name; a process that renamed itself keeps its own name. */
	if (strlen(life->comm) == COMM_MAX && strncmp(file, life->comm, COMM_MAX) == 0)
		from = file;
	name[0] = '\0';
	add_bytes(&buffer, from, strlen(from));
	if (!life->executed)
		strcat(name, copy);
}

/* Find the arguments after the program's name; for a script, after the interpreter's own, too. */
static void find_words(const struct life *life, struct words *words)
{
	const char *end = life->args + life->args_length;
	const char *script = last_part(life->exe);
	bool is_first = true;

	words->n = 0;
	for (const char *word = life->args; word < end && words->n < WORDS_MAX;
	     word += strlen(word) + 1) {
		if (!is_first)
			words->word[words->n++] = word;
		is_first = false;
	}
	/* "/bin/sh -e ./configure --prefix=/usr" runs as "configure". */
	if (strcmp(last_part(life->args), script) == 0)
		return;
	for (size_t i = 0; i < words->n && i < 3; i++) {
		if (strcmp(last_part(words->word[i]), script) != 0)
			continue;
		words->n -= i + 1;
		memmove(words->word, words->word + i + 1, words->n * sizeof(*words->word));
		return;
	}
}

void label_make(const struct life *life, struct label *label)
{
	struct buffer buffer = {.text = label->detail, .size = LABEL_DETAIL_SIZE};
	struct words words;
	bool is_found = false;

	make_name(life, label->name);
	label->detail[0] = '\0';
	if (!life->executed || !has_arguments(life))
		return;
	find_words(life, &words);
	if (is_compiler(label->name) && words.n > 1)
		is_found = add_compiled(&buffer, &words);
	else if (is_interpreter(label->name))
		is_found = add_interpreted(&buffer, label->name, &words);
	if (!is_found)
		add_others(&buffer, &words);
}

void label_command_line(const struct life *life, char *text, size_t size)
{
	struct buffer buffer = {.text = text, .size = size};
	const char *end;

	text[0] = '\0';
	if (!has_arguments(life))
		return;
	end = life->args + life->args_length;
	for (const char *word = life->args; word < end; word += strlen(word) + 1) {
		bool quote = !*word || strpbrk(word, " \t\n\"'\\");

		if (word > life->args)
			add_bytes(&buffer, " ", 1);
		add_bytes(&buffer, "'", quote);
		add_bytes(&buffer, word, strlen(word));
		add_bytes(&buffer, "'", quote);
	}
}
