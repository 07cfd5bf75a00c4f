/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The way through a block of the system log. Lines of an attack begin as the line before and say
 * one of a few things: what those cost is what a hunt costs.
 */
#include "events/passage.h"
#include "events/sshd.h"
#include "events/syslog.h"

/* Where the seconds are in "Nov 22 11:42:33". */
#define SECONDS 13

/* A block on its way, and what is to be told of it. */
struct walk {
	struct syslog_state *s;
	const struct decode_context *x;
	struct str block;
	const struct prefilter *filter; /* NULL: every line is decoded */
	uint64_t number;                /* of the line */
	struct event idle;              /* stands for lines that are not told one by one */
	event_fn *emit;
	void *user;
	uint64_t skipped;
};

/* What same_header() finds in a line. */
struct place {
	const char *pid, *message, *end;
	uint32_t pid_number;
};

static void keep_header(struct syslog_state *s, struct str line, const struct record *r)
{
	size_t len = r->pid.len ? (size_t)(r->pid.ptr - line.ptr) : 0;
	struct header *h = &s->header;

	h->len = 0;
	if (len < 2 || len > sizeof h->text || line.ptr[len - 1] != '[' || r->facility.len ||
	    r->program.ptr + r->program.len + 1 != r->pid.ptr)
		return;
	memcpy(h->text, line.ptr, len);
	h->len = (uint8_t)len;
	h->host_at = r->hostname.len ? (uint8_t)(r->hostname.ptr - line.ptr) : 0;
	h->host_len = (uint8_t)r->hostname.len;
	h->program_at = (uint8_t)(r->program.ptr - line.ptr);
	h->program_len = (uint8_t)r->program.len;
	h->time = r->time;
	h->host = connection_host(r->hostname);
	h->slot = program_of(&s->programs, r->program);
	h->sshd = program_is(h->slot, sshd_message) && h->text[len - 2] != ')';
	h->looked_for = HEADER_NOT_KNOWN;
}

/* A line that begins as the one before, up to the process id. */
static inline bool same_header(const struct header *h, const char *p, const char *end,
			       struct place *ret)
{
	const char *q;
	uint32_t pid;

	if (!h->len || end - p < h->len + 12 || !scan_same(p, h->text, h->len))
		return false;
	p += h->len;
	q = p + scan_digits_8(p, &pid);
	if (q == p || q[0] != ']' || q[1] != ':' || q[2] != ' ')
		return false;
	*ret = (struct place){ p, q + 3, end, pid };
	return true;
}

static void use_header(const struct header *h, struct str line, const struct place *at,
		       struct record *r)
{
	r->time = h->time;
	r->hostname = (struct str){ line.ptr + h->host_at, h->host_len };
	r->program = (struct str){ line.ptr + h->program_at, h->program_len };
	r->pid = (struct str){ at->pid, (size_t)(at->message - 3 - at->pid) };
	r->message = (struct str){ at->message, (size_t)(at->end - at->message) };
	r->slot = h->slot;
	r->known = true;
	r->pid_number = at->pid_number;
	r->host = h->host;
}

static void know_header(struct header *h, const struct prefilter *filter)
{
	struct str text = { h->text, h->len };

	h->looked_for = HEADER_NOT_KNOWN;
	if (filter && prefilter_passes(filter, text))
		h->looked_for = HEADER_PASSES;
	else if (filter && prefilter_find(filter, text, 0) < text.len)
		h->looked_for = HEADER_BEARS;
}

/*
 * What PAM says of each login that fails, which sshd says as well; from behind the process id.
 */
static const char *const everyday[] = {
	"]: pam_unix(sshd:auth): check pass; user unknown",
	"]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=",
};

/* How much of the line from the process id on can be passed over. */
static inline size_t pass_words(const struct walk *w, const struct place *at)
{
	struct str rest = { at->message - 3, (size_t)(at->end - at->message) + 3 };

	if (rest.len < 16 || memcmp(at->message, "pam_unix", 8) != 0)
		return 0;
	for (unsigned i = 0; i < COUNT(everyday); i++) {
		size_t n = strlen(everyday[i]);

		if (w->s->passing >> i & 1 && rest.len >= n && scan_same(rest.ptr, everyday[i], n))
			return (size_t)(rest.ptr - at->pid) + n;
	}
	return 0;
}

/* What a filter asks for that each line would be asked about anew. */
static void know_filter(struct syslog_state *s, const struct prefilter *filter)
{
	s->filter = filter;
	s->wanted = 0;
	for (unsigned i = SSHD_NO_SHAPE + 1; i < SSHD_SHAPES; i++) {
		struct str words = sshd_shape_words((enum sshd_shape)i);

		if (prefilter_find(filter, words, 0) < words.len)
			s->wanted |= (uint8_t)(1U << i);
	}
	s->passing = 0;
	for (unsigned i = 0; prefilter_passes_number(filter) && i < COUNT(everyday); i++)
		s->passing |= (uint8_t)(prefilter_passes(filter, str_of(everyday[i])) << i);
}

/* Whether one of the texts stands in a line; at: where it begins with the header, NULL. */
static inline bool is_wanted(const struct walk *w, const char *line, const char *end,
			     const struct place *at)
{
	const struct header *h = &w->s->header;
	size_t from = (size_t)(line - w->block.ptr), to = (size_t)(end - w->block.ptr);

	if (at && h->looked_for == HEADER_BEARS)
		return true;
	if (at && h->looked_for == HEADER_PASSES) {
		from += h->len + pass_words(w, at) - (PREFILTER_WINDOW - 1);
		if (to - from < PREFILTER_WINDOW)
			return false;
	}
	return prefilter_bears(w->filter, w->block, from, to);
}

/* A line that is wanted: maybe all of them are from now on. */
static inline void count_wanted(struct walk *w, const char *line, const char *next)
{
	struct screen *screen = w->x->screen;

	screen->hits += (size_t)(next - line);
	if (screen_takes_all(screen, (size_t)(next - w->block.ptr)))
		w->filter = NULL;
}

static int tell_idle(struct walk *w)
{
	int result = w->idle.idle ? w->emit(w->user, &w->idle) : 0;

	w->idle.idle = false;
	return result;
}

/* One more that nobody wants; they are told together where the time changes. */
static inline int add_idle(struct walk *w, const char *line, const char *end)
{
	if (w->idle.idle) {
		w->idle.more++;
		return 0;
	}
	w->idle = (struct event){
		.time = w->s->header.time,
		.raw = {line, (size_t)(end - line)},
		.record = w->number,
		.file = w->x->file,
		.idle = true,
	};
	return w->x->idle_together ? 0 : tell_idle(w);
}

static int take_known(struct walk *w, struct str line, const struct place *at)
{
	struct record r = { .raw = line, .number = w->number };

	use_header(&w->s->header, line, at, &r);
	return program_emit(&w->s->programs, &r, w->emit, w->user);
}

static int tell_known(struct walk *w, struct str line, const struct place *at)
{
	struct record r = { .raw = line, .number = w->number };

	use_header(&w->s->header, line, at, &r);
	return program_tell(&w->s->programs, &r, w->emit, w->user);
}

static __attribute__((noinline)) int take_line(struct walk *w, struct str line)
{
	struct record r = { .number = w->number };
	int result;

	while (line.len && !*line.ptr)
		line = scan_skip(line, 1);
	r.raw = line;
	if (!syslog_parse(&w->s->clock, line, &r)) {
		w->skipped += line.len > 0;
		return 0;
	}
	result = tell_idle(w);
	keep_header(w->s, line, &r);
	know_header(&w->s->header, w->filter);
	return result ? result : program_emit(&w->s->programs, &r, w->emit, w->user);
}

/* "Nov 22 11:42:33 host …" of which the seconds alone are new. */
static inline bool next_second(struct walk *w, const char *p, const char *end, int *ret)
{
	struct header *h = &w->s->header;
	struct str rest = { p, (size_t)(end - p) }, changed = { h->text + 10, 8 };
	int64_t time;

	if (h->len < SECONDS + 8 || end - p <= h->len || *p < 'A' || *p > 'Z' ||
	    p[SECONDS - 1] != ':' || memcmp(p, h->text, SECONDS) != 0 ||
	    !scan_same(p + SECONDS + 2, h->text + SECONDS + 2, h->len - (SECONDS + 2)) ||
	    !clock_bsd(&w->s->clock, &rest, &time) || rest.ptr != p + SECONDS + 2)
		return false;
	*ret = tell_idle(w);
	memcpy(h->text + SECONDS, p + SECONDS, 2);
	h->time = time;
	if (w->filter && (h->looked_for != HEADER_PASSES || !prefilter_passes(w->filter, changed)))
		know_header(h, w->filter);
	return true;
}

static inline int walk_line(struct walk *w, const char *p, const char *end, const char *next)
{
	enum sshd_shape shape = SSHD_NO_SHAPE;
	struct syslog_state *s = w->s;
	struct place at __attribute__((uninitialized));
	struct str message __attribute__((uninitialized));
	bool same = same_header(&s->header, p, end, &at);
	int result = 0;

	if (!same && next_second(w, p, end, &result))
		same = same_header(&s->header, p, end, &at);
	if (result)
		return result;
	if (same && s->header.sshd) {
		message = (struct str){ at.message, (size_t)(end - at.message) };
		shape = sshd_shape(message);
	}
	if (w->filter) {
		if (!(s->wanted >> shape & 1) && !is_wanted(w, p, end, same ? &at : NULL))
			return 0;
		count_wanted(w, p, next);
	}
	if (shape != SSHD_NO_SHAPE) {
		struct sshd_process process = { at.pid_number, s->header.host, s->header.time };

		switch (sshd_quick(&s->programs, shape, &process, message)) {
		case SSHD_IDLE: return add_idle(w, p, end);
		case SSHD_EVENT: return tell_known(w, (struct str){ p, (size_t)(end - p) }, &at);
		default: break;
		}
	}
	return same ? take_known(w, (struct str){ p, (size_t)(end - p) }, &at)
		    : take_line(w, (struct str){ p, (size_t)(end - p) });
}

static void start(struct syslog_state *s, const struct decode_context *x)
{
	if (s->started)
		return;
	work_start(&s->programs.work, x);
	s->clock.zone = x->zone;
	s->clock.now = x->now;
	s->started = true;
}

int syslog_decode(void *state, const struct decode_context *x, struct str block,
		  uint64_t first_line, event_fn *emit, void *user, uint64_t *skipped)
{
	struct syslog_state *s = state;
	struct walk w = { .s = s,
			  .x = x,
			  .block = block,
			  .filter = x->screen ? x->screen->filter : NULL,
			  .number = first_line,
			  .emit = emit,
			  .user = user };
	const char *p = block.ptr, *last = p + block.len;
	int result = 0;

	start(s, x);
	if (w.filter && w.filter != s->filter)
		know_filter(s, w.filter);
	know_header(&s->header, w.filter);
	for (; result == 0 && p < last; w.number++) {
		const char *end = scan_end(p, last), *next = end + (end < last);

		end -= end > p && end[-1] == '\r';
		result = walk_line(&w, p, end, next);
		p = next;
	}
	*skipped += w.skipped;
	return result ? result : tell_idle(&w);
}
