/* SPDX-License-Identifier: GPL-3.0-or-later */
/* parent: what the files of the privileged process share. */
#ifndef HF_GUARD_PARENT_H
#define HF_GUARD_PARENT_H

#include "action/ban_command.h"
#include "action/cut.h"
#include "events/live_door.h"
#include "guard/alert.h"
#include "guard/child.h"
#include "guard/cloud.h"
#include "guard/control.h"
#include "guard/decode.h"
#include "guard/doors.h"
#include "guard/guard.h"
#include "guard/ledger.h"
#include "guard/machine.h"
#include "guard/notify.h"
#include "guard/policy.h"
#include "guard/sessions.h"
#include "guard/trail.h"
#include "guard/watch.h"

#define PARENT_BATCH ((size_t)256) /* messages of one child in a row */
#define OWN_ALLOW_MAX 1'024u
#define COMMAND_WORDS 16u
#define CUTS_MAX 4'096u

#define FLOODS_MAX 256u
#define PARENT_KNOCKS 11u

/* A cgroup that is limited because of a flood. */
struct flood_limit {
	uint64_t cgroup;                  /* 0: free */
	int64_t until;                    /* monotonic ms */
	uint32_t pps;                     /* 0: nothing */
	char path[DECODE_CGROUP_MAX + 1]; /* as the decoder says */
};

struct parent_counts {
	uint64_t limits, alerts, bans, refused, failed, cut, repaired, reloads, problems,
		history_errors;
};

struct parent {
	const struct guard_options *o;
	const char *config_path;
	struct guard_config config;
	struct arena rule_texts;
	struct policy policy;

	struct child children[ROLE_N];
	struct child_user user;
	int signals, state, lock, listen; /* descriptors */
	bool stopping, reloading;
	int64_t stop_by; /* monotonic ms */

	/* sources of the decoder */
	struct live_door *door;
	struct live_source *sources;
	size_t n_sources;
	struct sensors *sensors; /* NULL: none */
	struct trail trail;
	uint64_t trail_seen;      /* its size when the decoder was started */
	unsigned poisoned;        /* decoders that ended without getting further */
	bool silent;              /* the decoder was ended because it did not answer */
	char counts[MESSAGE_MAX]; /* JSON of the decoder */
	size_t n_counts;

	/* bans */
	struct ledger *ledger;
	struct ban *ban; /* NULL: there is none */
	enum ban_kind ban_kind;
	struct ban_command_config command; /* of [bans] command; points to these: */
	const char *command_add[COMMAND_WORDS + 4], *command_remove[COMMAND_WORDS + 3];
	char ban_problem[320];
	struct nl cut;
	bool can_cut;
	struct ban_item *items; /* that wait for ban_add(), n of PARENT_BATCH * LEDGER_DECISIONS */
	size_t n_items;
	struct prefix cuts[CUTS_MAX]; /* whose connections are to be ended */
	size_t n_cuts;
	struct prefix *allowed; /* by guard allow, beside the configuration's */
	size_t n_allowed;
	struct prefix own[MACHINE_ADDRESSES_MAX]; /* addresses of this machine */
	size_t n_own;
	struct sessions sessions;
	bool sessions_wanted; /* somebody logged in */
	bool cuts_wanted;     /* somebody was banned */
	int64_t sessions_at;  /* when either was done last */
	int64_t looked_at;    /* for sessions, at all */
	int64_t ensured_at, expired_at, saved_at, tick_at;
	bool ledger_changed;
	int journal;         /* bans since the ledger was saved */
	struct buf notes;    /* that wait to be written there */
	struct saver *saver; /* NULL: the ledger is not being saved */

	struct alert_deed last_deed; /* of the latest BAN or LIMIT, for the ALERT that follows */

	struct flood_limit floods[FLOODS_MAX];
	uint64_t own_cgroup; /* 0: not known */
	struct machine machine;

	struct doors doors;
	struct jit_policy jit;
	char jit_problem[300];          /* why there is no policy; "" */
	bool jit_told;                  /* a failure of the doors was reported */
	uint64_t knocks[PARENT_KNOCKS]; /* of the process that takes them */

	struct parent_counts counts_own;
	int64_t started;     /* microseconds since 1970 */
	int64_t clock_start; /* seconds since 1970 minus those since boot */
	struct message_out out;
	char in[MESSAGE_MAX];
};

/* Seconds since 1970 of a clock that does not jump. */
int64_t parent_now(const struct parent *p);

/* parent_start.c */
/* Reads the configuration and the rules into p; of the old ones where this fails. */
[[nodiscard]] int parent_configure(struct parent *p, struct diag *d);
[[nodiscard]] int parent_open(struct parent *p);
/* The same bans by other rules: after a reload. The old one stays where this fails. */
[[nodiscard]] int parent_renew_ledger(struct parent *p, struct diag *d);
[[nodiscard]] int parent_open_sources(struct parent *p);
[[nodiscard]] int parent_start_child(struct parent *p, enum message_role role);
void parent_close(struct parent *p);

/* parent_hear.c */
/* Messages of one child. -EBADMSG: it is to be ended. */
[[nodiscard]] int parent_hear(struct parent *p, struct child *c);

/* parent_bans.c */
[[nodiscard]] int parent_open_bans(struct parent *p);
/* A request of the decoder; what came of it is p->last_deed. */
void parent_strike(struct parent *p, const struct prefix *from, struct str rule, unsigned weight,
		   bool old);
/* What the ledger decided; bans wait in p->items for parent_apply(). */
void parent_carry_out(struct parent *p, const struct ledger_decision *d, struct str rule);
/* Carries out what waits in p->items, then cuts connections. */
void parent_apply(struct parent *p);
/* Once a second. */
void parent_tick_bans(struct parent *p);
void parent_sessions(struct parent *p);
/* A little after bans: looks who is logged in where one of them is connected, and cuts. */
void parent_bans_settled(struct parent *p);
/* Looks for addresses of this machine, which are always allowed. */
void parent_addresses(struct parent *p);
/* Sets the allow list of configuration and state. */
[[nodiscard]] int parent_allow(struct parent *p);
/* Takes over what the ledger decides beside strikes. A ledger_fn. */
int parent_decided(void *user, const struct ledger_decision *d);

/* parent_cloud.c: nothing where Azure is not the back end. */
[[nodiscard]] int parent_start_cloud(struct parent *p);
/* Everything, when it is ready. */
void parent_fill_cloud(struct parent *p);
void parent_tell_cloud(struct parent *p, enum cloud_what what, const struct ban_item *items,
		       size_t n);
void parent_allow_cloud(struct parent *p, const struct prefix *list, size_t n);

/* parent_floods.c */
/* A request of the decoder; what came of it is p->last_deed. */
void parent_limit(struct parent *p, uint64_t cgroup, struct str path);
/* After the sensors were opened anew: what is left of the time. */
void parent_renew_limits(struct parent *p);
/* Once a second: what ended; interfaces and addresses that came; users that were added. */
void parent_tick_machine(struct parent *p);

/* parent_state.c */
void parent_load_state(struct parent *p);
/* At once, however long the disk takes. */
void parent_save_state(struct parent *p);
/* By a thread, as bans do not wait for the disk. What came of it is told by the next tick. */
void parent_save_later(struct parent *p);
void parent_saved(struct parent *p);
void parent_note_ban(struct parent *p, const struct ledger_decision *d, struct str rule);
/* Notes wait until bans are in the kernel. */
void parent_flush_notes(struct parent *p);
[[nodiscard]] int parent_save_allowed(struct parent *p);

/* parent_jit.c */
void parent_open_jit(struct parent *p);
/* Reads the policy anew. */
void parent_configure_jit(struct parent *p);
[[nodiscard]] int parent_start_knock(struct parent *p);
[[nodiscard]] int parent_start_keys(struct parent *p, enum message_role role);
/* Once a second, and when something ends. */
void parent_tick_jit(struct parent *p);
/* The processes that are needed run, the others do not; which ports they are for. */
void parent_settle_jit(struct parent *p);
void parent_tell_doors(struct parent *p);
/* Everything that could keep the owner out is tried before a port is shut. */
[[nodiscard]] int parent_try_jit(struct parent *p, struct diag *d);
/* Messages of the two processes. -EBADMSG. */
[[nodiscard]] int parent_hear_jit(struct parent *p, struct message *m);
[[nodiscard]] int parent_jit_login(struct parent *p, struct message *m);
/* parent_jit_answer.c */
void parent_jit_answer(struct parent *p, uint32_t client, enum control_verb verb, uint64_t number,
		       struct str word);

/* parent_answer.c */
void parent_page(struct parent *p, uint32_t client, enum control_page how, struct str body);
void parent_answer(struct parent *p, struct message *m);

/* parent.c */
/* Tells people of something that happened to the daemon itself. level: enum rule_level. */
void parent_report(struct parent *p, int level, const char *rule, const char *fmt, ...)
	PRINTF(4, 5);
/* To standard error; that is the journal of the unit. */
void parent_log(const char *fmt, ...) PRINTF(1, 2);

#endif
