/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup_state: what `holdfast backup` keeps of a repository (/var/lib/holdfast/backup/NAME.json). */
#ifndef HF_FACTS_LINUX_BACKUP_STATE_H
#define HF_FACTS_LINUX_BACKUP_STATE_H

#include <jansson.h>

#include "facts/fact.h"

/* name: that of the repository; state: an object. */
typedef int backup_state_fn(struct collect *c, const char *path, struct str name,
			    const json_t *state);
/* Those with "format": results that others leave there have none. Damaged ones are problems. */
[[nodiscard]] int backup_states(struct collect *c, backup_state_fn *fn);

/* A record of a list of the state: a run, a check, a drill, a snapshot. */
struct backup_record {
	struct str repository, file;
	const json_t *json;
};
typedef int backup_record_fn(struct collect *c, const struct backup_record *record);
/* All records of the list of that name, in all states. */
[[nodiscard]] int backup_records(struct collect *c, const char *list, backup_record_fn *fn);

/* FACT_UNKNOWN where it is not there, or no number; of a boolean 0 or 1. */
int64_t backup_state_number(const json_t *o, const char *key);
/* '' where it is not there, or no text; in the arena. */
struct str backup_state_text(struct collect *c, const json_t *o, const char *key);
/* Texts of an array, separated by blanks; at most 1,024 bytes. */
struct str backup_state_words(struct collect *c, const json_t *array);
/* The last record of the list of that name; NULL. */
const json_t *backup_state_last(const json_t *state, const char *list);

#endif
