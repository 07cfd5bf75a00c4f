/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/key.h"

#include <ctype.h>

#include "secrets/value.h"

static bool in_base64(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '/' || c == '=';
}

/* The next run of characters of base 64; line feeds may be written as "\n". */
static struct str next_run(struct str *s)
{
	size_t from = 0, to;

	while (from < s->len) {
		if (s->ptr[from] == '\\' && from + 1 < s->len && strchr("nr", s->ptr[from + 1]))
			from += 2;
		else if (in_base64(s->ptr[from]))
			break;
		else
			from++;
	}
	for (to = from; to < s->len && in_base64(s->ptr[to]);)
		to++;
	*s = str_sub(*s, from, s->len);
	return str_sub(*s, 0, to - from);
}

/*
 * OpenSSH's PROTOCOL.key: the name of the cipher follows "openssh-key-v1\0" and its length; "none"
 * in base 64, where it stands, is "AAAABG5vbmU".
 */
static enum key_state openssh(struct str body)
{
	struct str run = next_run(&body);

	if (!str_starts(run, STR("b3BlbnNzaC1rZXktdjEA")))
		return KEY_OPEN;
	return str_starts(str_sub(run, 20, run.len), STR("AAAABG5vbmU")) || run.len < 31
		       ? KEY_OPEN
		       : KEY_ENCRYPTED;
}

static enum key_state putty(struct str text)
{
	ssize_t at = secret_ifind(str_sub(text, 0, 512), 0, STR("encryption:"));
	struct str line;

	if (at < 0)
		return KEY_NONE;
	text = str_sub(text, (size_t)at + 11, text.len);
	if (!str_line(&text, &line, NULL))
		return KEY_NONE;
	return str_eq(str_trim(line), STR("none")) ? KEY_OPEN : KEY_ENCRYPTED;
}

enum key_state key_state(struct str text, size_t behind)
{
	struct str head = str_sub(text, 0, behind), body = str_sub(text, behind, KEY_LOOK), run;

	if (str_starts(text, STR("PuTTY-")))
		return putty(text);
	if (str_contains(head, STR("ENCRYPTED")) ||
	    str_contains(str_sub(body, 0, 300), STR("ENCRYPTED")))
		return KEY_ENCRYPTED;
	/* PGP's tells only in its packets; what it exports has a pass phrase where its owner has one. */
	if (str_contains(head, STR("OPENSSH")))
		return openssh(body);
	run = str_trim(body);
	if (!run.len || str_starts(body, STR("\n")) || str_starts(body, STR("\r")))
		return KEY_OPEN;
	return next_run(&body).len >= 16 ? KEY_OPEN : KEY_NONE;
}
