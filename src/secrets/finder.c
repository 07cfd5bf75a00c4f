/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/finder.h"

#include "base/arena.h"
#include "events/prefilter.h"
#include "secrets/line.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define SHORTEST 4U /* for the automaton; a shorter word would slow down all of it */

/* Prefixes of tokens that are shorter, as they are written. */
static const struct str short_words[] = { STR("SG."), STR("hf_"), STR("r8_"), STR("oy2"),
					  STR("Q~"),  STR("A3-"), STR("://"), STR(":AA") };

/* clang-format off */
/* What names of secrets, connection strings, headers, SQL and keys have in them. */
static const struct str words[] = {
	STR("passw"), STR("passp"), STR("passcode"), STR("_pass"), STR("-pass"), STR(".pass"), STR("pass="), STR("pass:"), STR("dbpass"),
	STR("pass\""), STR("pass'"), STR(" pass "), STR("userpass"), STR("adminpass"), STR("rootpass"), STR("sshpass"), STR("mailpass"),
	STR("smtppass"), STR("ftppass"), STR("pwd="), STR("pwd:"), STR("pwd\""), STR("pwd'"), STR("_pwd"), STR("dbpwd"), STR("mysqlpwd"), STR(" pwd "),
	STR("pwd>"), STR("pass>"), STR("rootpw"), STR("bindpw"), STR("_pw="), STR("_pw:"), STR("_pw\""), STR("-pw "), STR("requirepass"), STR("masterauth"), STR("motdepasse"), STR("contrasena"), STR("psk="), STR("psk:"), STR("psk \""), STR("wep-key"), STR("wepkey"),
	STR("secret"), STR("token"), STR("apikey"), STR("api_key"), STR("api-key"), STR("api.key"), STR("accesskey"), STR("access_key"), STR("access-key"), STR("privatekey"),
	STR("private_key"), STR("private-key"), STR("auth_key"), STR("auth-key"), STR("authkey"), STR("accountkey"), STR("account_key"), STR("account-key"),
	STR("storagekey"), STR("storage_key"), STR("encryption_key"), STR("encryption-key"), STR("encryptionkey"), STR("signing_key"), STR("signingkey"), STR("signing-key"),
	STR("master_key"), STR("masterkey"), STR("master-key"), STR("app_key"), STR("appkey"), STR("app-key"), STR("application_key"), STR("service_key"), STR("shared_key"), STR("sharedkey"), STR("shared-key"),
	STR("subscription_key"), STR("subscription-key"), STR("license_key"), STR("license-key"), STR("licensekey"), STR("integration_key"), STR("routing_key"), STR("jwt_key"), STR("aes_key"),
	STR("deploy_key"), STR("ingest_key"), STR("write_key"), STR("writekey"), STR("admin_key"), STR("client-key-data"), STR("session_key"), STR("crypt_key"), STR("validationkey"), STR("decryptionkey"),
	STR("security_key"), STR("unseal_key"), STR("unseal key"), STR("credential"), STR("cosmos_key"), STR("openai_key"), STR("stripe_key"), STR("sendgrid_key"), STR("mailgun_key"),
	STR("search_key"), STR("consumer_key"), STR("noncekey"), STR("nonce_key"), STR("logged_in_key"), STR("auth_salt"), STR("_salt'"), STR("saltkey"), STR("functionkey"), STR("function_key"), STR("preshared"), STR("pre-shared"),
	STR("sig="), STR("?code="), STR("jdbc:oracle"), STR("authorization"), STR("bearer"), STR("identified"), STR("private key"), STR("_auth"), STR("\"auth\""), STR("putty-user-key"), STR("authtok"), STR("x-amz-signature"),
	STR("passwort"), STR("asplaintext"), STR("asswor"), STR("send \""), STR("base64"), STR("sudo -s"), STR("sudo --stdin"), STR("cryptsetup"), STR("docker login"), STR("eyjhbgci"), STR("eyj0exai"), STR("eyjrawqi"), STR("eyjlbmmi"), STR("eyj4nxq"), STR("eyjqd3ui"), STR("eyjjdhki"), STR("login -"),
	STR("mysql"), STR("maria"), STR("mongo"), STR("ldap"), STR("smbc"), STR("pdftotext"), STR("pdfimages"), STR("impacket"), STR("exec.py"), STR("users.py"), STR("client.py"), STR("lookupsid.py"),
	STR("secretsdump"), STR("fence_"), STR("freerdp"), STR("isql"), STR("ecryptfs"), STR("virt-"), STR("pth-"), STR("pgcli"), STR("redis-"), STR("openssl "), STR("sqlplus"), STR("ipmi"), STR("mosquitto"), STR("pt-query"), STR("pt-table"), STR("pt-online"),
	STR("gpg "), STR("gpg2 "), STR("gpg-preset"), STR("rdesktop"), STR("zip -"), STR("zip x"), STR("cypher-"), STR("influx"), STR("vncviewer"), STR("x11vnc"), STR("vncserver"), STR("curl "), STR("rabbitmq"), STR("arango"), STR("elasticsearch-users"), STR("lftp "), STR("ncftp"), STR("psftp"), STR("tnftp"),
	STR("smtp-cli"), STR("kcadm"), STR("valkey-cli"), STR("keydb-cli"), STR("grafana-cli"), STR("mssql-cli"), STR("jenkins-cli"), STR("jboss-cli"), STR("wildfly-cli"), STR("7za a "), STR("smbget"), STR("rpcclient"), STR("add_user"), STR("adduser "), STR("useradd "), STR("usermod "), STR("add-user"), STR("xtrabackup"), STR("mariabackup"),
	STR("bundle config"), STR("http -a"), STR("https -a"), STR("xh -a"), STR("http --auth"), STR("https --auth"), STR("rancher login"), STR("hive -"), STR("az login"), STR("az acr"), STR("az sql"), STR("az vm "), STR("az ad "), STR("az mysql"), STR("az postgres"), STR("7z a "), STR("7z x "), STR("7z e "),
	STR("net use"), STR("net rpc"), STR("net ads"), STR("net -u"), STR("mc alias"), STR("mc config"), STR("mc admin"), STR("ab -a"), STR("cf login"), STR("cf auth"), STR("bw unlock"), STR("bw login"), STR("qm set"), STR("wp user"), STR("wp core"), STR("wp config"), STR("oc login"), STR("community "), STR("auth=("), STR("auth = ("), STR("basicauth("), STR("rediscli_auth"), STR("bw_session"), STR(" <<< "), STR("ipa-client"), STR("| su "), STR("crypt("), STR("hashpw("), STR("@tcp("), STR("@unix("), STR("networkcred"), STR("jwt."), STR("mysqli"), STR("new pdo"), STR("dbi->connect"), STR(".login("), STR("create_superuser"), STR("getconnection"), STR("ldap_bind"), STR("ftp_login"), STR("imap_open"), STR(":pserver:"), STR("eap \""), STR("xauth \""), STR("cf_key"), STR("wpa_cli"), STR("check_http"), STR("check_snmp"), STR("setpass"), STR("add-generic-"), STR("add-internet-"), STR("set_password"), STR("tlspsk"), STR("psk>"), STR("keymaterial"), STR("wpa-psk"), STR("key-string"), STR("userpwd"), STR("users="), STR("stats auth"), STR("erlang.cookie"), STR("fernet("), STR("signwith"), STR(".tochararray()"), STR("basic_auth"), STR("option key"), STR("authentication-key"), STR("snmp-server user"), STR("sqldb.connect"), STR("client(\"ac"), STR("client('ac"), STR("hmac-sha"), STR("_crypt."), STR("bcrypt"), STR("hash::make"), STR("appid="), STR(" -u "), STR(" -u:"), STR("-key:"), STR("basicauth"), STR("pass ="), STR("pass\t"), STR("pwd ="), STR("-pwd "), STR("psk ="), STR("snmp"), STR("community"), STR("hmac-key"), STR("hmackey"), STR("setuser"), STR(" on >"), STR("]:587"), STR("]:465"), STR("]:25 "), STR(":5432:"), STR("dsn="), STR("data_source_name"), STR("airtable"), STR("_pat="), STR("_pat:"), STR("server key"), STR("createuser"), STR("-us1"), STR("-us2"), STR("-us3"), STR("-us4"), STR("-us5"), STR("-us6"), STR("-us7"), STR("-us8"), STR("-us9"), STR("check_pgsql"),
};
/* clang-format on */

struct finder {
	struct prefilter *filter;
};

/* Words that stand in every other line: what they are for has other words beside it. */
static bool is_common(struct str w)
{
	static const struct str common[] = {
		STR("http"),   STR("https"),    STR("set"),     STR("auth"),
		STR("java"),   STR("step"),     STR("pass"),    STR("config"),
		STR("docker"), STR("hive"),     STR("rancher"), STR("net"),
		STR("exp"),    STR("imp"),      STR("sql"),     STR("dig"),
		STR("gem"),    STR("pip"),      STR("pip3"),    STR("change_password"),
		STR("git"),    STR("npm"),      STR("snap"),    STR("curl.exe"),
		STR("bundle"), STR("security"), STR("salt"),    STR("salt-call")
	};

	for (size_t i = 0; i < COUNT(common); i++)
		if (str_ieq(w, common[i]))
			return true;
	return false;
}

/* What many programs' names have in common: looked for once. */
static bool has_stem(struct str w)
{
	static const struct str stems[] = {
		STR("mysql"),    STR("maria"),     STR("mongo"),      STR("ldap"),
		STR("snmp"),     STR("smbc"),      STR("pdfto"),      STR("pdfim"),
		STR("impacket"), STR("exec.py"),   STR("fence_"),     STR("freerdp"),
		STR("isql"),     STR("ecryptfs"),  STR("virt-"),      STR("pth-"),
		STR("pg_"),      STR("redis"),     STR("openssl"),    STR("sqlplus"),
		STR("ipmi"),     STR("mosquitto"), STR("pt-"),        STR("gpg"),
		STR("users.py"), STR("client.py"), STR("sid.py"),     STR("dump.py"),
		STR("-cli"),     STR("rdesktop"),  STR("dump"),       STR("restore"),
		STR("zip"),      STR("cypher"),    STR("influx"),     STR("kube"),
		STR("vnc"),      STR("passwd"),    STR("passphrase"), STR("curl"),
		STR("rabbit"),   STR("arango"),    STR("elastic"),    STR("ftp"),
		STR("psql"),     STR("token"),     STR("user"),
	};

	for (size_t i = 0; i < COUNT(stems); i++)
		if (str_contains(w, stems[i]))
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
	if (is_common(name) || has_stem(name))
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

/* An address with a name in it: "://user:secret@". Most have none. */
static bool has_user(struct str text, size_t at)
{
	size_t end = MIN(text.len, at + 1000);

	for (; at < end; at++) {
		char c = text.ptr[at];

		if (c == '@')
			return true;
		if (c == ' ' || c == '\n' || c == '"' || c == '\'' || c == '<' || c == '>' || !c)
			return false;
	}
	return false;
}

static bool is_short_word(struct str text, size_t at)
{
	struct str rest = str_sub(text, at, MIN(text.len, at + 4));

	for (unsigned i = 0; i < COUNT(short_words); i++)
		if (str_starts(rest, short_words[i]))
			return !str_starts(rest, STR("://")) || has_user(text, at);
	return false;
}

/* The first place at or after from where one of them stands. */
static size_t short_plain(struct str text, size_t from)
{
	while (from < text.len && !is_short_word(text, from))
		from++;
	return from;
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static size_t short_avx2(struct str text, size_t from)
{
	__m256i first[COUNT(short_words)], second[COUNT(short_words)];

	for (unsigned i = 0; i < COUNT(short_words); i++) {
		first[i] = _mm256_set1_epi8(short_words[i].ptr[0]);
		second[i] = _mm256_set1_epi8(short_words[i].ptr[1]);
	}
	for (; from + 33 <= text.len; from += 32) {
		__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(text.ptr + from));
		__m256i b =
			_mm256_loadu_si256((const __m256i *)(const void *)(text.ptr + from + 1));
		__m256i any = _mm256_setzero_si256();
		uint32_t hits;

		for (unsigned i = 0; i < COUNT(short_words); i++)
			any = _mm256_or_si256(any,
					      _mm256_and_si256(_mm256_cmpeq_epi8(a, first[i]),
							       _mm256_cmpeq_epi8(b, second[i])));
		for (hits = (uint32_t)_mm256_movemask_epi8(any); hits; hits &= hits - 1)
			if (is_short_word(text, from + (size_t)__builtin_ctz(hits)))
				return from + (size_t)__builtin_ctz(hits);
	}
	return short_plain(text, from);
}

static size_t short_next(struct str text, size_t from)
{
	return __builtin_cpu_supports("avx2") ? short_avx2(text, from) : short_plain(text, from);
}
#else
static size_t short_next(struct str text, size_t from) { return short_plain(text, from); }
#endif

size_t finder_next(const struct finder *f, struct finder_at *at, struct str text, size_t from)
{
	if (!at->known || at->next[0] < from)
		at->next[0] = prefilter_find(f->filter, text, from);
	if (!at->known || at->next[1] < from)
		at->next[1] = short_next(text, from);
	at->known = true;
	return MIN(at->next[0], at->next[1]);
}
