/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "send/send.h"

#include <errno.h>

#include "core/log.h"
#include "report/paths.h"
#include "report/read.h"
#include "send/stores.h"

static int send_run(struct post *post, const char *path, bool per_process)
{
	struct report_data data = {.n_runs = 0};
	int err = report_read(&path, 1, &data);

	for (size_t i = 0; !err && i < data.n_notes; i++)
		log_warn("%s", data.notes[i]);
	if (!err)
		err = post->target->protocol == SEND_OTLP ? send_otlp(post, &data)
		                                          : send_influx(post, &data, per_process);
	report_data_fini(&data);
	return err;
}

static int send_file(struct post *post, const char *path, bool per_process)
{
	return post->target->protocol == SEND_CLICKHOUSE ? send_clickhouse(post, path)
	                                                 : send_run(post, path, per_process);
}

static const char *items(const struct post *post)
{
	switch (post->target->protocol) {
	case SEND_OTLP:
		return "spans";
	case SEND_CLICKHOUSE:
		return "rows";
	case SEND_INFLUX:
		break;
	}
	return "lines";
}

/* err: of a file that could not be read. */
static int conclude(const struct post *post, int err)
{
	const bool is_incomplete = post->refused > 0 || post->away;

	if (post->dry_run || err == -ENOMEM)
		return err;
	if (is_incomplete)
		log_error("send: %s has taken %llu %s, not all\n"
		          "the files are unchanged: send them again, nothing will be there twice",
		          post->target->host, (unsigned long long)post->accepted, items(post));
	else
		log_info("send: %s has taken %llu %s", post->target->host,
		         (unsigned long long)post->accepted, items(post));
	return err ? err : is_incomplete;
}

/* A file that cannot be read does not keep the others from being sent. Returns its error. */
static int send_all(struct post *post, const struct report_paths *paths, bool per_process)
{
	int err = 0;

	for (size_t i = 0; i < paths->n && !post->away && err != -ENOMEM; i++) {
		const int of_file = send_file(post, paths->paths[i], per_process);

		if (post->away && !post->dry_run)
			break; /* that is no error of the file */
		if (of_file && (!err || of_file == -ENOMEM))
			err = of_file;
	}
	return err;
}

int send_files(const struct send_options *options)
{
	struct report_paths paths = {.n = 0};
	struct post post = {.handle = NULL};
	struct send_target target;
	int err = send_target_init(&target, options->to, options->token_file);

	if (!err)
		err = post_init(&post, &target, options->dry_run);
	for (size_t i = 0; !err && i < options->n_files; i++)
		err = report_paths_add(&paths, options->files[i]);
	if (!err)
		err = report_paths_drop_repeated(&paths, 0);
	if (!err) {
		err = send_all(&post, &paths, options->per_process);
		err = conclude(&post, err);
	}
	report_paths_fini(&paths);
	post_fini(&post);
	send_target_fini(&target);
	return err;
}
