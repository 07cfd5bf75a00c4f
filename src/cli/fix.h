/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fix: what the parts of the verbs fix, undo, confirm and changes share. */
#ifndef HF_CLI_FIX_H
#define HF_CLI_FIX_H

#include <jansson.h>

#include "action/apply.h"
#include "action/remedy.h"
#include "base/root_over.h"
#include "cli/assessment.h"

#define FIX_WITHIN_DEFAULT 300u
#define FIX_WITHIN_MIN 5u
#define FIX_WITHIN_MAX 86'400u
#define FIX_LOCK_MS 10'000u
#define FIX_ARENA ((size_t)1 << 30)

/* What is to be done for one check. */
struct fix_action {
	const struct check *check;
	struct remedy_resource *resources;
	size_t n_resources, cap;
	enum severity severity;
	double points, risk_points;
	struct plan plan; /* plan.cannot: why it is left alone */
	bool manual;      /* the check names no action */
	struct entry entry;
	bool tried;
	int error; /* of carrying it out */
	struct diag why;
	bool waits;   /* what runs goes on with the old settings; `why` says who */
	bool healthy; /* by the assessment afterwards */
};

struct fix {
	struct assessment a;
	/* options */
	const char *up_to, *within_text, *format, *keep_ports;
	bool all, yes, dry_run, script, ansible;
	unsigned within;
	/* worked out */
	struct root root;
	struct root_over over;
	struct arena arena;
	struct session session;
	struct fix_action *list;
	size_t n, cap;
	double risk_before, percent_before, risk_after, percent_after;
	const char *refused; /* why none of the risky ones is carried out */
	bool assessed_after;
};
void fix_release(struct fix *x);

/* fix_plan.c: what is to be done for the findings that are wanted. Exit code; prints errors. */
int fix_plan(struct fix *x);
[[nodiscard]] int fix_plan_one(struct fix *x, struct fix_action *f);
/* Actions that would change something. */
bool fix_is_possible(const struct fix_action *f);
/* fix_login.c: refuses what would take away the last way in. */
int fix_check_logins(struct fix *x);
/* fix_validate.c: leaves out what a program refuses. */
int fix_validate(struct fix *x);
/* fix_apply.c: carries the plan out, and looks at the checks again. */
int fix_carry_out(struct fix *x);
/* fix_print.c: the plan, its differences, what came of it. */
void fix_print_plan(const struct fix *x);
int fix_print_diffs(const struct fix *x);
void fix_print_result(const struct fix *x);
/* The plan as a shell script or a playbook. */
int fix_print_script(const struct fix *x);
int fix_print_json(const struct fix *x);

/* changes.c: a person at a terminal says yes, or --yes was given. */
int fix_confirm(bool yes, const char *verb, const char *question);
/* Opens the root that the user named (NULL: this machine). Exit code. */
int fix_open_root(const char *path, struct root *ret);
/*
 * Where changes are written down: the root's journal, or for who is not root and changes files of this
 * machine one of their own (XDG_STATE_HOME). -ENAMETOOLONG.
 */
[[nodiscard]] int fix_journal_folder(const struct root *root, char *ret, size_t size);
/* Opens and locks the journal; says who has it. Exit code. */
int fix_open_journal(const struct root *root, bool make, struct changelog *ret);
/* Entry as a JSON object. */
json_t *fix_entry_json(const struct entry *e);

#endif
