/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "send/address.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/log.h"
#include "send/token.h"

const char address_usage[] =
	"write for example: --to 'influx+http://localhost:8086/write?db=alumet',\n"
	"--to 'clickhouse+http://localhost:8123/?table=processes' or\n"
	"--to otlp+http://localhost:4318/v1/traces";

#define PORT_MAX 65535

const char *address_shown(const char *text)
{
	return strpbrk(text, "@?") ? "…" : text;
}

/* Blanks and control characters would end a line of the request. */
static int check_characters(const struct address *address)
{
	for (const char *at = address->text; *at; at++) {
		if ((unsigned char)*at <= ' ' || *at == 0x7f)
			return log_errno(-EINVAL,
			                 "send: '%s' has a blank or a control character\n"
			                 "write %%20 for a blank",
			                 address_shown(address->text));
	}
	return 0;
}

/* The host's name or address, and its port: "localhost:8086", "[::1]:8086". */
static int check_authority(const struct address *address)
{
	const char *at = address->authority, *end = at + address->n_authority;
	const char *port = *at == '[' ? memchr(at, ']', address->n_authority) : at;
	unsigned int number = 0;

	port = port ? memchr(port, ':', (size_t)(end - port)) : NULL;
	if (address->n_authority == 0 || port == at)
		return log_errno(-EINVAL, "send: '%s' names no host\n%s",
		                 address_shown(address->text), address_usage);
	if (*at == '[' && !memchr(at, ']', address->n_authority))
		return log_errno(-EINVAL, "send: '%s': the address of the host has no ']'",
		                 address_shown(address->text));
	if (!port)
		return 0;
	for (at = port + 1; at < end && isdigit((unsigned char)*at) && number <= PORT_MAX; at++)
		number = number * 10 + (unsigned int)(*at - '0');
	if (at == end && number >= 1 && number <= PORT_MAX)
		return 0;
	return log_errno(-EINVAL,
	                 "send: '%s': a port is a number from 1 to %d\n"
	                 "an IPv6 address is written in brackets: http://[::1]:8086",
	                 address_shown(address->text), PORT_MAX);
}

static int split(const char *url, struct address *address)
{
	const char *rest = url, *at;
	size_t n;

	if (strncmp(url, "http://", 7) == 0)
		address->scheme = "http://";
	else if (strncmp(url, "https://", 8) == 0)
		address->scheme = "https://";
	else
		return log_errno(-EINVAL, "send: '%s' is not the address of a store\n%s",
		                 address_shown(address->text), address_usage);
	rest += strlen(address->scheme);
	n = strcspn(rest, "/?#");
	at = memrchr(rest, '@', n);
	if (at) {
		address->user = rest;
		address->n_user = (size_t)(at - rest);
		n -= address->n_user + 1;
		rest = at + 1;
	}
	address->authority = rest;
	address->n_authority = n;
	rest += n;
	address->path = rest;
	address->n_path = strcspn(rest, "?#");
	rest += address->n_path;
	if (*rest == '?') {
		address->query = ++rest;
		address->n_query = strcspn(rest, "#");
	}
	return check_authority(address);
}

const char *address_find_key(const struct address *address, const char *key, size_t *n)
{
	const size_t length = strlen(key);
	const char *at = address->query, *end = at + address->n_query;

	while (at && at < end) {
		const char *next = memchr(at, '&', (size_t)(end - at));

		next = next ? next : end;
		if ((size_t)(next - at) > length && memcmp(at, key, length) == 0 &&
		    at[length] == '=') {
			*n = (size_t)(next - at) - length - 1;
			return at + length + 1;
		}
		at = next + 1;
	}
	return NULL;
}

/* The character of "%41" at the start of the n bytes; 0: there is none. */
static char unescaped(const char *bytes, size_t n)
{
	char digits[3] = "";

	if (n < 3 || *bytes != '%' || !isxdigit((unsigned char)bytes[1]) ||
	    !isxdigit((unsigned char)bytes[2]))
		return 0;
	memcpy(digits, bytes + 1, 2);
	return (char)strtoul(digits, NULL, 16);
}

char *address_unescape(const char *bytes, size_t n)
{
	char *decoded = calloc(n + 1, 1);

	for (size_t i = 0, to = 0; decoded && i < n; i++, to++) {
		const char c = unescaped(bytes + i, n - i);

		decoded[to] = c ? c : bytes[i];
		i += c ? 2 : 0;
	}
	return decoded;
}

/* Keys of a query that hold passwords: of InfluxDB 1, ClickHouse, VictoriaMetrics and gateways. */
static const char *const secret_keys[] = {"p",       "password", "passwd", "token", "access_token",
                                          "authKey", "api_key",  "apikey", "secret"};

static bool is_secret_key(const char *key)
{
	for (size_t i = 0; i < sizeof(secret_keys) / sizeof(secret_keys[0]); i++) {
		if (strcasecmp(key, secret_keys[i]) == 0)
			return true;
	}
	return false;
}

/* Returns 1 if a key of the query holds a password, 0 if none does, or -ENOMEM, logged. */
static int has_secret_key(const struct address *address)
{
	const char *at = address->query, *end = at + address->n_query;
	bool found = false;

	while (at && at < end && !found) {
		const char *next = memchr(at, '&', (size_t)(end - at));
		const size_t n = (size_t)((next ? next : end) - at);
		const char *equals = memchr(at, '=', n);
		char *key = address_unescape(at, equals ? (size_t)(equals - at) : 0);

		if (!key)
			return log_oom();
		found = is_secret_key(key);
		free(key);
		at += n + 1;
	}
	return found;
}

/* The address is not shown. */
static int check_secrets(const struct address *address)
{
	const bool has_password = address->user && memchr(address->user, ':', address->n_user);
	const int has_key = has_password ? 1 : has_secret_key(address);

	if (has_key <= 0)
		return has_key;
	return log_errno(
		-EINVAL,
		"send: the address has a password, which every user of this machine can see\n"
		"put it into a file (--token-file FILE) or the environment "
		"(" SEND_TOKEN_VARIABLE ")");
}

int address_parse(const char *text, const char *url, struct address *address)
{
	int err;

	*address = (struct address){.text = text};
	err = check_characters(address);
	if (!err)
		err = split(url, address);
	return err ? err : check_secrets(address);
}
