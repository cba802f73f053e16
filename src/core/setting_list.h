/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Fills and frees lists of settings. */
#ifndef CORE_SETTING_LIST_H
#define CORE_SETTING_LIST_H

#include "alumet/setting.h"

/* Free the items of a list and mark it as unset. */
void setting_list_clear(struct setting_list *list);

/* Add a copy of an item, and mark the list as set. rename may be NULL. Returns 0 or -ENOMEM. */
int setting_list_add(struct setting_list *list, const char *text, const char *rename);

#endif
