/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/finder.h"

#include "base/arena.h"
#include "events/prefilter.h"
#include "secrets/line.h"

#define SHORTEST 4U /* for the automaton; a shorter word would slow down all of it */

/* Prefixes of tokens that are shorter, as they are written. */
static const struct str short_words[FINDER_SHORT] = { STR("SG."), STR("hf_"), STR("r8_"),
						      STR("oy2"), STR("Q~"),  STR("A3-") };

/* clang-format off */
/* What names of secrets, connection strings, headers, SQL and keys have in them. */
static const struct str words[] = {
	STR("passw"), STR("passp"), STR("passcode"), STR("_pass"), STR("-pass"), STR(".pass"), STR("pass="), STR("pass:"), STR("dbpass"),
	STR("pass\""), STR("pass'"), STR(" pass "), STR("userpass"), STR("adminpass"), STR("rootpass"), STR("sshpass"), STR("mailpass"),
	STR("smtppass"), STR("ftppass"), STR("pwd="), STR("pwd:"), STR("pwd\""), STR("pwd'"), STR("_pwd"), STR("dbpwd"), STR("mysqlpwd"), STR(" pwd "),
	STR("pwd>"), STR("pass>"), STR("rootpw"), STR("bindpw"), STR("_pw="), STR("-pw "), STR("requirepass"), STR("masterauth"), STR("motdepasse"), STR("contrasena"), STR("psk="), STR("psk:"), STR("psk \""), STR("wep-key"), STR("wepkey"),
	STR("secret"), STR("token"), STR("apikey"), STR("api_key"), STR("api-key"), STR("api.key"), STR("accesskey"), STR("access_key"), STR("access-key"), STR("privatekey"),
	STR("private_key"), STR("private-key"), STR("auth_key"), STR("auth-key"), STR("authkey"), STR("accountkey"), STR("account_key"), STR("account-key"),
	STR("storagekey"), STR("storage_key"), STR("encryption_key"), STR("encryption-key"), STR("encryptionkey"), STR("signing_key"), STR("signingkey"), STR("signing-key"),
	STR("master_key"), STR("masterkey"), STR("master-key"), STR("app_key"), STR("appkey"), STR("app-key"), STR("application_key"), STR("service_key"), STR("shared_key"), STR("sharedkey"), STR("shared-key"),
	STR("subscription_key"), STR("subscription-key"), STR("license_key"), STR("license-key"), STR("licensekey"), STR("integration_key"), STR("routing_key"), STR("jwt_key"), STR("aes_key"),
	STR("deploy_key"), STR("ingest_key"), STR("write_key"), STR("writekey"), STR("admin_key"), STR("client-key-data"), STR("session_key"), STR("crypt_key"), STR("validationkey"), STR("decryptionkey"),
	STR("security_key"), STR("unseal_key"), STR("unseal key"), STR("credential"), STR("cosmos_key"), STR("openai_key"), STR("stripe_key"), STR("sendgrid_key"), STR("mailgun_key"),
	STR("search_key"), STR("consumer_key"), STR("noncekey"), STR("nonce_key"), STR("logged_in_key"), STR("auth_salt"), STR("_salt'"), STR("saltkey"), STR("functionkey"), STR("function_key"), STR("preshared"), STR("pre-shared"),
	STR("://"), STR("sig="), STR("?code="), STR("jdbc:oracle"), STR("authorization"), STR("bearer"), STR("identified"), STR("private key"), STR("_auth"), STR("\"auth\""), STR("putty-user-key"), STR("authtok"), STR("x-amz-signature"),
	STR("passwort"), STR("asplaintext"), STR("asswor"), STR("send \""), STR("base64"), STR("sudo -s"), STR("cryptsetup"), STR("docker login"), STR("eyjhbgci"), STR("eyj0exai"), STR("eyjrawqi"), STR("eyjlbmmi"), STR("eyj4nxq"), STR("eyjqd3ui"), STR("eyjjdhki"), STR("login -"),
	STR("az login"), STR("az acr"), STR("az sql"), STR("az vm "), STR("az ad "), STR("az mysql"), STR("az postgres"), STR("7z a "), STR("7z x "), STR("7z e "),
	STR("net use"), STR("net rpc"), STR("net ads"), STR("net -u"), STR("mc alias"), STR("mc config"), STR("mc admin"), STR("ab -a"), STR("cf login"), STR("cf auth"), STR("bw unlock"), STR("bw login"), STR("qm set"), STR("wp user"), STR("wp core"), STR("wp config"), STR("oc login"),
};
/* clang-format on */

struct finder {
	struct prefilter *filter;
};

/* Words that stand in every other line: what they are for has other words beside it. */
static bool is_common(struct str w)
{
	static const struct str common[] = {
		STR("http"),    STR("https"), STR("set"),    STR("auth"),    STR("java"),
		STR("step"),    STR("pass"),  STR("config"), STR("docker"),  STR("hive"),
		STR("rancher"), STR("net"),   STR("exp"),    STR("imp"),     STR("sql"),
		STR("dig"),     STR("gem"),   STR("pip"),    STR("pip3"),    STR("change_password"),
		STR("git"),     STR("npm"),   STR("snap"),   STR("curl.exe")
	};

	for (size_t i = 0; i < COUNT(common); i++)
		if (str_ieq(w, common[i]))
			return true;
	return false;
}

struct list {
	struct str *texts;
	size_t n, cap;
	struct arena arena;
};

static int add(struct list *l, struct str s)
{
	return arena_push(&l->arena, l->texts, l->n, l->cap, s);
}

/* A program's name, and a blank behind it; shorter ones have the blank before it as well. */
static int add_program(struct list *l, struct str name)
{
	if (is_common(name))
		return 0;
	if (name.len >= SHORTEST + 2)
		return add(l, name);
	name = arena_cat(&l->arena, STR(""), name, STR(" "));
	if (!name.ptr)
		return -ENOMEM;
	if (name.len < SHORTEST)
		return 0;
	return add(l, name);
}

static int all_words(struct list *l, const struct str *more, size_t n)
{
	struct str s;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(words); i++)
		r = add(l, words[i]);
	for (size_t i = 0; r >= 0 && secret_shape_keyword(i, &s); i++)
		if (s.len >= SHORTEST)
			r = add(l, s);
	for (size_t i = 0; r >= 0 && secret_program_keyword(i, &s); i++)
		r = add_program(l, s);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = add(l, more[i]);
	return r;
}

static void drop_arena(struct list *l) { arena_release(&l->arena); }

int finder_new(const struct str *more, size_t n, struct finder **ret)
{
	own(drop_arena) struct list l = {};
	struct finder *f = calloc(1, sizeof *f);
	int r = f ? all_words(&l, more, n) : -ENOMEM;

	if (r >= 0)
		r = prefilter_new(l.texts, l.n, &f->filter);
	if (r < 0) {
		free(f);
		return r;
	}
	*ret = f;
	return 0;
}

void finder_release(struct finder **f)
{
	if (*f)
		prefilter_release(&(*f)->filter);
	free(*f);
	*f = NULL;
}

size_t finder_next(const struct finder *f, struct finder_at *at, struct str text, size_t from)
{
	size_t best = prefilter_find(f->filter, text, from);

	for (unsigned i = 0; i < FINDER_SHORT; i++) {
		const char *p;

		if (!at->known[i] || at->next[i] < from) {
			p = memmem(text.ptr + from, text.len - from, short_words[i].ptr,
				   short_words[i].len);
			at->next[i] = p ? (size_t)(p - text.ptr) : text.len;
			at->known[i] = true;
		}
		best = MIN(best, at->next[i]);
	}
	return best;
}
