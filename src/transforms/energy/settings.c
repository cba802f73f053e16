/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "transforms/energy/carbon.h"
#include "transforms/energy/energy.h"

#define FIELD(name) offsetof(struct energy_settings, name)

/* Shorter, the counters have refreshed too few times; longer, a bursty load is told apart no more. */
#define INTERVAL_MIN_NS (5 * 1000000ULL)
#define INTERVAL_MAX_NS (10 * 1000000000ULL)

static const char *const idle_names[] = {"auto", "time", "none", "proportional", NULL};
static const struct setting_values idle_values = {.choices = idle_names};

static const char *interval_problem(const void *field)
{
	const uint64_t ns = *(const uint64_t *)field;

	return ns < INTERVAL_MIN_NS || ns > INTERVAL_MAX_NS ? "it can be from 5ms to 10s" : NULL;
}

static const char *weight_problem(const void *field)
{
	return **(char *const *)field ? NULL : "an event, \"auto\" or \"cpu-time\" is expected";
}

static const char *watts_problem(const void *field)
{
	struct idle_power power;

	return idle_power_parse(*(char *const *)field, &power);
}

static const char *yield_problem(const void *field)
{
	const char *text = *(char *const *)field;
	char *end;
	const double yield = strtod(text, &end);

	return end == text || *end || !(yield >= 1 && yield <= 2) ? "it can be from 1 to 2" : NULL;
}

static const char *carbon_problem(const void *field)
{
	const char *text = *(char *const *)field;

	return *text && carbon_intensity(text) < 0
	               ? "grams of CO2 per kWh, or a country's name or three-letter code, is "
	                 "expected; not every country is known"
	               : NULL;
}

static const struct setting_values interval_values = {.problem = interval_problem};
static const struct setting_values weight_values = {.problem = weight_problem};
static const struct setting_values watts_values = {.problem = watts_problem};
static const struct setting_values yield_values = {.problem = yield_problem};
static const struct setting_values carbon_values = {.problem = carbon_problem};

const struct setting energy_settings_table[] = {
	{"price_interval", SETTING_DURATION, FIELD(price_interval_ns), "\"50ms\"", &interval_values,
         "time over which energy is shared out at one price; rows are as often as those of rapl"},
	{"weight", SETTING_STRING, FIELD(weight), "\"auto\"", &weight_values,
         "what energy is shared by: an event as -e has it, \"cpu-time\", or \"auto\": unhalted\n"
         "cycles of user space and kernel (msr/aperf/ or cycles), else CPU time"},
	{"idle", SETTING_CHOICE, FIELD(idle), "\"auto\"", &idle_values,
         "the part that nobody used: \"auto\" by the watts below or as calibrated, without them\n"
         "as \"time\": the energy times the idle share of the CPUs' time; \"none\" and\n"
         "\"proportional\": no such part, all is shared between what ran"},
	{"idle_watts", SETTING_STRING, FIELD(idle_watts), "\"\"", &watts_values,
         "what each domain draws when nothing runs, \"package=11.2,dram=1.1\", or\n"
         "\"package.0=11.2,package.1=9.8\"; \"\": as measured with alumet-agent calibrate"},
	{"calibration", SETTING_STRING, FIELD(calibration), "\"/var/lib/alumet-agent/idle-power\"",
         NULL, "the file that alumet-agent calibrate writes"},
	{"smt_yield", SETTING_TEXT, FIELD(smt_yield), "1.15", &yield_values,
         "what two busy hardware threads of a core draw and do, one being 1"},
	{"core_factors", SETTING_TEXT, FIELD(core_factors), "\"1\"", NULL,
         "hybrid CPUs: what a cycle counts on each type of core, the fast ones first: \"1,0.6\""},
	{"carbon_intensity", SETTING_TEXT, FIELD(carbon_intensity), "\"\"", &carbon_values,
         "grams of CO2 per kWh, or a country (\"FRA\", \"France\"): rows carbon_emission, too"},
	{"sysroot", SETTING_STRING, FIELD(sysroot), "\"/\"", NULL,
         "the CPUs' topology is read below this folder"},
	{"formulas", SETTING_TABLES, FIELD(formulas), NULL, NULL,
         "Alumet's tables: the name of one is the metric's; its expr can only be energy × usage"},
	{0},
};
