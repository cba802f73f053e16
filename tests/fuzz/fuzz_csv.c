/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CSV rows: a reader that knows RFC 4180 and the last cell's escapes gets back what was written. */
#include "fuzz.h"

#include "core/metric_registry.h"
#include "outputs/csv/csv_rows.h"
#include "outputs/file/csv_scan.h"

#define POINTS_MAX 8
#define ATTRIBUTES_MAX 6
#define FIXED_CELLS 7

static const char *const keys[] = {"args", "comm", "exe", "odd=,\\key", "pmu", "zone;\n"};

struct source_point {
	struct point point;
	struct attribute attributes[ATTRIBUTES_MAX];
};

/* --- the reader ------------------------------------------------------------------------------- */

struct reader {
	const char *at, *end;
	const char *delimiter, *late_delimiter;
};

static bool starts_with(const char *at, const char *end, const char *text)
{
	size_t n = strlen(text);

	return (size_t)(end - at) >= n && !memcmp(at, text, n);
}

/* The next cell as its bytes, to be freed; *last: it was the row's last. */
static char *read_cell(struct reader *reader, size_t *n, bool *last)
{
	char *cell = malloc((size_t)(reader->end - reader->at) + 1);
	bool quoted = reader->at < reader->end && *reader->at == '"';

	REQUIRE(cell);
	*n = 0;
	reader->at += quoted;
	for (;; reader->at++) {
		REQUIRE(reader->at < reader->end);
		if (quoted && starts_with(reader->at, reader->end, "\"\""))
			reader->at++;
		else if (quoted && *reader->at == '"')
			break;
		else if (!quoted && (*reader->at == '\n' ||
		                     starts_with(reader->at, reader->end, reader->delimiter)))
			break;
		else
			REQUIRE(quoted || (*reader->at != '"' && *reader->at != '\r'));
		cell[(*n)++] = *reader->at;
	}
	reader->at += quoted;
	REQUIRE(reader->at < reader->end);
	*last = *reader->at == '\n';
	REQUIRE(*last || starts_with(reader->at, reader->end, reader->delimiter));
	reader->at += *last ? 1 : strlen(reader->delimiter);
	return cell;
}

/* Bytes of the last cell up to one that stops it, '\' taken away. Returns where it ended. */
static const char *read_escaped(const char *at, const char *end, const char *stop, char *to,
                                size_t *n)
{
	*n = 0;
	while (at < end && !starts_with(at, end, stop)) {
		if (*at == '\\')
			REQUIRE(++at < end);
		else
			REQUIRE(*at != '=');
		to[(*n)++] = *at++;
	}
	return at;
}

/* --- what is expected ------------------------------------------------------------------------- */

static bool has_column(const struct csv_rows *rows, const char *key, size_t *column)
{
	for (*column = 0; *column < rows->n_columns; (*column)++) {
		if (!strcmp(rows->columns[*column], key))
			return true;
	}
	return false;
}

/* Keys are in order in the source points, each once. */
static const struct attribute *find(const struct point *point, const char *key)
{
	for (size_t i = 0; i < point->n_attributes; i++) {
		if (!strcmp(point->attributes[i].key, key))
			return &point->attributes[i];
	}
	return NULL;
}

static void require_bytes(const char *bytes, size_t n, const char *expected, size_t expected_n)
{
	REQUIRE(n == expected_n);
	REQUIRE(n == 0 || !memcmp(bytes, expected, n));
}

static void require_last_cell(const struct reader *reader, const struct csv_rows *rows,
                              const struct point *point, const char *cell, size_t n)
{
	const char *at = cell, *end = cell + n;
	char *bytes = malloc(n + 1);
	size_t length, column, expected = 0, found = 0;

	REQUIRE(bytes);
	for (size_t i = 0; i < point->n_attributes; i++)
		expected += !has_column(rows, point->attributes[i].key, &column);
	while (at < end) {
		const struct attribute *attribute;

		at = read_escaped(at, end, "=", bytes, &length);
		REQUIRE(at++ < end);
		bytes[length] = '\0';
		attribute = find(point, bytes);
		REQUIRE(attribute && !has_column(rows, attribute->key, &column));
		at = read_escaped(at, end, reader->late_delimiter, bytes, &length);
		require_bytes(bytes, length, attribute->text, attribute->length);
		found++;
		if (at < end)
			at += strlen(reader->late_delimiter);
	}
	REQUIRE(found == expected);
	free(bytes);
}

static void require_row(struct reader *reader, const struct csv_rows *rows,
                        const struct point *point)
{
	size_t n_cells = FIXED_CELLS + rows->n_columns + 1;

	for (size_t i = 0; i < n_cells; i++) {
		bool last;
		size_t n;
		char *cell = read_cell(reader, &n, &last);

		REQUIRE(last == (i == n_cells - 1));
		if (i == 0)
			require_bytes(cell, n, "energy;\"J\"_J", strlen("energy;\"J\"_J"));
		if (last) {
			require_last_cell(reader, rows, point, cell, n);
		} else if (i >= FIXED_CELLS) {
			const struct attribute *attribute =
				find(point, rows->columns[i - FIXED_CELLS]);

			require_bytes(cell, n, attribute ? attribute->text : "",
			              attribute ? attribute->length : 0);
		}
		free(cell);
	}
}

/* --- the input -------------------------------------------------------------------------------- */

static size_t take_points(struct input *input, struct source_point *points, uint32_t metric)
{
	size_t n = 0;

	while (n < POINTS_MAX && input->n) {
		struct source_point *source = &points[n++];
		uint8_t which = take_u8(input);
		size_t n_attributes = 0;

		for (size_t i = 0; i < ATTRIBUTES_MAX; i++) {
			size_t length = which >> i & 1 ? take_u8(input) : 0;

			if (!(which >> i & 1))
				continue;
			length = length < input->n ? length : input->n;
			source->attributes[n_attributes++] = (struct attribute){
				.key = keys[i],
				.text = take_text(input, length),
				.length = length,
			};
		}
		source->point = (struct point){
			.metric = metric,
			.time_ns = take_u64(input) >> 2,
			.type = which % 3,
			.value.u64 = take_u64(input),
			.resource_kind = take_u8(input) % 4,
			.consumer_kind = take_u8(input) % 2,
			.n_attributes = n_attributes,
			.attributes = source->attributes,
		};
	}
	return n;
}

/* However the text comes in parts, its rows end where they do. */
static void require_scan(const struct text *out, size_t part)
{
	struct csv_scan scan = {0};

	for (size_t at = 0; at < out->n; at += part) {
		size_t n = out->n - at < part ? out->n - at : part;

		csv_scan(&scan, out->data + at, n);
	}
	REQUIRE(scan.n_whole == out->n);
	REQUIRE(csv_whole_rows(out->data, out->n) == out->n);
	REQUIRE(csv_whole_rows(out->data, out->n - 1) < out->n);
}

static void write_and_read(struct csv_rows *rows, const struct csv_settings *settings,
                           const struct source_point *points, size_t n)
{
	struct text out = {0};
	struct reader reader = {.delimiter = settings->csv_delimiter,
	                        .late_delimiter = settings->csv_late_delimiter};
	bool last = false;
	size_t length;

	csv_rows_add_header(rows, &out);
	for (size_t i = 0; i < n; i++)
		REQUIRE(!csv_rows_add(rows, &out, &points[i].point));
	reader.at = out.data;
	reader.end = out.data + out.n;
	while (!last)
		free(read_cell(&reader, &length, &last));
	for (size_t i = 0; i < n; i++)
		require_row(&reader, rows, &points[i].point);
	REQUIRE(reader.at == reader.end);
	require_scan(&out, 1 + n * 7);
	text_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t switches = take_u8(&input);
	struct metric_registry *metrics = metric_registry_new();
	struct csv_settings settings = {
		.append_unit_to_metric_name = true,
		.use_unit_display_name = true,
		.attributes_as_columns = switches & 1,
		.csv_delimiter = take_text(&input, 1 + (switches >> 1 & 3)),
		.csv_late_delimiter = take_text(&input, 1 + (switches >> 3 & 3)),
	};
	struct source_point points[POINTS_MAX] = {0};
	struct csv_rows rows;
	size_t n = take_points(
		&input, points,
		(uint32_t)metric_register(metrics, "energy;\"J\"", &UNIT_JOULE, METRIC_DELTA));

	for (size_t i = 0; i < ATTRIBUTES_MAX; i++) {
		if (switches >> 5 & 1 && i % 2)
			metric_announce_attribute(metrics, keys[i]);
	}
	if (!csv_rows_init(&rows, &settings, metrics)) {
		write_and_read(&rows, &settings, points, n);
		csv_rows_fini(&rows);
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < points[i].point.n_attributes; j++)
			free((char *)points[i].attributes[j].text);
	}
	free(settings.csv_delimiter);
	free(settings.csv_late_delimiter);
	metric_registry_free(metrics);
	return 0;
}
