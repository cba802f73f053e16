/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists of settings: how they are filled and freed. */
#ifndef CORE_SETTING_LIST_H
#define CORE_SETTING_LIST_H

#include "alumet/setting.h"

/* Free the items of a list and make it an unset one. */
void setting_list_clear(struct setting_list *list);

/* Add an item to a list, which is set from then on; copies. rename may be NULL. 0 or -ENOMEM. */
int setting_list_add(struct setting_list *list, const char *text, const char *rename);

#endif
