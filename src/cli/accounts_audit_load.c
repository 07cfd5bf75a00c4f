/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/mman.h>
#include <time.h>

#include "cli/accounts_audit_work.h"
#include "facts/linux/passwd_file.h"
#include "password/samba.h"

#define FILE_MAX_SIZE ((size_t)128 << 20)
#define WORDS_MAX 64
#define SERVICES_MAX 64

void audit_load_release(struct audit_load *l)
{
	for (size_t i = 0; i < l->n_secrets; i++)
		explicit_bzero((char *)l->secrets[i].ptr, l->secrets[i].len);
	/* Hashes of tdbsam are copies. */
	for (size_t i = 0; i < l->n; i++)
		if (l->accounts[i].hash.len && l->accounts[i].info.type == HASH_NT)
			explicit_bzero((char *)l->accounts[i].hash.ptr, l->accounts[i].hash.len);
	arena_release(&l->arena);
	*l = (struct audit_load){};
}

static void keep_secret(struct audit_load *l, struct str text)
{
	if (!text.len || l->n_secrets == COUNT(l->secrets))
		return;
	(void)!mlock(text.ptr, text.len);
	l->secrets[l->n_secrets++] = text;
}

static char small(char c)
{
	int lower = c >= 'A' && c <= 'Z' ? c | 0x20 : c;

	return (char)lower;
}

static int add_word(struct audit_load *l, struct str word)
{
	char lower[48];

	word = str_trim(word);
	if (word.len < 3 || word.len > sizeof lower || l->n_words == WORDS_MAX)
		return 0;
	for (size_t i = 0; i < word.len; i++)
		lower[i] = small(word.ptr[i]);
	word = arena_str(&l->arena, (struct str){ lower, word.len });
	if (!word.ptr)
		return -ENOMEM;
	for (size_t i = 0; i < l->n_words; i++)
		if (str_eq(l->words[i], word))
			return 0;
	return arena_push(&l->arena, l->words, l->n_words, l->words_cap, word);
}

int audit_load_words(struct audit_load *l, struct str text)
{
	struct str line;
	int r = 0;

	while (r == 0 && str_line(&text, &line, NULL))
		if (str_trim(line).len && str_trim(line).ptr[0] != '#')
			r = add_word(l, line);
	return r;
}

/* "www.shop.example.org": what is not the name of a machine or of everybody. */
static int add_domain(struct audit_load *l, struct str name, bool with_host)
{
	static const char *const plain[] = { "com",     "net",      "org",         "edu",
					     "gov",     "local",    "localdomain", "localhost",
					     "lan",     "internal", "home",        "corp",
					     "intern",  "cloudapp", "azure",       "amazonaws",
					     "compute", "arpa" };
	struct str label;
	int r = 0;

	name = str_trim(name);
	if (!with_host)
		str_cut(&name, '.');
	while (r == 0 && name.ptr && (label = str_cut(&name, '.')).ptr) {
		bool known = label.len < 3;

		for (size_t i = 0; i < COUNT(plain); i++)
			known |= str_ieq(label, str_of(plain[i]));
		if (!known)
			r = add_word(l, label);
	}
	return r;
}

static bool read_text(const struct audit_load *l, const struct root *root, const char *path,
		      struct str *ret)
{
	return root_read(root, path, FILE_MAX_SIZE, (struct arena *)&l->arena, ret, NULL) == 0;
}

static int load_host(struct audit_load *l, const struct root *root)
{
	struct str text, line, word;
	int r = 0;

	if (read_text(l, root, "/etc/hostname", &text)) {
		text = str_trim(text);
		r = add_domain(l, text, false);
		l->host.name = str_cut(&text, '.');
	}
	if (r == 0 && read_text(l, root, "/etc/mailname", &text))
		r = add_domain(l, text, true);
	if (!read_text(l, root, "/etc/resolv.conf", &text))
		return r;
	while (r == 0 && str_line(&text, &line, NULL)) {
		word = str_word(&line);
		if (!str_eq(word, STR("search")) && !str_eq(word, STR("domain")))
			continue;
		while (r == 0 && (word = str_word(&line)).ptr)
			r = add_domain(l, word, true);
	}
	return r;
}

static int add_service(struct audit_load *l, struct str name)
{
	if (!name.len || l->n_services == SERVICES_MAX)
		return 0;
	return arena_push(&l->arena, l->services, l->n_services, l->services_cap, name);
}

/* The distribution, whose images have passwords of their own. */
static int load_system(struct audit_load *l, const struct root *root)
{
	struct str text, line;
	int r = 0;

	if (!read_text(l, root, "/etc/os-release", &text) &&
	    !read_text(l, root, "/usr/lib/os-release", &text))
		return 0;
	while (r == 0 && str_line(&text, &line, NULL))
		if (str_starts(line, STR("ID=")))
			r = add_service(l, str_unquote(str_sub(line, 3, line.len)));
	return r;
}

static int add_account(struct audit_load *l, struct str name, struct str gecos, struct str field,
		       const char *store)
{
	struct audit_account a = { .name = name, .gecos = gecos, .hash = STR(""), .store = store };

	switch (password_state(field)) {
	case PASSWORD_EMPTY: a.state = AUDIT_EMPTY; break;
	case PASSWORD_SET:
		a.state = AUDIT_STRONG;
		a.hash = field;
		break;
	case PASSWORD_LOCKED: a.state = AUDIT_LOCKED; break;
	case PASSWORD_UNSET: a.state = AUDIT_UNSET; break;
	}
	return arena_push(&l->arena, l->accounts, l->n, l->cap, a);
}

static void tell_skipped(const char *path, const struct passwd_skipped *s)
{
	if (s->n)
		cli_error("%s:%u: %s%s", path, s->line, s->why,
			  s->n > 1 ? " (and more of the kind; these lines are left out)"
				   : " (left out)");
	if (s->cut)
		cli_error("%s: too many accounts, the rest is left out", path);
}

static int load_file(struct audit_load *l, const struct root *root, const char *path,
		     struct str *ret)
{
	int r = root_read(root, path, FILE_MAX_SIZE, &l->arena, ret, NULL);

	if (r < 0 && r != -ENOENT)
		cli_error("%s%s: %s", root->live ? "" : root->path, path, strerror(-r));
	return r;
}

static int load_passwd(struct audit_load *l, const struct passwd_file *users,
		       const struct shadow_file *shadow)
{
	own(map_release) struct map names = {};
	int r = passwd_by_name(users, &names);

	for (size_t i = 0; r == 0 && i < users->n; i++) {
		const struct passwd_entry *u = &users->entries[i];

		if (u->uid < 1000 && u->uid != 0)
			r = add_service(l, u->name);
		if (r == 0 && !passwd_is_compat(u->name) && !passwd_is_shadowed(u))
			r = add_account(l, u->name, u->gecos, u->password, "passwd");
	}
	for (size_t i = 0; r == 0 && i < shadow->n; i++) {
		const struct shadow_entry *e = &shadow->entries[i];
		const uint64_t *user = map_get(&names, e->name);
		const struct passwd_entry *u = user ? &users->entries[*user] : NULL;

		if (!passwd_is_compat(e->name) && (!u || passwd_is_shadowed(u)))
			r = add_account(l, e->name, u ? u->gecos : STR(""), e->hash, "shadow");
	}
	return r;
}

static int load_unix(struct audit_load *l, const struct root *root)
{
	struct str text = STR("");
	struct passwd_file users = {};
	struct shadow_file shadow = {};
	int r = load_file(l, root, "/etc/passwd", &text);

	if (r == -ENOENT)
		cli_error("%s: there is no /etc/passwd", root->path ? root->path : "/");
	if (r < 0)
		return r;
	keep_secret(l, text);
	r = passwd_parse(text, &l->arena, &users);
	if (r < 0)
		return r;
	tell_skipped("/etc/passwd", &users.skipped);
	r = load_file(l, root, "/etc/shadow", &text);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0) {
		keep_secret(l, text);
		r = shadow_parse(text, &l->arena, &shadow);
		if (r < 0)
			return r;
		tell_skipped("/etc/shadow", &shadow.skipped);
	}
	return load_passwd(l, &users, &shadow);
}

int audit_load_samba(struct audit_load *l, const char *path, struct str bytes)
{
	struct samba_file f;
	struct diag d = {};
	char shown[600];
	int r;

	keep_secret(l, bytes);
	r = samba_parse(bytes, &l->arena, &f, &d);
	if (r < 0) {
		snprintf(d.file, sizeof d.file, "%s", path);
		cli_error("%s", d.reason[0] ? diag_text(&d, shown, sizeof shown) : strerror(-r));
		return r == -ENOMEM ? r : 0;
	}
	if (f.skipped)
		cli_error("%s: %zu malformed entries are left out", path, f.skipped);
	for (size_t i = 0; r == 0 && i < f.n; i++) {
		const struct samba_account *s = &f.accounts[i];
		struct audit_account a = {
			.name = s->name, .gecos = STR(""), .hash = STR(""), .store = f.store
		};

		if (s->disabled)
			a.state = AUDIT_LOCKED;
		else if (s->no_password)
			a.state = AUDIT_EMPTY;
		else if (!s->hash.len)
			a.state = AUDIT_UNSET;
		else
			a.hash = s->hash;
		r = arena_push(&l->arena, l->accounts, l->n, l->cap, a);
	}
	return r;
}

/* "passdb backend = tdbsam:/path" and "smb passwd file = /path" of smb.conf(5). */
static struct str configured(struct audit_load *l, const struct root *root)
{
	struct str text, line, found = {};

	if (!read_text(l, root, "/etc/samba/smb.conf", &text))
		return found;
	while (str_line(&text, &line, NULL)) {
		struct str key = str_trim(str_cut(&line, '=')), value;

		if (!line.ptr)
			continue;
		value = str_trim(line);
		if (str_ieq(key, STR("smb passwd file")))
			found = value;
		if (!str_ieq(key, STR("passdb backend")))
			continue;
		str_cut(&value, ':');
		if (value.ptr && str_starts(value, STR("/")))
			found = value;
	}
	return found;
}

static int load_samba(struct audit_load *l, const struct root *root)
{
	const char *paths[] = {
		NULL,
		"/var/lib/samba/private/passdb.tdb",
		"/etc/samba/passdb.tdb",
		"/var/lib/samba/private/smbpasswd",
		"/etc/samba/smbpasswd",
	};
	struct str own_path = configured(l, root);
	int r = 0;

	if (own_path.len)
		paths[0] = arena_cstr(&l->arena, own_path);
	for (size_t i = 0; r == 0 && i < COUNT(paths); i++) {
		struct str bytes;

		if (!paths[i] || (i && paths[0] && !strcmp(paths[i], paths[0])))
			continue;
		if (load_file(l, root, paths[i], &bytes) == 0)
			r = audit_load_samba(l, paths[i], bytes);
	}
	return r;
}

int audit_load(struct audit_load *l, const struct root *root, int64_t now)
{
	time_t t = (time_t)now;
	struct tm tm = {};
	int r;

	l->arena.limit = LOAD_MEMORY;
	l->host.year = gmtime_r(&t, &tm) ? tm.tm_year + 1900 : 2026;
	r = load_host(l, root);
	if (r == 0)
		r = load_system(l, root);
	if (r == 0)
		r = load_unix(l, root);
	if (r == 0)
		r = load_samba(l, root);
	l->host.words = l->words;
	l->host.n_words = l->n_words;
	l->host.services = l->services;
	l->host.n_services = l->n_services;
	return r;
}
