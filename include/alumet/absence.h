/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How log_absence() (core/log.h) reports that a plugin has nothing to measure on this machine: that
 * depends on how the plugin was switched on.
 */
#ifndef ALUMET_ABSENCE_H
#define ALUMET_ABSENCE_H

enum absence {
	ABSENCE_WARNING, /* the plugin is on: a warning */
	ABSENCE_SILENT,  /* PLUGIN_AUTO, and nobody switched it on: shown with -v only */
	ABSENCE_ERROR,   /* requested on the command line: the run does not start */
};

#endif
