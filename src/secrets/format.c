/* SPDX-License-Identifier: GPL-3.0-or-later */
/* format: files that hold secrets in a form of their own. */
#include "secrets/line.h"
#include "secrets/value.h"

/* libedit writes a blank as "\040". */
static int octal(struct secret_line *l, struct str *text)
{
	char *out;
	uint32_t *raw;
	size_t n = 0;
	int r;

	if (!str_contains(*text, STR("\\0")))
		return 0;
	r = secret_decode(l, text->len, &out, &raw);
	if (r < 0)
		return r;
	for (size_t i = 0; i < text->len; i++) {
		uint64_t code;

		raw[n] = (uint32_t)i;
		if (text->ptr[i] == '\\' && i + 3 < text->len &&
		    str_to_u64(str_sub(*text, i + 1, i + 4), 8, &code) >= 0) {
			out[n++] = (char)code;
			i += 3;
		} else {
			out[n++] = text->ptr[i];
		}
	}
	*text = secret_decoded_end(l, n);
	return 0;
}

int secret_sql_history(struct secret_line *l)
{
	struct str text = l->text;
	int r = octal(l, &text);

	if (r >= 0)
		r = secret_anywhere(l, text);
	if (r >= 0)
		r = secret_statement(l, text);
	return r < 0 ? r : secret_pairs(l, text, GRAMMAR_CODE);
}

static int stored(struct secret_line *l, struct str value)
{
	if (!secret_value(value, CLASS_PASSWORD, SOURCE_NAMED))
		return 0;
	return secret_found(l, "stored-password", value);
}

/* .netrc: "machine host login name password secret", over any number of lines. */
int secret_netrc(struct secret_line *l)
{
	struct str rest = l->text, word;
	int r = 0;

	while (r >= 0 && (word = str_quoted_word(&rest)).ptr) {
		if (!str_eq(word, STR("password")) && !str_eq(word, STR("passwd")))
			continue;
		word = str_quoted_word(&rest);
		r = word.ptr ? stored(l, word) : 0;
	}
	return r;
}

/* host:port:database:user:password with "\:" and "\\". */
int secret_pgpass(struct secret_line *l)
{
	unsigned fields = 0;

	if (str_starts(l->text, STR("#")))
		return 0;
	for (size_t i = 0; i < l->text.len; i++) {
		if (l->text.ptr[i] == '\\')
			i++;
		else if (l->text.ptr[i] == ':' && ++fields == 4)
			return stored(l, str_sub(l->text, i + 1, l->text.len));
	}
	return 0;
}

/* "  - name:secret" or "name:secret" below "chpasswd:"; "R" and "RANDOM" are drawn. */
int secret_chpasswd(struct secret_line *l)
{
	struct str line = str_trim(l->text);
	ssize_t at;

	if (str_starts(line, STR("- ")))
		line = str_trim(str_sub(line, 2, line.len));
	line = str_unquote(line);
	at = str_find(line, ':');
	if (at <= 0 || (size_t)at + 1 >= line.len || line.ptr[at + 1] == ' ')
		return 0;
	line = str_sub(line, (size_t)at + 1, line.len);
	if (str_eq(line, STR("R")) || str_eq(line, STR("RANDOM")))
		return 0;
	return stored(l, line);
}

/* The token that Vault's client keeps is all that its file holds. */
int secret_whole_file(struct secret_line *l)
{
	struct str text = str_trim(l->text);

	if (text.len < 20 || str_find(text, ' ') >= 0 ||
	    !secret_value(text, CLASS_KEY, SOURCE_NAMED))
		return 0;
	return secret_found(l, l->kind, text);
}
