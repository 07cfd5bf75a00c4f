/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/looks.h"

#include <ctype.h>

#include "secrets/value.h"

struct makeup secret_makeup(struct str s)
{
	struct makeup m = {};

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c >= 'a' && c <= 'z')
			m.lower++;
		else if (c >= 'A' && c <= 'Z')
			m.upper++;
		else if (c >= '0' && c <= '9')
			m.digits++;
		else if (c == '-' || c == '_' || c == '.' || c == ' ' || c == '/' || c == ':')
			m.joints++;
		else
			m.others++;
	}
	return m;
}

/* Capitals among small letters, and consonants that nobody could speak: no name is spelt so. */
bool secret_is_drawn(struct str s)
{
	size_t turns = 0, run = 0, longest = 0;

	for (size_t i = 0; i < s.len; i++) {
		bool vowel = strchr("aeiouyAEIOUY", s.ptr[i]) != NULL;

		run = isalpha((unsigned char)s.ptr[i]) && !vowel ? run + 1 : 0;
		longest = MAX(longest, run);
		turns += i && isupper((unsigned char)s.ptr[i]) &&
			 islower((unsigned char)s.ptr[i - 1]);
	}
	return s.len >= 12 && turns >= 2 && longest >= 5 && str_find(s, ' ') < 0 &&
	       secret_entropy(s) > 3.2;
}

/* What the names of fields, labels and texts of a program are made of. */
static bool is_interface_word(struct str s)
{
	static const struct str list[] = {
		STR("password"), STR("passwd"),   STR("input"),     STR("field"),
		STR("form"),     STR("label"),    STR("error"),     STR("button"),
		STR("btn"),      STR("text"),     STR("user"),      STR("login"),
		STR("reset"),    STR("forgot"),   STR("confirm"),   STR("current"),
		STR("new"),      STR("old"),      STR("icon"),      STR("toggle"),
		STR("show"),     STR("hide"),     STR("page"),      STR("modal"),
		STR("dialog"),   STR("message"),  STR("control"),   STR("invalid"),
		STR("required"), STR("strength"), STR("secret"),    STR("token"),
		STR("key"),      STR("auth"),     STR("the"),       STR("name"),
		STR("value"),    STR("type"),     STR("api"),       STR("access"),
		STR("change"),   STR("update"),   STR("set"),       STR("create"),
		STR("group"),    STR("account"),  STR("client"),    STR("service"),
		STR("config"),   STR("default"),  STR("your"),      STR("credentials"),
		STR("session"),  STR("wrapper"),  STR("container"),
	};

	for (size_t i = 0; i < COUNT(list); i++)
		if (str_ieq(s, list[i]))
			return true;
	return false;
}

/* "correct-horse-battery-staple": four words or more that no interface has. */
bool secret_is_phrase(struct str s)
{
	char joint = 0;
	size_t n = 0;

	for (size_t i = 0; i < s.len && !joint; i++)
		if (!isalpha((unsigned char)s.ptr[i]))
			joint = s.ptr[i];
	if ((joint != '-' && joint != '_' && joint != '.') || s.len < 18)
		return false;
	while (s.ptr) {
		struct str w = str_cut(&s, joint);

		if (w.len < 3 || w.len > 9 || is_interface_word(w) || secret_makeup(w).joints ||
		    (joint == '.' && !secret_makeup(w).upper))
			return false;
		n++;
	}
	return n >= 4;
}

/* "2024-01-31" */
bool secret_is_date(struct str s)
{
	if (s.len != 10 || s.ptr[4] != '-' || s.ptr[7] != '-')
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (i != 4 && i != 7 && !isdigit((unsigned char)s.ptr[i]))
			return false;
	return true;
}

/* "At least 12 characters", "Invalid password" */
bool secret_is_sentence(struct str s)
{
	static const struct str nouns[] = { STR("password"),   STR("token"), STR("secret"),
					    STR("passphrase"), STR("key"),   STR("credentials") };
	size_t n = 0;
	bool named = false;

	if (!isupper((unsigned char)*s.ptr) || str_find(s, ' ') < 0)
		return false;
	while (s.ptr) {
		struct str w = str_cut(&s, ' ');
		struct makeup m = secret_makeup(w);

		if (w.len && strchr(".,:?!", w.ptr[w.len - 1]))
			w.len--;
		if (!w.len || (m.digits && m.digits != w.len) || m.others > 1 || (n && m.upper))
			return false;
		for (size_t i = 0; i < COUNT(nouns); i++)
			named |= str_ieq(w, nouns[i]);
		n++;
	}
	return n > 2 || named;
}

/* A password among words that could be prose: letters and digits, and no name of anything. */
bool secret_is_chosen(struct str s)
{
	static const struct str methods[] = { STR("sha"), STR("md5"),  STR("aes"),   STR("des"),
					      STR("rfc"), STR("pam_"), STR("ntlm"),  STR("pbkdf"),
					      STR("utf"), STR("ipv"),  STR("oauth"), STR("http") };
	bool digit = false, letter = false, other = false;

	if (s.len < 6 || s.len > 80 || strchr("$*@", *s.ptr) || strchr(".,:;)?", s.ptr[s.len - 1]))
		return false;
	for (size_t i = 0; i < COUNT(methods); i++)
		if (str_istarts(s, methods[i]))
			return false;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		digit |= isdigit(c) != 0;
		letter |= isalpha(c) != 0;
		other |= i && i + 1 < s.len && strchr("!@#$%^&*+~", c);
		other |= i && c == '!';
		if (c == '/' || c == '(' || c == '=' || c == '<' || c == ' ' || c == '"' ||
		    c == '\\' || c >= 0x80)
			return false;
	}
	/* "12-character" */
	if (isdigit((unsigned char)s.ptr[0]) && str_find(s, '-') > 0)
		return false;
	return secret_is_phrase(s) ||
	       (letter && (digit || other) && secret_value(s, CLASS_PASSWORD, SOURCE_CODE));
}
