/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/pam_eval.h"

#include "facts/linux/login_defs.h"

#define JUMP_MAX 1'000

enum action_kind {
	ACTION_IGNORE,
	ACTION_OK,
	ACTION_DONE,
	ACTION_BAD,
	ACTION_DIE,
	ACTION_RESET,
	ACTION_JUMP
};

struct action {
	enum action_kind kind;
	unsigned jump;
};

static int find_uid_min(struct collect *c, int64_t *ret)
{
	struct str text, name, value;
	const char *path;
	unsigned line = 0;
	int r = login_defs_read(c, &text, &path);

	*ret = 1000;
	while (r == 1 && login_defs_next(&text, &line, &name, &value))
		if (str_eq(name, STR("UID_MIN")))
			(void)!str_to_int64(value, ret);
	return MIN(r, 0);
}

int pam_eval_new(struct collect *c, const struct pam *pam, struct pam_eval *ret)
{
	static const char *const nologin[] = { "/etc/nologin", "/run/nologin", "/var/run/nologin" };
	struct pam_eval e = { .c = c, .pam = pam };
	struct stat st;
	int r = find_uid_min(c, &e.uid_min);

	for (size_t i = 0; i < COUNT(nologin); i++)
		e.nologin |= root_stat(c->root, nologin[i], &st) == 0;
	for (size_t i = 0; r >= 0 && i < pam->n; i++)
		if (!map_get(&e.services, pam->rules[i].service))
			r = map_put(&e.services, pam->rules[i].service, i);
	if (r < 0) {
		pam_eval_release(&e);
		return r;
	}
	*ret = e;
	return 0;
}

void pam_eval_release(struct pam_eval *e)
{
	for (size_t i = 0; i < e->n_cache; i++)
		map_release(&e->cache[i].lines);
	map_release(&e->services);
	map_release(&e->files);
	arena_release(&e->kept);
	*e = (struct pam_eval){};
}

bool pam_eval_has(const struct pam_eval *e, struct str service)
{
	return map_get(&e->services, service) != NULL;
}

/* The names of pam.conf(5) for values; those that no module here returns are left out. */
static int value_of(struct str name)
{
	static const char *const names[PAM_V_N] = {
		[PAM_V_SUCCESS] = "success",
		[PAM_V_IGNORE] = "ignore",
		[PAM_V_AUTH_ERR] = "auth_err",
		[PAM_V_PERM_DENIED] = "perm_denied",
		[PAM_V_USER_UNKNOWN] = "user_unknown",
		[PAM_V_AUTHINFO_UNAVAIL] = "authinfo_unavail",
		[PAM_V_ACCT_EXPIRED] = "acct_expired",
		[PAM_V_NEW_AUTHTOK_REQD] = "new_authtok_reqd",
		[PAM_V_AUTHTOK_EXPIRED] = "authtok_expired",
		[PAM_V_SERVICE_ERR] = "service_err",
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_ieq(name, str_of(names[i])))
			return (int)i;
	return -1;
}

static struct action action_named(struct str name)
{
	static const struct {
		const char *name;
		enum action_kind kind;
	} actions[] = {
		{"ignore", ACTION_IGNORE},
                { "ok",    ACTION_OK    },
                { "done",  ACTION_DONE  },
		{ "bad",   ACTION_BAD   },
                { "die",   ACTION_DIE   },
                { "reset", ACTION_RESET },
	};
	uint64_t n;

	for (size_t i = 0; i < COUNT(actions); i++)
		if (str_ieq(name, str_of(actions[i].name)))
			return (struct action){ actions[i].kind, 0 };
	if (str_to_u64(name, 10, &n) == 0 && n && n <= JUMP_MAX)
		return (struct action){ ACTION_JUMP, (unsigned)n };
	return (struct action){ ACTION_BAD, 0 };
}

/* "[success=1 default=ignore]" */
static struct action bracket_action(struct str control, enum pam_value value)
{
	struct str rest = str_sub(control, 1, control.len - 1), word;
	struct action fallback = { ACTION_BAD, 0 };

	while ((word = str_word(&rest)).ptr) {
		struct str action = word, name = str_cut(&action, '=');

		if (str_ieq(name, STR("default")))
			fallback = action_named(action);
		else if (value_of(name) == (int)value)
			return action_named(action);
	}
	return fallback;
}

/* What the words stand for (pam.conf(5)). */
static struct action action_of(struct str control, enum pam_value value)
{
	bool good = value == PAM_V_SUCCESS || value == PAM_V_NEW_AUTHTOK_REQD;

	if (control.len > 2 && control.ptr[0] == '[')
		return bracket_action(control, value);
	if (str_eq(control, STR("sufficient")))
		return (struct action){ good ? ACTION_DONE : ACTION_IGNORE, 0 };
	if (str_eq(control, STR("optional")))
		return (struct action){ good ? ACTION_OK : ACTION_IGNORE, 0 };
	if (good)
		return (struct action){ ACTION_OK, 0 };
	if (value == PAM_V_IGNORE)
		return (struct action){ ACTION_IGNORE, 0 };
	return (struct action){ str_eq(control, STR("requisite")) ? ACTION_DIE : ACTION_BAD, 0 };
}

enum impression { UNDECIDED, POSITIVE, NEGATIVE };

/* _pam_dispatch_aux() of libpam. */
struct dispatch {
	enum impression impression;
	enum pam_value status;
	const struct pam_rule *rule;
};

static void agree(struct dispatch *d, enum pam_value value)
{
	if (d->impression == UNDECIDED ||
	    (d->impression == POSITIVE && d->status == PAM_V_SUCCESS)) {
		d->impression = POSITIVE;
		d->status = value;
	}
}

/* Returns true when the rest of the (sub)stack is to be left out. */
static bool take_action(struct dispatch *d, struct action a, enum pam_value value,
			const struct pam_rule *rule)
{
	switch (a.kind) {
	case ACTION_RESET:
		d->impression = UNDECIDED;
		d->status = PAM_V_PERM_DENIED;
		return false;
	case ACTION_OK: agree(d, value); return false;
	case ACTION_DONE: agree(d, value); return d->impression == POSITIVE;
	case ACTION_BAD:
	case ACTION_DIE:
		if (d->impression != NEGATIVE) {
			d->impression = NEGATIVE;
			d->status = value == PAM_V_SUCCESS ? PAM_V_PERM_DENIED : value;
			d->rule = rule;
		}
		return a.kind == ACTION_DIE;
	case ACTION_IGNORE:
	case ACTION_JUMP: break;
	}
	return false;
}

struct stack {
	const struct pam_rule **rules;
	size_t n, cap;
};

/* The rules of one type; of "other" where the service has none of it. */
static int find_stack(struct pam_eval *e, struct str service, struct str type, struct stack *ret)
{
	const struct str names[] = { service, STR("other") };

	for (size_t k = 0; k < COUNT(names) && !ret->n; k++) {
		const uint64_t *first = map_get(&e->services, names[k]);

		for (size_t i = first ? *first : e->pam->n;
		     i < e->pam->n && str_eq(e->pam->rules[i].service, names[k]); i++) {
			const struct pam_rule *rule = &e->pam->rules[i];

			if (str_eq(rule->type, type) &&
			    arena_push(e->c->arena, ret->rules, ret->n, ret->cap, rule) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

static int dispatch(struct pam_eval *e, const struct stack *s, struct str service, struct str type,
		    const struct pam_subject *who, struct dispatch *d, bool *ret_perhaps)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct pam_rule *rule = s->rules[i];
		enum pam_value value = PAM_V_SERVICE_ERR;
		bool guess = false;
		struct action a;
		int r = pam_module_run(e, rule, service, type, who, &value, &guess);

		if (r < 0)
			return r;
		a = action_of(rule->control, value);
		*ret_perhaps |= guess && a.kind != ACTION_IGNORE;
		if (take_action(d, a, value, rule))
			while (i + 1 < s->n && s->rules[i + 1]->level >= rule->level)
				i++;
		for (unsigned n = a.kind == ACTION_JUMP ? a.jump : 0; n && i + 1 < s->n; n--)
			i++;
	}
	return 0;
}

int pam_eval(struct pam_eval *e, struct str service, struct str type, const struct pam_subject *who,
	     struct pam_verdict *ret)
{
	struct arena_mark mark = arena_mark(e->c->arena);
	struct dispatch d = { .status = PAM_V_PERM_DENIED };
	struct stack s = {};
	bool perhaps = false;
	int r;

	if (!e->pam->present) {
		*ret = (struct pam_verdict){ .allowed = true, .perhaps = true };
		return 0;
	}
	r = find_stack(e, service, type, &s);
	if (r >= 0)
		r = dispatch(e, &s, service, type, who, &d, &perhaps);
	arena_rewind(e->c->arena, mark);
	if (r < 0)
		return r;
	*ret = (struct pam_verdict){
		.allowed = d.impression == POSITIVE &&
			   (d.status == PAM_V_SUCCESS || d.status == PAM_V_NEW_AUTHTOK_REQD),
		.must_change = d.status == PAM_V_NEW_AUTHTOK_REQD,
		.perhaps = perhaps,
		.rule = d.rule,
	};
	return 0;
}

int pam_eval_password(struct pam_eval *e, struct str service, const struct pam_subject *who,
		      struct pam_login *ret)
{
	struct pam_subject asked = *who;
	struct pam_verdict plain, both, none;
	int r;

	asked.knows_password = true;
	asked.has_factor = false;
	r = pam_eval(e, service, STR("auth"), &asked, &plain);
	asked.has_factor = true;
	if (r >= 0)
		r = pam_eval(e, service, STR("auth"), &asked, &both);
	asked.knows_password = asked.has_factor = false;
	if (r >= 0)
		r = pam_eval(e, service, STR("auth"), &asked, &none);
	if (r < 0)
		return r;
	*ret = (struct pam_login){
		.works = plain.allowed || both.allowed,
		.second_factor = both.allowed && !plain.allowed,
		.anything = none.allowed && e->pam->present,
		.perhaps = plain.allowed ? plain.perhaps : both.perhaps,
		.rule = plain.rule,
	};
	return 0;
}
