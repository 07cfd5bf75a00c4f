/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings: remedies whose whole work is to give names values in files of one program. */
#ifndef HF_ACTION_SETTINGS_H
#define HF_ACTION_SETTINGS_H

#include "action/draft.h"

/* Where a program reads its settings. */
struct settings_place {
	const char *file;   /* is written; made where it is missing, unless `there` */
	const char *main;   /* counts for more than `file`; NULL: none, or file is it */
	const char *also;   /* glob of others; NULL: none */
	const char *module; /* of PAM: its arguments count for more than files; NULL: none */
	const char *section;
	const struct edit_style *style;
	bool there;   /* where the file is not there, the program is not */
	bool all_win; /* every other file counts for more; else those behind `file` by name */
};

/* in->args are "NAME VALUE …"; VALUE "+": the name stands alone, "-": it must not be set. */
[[nodiscard]] int settings_plan(const struct remedy_input *in, struct plan *p,
				const struct settings_place *place);

/* The settings of one program in words for plan_cannot() where in->args are wrong. */
[[nodiscard]] int settings_misread(struct plan *p);

#endif
