/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/ssh_keyring.h"

#define KEYS_MAX 20'000
#define REVOKED_MAX ((size_t)4 << 20)

void ssh_keyring_judge_release(struct ssh_keyring_judge *j)
{
	map_release(&j->revoked);
	arena_release(&j->kept);
}

static int add_revoked(struct ssh_keyring_judge *j, struct str text)
{
	struct str line;

	while (str_line(&text, &line, NULL)) {
		struct ssh_key key;
		struct str print;
		int r = ssh_authorized_key(line, j->c->arena, &key);

		if (r == -ENOMEM)
			return r;
		if (r < 0)
			continue;
		print = arena_str(&j->kept, str_of(key.fingerprint));
		if (!print.ptr || map_put(&j->revoked, print, 1) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* A list of public keys, or a KRL (ssh-keygen(1)), which is not understood here. */
static int read_revoked(struct ssh_keyring_judge *j, const struct sshd_result *r)
{
	const struct sshd_line *line = r->slots[SSHD_KW_REVOKEDKEYS].line;
	struct arena_mark mark = arena_mark(j->c->arena);
	const char *path;
	struct str text;
	int error;

	if (j->state != REVOKED_NOT_READ && j->revoked_line == line)
		return 0;
	map_release(&j->revoked);
	j->revoked_line = line;
	j->state = REVOKED_NONE;
	if (sshd_result_is(r, SSHD_KW_REVOKEDKEYS, "none"))
		return 0;
	path = arena_cstr(j->c->arena, line->values[0]);
	if (!path)
		return -ENOMEM;
	error = root_read(j->c->root, path, REVOKED_MAX, j->c->arena, &text, NULL);
	if (error == -ENOMEM)
		return error;
	/* sshd refuses every key when it cannot read the file. */
	j->state = error < 0                           ? REVOKED_MISSING
		   : str_starts(text, STR("SSHKRL\n")) ? REVOKED_BINARY
						       : REVOKED_LIST;
	error = j->state == REVOKED_LIST ? add_revoked(j, text) : 0;
	arena_rewind(j->c->arena, mark);
	return error;
}

static int read_accepted(struct ssh_keyring_judge *j, const struct sshd_result *r)
{
	const struct sshd_line *line = r->slots[SSHD_KW_PUBKEYACCEPTEDALGORITHMS].line;
	struct sshd_entry entry;
	int error;

	if (j->accepted.ptr && j->accepted_line == line)
		return 0;
	error = sshd_result_value(r, SSHD_KW_PUBKEYACCEPTEDALGORITHMS, &j->kept, &entry);
	if (error < 0)
		return error;
	j->accepted = arena_str(&j->kept, entry.value);
	j->accepted_line = line;
	return j->accepted.ptr ? 0 : -ENOMEM;
}

static bool in_commas(struct str list, struct str name)
{
	while (list.ptr)
		if (str_eq(str_cut(&list, ','), name))
			return true;
	return false;
}

/* A key of ssh-rsa signs by other names, too (RFC 8332). */
static bool type_accepted(const struct ssh_keyring_judge *j, struct str type)
{
	if (in_commas(j->accepted, type))
		return true;
	return str_eq(type, STR("ssh-rsa")) && (in_commas(j->accepted, STR("rsa-sha2-256")) ||
						in_commas(j->accepted, STR("rsa-sha2-512")));
}

static unsigned rsa_minimum(const struct sshd_result *r)
{
	const struct sshd_line *l = r->slots[SSHD_KW_REQUIREDRSASIZE].line;
	int64_t n;

	if (l && str_to_int64(l->values[0], &n) == 0 && n > 0 && n < 65536)
		return (unsigned)n;
	return 1024;
}

static const char *key_refused(struct ssh_keyring_judge *j, const struct sshd_result *r,
			       const struct ssh_keyring_entry *e)
{
	if (e->options.expires && j->c->now > e->options.expires)
		return "expiry-time is over";
	if (e->options.authority)
		return NULL;
	if (str_ends(e->key.type, STR("-cert-v01@openssh.com")))
		return "a certificate, not a key";
	if (!type_accepted(j, e->key.type))
		return "PubkeyAcceptedAlgorithms does not take its type";
	if (str_eq(e->key.type, STR("ssh-rsa")) && e->key.bits && e->key.bits < rsa_minimum(r))
		return "shorter than RequiredRSASize";
	if (j->state == REVOKED_MISSING)
		return "RevokedKeys cannot be read";
	if (j->state == REVOKED_LIST && map_get(&j->revoked, str_of(e->key.fingerprint)))
		return "in RevokedKeys";
	return NULL;
}

struct reading {
	struct ssh_keyring_judge *j;
	const struct sshd_result *r;
	struct ssh_keyring *ring;
	const char *file_refused;
	struct ssh_keyring_entry *entries;
};

/* The texts are in the arena after the file's own memory has been given back. */
static int keep(struct arena *a, struct str *s)
{
	if (s->ptr)
		*s = arena_str(a, *s);
	return s->ptr ? 0 : -ENOMEM;
}

static int add_key(struct reading *x, struct str line, unsigned number, const char *file,
		   const struct stat *st)
{
	struct arena *a = x->j->c->arena;
	struct ssh_keyring_entry e = { .file = file, .line = number, .st = *st };
	int r = ssh_authorized_key(line, a, &e.key);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	e.refused = x->file_refused;
	r = ssh_key_options_parse(e.key.options, a, &e.options);
	if (r == -EINVAL && !e.refused)
		e.refused = "an option that sshd does not take";
	if (r == -ENOMEM || keep(a, &e.key.type) < 0 || keep(a, &e.key.comment) < 0 ||
	    keep(a, &e.key.options) < 0)
		return -ENOMEM;
	if (!e.refused)
		e.refused = key_refused(x->j, x->r, &e);
	if (x->ring->n == KEYS_MAX)
		return 0;
	return arena_push(a, x->ring->list, x->ring->n, x->ring->cap, e);
}

static int read_file(struct reading *x, const struct ssh_account *a, const char *file)
{
	bool strict = sshd_result_is(x->r, SSHD_KW_STRICTMODES, "yes");
	struct collect *c = x->j->c;
	unsigned number = 0;
	struct str text, line;
	struct stat st = {};
	int r = root_read(c->root, file, (size_t)4 << 20, c->arena, &text, &st);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	x->file_refused = ssh_file_refused(x->j, file, a, strict, &st);
	while (r >= 0 && str_line(&text, &line, &number))
		if (line.len <= (64 << 10))
			r = add_key(x, line, number, file, &st);
	return r;
}

int ssh_keyring_read(struct ssh_keyring_judge *j, const struct ssh_account *a,
		     const struct sshd_result *r, struct ssh_keyring *ret)
{
	struct ssh_keyring ring = {};
	struct reading x = { .j = j, .r = r, .ring = &ring };
	const char **files;
	size_t n;
	int error = read_revoked(j, r);

	if (error >= 0)
		error = read_accepted(j, r);
	if (error >= 0)
		error = ssh_account_key_files(j->c, a->entry, r, &files, &n);
	for (size_t i = 0; error >= 0 && i < n; i++)
		error = read_file(&x, a, files[i]);
	if (error < 0)
		return error;
	ring.perhaps = j->state == REVOKED_BINARY;
	*ret = ring;
	return 0;
}
