/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "outputs/summary/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool wants_colour(int color_when, bool is_terminal)
{
	const char *no_color = getenv("NO_COLOR"), *type = getenv("TERM");

	if (color_when != COLOR_AUTO)
		return color_when == COLOR_ALWAYS;
	return is_terminal && !(no_color && *no_color) && type && *type &&
	       strcmp(type, "dumb") != 0;
}

struct terminal terminal_look(int color_when)
{
	const bool is_terminal = isatty(STDERR_FILENO);
	struct winsize size = {0};

	if (is_terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0)
		size = (struct winsize){0};
	return (struct terminal){
		.columns = size.ws_col,
		.rows = size.ws_row,
		.colour = wants_colour(color_when, is_terminal),
	};
}
