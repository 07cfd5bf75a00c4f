/* SPDX-License-Identifier: GPL-3.0-or-later */
/* value: what is none of a secret's value. */
#include "secrets/value.h"
#include "secrets/looks.h"

#define VALUE_MAX 4096
#define PLACEHOLDER_MAX 300

#include <ctype.h>
#include <math.h>
#include <stdio.h>

/* Nearest byte that is a or b. */
static const char *either(const char *p, size_t n, char a, char b)
{
	const char *x = memchr(p, a, n);
	const char *y = a == b ? NULL : memchr(p, b, x ? (size_t)(x - p) : n);

	return y ? y : x;
}

ssize_t secret_ifind(struct str s, size_t from, struct str needle)
{
	char lower = needle.ptr[0], upper = (char)toupper((unsigned char)lower);

	while (from + needle.len <= s.len) {
		const char *p = either(s.ptr + from, s.len - from - needle.len + 1, lower, upper);

		if (!p)
			return -1;
		from = (size_t)(p - s.ptr);
		if (str_istarts(str_sub(s, from, s.len), needle))
			return (ssize_t)from;
		from++;
	}
	return -1;
}

struct secret_mask secret_mask(struct str value)
{
	struct secret_mask m = { "****" };

	if (value.len >= 8)
		snprintf(m.text, sizeof m.text, "%.2s****%.2s", value.ptr,
			 value.ptr + value.len - 2);
	for (char *p = m.text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return m;
}

bool secret_is_number(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
	return s.len;
}

bool secret_is_hex(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!isxdigit((unsigned char)s.ptr[i]))
			return false;
	return s.len;
}

bool secret_is_uuid(struct str s)
{
	if (s.len == 38 && s.ptr[0] == '{')
		s = str_sub(s, 1, 37);
	if (s.len != 36)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s.ptr[i] != '-' : !isxdigit((unsigned char)s.ptr[i]))
			return false;
	}
	return true;
}

double secret_entropy(struct str s)
{
	uint32_t counts[256] = {};
	double sum = 0;

	for (size_t i = 0; i < s.len; i++)
		counts[(unsigned char)s.ptr[i]]++;
	for (size_t i = 0; i < COUNT(counts); i++) {
		double p = (double)counts[i] / (double)s.len;

		if (counts[i])
			sum -= p * log2(p);
	}
	return sum;
}

/* clang-format off */
static const struct str words[] = {
	STR("true"), STR("false"), STR("yes"), STR("no"), STR("on"), STR("off"), STR("null"), STR("none"),
	STR("nil"), STR("undefined"), STR("default"), STR("required"), STR("optional"), STR("empty"),
	STR("prompt"), STR("stdin"), STR("ask"), STR("auto"), STR("string"), STR("str"), STR("bool"),
	STR("bytes"), STR("redacted"), STR("removed"), STR("hidden"), STR("masked"), STR("secret"),
	STR("password"), STR("passwd"), STR("passphrase"), STR("passwort"), STR("pass"), STR("pwd"), STR("token"), STR("apikey"),
	STR("api_key"), STR("api-key"), STR("key"), STR("value"), STR("text"), STR("plain"), STR("changeme"),
	STR("change_me"), STR("change-me"), STR("changeit"), STR("changethis"), STR("todo"), STR("fixme"),
	STR("tbd"), STR("n/a"), STR("foo"), STR("bar"), STR("baz"), STR("foobar"), STR("xxx"), STR("..."),
	STR("newpassword"), STR("new_password"), STR("new-password"), STR("oldpassword"), STR("old_password"),
	STR("mypassword"), STR("my_password"), STR("my-password"), STR("mysecret"), STR("my_secret"), STR("my-secret"),
	STR("mytoken"), STR("my_token"), STR("my-token"), STR("mysecretpassword"), STR("my-secret-pw"), STR("yourpassword"), STR("userpassword"),
	STR("user_password"), STR("dbpassword"), STR("db_password"), STR("db-password"), STR("root_password"), STR("rootpassword"),
	STR("admin_password"), STR("adminpassword"), STR("secretkey"), STR("secret_key"), STR("secret-key"), STR("access_key"),
	STR("accesskey"), STR("access_token"), STR("accesstoken"), STR("auth_token"), STR("authtoken"), STR("bearer"),
	STR("basic"), STR("disabled"), STR("enabled"), STR("unset"), STR("notset"), STR("not-set"), STR("file"), STR("env"), STR("vault"),
	STR("keychain"), STR("public"), STR("private"), STR("interactive"), STR("somepassword"), STR("some_password"), STR("thepassword"), STR("correcthorsebatterystaple"),
	STR("client_secret"), STR("client-secret"), STR("clientsecret"), STR("credentials"), STR("put your unique phrase here"), STR("unique"),
	STR("foobared"), STR("keyring"), STR("kwallet"), STR("libsecret"), STR("sample"), STR("user"), STR("username"), STR("random"), STR("enc"), STR("sha512"), STR("sha256"), STR("sha1"), STR("md5"), STR("blowfish"), STR("yescrypt"), STR("gost-yescrypt"), STR("sha-512"), STR("sha-256"), STR("sha512crypt"), STR("sha256crypt"), STR("bcrypt"), STR("bcrypt-a"), STR("kennwort"), STR("mot de passe"), STR("motdepasse"), STR("contrase\xc3\xb1""a"), STR("contrasena"), STR("senha"),
	STR("wachtwoord"), STR("has\xc5\x82o"), STR("l\xc3\xb6senord"), STR("adgangskode"), STR("passord"), STR("salasana"), STR("parola"),
	STR("heslo"), STR("jelsz\xc3\xb3"), STR("clave"), STR("\xd0\xbf\xd0\xb0\xd1\x80\xd0\xbe\xd0\xbb\xd1\x8c"), STR("\xe5\xaf\x86\xe7\xa0\x81"),
};
/* What stands anywhere in the example of a manual. */
static const struct str parts[] = {
	STR("example"), STR("placeholder"), STR("redacted"), STR("changeme"), STR("change_me"), STR("change-me"),
	STR("replace_me"), STR("replace-me"), STR("replaceme"), STR("replace_with"), STR("replace-with"),
	STR("your_"), STR("your-"), STR("_here"), STR("-here"), STR("insert_"), STR("insert-"), STR("<your"),
	STR("****"), STR("xxxx"), STR("....."), STR("not-a-real"), STR("not_a_real"), STR("notreal"), STR("dummy"), STR("fake"), STR("unique phrase"),
	STR("goes here"), STR("to_be_"), STR("to-be-"), STR("todo_"), STR("abcdefghijklmnopqrstuvwxyz"),
	STR("1234567890abcdef"), STR("0123456789abcdef"), STR("\xe2\x80\xa6"),
};
static const struct str starts[] = {
	STR("${"), STR("$("), STR("$env:"), STR("{{"), STR("<%"), STR("#{"), STR("%("), STR("!vault"), STR("!secret"), STR("!ref"),
	STR("!sub"), STR("!getatt"), STR("your"), STR("enter "), STR("enter_"), STR("insert "), STR("replace "), STR("exec:"), STR("file:"), STR("file://"),
	STR("fileb://"), STR("env:"), STR("env."), STR("fd:"), STR("vault:"), STR("secret:"), STR("ssm:"), STR("kms:"), STR("op://"), STR("enc["),
	STR("enc("), STR("sm://"), STR("ref+"), STR("arn:"), STR("projects/"), STR("secretref:"), STR("azurekeyvault"), STR("@microsoft.keyvault"),
	STR("process.env"), STR("os.environ"), STR("os.getenv"), STR("getenv"), STR("system.getenv"), STR("env("), STR("var."), STR("local."),
	STR("data."), STR("module."), STR("self."), STR("this."), STR("config."), STR("settings."), STR("secrets."), STR("vars."), STR("params."),
	STR("options."), STR("args."), STR("request."), STR("req."), STR("ctx."), STR("http://"), STR("https://"), STR("__"), STR("random("), STR("bcrypt:"),
	STR("secretsmanager:"), STR("{resolve:"), STR("/run/secrets"), STR("/etc/"), STR("/var/"), STR("/usr/"), STR("/home/"), STR("/root/"), STR("/opt/"),
	STR("/tmp/"), STR("./"), STR("../"), STR("~/"), STR("$home"), STR("/run/"), STR("/dev/"), STR("/mnt/"), STR("/path/"), STR("c:\\"), STR("@/"), STR("keyring:"), STR("pserver:"), STR("pk_live_"), STR("pk_test_"),
	STR("%s"), STR("read-host"), STR("get-"), STR("convertto-"), STR("new-object"), STR("[system."), STR("[environment]"), STR("required|"),
	STR("nullable|"), STR("sometimes|"), STR("bail|"), STR("autogenerate"), STR("anonymous"), STR("-anonymous"),
	/* Of the emulators of Azure Storage and Cosmos DB, the same everywhere. */
	STR("eby8vdm02xnocqflquwjpllmetlcdxj1ouzft50usrz6ifsufq2uverc"), STR("sw2ycwtib9zpoohopsmm"), STR("hash:"), STR("texthash:"), STR("lmdb:"), STR("btree:"), STR("regexp:"), STR("pcre:"), STR("c2y6ydjf5/r+ob0n8a7cgv30vrdjiwehlm+4qdu5de2nq9nduvtqobd4"),
};
static const struct str suffixes[] = {
	STR(".txt"), STR(".json"), STR(".yml"), STR(".yaml"), STR(".pem"), STR(".key"), STR(".crt"), STR(".cnf"), STR(".conf"), STR(".cfg"),
	STR(".ini"), STR(".jks"), STR(".p12"), STR(".pfx"), STR(".gpg"), STR(".asc"), STR(".env"), STR(".sh"), STR(".py"), STR(".js"), STR(".php"),
	STR(".html"), STR(".log"), STR(".xml"), STR(".md"), STR(".passwd"), STR(".htpasswd"), STR(".keytab"), STR(".secret"), STR(".toml"), STR(".csv"), STR(".cer"), STR(".pub"), STR("..."),
};
/* clang-format on */

static bool is_word(struct str s)
{
	for (size_t i = 0; i < COUNT(words); i++)
		if (str_ieq(s, words[i]))
			return true;
	return false;
}

/* "xxxxxxxx", "--------", "abababab", "12341234"? No: only one or two different characters. */
static bool is_monotonous(struct str s)
{
	char a = s.ptr[0], b = 0;

	for (size_t i = 1; i < s.len; i++) {
		if (s.ptr[i] == a || (b && s.ptr[i] == b))
			continue;
		if (b)
			return false;
		b = s.ptr[i];
	}
	return !b || s.len >= 8;
}

/* "PASSWORD", "DB_PASS", "TOKEN_VALUE": a name in capitals that stands for a value. */
static bool is_capital_name(struct str s)
{
	static const struct str names[] = { STR("PASS"), STR("TOKEN"), STR("SECRET"), STR("KEY"),
					    STR("PWD"),  STR("VALUE"), STR("YOUR"),   STR("USER") };
	bool named = false;

	for (size_t i = 0; i < s.len; i++)
		if (!(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') && s.ptr[i] != '_' && s.ptr[i] != '-')
			return false;
	for (size_t i = 0; i < COUNT(names); i++)
		named |= str_contains(s, names[i]);
	return named;
}

static bool is_name(struct str s)
{
	/* "@@NAME@@" */
	while (s.len > 1 && (*s.ptr == '%' || *s.ptr == '@') && s.ptr[s.len - 1] == *s.ptr)
		s = str_sub(s, 1, s.len - 1);
	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.ptr[i]) && s.ptr[i] != '_' && s.ptr[i] != '.')
			return false;
	return true;
}

/* "$NAME", "$1", "%NAME%", "@NAME@", "%s", "&name;", ":name" */
static bool is_variable(struct str s)
{
	char first = s.ptr[0], last = s.ptr[s.len - 1];
	size_t i = 1;

	if (s.len > 2 && ((first == '<' && last == '>') || (first == '{' && last == '}') ||
			  (first == '[' && last == ']') || (first == '(' && last == ')') ||
			  ((first == '%' || first == '@') && last == first &&
			   is_name(str_sub(s, 1, s.len - 1)))))
		return true;
	if (first == '%' && s.len == 2)
		return true;
	if (first != '$' && first != ':')
		return false;
	while (first == '$' && i < s.len && s.ptr[i] == '$')
		i++;
	while (i < s.len && (isalnum((unsigned char)s.ptr[i]) || s.ptr[i] == '_'))
		i++;
	return i == s.len && (first == '$' || s.len > 1);
}

bool secret_is_placeholder(struct str s)
{
	if (s.len < 3 || is_monotonous(s) || is_word(s) || is_capital_name(s) || is_variable(s))
		return true;
	for (size_t i = 0; i < COUNT(starts); i++)
		if (str_istarts(s, starts[i]) && !(str_ieq(starts[i], STR("your")) && s.len > 24))
			return true;
	for (size_t i = 0; i < COUNT(suffixes); i++)
		if (s.len > suffixes[i].len &&
		    str_ieq(str_sub(s, s.len - suffixes[i].len, s.len), suffixes[i]))
			return true;
	/* A long one is a key, and the search is not for free. */
	for (size_t i = 0; i < COUNT(parts) && s.len <= PLACEHOLDER_MAX; i++)
		if (secret_ifind(s, 0, parts[i]) >= 0)
			return true;
	s = str_sub(s, 0, PLACEHOLDER_MAX);
	return str_contains(s, STR("${")) || str_contains(s, STR("{{")) ||
	       str_contains(s, STR("$("));
}

bool secret_is_hash(struct str s)
{
	static const struct str heads[] = {
		STR("$1$"),       STR("$2a$"),        STR("$2b$"),
		STR("$2y$"),      STR("$5$"),         STR("$6$"),
		STR("$7$"),       STR("$y$"),         STR("$gy$"),
		STR("$apr1$"),    STR("$argon2"),     STR("$scrypt$"),
		STR("$pbkdf2"),   STR("pbkdf2"),      STR("scrypt$"),
		STR("argon2"),    STR("{ssha"),       STR("{sha"),
		STR("{crypt}"),   STR("{md5}"),       STR("{pbkdf2"),
		STR("{argon2"),   STR("{smd5}"),      STR("scram-sha-"),
		STR("sha1:"),     STR("sha256:"),     STR("sha512:"),
		STR("sha1-"),     STR("sha256-"),     STR("sha384-"),
		STR("sha512-"),   STR("md5:"),        STR("bcrypt_sha256$"),
		STR("bcrypt$"),   STR("$p$b"),        STR("$s$"),
		STR("{bcrypt}"),  STR("{noop}"),      STR("sha$"),
		STR("$sha"),      STR("{blf-crypt}"), STR("{sha512"),
		STR("aqicah"),    STR("e1ntsef9"),    STR("e1niqx0"),
		STR("e0nswvbuf"), STR("e01enx0"),     STR("$nt$"),
		STR("$3$"),       STR("$a$00"),
	};

	for (size_t i = 0; i < COUNT(heads); i++)
		if (str_istarts(s, heads[i]))
			return true;
	/* PostgreSQL's and MySQL's; what Sealed Secrets encrypt for a cluster. */
	return (s.len > 200 && (str_starts(s, STR("AgA")) || str_starts(s, STR("AgB")))) ||
	       (s.len == 35 && str_starts(s, STR("md5")) && secret_is_hex(str_sub(s, 3, 35))) ||
	       (s.len == 41 && s.ptr[0] == '*' && secret_is_hex(str_sub(s, 1, 41)));
}

/* "1.302103", "10.0.0.7" */
static bool is_version(struct str s)
{
	size_t dots = 0;

	for (size_t i = 0; i < s.len; i++) {
		dots += s.ptr[i] == '.';
		if (s.ptr[i] != '.' && !isdigit((unsigned char)s.ptr[i]))
			return false;
	}
	return dots;
}

/* "@file", as many programs have it */
static bool is_file(struct str s)
{
	if (s.len < 2 || s.ptr[0] != '@')
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!islower((unsigned char)s.ptr[i]) && !strchr("_-./", s.ptr[i]))
			return false;
	return true;
}

/* "random_password.db.result" */
static bool is_reference(struct str s)
{
	size_t dots = 0;

	for (size_t i = 0; i < s.len; i++) {
		dots += s.ptr[i] == '.';
		if (!islower((unsigned char)s.ptr[i]) && s.ptr[i] != '.' && s.ptr[i] != '_')
			return false;
	}
	return dots >= 2;
}

/* What an expression of a programming language is made of, and no value. */
static bool is_expression(struct str s)
{
	static const struct str marks[] = { STR("()"), STR("->"), STR("=>"), STR("::"),
					    STR("&&"), STR("||"), STR("${"), STR(" == ") };
	char last = s.ptr[s.len - 1];

	if (s.len > 1 && (last == '(' || last == '[') &&
	    (isalnum((unsigned char)s.ptr[s.len - 2]) || s.ptr[s.len - 2] == '_'))
		return true;
	s = str_sub(s, 0, PLACEHOLDER_MAX);
	for (size_t i = 0; i < COUNT(marks); i++)
		if (str_contains(s, marks[i]))
			return true;
	/* call(…), list[…] */
	for (size_t i = 1; i < s.len; i++)
		if ((s.ptr[i] == '(' || s.ptr[i] == '[') && isalnum((unsigned char)s.ptr[i - 1]) &&
		    (last == ')' || last == ']' || last == ';' || str_find(s, ')') < 0))
			return true;
	return false;
}

/* Keys are made by machines, or are at least long; a name with joints is none. */
static bool is_key(struct str s, enum secret_source source)
{
	struct makeup m = secret_makeup(s);

	if (s.len < (source == SOURCE_TYPED ? 4 : 6) || (secret_is_number(s) && s.len < 16))
		return false;
	if (secret_is_uuid(s))
		return secret_entropy(s) > 2.8;
	if (!m.digits && !m.others)
		return secret_is_drawn(s) ||
		       (!m.joints && s.len >= 8 && (source != SOURCE_CODE || s.len >= 12));
	if (source == SOURCE_CODE)
		return s.len >= 8 && secret_entropy(s) > 2.5 &&
		       !(m.joints && str_find(s, ' ') >= 0);
	return s.len < 12 || secret_entropy(s) > 2.2;
}

static bool is_password(struct str s, enum secret_source source)
{
	struct makeup m = secret_makeup(s);

	if (source == SOURCE_TYPED)
		return !secret_is_number(s) || s.len > 3;
	if (secret_is_number(s) && s.len < 4)
		return false;
	if (secret_is_uuid(s))
		return secret_entropy(s) > 2.8;
	if (source == SOURCE_NAMED)
		return true;
	/* In a program's text a phrase or a name is what a label or a key of a table looks like. */
	return s.len >= 4 && (m.digits || m.others || (!m.joints && s.len >= 6) ||
			      secret_is_phrase(s) || (m.lower && secret_is_drawn(s)));
}

bool secret_value(struct str s, enum secret_class class, enum secret_source source)
{
	if (!s.len || s.len > VALUE_MAX || secret_is_placeholder(s) || secret_is_hash(s))
		return false;
	if (source != SOURCE_TYPED && (is_expression(s) || is_version(s) || is_reference(s) ||
				       is_file(s) || strchr("[{(<", s.ptr[0])))
		return false;
	if (source != SOURCE_TYPED && (secret_is_date(s) || secret_is_sentence(s) ||
				       str_eq(s, STR("test")) || str_eq(s, STR("testing"))))
		return false;
	if (source != SOURCE_TYPED && s.ptr[0] == '$' &&
	    (isalpha((unsigned char)s.ptr[1]) || s.ptr[1] == '_'))
		return false;
	return class == CLASS_KEY ? is_key(s, source) : is_password(s, source);
}
