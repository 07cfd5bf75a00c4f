/* SPDX-License-Identifier: GPL-3.0-or-later */
/* integrity_table: what is known of each watched file, by path. */
#ifndef HF_SENSOR_INTEGRITY_TABLE_H
#define HF_SENSOR_INTEGRITY_TABLE_H

#include "sensor/integrity.h"

/* What the owner has accepted, where it is not what is there. */
struct fim_accepted {
	struct fim_state state;
	bool present;
	char *items; /* owned */
	uint32_t n_items;
};

struct fim_record {
	uint64_t hash;
	struct fim_state state;
	struct fim_accepted *accepted; /* owned; NULL: the state is accepted */
	char *items;                   /* owned; of integrity_items.h */
	uint32_t n_items;              /* bytes */
	uint32_t round;                /* of the comparison that saw it last */
	uint16_t n_path;
	uint8_t class;
	bool present;
	char path[];
};

struct fim_table {
	struct fim_record **slots; /* owned */
	size_t cap, n, used;       /* used: with tombstones */
	size_t present;
	uint64_t seed[2];
};

static inline struct str fim_record_path(const struct fim_record *r)
{
	return (struct str){ r->path, r->n_path };
}

struct fim_record *fim_table_find(const struct fim_table *t, struct str path);
/* The record, new and not present where there was none. -ENOMEM, -ENAMETOOLONG. */
[[nodiscard]] int fim_table_add(struct fim_table *t, struct str path, enum fim_class class,
				struct fim_record **ret);
void fim_table_remove(struct fim_table *t, struct fim_record *r);
void fim_table_present(struct fim_table *t, struct fim_record *r, bool present);
void fim_table_release(struct fim_table *t);
/* All records by path; owned array, to be freed. */
[[nodiscard]] int fim_table_sorted(const struct fim_table *t, struct fim_record ***ret);
/* Takes over a copy of the bytes; -ENOMEM. */
[[nodiscard]] int fim_record_set_items(struct fim_record *r, struct str items);
/* Before the state changes: keeps what was accepted. -ENOMEM. */
[[nodiscard]] int fim_record_keep(struct fim_record *r);
/* The same with what was accepted given. */
[[nodiscard]] int fim_record_keep_as(struct fim_record *r, const struct fim_state *state,
				     bool present, struct str items);
void fim_record_accept(struct fim_record *r);
/* Back to what was accepted. */
void fim_record_undo(struct fim_table *t, struct fim_record *r);

#define fim_table_each(t, r)                              \
	for (size_t r##_i = 0; r##_i < (t)->cap; r##_i++) \
		for (struct fim_record *r = (t)->slots[r##_i]; fim_record_is(r); r = NULL)
extern struct fim_record fim_tombstone;
static inline bool fim_record_is(const struct fim_record *r) { return r && r != &fim_tombstone; }

#endif
