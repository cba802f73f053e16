/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The token, or password, of a store. */
#ifndef SEND_TOKEN_H
#define SEND_TOKEN_H

/* Bytes of a token at most. */
#define SEND_TOKEN_MAX 4096

/* For a message: where a token can come from. */
#define SEND_TOKEN_VARIABLE "ALUMET_TOKEN"

/*
 * Read the token from the file, which may be a pipe, or from the environment if path is NULL.
 * Blanks and line ends after it do not belong to it. Returns 0, and the token or NULL if there is
 * none; -EINVAL, -ENOMEM or the error of reading the file, logged. Call send_token_free().
 */
int send_token_find(const char *path, char **token);
void send_token_free(char *token);

#endif
