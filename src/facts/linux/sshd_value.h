/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd_value: words of a line of sshd_config, checked and written as `sshd -T` writes them. */
#ifndef HF_FACTS_LINUX_SSHD_VALUE_H
#define HF_FACTS_LINUX_SSHD_VALUE_H

#include "facts/linux/sshd_keyword.h"

struct sshd_value {
	const struct sshd_build *build;
	const struct sshd_keyword *keyword;
	struct arena *arena;
	struct str raw;       /* the line behind the keyword */
	const struct str *in; /* its words */
	size_t n_in, at;
	struct str *out; /* normalised values */
	size_t n_out, cap_out;
	struct str interval; /* RekeyLimit's second value */
	bool force;          /* replaces what earlier lines set */
	char why[160];       /* why sshd refuses it */
};

/* 0; -EINVAL (v->why is set); -ENOMEM. */
[[nodiscard]] int sshd_value_parse(struct sshd_value *v);

/*
 * Words as sshd splits them: quotes, backslashes and comments since 8.7, before that quotes and
 * one '=' between words. -EINVAL: quotes that do not close.
 */
[[nodiscard]] int sshd_split(struct str text, unsigned version, bool keep_equals, struct arena *a,
			     struct str **ret, size_t *ret_n);
/* The first word, which ends at blanks, '"' or one '='; *text moves behind it. ptr == NULL where
 * a quote does not close or nothing is left. */
struct str sshd_delimited(struct str *text, bool split_equals, struct arena *a);

/* Seconds of "1h30m": -EINVAL otherwise. */
[[nodiscard]] int sshd_time(struct str s, int64_t *ret);
/* A port's number or well-known name; 0 is a number. */
[[nodiscard]] int sshd_port(struct str s, int64_t *ret);

#endif
