/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "send/post.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "core/clock.h"
#include "core/log.h"
#include "core/log_write.h"
#include "send/otlp_answer.h"
#include "send/reason.h"

#define TIMEOUT_MS 30000L
#define CONNECT_TIMEOUT_MS 10000L

/* The number of tries, and the pause after the first; pauses double: half a minute in all. */
#define TRIES 6
#define FIRST_PAUSE_MS 1000

/* A store may ask for a longer pause (Retry-After), up to this one. */
#define PAUSE_MAX_MS 60000

/* For tests: the first pause, and the timeout of a request. */
#define PAUSE_VARIABLE "ALUMET_SEND_PAUSE_MS"
#define TIMEOUT_VARIABLE "ALUMET_SEND_TIMEOUT_MS"

/* No reason to refuse has as many bytes: what follows is not read. */
#define ANSWER_END ((size_t)1024 * 1024)

/* "Content Too Large", from the store or from a proxy in front of it. */
#define HTTP_TOO_LARGE 413

/* Returns less than was received to end an answer that has no end. */
static size_t take_answer(char *bytes, size_t size, size_t n, void *data)
{
	struct post *post = data;
	struct text *answer = &post->answer;
	const size_t received = size * n;
	const size_t room = REASON_ANSWER_MAX - answer->n;

	text_add(answer, bytes, received < room ? received : room);
	post->n_received += received;
	return post->n_received > ANSWER_END ? 0 : received;
}

static long from_environment(const char *variable, long initial)
{
	const char *text = getenv(variable);

	return text && *text ? strtol(text, NULL, 10) : initial;
}

static int add_header(struct post *post, const char *name, const char *value)
{
	struct curl_slist *list;
	char *line;

	if (asprintf(&line, "%s: %s", name, value) < 0)
		return log_oom();
	list = post->curl.slist_append(post->headers, line);
	explicit_bzero(line, strlen(line));
	free(line);
	if (!list)
		return log_oom();
	post->headers = list;
	return 0;
}

static int add_token(struct post *post)
{
	const struct send_target *target = post->target;
	const char *scheme = target->protocol == SEND_INFLUX ? "Token " : "Bearer ";
	char *value;
	int err;

	if (target->protocol == SEND_CLICKHOUSE) {
		err = target->user ? add_header(post, "X-ClickHouse-User", target->user) : 0;
		return !err && target->token ? add_header(post, "X-ClickHouse-Key", target->token)
		                             : err;
	}
	if (!target->token)
		return 0;
	if (asprintf(&value, "%s%s", scheme, target->token) < 0)
		return log_oom();
	err = add_header(post, "Authorization", value);
	explicit_bzero(value, strlen(value));
	free(value);
	return err;
}

static int add_headers(struct post *post)
{
	static const char *const types[] = {
		[SEND_INFLUX] = "text/plain; charset=utf-8",
		[SEND_CLICKHOUSE] = "text/csv; charset=utf-8",
		[SEND_OTLP] = "application/x-protobuf",
	};
	int err = add_header(post, "Content-Type", types[post->target->protocol]);

	/* Do not wait for "100 Continue": some stores do not send it. */
	if (!err)
		err = add_header(post, "Expect", "");
	if (!err && post->target->protocol == SEND_OTLP)
		err = add_header(post, "Content-Encoding", "gzip");
	return err ? err : add_token(post);
}

int post_init(struct post *post, const struct send_target *target, bool dry_run)
{
	const char *authorities = getenv("SSL_CERT_FILE");
	int err;

	*post = (struct post){
		.target = target,
		.rows_max = SIZE_MAX,
		.dry_run = dry_run,
		.is_binary = target->protocol == SEND_OTLP,
	};
	if (dry_run)
		return 0;
	/*
	 * With CURL_NOSIGNAL, libcurl leaves SIGPIPE to its caller; TLS libraries may write().
	 */
	signal(SIGPIPE, SIG_IGN);
	err = curl_load(&post->curl);
	if (err)
		return err;
	post->handle = post->curl.easy_init();
	if (!post->handle)
		return log_oom();
	err = add_headers(post);
	if (err)
		return err;

	int (*const set)(void *, int, ...) = post->curl.easy_setopt;
	void *const handle = post->handle;

	/* By libcurl's defaults certificates are verified, and redirections are not followed. */
	set(handle, CURL_PROTOCOLS, (long)(CURL_HTTP | CURL_HTTPS));
	set(handle, CURL_NOSIGNAL, 1L);
	set(handle, CURL_TIMEOUT_MS, from_environment(TIMEOUT_VARIABLE, TIMEOUT_MS));
	set(handle, CURL_CONNECT_TIMEOUT_MS, CONNECT_TIMEOUT_MS);
	set(handle, CURL_USER_AGENT, "alumet-agent");
	set(handle, CURL_HTTP_HEADER, post->headers);
	set(handle, CURL_WRITE_FUNCTION, take_answer);
	set(handle, CURL_WRITE_DATA, post);
	set(handle, CURL_ERROR_BUFFER, post->error);
	/* A proxy would take localhost for itself, and would see the token. */
	if (target->is_loopback)
		set(handle, CURL_PROXY, "");
	if (authorities && *authorities)
		set(handle, CURL_CA_INFO, authorities);
	return 0;
}

void post_fini(struct post *post)
{
	if (post->headers)
		post->curl.slist_free_all(post->headers);
	if (post->handle)
		post->curl.easy_cleanup(post->handle);
	curl_unload(&post->curl);
	text_fini(&post->answer);
	text_fini(&post->packed);
}

/* --- one request ------------------------------------------------------------------------------ */

/* The outcome of a request; AWAY: the store cannot take it now; IMPOSSIBLE: it never will. */
enum outcome { ACCEPTED, REFUSED, TOO_LARGE, AWAY, IMPOSSIBLE };

/* An answer is complete, too, if its end was not read. */
static bool is_answered(struct post *post, int code, long *status)
{
	*status = 0;
	post->curl.easy_getinfo(post->handle, CURL_RESPONSE_CODE, status);
	return code == CURL_OK || (code == CURL_WRITE_ERROR && post->n_received > ANSWER_END);
}

static bool is_hopeless(int code)
{
	return code == CURL_CERTIFICATE || code == CURL_CA_FILE || code == CURL_URL_MALFORMAT;
}

/* What libcurl's message, which is that of a TLS library, does not tell. */
static const char *hint(int code)
{
	if (code == CURL_TLS)
		return " (the address of a store without TLS begins with http://)";
	return code == CURL_CERTIFICATE ? " (SSL_CERT_FILE names other authorities)" : "";
}

static enum outcome judge(struct post *post, int code, long *pause_ms, char *why, size_t size)
{
	char reason[REASON_SIZE];
	long status;
	long long after = 0;

	if (!is_answered(post, code, &status)) {
		reason_of_curl(post->error, post->curl.easy_strerror(code), reason);
		snprintf(why, size, "%s%s", reason, hint(code));
		return is_hopeless(code) ? IMPOSSIBLE : AWAY;
	}
	if (status >= 200 && status < 300)
		return ACCEPTED;
	reason_of_answer(&post->answer, post->target->token, post->answer.data, post->answer.n,
	                 reason);
	snprintf(why, size, "HTTP status %ld%s", status, reason);
	if (status == HTTP_TOO_LARGE)
		return TOO_LARGE;
	if (status != 429 && status != 408 && status < 500)
		return REFUSED;
	post->curl.easy_getinfo(post->handle, CURL_RETRY_AFTER, &after);
	after = after < PAUSE_MAX_MS / 1000 ? after * 1000 : PAUSE_MAX_MS;
	if (after > *pause_ms)
		*pause_ms = (long)after;
	return AWAY;
}

static void pause_for(long ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

static enum outcome request(struct post *post, const char *url, const struct text *body, char *why,
                            size_t size)
{
	enum outcome outcome = AWAY;
	long backoff = from_environment(PAUSE_VARIABLE, FIRST_PAUSE_MS);

	post->curl.easy_setopt(post->handle, CURL_URL, url);
	post->curl.easy_setopt(post->handle, CURL_POST, 1L);
	post->curl.easy_setopt(post->handle, CURL_POST_FIELD_SIZE, (long long)body->n);
	post->curl.easy_setopt(post->handle, CURL_POST_FIELDS, body->data);
	for (int try = 1; outcome == AWAY && try <= TRIES; try++) {
		long pause = backoff;

		post->answer.n = 0;
		post->n_received = 0;
		*post->error = '\0';
		outcome = judge(post, post->curl.easy_perform(post->handle), &pause, why, size);
		if (outcome != AWAY || try == TRIES)
			break;
		/* It takes half a minute and more: who waits should know why. */
		(try == 1 ? log_warn : log_info)("send: %s: %s; the next try is in %ld ms",
		                                 post->target->host, why, pause);
		pause_for(pause);
		backoff *= 2;
	}
	return outcome;
}

/* Compress as gzip(1) does, in one go. Returns 0 or -ENOMEM, logged. */
static int pack(const struct text *body, struct text *packed)
{
	z_stream stream = {.next_in = (Bytef *)body->data, .avail_in = (uInt)body->n};
	int status;

	packed->n = 0;
	if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8,
	                 Z_DEFAULT_STRATEGY) != Z_OK)
		return log_oom();
	if (!text_grow(packed, deflateBound(&stream, body->n))) {
		deflateEnd(&stream);
		return log_oom();
	}
	stream.next_out = (Bytef *)packed->data;
	stream.avail_out = (uInt)packed->capacity;
	status = deflate(&stream, Z_FINISH);
	packed->n = packed->capacity - stream.avail_out;
	deflateEnd(&stream);
	return status == Z_STREAM_END ? 0 : log_oom();
}

static int show(struct post *post, const struct text *body, size_t n_items)
{
	int err;

	if (post->is_binary)
		printf("%zu spans, %zu bytes\n", n_items, body->n);
	else
		fwrite(body->data, 1, body->n, stdout);
	err = log_flush_output("to the standard output");
	post->away |= err < 0;
	return err;
}

/* The store has accepted the request, but possibly not all of its items. */
static void take_accepted(struct post *post, size_t n_items)
{
	struct otlp_answer answer = {.message = NULL};
	char reason[REASON_SIZE];
	size_t rejected;

	if (post->target->protocol == SEND_OTLP)
		otlp_answer_read(post->answer.data, post->answer.n, &answer);
	rejected = answer.rejected < n_items ? (size_t)answer.rejected : n_items;
	post->accepted += n_items - rejected;
	post->refused += rejected;
	reason_of_answer(&post->answer, post->target->token, answer.message, answer.n_message,
	                 reason);
	if (rejected > 0)
		log_error("send: %s rejects %zu of %zu spans%s", post->target->host, rejected,
		          n_items, reason);
	else if (answer.n_message > 0)
		log_warn("send: %s has taken %zu spans%s", post->target->host, n_items, reason);
}

/* As post_body(). -E2BIG, neither counted nor logged: it is too large, but can be sent in parts. */
static int send_part(struct post *post, const char *url, const struct text *body, size_t n_items,
                     bool can_part)
{
	char why[REASON_SIZE + CURL_ERROR_SIZE];
	enum outcome outcome;

	if (body->failed)
		return log_oom();
	if (post->dry_run) {
		post->accepted += n_items;
		return show(post, body, n_items);
	}
	if (post->target->protocol == SEND_OTLP && pack(body, &post->packed))
		return -ENOMEM;
	outcome = request(post, url ? url : post->target->url,
	                  post->target->protocol == SEND_OTLP ? &post->packed : body, why,
	                  sizeof(why));
	if (outcome == ACCEPTED) {
		post->takes_none = false;
		take_accepted(post, n_items);
		return 0;
	}
	if (outcome == TOO_LARGE && can_part && n_items > 1 && !post->takes_none)
		return -E2BIG;
	if (outcome == TOO_LARGE) {
		post->takes_none = post->accepted == 0;
		post->rows_max = SIZE_MAX;
	}
	post->refused += n_items;
	if (outcome == AWAY || outcome == IMPOSSIBLE) {
		post->away = true;
		return log_errno(-EIO, "send: %s does not take it: %s", post->target->host, why);
	}
	log_error("send: %s refuses %zu %s: %s", post->target->host, n_items,
	          n_items == 1 ? "item" : "items", why);
	return 0;
}

int post_body(struct post *post, const char *url, const struct text *body, size_t n_items)
{
	return send_part(post, url, body, n_items, false);
}

/* Where the first n rows end. */
static size_t end_of_rows(const struct text *body, size_t n_header, size_t n, bool has_quotes)
{
	bool is_quoted = false;
	size_t at = n_header;

	for (; n > 0 && at < body->n; at++) {
		is_quoted ^= has_quotes && body->data[at] == '"';
		n -= body->data[at] == '\n' && !is_quoted;
	}
	return at;
}

int post_rows(struct post *post, const char *url, const struct text *body, size_t n_header,
              size_t n_rows, bool has_quotes)
{
	const size_t half = n_rows / 2;
	struct text part = {.data = NULL};
	size_t middle;
	int err = n_rows > post->rows_max ? -E2BIG : send_part(post, url, body, n_rows, true);

	if (err != -E2BIG)
		return err;
	if (n_rows <= post->rows_max) {
		post->rows_max = half;
		log_info("send: %s does not take %zu %s at once", post->target->host, n_rows,
		         n_header ? "rows" : "lines");
	}
	middle = end_of_rows(body, n_header, half, has_quotes);
	text_add(&part, body->data, middle);
	err = post_rows(post, url, &part, n_header, half, has_quotes);
	part.n = n_header;
	text_add(&part, body->data + middle, body->n - middle);
	if (!err)
		err = post_rows(post, url, &part, n_header, n_rows - half, has_quotes);
	text_fini(&part);
	return err;
}
