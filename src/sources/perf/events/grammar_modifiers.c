/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "sources/perf/events/grammar_modifiers.h"

#include <string.h>

static bool add_letter(char letter, struct event_modifiers *modifiers)
{
	switch (letter) {
	case 'u':
		modifiers->user = true;
		break;
	case 'k':
		modifiers->kernel = true;
		break;
	case 'h':
		modifiers->hypervisor = true;
		break;
	case 'G':
		modifiers->guest = true;
		break;
	case 'H':
		modifiers->host = true;
		break;
	case 'I':
		modifiers->not_idle = true;
		break;
	default:
		return false;
	}
	modifiers->given = true;
	return true;
}

bool modifiers_parse(const char *text, struct event_modifiers *modifiers)
{
	struct event_modifiers parsed = *modifiers;

	if (*text == '\0')
		return false;
	for (; *text; text++) {
		if (!add_letter(*text, &parsed))
			return false;
	}
	*modifiers = parsed;
	return true;
}

bool modifiers_parse_alumet(const char *text, struct event_modifiers *modifiers)
{
	struct event_modifiers parsed = *modifiers;
	bool after_letter = false;

	if (*text == '\0')
		return true;
	for (; *text; text++) {
		if (*text == ':' && after_letter && text[1])
			after_letter = false;
		else if (add_letter(*text, &parsed))
			after_letter = true;
		else
			return false;
	}
	parsed.alumet = true;
	*modifiers = parsed;
	return true;
}

void grammar_print_modifiers(const struct event_modifiers *modifiers,
                             char text[static EVENT_MODIFIERS_SIZE])
{
	if (modifiers->user)
		*text++ = 'u';
	if (modifiers->kernel)
		*text++ = 'k';
	if (modifiers->hypervisor)
		*text++ = 'h';
	if (modifiers->guest)
		*text++ = 'G';
	if (modifiers->host)
		*text++ = 'H';
	if (modifiers->not_idle)
		*text++ = 'I';
	*text = '\0';
}

struct event_modifiers grammar_join_modifiers(struct event_modifiers a, struct event_modifiers b)
{
	return (struct event_modifiers){
		.given = a.given || b.given,
		.alumet = a.given ? a.alumet : b.alumet,
		.user = a.user || b.user,
		.kernel = a.kernel || b.kernel,
		.hypervisor = a.hypervisor || b.hypervisor,
		.guest = a.guest || b.guest,
		.host = a.host || b.host,
		.not_idle = a.not_idle || b.not_idle,
	};
}
