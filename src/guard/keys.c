/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guard/keys_work.h"

#include <time.h>

#include "guard/child.h"

#define FRESH_MS 60'000 /* files that nobody thought of may have changed */
#define CONFIG_MEMORY ((size_t)128 << 20)
#define KEY_FILE_MAX ((size_t)4 << 20)

int keys_new(const struct root *root, const struct root *proc, struct keys **ret)
{
	struct keys *k = calloc(1, sizeof *k);

	if (!k)
		return -ENOMEM;
	k->root = root;
	k->proc = proc;
	k->arena.limit = CONFIG_MEMORY;
	*ret = k;
	return 0;
}

void keys_free(struct keys **k)
{
	if (*k)
		arena_release(&(*k)->arena);
	free(*k);
	*k = NULL;
}

/* ---- the configuration ------------------------------------------------------------------------ */

static struct stamp stamp_of(const struct keys *k, const char *path)
{
	struct stamp s = { .path = path };
	struct stat st;

	if (root_stat(k->root, path, &st) < 0)
		return s;
	s.there = true;
	s.changed = st.st_ctim;
	s.inode = st.st_ino;
	s.size = st.st_size;
	return s;
}

static bool stamp_same(const struct stamp *x, const struct stamp *y)
{
	return x->there == y->there && x->changed.tv_sec == y->changed.tv_sec &&
	       x->changed.tv_nsec == y->changed.tv_nsec && x->inode == y->inode &&
	       x->size == y->size;
}

static void add_stamp(struct keys *k, const char *path)
{
	for (size_t i = 0; i < k->n_stamps; i++)
		if (!strcmp(k->stamps[i].path, path))
			return;
	if (k->n_stamps < STAMPS_MAX)
		k->stamps[k->n_stamps++] = stamp_of(k, path);
}

/* Files, and folders in which one may come to be. */
static void add_stamps(struct keys *k)
{
	static const char *const files[] = { "/etc/passwd",
					     "/etc/group",
					     "/etc/shadow",
					     "/etc/ssh",
					     "/etc/ssh/sshd_config.d",
					     "/usr/sbin/sshd",
					     "/run/sshd.pid" };

	for (size_t i = 0; i < COUNT(files); i++)
		add_stamp(k, files[i]);
	add_stamp(k, k->sshd.config_file);
	for (size_t i = 0; i < k->sshd.config.n_lines; i++)
		add_stamp(k, k->sshd.config.lines[i].file);
}

static bool is_fresh(const struct keys *k)
{
	if (!k->loaded || monotonic_now_ms() - k->loaded_at > FRESH_MS)
		return false;
	for (size_t i = 0; i < k->n_stamps; i++) {
		struct stamp now = stamp_of(k, k->stamps[i].path);

		if (!stamp_same(&now, &k->stamps[i]))
			return false;
	}
	return true;
}

/* Problems are counted and no more. */
static struct collect *begin_reading(struct keys_reading *x, const struct keys *k, struct arena *a)
{
	*x = (struct keys_reading){
		.live = LIVE_NONE, .sink = {.fd = -1, .problems = SINK_PROBLEMS_MAX}
	};
	x->collect = (struct collect){ .root = k->root,
				       .proc = k->proc,
				       .live = &x->live,
				       .arena = a,
				       .now = time(NULL),
				       .sink = &x->sink };
	return &x->collect;
}

static int load(struct keys *k)
{
	struct keys_reading reading;
	struct collect *c = begin_reading(&reading, k, &k->arena);
	int r;

	arena_release(&k->arena);
	k->n_stamps = 0;
	k->loaded = false;
	r = sshd_load(c, &k->sshd);
	if (r >= 0)
		r = ssh_accounts_read(c, &k->accounts);
	if (r >= 0)
		r = shadow_read(c, &k->shadow);
	if (r < 0)
		return r;
	k->troubles = reading.sink.suppressed;
	add_stamps(k);
	k->loaded = true;
	k->loaded_at = monotonic_now_ms();
	return 0;
}

/* ---- one account ------------------------------------------------------------------------------ */

const struct ssh_account *keys_account(const struct keys *k, struct str name)
{
	for (size_t i = 0; i < k->accounts.n; i++)
		if (str_eq(k->accounts.list[i].entry->name, name))
			return &k->accounts.list[i];
	return NULL;
}

/* shadow(5): the account itself is over (both sshd and pam_unix refuse it). */
static bool is_over(const struct asked *q)
{
	const struct shadow_file *f = &q->keys->shadow;

	for (size_t i = 0; i < f->n; i++)
		if (str_eq(f->entries[i].name, q->account->entry->name))
			return f->entries[i].expires != FACT_UNKNOWN &&
			       f->entries[i].expires >= 0 &&
			       q->c->now / 86'400 >= f->entries[i].expires;
	return false;
}

static bool is_nologin(const struct asked *q)
{
	struct stat st;

	return q->account->entry->uid && (root_stat(q->c->root, "/etc/nologin", &st) == 0 ||
					  root_stat(q->c->root, "/run/nologin", &st) == 0);
}

/* A key alone, or with something else behind it, opens the account. */
static bool keys_count(const struct sshd_result *r)
{
	const struct sshd_line *l = r->slots[SSHD_KW_AUTHENTICATIONMETHODS].line;

	if (!sshd_result_is(r, SSHD_KW_PUBKEYAUTHENTICATION, "yes"))
		return false;
	for (unsigned i = 0; l && i < l->n; i++)
		if (str_eq(l->values[i], STR("any")) ||
		    str_contains(l->values[i], STR("publickey")))
			return true;
	return !l;
}

static bool may_log_in(const struct asked *q, const struct sshd_connection *conn)
{
	const struct sshd_line *line;

	if (q->keys->sshd.config.n_errors || q->keys->sshd.config.limit)
		return false;
	if (ssh_account_refused(q->account, q->result, conn, &line) || !keys_count(q->result) ||
	    is_over(q) || is_nologin(q))
		return false;
	/* Only those keys of root that have a command are let in; which has one is not looked at. */
	return q->account->entry->uid ||
	       !sshd_result_is(q->result, SSHD_KW_PERMITROOTLOGIN, "forced-commands-only");
}

/* ---- files ------------------------------------------------------------------------------------ */

static bool owned_well(const struct stat *st, int64_t uid)
{
	return (st->st_uid == 0 || st->st_uid == uid) && !(st->st_mode & 022);
}

bool keys_safe_path(const struct asked *q, const char *path, const struct passwd_entry *e)
{
	struct str real, home = STR("");
	int64_t uid = e ? e->uid : 0;
	struct stat st;

	if (root_realpath(q->c->root, path, q->c->arena, &real) < 0)
		return false;
	if (!e ||
	    root_realpath(q->c->root, arena_cstr(q->c->arena, e->home), q->c->arena, &home) < 0)
		home = STR("");
	if (root_stat(q->c->root, real.ptr, &st) < 0 || !S_ISREG(st.st_mode) ||
	    !owned_well(&st, uid))
		return false;
	while (real.len > 1) {
		ssize_t slash = str_rfind(real, '/');
		const char *folder;

		real = str_sub(real, 0, slash > 0 ? (size_t)slash : 1);
		folder = arena_cstr(q->c->arena, real);
		if (!folder || root_stat(q->c->root, folder, &st) < 0 || !owned_well(&st, uid))
			return false;
		if (str_eq(real, home))
			break;
	}
	return true;
}

/* sshd reads it as the user. */
static bool user_may_read(const struct passwd_entry *e, const struct stat *st)
{
	if (!e->uid)
		return true;
	if (st->st_uid == e->uid)
		return st->st_mode & 0400;
	if (st->st_gid == e->gid)
		return st->st_mode & 0040;
	return st->st_mode & 0004;
}

/* 1; 0: sshd would not take it. */
static int read_users(const struct asked *q, const char *path, struct str *ret)
{
	struct stat st;
	int r = root_read(q->c->root, path, KEY_FILE_MAX, q->c->arena, ret, &st);

	if (r == -ENOMEM || r == -EFBIG)
		return r;
	if (r < 0 || !user_may_read(q->account->entry, &st))
		return 0;
	return !sshd_result_is(q->result, SSHD_KW_STRICTMODES, "yes") ||
	       keys_safe_path(q, path, q->account->entry);
}

static int read_keys(const struct asked *q, struct judge_account *ret)
{
	const char **files;
	size_t n;
	int r = ssh_account_key_files(q->c, q->account->entry, q->result, &files, &n);

	for (size_t i = 0; r >= 0 && i < n && ret->n_keys < JUDGE_FILES_MAX; i++) {
		r = read_users(q, files[i], &ret->keys[ret->n_keys]);
		if (r == 1)
			ret->n_keys++;
	}
	return MIN(r, 0);
}

/* A file that the configuration names; ptr NULL: "none". One that cannot be read is an error. */
static int read_named(const struct asked *q, enum sshd_id id, struct str *ret)
{
	struct sshd_entry e;
	const char *path;
	int r = sshd_result_value(q->result, id, q->c->arena, &e);

	if (r < 0 || !e.value.len || str_ieq(e.value, STR("none")))
		return r;
	path = arena_cstr(q->c->arena, e.value);
	return path ? root_read(q->c->root, path, KEY_FILE_MAX, q->c->arena, ret, NULL) : -ENOMEM;
}

static int read_authorities(const struct asked *q, struct judge_account *ret)
{
	struct sshd_entry e;
	struct str path;
	int r = read_named(q, SSHD_KW_TRUSTEDUSERCAKEYS, &ret->authorities);

	/* An authority that cannot be read is none; a list of revoked keys must be there. */
	if (r < 0 && r != -ENOMEM)
		ret->authorities = (struct str){};
	if (r != -ENOMEM)
		r = sshd_result_value(q->result, SSHD_KW_AUTHORIZEDPRINCIPALSFILE, q->c->arena, &e);
	if (r < 0)
		return r;
	/* What a program says of it is asked later: until then nobody is named. */
	if (!sshd_result_is(q->result, SSHD_KW_AUTHORIZEDPRINCIPALSCOMMAND, "none"))
		ret->principals = STR("");
	if (!e.value.len || str_ieq(e.value, STR("none")))
		return 0;
	ret->principals = STR("");
	path = ssh_account_tokens(e.value)
		       ? ssh_account_path(e.value, q->account->entry, q->c->arena)
		       : (struct str){};
	if (!path.ptr)
		return 0;
	r = read_users(q, path.ptr, &ret->principals);
	if (r == 0)
		ret->principals = STR("");
	return MIN(r, 0);
}

static int fill(const struct asked *q, struct judge_account *ret)
{
	int r = read_keys(q, ret);

	if (r >= 0)
		r = read_authorities(q, ret);
	if (r >= 0)
		r = read_named(q, SSHD_KW_REVOKEDKEYS, &ret->revoked);
	ret->command = !sshd_result_is(q->result, SSHD_KW_AUTHORIZEDKEYSCOMMAND, "none");
	ret->names_command =
		!sshd_result_is(q->result, SSHD_KW_AUTHORIZEDPRINCIPALSCOMMAND, "none");
	return r;
}

int keys_ask(struct keys *k, struct str account, struct str address, struct arena *a,
	     struct keys_reading *reading, struct asked *ret)
{
	struct asked q = { .keys = k };
	struct sshd_connection place = { .host = address,
					 .address = address,
					 .local_address = STR("192.0.2.1"),
					 .local_port = 22 };
	int r = keys_load(k);

	if (r < 0)
		return r;
	q.c = begin_reading(reading, k, a);
	q.account = keys_account(k, account);
	if (q.account) {
		place = ssh_account_connection(q.account, &place);
		q.result = arena_new(a, struct sshd_result);
		r = q.result ? sshd_resolve(&k->sshd.global, &place, a, q.result) : -ENOMEM;
	}
	if (r < 0)
		return r;
	q.may_log_in = q.account && may_log_in(&q, &place);
	*ret = q;
	return 0;
}

int keys_look_up(struct keys *k, struct str account, struct str address, struct arena *a,
		 struct judge_account *ret)
{
	struct keys_reading reading;
	struct judge_account found = {};
	struct asked q;
	int r = keys_ask(k, account, address, a, &reading, &q);

	if (r >= 0 && q.may_log_in)
		r = fill(&q, &found);
	if (r < 0)
		return r;
	found.may_log_in = q.may_log_in;
	*ret = found;
	return 0;
}

int keys_load(struct keys *k) { return is_fresh(k) ? 0 : load(k); }
