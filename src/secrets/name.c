/* SPDX-License-Identifier: GPL-3.0-or-later */
/* name: what a name says of what stands beside it. */
#include <ctype.h>

#include "secrets/value.h"

#define NAME_LEAST 2
#define NAME_MOST 128

/* Lower case without separators: "DB_Pass-Word" is "dbpassword". */
static struct str squeeze(struct str name, char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < name.len && n < size; i++) {
		char c = name.ptr[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 32);
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			buf[n++] = c;
	}
	return (struct str){ buf, n };
}

struct name_list {
	const struct str *list;
	size_t n;
};
#define NAME_LIST(a) ((struct name_list){ a, COUNT(a) })

static bool ends_in(struct str s, struct name_list l)
{
	for (size_t i = 0; i < l.n; i++)
		if (str_ends(s, l.list[i]))
			return true;
	return false;
}

/* A bit for each letter that stands in it. */
static uint32_t letters_of(struct str s)
{
	uint32_t letters = 0;

	for (size_t i = 0; i < s.len; i++)
		letters |= 1U << (s.ptr[i] & 31);
	return letters;
}

static bool holds(struct str s, struct name_list l)
{
	uint32_t letters = letters_of(s);

	for (size_t i = 0; i < l.n; i++)
		if (l.list[i].len <= s.len && letters >> (l.list[i].ptr[0] & 31) & 1 &&
		    letters >> (l.list[i].ptr[l.list[i].len - 1] & 31) & 1 &&
		    str_contains(s, l.list[i]))
			return true;
	return false;
}

static bool begins(struct str s, struct name_list l)
{
	for (size_t i = 0; i < l.n; i++)
		if (str_starts(s, l.list[i]))
			return true;
	return false;
}

/* clang-format off */
/* Of a name that ends so only something about a secret is told: where it is, how long, whether. */
static const struct str about[] = {
	STR("file"), STR("files"), STR("filename"), STR("path"), STR("dir"), STR("directory"), STR("folder"),
	STR("url"), STR("uri"), STR("endpoint"), STR("id"), STR("ids"), STR("uuid"), STR("name"),
	STR("names"), STR("cmd"), STR("command"), STR("eval"), STR("script"), STR("length"), STR("len"),
	STR("ttl"), STR("type"), STR("kind"), STR("prompt"), STR("policy"), STR("policies"), STR("age"),
	STR("days"), STR("minutes"), STR("hours"), STR("seconds"), STR("min"), STR("max"), STR("count"),
	STR("timeout"), STR("size"), STR("store"), STR("storetype"), STR("header"), STR("headers"),
	STR("expiry"), STR("expires"), STR("expiresin"), STR("expiration"), STR("expire"), STR("lifetime"),
	STR("duration"), STR("enabled"), STR("disabled"), STR("required"), STR("allowed"), STR("optional"),
	STR("authentication"), STR("username"), STR("field"), STR("column"), STR("input"), STR("label"),
	STR("hint"), STR("placeholder"), STR("message"), STR("title"), STR("description"), STR("error"),
	STR("errors"), STR("reset"), STR("strength"), STR("format"), STR("regex"), STR("pattern"),
	STR("algorithm"), STR("algo"), STR("alg"), STR("hash"), STR("hashes"), STR("hashed"), STR("digest"),
	STR("checksum"), STR("fingerprint"), STR("md5"), STR("sha1"), STR("sha256"), STR("sha512"),
	STR("version"), STR("versions"), STR("class"), STR("provider"), STR("service"), STR("manager"),
	STR("generator"), STR("encoder"), STR("validator"), STR("validators"), STR("source"), STR("mode"),
	STR("ref"), STR("arn"), STR("alias"), STR("rotation"), STR("backend"), STR("engine"), STR("scheme"),
	STR("public"), STR("publickey"), STR("pubkey"), STR("secrets"), STR("stdin"), STR("env"),
	STR("index"), STR("limit"), STR("budget"), STR("usage"), STR("auth"), STR("confirmation"), STR("helper"),
	STR("scope"), STR("scopes"), STR("audience"), STR("issuer"), STR("agent"), STR("bits"), STR("selector"),
	STR("mount"), STR("property"), STR("param"), STR("parameter"), STR("variable"), STR("support"),
	STR("change"), STR("changed"), STR("updated"), STR("created"), STR("lastset"), STR("warnage"),
	STR("protection"), STR("encryption"), STR("settings"), STR("config"), STR("options"), STR("group"),
	STR("state"), STR("status"), STR("handler"), STR("func"), STR("function"), STR("callback"), STR("template"), STR("reqd"), STR("converter"),
};
/* These are no secrets, or secrets of one page. */
static const struct str never[] = {
	STR("csrf"), STR("xsrf"), STR("nexttoken"), STR("pagetoken"), STR("continuationtoken"),
	STR("pagination"), STR("tokeniz"), STR("tokenis"), STR("maxtoken"), STR("sshapassword"), STR("cryptpassword"), STR("ntpassword"), STR("lmpassword"), STR("md5password"), STR("lastpasswordset"),
	STR("passwordauthentication"), STR("publickeytoken"), STR("tokencount"), STR("secretkeyref"),
	STR("passwordless"), STR("nopass"), STR("secretary"), STR("existingsecret"), STR("imagepullsecret"),
	STR("synctoken"), STR("canceltoken"), STR("cancellationtoken"), STR("eostoken"), STR("bostoken"), STR("padtoken"),
	STR("passwordpolicy"), STR("clienttokenid"), STR("idempotencytoken"), STR("expectedtoken"),
	STR("promptpassword"), STR("passwordkey"), STR("encryptedpass"), STR("encryptedtoken"), STR("encryptedsecret"), STR("usersigningkey"), STR("searchkeys"), STR("recvkeys"), STR("askpass"), STR("passwdcheck"), STR("keyspace"), STR("secretref"),
};
static const struct str questions[] = {
	STR("has"), STR("nopassw"), STR("num"), STR("max"), STR("show"), STR("hide"),
	STR("forgot"), STR("validate"), STR("check"), STR("require"), STR("allow"), STR("enable"),
	STR("disable"), STR("use"), STR("confirm"), STR("ispass"), STR("issec"), STR("istok"), STR("export"), STR("list"), STR("delete"), STR("import"),
	STR("mintoken"), STR("edit"), STR("update"), STR("create"), STR("generate"), STR("print"), STR("rotate"), STR("revoke"), STR("recv"),
};
/* Names that begin like a question and are none. */
static const struct str no_questions[] = { STR("user"), STR("checkout"), STR("hash") };
static const struct str passwords[] = {
	STR("password"), STR("passwd"), STR("passphrase"), STR("passwort"), STR("motdepasse"), STR("contrasena"),
	STR("sshpass"), STR("pgpass"), STR("mysqlpwd"), STR("becomepass"), STR("requirepass"), STR("masterauth"),
	STR("rootpw"), STR("bindpw"), STR("adminpw"), STR("userpw"), STR("wppsk"), STR("presharedkey"),
	STR("wepkey"), STR("authtok"), STR("snmpcommunity"), STR("rocommunity"), STR("rwcommunity"), STR("communitystring"), STR("passcode"), STR("dbpass"), STR("adminpass"), STR("rootpass"), STR("userpass"),
	STR("smtppass"), STR("mailpass"), STR("bindpass"), STR("remotepass"), STR("imappass"), STR("ldappass"), STR("keystorepass"), STR("truststorepass"), STR("proxypass"), STR("ftppass"), STR("dbpwd"), STR("sapwd"), STR("ansiblepass"), STR("cipassword"),
};
static const struct str keys[] = {
	STR("secret"), STR("token"), STR("apikey"), STR("accesskey"), STR("privatekey"), STR("authkey"),
	STR("accountkey"), STR("storagekey"), STR("encryptionkey"), STR("signingkey"), STR("masterkey"),
	STR("appkey"), STR("applicationkey"), STR("servicekey"), STR("sharedkey"), STR("subscriptionkey"),
	STR("licensekey"), STR("licencekey"), STR("integrationkey"), STR("routingkey"), STR("jwtkey"),
	STR("aeskey"), STR("deploykey"), STR("ingestkey"), STR("writekey"), STR("adminkey"),
	STR("functionkey"), STR("clientkeydata"), STR("sessionkey"), STR("cookiekey"), STR("cryptkey"), STR("cryptokey"),
	STR("validationkey"), STR("decryptionkey"), STR("webhookkey"), STR("bearer"), STR("primarykeyvalue"),
	STR("connectionkey"), STR("securitykey"), STR("unsealkey"), STR("recoverykey"), STR("credential"),
	STR("authorizationkey"), STR("sastoken"), STR("cosmoskey"), STR("openaikey"), STR("stripekey"),
	STR("sendgridkey"), STR("mailgunkey"), STR("githubkey"), STR("gitlabkey"), STR("joinkey"),
	STR("rpcauth"), STR("cfkey"), STR("nonceauthkey"), STR("gossipkey"), STR("psk"), STR("searchkey"), STR("consumerkey"), STR("hmackey"), STR("keymaterial"), STR("fastlykey"), STR("erlangcookie"),
};
/* Only whole: WordPress's and others'. */
static const struct str whole_keys[] = {
	STR("authkey"), STR("secureauthkey"), STR("loggedinkey"), STR("noncekey"), STR("authsalt"),
	STR("secureauthsalt"), STR("loggedinsalt"), STR("noncesalt"), STR("saltkey"), STR("bwsession"),
};
/* The same of what people choose. */
static const struct str whole_passwords[] = { STR("rediscliauth"), STR("redisauth"),
					      STR("requirepass") };
/* clang-format on */

/* "db_pass", "dbPass", "MAIL.PWD": the last word of a name, set off from the one before. */
static bool last_word(struct str name, struct str word)
{
	struct str tail;
	char before, first;

	while (name.len && name.ptr[name.len - 1] >= '0' && name.ptr[name.len - 1] <= '9')
		name.len--;
	if (name.len < word.len)
		return false;
	tail = str_sub(name, name.len - word.len, name.len);
	if (!str_ieq(tail, word))
		return false;
	if (name.len == word.len)
		return true;
	before = name.ptr[name.len - word.len - 1];
	first = tail.ptr[0];
	return before == '_' || before == '-' || before == '.' || before == ':' ||
	       (first >= 'A' && first <= 'Z' && before >= 'a' && before <= 'z');
}

/* "SQLPASS"; not "COMPASS". */
static bool is_capital_pass(struct str name)
{
	static const struct str others[] = { STR("BYPASS"), STR("COMPASS"), STR("SURPASS"),
					     STR("TRESPASS") };

	if (name.len < 6 || name.len > 20 || !str_ends(name, STR("PASS")))
		return false;
	for (size_t i = 0; i < COUNT(others); i++)
		if (str_ends(name, others[i]))
			return false;
	return name.ptr[name.len - 5] >= 'A' && name.ptr[name.len - 5] <= 'Z';
}

static bool is_password_word(struct str name)
{
	static const struct str words[] = { STR("pass"), STR("pwd"),     STR("pw"),
					    STR("psk"),  STR("passwrd"), STR("pswd") };

	/* The shell's own: where it is, and where it was. */
	if (str_eq(name, STR("PWD")) || str_eq(name, STR("OLDPWD")) || str_eq(name, STR("pw")))
		return false;
	for (size_t i = 0; i < COUNT(words); i++)
		if (last_word(name, words[i]))
			return true;
	return is_capital_pass(name);
}

static bool is_auth(struct str name)
{
	while (str_starts(name, STR("-")))
		name = str_sub(name, 1, name.len);
	return str_ieq(name, STR("_auth")) || str_ends(name, STR(":_auth")) ||
	       str_ieq(name, STR("sig")) || str_ieq(name, STR("authtoken"));
}

/* "Fastly-Key", "X-Auth-Key": of a header */
static bool is_header_key(struct str name)
{
	static const struct str others[] = { STR("public"),    STR("cache"),     STR("idempotency"),
					     STR("partition"), STR("websocket"), STR("surrogate"),
					     STR("routing"),   STR("host"),      STR("primary"),
					     STR("foreign"),   STR("sort"),      STR("kms") };

	if (name.len < 6 || !isupper((unsigned char)*name.ptr) || !str_ends(name, STR("-Key")))
		return false;
	for (size_t i = 0; i < COUNT(others); i++)
		if (secret_ifind(name, 0, others[i]) >= 0)
			return false;
	return true;
}

/* Every name that tells has one of these in it: most words are passed over by it. */
static bool has_stem(struct str plain)
{
	static const struct str stems[] = {
		STR("pass"),    STR("pw"),         STR("psk"),    STR("pswd"),
		STR("pat"),     STR("key"),        STR("auth"),   STR("secret"),
		STR("salt"),    STR("token"),      STR("bearer"), STR("community"),
		STR("contras"), STR("credential"), STR("cookie"), STR("bwsession"),
	};

	for (size_t i = 0; i < plain.len; i++) {
		if (!strchr("pkastbc", plain.ptr[i]))
			continue;
		for (size_t k = 0; k < COUNT(stems); k++)
			if (stems[k].ptr[0] == plain.ptr[i] &&
			    str_starts(str_sub(plain, i, plain.len), stems[k]))
				return true;
	}
	return false;
}

enum secret_class secret_name(struct str name)
{
	char buf[NAME_MOST];
	struct str plain;

	if (name.len < NAME_LEAST || name.len > NAME_MOST)
		return CLASS_NONE;
	if (is_auth(name))
		return CLASS_KEY;
	plain = squeeze(name, buf, sizeof buf);
	if (!has_stem(plain))
		return CLASS_NONE;
	while (plain.len && plain.ptr[plain.len - 1] >= '0' && plain.ptr[plain.len - 1] <= '9' &&
	       !str_ends(plain, STR("md5")) && !str_ends(plain, STR("sha1")) &&
	       !str_ends(plain, STR("sha256")) && !str_ends(plain, STR("sha512")))
		plain.len--;
	for (size_t i = 0; i < COUNT(whole_keys); i++)
		if (str_eq(plain, whole_keys[i]))
			return CLASS_KEY;
	for (size_t i = 0; i < COUNT(whole_passwords); i++)
		if (str_eq(plain, whole_passwords[i]))
			return CLASS_PASSWORD;
	if (is_header_key(name))
		return CLASS_KEY;
	/* "GITHUB_PAT": a personal access token */
	if (name.len > 4 && last_word(name, STR("PAT")) && str_ends(name, STR("PAT")))
		return CLASS_KEY;
	if (holds(plain, NAME_LIST(never)) || ends_in(plain, NAME_LIST(about)) ||
	    (begins(plain, NAME_LIST(questions)) && !begins(plain, NAME_LIST(no_questions))))
		return CLASS_NONE;
	if (holds(plain, NAME_LIST(passwords)) || is_password_word(name))
		return CLASS_PASSWORD;
	return holds(plain, NAME_LIST(keys)) ? CLASS_KEY : CLASS_NONE;
}

bool secret_name_of_pair(struct str name)
{
	static const struct str ends[] = { STR("_auth"),   STR("_AUTH"),       STR("auth.users"),
					   STR("USERPWD"), STR("_userpwd"),    STR("_credentials"),
					   STR("_CREDS"),  STR("_creds"),      STR("_USERPASS"),
					   STR("_LOGIN"),  STR("_CREDENTIALS") };

	for (size_t i = 0; i < COUNT(ends); i++)
		if (str_ends(name, ends[i]))
			return true;
	return false;
}

const char *secret_name_kind(struct str name, const char *fallback)
{
	static const struct str azure[] = { STR("azure"), STR("armclient"), STR("accountkey"),
					    STR("sharedaccesskey"), STR("sastoken") };
	static const struct str aws[] = { STR("aws"), STR("secretaccesskey") };
	static const struct str github[] = { STR("github"), STR("ghtoken") };
	char buf[NAME_MOST];
	struct str plain = squeeze(name, buf, sizeof buf);

	if (holds(plain, NAME_LIST(aws)))
		return "aws-key";
	if (holds(plain, NAME_LIST(azure)))
		return "azure-key";
	return holds(plain, NAME_LIST(github)) ? "github-token" : fallback;
}
