/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "vuln/feeds_update.h"
#include "vuln/feeds_work.h"

#define TOKEN_MAX ((size_t)4 << 10)

struct update {
	struct feeds *f;
	const struct feed_update *u;
	struct arena arena; /* owned */
	const char *url, *checksum, *token;
	struct str keep; /* what is kept, as one text: when that changes, all is read anew */
	struct fetch_validator had;
	bool has_part;
	char file[FEED_NAME_MAX + 32], note[FEED_NAME_MAX + 32], state[FEED_NAME_MAX + 32];
	struct diag *d;
};

static void update_release(struct update *x) { arena_release(&x->arena); }

/* What follows the last '/' of the URL is another name, which is told there. */
static int find_latest(struct update *x)
{
	struct str text, name, head = str_of(x->url);
	ssize_t slash = str_rfind(head, '/');
	int r = fetch_text(x->url, &x->arena, &text, x->d);

	if (r < 0)
		return r;
	name = str_trim(str_cut(&text, '\n'));
	for (size_t i = 0; i < name.len; i++)
		if (!version_is_digit(name.ptr[i]) && !version_is_alpha(name.ptr[i]) &&
		    !strchr("-_.", name.ptr[i]))
			name.len = 0;
	if (!name.len || name.len > 255 || name.ptr[0] == '.' || slash < 9)
		return diag_set(x->d, -EBADMSG, x->url, 0, "what it says is no name of a file");
	x->url = arena_cat(&x->arena, str_sub(head, 0, (size_t)slash + 1), name, STR("")).ptr;
	return x->url ? 0 : -ENOMEM;
}

/* "HEX", or "HEX  name" of sha256sum(1). */
static int find_checksum(struct update *x)
{
	const char *told = x->u->source->checksum;
	struct str text, digest;
	int r;

	if (!told || !str_starts(str_of(told), STR("http"))) {
		x->checksum = told;
		return 0;
	}
	r = fetch_text(told, &x->arena, &text, x->d);
	if (r < 0)
		return r;
	digest = str_word(&text);
	if (digest.len != 64)
		return diag_set(x->d, -EBADMSG, told, 0, "no SHA-256");
	x->checksum = arena_cstr(&x->arena, digest);
	return x->checksum ? 0 : -ENOMEM;
}

static int find_token(struct update *x)
{
	const char *path = x->u->source->token;
	struct str text;
	int r;

	if (!path)
		return 0;
	r = file_read(path, TOKEN_MAX, &x->arena, &text);
	if (r < 0)
		return diag_set(x->d, r, path, 0, "%s", file_error(r));
	text = str_trim(text);
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] <= ' ' || (unsigned char)text.ptr[i] > 0x7e)
			text.len = 0;
	if (!text.len)
		return diag_set(x->d, -EINVAL, path, 0, "a token is one word");
	x->token = arena_cat(&x->arena, STR("Bearer "), text, STR("")).ptr;
	return x->token ? 0 : -ENOMEM;
}

/* What the server said when the part was made. */
static void find_state(struct update *x)
{
	char path[FEED_NAME_MAX + 32];
	struct str rest, url, etag, modified, keep;
	struct stat st;

	snprintf(path, sizeof path, "parts/%s", x->u->source->name);
	x->has_part = fstatat(x->f->dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
	if (!x->has_part || x->u->force || feeds_read_small(x->f, x->state, &x->arena, &rest) < 0)
		return;
	url = str_cut(&rest, '\n');
	etag = str_cut(&rest, '\n');
	modified = str_cut(&rest, '\n');
	keep = str_cut(&rest, '\n');
	if (!rest.ptr || !str_eq(keep, x->keep) || !str_eq(url, str_of(x->url)) ||
	    etag.len >= sizeof x->had.etag || modified.len >= sizeof x->had.modified)
		return;
	snprintf(x->had.etag, sizeof x->had.etag, "%.*s", STR_FMT(etag));
	snprintf(x->had.modified, sizeof x->had.modified, "%.*s", STR_FMT(modified));
}

static int write_state(struct update *x, const struct fetch_validator *v)
{
	own(buf_release) struct buf text = BUF(64 << 10);

	if (buf_fmt(&text, "%s\n%s\n%s\n%.*s\n", x->url, v->etag, v->modified, STR_FMT(x->keep)) <
	    0)
		return text.error;
	return feeds_write(x->f, x->state, buf_view(&text));
}

static void on_told(void *user, const struct index_source *s)
{
	struct feed_updated *ret = user;

	ret->records = s->records;
	ret->left_out = s->left_out;
}

static int import(struct update *x, struct feed_updated *ret)
{
	const struct feed_update *u = x->u;
	own(feed_read_release) struct feed_read read = {
		.keep = u->config->keep,
		.n_keep = u->config->n_keep,
		.format = u->source->format,
		.progress = u->reading,
		.user = u->user,
	};
	const struct feed_import how = {
		.name = u->source->name,
		.from = x->url,
		.read = &read,
		.force = u->force,
		.now = u->now,
	};
	char path[4096];

	return feeds_import(x->f, &how, feeds_path(x->f, path, x->file, ""), on_told, ret, x->d);
}

static int get(struct update *x, struct feed_updated *ret)
{
	const struct fetch how = {
		.url = x->url,
		.token = x->token,
		.dir = x->f->dir,
		.file = x->file,
		.note = x->note,
		.checksum = x->checksum,
		.had = &x->had,
		.progress = x->u->fetching,
		.user = x->u->user,
	};
	struct fetched got;
	int r = fetch_file(&how, &got, x->d);

	if (r < 0)
		return r;
	ret->same = got.same;
	ret->size = got.size;
	ret->resumed_at = got.resumed_at;
	if (got.same)
		return feeds_confirm(x->f, x->u->source->name, x->u->now, x->d);
	r = import(x, ret);
	(void)unlinkat(x->f->dir, x->file, 0);
	(void)unlinkat(x->f->dir, x->note, 0);
	return r ?: write_state(x, &got.validator);
}

static int join_keep(struct update *x)
{
	for (size_t i = 0; i < x->u->config->n_keep; i++) {
		x->keep = arena_cat(&x->arena, x->keep, STR(" "), x->u->config->keep[i]);
		if (!x->keep.ptr)
			return -ENOMEM;
	}
	return 0;
}

int feeds_update(struct feeds *f, const struct feed_update *u, struct feed_updated *ret,
		 struct diag *d)
{
	own(update_release) struct update x = { .f = f, .u = u, .d = d, .url = u->source->url };
	struct feed_updated updated = {};
	int r;

	x.arena.limit = (size_t)4 << 20;
	snprintf(x.file, sizeof x.file, "downloads/%s.data", u->source->name);
	snprintf(x.note, sizeof x.note, "downloads/%s.note", u->source->name);
	snprintf(x.state, sizeof x.state, "state/%s", u->source->name);
	r = join_keep(&x);
	if (r == 0 && u->source->latest)
		r = find_latest(&x);
	r = r ?: find_checksum(&x) ?: find_token(&x);
	if (r == 0) {
		find_state(&x);
		r = get(&x, &updated);
	}
	if (r == 0)
		*ret = updated;
	else if (!(d && d->reason[0]))
		diag_set(d, r, u->source->url, 0, "%s", strerror(-r));
	return r;
}
