/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/lexer.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/utf8.h"
#include "report/late_attributes.h"

#define BUFFER_SIZE ((size_t)1024 * 1024)

/* A longer "row" is not one: the quotes of an earlier cell were not closed. */
#define ROW_MAX ((size_t)16 * 1024 * 1024)

enum column {
	COLUMN_METRIC,
	COLUMN_TIME,
	COLUMN_VALUE,
	COLUMN_RESOURCE_KIND,
	COLUMN_RESOURCE_ID,
	COLUMN_CONSUMER_KIND,
	COLUMN_CONSUMER_ID,
	COLUMN_LATE,
	COLUMN_ATTRIBUTE,
	COLUMNS_FIXED = COLUMN_ATTRIBUTE,
};

static const char *const column_names[COLUMNS_FIXED] = {
	"metric",      "timestamp",     "value",       "resource_kind",
	"resource_id", "consumer_kind", "consumer_id", "__late_attributes",
};

struct report_lexer {
	struct report_input *input;
	const char *name;
	char *buffer;
	size_t capacity, filled, taken;
	bool ended;
	struct report_bytes delimiter;
	char delimiter_bytes[4];
	size_t n_columns;
	enum column columns[LEXER_CELLS_MAX];
	struct report_bytes keys[LEXER_CELLS_MAX]; /* of the columns that hold attributes */
	struct late_format late;
	struct report_damage damage;
};

bool report_bytes_equal(struct report_bytes bytes, const char *text)
{
	return strlen(text) == bytes.n && memcmp(bytes.at, text, bytes.n) == 0;
}

/* ---- lines ---- */

/* Append more bytes to the buffer. Returns 1, 0 at the end, or a negative errno. */
static int read_more(struct report_lexer *lexer)
{
	ssize_t got;

	if (lexer->ended)
		return 0;
	if (lexer->taken > 0) {
		lexer->filled -= lexer->taken;
		memmove(lexer->buffer, lexer->buffer + lexer->taken, lexer->filled);
		lexer->taken = 0;
	}
	if (lexer->capacity - lexer->filled < BUFFER_SIZE / 2) {
		char *grown = realloc(lexer->buffer, 2 * lexer->capacity);

		if (!grown) {
			log_error("out of memory while reading '%s'", lexer->name);
			return -ENOMEM;
		}
		lexer->buffer = grown;
		lexer->capacity *= 2;
	}
	got = report_input_read(lexer->input, lexer->buffer + lexer->filled,
	                        lexer->capacity - lexer->filled - 1);
	if (got < 0)
		return (int)got;
	lexer->ended = got == 0;
	lexer->filled += (size_t)got;
	return got > 0;
}

/* The end of the row: the first line break with an even number of quotes before it. */
static const char *find_end(const char *at, const char *end)
{
	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		const char *quote = memchr(at, '"', (size_t)((line ? line : end) - at));

		if (!quote)
			return line;
		quote = memchr(quote + 1, '"', (size_t)(end - quote - 1));
		if (!quote)
			return NULL;
		at = quote + 1;
	}
	return NULL;
}

/*
 * The next line, including line breaks within quotes, but not the one at its end. Quotes that never
 * close spoil one line, not the rest of the file. Returns 1, 0 at the end, or a negative errno.
 */
static int next_line(struct report_lexer *lexer, struct report_bytes *line)
{
	for (;;) {
		char *at = lexer->buffer + lexer->taken;
		const size_t here = lexer->filled - lexer->taken;
		const char *end = find_end(at, at + here);
		int more;

		if (!end && here < ROW_MAX) {
			more = read_more(lexer);
			if (more < 0)
				return more;
			if (more > 0)
				continue;
			lexer->damage.unfinished = lexer->damage.unfinished || here > 0;
		}
		if (!end)
			end = memchr(at, '\n', here);
		if (!end)
			return 0;
		line->at = at;
		line->n = (size_t)(end - at);
		lexer->taken += line->n + 1;
		if (line->n > 0 && at[line->n - 1] == '\r')
			line->n--;
		at[line->n] = '\0';
		return 1;
	}
}

/* ---- cells ---- */

/*
 * Remove a cell's quotes in place. Returns a pointer after the cell; NULL: the quotes do not close.
 */
static char *unquote(char *at, const char *end, struct report_bytes *cell)
{
	char *to = at;

	cell->at = at;
	for (char *from = at + 1; from < end; from++) {
		if (*from == '"') {
			if (from + 1 == end || from[1] != '"') {
				cell->n = (size_t)(to - cell->at);
				return from + 1;
			}
			from++;
		}
		*to++ = *from;
	}
	return NULL;
}

static char *find_delimiter(char *at, char *end, struct report_bytes delimiter)
{
	if (delimiter.n == 1) {
		char *found = memchr(at, *delimiter.at, (size_t)(end - at));

		return found ? found : end;
	}
	at = memmem(at, (size_t)(end - at), delimiter.at, delimiter.n);
	return at ? at : end;
}

/* Split a line into cells, each NUL-terminated. Returns their number; 0: this is no row. */
static size_t split(struct report_lexer *lexer, struct report_bytes line,
                    struct report_bytes cells[static LEXER_CELLS_MAX])
{
	char *at = line.at, *end = line.at + line.n;

	for (size_t n = 0; n < LEXER_CELLS_MAX; n++) {
		struct report_bytes *cell = &cells[n];

		if (at < end && *at == '"') {
			at = unquote(at, end, cell);
			if (!at || (at < end && find_delimiter(at, end, lexer->delimiter) != at))
				return 0;
		} else {
			cell->at = at;
			at = find_delimiter(at, end, lexer->delimiter);
			cell->n = (size_t)(at - cell->at);
		}
		if (at == end) {
			cell->at[cell->n] = '\0';
			return n + 1;
		}
		at += lexer->delimiter.n;
		cell->at[cell->n] = '\0';
	}
	return 0;
}

/* Columns may be padded with blanks, as in Alumet's documentation. */
static void trim(struct report_bytes *cell)
{
	while (cell->n > 0 && *cell->at == ' ') {
		cell->at++;
		cell->n--;
	}
	while (cell->n > 0 && cell->at[cell->n - 1] == ' ')
		cell->n--;
	cell->at[cell->n] = '\0';
}

/* ---- header ---- */

/* The delimiter is what separates "metric" from the next name. */
static bool find_header_delimiter(struct report_lexer *lexer, struct report_bytes line)
{
	static const char first[] = "metric";
	char *at = line.at;
	size_t n = 1;

	if (line.n > 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		at += 3; /* skip the byte order mark that spreadsheets write */
	at += *at == '"';
	if (strncmp(at, first, sizeof(first) - 1) != 0)
		return false;
	at += sizeof(first) - 1;
	at += *at == '"';
	while (*at == ' ')
		at++;
	if (!*at)
		return false;
	while (n < sizeof(lexer->delimiter_bytes) && utf8_is_later_byte(at[n]))
		n++;
	memcpy(lexer->delimiter_bytes, at, n);
	lexer->delimiter = (struct report_bytes){lexer->delimiter_bytes, n};
	return true;
}

static int keep_column(struct report_lexer *lexer, size_t index, struct report_bytes cell)
{
	enum column column = COLUMN_METRIC;

	while (column < COLUMNS_FIXED && !report_bytes_equal(cell, column_names[column]))
		column++;
	lexer->columns[index] = column;
	if (column != COLUMN_ATTRIBUTE)
		return 0;
	/* Not strndup(): the bytes may contain a NUL. */
	lexer->keys[index] = (struct report_bytes){malloc(cell.n + 1), cell.n};
	if (!lexer->keys[index].at)
		return -ENOMEM;
	memcpy(lexer->keys[index].at, cell.at, cell.n);
	lexer->keys[index].at[cell.n] = '\0';
	return 0;
}

static bool has_column(const struct report_lexer *lexer, enum column column)
{
	for (size_t i = 0; i < lexer->n_columns; i++) {
		if (lexer->columns[i] == column)
			return true;
	}
	return false;
}

static int read_header(struct report_lexer *lexer)
{
	struct report_bytes line, cells[LEXER_CELLS_MAX];
	int result = next_line(lexer, &line);
	size_t n;

	if (result < 0)
		return result;
	if (result == 0)
		return log_errno(-EBADMSG,
		                 "'%s' is not a saved run: %s\n"
		                 "name a CSV file that 'alumet-agent exec' or Alumet has written",
		                 lexer->name,
		                 lexer->filled ? "it ends in its first line" : "it is empty");
	n = result > 0 && find_header_delimiter(lexer, line) ? split(lexer, line, cells) : 0;
	for (size_t i = 0; i < n; i++) {
		trim(&cells[i]);
		if (i == 0 && cells[0].n > 3 && memcmp(cells[0].at, "\xef\xbb\xbf", 3) == 0)
			cells[0] = (struct report_bytes){cells[0].at + 3, cells[0].n - 3};
		result = keep_column(lexer, i, cells[i]);
		if (result < 0) {
			log_error("out of memory while reading '%s'", lexer->name);
			return result;
		}
		lexer->n_columns++;
	}
	if (!has_column(lexer, COLUMN_METRIC) || !has_column(lexer, COLUMN_TIME) ||
	    !has_column(lexer, COLUMN_VALUE)) {
		return log_errno(
			-EBADMSG,
			"'%s' is not a saved run: its first line is not a header with the columns "
			"metric, timestamp and value\n"
			"name a CSV file that 'alumet-agent exec' or Alumet has written",
			lexer->name);
	}
	return 0;
}

int report_lexer_new(struct report_input *input, const char *name, struct report_lexer **result)
{
	struct report_lexer *lexer = calloc(1, sizeof(*lexer));
	int err;

	if (lexer)
		lexer->buffer = malloc(BUFFER_SIZE);
	if (!lexer || !lexer->buffer) {
		free(lexer);
		log_error("out of memory while reading '%s'", name);
		return -ENOMEM;
	}
	lexer->input = input;
	lexer->name = name;
	lexer->capacity = BUFFER_SIZE;
	err = read_header(lexer);
	if (err) {
		report_lexer_free(lexer);
		return err;
	}
	*result = lexer;
	return 0;
}

void report_lexer_free(struct report_lexer *lexer)
{
	if (!lexer)
		return;
	for (size_t i = 0; i < lexer->n_columns; i++)
		free(lexer->keys[i].at);
	free(lexer->buffer);
	free(lexer);
}

/* ---- rows ---- */

static void fill_row(struct report_lexer *lexer, struct report_bytes *cells, struct report_row *row)
{
	struct report_bytes *const places[COLUMNS_FIXED] = {
		[COLUMN_METRIC] = &row->metric,
		[COLUMN_TIME] = &row->time,
		[COLUMN_VALUE] = &row->value,
		[COLUMN_RESOURCE_KIND] = &row->resource_kind,
		[COLUMN_RESOURCE_ID] = &row->resource_id,
		[COLUMN_CONSUMER_KIND] = &row->consumer_kind,
		[COLUMN_CONSUMER_ID] = &row->consumer_id,
	};
	struct report_bytes late = {NULL, 0};

	row->n_attributes = 0;
	for (size_t i = 0; i < lexer->n_columns; i++) {
		const enum column column = lexer->columns[i];

		if (column == COLUMN_LATE) {
			late = cells[i];
		} else if (column == COLUMN_ATTRIBUTE) {
			if (cells[i].n > 0 && row->n_attributes < LEXER_ATTRIBUTES_MAX)
				row->attributes[row->n_attributes++] =
					(struct report_attribute){lexer->keys[i], cells[i]};
		} else {
			*places[column] = cells[i];
			trim(places[column]);
		}
	}
	if (late.n > 0)
		row->n_attributes += late_attributes_split(
			&lexer->late, late, row->attributes + row->n_attributes,
			LEXER_ATTRIBUTES_MAX - row->n_attributes);
}

int report_lexer_next(struct report_lexer *lexer, struct report_row *row)
{
	static char nothing[] = "";
	struct report_bytes line, cells[LEXER_CELLS_MAX];
	int result;

	row->resource_kind = row->resource_id = (struct report_bytes){nothing, 0};
	row->consumer_kind = row->consumer_id = (struct report_bytes){nothing, 0};
	while ((result = next_line(lexer, &line)) > 0) {
		if (line.n == 0)
			continue;
		if (split(lexer, line, cells) == lexer->n_columns) {
			fill_row(lexer, cells, row);
			return 1;
		}
		lexer->damage.rows++;
	}
	return result;
}

const struct report_damage *report_lexer_damage(const struct report_lexer *lexer)
{
	return &lexer->damage;
}
