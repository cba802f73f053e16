/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report/packed.h"

#include <errno.h>
#include <zlib.h>

/* The fastest level: higher ones save a tenth of the page, but take several times as long. */
#define LEVEL 1

/* A multiple of three, so that only the last block needs padding in base64. */
#define BLOCK_SIZE ((size_t)3 * 16384)

void packed_add(struct text *out, uint64_t value)
{
	unsigned char bytes[10];
	size_t n = 0;

	while (value > 127) {
		bytes[n++] = (unsigned char)(value | 128);
		value >>= 7;
	}
	bytes[n++] = (unsigned char)value;
	text_add(out, bytes, n);
}

void packed_add_signed(struct text *out, int64_t value)
{
	packed_add(out, (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0));
}

void packed_add_text(struct text *out, const char *bytes, size_t n)
{
	packed_add(out, n);
	text_add(out, bytes, n);
}

static void write_base64(const unsigned char *bytes, size_t n, FILE *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[BLOCK_SIZE / 3 * 4];
	size_t length = 0;

	if (n == 0)
		return;
	for (size_t i = 0; i < n; i += 3) {
		const size_t here = n - i < 3 ? n - i : 3;
		const unsigned int three = (unsigned int)bytes[i] << 16 |
		                           (here > 1 ? (unsigned int)bytes[i + 1] << 8 : 0) |
		                           (here > 2 ? bytes[i + 2] : 0);

		text[length++] = digits[three >> 18];
		text[length++] = digits[three >> 12 & 63];
		text[length++] = here > 1 ? digits[three >> 6 & 63] : '=';
		text[length++] = here > 2 ? digits[three & 63] : '=';
	}
	fwrite(text, 1, length, out);
}

int packed_write_base64(const struct text *packed, FILE *out)
{
	unsigned char block[BLOCK_SIZE];
	z_stream stream = {.next_in = (Bytef *)packed->data};
	size_t left = packed->n;
	int status;

	if (deflateInit(&stream, LEVEL) != Z_OK)
		return -ENOMEM;
	stream.next_out = block;
	stream.avail_out = BLOCK_SIZE;
	do {
		/* Zlib has 32-bit sizes. */
		const size_t here = left < UINT32_MAX ? left : UINT32_MAX;

		stream.avail_in = (uInt)here;
		status = deflate(&stream, here == left ? Z_FINISH : Z_NO_FLUSH);
		left -= here - stream.avail_in;
		if (stream.avail_out == 0) {
			write_base64(block, BLOCK_SIZE, out);
			stream.next_out = block;
			stream.avail_out = BLOCK_SIZE;
		}
	} while (status == Z_OK || status == Z_BUF_ERROR);
	write_base64(block, BLOCK_SIZE - stream.avail_out, out);
	deflateEnd(&stream);
	return status == Z_STREAM_END ? 0 : -ENOMEM;
}
