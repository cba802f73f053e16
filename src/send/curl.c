/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "send/curl.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "core/log.h"

#ifdef ALUMET_STATIC
/* A static program can load libraries only where the C library it was linked with is installed. */
int curl_load(struct curl *curl)
{
	*curl = (struct curl){.library = NULL};
	return log_errno(-ENOTSUP,
	                 "send: this program is linked statically and cannot load libcurl.so.4\n"
	                 "send with one that is not: the package for Debian, or make install");
}
#else
/* Debian has two builds under different names, with OpenSSL and with GnuTLS. */
static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};

/* dlsym() returns a data pointer; POSIX allows converting it to a function pointer. */
#define FIND(curl, function) find((curl)->library, "curl_" #function, &(curl)->function)

static int find(void *library, const char *name, void *function)
{
	void *symbol = dlsym(library, name);

	memcpy(function, &symbol, sizeof(symbol));
	return symbol ? 0 : -ENOENT;
}

int curl_load(struct curl *curl)
{
	int err = 0;

	*curl = (struct curl){.library = NULL};
	for (size_t i = 0; !curl->library && i < sizeof(names) / sizeof(names[0]); i++)
		curl->library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (curl->library)
		err = FIND(curl, easy_init) || FIND(curl, easy_cleanup) ||
		      FIND(curl, easy_setopt) || FIND(curl, easy_perform) ||
		      FIND(curl, easy_getinfo) || FIND(curl, easy_strerror) ||
		      FIND(curl, slist_append) || FIND(curl, slist_free_all);
	if (curl->library && !err)
		return 0;
	curl_unload(curl);
	return log_errno(-ENOENT, "send: the library libcurl.so.4 is not here\n"
	                          "install it: apt install libcurl4");
}
#endif

void curl_unload(struct curl *curl)
{
	if (curl->library)
		dlclose(curl->library);
	curl->library = NULL;
}
