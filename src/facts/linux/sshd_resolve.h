/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sshd_resolve: which line of the configuration decides, without a connection and for one.
 */
#ifndef HF_FACTS_LINUX_SSHD_RESOLVE_H
#define HF_FACTS_LINUX_SSHD_RESOLVE_H

#include "base/map.h"
#include "facts/linux/sshd_parse.h"

struct sshd_slot {
	const struct sshd_line *line;   /* decides; NULL: the default does */
	const struct sshd_line **lines; /* of keywords that add up: all of them */
	size_t n, cap;
};
/* Where the lines of every block stand: shared by all results of one configuration. */
struct sshd_lines {
	struct sshd_segment *segments;
	size_t n, cap;
	unsigned *first; /* by block: index + 1 */
};
struct sshd_result {
	const struct sshd_config *cfg;
	const struct sshd_lines *lines;
	struct sshd_slot slots[SSHD_N_KEYWORDS];
};

/* The first pass: what the daemon itself goes by. -ENOMEM. */
[[nodiscard]] int sshd_resolve_global(const struct sshd_config *cfg, struct arena *a,
				      struct sshd_result *ret);
/* Refuses what sshd refuses once it has read everything. -ENOMEM. */
[[nodiscard]] int sshd_resolve_check(struct sshd_config *cfg, const struct sshd_result *global,
				     struct arena *a);

/*
 * The blocks that may hold for connections from and to one place, whoever connects; made once,
 * asked for many users. Blocks that name users are found by name.
 */
struct sshd_site {
	const struct sshd_result *global;
	struct sshd_connection where;
	struct map by_user; /* literal name -> index into chains */
	struct map by_group;
	struct sshd_chain *chains;
	size_t n_chains, cap_chains;
	unsigned *general; /* blocks that no literal name stands for */
	size_t n_general, cap_general;
	unsigned *holds; /* by block: the call for which it held last */
	unsigned call;
	uint64_t steps; /* criteria looked at so far */
};
[[nodiscard]] int sshd_site_new(const struct sshd_result *global,
				const struct sshd_connection *where, struct arena *a,
				struct sshd_site *ret);
void sshd_site_release(struct sshd_site *s);
/* who: user, groups and invalid_user are used. What it allocates may be rewound after use. */
[[nodiscard]] int sshd_site_resolve(struct sshd_site *s, const struct sshd_connection *who,
				    struct arena *a, struct sshd_result *ret);
/* All in one. */
[[nodiscard]] int sshd_resolve(const struct sshd_result *global, const struct sshd_connection *conn,
			       struct arena *a, struct sshd_result *ret);

/* One line of `sshd -T`. */
struct sshd_entry {
	struct str value;
	const struct sshd_line *line; /* NULL: a default */
};
/* The entries of one keyword: one, or as many as there are values. -ENOMEM. */
[[nodiscard]] int sshd_result_entries(const struct sshd_result *r, enum sshd_id id, struct arena *a,
				      struct sshd_entry **ret, size_t *ret_n);
/* The only entry of a keyword that has one value ("" if there is none). */
[[nodiscard]] int sshd_result_value(const struct sshd_result *r, enum sshd_id id, struct arena *a,
				    struct sshd_entry *ret);
bool sshd_result_is(const struct sshd_result *r, enum sshd_id id, const char *value);

#endif
