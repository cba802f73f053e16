/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "energy/idle_power.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No domain draws more when idle: a larger value is a typing error, or in another unit. */
#define MOST_WATTS 10000.0

const char *energy_domain_name(enum energy_domain domain)
{
	static const char *const names[ENERGY_DOMAINS] = {"package", "pp0", "pp1", "dram"};

	return names[domain];
}

enum energy_domain energy_domain_find(const char *name, size_t length)
{
	enum energy_domain domain = 0;

	while (domain < ENERGY_DOMAINS && (strlen(energy_domain_name(domain)) != length ||
	                                   strncmp(energy_domain_name(domain), name, length) != 0))
		domain++;
	return domain;
}

double idle_power_find(const struct idle_power *power, enum energy_domain domain, int package)
{
	for (size_t i = 0; i < power->n; i++) {
		const struct idle_watts *item = &power->items[i];

		if (item->domain == domain && (item->package < 0 || item->package == package))
			return item->watts;
	}
	return -1;
}

int idle_power_add(struct idle_power *power, enum energy_domain domain, int package, double watts)
{
	if (power->n == IDLE_POWER_MAX)
		return -E2BIG;
	power->items[power->n++] = (struct idle_watts){domain, package, watts};
	return 0;
}

/* Parse "package=11.2" or "package.0=11.2", and advance *text. Returns NULL, or what is wrong. */
static const char *parse_item(const char **text, struct idle_power *power)
{
	const size_t length = strcspn(*text, ".=");
	const enum energy_domain domain = energy_domain_find(*text, length);
	const char *at = *text + length;
	long package = -1;
	double watts;
	char *end;

	if (domain == ENERGY_DOMAINS)
		return "a domain can be package, pp0, pp1 or dram, as in \"package=11.2,dram=1.1\"";
	if (*at == '.') {
		package = strtol(at + 1, &end, 10);
		if (end == at + 1 || package < 0 || package > 4095)
			return "after the domain's point the number of a package is expected";
		at = end;
	}
	if (*at != '=')
		return "each domain has its watts, as in \"package=11.2,dram=1.1\"";
	watts = strtod(at + 1, &end);
	if (end == at + 1 || !(watts >= 0 && watts <= MOST_WATTS) || (*end && *end != ','))
		return "watts are a number, as in \"package=11.2,dram=1.1\"";
	if (idle_power_add(power, domain, (int)package, watts))
		return "it has too many domains";
	*text = *end ? end + 1 : end;
	return NULL;
}

const char *idle_power_parse(const char *text, struct idle_power *power)
{
	const char *wrong = NULL;

	*power = (struct idle_power){.n = 0};
	while (!wrong && *text)
		wrong = parse_item(&text, power);
	return wrong;
}
