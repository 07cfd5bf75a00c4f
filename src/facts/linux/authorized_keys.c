/* SPDX-License-Identifier: GPL-3.0-or-later */
/* authorized_keys: Keys that open an account through sshd. */
#include "facts/linux/ssh_keyring.h"

#define FACT_ROW authorized_keys_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, uid, "user id") \
	X(TEXT, key_type, "ssh-ed25519, ssh-rsa, ecdsa-sha2-nistp256, sk-ssh-ed25519@openssh.com, …") \
	X(INT, bits, "key length in bits; 0 when not known") \
	X(TEXT, fingerprint, "SHA256:… as ssh-keygen -l prints it") \
	X(TEXT, comment, "comment") \
	X(TEXT, options, "options in front of the key") \
	X(INT, from_limited, "1 with a from= option") \
	X(INT, cert_authority, "1 with cert-authority") \
	X(TEXT, file, "file that was read") \
	X(INT, line, "line") \
	X(INT, file_mode, "permission bits of the file") \
	X(INT, file_uid, "owner of the file") \
	X(INT, file_mtime, "UNIX time of the last change of the file: the key is at most as young") \
	X(TEXT, refused, "why sshd does not take it (modes, options, type, length, RevokedKeys), ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "authorized_keys",
	.doc = "Keys that open an account through sshd.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "username",
};

/* The account at hand, and what sshd would say of its keys, in the order of reading. */
struct owner {
	const struct passwd_entry *entry;
	struct ssh_keyring ring;
	size_t at;
};

static const char *refused(struct owner *o, const char *file, unsigned line)
{
	for (size_t i = o->at; i < o->ring.n; i++)
		if (o->ring.list[i].line == line && !strcmp(o->ring.list[i].file, file)) {
			o->at = i + 1;
			return o->ring.list[i].refused ? o->ring.list[i].refused : "";
		}
	return "";
}

static int emit(struct collect *c, const struct ssh_key *key, const char *file, unsigned line,
		const struct stat *st, void *user)
{
	struct owner *o = user;
	const struct passwd_entry *e = o->entry;
	struct FACT_ROW row = {
		.username = e->name,
		.uid = e->uid,
		.key_type = key->type,
		.bits = key->bits,
		.fingerprint = str_of(key->fingerprint),
		.comment = key->comment,
		.options = key->options,
		.from_limited = key->from_limited,
		.cert_authority = key->cert_authority,
		.file = str_of(file),
		.line = line,
		.file_mode = st->st_mode & 07777,
		.file_uid = st->st_uid,
		.file_mtime = st->st_mtim.tv_sec,
		.refused = str_of(refused(o, file, line)),
	};

	return collect_row(c, &row);
}

struct keys {
	struct collect *c;
	struct sshd sshd;
	struct sshd_site site;
	struct ssh_accounts accounts;
	struct ssh_keyring_judge judge;
	bool root_seen;
};

/* A home directory that cannot be entered hides keys. */
static void check_home(struct collect *c, struct str home)
{
	struct str path = arena_cat(c->arena, home, STR("/.ssh"), STR(""));
	struct stat st;
	int r = path.ptr ? root_stat(c->root, path.ptr, &st) : 0;

	if (r == -EACCES || r == -EPERM || r == -ELOOP || r == -EXDEV)
		collect_problem(c, r, path.ptr, "keys in it are not known: %s", strerror(-r));
}

static int emit_account(struct keys *k, const struct ssh_account *a)
{
	struct sshd_result *result = arena_new(k->c->arena, struct sshd_result);
	struct sshd_connection conn = ssh_account_connection(a, &k->site.where);
	struct passwd_entry entry = *a->entry;
	struct owner owner = { .entry = &entry };
	const char **files;
	size_t n;
	int r = result ? sshd_site_resolve(&k->site, &conn, k->c->arena, result) : -ENOMEM;

	if (r >= 0)
		r = ssh_keyring_read(&k->judge, a, result, &owner.ring);
	if (r >= 0)
		r = ssh_account_key_files(k->c, a->entry, result, &files, &n);
	if (r >= 0 && entry.home.len > 1)
		check_home(k->c, entry.home);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = ssh_key_file_each(k->c, files[i], true, emit, &owner);
	k->root_seen |= str_eq(entry.home, STR("/root"));
	return r;
}

static int run(struct keys *k)
{
	/* From the internet: blocks for other addresses seldom change where keys lie. */
	struct sshd_connection where = { .address = STR("203.0.113.1"),
					 .host = STR("203.0.113.1"),
					 .local_address = STR("192.0.2.1"),
					 .local_port = 22 };
	int r = sshd_load(k->c, &k->sshd);

	if (r >= 0)
		r = ssh_accounts_read(k->c, &k->accounts);
	if (r >= 0)
		r = ssh_accounts_owners(&k->accounts);
	k->judge = (struct ssh_keyring_judge){
		.c = k->c,
		.accounts = &k->accounts,
		.debian = k->sshd.build.features & SSHD_DEBIAN,
	};
	if (r >= 0)
		r = sshd_site_new(&k->sshd.global, &where, k->c->arena, &k->site);
	for (size_t i = 0; r >= 0 && i < k->accounts.n; i++) {
		struct arena_mark mark = arena_mark(k->c->arena);

		r = emit_account(k, &k->accounts.list[i]);
		arena_rewind(k->c->arena, mark);
	}
	if (r >= 0 && !k->root_seen) {
		/* Nobody's home, but root's by custom. */
		static const struct passwd_entry root = {
			.name = {"root",   4},
                          .home = { "/root", 5}
		};
		struct owner owner = { .entry = &root };

		r = ssh_key_file_each(k->c, "/root/.ssh/authorized_keys", true, emit, &owner);
	}
	return r;
}

static int collect(struct collect *c)
{
	struct keys *k = arena_new(c->arena, struct keys);
	int r;

	if (!k)
		return -ENOMEM;
	k->c = c;
	r = run(k);
	sshd_site_release(&k->site);
	ssh_keyring_judge_release(&k->judge);
	ssh_accounts_release(&k->accounts);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_authorized_keys = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
	.budget_ms = 30'000,
};
