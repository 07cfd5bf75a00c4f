/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/scan.h"

#include <sys/stat.h>

#include "events/prefilter.h"
#include "secrets/finder.h"
#include "secrets/key.h"
#include "secrets/line.h"
#include "secrets/rules.h"
#include "secrets/value.h"

#define WINDOW ((size_t)1 << 20)
#define SLICE ((size_t)6 << 10) /* of a line too long to be looked at whole */
#define OVERLAP ((size_t)1 << 10)

struct secrets {
	struct finder *finder;
	const struct user_rules *rules; /* borrowed, or NULL */
};

int secrets_new(const struct user_rules *rules, struct secrets **ret)
{
	struct secrets *s = calloc(1, sizeof *s);
	struct str *words = NULL;
	size_t n = 0;
	int r = s ? 0 : -ENOMEM;

	if (r >= 0 && rules)
		user_rules_words(rules, &words, &n);
	if (r >= 0)
		r = finder_new(words, n, &s->finder);
	if (r < 0) {
		free(s);
		return r;
	}
	s->rules = rules;
	*ret = s;
	return 0;
}

void secrets_release(struct secrets **s)
{
	if (*s)
		finder_release(&(*s)->finder);
	free(*s);
	*s = NULL;
}

/* What is known while a file is read. */
struct pass {
	struct secret_scan *scan;
	struct arena arena;
	struct str block;
	uint64_t base;   /* offset of the block in the file */
	uint64_t line;   /* of the byte at `counted` */
	size_t counted;  /* offset in the block */
	uint64_t behind; /* what begins before it in the file was told with another slice */
	uint64_t told_to;
	uint64_t key_at; /* where the latest private key began, plus 1 */
	bool in_chpasswd;
	/* of the line that is looked at */
	size_t at; /* offset in the block of the text that secret_line has */
	int64_t time;
	struct secret_line slice;
};

static int tell(void *user, const struct secret_hit *hit)
{
	struct pass *p = user;
	struct secret_finding f = {
		.kind = hit->kind,
		.rule = hit->rule,
		.mask = secret_mask(hit->value),
		.line = p->line,
		.offset = p->base + p->at + hit->at,
		.len = hit->len,
		.time = p->time,
	};

	if (f.offset < p->behind)
		return 0;
	p->told_to = MAX(p->told_to, f.offset + f.len);
	return p->scan->fn(p->scan->user, &f);
}

static int tell_key(struct pass *p, size_t at, size_t len)
{
	struct secret_finding f = {
		.kind = "private-key",
		.mask = { "****" },
		.line = p->line,
		.offset = p->base + at,
		.len = (uint32_t)len,
	};

	return p->scan->fn(p->scan->user, &f);
}

/* A private key that begins in the line at [from, end). */
static int look_key(struct pass *p, size_t from, size_t end)
{
	struct str line = str_sub(p->block, from, end);
	size_t at, behind;
	enum key_state state;

	if (!secret_key_head(line, &at, &behind) || p->base + from < p->key_at)
		return 0;
	state = key_state(str_sub(p->block, from + at, from + at + KEY_LOOK), behind - at);
	if (state == KEY_NONE)
		return 0;
	p->scan->key = true;
	p->key_at = p->base + from + 1;
	return state == KEY_OPEN ? tell_key(p, from + at, behind - at) : 0;
}

static int64_t number_at(struct str s)
{
	int64_t v = 0;
	size_t n = 0;

	while (n < s.len && n < 12 && s.ptr[n] >= '0' && s.ptr[n] <= '9')
		v = v * 10 + (s.ptr[n++] - '0');
	return n >= 9 && n < 12 ? v : 0;
}

/* bash writes "#time" before a command, zsh ": time:0;" into it, fish "  when: time" behind it. */
static int64_t history_time(const struct pass *p, size_t from, size_t end)
{
	struct str line = str_sub(p->block, from, end);
	size_t before = from ? from - 1 : 0;

	if (str_starts(line, STR(": ")))
		return number_at(str_sub(line, 2, line.len));
	if (str_starts(line, STR("- cmd: "))) {
		struct str rest = str_sub(p->block, end + 1, end + 40);

		return str_starts(rest, STR("  when: ")) ? number_at(str_sub(rest, 8, rest.len))
							 : 0;
	}
	while (before && p->block.ptr[before - 1] != '\n' && from - before < 16)
		before--;
	line = str_sub(p->block, before, from);
	return str_starts(line, STR("#")) ? number_at(str_sub(line, 1, line.len)) : 0;
}

static size_t history_prefix(struct str line)
{
	ssize_t at;

	if (str_starts(line, STR(": ")) && number_at(str_sub(line, 2, line.len))) {
		at = str_find(line, ';');
		return at < 0 ? 0 : (size_t)at + 1;
	}
	return str_starts(line, STR("- cmd: ")) ? 7 : 0;
}

static int cloud_init(struct pass *p, struct secret_line *l)
{
	int r = 0;

	if (l->text.len && !strchr(" \t-#", *l->text.ptr))
		p->in_chpasswd = str_starts(l->text, STR("chpasswd:"));
	else if (p->in_chpasswd)
		r = secret_chpasswd(l);
	return r < 0 ? r : secret_line(l, GRAMMAR_SHELL | GRAMMAR_SETTING);
}

static int by_format(struct pass *p, struct secret_line *l)
{
	const struct secret_file *f = &p->scan->file;
	size_t prefix;

	switch (f->format) {
	case FORMAT_HISTORY:
		prefix = history_prefix(l->text);
		p->at += prefix;
		l->text = str_sub(l->text, prefix, l->text.len);
		return secret_line(l, GRAMMAR_SHELL);
	case FORMAT_SQL_HISTORY: return secret_sql_history(l);
	case FORMAT_CODE: return secret_line(l, GRAMMAR_CODE);
	case FORMAT_NETRC: return secret_netrc(l);
	case FORMAT_PGPASS: return secret_pgpass(l);
	case FORMAT_SASL: return secret_column(l, 2, true);
	case FORMAT_CHAP: return secret_column(l, 3, false);
	case FORMAT_CLOUD_INIT: return cloud_init(p, l);
	case FORMAT_JSON: return secret_line(l, GRAMMAR_CODE);
	case FORMAT_ENVIRON:
	case FORMAT_SETTINGS: return secret_line(l, GRAMMAR_SETTING | GRAMMAR_SHELL);
	case FORMAT_TEXT: break;
	}
	if (f->kind && str_eq(str_of(f->kind), STR("vault-token")))
		return secret_whole_file(l);
	if (f->kind && (f->flags & FILE_HISTORY)) {
		int r = secret_redis(l, l->text);

		return r < 0 ? r : secret_directive(l, l->text, false);
	}
	return secret_line(l, GRAMMAR_SETTING | GRAMMAR_SHELL);
}

static int look_slice(struct pass *p, size_t from, size_t end)
{
	struct arena_mark mark = arena_mark(&p->arena);
	struct secret_line *l = &p->slice;
	int r;

	/* Not all of it is set to zero: there is a slice every few hundred bytes. */
	l->text = str_sub(p->block, from, end);
	l->n_decoded = 0;
	l->n_seen = 0;
	l->inert = false;
	p->at = from;
	r = by_format(p, l);
	if (r >= 0 && p->scan->secrets->rules) {
		for (unsigned i = 0; i < l->n_seen; i++) {
			l->seen[i].at += (uint32_t)(p->at - from);
			l->seen[i].end += (uint32_t)(p->at - from);
		}
		p->at = from;
		l->text = str_sub(p->block, from, end);
		r = user_rules_line(p->scan->secrets->rules, p->scan->path, l);
	}
	arena_rewind(&p->arena, mark);
	p->behind = p->told_to;
	return r;
}

#define SPLIT_LINES 4U

static int judge_split(struct pass *p, struct str name, struct str value)
{
	enum secret_class class = secret_name(name);

	if (class == CLASS_NONE || !secret_value(value, class, SOURCE_NAMED))
		return 0;
	return secret_found(&p->slice, secret_name_kind(name, "export"), value);
}

/* "- name: DB_PASSWORD", and in one of the next lines "value: secret". */
static int look_split(struct pass *p, size_t from, size_t end)
{
	struct str name = secret_split_name(str_sub(p->block, from, end));
	uint64_t line = p->line;
	int r = 0;

	if (!name.len || secret_name(name) == CLASS_NONE)
		return 0;
	for (unsigned i = 0; r >= 0 && i < SPLIT_LINES && end < p->block.len; i++) {
		const char *q;
		struct str value;

		from = end + 1;
		q = from < p->block.len ? memchr(p->block.ptr + from, '\n', p->block.len - from)
					: NULL;
		end = q ? (size_t)(q - p->block.ptr) : p->block.len;
		p->line++;
		if (end <= from || end - from > SECRET_LINE_MAX)
			continue;
		value = secret_split_value(str_sub(p->block, from, end));
		if (!value.len)
			continue;
		p->at = from;
		p->slice.text = str_sub(p->block, from, end);
		p->slice.n_decoded = 0;
		p->slice.n_seen = 0;
		r = judge_split(p, name, value);
		break;
	}
	p->line = line;
	return r;
}

/* The line at [from, end); hit: where it is worth a look. Ends at *ret_next. */
static int look_line(struct pass *p, size_t from, size_t end, size_t hit, size_t *ret_next)
{
	size_t stop = end;
	int r;

	if (end > from && p->block.ptr[end - 1] == '\r')
		stop--;
	p->time = p->scan->file.format == FORMAT_HISTORY ? history_time(p, from, end) : 0;
	*ret_next = end + 1;
	if (end - from > SECRET_LINE_MAX) {
		from = hit - from > OVERLAP ? hit - OVERLAP : from;
		if (end - from > SLICE) {
			stop = from + SLICE;
			*ret_next = MAX(stop - OVERLAP, hit + 1);
		}
	}
	r = look_key(p, from, stop);
	if (r >= 0)
		r = look_slice(p, from, stop);
	if (r >= 0 && stop <= end && end - from < SECRET_LINE_MAX &&
	    p->scan->file.format != FORMAT_HISTORY)
		r = look_split(p, from, end);
	p->behind = MAX(p->behind, p->told_to);
	return r;
}

/* Formats of which every line counts, whatever stands in it. */
static bool every_line(enum secret_format f)
{
	return f == FORMAT_NETRC || f == FORMAT_PGPASS || f == FORMAT_SASL || f == FORMAT_CHAP ||
	       f == FORMAT_CLOUD_INIT;
}

/* Lines of the block that begin before `limit`. */
static int look_block(struct pass *p, size_t limit)
{
	const struct secrets *s = p->scan->secrets;
	char separator = p->scan->file.format == FORMAT_ENVIRON ? '\0' : '\n';
	bool all = every_line(p->scan->file.format) || p->scan->file.kind ||
		   (s->rules && user_rules_every_line(s->rules));
	struct finder_at at = {};
	size_t pos = 0;
	int r = 0;

	while (r >= 0 && pos < limit) {
		size_t hit = all ? pos : finder_next(s->finder, &at, p->block, pos), from, end;
		const char *q;

		if (hit >= limit)
			break;
		q = memrchr(p->block.ptr, separator, hit);
		from = q ? (size_t)(q - p->block.ptr) + 1 : 0;
		q = memchr(p->block.ptr + hit, separator, p->block.len - hit);
		end = q ? (size_t)(q - p->block.ptr) : p->block.len;
		if (from > p->counted) {
			p->line += separator ? count_lines(str_sub(p->block, p->counted, from)) : 1;
			p->counted = from;
		}
		r = look_line(p, from, end, hit, &pos);
	}
	return r;
}

/* Zeros and the like: no text that a person or a program wrote. */
static bool is_binary(struct str s)
{
	s = str_sub(s, 0, 4096);
	return s.len && memchr(s.ptr, '\0', s.len);
}

static bool leaves_alone(const struct secret_scan *s, struct str head)
{
	return s->file.format != FORMAT_ENVIRON &&
	       !(s->file.flags & (FILE_BINARY | FILE_HISTORY)) && is_binary(head);
}

static void begin(struct pass *p)
{
	p->slice.arena = &p->arena;
	p->slice.fn = tell;
	p->slice.user = p;
	p->slice.kind = p->scan->file.kind;
}

int secrets_scan_text(struct secret_scan *s, struct str text)
{
	struct pass p = { .scan = s, .block = text, .line = 1 };
	int r = 0;

	begin(&p);
	s->bytes += text.len;
	if (!leaves_alone(s, text))
		r = look_block(&p, text.len);
	arena_release(&p.arena);
	return r;
}

static ssize_t read_some(int fd, char *to, size_t n, uint64_t offset)
{
	ssize_t got;

	do
		got = pread(fd, to, n, (off_t)offset);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/*
 * The window holds KEY_LOOK bytes behind the lines that are looked at, so that a key's body is
 * there; the rest is kept for the next one.
 */
static int scan_windows(struct pass *p, int fd, char *window, size_t size)
{
	size_t have = 0;
	bool end = false;
	int r = 0;

	while (r >= 0 && !(end && !have)) {
		size_t limit, done;
		const char *q;
		ssize_t n = end ? 0 : read_some(fd, window + have, size - have, p->base + have);

		if (n < 0)
			return (int)n;
		end = end || !n;
		have += (size_t)n;
		p->scan->bytes += (size_t)n;
		if (!p->base && n && leaves_alone(p->scan, (struct str){ window, have }))
			return 0;
		if (!end && have < size)
			continue;
		p->block = (struct str){ window, have };
		limit = end ? have : have - KEY_LOOK;
		q = end ? NULL : memrchr(window, '\n', limit);
		done = q ? (size_t)(q - window) + 1 : limit;
		p->counted = 0;
		r = look_block(p, done);
		p->line += count_lines(str_sub(p->block, p->counted, done));
		p->base += done;
		have -= done;
		memmove(window, window + done, have);
	}
	return r;
}

int secrets_scan(struct secret_scan *s, int fd)
{
	struct pass p = { .scan = s, .line = 1 };
	struct stat st;
	/* Nearly all files are small: memory that is not needed would have to be cleared each time. */
	size_t size = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
				      (uint64_t)st.st_size < WINDOW / 2
			      ? (size_t)st.st_size + 2 * KEY_LOOK
			      : WINDOW;
	char *window = malloc(size);
	int r;

	begin(&p);
	r = window ? scan_windows(&p, fd, window, size) : -ENOMEM;
	free(window);
	arena_release(&p.arena);
	return r;
}
