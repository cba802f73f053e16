/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/summary/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

struct terminal terminal_look(enum color_when color_when)
{
	const bool is_terminal = isatty(STDERR_FILENO);
	struct winsize size = {0};

	if (is_terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0)
		size = (struct winsize){0};
	return (struct terminal){
		.columns = size.ws_col,
		.rows = size.ws_row,
		.colour = text_wants_colour(color_when, is_terminal),
	};
}
