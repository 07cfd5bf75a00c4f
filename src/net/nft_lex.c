/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/nft_parse.h"

static bool ends_word(char c) { return !c || strchr(" \t\r\n;{}(),\"#=!<>&|^", c) != NULL; }

static void skip_blanks(struct nft_input *in)
{
	for (;;) {
		struct str s = in->rest;

		if (s.len && (s.ptr[0] == ' ' || s.ptr[0] == '\t' || s.ptr[0] == '\r')) {
			in->rest = str_sub(s, 1, s.len);
		} else if (str_starts(s, STR("\\\n"))) {
			in->rest = str_sub(s, 2, s.len);
			in->line++;
		} else if (s.len && s.ptr[0] == '#') {
			ssize_t end = str_find(s, '\n');

			in->rest = str_sub(s, end < 0 ? s.len : (size_t)end, s.len);
		} else {
			return;
		}
	}
}

static size_t sign_length(struct str s)
{
	static const char *const signs[] = { "==", "!=", "<=", ">=", "<<", ">>" };

	for (size_t i = 0; i < COUNT(signs); i++)
		if (str_starts(s, str_of(signs[i])))
			return 2;
	return strchr("(),=!<>&|^", s.ptr[0]) ? 1 : 0;
}

static size_t word_length(struct str s)
{
	size_t n = 0;

	while (n < s.len && !ends_word(s.ptr[n]))
		n++;
	/* "22: accept": the colon belongs to the map, that of an address or a MAC to the word */
	if (n > 1 && s.ptr[n - 1] == ':' && str_find(s, ':') == (ssize_t)n - 1)
		n--;
	return n;
}

static size_t string_length(struct str s)
{
	size_t n = 1;

	while (n < s.len && s.ptr[n] != '"' && s.ptr[n] != '\n')
		n++;
	return n < s.len && s.ptr[n] == '"' ? n + 1 : n;
}

static void lex(struct nft_input *in, struct nft_lexeme *t)
{
	struct str s = in->rest;
	size_t n = 1;

	t->text = str_sub(s, 0, 1);
	if (s.ptr[0] == '\n' || s.ptr[0] == ';') {
		t->type = NFT_SEPARATOR;
		in->line += s.ptr[0] == '\n';
	} else if (s.ptr[0] == '{' || s.ptr[0] == '}') {
		t->type = s.ptr[0] == '{' ? NFT_OPEN : NFT_CLOSE;
	} else if (s.ptr[0] == '"') {
		n = string_length(s);
		t->type = NFT_STRING;
		t->text = str_sub(s, 1, n > 1 && s.ptr[n - 1] == '"' ? n - 1 : n);
	} else if (sign_length(s)) {
		n = sign_length(s);
		t->type = NFT_SIGN;
		t->text = str_sub(s, 0, n);
	} else {
		n = MAX(word_length(s), 1);
		t->text = str_sub(s, 0, n);
		t->type = n == 1 && strchr(":/.*", s.ptr[0]) ? NFT_SIGN : NFT_WORD;
	}
	in->rest = str_sub(s, n, s.len);
}

static const struct nft_define_value *find_define(const struct nft_parser *p, struct str name)
{
	for (size_t i = p->n_defines; i--;)
		if (str_eq(p->defines[i].name, name))
			return &p->defines[i];
	return NULL;
}

bool nft_push(struct nft_parser *p, struct str text, struct str file, unsigned line, bool define)
{
	if (p->n_inputs == NFT_INPUTS_MAX) {
		nft_fail(p, "files or definitions include each other");
		return false;
	}
	p->inputs[p->n_inputs++] = (struct nft_input){ text, file, line, define };
	return true;
}

void nft_fail(struct nft_parser *p, const char *error)
{
	if (p->error)
		return;
	p->error = error;
	p->error_line = p->now.line;
	for (size_t i = p->n_inputs; i--;)
		if (!p->inputs[i].define) {
			p->error_file = p->inputs[i].file;
			break;
		}
}

void nft_next(struct nft_parser *p)
{
	for (;;) {
		struct nft_input *in = p->n_inputs ? &p->inputs[p->n_inputs - 1] : NULL;
		const struct nft_define_value *d;

		p->now = (struct nft_lexeme){};
		if (!in || p->error)
			return;
		if (p->tokens++ > NFT_TOKENS_MAX) {
			nft_fail(p, "too long");
			return;
		}
		skip_blanks(in);
		p->now.line = in->line;
		if (!in->rest.len) {
			bool define = in->define;

			p->n_inputs--;
			if (define)
				continue;
			/* A file ends its last statement. */
			p->now.type = p->n_inputs ? NFT_SEPARATOR : NFT_END;
			return;
		}
		lex(in, &p->now);
		if (p->now.type != NFT_WORD || p->now.text.ptr[0] != '$')
			return;
		d = find_define(p, str_sub(p->now.text, 1, p->now.text.len));
		if (!d) {
			nft_fail(p, "names what is not defined");
			return;
		}
		if (!nft_push(p, d->value, STR(""), in->line, true))
			return;
	}
}

bool nft_is(const struct nft_parser *p, const char *text)
{
	return (p->now.type == NFT_WORD || p->now.type == NFT_SIGN) &&
	       str_eq(p->now.text, str_of(text));
}

bool nft_accept(struct nft_parser *p, const char *text)
{
	bool is = nft_is(p, text);

	if (is)
		nft_next(p);
	return is;
}

bool nft_is_text(const struct nft_parser *p)
{
	return p->now.type == NFT_WORD || p->now.type == NFT_STRING;
}

json_t *nft_take_string(struct nft_parser *p)
{
	json_t *s = json_stringn(p->now.text.ptr, p->now.text.len);

	/* No UTF-8: nothing that a rule could be compared with. */
	if (!s)
		s = json_string("?");
	nft_next(p);
	return s;
}

void nft_skip(struct nft_parser *p)
{
	size_t depth = 0;

	while (p->now.type != NFT_END && !p->error) {
		if (!depth && (p->now.type == NFT_SEPARATOR || p->now.type == NFT_CLOSE))
			return;
		depth += p->now.type == NFT_OPEN;
		depth -= p->now.type == NFT_CLOSE;
		nft_next(p);
	}
}
