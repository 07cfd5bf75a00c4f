/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a host is and what is known of it: ssh's own configuration answers. */
#include <pwd.h>
#include <sys/socket.h>

#include "base/file.h"
#include "jit/client.h"

#define KNOWN_HOSTS_MAX ((size_t)32 << 20)
#define KEYS_FOUND 64U /* the same key may stand in many lines */

static const char *home(void)
{
	const char *h = getenv("HOME");
	const struct passwd *pw = h && *h ? NULL : getpwuid(getuid());

	return pw ? pw->pw_dir : h && *h ? h : "/";
}

/* "~/x", "%d/x". */
static struct str expand(struct str s, struct arena *a)
{
	if (str_starts(s, STR("~/")))
		return arena_cat(a, str_of(home()), str_sub(s, 1, s.len), STR(""));
	if (str_starts(s, STR("%d/")))
		return arena_cat(a, str_of(home()), str_sub(s, 2, s.len), STR(""));
	return arena_str(a, s);
}

static int put_files(struct str rest, struct arena *a, struct str *list, size_t *n)
{
	struct str word;

	while ((word = str_quoted_word(&rest)).ptr && *n < CLIENT_FILES_MAX) {
		struct str path = expand(word, a);

		if (!path.ptr)
			return -ENOMEM;
		if (!str_eq(word, STR("none")))
			list[(*n)++] = path;
	}
	return 0;
}

/* A path, "SSH_AUTH_SOCK", "$VARIABLE" or "none". */
static int put_agent(struct str s, struct arena *a, struct client_target *t)
{
	const char *text;

	if (str_eq(s, STR("none"))) {
		t->agent = NULL;
		return 0;
	}
	if (str_eq(s, STR("SSH_AUTH_SOCK")))
		return 0;
	text = arena_cstr(a, expand(str_starts(s, STR("$")) ? str_sub(s, 1, s.len) : s, a));
	if (!text)
		return -ENOMEM;
	t->agent = str_starts(s, STR("$")) ? getenv(text) : text;
	return 0;
}

/* A path, "internal", or "$VARIABLE", which is ssh-keygen's own to read. */
static int put_token(struct str s, struct arena *a, struct client_target *t)
{
	if (!s.len || str_eq(s, STR("internal")) || *s.ptr == '$')
		return 0;
	t->token = arena_cstr(a, expand(s, a));
	return t->token ? 0 : -ENOMEM;
}

struct reading {
	struct client_target *t;
	struct arena *a;
	struct str alias;
	bool bad_port;
};

static int put_line(struct reading *r, struct str key, struct str value)
{
	struct client_target *t = r->t;
	uint64_t port;

	if (str_eq(key, STR("hostname")))
		t->name = value;
	else if (str_eq(key, STR("user")))
		t->user = value;
	else if (str_eq(key, STR("hostkeyalias")))
		r->alias = value;
	else if (str_eq(key, STR("addressfamily")))
		t->family = str_eq(value, STR("inet"))    ? AF_INET
			    : str_eq(value, STR("inet6")) ? AF_INET6
							  : AF_UNSPEC;
	else if (str_eq(key, STR("proxyjump")) && !str_ieq(value, STR("none")))
		t->jump = value;
	else if (str_eq(key, STR("identitiesonly")))
		t->identities_only = str_eq(value, STR("yes"));
	else if (str_eq(key, STR("identityfile")))
		return put_files(value, r->a, t->identities, &t->n_identities);
	else if (str_eq(key, STR("userknownhostsfile")) || str_eq(key, STR("globalknownhostsfile")))
		return put_files(value, r->a, t->known_hosts, &t->n_known_hosts);
	else if (str_eq(key, STR("identityagent")))
		return put_agent(value, r->a, t);
	else if (str_eq(key, STR("securitykeyprovider")))
		return put_token(value, r->a, t);
	else if (str_eq(key, STR("port"))) {
		r->bad_port = str_to_u64(value, 10, &port) < 0 || !port || port > UINT16_MAX;
		t->port = r->bad_port ? 0 : (uint16_t)port;
	}
	return 0;
}

static struct str lower(struct str s, struct arena *a)
{
	struct str copy = arena_str(a, s);

	for (size_t i = 0; copy.ptr && i < copy.len; i++)
		if (copy.ptr[i] >= 'A' && copy.ptr[i] <= 'Z')
			((char *)copy.ptr)[i] += 'a' - 'A';
	return copy;
}

int client_target_parse(struct str text, struct str host, struct arena *a,
			struct client_target *ret, struct diag *d)
{
	struct client_target t = { .name = host, .port = 22, .family = AF_UNSPEC };
	struct reading r = { .t = &t, .a = a };
	struct str line;

	t.agent = getenv("SSH_AUTH_SOCK");
	while (str_line(&text, &line, NULL)) {
		struct str key = str_word(&line);
		int e = put_line(&r, key, str_trim(line));

		if (e < 0)
			return e;
	}
	if (r.bad_port || !t.name.len)
		return diag_set(d, -EINVAL, NULL, 0, "ssh -G names no host and port");
	t.known_as = lower(r.alias.len ? r.alias : t.name, a);
	if (t.known_as.ptr && !r.alias.len && t.port != 22)
		t.known_as = arena_fmt(a, "[%.*s]:%u", STR_FMT(t.known_as), t.port);
	if (!t.known_as.ptr)
		return -ENOMEM;
	*ret = t;
	return 0;
}

int client_target(const char *destination, const char *config, struct arena *a,
		  struct client_target *ret, struct diag *d)
{
	const char *at = strrchr(destination, '@'), *host = at ? at + 1 : destination;
	struct str user = { destination, at ? (size_t)(at - destination) : 0 }, text = {};
	const char *const configured[] = { "ssh", "-GT", "-F", config, "--", host, NULL };
	const char *const plain[] = { "ssh", "-GT", "--", host, NULL };
	int r;

	if (!*host || *host == '-' || (at && !user.len) || user.len > KNOCK_ACCOUNT_MAX)
		return diag_set(d, -EINVAL, NULL, 0, "a host is 'name' or 'user@name'");
	r = client_run(config ? configured : plain, STR(""), a, &text);
	if (r == -EIO)
		return diag_set(d, -EINVAL, NULL, 0, "ssh -G does not know what to do with it");
	/* Without ssh the names of files are those of ssh_config(5). */
	if (r == -ENOENT)
		text = STR("userknownhostsfile ~/.ssh/known_hosts\n"
			   "globalknownhostsfile /etc/ssh/ssh_known_hosts\n"
			   "identityfile ~/.ssh/id_ed25519\n");
	else if (r < 0)
		return r;
	r = client_target_parse(text, str_of(host), a, ret, d);
	if (r == 0 && user.len)
		ret->user = user;
	if (r == 0 && !ret->user.len)
		return diag_set(d, -EINVAL, NULL, 0, "for which account? (user@%s)", host);
	return r;
}

static bool is_there(char (*list)[HOST_KEY_BLOB], size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (!memcmp(list[i], key, HOST_KEY_BLOB))
			return true;
	return false;
}

/*
 * All files as one: what one of them revokes, none of them names. Files that are not there, and what is
 * no file, have none.
 */
static int gather(const struct client_target *t, struct buf *all, struct diag *d)
{
	for (size_t i = 0; i < t->n_known_hosts; i++) {
		struct arena own(arena_release) a = { .limit = 2 * KNOWN_HOSTS_MAX };
		struct str text;
		int r = file_read(t->known_hosts[i].ptr, KNOWN_HOSTS_MAX, &a, &text);

		if (r == -ENOENT || r == -ENOTDIR || r == -EINVAL)
			continue; /* -EINVAL: /dev/null */
		if (r < 0)
			return diag_set(d, r, t->known_hosts[i].ptr, 0, "%s", file_error(r));
		buf_str(all, text);
		buf_putc(all, '\n');
	}
	if (all->error == -EFBIG)
		return diag_set(d, -EFBIG, NULL, 0, "known_hosts is larger than any such file");
	return all->error;
}

int client_host_keys(const struct client_target *t,
		     char ret[static CLIENT_HOST_KEYS_MAX][HOST_KEY_BLOB], size_t *ret_n,
		     struct diag *d)
{
	struct buf own(buf_release) all = BUF(KNOWN_HOSTS_MAX);
	char found[KEYS_FOUND][HOST_KEY_BLOB];
	size_t n = 0, some = 0;
	int r = gather(t, &all, d);

	if (r == 0)
		r = known_hosts_find(buf_view(&all), t->known_as, found, COUNT(found), &some);
	if (r == -EKEYREVOKED)
		return diag_set(d, r, NULL, 0, "known_hosts says that the key of %.*s is revoked",
				STR_FMT(t->known_as));
	if (r < 0)
		return r;
	for (size_t i = 0; i < MIN(some, COUNT(found)); i++)
		if (n < CLIENT_HOST_KEYS_MAX && !is_there(ret, n, found[i]))
			memcpy(ret[n++], found[i], HOST_KEY_BLOB);
	if (!n)
		return diag_set(
			d, -ENOENT, NULL, 0,
			"known_hosts has no ed25519 key of %.*s: get its line from who runs "
			"it (ssh-keyscan -t ed25519, where the port is open)",
			STR_FMT(t->known_as));
	*ret_n = n;
	return 0;
}
