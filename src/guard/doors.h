/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doors: the parent's side of just-in-time access: which ports are shut, who was let in until when,
 * which connections came of it, and the audit log of all that.
 *
 * The kernel holds ports and grants with their times (action/door.h), so that they end whatever
 * becomes of the daemon; the file DOORS_FILE has what a new process must know. Times named `until`
 * are milliseconds of CLOCK_BOOTTIME, times named `now` milliseconds since 1970.
 */
#ifndef HF_GUARD_DOORS_H
#define HF_GUARD_DOORS_H

#include "action/conn.h"
#include "action/door.h"
#include "guard/knocks.h"

#define DOORS_FILE "jit-doors"
#define DOORS_GRANTS 256u
#define DOORS_CONNS 512u
#define DOORS_CONFIRM_MIN 30u /* seconds that a change waits to be confirmed */
#define DOORS_CONFIRM_MAX 3'600u

enum grant_state {
	GRANT_FREE,
	GRANT_WAITS, /* for a second person; opens nothing */
	GRANT_OPEN,
	GRANT_OVER,
	GRANT_STATES
};

struct grant {
	enum grant_state state;
	unsigned char id[KNOCK_ID];
	struct prefix source;
	struct knock_port ports[KNOCK_PORTS_MAX];
	unsigned n_ports;
	int64_t asked; /* ms since 1970 */
	int64_t until; /* GRANT_OVER: when it ended */
	uint32_t seconds;
	unsigned connections, logins;
	char over[40]; /* why it ended */
	char account[KNOCK_ACCOUNT_MAX + 1], reason[KNOCK_REASON_MAX + 1], rule[65];
	char keys[KNOCK_SIGNATURES_MAX][SSH_FINGERPRINT_LEN];
};

struct shut_port {
	struct knock_port port;
	bool pending; /* opens again unless it is confirmed */
};

/* A connection to a port that is shut. */
struct door_conn {
	struct conn conn;
	bool seen;
	bool kept;    /* goes on without a grant */
	bool granted; /* came by one: */
	unsigned char id[KNOCK_ID];
	int64_t begun; /* ms of CLOCK_BOOTTIME */
};

struct doors {
	struct door *kernel; /* NULL: not opened */
	struct nl cut;
	bool can_end; /* the kernel resets connections; else their packets are dropped, no more */
	struct chain *chain;
	int state; /* folder, borrowed */
	bool keep_sessions;
	uint32_t longest; /* seconds that any rule of the policy gives */
	uint16_t listen;  /* UDP port of knocks */
	struct shut_port ports[JIT_PROTECTED_MAX];
	size_t n_ports;
	int64_t pending_until;
	struct grant grants[DOORS_GRANTS];
	struct door_conn conns[DOORS_CONNS];
	size_t n_conns;
	int64_t looked, refilled; /* ms of CLOCK_BOOTTIME */
	bool ready;               /* the kernel has what this says */
	bool changed;             /* the file is older */
	char boot[KNOCKS_BOOT_MAX];
	struct chain_state verified; /* of the log, when it was opened */
	int error;                   /* -errno of the last thing that failed */
	char problem[300];           /* and what it was */
};
#define DOORS_NONE ((struct doors){ .cut = NL_NONE, .state = -1 })

/*
 * What the file says is shut is shut again; a change that was not confirmed in time, or before the
 * machine was started anew, is taken back. Without a file nothing is done. -errno with *d.
 */
[[nodiscard]] int doors_open(struct doors *x, int state, struct diag *d);
/* What is shut stays shut. */
void doors_release(struct doors *x);
static inline bool doors_active(const struct doors *x) { return x->n_ports > 0; }
/* The kernel has a table that nobody here answers for: another daemon's, or its file was lost. */
bool doors_left_behind(struct doors *x);
/* What the policy says beside the rules. */
void doors_policy(struct doors *x, const struct jit_policy *p);

/*
 * Shuts ports for all but those who are let in; connections that there are go on. They open again
 * after so many seconds unless doors_confirm() was called. -EALREADY: all of them are shut.
 */
[[nodiscard]] int doors_shut(struct doors *x, const struct knock_port *list, size_t n,
			     unsigned seconds, struct diag *d);
/*
 * Keeps what waits. Said from a connection that must be there, that must not be older than the
 * change, and that a grant let in. -ENOENT: nothing waits; -EPERM with *d.
 */
[[nodiscard]] int doors_confirm(struct doors *x, const struct prefix *peer, uint16_t remote,
				uint16_t port, struct diag *d);
/* Opens them again; n 0: all. With the last one the table goes. why: of the audit log. */
[[nodiscard]] int doors_unshut(struct doors *x, const struct knock_port *list, size_t n,
			       const char *why, struct diag *d);

/* Of the process that takes knocks. -EBADMSG: it asks for what no policy gives. */
[[nodiscard]] int doors_take(struct doors *x, const struct knocks_grant *g);
/*
 * Ends (seconds 0) or prolongs grants: by the start of an id of at least 4 digits, by account, by an
 * address or network, or "all". Returns how many; -EINVAL: several ids begin so; -ERANGE: longer than
 * the policy gives.
 */
[[nodiscard]] int doors_change(struct doors *x, struct str which, uint32_t seconds);
/* Somebody logged in. */
void doors_login(struct doors *x, const struct prefix *peer, uint16_t remote, struct str account,
		 struct str key);
/* One line of the audit log. */
[[nodiscard]] int doors_record(struct doors *x, int64_t now, const struct chain_field *fields,
			       size_t n);

/* What is due; about once a second, and at doors_next(). */
void doors_tick(struct doors *x);
/* Milliseconds until something ends; INT64_MAX: nothing does. */
int64_t doors_next(const struct doors *x);
/* Saves what has changed. */
void doors_save(struct doors *x);

/* Members of an object, without braces, beginning with a comma. */
void doors_put_status(struct doors *x, struct buf *b);
/* Grants of one page, an object a line; whether there are more. */
bool doors_put_list(const struct doors *x, size_t page, struct buf *b);

#endif
