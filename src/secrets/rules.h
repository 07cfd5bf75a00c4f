/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules: rules of the user's own, in the dialect of gitleaks' TOML: [[rules]] with id, description,
 * regex, secretGroup, entropy, keywords, path, and allowlists. What cannot be read is named with
 * its line and left out.
 */
#ifndef HF_SECRETS_RULES_H
#define HF_SECRETS_RULES_H

#include "base/arena.h"
#include "base/diag.h"

struct secret_line;
struct user_rules;

#define USER_RULES_MAX 2000
#define USER_RULES_BYTES ((size_t)4 << 20)

typedef void user_rules_note(void *user, unsigned line, const char *reason);

/* Everything lives in the arena. -EBADMSG: not this dialect at all, see *d; -ENOMEM. */
[[nodiscard]] int user_rules_parse(struct str text, struct arena *a, user_rules_note *note,
				   void *user, struct user_rules **ret, struct diag *d);
/* A rule has no keyword that is long enough: every line is to be looked at. */
bool user_rules_every_line(const struct user_rules *r);
size_t user_rules_count(const struct user_rules *r);
/* Words of which one stands in every line that a rule can match. */
void user_rules_words(const struct user_rules *r, struct str **ret, size_t *ret_n);
[[nodiscard]] int user_rules_line(const struct user_rules *r, struct str path,
				  struct secret_line *l);

#endif
