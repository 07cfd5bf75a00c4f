/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/integrity.h"

#include <fcntl.h>
#include <limits.h>
#include <openssl/crypto.h>

#include "base/sandbox.h"
#include "sensor/integrity_work.h"

#define ARENA_MAX ((size_t)64 << 20)
#define JOURNAL_LONG ((off_t)4 << 20)

static int prepare(struct fim *f, const struct fim_options *o)
{
	/* No configuration of OpenSSL: what it loads is nothing that is needed here. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	f->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	f->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	f->md5 = EVP_MD_fetch(NULL, "MD5", NULL);
	f->digest = EVP_MD_CTX_new();
	f->seen = calloc(FIM_SEEN_MAX, sizeof *f->seen);
	if (!f->sha256 || !f->digest || !f->seen)
		return -ENOMEM;
	f->config = o->config ? o->config : &fim_config_default;
	f->no_watch = o->no_watch;
	f->names = o->names;
	if (f->names)
		fim_ids_find(f);
	if (o->database) {
		f->database = strdup(o->database);
		if (!f->database)
			return -ENOMEM;
	}
	return 0;
}

static int open_roots(struct fim *f, const struct fim_options *o, struct diag *d)
{
	const char *path = o->root ? o->root : "/";
	char real[PATH_MAX];
	int r = root_open(path, !o->foreign, &f->root);

	if (r < 0 || !realpath(path, real))
		return diag_set(d, r < 0 ? r : -errno, path, 0, "%s", strerror(r < 0 ? -r : errno));
	f->top = strdup(strcmp(real, "/") ? real : "");
	if (!f->top)
		return -ENOMEM;
	r = root_open("/proc", true, &f->proc);
	return r < 0 ? diag_set(d, r, "/proc", 0, "%s", strerror(-r)) : 0;
}

/* The verb compares with what was accepted, not with what the daemon has seen since. */
static void go_back(struct fim *f) { fim_table_each(&f->table, r) fim_record_undo(&f->table, r); }

static bool is_complete(const struct fim *f)
{
	return fim_table_find(&f->table, FIM_COMPLETE) != NULL;
}

/* Long journals and torn ones become part of the file now: later nobody may write it. */
static int open_journal(struct fim *f, bool fold)
{
	int r = 0;

	if (!f->had_base) {
		fim_table_release(&f->table);
		fold = true;
	}
	if (fold || f->base.torn)
		r = fim_base_save(f->database, &f->base, &f->table);
	if (r == 0)
		r = fim_base_journal(f->database, &f->base);
	if (r == 0 && f->base.journal_size > JOURNAL_LONG)
		r = fim_base_save(f->database, &f->base, &f->table);
	return r;
}

static int load(struct fim *f, const struct fim_options *o, struct diag *d)
{
	int r;

	f->packages_only = o->packages;
	f->judge_first = !o->trust;
	if (!f->database)
		return 0;
	r = fim_base_load(f->database, o->key, &f->base, &f->table, d);
	if (r < 0 && r != -ENOENT)
		return r;
	f->had_base = r == 0 && is_complete(f) && !o->afresh;
	if (o->no_watch) {
		if (!f->had_base)
			fim_table_release(&f->table);
		else if (!o->packages)
			go_back(f);
		return 0;
	}
	r = open_journal(f, o->fold);
	return r < 0 ? diag_set(d, r, f->database, 0, "%s", strerror(-r)) : 0;
}

static int open_watch(struct fim *f)
{
	int r;

	if (f->no_watch)
		return 0;
	r = fim_fanotify_open(f);
	if (r == 0)
		return 0;
	f->status.error = r;
	if (r == -ENOMEM)
		return r;
	return fim_inotify_open(f);
}

int fim_open(const struct fim_options *o, struct fim **ret, struct diag *d)
{
	own(fim_release) struct fim *f = calloc(1, sizeof *f);
	int r;

	if (!f)
		return -ENOMEM;
	f->root = f->proc = ROOT_NONE;
	f->base = FIM_BASE_NONE;
	f->arena.limit = f->keep.limit = f->patterns.arena.limit = ARENA_MAX;
	f->last_waiting = &f->waiting;
	r = prepare(f, o);
	if (r == 0)
		r = open_roots(f, o, d);
	if (r == 0)
		r = fim_patterns_load(&f->patterns, f->config, &f->root);
	if (r == 0)
		r = load(f, o, d);
	if (r == 0)
		r = open_watch(f);
	if (r < 0)
		return r;
	*ret = f;
	f = NULL;
	return 0;
}

void fim_release(struct fim **pf)
{
	struct fim *f = *pf;

	if (!f)
		return;
	if (f->watch)
		f->watch->release(f->watch);
	while (f->waiting) {
		struct fim_waiting *next = f->waiting->next;

		fim_waiting_free(f->waiting);
		f->waiting = next;
	}
	EVP_MD_free(f->sha256);
	EVP_MD_free(f->sha1);
	EVP_MD_free(f->md5);
	EVP_MD_CTX_free(f->digest);
	fim_packages_release(&f->packages);
	fim_patterns_release(&f->patterns);
	fim_table_release(&f->table);
	fim_base_release(&f->base);
	arena_release(&f->arena);
	arena_release(&f->keep);
	root_release(&f->root);
	root_release(&f->proc);
	free(f->seen);
	free(f->database);
	free(f->top);
	free(f);
	*pf = NULL;
}

int fim_confine(struct fim *f, struct sandbox_state *ret)
{
	const struct sandbox_path paths[] = {
		{f->root.fd,  SANDBOX_READ},
		{ f->proc.fd, SANDBOX_READ},
	};

	return sandbox_enter(SANDBOX_WATCH, paths, COUNT(paths), ret);
}

int fim_unwatched(struct fim *f, const char *path, int error)
{
	if (f->n_unwatched < COUNT(f->unwatched))
		f->unwatched[f->n_unwatched++] = (struct fim_unwatched){ path, error };
	return 0;
}

static int tell_unwatched(struct fim *f)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->n_unwatched; i++)
		r = fim_gap(f, "unwatched", str_of(f->unwatched[i].path),
			    strerror(-f->unwatched[i].error));
	return r;
}

static int complete(struct fim *f)
{
	struct fim_record *r;
	int e;

	if (is_complete(f))
		return 0;
	e = fim_table_add(&f->table, FIM_COMPLETE, FIM_SELF, &r);
	if (e < 0)
		return e;
	r->state.mode = S_IFDIR;
	fim_table_present(&f->table, r, true);
	if (f->base.journal >= 0 && fim_base_append(&f->base, r) < 0)
		f->status.journal_errors++;
	return 0;
}

int fim_start(struct fim *f, fim_fn *fn, fim_progress_fn *progress, void *user)
{
	int r;

	f->fn = fn;
	f->progress = progress;
	f->progress_user = user;
	f->user = user;
	f->offline = true;
	r = fim_keys_find(f);
	if (r == 0)
		r = tell_unwatched(f);
	if (r == 0)
		r = fim_walk(f);
	if (r == 0)
		r = complete(f);
	f->offline = false;
	f->started = true;
	f->status.files = f->table.present;
	return r;
}

int fim_dump(struct fim *f, struct buf *ret)
{
	fim_table_each(&f->table, r)
	{
		if (!r->present && !r->accepted)
			fim_table_remove(&f->table, r);
	}
	return fim_base_dump(&f->base, &f->table, ret);
}

size_t fim_accept(struct fim *f, const char *path)
{
	struct str p = str_of(path);
	size_t n = 0;

	while (p.len > 1 && str_ends(p, STR("/")))
		p.len--;
	fim_table_each(&f->table, r)
	{
		struct str own_path = fim_record_path(r);

		if (!r->accepted || (path && !str_eq(p, STR("/")) && !str_eq(own_path, p) &&
				     !(str_starts(own_path, p) && own_path.ptr[p.len] == '/')))
			continue;
		fim_record_accept(r);
		n++;
		if (!r->present)
			fim_table_remove(&f->table, r);
	}
	return n;
}

void fim_identity(const struct fim *f, uint64_t *ret_number, int64_t *ret_time,
		  char ret_seal[static 65])
{
	static const char hex[] = "0123456789abcdef";

	*ret_number = f->base.number;
	*ret_time = f->base.time;
	for (size_t i = 0; i < FIM_SEAL; i++) {
		ret_seal[2 * i] = hex[f->base.seal[i] >> 4];
		ret_seal[2 * i + 1] = hex[f->base.seal[i] & 15];
	}
	ret_seal[64] = 0;
}

int fim_fd(const struct fim *f) { return f->watch ? f->watch->fd : -1; }

int fim_timeout(const struct fim *f) { return f->waiting ? 500 : -1; }

ssize_t fim_read(struct fim *f, size_t most, fim_fn *fn, void *user)
{
	ssize_t n = 0;
	int r;

	f->fn = fn;
	f->user = user;
	if (f->watch)
		n = f->watch->read(f, most);
	if (n < 0)
		return n;
	r = fim_settle(f);
	return r < 0 ? r : n;
}

void fim_status(const struct fim *f, struct fim_status *ret)
{
	struct stat st;

	*ret = f->status;
	ret->how = f->watch ? f->watch->how : "none";
	ret->files = f->table.present;
	ret->replaced =
		f->base.journal >= 0 && (fstat(f->base.journal, &st) < 0 || st.st_nlink == 0);
}
