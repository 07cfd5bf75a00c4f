/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/integrity_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "report/json.h"

#define JSON_MAX ((size_t)1 << 30)

static const char *const severities[] = { "info", "low", "medium", "high", "critical" };

static void put(json_t *o, const char *name, struct str text)
{
	if (text.len)
		json_object_set_new(o, name, json_text(text));
}

static json_t *state_json(const struct fim_state *s)
{
	json_t *o = json_object();
	char text[65];

	snprintf(text, sizeof text, "%04o", s->mode & 07777);
	put(o, "mode", str_of(text));
	put(o, "type",
	    S_ISREG(s->mode)   ? STR("file")
	    : S_ISDIR(s->mode) ? STR("folder")
	    : S_ISLNK(s->mode) ? STR("link")
			       : STR("other"));
	json_object_set_new(o, "uid", json_integer(s->uid));
	json_object_set_new(o, "gid", json_integer(s->gid));
	json_object_set_new(o, "size", json_integer((json_int_t)s->size));
	json_object_set_new(o, "modified", json_integer(s->mtime / 1'000'000'000));
	if (!s->hashed)
		return o;
	for (size_t i = 0; i < sizeof s->sha256; i++)
		snprintf(text + 2 * i, 3, "%02x", s->sha256[i]);
	put(o, s->partly ? "sha256_of_ends" : "sha256", str_of(text));
	return o;
}

static void add_json(struct integrity_print *p, const struct fim_change *c)
{
	json_t *o = json_object();

	put(o, "severity", str_of(severities[MIN(c->severity, 4U)]));
	put(o, "action", str_of(c->action ? c->action : fim_what_name(c->what)));
	put(o, "class", str_of(fim_class_name(c->class)));
	put(o, "path", c->path);
	put(o, "subject", c->subject);
	put(o, "text", c->text);
	put(o, "origin", str_of(fim_origin_name(c->origin)));
	put(o, "package", c->package);
	if (c->before)
		json_object_set_new(o, "before", state_json(c->before));
	if (c->after)
		json_object_set_new(o, "after", state_json(c->after));
	if (json_array_append_new(p->list, o) < 0)
		p->failed = true;
}

/* What is different, in a few words. */
static void put_difference(char *to, size_t size, const struct fim_state *a,
			   const struct fim_state *b)
{
	int n = 0;

	to[0] = 0;
	if (!a || !b)
		return;
	if (a->mode != b->mode)
		n += snprintf(to + n, size - (size_t)n, ", mode %04o became %04o", a->mode & 07777,
			      b->mode & 07777);
	if (a->uid != b->uid || a->gid != b->gid)
		n += snprintf(to + n, size - (size_t)n, ", owner %u:%u became %u:%u", a->uid,
			      a->gid, b->uid, b->gid);
	if (a->size != b->size)
		snprintf(to + n, size - (size_t)n, ", %" PRIu64 " bytes became %" PRIu64, a->size,
			 b->size);
}

static void print_text(const struct fim_change *c)
{
	static const char *const origins[] = { "", "as its package brought it",
					       "not what its package brought",
					       "not as its package brought it (configuration)" };
	char text[2][4200], difference[160];

	text_safe(c->path, text[0], sizeof text[0]);
	if (c->text.len) {
		text_safe(c->text, text[1], sizeof text[1]);
		printf("%-8s   %s\n", severities[MIN(c->severity, 4U)], text[1]);
		return;
	}
	put_difference(difference, sizeof difference, c->before, c->after);
	printf("%-8s %s: %s (%s%s)", severities[MIN(c->severity, 4U)], text[0],
	       c->what == FIM_META ? "rights changed" : fim_what_name(c->what),
	       fim_class_name(c->class), difference);
	if (c->origin)
		printf("; %s: %s", text_safe(c->package, text[1], sizeof text[1]),
		       origins[MIN((unsigned)c->origin, 3U)]);
	putchar('\n');
}

static bool is_under(struct str path, const char *under)
{
	struct str u = str_of(under);

	while (u.len && u.ptr[u.len - 1] == '/')
		u.len--;
	return str_starts(path, u) && (path.len == u.len || path.ptr[u.len] == '/');
}

int integrity_print_change(void *user, const struct fim_change *c)
{
	struct integrity_print *p = user;

	if (p->under && !is_under(c->path, p->under))
		return 0;
	/* A read of every file says nothing of who wrote the same bytes again. */
	if (!p->all && (c->origin == FIM_ORIGIN_PACKAGE || c->severity == 0)) {
		p->hidden++;
		return 0;
	}
	p->shown++;
	p->by_severity[MIN(c->severity, 4U)]++;
	p->any |= c->severity >= p->least;
	if (p->json)
		add_json(p, c);
	else
		print_text(c);
	return ferror(stdout) ? -EPIPE : 0;
}

static void print_sum(const struct integrity_print *p, const struct fim_status *st, uint64_t number,
		      const char *seal)
{
	if (p->shown)
		putchar('\n');
	printf("%" PRIu64 " differences", p->shown);
	for (size_t i = COUNT(severities); i-- > 0;)
		if (p->by_severity[i])
			printf(", %" PRIu64 " %s", p->by_severity[i], severities[i]);
	if (p->hidden)
		printf("; %" PRIu64
		       " that packages brought or that say little are not shown (--all)",
		       p->hidden);
	printf("\n%" PRIu64 " files, folders and links", st->files);
	if (number)
		printf("; baseline %" PRIu64 ", seal %.16s", number, seal);
	putchar('\n');
}

int integrity_print_end(struct integrity_print *p, struct fim *f)
{
	own(buf_release) struct buf out = BUF(JSON_MAX);
	struct fim_status st;
	uint64_t number;
	int64_t time;
	char seal[65];
	json_t *o;

	fim_status(f, &st);
	fim_identity(f, &number, &time, seal);
	if (!p->json) {
		print_sum(p, &st, number, seal);
		return 0;
	}
	o = json_object();
	json_object_set_new(o, "files", json_integer((json_int_t)st.files));
	json_object_set_new(o, "differences", json_integer((json_int_t)p->shown));
	json_object_set_new(o, "not_shown", json_integer((json_int_t)p->hidden));
	json_object_set_new(o, "baseline", json_integer((json_int_t)number));
	json_object_set_new(o, "baseline_time", json_integer(time));
	put(o, "seal", number ? str_of(seal) : STR(""));
	json_object_set_new(o, "changes", p->list);
	p->list = NULL;
	if (p->failed || json_write(o, JSON_INDENT(1), &out) < 0)
		return -ENOMEM;
	fwrite(out.ptr, 1, out.len, stdout);
	return 0;
}
