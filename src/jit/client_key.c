/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which key signs, and its signature. */
#include <sodium.h>

#include "base/file.h"
#include "jit/client.h"
#include "ssh/agent.h"

#define KEY_FILE_MAX (64U << 10)

void client_key_release(struct client_key *k) { close_fd(&k->agent); }

/* The blob of "TYPE BASE64 COMMENT". */
static bool read_public(const char *path, struct arena *a, struct str *ret)
{
	struct str text, type, code;
	char *bytes;
	size_t n;

	if (file_read(path, KEY_FILE_MAX, a, &text) < 0)
		return false;
	type = str_word(&text);
	code = str_word(&text);
	bytes = code.len ? arena_alloc(a, code.len) : NULL;
	if (!type.len || !bytes ||
	    sodium_base642bin((unsigned char *)bytes, code.len, code.ptr, code.len, NULL, &n, NULL,
			      sodium_base64_VARIANT_ORIGINAL))
		return false;
	*ret = (struct str){ bytes, n };
	return true;
}

static const struct agent_key *find_key(const struct agent_key *keys, size_t n, struct str blob)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(keys[i].blob, blob))
			return &keys[i];
	return NULL;
}

/* The agent's key of a file: its certificate first, as ssh does. */
static const struct agent_key *find_file(const struct agent_key *keys, size_t n, struct str file,
					 struct arena *a)
{
	static const struct str ends[] = { STR("-cert.pub"), STR(".pub"), STR("") };

	if (str_ends(file, STR(".pub")))
		file = str_sub(file, 0, file.len - 4);
	for (size_t i = 0; i < COUNT(ends); i++) {
		struct str path = arena_cat(a, file, ends[i], STR("")), blob;
		const struct agent_key *k = path.ptr && read_public(path.ptr, a, &blob)
						    ? find_key(keys, n, blob)
						    : NULL;

		if (k)
			return k;
	}
	return NULL;
}

static bool is_taken(struct str blob)
{
	struct public_key k;

	return !public_key_parse(blob, &k);
}

struct agent_keys {
	int fd;
	struct agent_key *list;
	size_t n;
};

/* An agent that is not there has no keys. */
static int ask_agent(const struct client_target *t, struct arena *a, struct agent_keys *ret)
{
	int r;

	*ret = (struct agent_keys){ .fd = -1 };
	if (agent_open(t->agent, &ret->fd) < 0)
		return 0;
	r = agent_list(ret->fd, a, &ret->list, &ret->n);
	if (r < 0)
		close_fd(&ret->fd);
	return r == -ENOMEM ? r : 0;
}

static void use_agent(struct agent_keys *keys, const struct agent_key *k, struct client_key *ret)
{
	*ret = (struct client_key){ .blob = k->blob, .agent = keys->fd, .name = k->comment };
	keys->fd = -1;
}

/* A key that is in the agent as well may be there because its file needs a pass phrase. */
static bool use_file(struct agent_keys *keys, struct str file, struct arena *a,
		     struct client_key *ret)
{
	const struct agent_key *k = find_file(keys->list, keys->n, file, a);

	if (k)
		use_agent(keys, k, ret);
	else if (access(file.ptr, R_OK) == 0)
		*ret = (struct client_key){ .file = file.ptr, .agent = -1, .name = file };
	else
		return false;
	return true;
}

static bool choose(const struct client_target *t, struct agent_keys *keys, struct arena *a,
		   struct client_key *ret)
{
	for (size_t i = 0; i < t->n_identities; i++) {
		const struct agent_key *k = find_file(keys->list, keys->n, t->identities[i], a);

		if (k) {
			use_agent(keys, k, ret);
			return true;
		}
	}
	for (size_t i = 0; i < keys->n && !t->identities_only; i++) {
		if (!is_taken(keys->list[i].blob))
			continue;
		use_agent(keys, &keys->list[i], ret);
		ret->others = (unsigned)(keys->n - 1);
		return true;
	}
	for (size_t i = 0; i < t->n_identities; i++)
		if (use_file(keys, t->identities[i], a, ret))
			return true;
	return false;
}

int client_key(const struct client_target *t, const char *identity, struct arena *a,
	       struct client_key *ret, struct diag *d)
{
	struct agent_keys keys;
	int r = ask_agent(t, a, &keys);
	bool found;

	if (r < 0)
		return r;
	found = identity ? use_file(&keys, str_of(identity), a, ret) : choose(t, &keys, a, ret);
	if (found)
		ret->token = t->token;
	close_fd(&keys.fd);
	if (found)
		return 0;
	return diag_set(d, -ENOENT, NULL, 0,
			identity ? "no key: neither the file nor an agent has it"
				 : "no key: no agent has one, and there is no file of ssh's "
				   "configuration; see --identity");
}

static int sign_with_agent(const struct client_key *k, struct str text, struct arena *a,
			   struct str *ret, struct diag *d)
{
	struct buf own(buf_release) subject = BUF(KNOCK_MAX), out = BUF(KNOCK_MAX);
	struct str bytes = {};
	int r = signature_subject(KNOCK_SPACE, text, &subject);

	if (r == 0)
		r = agent_sign(k->agent, k->blob, buf_view(&subject), a, &bytes);
	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return diag_set(d, -EACCES, NULL, 0, "the agent does not sign with %.*s: %s",
				STR_FMT(k->name), strerror(-r));
	r = signature_build(k->blob, KNOCK_SPACE, bytes, &out);
	if (r < 0)
		return diag_set(d, r, NULL, 0, "too long a key or certificate for a datagram");
	*ret = arena_str(a, buf_view(&out));
	return ret->ptr ? 0 : -ENOMEM;
}

static int sign_with_file(const struct client_key *k, struct str text, struct arena *a,
			  struct str *ret, struct diag *d)
{
	static const char space[] = "knock@holdfast";
	const char *const argv[] = { "ssh-keygen", "-Y",    "sign",
				     "-q",         "-n",    space,
				     "-f",         k->file, k->token ? "-w" : NULL,
				     k->token,     NULL };
	struct str armored = {};
	char *bytes;
	size_t n;
	int r = client_run(argv, text, a, &armored);

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return diag_set(d, -EACCES, k->file, 0, "%s",
				r == -ENOENT ? "ssh-keygen is not installed"
					     : "ssh-keygen does not sign with it");
	bytes = arena_alloc(a, KNOCK_MAX);
	if (!bytes)
		return -ENOMEM;
	if (signature_unarmor(armored, bytes, KNOCK_MAX, &n) < 0)
		return diag_set(d, -EBADMSG, k->file, 0, "ssh-keygen made no signature of it");
	*ret = (struct str){ bytes, n };
	return 0;
}

int client_sign(const struct client_key *k, struct str text, struct arena *a, struct str *ret,
		struct diag *d)
{
	struct ssh_signature s;
	struct str made = {};
	unsigned flags;
	int r = k->agent >= 0 ? sign_with_agent(k, text, a, &made, d)
			      : sign_with_file(k, text, a, &made, d);

	if (r < 0)
		return r;
	/* The host would say nothing. */
	if (signature_parse(made, &s) < 0 || signature_verify(&s, KNOCK_SPACE, text, &flags) < 0)
		return diag_set(d, -EBADMSG, k->file, 0,
				"a key of a kind that no host takes (ed25519, ECDSA, RSA from 2048 "
				"bits, or their sk- forms)");
	*ret = made;
	return 0;
}
