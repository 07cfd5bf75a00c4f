/* SPDX-License-Identifier: GPL-3.0-or-later */
/* settings_secret: passwords and the like are judged where they are read, and never kept. */
#include "facts/linux/settings_syntax.h"

/* Endings of the last component of a name, without '-', '_' and blanks. */
static const struct str secret_endings[] = {
	STR("password"),  STR("passwd"),    STR("passphrase"),  STR("secret"),
	STR("secretkey"), STR("rootpw"),    STR("requirepass"), STR("masterauth"),
	STR("token"),     STR("apikey"),    STR("accesskey"),   STR("defaultpw"),
	STR("sharedkey"), STR("community"), STR("pass"),        STR("encryptionkey"),
};

/* Names that end like one and are none. */
static const struct str harmless[] = {
	STR("validatepassword"), STR("nullpasswords"), STR("disconnectonexpiredpassword"),
	STR("skipshowdatabase"), STR("syncpassword"),  STR("httpproxypass"),
	STR("proxypass"),        STR("simplepass"),    STR("bypass"),
	STR("strictpassword"),
};

/* The last dotted component in lower case without '-', '_' and blanks. */
static struct str plain_name(struct str name, char *buf, size_t size)
{
	size_t n = 0;

	name = str_sub(name, (size_t)(str_rfind(name, '.') + 1), name.len);
	for (size_t i = 0; i < name.len && n < size; i++) {
		char c = name.ptr[i];

		if (c == '-' || c == '_' || c == ' ')
			continue;
		buf[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	}
	return (struct str){ buf, n };
}

bool setting_is_secret(struct str name)
{
	char buf[128];
	struct str plain = plain_name(name, buf, sizeof buf);

	for (size_t i = 0; i < COUNT(harmless); i++)
		if (str_ends(plain, harmless[i]))
			return false;
	for (size_t i = 0; i < COUNT(secret_endings); i++)
		if (str_ends(plain, secret_endings[i]))
			return true;
	return false;
}

static bool is_default_community(struct str s)
{
	return str_eq(s, STR("public")) || str_eq(s, STR("private"));
}

/* snmpd.conf(5): the community or pass phrase is the first, third or any later word. */
static int redact_snmp(struct arena *a, struct setting *s)
{
	struct str rest = s->value, one = str_quoted_word(&rest), two, community;

	if (str_starts(s->name, STR("rocommunity")) || str_starts(s->name, STR("rwcommunity")) ||
	    str_eq(s->name, STR("authcommunity")) || str_eq(s->name, STR("trapcommunity"))) {
		s->value =
			arena_fmt(a, "%s%s%.*s", is_default_community(one) ? "(default)" : "(set)",
				  str_trim(rest).len ? " " : "", STR_FMT(str_trim(rest)));
	} else if (str_starts(s->name, STR("com2sec"))) {
		two = str_quoted_word(&rest);
		if (str_eq(one, STR("-Cn"))) { /* -Cn CONTEXT NAME SOURCE COMMUNITY */
			one = str_quoted_word(&rest);
			two = str_quoted_word(&rest);
		}
		community = str_quoted_word(&rest);
		s->value = arena_fmt(a, "%.*s %.*s %s", STR_FMT(one), STR_FMT(two),
				     is_default_community(community) ? "(default)" : "(set)");
	} else if (str_eq(s->name, STR("createuser")) || str_eq(s->name, STR("trapsess")) ||
		   str_starts(s->name, STR("trap")) || str_eq(s->name, STR("informsink"))) {
		s->value = arena_fmt(a, "%.*s%s", STR_FMT(one), str_trim(rest).len ? " (set)" : "");
	}
	return s->value.ptr ? 0 : -ENOMEM;
}

/* Redis ACL: ">password", "<password", "#hash" and "!hash" among the words of "user". */
static int redact_acl(struct arena *a, struct setting *s)
{
	struct str rest = s->value, word;
	char *out = arena_alloc(a, s->value.len * 3 + 8);
	size_t n = 0;

	if (!out)
		return -ENOMEM;
	while ((word = str_word(&rest)).ptr) {
		if (word.len > 1 && strchr("><#!", word.ptr[0]))
			word = word.ptr[0] == '>' ? STR(">(set)") : STR("#(set)");
		if (n)
			out[n++] = ' ';
		memcpy(out + n, word.ptr, word.len);
		n += word.len;
	}
	s->value = (struct str){ out, n };
	return 0;
}

static int redact_after_first(struct arena *a, struct setting *s)
{
	struct str rest = s->value, first = str_word(&rest);

	s->value = arena_fmt(a, "%.*s%s", STR_FMT(first), str_trim(rest).len ? " (set)" : "");
	return s->value.ptr ? 0 : -ENOMEM;
}

/* Length of "password=" or the like at the start, as connection strings have it; 0: none. */
static size_t inline_key(struct str s)
{
	static const struct str keys[] = { STR("password="), STR("passwd="), STR("pwd="),
					   STR("secret="),   STR("token="),  STR("pass=") };

	for (size_t k = 0; k < COUNT(keys); k++)
		if (str_istarts(s, keys[k]))
			return keys[k].len;
	return 0;
}

static size_t inline_value(struct str s)
{
	size_t n = 0;

	if (s.len && (s.ptr[0] == '"' || s.ptr[0] == '\'')) {
		ssize_t end = str_find(str_sub(s, 1, s.len), s.ptr[0]);

		return end < 0 ? s.len : (size_t)end + 2;
	}
	while (n < s.len && !strchr(" \t,;&'\"", s.ptr[n]))
		n++;
	return n;
}

/* "host=db password=x" -> "host=db password=(set)" */
static int redact_inline(struct arena *a, struct setting *s)
{
	struct str v = s->value, mark = STR("(set)");
	size_t n = 0, i = 0;
	char *out;

	if (str_find(v, '=') < 0)
		return 0;
	out = arena_alloc(a, v.len * 3 + 16);
	if (!out)
		return -ENOMEM;
	while (i < v.len) {
		size_t key = inline_key(str_sub(v, i, v.len));

		if (!key) {
			out[n++] = v.ptr[i++];
			continue;
		}
		memcpy(out + n, v.ptr + i, key);
		n += key;
		memcpy(out + n, mark.ptr, mark.len);
		n += mark.len;
		i += key;
		i += inline_value(str_sub(v, i, v.len));
	}
	s->value = (struct str){ out, n };
	return 0;
}

/* "scheme://user:password@host" -> "scheme://(set)@host" */
static int redact_url(struct arena *a, struct setting *s)
{
	const char *p = s->value.len ? memmem(s->value.ptr, s->value.len, "://", 3) : NULL;
	struct str head, tail, user;
	size_t end = 0;
	ssize_t at;

	if (!p)
		return 0;
	head = str_sub(s->value, 0, (size_t)(p - s->value.ptr) + 3);
	tail = str_sub(s->value, head.len, s->value.len);
	while (end < tail.len && !strchr("/ ,\"'", tail.ptr[end]))
		end++;
	at = str_rfind(str_sub(tail, 0, end), '@');
	user = str_sub(tail, 0, (size_t)MAX(at, 0));
	if (str_find(user, ':') < 0)
		return 0;
	s->value = arena_cat(a, head, STR("(set)"), str_sub(tail, (size_t)at, tail.len));
	return s->value.ptr ? 0 : -ENOMEM;
}

int setting_redact(struct str service, struct arena *a, struct setting *s)
{
	static const struct {
		struct str service, name;
		int (*redact)(struct arena *a, struct setting *s);
	} special[] = {
		{STR("redis"),    STR("user"),            redact_acl        },
		{ STR("redis"),   STR("rename-command"),  redact_after_first},
		{ STR("proftpd"), STR("sqlconnectinfo"),  redact_after_first},
		{ STR("proftpd"), STR("ldapbinddn"),      redact_after_first},
		{ STR("squid"),   STR("cachemgr_passwd"), redact_after_first},
	};
	int r;

	if (str_eq(service, STR("snmpd")))
		return redact_snmp(a, s);
	for (size_t i = 0; i < COUNT(special); i++)
		if (str_eq(service, special[i].service) && str_eq(s->name, special[i].name))
			return special[i].redact(a, s);
	if (setting_is_secret(s->name)) {
		s->value = s->value.len ? STR("(set)") : STR("(empty)");
		return 0;
	}
	r = redact_inline(a, s);
	return r ? r : redact_url(a, s);
}
