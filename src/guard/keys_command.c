/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs of AuthorizedKeysCommand and AuthorizedPrincipalsCommand, run as sshd runs them. */
#include <sodium.h>
#include <sys/wait.h>

#include "base/subprocess.h"
#include "guard/keys_work.h"
#include "ssh/wire.h"

#define WORDS_MAX 64
#define GROUPS_MAX 1'024u

/* ---- its words ---------------------------------------------------------------------------------- */

/* What a backslash in front of takes for itself. */
static bool is_escaped(char quote, char c)
{
	return c == '\'' || c == '"' || c == '\\' || (!quote && c == ' ');
}

/* The first word, without quotes and escapes; takes it off *s. False: a quote is not closed. */
static bool next_word(struct str *s, char *room, struct str *ret)
{
	char quote = 0;
	size_t i, n = 0;

	for (i = 0; i < s->len && (quote || (s->ptr[i] != ' ' && s->ptr[i] != '\t')); i++) {
		char c = s->ptr[i];

		if (c == '\\' && i + 1 < s->len && is_escaped(quote, s->ptr[i + 1]))
			room[n++] = s->ptr[++i];
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
		else if (quote && c == quote)
			quote = 0;
		else
			room[n++] = c;
	}
	*s = str_sub(*s, i, s->len);
	*ret = (struct str){ room, n };
	return !quote;
}

static const struct str *token_of(const struct keys_tokens *t, char c)
{
	static const struct str percent = STR("%");

	switch (c) {
	case '%': return &percent;
	case 'u': return &t->user;
	case 'U': return &t->uid;
	case 'h': return &t->home;
	case 't': return &t->type;
	case 'f': return &t->fingerprint;
	case 'k': return &t->key;
	case 'T': return &t->ca_type;
	case 'F': return &t->ca_fingerprint;
	case 'K': return &t->ca_key;
	case 'i': return &t->id;
	case 's': return &t->serial;
	default: return NULL;
	}
}

/* 1; 0: a token that is not known, or half of one. */
static int expand(struct str word, const struct keys_tokens *t, struct arena *a, const char **ret)
{
	struct buf own(buf_release) out = BUF((size_t)1 << 20);

	for (size_t i = 0; i < word.len; i++) {
		const struct str *value;

		if (word.ptr[i] != '%') {
			buf_add(&out, word.ptr + i, 1);
			continue;
		}
		value = ++i < word.len ? token_of(t, word.ptr[i]) : NULL;
		if (!value || !value->ptr || (value->len && memchr(value->ptr, '\0', value->len)))
			return 0;
		buf_str(&out, *value);
	}
	*ret = out.error ? NULL : arena_cstr(a, buf_view(&out));
	return *ret ? 1 : -ENOMEM;
}

static struct str skip_blanks(struct str s)
{
	size_t n = 0;

	while (n < s.len && (s.ptr[n] == ' ' || s.ptr[n] == '\t'))
		n++;
	return str_sub(s, n, s.len);
}

/* The words themselves; the program has no tokens. Their number, -EINVAL, -ENOMEM. */
static int split(struct str rest, const struct keys_tokens *t, struct arena *a, char *room,
		 const char **ret)
{
	struct str word;
	int n = 0;

	for (rest = skip_blanks(rest); rest.len; rest = skip_blanks(rest)) {
		int r = 1;

		if (n >= WORDS_MAX || !next_word(&rest, room, &word) ||
		    memchr(room, '\0', word.len))
			return -EINVAL;
		if (n)
			r = expand(word, t, a, &ret[n]);
		else
			ret[n] = arena_cstr(a, word);
		if (r <= 0)
			return r < 0 ? r : -EINVAL;
		if (!ret[n++])
			return -ENOMEM;
	}
	return n;
}

int keys_command_words(struct str command, const struct keys_tokens *t, struct arena *a,
		       const char ***ret)
{
	const char **words = arena_array(a, WORDS_MAX + 2, sizeof *words);
	char *room own(free_ptr) = malloc(command.len + 1);
	int n;

	if (!words || !room)
		return -ENOMEM;
	n = split(command, t, a, room, words);
	if (n < 0)
		return n;
	if (!n || *words[0] != '/')
		return -EINVAL;
	if (n == 1)
		words[n++] = arena_cstr(a, t->user);
	words[n] = NULL;
	*ret = words;
	return words[n - 1] ? 0 : -ENOMEM;
}

/* ---- running ------------------------------------------------------------------------------------ */

static struct str base64_of(struct arena *a, struct str blob)
{
	size_t room = sodium_base64_encoded_len(blob.len, sodium_base64_VARIANT_ORIGINAL);
	char *text = arena_alloc(a, room);

	return text ? str_of(sodium_bin2base64(text, room, (const unsigned char *)blob.ptr,
					       blob.len, sodium_base64_VARIANT_ORIGINAL))
		    : (struct str){};
}

static int print_of(struct arena *a, const struct public_key *key, struct str *ret)
{
	char print[SSH_FINGERPRINT_LEN];
	int r = public_key_fingerprint(key, print);

	if (r < 0)
		return r;
	*ret = arena_str(a, str_of(print));
	return ret->ptr ? 0 : -ENOMEM;
}

/* What a certificate has beside its key. */
static int certificate_tokens(struct arena *a, const struct ssh_certificate *c,
			      struct keys_tokens *ret)
{
	struct public_key authority;
	int r = public_key_parse(c->authority, &authority);

	if (r == 0)
		r = print_of(a, &authority, &ret->ca_fingerprint);
	if (r < 0)
		return r;
	ret->ca_type = authority.type;
	ret->ca_key = base64_of(a, c->authority);
	ret->id = c->id.ptr ? c->id : STR("");
	/* OpenSSH's texts may have one zero byte at their end. */
	if (ret->id.len && !ret->id.ptr[ret->id.len - 1])
		ret->id.len--;
	ret->serial = arena_fmt(a, "%llu", (unsigned long long)c->serial);
	return ret->ca_key.ptr && ret->serial.ptr ? 0 : -ENOMEM;
}

static int tokens_of(const struct asked *q, enum judge_program program, struct str blob,
		     struct keys_tokens *ret)
{
	const struct passwd_entry *e = q->account->entry;
	struct arena *a = q->c->arena;
	struct public_key key;
	int r = public_key_parse(blob, &key);

	if (r == 0 && program == JUDGE_PRINCIPALS && !key.certified)
		r = -EINVAL;
	if (r < 0)
		return r;
	*ret = (struct keys_tokens){ .user = e->name,
				     .home = e->home,
				     .uid = arena_fmt(a, "%lld", (long long)e->uid),
				     .type = key.type,
				     .key = base64_of(a, blob) };
	r = print_of(a, &key, &ret->fingerprint);
	if (r == 0 && program == JUDGE_PRINCIPALS)
		r = certificate_tokens(a, &key.certificate, ret);
	return r < 0 ? r : ret->uid.ptr && ret->key.ptr ? 0 : -ENOMEM;
}

/* As whom: with his groups, and the environment that sshd gives. */
static int user_of(const struct asked *q, struct str name, struct subprocess_user *ret)
{
	const struct ssh_account *a = keys_account(q->keys, name);
	struct arena *arena = q->c->arena;
	const char **environment = arena_array(arena, 5, sizeof *environment);
	gid_t *groups;
	size_t n;

	if (!a || a->entry->uid < 0 || a->entry->gid < 0)
		return -EPERM;
	n = MIN(a->n_groups, GROUPS_MAX);
	groups = arena_array(arena, n + 1, sizeof *groups);
	if (!environment || !groups)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		groups[i] = (gid_t)a->gids[i];
	environment[0] = "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
	environment[1] = arena_fmt(arena, "USER=%.*s", STR_FMT(a->entry->name)).ptr;
	environment[2] = arena_fmt(arena, "LOGNAME=%.*s", STR_FMT(a->entry->name)).ptr;
	environment[3] = arena_fmt(arena, "HOME=%.*s", STR_FMT(a->entry->home)).ptr;
	environment[4] = NULL;
	*ret = (struct subprocess_user){ .uid = (uid_t)a->entry->uid,
					 .gid = (gid_t)a->entry->gid,
					 .groups = groups,
					 .n_groups = n,
					 .environment = environment };
	return environment[1] && environment[2] && environment[3] ? 0 : -ENOMEM;
}

static int run(const struct asked *q, const char *const *words, struct str user, struct str *ret)
{
	struct buf own(buf_release) out = BUF(KEYS_COMMAND_MAX);
	struct subprocess_user as;
	int status, r = user_of(q, user, &as);

	if (r >= 0 && !keys_safe_path(q, words[0], NULL))
		r = -EPERM;
	if (r >= 0)
		r = subprocess_run_as(words, &as, KEYS_COMMAND_MS, &out, &status);
	if (r < 0)
		return r;
	/* What it said before it failed does not count. */
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return -EIO;
	*ret = arena_str(q->c->arena, buf_view(&out));
	return ret->ptr ? 0 : -ENOMEM;
}

static int ask(const struct asked *q, enum judge_program program, struct str blob, struct str *ret)
{
	const bool keys = program == JUDGE_KEYS;
	struct arena *a = q->c->arena;
	struct sshd_entry command, user;
	struct keys_tokens tokens;
	const char **words;
	int r = sshd_result_value(q->result,
				  keys ? SSHD_KW_AUTHORIZEDKEYSCOMMAND
				       : SSHD_KW_AUTHORIZEDPRINCIPALSCOMMAND,
				  a, &command);

	if (r >= 0)
		r = sshd_result_value(q->result,
				      keys ? SSHD_KW_AUTHORIZEDKEYSCOMMANDUSER
					   : SSHD_KW_AUTHORIZEDPRINCIPALSCOMMANDUSER,
				      a, &user);
	if (r >= 0 && (!command.value.len || str_ieq(command.value, STR("none"))))
		r = -ENOENT;
	if (r >= 0)
		r = tokens_of(q, program, blob, &tokens);
	if (r >= 0)
		r = keys_command_words(command.value, &tokens, a, &words);
	return r < 0 ? r : run(q, words, user.value, ret);
}

int keys_run_command(struct keys *k, enum judge_program program, struct str account,
		     struct str address, struct str key, struct arena *a, struct judge_account *ret)
{
	struct keys_reading reading;
	struct judge_account found = {};
	struct asked q;
	int r = keys_ask(k, account, address, a, &reading, &q);

	if (r >= 0 && q.may_log_in)
		r = ask(&q, program, key,
			program == JUDGE_KEYS ? &found.keys[found.n_keys++] : &found.principals);
	if (r < 0)
		return r;
	found.may_log_in = q.may_log_in;
	*ret = found;
	return 0;
}
