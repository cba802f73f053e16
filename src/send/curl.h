/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libcurl, loaded only when something is sent: linking it would cost each start of the agent 5 ms.
 * The numbers below are part of the ABI of libcurl.so.4, which never changes them (curl/curl.h), so
 * building needs no file of libcurl.
 */
#ifndef SEND_CURL_H
#define SEND_CURL_H

#include <stddef.h>

struct curl_slist;

enum curl_code {
	CURL_OK = 0,
	CURL_URL_MALFORMAT = 3,
	CURL_WRITE_ERROR = 23, /* the write function has stopped it */
	CURL_TLS = 35,         /* no connection by TLS */
	CURL_CERTIFICATE = 60,
	CURL_CA_FILE = 77,
};

enum curl_option {
	CURL_TIMEOUT_MS = 155,
	CURL_CONNECT_TIMEOUT_MS = 156,
	CURL_NOSIGNAL = 99,
	CURL_POST = 47,
	CURL_PROTOCOLS = 181, /* a mask */
	CURL_WRITE_DATA = 10001,
	CURL_URL = 10002,
	CURL_PROXY = 10004,
	CURL_ERROR_BUFFER = 10010,
	CURL_POST_FIELDS = 10015,
	CURL_USER_AGENT = 10018,
	CURL_HTTP_HEADER = 10023,
	CURL_CA_INFO = 10065,
	CURL_WRITE_FUNCTION = 20011,
	CURL_POST_FIELD_SIZE = 30120, /* curl_off_t */
};

enum curl_info { CURL_RESPONSE_CODE = 0x200002, CURL_RETRY_AFTER = 0x600039 };

/* Bits of CURL_PROTOCOLS. */
enum { CURL_HTTP = 1, CURL_HTTPS = 2 };

#define CURL_ERROR_SIZE 256

struct curl {
	void *library;
	void *(*easy_init)(void);
	void (*easy_cleanup)(void *handle);
	int (*easy_setopt)(void *handle, int option, ...);
	int (*easy_perform)(void *handle);
	int (*easy_getinfo)(void *handle, int info, ...);
	const char *(*easy_strerror)(int code);
	struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
	void (*slist_free_all)(struct curl_slist *list);
};

/* Load it. Returns 0, or -ENOENT after logging what to install. */
int curl_load(struct curl *curl);
void curl_unload(struct curl *curl);

#endif
