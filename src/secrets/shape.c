/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shape: tokens that show by their form alone. */
#include <ctype.h>
#include <zlib.h>

#include "secrets/line.h"
#include "secrets/value.h"

#define RUN_MAX 600U

enum check {
	CHECK_NONE,
	CHECK_ENTROPY, /* short prefix: it must look drawn by lot */
	CHECK_CRC32,   /* the last six characters are a checksum */
	CHECK_OPENAI,
	CHECK_ATLAS,
	CHECK_CASK,
	CHECK_JWT,
	CHECK_TELEGRAM,
	CHECK_ENTRA,
	CHECK_PEM,
	CHECK_MAILCHIMP,
};

static const struct shape {
	struct str pattern;
	const char *kind;
	enum check check;
} shapes[] = {
#define SHAPE(pattern, kind, check) { STR(pattern), kind, check },
#include "secrets/shapes.def"
};

static bool in_class(char class, char c)
{
	switch (class) {
	case 'a': return isalnum((unsigned char)c);
	case 'l': return islower((unsigned char)c) || isdigit((unsigned char)c);
	case 'u': return isupper((unsigned char)c) || isdigit((unsigned char)c);
	case 'h': return isdigit((unsigned char)c) || (c >= 'a' && c <= 'f');
	case 'H': return isxdigit((unsigned char)c);
	case 'd': return isdigit((unsigned char)c);
	case 'w': return isalnum((unsigned char)c) || c == '-' || c == '_';
	case 'b': return isalnum((unsigned char)c) || c == '+' || c == '/' || c == '=';
	default: return isalnum((unsigned char)c) || (c && strchr("-_.~=+/", c));
	}
}

static size_t run_of(char class, struct str s, size_t from)
{
	size_t n = 0;

	while (from + n < s.len && n <= RUN_MAX && in_class(class, s.ptr[from + n]))
		n++;
	return n;
}

static size_t number(struct str p, size_t *i)
{
	size_t n = 0;

	while (*i < p.len && isdigit((unsigned char)p.ptr[*i]) && n < RUN_MAX)
		n = n * 10 + (size_t)(p.ptr[(*i)++] - '0');
	return n;
}

/* Length of the token at the start of s, or 0. Runs are greedy: what follows cannot be part of them. */
static size_t shape_length(struct str p, struct str s)
{
	size_t at = 0;

	for (size_t i = 0; i < p.len;) {
		size_t least, most, have;
		char class;

		if (p.ptr[i] != '<') {
			if (at >= s.len || s.ptr[at++] != p.ptr[i++])
				return 0;
			continue;
		}
		class = p.ptr[i + 1];
		i += 2;
		least = most = number(p, &i);
		if (p.ptr[i] == '-') {
			i++;
			most = p.ptr[i] == '>' ? RUN_MAX : number(p, &i);
		}
		i++;
		have = run_of(class, s, at);
		/* A class that holds the separator takes it in; then the shape goes by length. */
		if (have > most && i < p.len && in_class(class, p.ptr[i]))
			have = most;
		if (have < least || have > most)
			return 0;
		at += have;
	}
	return at;
}

/* GitHub's: CRC-32 of what stands between the prefix and it, in base 62, six digits. */
static bool crc_fits(struct str token)
{
	static const char digits[] =
		"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	struct str body = str_sub(token, 4, token.len - 6);
	uint64_t sum = crc32(0, (const unsigned char *)body.ptr, (unsigned)body.len);

	for (size_t i = 0; i < 6; i++) {
		if (token.ptr[token.len - 1 - i] != digits[sum % 62])
			return false;
		sum /= 62;
	}
	return true;
}

/* The longest run of a class around [at, end); an '=' before it is that of an assignment. */
static struct str around(struct str s, size_t at, size_t end, char class)
{
	size_t least = at > RUN_MAX ? at - RUN_MAX : 0;

	while (at > least && in_class(class, s.ptr[at - 1]) && s.ptr[at - 1] != '=')
		at--;
	end += run_of(class, s, end);
	return str_sub(s, at, end);
}

static uint8_t base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint8_t)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (uint8_t)(c - 'a' + 26);
	if (c >= '0' && c <= '9')
		return (uint8_t)(c - '0' + 52);
	return c == '-' || c == '+' ? 62 : c == '_' || c == '/' ? 63 : 64;
}

static size_t base64_head(struct str s, char *out, size_t size)
{
	uint32_t bits = 0;
	size_t n = 0;
	unsigned have = 0;

	for (size_t i = 0; i < s.len && n < size; i++) {
		uint8_t v = base64_value(s.ptr[i]);

		if (v > 63)
			break;
		bits = bits << 6 | v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have & 0xff);
		}
	}
	return n;
}

/* RFC 7519: the first part is a JSON object that names an algorithm; the best known example is none. */
static bool jwt_fits(struct str token)
{
	char text[600];
	struct str rest = token, head = str_cut(&rest, '.'), body = str_cut(&rest, '.');
	struct str json = { text, base64_head(head, text, sizeof text) };

	if (!str_starts(json, STR("{")) ||
	    (!str_contains(json, STR("\"alg\"")) && !str_contains(json, STR("\"typ\""))))
		return false;
	json.len = base64_head(body, text, sizeof text);
	return !body.len || (str_starts(json, STR("{")) && !str_contains(json, STR("John Doe")) &&
			     !str_contains(json, STR("\"1234567890\"")) &&
			     !str_contains(json, STR("{\"some\":")));
}

/* Azure's keys carry their service's signature a fixed way before their end. */
static struct str cask(struct str s, size_t at)
{
	struct str run = around(s, at, at + 4, 'b');
	size_t offset = (size_t)(s.ptr + at - run.ptr);
	struct str none = {};

	if (run.len != 44 && run.len != 52 && run.len != 56 && run.len != 84 && run.len != 88 &&
	    run.len != 80)
		return none;
	if (offset + 16 < run.len || offset < 28 || secret_entropy(run) < 4)
		return none;
	return run;
}

/* "123456789:" before it. */
static struct str telegram(struct str s, size_t at, size_t len)
{
	size_t start = at;

	while (start && at - start <= 11 && isdigit((unsigned char)s.ptr[start - 1]))
		start--;
	if (at - start < 8 || at - start > 10)
		return (struct str){};
	return str_sub(s, start, at + len);
}

/* A client secret of Entra: three characters, a digit, "Q~", thirty-one to thirty-four more. */
static struct str entra(struct str s, size_t at)
{
	size_t end = at + 2;

	if (at < 4 || !isdigit((unsigned char)s.ptr[at - 1]))
		return (struct str){};
	while (end < s.len && (in_class('w', s.ptr[end]) || s.ptr[end] == '.' || s.ptr[end] == '~'))
		end++;
	if (end - at - 2 < 31 || end - at - 2 > 34)
		return (struct str){};
	return str_sub(s, at - 4, end);
}

static struct str atlas(struct str s, size_t at, size_t len)
{
	if (at < 14 || run_of('a', str_sub(s, at - 14, at), 0) != 14)
		return (struct str){};
	return str_sub(s, at - 14, at + len);
}

/* "-----BEGIN … PRIVATE KEY-----" in base 64, as Kubernetes keeps it. */
static struct str pem(struct str s, size_t at)
{
	char text[120];
	struct str token = str_sub(s, at, at + run_of('b', s, at));
	struct str head = { text, base64_head(token, text, sizeof text) };

	return str_contains(head, STR(" PRIVATE KEY-----")) && !str_contains(head, STR("ENCRYPTED"))
		       ? token
		       : (struct str){};
}

/* Thirty-two digits before the data center's name. */
static struct str mailchimp(struct str s, size_t at, size_t len)
{
	if (at < 32 || run_of('h', str_sub(s, at - 32, at), 0) != 32 ||
	    secret_entropy(str_sub(s, at - 32, at)) < 2.5)
		return (struct str){};
	return str_sub(s, at - 32, at + len);
}

static struct str openai(struct str s, size_t at)
{
	struct str run = around(s, at, at + 8, 'w');

	return run.len >= 40 && str_starts(run, STR("sk-")) ? run : (struct str){};
}

static struct str token_at(const struct shape *shape, struct str s, size_t at)
{
	struct str rest = str_sub(s, at, MIN(s.len, at + 4096)), none = {};
	size_t len = shape_length(shape->pattern, rest);
	struct str token = str_sub(rest, 0, len);

	if (!len)
		return none;
	switch (shape->check) {
	case CHECK_NONE: return token;
	case CHECK_ENTROPY: return secret_entropy(token) > 3.2 ? token : none;
	case CHECK_CRC32: return crc_fits(token) ? token : none;
	case CHECK_OPENAI: return openai(s, at);
	case CHECK_ATLAS: return atlas(s, at, len);
	case CHECK_CASK: return cask(s, at);
	case CHECK_JWT: return jwt_fits(token) ? token : none;
	case CHECK_TELEGRAM: return telegram(s, at, len);
	case CHECK_ENTRA: return entra(s, at);
	case CHECK_PEM: return pem(s, at);
	case CHECK_MAILCHIMP: return mailchimp(s, at, len);
	}
	return none;
}

/* These stand inside of a token, or behind digits: any place will do. */
static bool anywhere(enum check c)
{
	return c == CHECK_OPENAI || c == CHECK_ATLAS || c == CHECK_CASK || c == CHECK_TELEGRAM ||
	       c == CHECK_ENTRA || c == CHECK_MAILCHIMP;
}

static bool is_bounded(struct str s, size_t at, struct str token)
{
	size_t end = (size_t)(token.ptr - s.ptr) + token.len;
	char last = token.ptr[token.len - 1];

	if (at && isalnum((unsigned char)s.ptr[at - 1]) &&
	    !(at > 1 && s.ptr[at - 2] == '\\' && strchr("nrt", s.ptr[at - 1])))
		return false;
	if (at && s.ptr[at - 1] == '_')
		return false;
	return end >= s.len || !isalnum((unsigned char)s.ptr[end]) || !isalnum((unsigned char)last);
}

/* By first byte, so that nearly all places of a line are passed over at once. */
static uint16_t first_of[257], by_first[COUNT(shapes)];
_Static_assert(COUNT(shapes) < UINT16_MAX);

__attribute__((constructor)) static void sort_shapes(void)
{
	uint16_t n = 0;

	for (unsigned c = 0; c < 256; c++) {
		first_of[c] = n;
		for (size_t i = 0; i < COUNT(shapes); i++)
			if ((unsigned char)shapes[i].pattern.ptr[0] == c)
				by_first[n++] = (uint16_t)i;
	}
	first_of[256] = n;
}

static int look(struct secret_line *l, struct str s, size_t at)
{
	unsigned c = (unsigned char)s.ptr[at];

	for (unsigned k = first_of[c]; k < first_of[c + 1]; k++) {
		const struct shape *shape = &shapes[by_first[k]];
		struct str token;

		if (at + 1 < s.len && shape->pattern.len > 1 && shape->pattern.ptr[1] != '<' &&
		    s.ptr[at + 1] != shape->pattern.ptr[1])
			continue;
		token = token_at(shape, s, at);
		if (!token.len || (!anywhere(shape->check) && !is_bounded(s, at, token)))
			continue;
		if (secret_is_placeholder(token) || secret_entropy(token) < 2.5)
			continue;
		return secret_found(l, shape->kind, token);
	}
	return 0;
}

int secret_tokens(struct secret_line *l, struct str s)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < s.len; i++) {
		unsigned c = (unsigned char)s.ptr[i];

		if (first_of[c] != first_of[c + 1])
			r = look(l, s, i);
	}
	return r;
}

bool secret_shape_keyword(size_t i, struct str *ret)
{
	struct str p;
	size_t n = 0;

	if (i >= COUNT(shapes))
		return false;
	p = shapes[i].pattern;
	while (n < p.len && p.ptr[n] != '<')
		n++;
	*ret = str_sub(p, 0, n);
	return true;
}
