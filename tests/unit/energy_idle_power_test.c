/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "energy/idle_power.h"
#include "unit/other_user.h"
#include "unit/rapl_root.h"

static int set_up(void **state)
{
	static struct root root;

	root_make(&root);
	root_cpuinfo(&root, "GenuineIntel", 6, 85, "fpu");
	root_write(&root, "sys/devices/system/cpu/possible", "0-7\n");
	root_write(&root, "sys/class/dmi/id/sys_vendor", "Laid Out\n");
	root_write(&root, "sys/class/dmi/id/product_name", "Folder 9000\n");
	root_write(&root, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	*state = &root;
	return 0;
}

static int tear_down(void **state)
{
	root_remove(*state);
	return 0;
}

static struct idle_power example(void)
{
	struct idle_power power = {.date = "2026-11-26"};

	idle_power_add(&power, ENERGY_PACKAGE, 0, 11.2);
	idle_power_add(&power, ENERGY_PACKAGE, 1, 9.875);
	idle_power_add(&power, ENERGY_DRAM, 0, 0);
	return power;
}

static const char *path_of(const struct root *root, const char *name)
{
	return root_path(root, name);
}

static void reads_what_it_wrote(void **state)
{
	const struct root *root = *state;
	const struct idle_power written = example();
	struct idle_power power;
	char identity[MACHINE_IDENTITY_SIZE];

	machine_identity(root->path, identity);
	assert_int_equal(calibration_write(path_of(root, "a/b/idle-power"), identity, &written), 0);
	assert_int_equal(calibration_read(path_of(root, "a/b/idle-power"), identity, &power), 0);
	assert_int_equal(power.n, 3);
	assert_string_equal(power.date, "2026-11-26");
	assert_true(idle_power_find(&power, ENERGY_PACKAGE, 0) == 11.2);
	assert_true(idle_power_find(&power, ENERGY_PACKAGE, 1) == 9.875);
	assert_true(idle_power_find(&power, ENERGY_DRAM, 0) == 0);
	assert_true(idle_power_find(&power, ENERGY_DRAM, 1) < 0);
	assert_true(idle_power_find(&power, ENERGY_PP0, 0) < 0);
}

static void knows_where_it_may_write(void **state)
{
	static const struct {
		const char *name;
		int expected;
	} cases[] = {
		{"new", 0},          {"no/such/new", 0},     {"file", 0},
		{"folder", -EISDIR}, {"file/new", -ENOTDIR}, {"folder/new", -EACCES},
	};
	const struct root *root = *state;
	int found[sizeof(cases) / sizeof(*cases)];

	skip_unless_root();
	root_write(root, "file", "x");
	assert_int_equal(mkdir(path_of(root, "folder"), 0755), 0);
	assert_int_equal(chown(root->path, NOBODY, NOBODY), 0);
	become_nobody();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		found[i] = calibration_check(path_of(root, cases[i].name));
	root_again();
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(found[i], cases[i].expected);
	assert_int_equal(calibration_check("folder-of-none/new"), 0); /* below the current one */
	assert_int_equal(access("folder-of-none", F_OK), -1);
}

/* Another processor, another number of CPUs, another machine of the same kind. */
static void another_machine_is_refused(void **state)
{
	const struct root *root = *state;
	const struct idle_power written = example();
	struct idle_power power;
	char identity[MACHINE_IDENTITY_SIZE], other[MACHINE_IDENTITY_SIZE];

	machine_identity(root->path, identity);
	calibration_write(path_of(root, "idle-power"), identity, &written);

	root_cpuinfo(root, "GenuineIntel", 6, 86, "fpu");
	machine_identity(root->path, other);
	assert_int_equal(calibration_read(path_of(root, "idle-power"), other, &power), -EXDEV);
	assert_int_equal(power.n, 0);

	root_cpuinfo(root, "GenuineIntel", 6, 85, "fpu");
	root_write(root, "sys/devices/system/cpu/possible", "0-15\n");
	machine_identity(root->path, other);
	assert_int_equal(calibration_read(path_of(root, "idle-power"), other, &power), -EXDEV);

	root_write(root, "sys/devices/system/cpu/possible", "0-7\n");
	root_write(root, "etc/machine-id", "ffffffffffffffff0123456789abcdef\n");
	machine_identity(root->path, other);
	assert_int_equal(calibration_read(path_of(root, "idle-power"), other, &power), -EXDEV);

	root_write(root, "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
	machine_identity(root->path, other);
	assert_string_equal(other, identity);
	assert_int_equal(calibration_read(path_of(root, "idle-power"), other, &power), 0);
}

static void what_is_no_such_file(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"alumet-agent idle power 2\nmachine x\nmeasured 2026-11-26\nidle package=1\n",
		"alumet-agent idle power 1\nmachine x\nmeasured 2026-11-26\n",
		"alumet-agent idle power 1\nmachine x\nmeasured 2026-11-26\nidle package=-1\n",
		"alumet-agent idle power 1\nmachine x\nmeasured 2026-11-26\nidle package=nan\n",
		"alumet-agent idle power 1\nmachine x\nidle package=1\n",
		"alumet-agent idle power 1\nmachine x\nmeasured 2026-11-26T17:00:00\nidle package=1\n",
	};
	const struct root *root = *state;
	struct idle_power power;

	assert_int_equal(calibration_read(path_of(root, "none"), "x", &power), -ENOENT);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		root_write(root, "idle-power", "%s", texts[i]);
		assert_int_equal(calibration_read(path_of(root, "idle-power"), "x", &power),
		                 -EBADMSG);
		assert_int_equal(power.n, 0);
	}
}

static void an_identity_without_files(void **state)
{
	char identity[MACHINE_IDENTITY_SIZE];

	machine_identity("/nowhere", identity);
	assert_string_equal(identity, "cpu");
}

static void watts_of_the_configuration(void **state)
{
	struct idle_power power;

	assert_null(idle_power_parse("package=11.2,dram=1.1", &power));
	assert_int_equal(power.n, 2);
	assert_true(idle_power_find(&power, ENERGY_PACKAGE, 3) == 11.2);
	assert_string_equal(power.date, "");
	assert_null(idle_power_parse("package.1=9", &power));
	assert_true(idle_power_find(&power, ENERGY_PACKAGE, 0) < 0);
	assert_true(idle_power_find(&power, ENERGY_PACKAGE, 1) == 9);
	assert_null(idle_power_parse("", &power));
	assert_int_equal(power.n, 0);

	assert_non_null(idle_power_parse("platform=3", &power));
	assert_non_null(idle_power_parse("package", &power));
	assert_non_null(idle_power_parse("package=", &power));
	assert_non_null(idle_power_parse("package=x", &power));
	assert_non_null(idle_power_parse("package=-1", &power));
	assert_non_null(idle_power_parse("package=1W", &power));
	assert_non_null(idle_power_parse("package.=1", &power));
	assert_non_null(idle_power_parse("package.-1=1", &power));
	assert_non_null(idle_power_parse("package=1e9", &power));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_what_it_wrote, set_up, tear_down),
		cmocka_unit_test_setup_teardown(knows_where_it_may_write, set_up, tear_down),
		cmocka_unit_test_setup_teardown(another_machine_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_such_file, set_up, tear_down),
		cmocka_unit_test(an_identity_without_files),
		cmocka_unit_test(watts_of_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
