/* SPDX-License-Identifier: GPL-3.0-or-later */
/* value: which names are those of secrets, and which values are none. Pure. */
#ifndef HF_SECRETS_VALUE_H
#define HF_SECRETS_VALUE_H

#include "base/str.h"

/* What the name of a thing says about it. */
enum secret_class {
	CLASS_NONE,
	CLASS_PASSWORD, /* people choose it: a word will do */
	CLASS_KEY,      /* machines make it: keys, tokens, secrets */
};
/* "DB_PASSWORD", "client-secret", "apiKey" …; not "PASSWORD_FILE". */
enum secret_class secret_name(struct str name);
/* "NEO4J_AUTH", "basicauth.users": "name:secret" stands beside it. */
bool secret_name_of_pair(struct str name);
/* The kind for a name: aws-key, azure-key, github-token or `fallback`. */
const char *secret_name_kind(struct str name, const char *fallback);

/* How sure it is that there is a secret at all. */
enum secret_source {
	SOURCE_TYPED, /* the grammar of a program says so */
	SOURCE_NAMED, /* stands beside the name of one, in a file of settings */
	SOURCE_CODE,  /* in a program's text */
};
bool secret_value(struct str value, enum secret_class class, enum secret_source source);
/* A variable, a template, an example, a word that says that something is to be put there. */
bool secret_is_placeholder(struct str value);
/* Of crypt(3), LDAP, databases; digests with their name. */
bool secret_is_hash(struct str value);
bool secret_is_uuid(struct str s);
bool secret_is_hex(struct str s);
/* A password as people choose them, and no word of prose: letters and digits or marks. */
bool secret_is_chosen(struct str s);
bool secret_is_number(struct str s);
/* Bits a character (Shannon 1948). */
double secret_entropy(struct str s);

/* Offset of needle (lower case) from `from` on, in any case; -1 where there is none. */
ssize_t secret_ifind(struct str s, size_t from, struct str needle);

/* "p@****3!"; "****" for what is shorter than eight characters. */
struct secret_mask {
	char text[24];
};
struct secret_mask secret_mask(struct str value);

#endif
