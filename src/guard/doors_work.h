/* SPDX-License-Identifier: GPL-3.0-or-later */
/* doors_work: what the files of the doors share. */
#ifndef HF_GUARD_DOORS_WORK_H
#define HF_GUARD_DOORS_WORK_H

#include "guard/doors.h"

#define DOORS_KEEP_MS ((uint64_t)86'400'000) /* then a connection that goes on is looked for */

int64_t doors_boottime(void); /* ms */
int64_t doors_realtime(void); /* ms since 1970 */

static inline bool port_same(struct knock_port x, struct knock_port y)
{
	return x.port == y.port && x.protocol == y.protocol;
}
bool grant_has_port(const struct grant *g, struct knock_port p);
/* The open grant that lets a peer in, the one that ends last; NULL: none. */
struct grant *doors_granted(struct doors *x, const struct prefix *peer, struct knock_port p);
struct grant *doors_by_id(struct doors *x, const unsigned char id[static KNOCK_ID]);

/* Notes and remembers what failed. */
void doors_failed(struct doors *x, int error, const struct diag *d);

/* Whether a port opens again unless it is confirmed. */
bool doors_pending(const struct doors *x);
/* The kernel's ports, and that of the knocks, are those that this says. */
[[nodiscard]] int doors_set_ports(struct doors *x, struct diag *d);
/* What is shut is so in the kernel, too. Tried until it is. */
[[nodiscard]] int doors_restore(struct doors *x, struct diag *d);

/* doors_grant.c: brings the kernel's elements in line with the grants that meet this one. */
[[nodiscard]] int doors_set(struct doors *x, const struct grant *g, struct diag *d);
/* Ends it, with its connections. why: static. */
void doors_end(struct doors *x, struct grant *g, const char *why);
/* Those whose time is over. */
void doors_expire(struct doors *x);

/* doors_conn.c */
void doors_look(struct doors *x);
/* All that there are now may go on. */
[[nodiscard]] int doors_keep_all(struct doors *x, const struct knock_port *list, size_t n,
				 struct diag *d);
/* Ends the connections of a grant that is over, or lets them go on; how many. */
unsigned doors_leave(struct doors *x, const struct grant *g, bool keep);
struct door_conn *doors_find(struct doors *x, const struct prefix *peer, uint16_t remote,
			     uint16_t port);

/* doors_file.c. -ENOENT: there is none; -EINVAL: *d. */
[[nodiscard]] int doors_read(struct doors *x, char ret_boot[static KNOCKS_BOOT_MAX],
			     struct diag *d);
[[nodiscard]] int doors_parse(struct str text, struct doors *x,
			      char ret_boot[static KNOCKS_BOOT_MAX], struct diag *d);
[[nodiscard]] int doors_format(const struct doors *x, struct buf *b);
/* sync: it must outlive a loss of power. */
[[nodiscard]] int doors_write(const struct doors *x, bool sync);

/* doors_tell.c: lines of the audit log. */
struct door_line {
	struct chain_field fields[20];
	size_t n;
	char texts[10][160];
	size_t n_texts;
};
void line_text(struct door_line *l, const char *name, struct str s);
void line_number(struct door_line *l, const char *name, int64_t v);
void line_prefix(struct door_line *l, const char *name, const struct prefix *p);
void line_ports(struct door_line *l, const struct knock_port *list, size_t n);
void line_id(struct door_line *l, const unsigned char id[static KNOCK_ID]);
void line_grant(struct door_line *l, const struct grant *g);
void line_tell(struct doors *x, const struct door_line *l);
/* "22/tcp 51820/udp"; cut where there is no room. */
void ports_text(const struct knock_port *list, size_t n, char *ret, size_t room);

#endif
