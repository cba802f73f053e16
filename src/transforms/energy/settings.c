/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "transforms/energy/carbon.h"
#include "transforms/energy/energy.h"

#define FIELD(name) offsetof(struct energy_settings, name)

/* In a shorter interval, counters refresh too few times; a longer one averages bursts away. */
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
	               ? "grams of CO2 per kWh, or a country's English name or three-letter "
	                 "code (ISO 3166-1), is expected"
	               : NULL;
}

static const struct setting_values interval_values = {.problem = interval_problem};
static const struct setting_values weight_values = {.problem = weight_problem};
static const struct setting_values watts_values = {.problem = watts_problem};
static const struct setting_values yield_values = {.problem = yield_problem};
static const struct setting_values carbon_values = {.problem = carbon_problem};

const struct setting energy_settings_table[] = {
	{"price_interval", SETTING_DURATION, FIELD(price_interval_ns), "\"50ms\"", &interval_values,
         "The period for which energy has one price. Rows are as frequent as those of rapl."},
	{"weight", SETTING_STRING, FIELD(weight), "\"auto\"", &weight_values,
         "What energy is distributed by: \"auto\", \"cpu-time\", or an event as in -e. \"auto\": "
         "unhalted cycles in user space and kernel (msr/aperf/ or cycles), else CPU time."},
	{"idle", SETTING_CHOICE, FIELD(idle), "\"auto\"", &idle_values,
         "The idle part. \"auto\": the power below or from calibrate, else as \"time\". \"time\": "
         "the energy times the idle share of the CPUs' time. \"none\" and \"proportional\": no "
         "idle part, everything is distributed over what ran."},
	{"idle_watts", SETTING_STRING, FIELD(idle_watts), "\"\"", &watts_values,
         "The idle power of each domain in W: \"package=11.2,dram=1.1\", or "
         "\"package.0=11.2,package.1=9.8\". \"\": the result of alumet-agent calibrate."},
	{"calibration", SETTING_STRING, FIELD(calibration), "\"/var/lib/alumet-agent/idle-power\"",
         NULL, "The file that alumet-agent calibrate writes."},
	{"smt_yield", SETTING_TEXT, FIELD(smt_yield), "1.15", &yield_values,
         "The power and work of two busy hardware threads of a core, relative to one."},
	{"core_factors", SETTING_TEXT, FIELD(core_factors), "\"1\"", NULL,
         "Hybrid CPUs: the weight of a cycle on each type of core, the fastest first: \"1,0.6\"."},
	{"carbon_intensity", SETTING_TEXT, FIELD(carbon_intensity), "\"\"", &carbon_values,
         "Grams of CO2 per kWh, or a country (\"FRA\", \"France\"), for additional rows "
         "carbon_emission."},
	{"sysroot", SETTING_STRING, FIELD(sysroot), "\"/\"", NULL,
         "The directory below which the topology of the CPUs is read."},
	{"formulas", SETTING_TABLES, FIELD(formulas), NULL, NULL,
         "Alumet's tables: NAME is the metric's, and its expr can only be energy × usage."},
	{0},
};
