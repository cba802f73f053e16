/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "transforms/energy/carbon.h"

#include <stddef.h>
#include <stdlib.h>
#include <strings.h>

/*
 * Grams of CO2 equivalent per kWh generated, averages of 2023 or, where that is not known, 2022, as
 * Alumet's plugin energy-to-carbon has them (after Our World in Data and Ember).
 */
static const struct {
	const char *code, *name;
	double grams;
} countries[] = {
	{"ARE", "United Arab Emirates", 561.135},
	{"ARG", "Argentina", 354.103},
	{"AUS", "Australia", 548.692},
	{"AUT", "Austria", 110.812},
	{"BEL", "Belgium", 138.107},
	{"BGD", "Bangladesh", 691.411},
	{"BGR", "Bulgaria", 335.334},
	{"BRA", "Brazil", 98.348},
	{"CAN", "Canada", 170.043},
	{"CHE", "Switzerland", 34.843},
	{"CHL", "Chile", 291.113},
	{"CHN", "China", 582.317},
	{"COL", "Colombia", 259.511},
	{"CRI", "Costa Rica", 53.378},
	{"CYP", "Cyprus", 534.323},
	{"CZE", "Czechia", 449.724},
	{"DEU", "Germany", 380.95},
	{"DNK", "Denmark", 151.65},
	{"DZA", "Algeria", 634.611},
	{"EGY", "Egypt", 570.306},
	{"ESP", "Spain", 174.05},
	{"EST", "Estonia", 416.667},
	{"FIN", "Finland", 79.158},
	{"FRA", "France", 56.039},
	{"GBR", "United Kingdom", 237.589},
	{"GRC", "Greece", 336.574},
	{"HKG", "Hong Kong", 699.499},
	{"HRV", "Croatia", 204.962},
	{"HUN", "Hungary", 204.19},
	{"IDN", "Indonesia", 675.931},
	{"IND", "India", 713.441},
	{"IRL", "Ireland", 290.805},
	{"IRN", "Iran", 655.125},
	{"ISL", "Iceland", 27.68},
	{"ISR", "Israel", 582.927},
	{"ITA", "Italy", 330.718},
	{"JPN", "Japan", 485.392},
	{"KAZ", "Kazakhstan", 821.391},
	{"KEN", "Kenya", 70.492},
	{"KOR", "South Korea", 430.567},
	{"LTU", "Lithuania", 160.072},
	{"LUX", "Luxembourg", 105.263},
	{"LVA", "Latvia", 123.2},
	{"MAR", "Morocco", 630.014},
	{"MEX", "Mexico", 507.245},
	{"MLT", "Malta", 459.144},
	{"MYS", "Malaysia", 605.831},
	{"NGA", "Nigeria", 523.247},
};

double carbon_intensity(const char *text)
{
	char *end;
	const double number = strtod(text, &end);

	if (end != text && !*end)
		return number >= 0 && number < 1e6 ? number : -1;
	for (size_t i = 0; i < sizeof(countries) / sizeof(*countries); i++) {
		if (strcasecmp(text, countries[i].code) == 0 ||
		    strcasecmp(text, countries[i].name) == 0)
			return countries[i].grams;
	}
	return -1;
}
