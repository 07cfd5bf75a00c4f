/* SPDX-License-Identifier: GPL-3.0-or-later */
/* logins: Ways into accounts: by which door, from where, by what means, and to what. */
#include "facts/linux/logins.h"

static const struct fact_column columns[] = { LOGINS_COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "logins",
	.doc = "Ways into accounts: by which door, from where, by what means, and to what. An account "
	       "without a row cannot log in. Whether the internet reaches the door is another "
	       "question: see the view account_doors.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username,door",
};

#define STEPS_MAX ((uint64_t)40'000'000)
#define EXTRA_MAX 64 /* places that from= of keys names */
#define EXTRA_ACCOUNT_MAX 8
#define GROUPS_MAX (SSH_PLACES_MAX + EXTRA_ACCOUNT_MAX)

struct extra {
	struct ssh_place place;
	struct sshd_site site;
};

struct work {
	struct collect *c;
	struct ssh_login_judge j;
	struct ssh_places places;
	struct sshd_site sites[SSH_PLACES_MAX];
	size_t n_sites;
	struct extra *extra; /* EXTRA_MAX, in kept */
	size_t n_extra;
	struct arena kept;
};

/* Places from which an account is treated alike. */
struct outcome {
	struct ssh_login login;
	const struct sshd_line *line;
	enum sshd_id id;
	struct str places, addresses;
	bool internet;
};
struct outcomes {
	struct outcome list[GROUPS_MAX];
	size_t n;
};

static bool same(const struct outcome *a, const struct outcome *b)
{
	const struct ssh_login *x = &a->login, *y = &b->login;

	return !memcmp(x->works, y->works, sizeof x->works) && x->keys == y->keys &&
	       x->certificates == y->certificates && x->foreign == y->foreign &&
	       x->anything == y->anything && x->two == y->two && x->factor == y->factor &&
	       x->kerberos == y->kerberos && x->perhaps == y->perhaps && x->session == y->session &&
	       x->opens == y->opens && x->listens == y->listens && a->line == b->line &&
	       a->id == b->id;
}

static struct str place_label(const struct ssh_place *p, struct arena *a)
{
	bool six = str_eq(p->where.address, STR(SSH_INTERNET6));
	struct str name = p->pattern.len ? p->pattern
			  : p->internet  ? six ? STR("internet6") : STR("internet")
			  : str_eq(p->address, STR("127.0.0.1")) ? STR("localhost")
								 : p->address;

	return p->local.len ? arena_fmt(a, "%.*s>%.*s", STR_FMT(name), STR_FMT(p->local)) : name;
}

static int join(struct arena *a, struct str *list, struct str item)
{
	*list = list->len ? arena_fmt(a, "%.*s %.*s", STR_FMT(*list), STR_FMT(item)) : item;
	return list->ptr ? 0 : -ENOMEM;
}

static int add_outcome(struct work *w, struct outcomes *all, struct outcome *o,
		       const struct ssh_place *p)
{
	struct arena *a = w->c->arena;
	struct outcome *at = NULL;
	struct str label = place_label(p, a);
	int r;

	for (size_t i = 0; i < all->n && !at; i++)
		at = same(&all->list[i], o) ? &all->list[i] : NULL;
	if (!at && all->n == GROUPS_MAX)
		return 0;
	if (!at) {
		at = &all->list[all->n++];
		*at = *o;
		at->places = at->addresses = STR("");
	}
	at->internet |= p->internet;
	r = label.ptr ? join(a, &at->places, label) : -ENOMEM;
	return r < 0 ? r : join(a, &at->addresses, p->where.address);
}

static int judge_place(struct work *w, const struct ssh_account *a, const struct ssh_place *p,
		       struct sshd_site *site, struct outcomes *all)
{
	struct sshd_connection conn = ssh_account_connection(a, &p->where);
	struct sshd_result *result = arena_new(w->c->arena, struct sshd_result);
	struct outcome o = {};
	int r = result ? sshd_site_resolve(site, &conn, w->c->arena, result) : -ENOMEM;

	if (r >= 0)
		r = ssh_login(&w->j, a, result, &conn, &o.login);
	if (r < 0 || o.login.refused || !ssh_login_works(&o.login))
		return r;
	o.id = ssh_login_deciding(&o.login);
	o.line = result->slots[o.id].line;
	return add_outcome(w, all, &o, p);
}

/* A place for an address that only from= of a key names. */
static int find_extra(struct work *w, struct str pattern, struct extra **ret)
{
	struct extra *x;
	struct str address;
	int r;

	*ret = NULL;
	for (size_t i = 0; i < w->n_extra; i++)
		if (str_eq(w->extra[i].place.pattern, pattern)) {
			*ret = &w->extra[i];
			return 0;
		}
	if (w->n_extra == EXTRA_MAX || !ssh_address_example(pattern, &w->kept, &address))
		return 0;
	x = &w->extra[w->n_extra];
	*x = (struct extra){ .place = w->places.list[0] };
	x->place.pattern = arena_str(&w->kept, pattern);
	x->place.address = x->place.where.address = x->place.where.host = address;
	x->place.internet = false;
	if (!x->place.pattern.ptr)
		return -ENOMEM;
	r = sshd_site_new(&w->j.sshd.global, &x->place.where, &w->kept, &x->site);
	if (r < 0)
		return r;
	w->n_extra++;
	*ret = x;
	return 0;
}

static bool seen_place(const struct work *w, const struct ssh_key_options *o)
{
	for (size_t i = 0; i < w->places.n; i++)
		if (ssh_key_from(o, w->places.list[i].where.host, w->places.list[i].where.address))
			return true;
	return false;
}

/* Keys that are for places where nobody has looked yet. */
static int judge_extra(struct work *w, const struct ssh_account *a, struct outcomes *all)
{
	const struct ssh_keyring *ring = &w->j.ring;
	unsigned done = 0;
	int r = 0;

	if (w->j.account != a)
		return 0;
	for (size_t i = 0; r >= 0 && i < ring->n && done < EXTRA_ACCOUNT_MAX; i++) {
		const struct ssh_key_options *o = &ring->list[i].options;
		struct str list = o->from;
		struct extra *x = NULL;

		if (ring->list[i].refused || !list.len || seen_place(w, o))
			continue;
		while (r >= 0 && !x && list.len) {
			struct str element = str_cut(&list, ',');

			if (element.len && element.ptr[0] != '!')
				r = find_extra(w, element, &x);
		}
		if (r >= 0 && x)
			r = judge_place(w, a, &x->place, &x->site, all);
		done++;
	}
	return r;
}

static int means(struct arena *a, const struct ssh_login *l, struct str *ret)
{
	const struct {
		bool works;
		const char *name;
	} words[] = {
		{l->anything,				 "nothing"    },
		{ l->works[SSH_PASSWORD],                     "password"   },
		{ l->works[SSH_KBDINT],                       "kbdint"     },
		{ l->works[SSH_PUBLICKEY] && l->keys,         "key"        },
		{ l->works[SSH_PUBLICKEY] && l->certificates, "certificate"},
		{ l->works[SSH_PUBLICKEY] && l->foreign,      "command"    },
		{ l->works[SSH_GSSAPI],                       "gssapi"     },
		{ l->works[SSH_HOSTBASED],                    "hostbased"  },
		{ l->kerberos,				"kerberos"   },
	};
	struct str out = STR("");

	for (size_t i = 0; i < COUNT(words) && out.ptr; i++)
		if (words[i].works)
			out = arena_cat(a, out, out.len ? STR(",") : STR(""),
					str_of(words[i].name));
	*ret = out;
	return out.ptr ? 0 : -ENOMEM;
}

static int emit(struct work *w, const struct ssh_account *a, const struct outcome *o)
{
	struct arena *arena = w->c->arena;
	const struct ssh_login *l = &o->login;
	struct FACT_ROW row = {
		.username = a->entry->name,
		.uid = a->entry->uid,
		.door = STR("sshd"),
		.place = o->places,
		.address = o->addresses,
		.internet = o->internet,
		.second_factor = ssh_login_two_factors(l),
		.session = str_of(ssh_session_name(l->session)),
		.tunnel = l->opens,
		.listen = l->listens,
		.certain = !l->perhaps && !(l->foreign && !l->keys && !l->certificates),
		.deciding = o->line ? arena_fmt(arena, "%s:%u", o->line->file, o->line->line)
				    : arena_fmt(arena, "default %s %s", sshd_keywords[o->id].name,
						sshd_default(&w->j.sshd.build, o->id)),
	};

	if (!row.deciding.ptr || means(arena, l, &row.means) < 0)
		return -ENOMEM;
	return collect_row(w->c, &row);
}

static int do_account(struct work *w, const struct ssh_account *a)
{
	struct outcomes *all = arena_new(w->c->arena, struct outcomes);
	int r = all ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < w->places.n; i++)
		r = judge_place(w, a, &w->places.list[i], &w->sites[i], all);
	if (r >= 0)
		r = judge_extra(w, a, all);
	for (size_t i = 0; r >= 0 && i < all->n; i++)
		r = emit(w, a, &all->list[i]);
	return r;
}

static uint64_t steps(const struct work *w)
{
	uint64_t n = w->j.eval.steps;

	for (size_t i = 0; i < w->n_sites; i++)
		n += w->sites[i].steps;
	for (size_t i = 0; i < w->n_extra; i++)
		n += w->extra[i].site.steps;
	return n;
}

static int do_accounts(struct work *w)
{
	for (size_t i = 0; i < w->j.accounts.n; i++) {
		struct arena_mark mark = arena_mark(w->c->arena);
		int r = do_account(w, &w->j.accounts.list[i]);

		ssh_login_forget(&w->j);
		arena_rewind(w->c->arena, mark);
		if (r < 0)
			return r;
		if (steps(w) > STEPS_MAX) {
			collect_problem(w->c, E2BIG, w->j.sshd.config_file,
					"too many rules for so many accounts: %zu of %zu accounts "
					"were looked at",
					i + 1, w->j.accounts.n);
			break;
		}
	}
	return 0;
}

static int add_origin(struct str origin, void *user)
{
	struct work *w = user;

	return ssh_places_add(&w->j.sshd.global, origin, &w->kept, &w->places);
}

static int do_sshd(struct work *w)
{
	int r;

	sshd_report_refusal(w->c, &w->j.sshd);
	r = ssh_places_find(&w->j.sshd.global, &w->kept, &w->places);
	if (r >= 0)
		r = pam_origins_each(&w->j.eval, STR("sshd"), add_origin, w);
	w->extra = arena_array(&w->kept, EXTRA_MAX, sizeof *w->extra);
	if (r >= 0 && !w->extra)
		r = -ENOMEM;
	for (; r >= 0 && w->n_sites < w->places.n; w->n_sites++)
		r = sshd_site_new(&w->j.sshd.global, &w->places.list[w->n_sites].where, &w->kept,
				  &w->sites[w->n_sites]);
	if (r >= 0 && w->places.left_out)
		collect_problem(w->c, E2BIG, w->j.sshd.config_file,
				"Match blocks tell more than %d kinds of connections apart: %zu "
				"are not looked at",
				SSH_PLACES_MAX, w->places.left_out);
	return r < 0 ? r : do_accounts(w);
}

static void work_release(struct work *w)
{
	for (size_t i = 0; i < w->n_sites; i++)
		sshd_site_release(&w->sites[i]);
	for (size_t i = 0; i < w->n_extra; i++)
		sshd_site_release(&w->extra[i].site);
	ssh_login_release(&w->j);
	arena_release(&w->kept);
}

static int collect(struct collect *c)
{
	struct work *w = arena_new(c->arena, struct work);
	int r;

	if (!w)
		return -ENOMEM;
	w->c = c;
	r = ssh_login_load(c, &w->j);
	if (r >= 0 && sshd_present(&w->j.sshd))
		r = do_sshd(w);
	if (r >= 0)
		r = logins_other_doors(c, &w->j);
	work_release(w);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_logins = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
	.row_limit = 500'000,
	.budget_ms = 30'000,
};
