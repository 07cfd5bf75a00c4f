/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Apart from everything else, so that a test program can bring collectors of its own. */
#include "facts/fact.h"

#define TABLE(name) extern const struct collector collector_##name;
#include "facts/azure/tables.def"
#include "facts/linux/tables.def"
#include "facts/windows/tables.def"
#undef TABLE

const struct collector *const collectors[] = {
#define TABLE(name) &collector_##name,
#include "facts/azure/tables.def"
#include "facts/linux/tables.def"
#include "facts/windows/tables.def"
#undef TABLE
};
const size_t n_collectors = COUNT(collectors);

const struct collector *collector_find(struct str table)
{
	for (size_t i = 0; i < n_collectors; i++)
		if (str_eq(str_of(collectors[i]->table->name), table))
			return collectors[i];
	return NULL;
}
