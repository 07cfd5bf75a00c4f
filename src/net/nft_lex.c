/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words and signs of nft(8) files; variables and includes are replaced here. */
#include "net/nft_parse.h"

#define BYTES_MAX ((size_t)16 << 20) /* of all sources: variables may double each other */
#define TOKENS_MAX 4'000'000

int nft_fail(struct nft_parser *p, int error, const char *why)
{
	if (p->error >= 0) {
		p->error = error;
		diag_set(p->d, error, arena_cstr(&p->arena, p->now.file), p->now.line, "%s", why);
	}
	p->now = (struct nft_token){ .type = NFT_END, .file = p->now.file, .line = p->now.line };
	return p->error;
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_.*@$\\:/[]+-~%'", c)) || (c & 0x80);
}

static void skip_blanks(struct nft_source *s)
{
	for (;;) {
		struct str *rest = &s->rest;

		if (rest->len &&
		    (rest->ptr[0] == ' ' || rest->ptr[0] == '\t' || rest->ptr[0] == '\r')) {
			*rest = str_sub(*rest, 1, rest->len);
		} else if (str_starts(*rest, STR("\\\n"))) {
			*rest = str_sub(*rest, 2, rest->len);
			s->line++;
		} else if (rest->len && rest->ptr[0] == '#') {
			ssize_t end = str_find(*rest, '\n');

			*rest = str_sub(*rest, end < 0 ? rest->len : (size_t)end, rest->len);
		} else {
			return;
		}
	}
}

static size_t count(struct str s, char c)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == c;
	return n;
}

/* "22:" and "10.0.0.1:80" are two words and a sign, "2001:db8::1" is one word. */
static size_t word_length(struct str s)
{
	size_t n = 0;
	ssize_t colon;
	struct str word;

	while (n < s.len && is_word_char(s.ptr[n]))
		n++;
	word = str_sub(s, 0, n);
	colon = str_find(word, ':');
	if (word.ptr[0] == '[') {
		ssize_t close = str_find(word, ']');

		return close < 0 ? n : (size_t)close + 1;
	}
	if (colon < 0)
		return n;
	if (count(word, ':') == 1)
		return colon ? (size_t)colon : 1;
	if (str_ends(word, STR(":")) && !str_ends(word, STR("::")))
		return n - 1;
	return n;
}

static size_t sign_length(struct str s)
{
	static const struct str two[] = { STR("=="), STR("!="), STR("<="),
					  STR(">="), STR("<<"), STR(">>") };

	for (size_t i = 0; i < COUNT(two); i++)
		if (str_starts(s, two[i]))
			return 2;
	return 1;
}

/* Signs that may also be part of a word are signs where they stand alone. */
static bool is_lone_sign(struct str s, size_t n)
{
	return n == 1 && s.ptr[0] && strchr(".:/-+*", s.ptr[0]);
}

static void take_string(struct nft_source *s, struct nft_token *t)
{
	size_t n = 1;

	while (n < s->rest.len && s->rest.ptr[n] != '"' && s->rest.ptr[n] != '\n')
		n++;
	t->type = NFT_STRING;
	t->text = str_sub(s->rest, 1, n);
	n += n < s->rest.len && s->rest.ptr[n] == '"';
	s->rest = str_sub(s->rest, n, s->rest.len);
}

static void take_token(struct nft_source *s, struct nft_token *t)
{
	char c = s->rest.ptr[0];
	size_t n = 1;

	*t = (struct nft_token){ .type = NFT_SIGN, .line = s->line, .file = s->file };
	if (c == '"') {
		take_string(s, t);
		return;
	}
	if (c == '\n' || c == ';') {
		t->type = NFT_LINE;
		s->line += c == '\n';
	} else if (is_word_char(c)) {
		n = word_length(s->rest);
		if (!is_lone_sign(s->rest, n))
			t->type = NFT_WORD;
	} else {
		n = sign_length(s->rest);
	}
	t->text = str_sub(s->rest, 0, n);
	s->rest = str_sub(s->rest, n, s->rest.len);
}

static void push(struct nft_parser *p, struct nft_source source)
{
	p->bytes += source.rest.len;
	if (source.depth > NFT_NESTED_MAX)
		nft_fail(p, -ELOOP, "includes or variables more than 16 deep");
	else if (p->n_sources == NFT_SOURCES_MAX)
		nft_fail(p, -E2BIG, "too many files");
	else if (p->bytes > BYTES_MAX)
		nft_fail(p, -E2BIG, "more than 16 MiB");
	else
		p->sources[p->n_sources++] = source;
}

static unsigned depth(const struct nft_parser *p)
{
	return p->n_sources ? p->sources[p->n_sources - 1].depth : 0;
}

static void push_variable(struct nft_parser *p, struct str name)
{
	const struct nft_source *s = &p->sources[p->n_sources - 1];

	/* a definition has the values of those before it, whatever they become later */
	for (size_t i = s->variable ? s->define : p->n_defines; i--;)
		if (str_eq(p->defines[i].name, name) && !p->defines[i].value.ptr) {
			break;
		} else if (str_eq(p->defines[i].name, name)) {
			push(p, (struct nft_source){ .rest = p->defines[i].value,
						     .file = p->now.file,
						     .line = p->now.line,
						     .depth = depth(p) + 1,
						     .define = i,
						     .variable = true });
			return;
		}
	nft_fail(p, -EBADMSG, "a variable that is not defined");
}

/* Files in their order: the first lies on top. */
static void push_include(struct nft_parser *p)
{
	struct nft_text_file *files = NULL;
	unsigned below = depth(p) + 1;
	struct str pattern;
	size_t n = 0;
	int r;

	nft_next(p);
	pattern = p->now.text;
	if (p->now.type != NFT_STRING || !p->in->include) {
		nft_fail(p, -EBADMSG, "an include that cannot be followed");
		return;
	}
	r = p->in->include(p->in->user, pattern, p->now.file, &files, &n);
	if (r < 0)
		nft_fail(p, r == -ENOMEM ? r : -EBADMSG, "an include that cannot be read");
	for (size_t i = n; p->error >= 0 && i--;)
		push(p, (struct nft_source){ .rest = files[i].text,
					     .file = files[i].path,
					     .line = 1,
					     .depth = below });
	if (p->error >= 0)
		p->now.type = NFT_LINE;
}

void nft_next(struct nft_parser *p)
{
	while (p->error >= 0 && p->n_sources) {
		struct nft_source *s = &p->sources[p->n_sources - 1];
		bool variable = s->variable;

		if (++p->tokens > TOKENS_MAX) {
			nft_fail(p, -E2BIG, "too many words");
			break;
		}
		skip_blanks(s);
		if (!s->rest.len) {
			p->n_sources--;
			if (variable)
				continue;
			p->now = (struct nft_token){
				.type = NFT_LINE, .text = s->rest, .line = s->line, .file = s->file
			};
			return;
		}
		take_token(s, &p->now);
		if (p->now.type != NFT_WORD || !str_starts(p->now.text, STR("$")))
			return;
		push_variable(p, str_sub(p->now.text, 1, p->now.text.len));
	}
	p->now.type = NFT_END;
	p->now.text = STR("");
}

bool nft_sign(struct nft_parser *p, const char *sign)
{
	bool is = nft_is_sign(p, sign);

	if (is)
		nft_next(p);
	return is;
}

bool nft_word(struct nft_parser *p, const char *word)
{
	bool is = nft_is_word(p, word);

	if (is && str_eq(p->now.text, STR("include")))
		push_include(p);
	else if (is)
		nft_next(p);
	return is;
}

struct str nft_text_take(struct nft_parser *p)
{
	struct str text = {};

	if (p->now.type == NFT_WORD || p->now.type == NFT_STRING) {
		text = p->now.text;
		nft_next(p);
	}
	return text;
}

void nft_skip_lines(struct nft_parser *p)
{
	while (p->now.type == NFT_LINE)
		nft_next(p);
}

void nft_skip_statement(struct nft_parser *p)
{
	size_t depth = 0;

	while (p->now.type != NFT_END && (depth || !nft_at_end(p))) {
		depth += nft_is_sign(p, "{");
		depth -= nft_is_sign(p, "}");
		nft_next(p);
	}
	if (depth)
		nft_fail(p, -EBADMSG, "a brace that is not closed");
}

json_t *nft_string(struct str text) { return json_stringn(text.ptr ? text.ptr : "", text.len); }

json_t *nft_object(const char *key, json_t *value)
{
	json_t *object = value ? json_object() : NULL;

	if (!object || json_object_set_new(object, key, value) < 0) {
		json_decref(object ? object : value);
		return NULL;
	}
	return object;
}
