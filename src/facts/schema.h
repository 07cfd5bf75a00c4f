/* SPDX-License-Identifier: GPL-3.0-or-later */
/* schema: SQL of the tree (schema/) that is built into the program. */
#ifndef HF_FACTS_SCHEMA_H
#define HF_FACTS_SCHEMA_H

/* schema/views.sql */
extern const char schema_views[];

#endif
