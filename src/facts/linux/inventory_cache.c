/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/inventory_cache.h"
#include "base/map.h"
#include "facts/linux/inventory_names.h"

#define MAGIC "HFinv\1\r\n"
/* A clock may have been set, and many file systems have steps of some milliseconds. */
#define RACY_SECONDS 2
#define CHECKED offsetof(struct inventory_cache_head, magic)

_Static_assert(sizeof(struct inventory_cache_head) % 8 == 0, "what follows is aligned");
_Static_assert(sizeof(struct inventory_cache_dir) == 32, "no holes");
_Static_assert(sizeof(struct inventory_cache_file) == 24, "no holes");

uint64_t inventory_cache_check(struct str bytes)
{
	static const uint64_t seed[2] = { 0x696e76656e746f72, 0x79206f6620646973 };

	return siphash13(seed, bytes.ptr + CHECKED, bytes.len - CHECKED);
}

/* A stretch of texts: 0 is the empty one. */
static bool in_texts(const struct inventory_cache *x, uint64_t at, uint64_t n)
{
	return at <= x->texts.len && n <= x->texts.len - at;
}

static uint32_t number(struct str s, size_t at)
{
	uint32_t v;

	memcpy(&v, s.ptr + at, sizeof v);
	return v;
}

/* A length of four bytes and so many; '' for 0 and for what is not all there. */
static struct str block(struct str texts, uint64_t at)
{
	uint32_t n;

	if (!at || at > texts.len || texts.len - at < sizeof n)
		return STR("");
	n = number(texts, (size_t)at);
	at += sizeof n;
	return n <= texts.len - at ? (struct str){ texts.ptr + at, n } : STR("");
}

/* Folders follow their parents, each is the child of one alone: there are no circles. */
static bool dirs_are_sound(const struct inventory_cache *x)
{
	uint32_t next = 1, file = 0;

	for (uint32_t i = 0; i < x->head.n_dirs; i++) {
		const struct inventory_cache_dir *d = &x->dirs[i];

		if (d->first_dir != next || d->n_dirs > x->head.n_dirs - next || next <= i ||
		    d->first_file != file || d->n_files > x->head.n_files - file ||
		    !in_texts(x, d->name, d->name_len) || d->name_len > INVENTORY_NAME_MAX)
			return false;
		next += d->n_dirs;
		file += d->n_files;
	}
	return next == x->head.n_dirs && file == x->head.n_files;
}

static bool files_are_sound(const struct inventory_cache *x)
{
	for (uint32_t i = 0; i < x->head.n_files; i++) {
		const struct inventory_cache_file *f = &x->files[i];

		if (!in_texts(x, f->name, f->name_len) || !f->name_len ||
		    f->name_len > INVENTORY_NAME_MAX || f->kind > INVENTORY_LAYER ||
		    f->owner >= x->texts.len || f->result >= x->texts.len)
			return false;
	}
	return true;
}

/* 0: no head. */
static uint64_t read_head(struct str bytes, struct inventory_cache_head *ret)
{
	if (bytes.len < sizeof *ret || bytes.len > INVENTORY_CACHE_MAX)
		return 0;
	memcpy(ret, bytes.ptr, sizeof *ret);
	if (memcmp(ret->magic, MAGIC, sizeof ret->magic) != 0)
		return 0;
	return sizeof *ret + ret->n_dirs * (uint64_t)sizeof(struct inventory_cache_dir) +
	       ret->n_files * (uint64_t)sizeof(struct inventory_cache_file) + ret->n_texts;
}

size_t inventory_cache_size(struct str bytes)
{
	struct inventory_cache_head head;
	uint64_t n = read_head(bytes, &head);

	return n <= bytes.len ? (size_t)n : 0;
}

int inventory_cache_open(struct str bytes, uint64_t program, int64_t now,
			 struct inventory_cache *ret)
{
	struct inventory_cache x = {};
	uint64_t n = read_head(bytes, &x.head);
	const char *p = bytes.ptr;

	if (!n || n != bytes.len || !x.head.n_dirs || !x.head.n_texts)
		return -EBADMSG;
	if (x.head.program != program || now < x.head.made ||
	    now - x.head.made > INVENTORY_CACHE_DAYS * (int64_t)86400)
		return -ESTALE;
	if (x.head.check != inventory_cache_check(bytes))
		return -EBADMSG;
	p += sizeof x.head;
	x.dirs = (const void *)p;
	p += x.head.n_dirs * sizeof *x.dirs;
	x.files = (const void *)p;
	p += x.head.n_files * sizeof *x.files;
	x.texts = (struct str){ p, x.head.n_texts };
	if (!dirs_are_sound(&x) || !files_are_sound(&x))
		return -EBADMSG;
	*ret = x;
	return 0;
}

struct str inventory_cache_dir_name(const struct inventory_cache *x, uint32_t dir)
{
	return (struct str){ x->texts.ptr + x->dirs[dir].name, x->dirs[dir].name_len };
}

struct str inventory_cache_file_name(const struct inventory_cache *x, uint32_t file)
{
	return (struct str){ x->texts.ptr + x->files[file].name, x->files[file].name_len };
}

struct str inventory_cache_owner(const struct inventory_cache *x, uint32_t file)
{
	return block(x->texts, x->files[file].owner);
}

struct str inventory_cache_result(const struct inventory_cache *x, uint32_t file)
{
	return block(x->texts, x->files[file].result);
}

typedef struct str name_fn(const struct inventory_cache *x, uint32_t i);

static uint32_t search(const struct inventory_cache *x, uint32_t low, uint32_t n, struct str name,
		       name_fn *name_of)
{
	uint32_t high = low + n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int d = str_cmp(name_of(x, middle), name);

		if (d == 0)
			return middle;
		if (d < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return INVENTORY_CACHE_NONE;
}

uint32_t inventory_cache_child(const struct inventory_cache *x, uint32_t dir, struct str name)
{
	return search(x, x->dirs[dir].first_dir, x->dirs[dir].n_dirs, name,
		      inventory_cache_dir_name);
}

uint32_t inventory_cache_find(const struct inventory_cache *x, uint32_t dir, struct str name)
{
	return search(x, x->dirs[dir].first_file, x->dirs[dir].n_files, name,
		      inventory_cache_file_name);
}

uint64_t inventory_identity(const uint64_t seed[static 2], const struct statx *st, int64_t now)
{
	const uint64_t what[] = {
		st->stx_dev_major,
		st->stx_dev_minor,
		st->stx_ino,
		st->stx_mode,
		st->stx_size,
		(uint64_t)st->stx_mtime.tv_sec,
		st->stx_uid,
		(uint64_t)st->stx_ctime.tv_sec,
		((uint64_t)st->stx_mtime.tv_nsec << 32) | st->stx_ctime.tv_nsec,
	};
	uint64_t v;

	if (st->stx_ctime.tv_sec > now - RACY_SECONDS || st->stx_mtime.tv_sec > now - RACY_SECONDS)
		return 0;
	v = siphash13(seed, what, sizeof what);
	return v ? v : 1;
}

static void add_block(struct buf *b, struct str s)
{
	uint32_t n = (uint32_t)s.len;

	(void)buf_add(b, &n, sizeof n);
	(void)buf_str(b, s);
}

int inventory_cache_add(struct buf *b, const struct component *x)
{
	const struct str texts[] = { x->ecosystem, x->kind,   x->name,
				     x->version,   x->inside, x->evidence };

	for (size_t i = 0; i < COUNT(texts); i++)
		add_block(b, texts[i]);
	return b->error;
}

int inventory_cache_each(struct str result, component_fn *fn, void *user)
{
	while (result.len) {
		struct component x = {};
		struct str *const texts[] = { &x.ecosystem, &x.kind,   &x.name,
					      &x.version,   &x.inside, &x.evidence };
		int r;

		for (size_t i = 0; i < COUNT(texts); i++) {
			uint32_t n;

			if (result.len < sizeof n)
				return -EBADMSG;
			n = number(result, 0);
			if (n > result.len - sizeof n)
				return -EBADMSG;
			*texts[i] = (struct str){ result.ptr + sizeof n, n };
			result = str_sub(result, sizeof n + n, result.len);
		}
		r = fn(user, &x);
		if (r < 0)
			return r;
	}
	return 0;
}

struct writer {
	const struct inventory_new *x;
	uint32_t *order;         /* folders as they are written */
	uint32_t *first, *count; /* of each folder: its own in sorted */
	uint32_t *sorted;        /* folders by parent and name */
	size_t *files, *n_files; /* of each folder: its own in x->files */
	struct buf texts;
};

static void writer_release(struct writer *w)
{
	free(w->order);
	free(w->first);
	free(w->count);
	free(w->sorted);
	free(w->files);
	free(w->n_files);
	buf_release(&w->texts);
}

static int by_parent(const void *a, const void *b, void *user)
{
	const struct writer *w = user;
	const struct inventory_new_dir *m = &w->x->dirs[*(const uint32_t *)a],
				       *n = &w->x->dirs[*(const uint32_t *)b];
	int d = (m->parent > n->parent) - (m->parent < n->parent);

	return d ? d : str_cmp(m->name, n->name);
}

static int by_dir(const void *a, const void *b)
{
	const struct inventory_new_file *x = a, *y = b;
	int d = (x->dir > y->dir) - (x->dir < y->dir);

	return d ? d : str_cmp(x->name, y->name);
}

static int prepare(struct writer *w)
{
	const struct inventory_new *x = w->x;
	size_t n = x->n_dirs, used = 1;

	w->order = calloc(n, sizeof *w->order);
	w->first = calloc(n, sizeof *w->first);
	w->count = calloc(n, sizeof *w->count);
	w->sorted = calloc(n, sizeof *w->sorted);
	w->files = calloc(n, sizeof *w->files);
	w->n_files = calloc(n, sizeof *w->n_files);
	if (!w->order || !w->first || !w->count || !w->sorted || !w->files || !w->n_files)
		return -ENOMEM;
	for (size_t i = 1; i < n; i++)
		w->sorted[i - 1] = (uint32_t)i;
	qsort_r(w->sorted, n - 1, sizeof *w->sorted, by_parent, w);
	for (size_t i = n - 1; i-- > 0;) {
		uint32_t parent = x->dirs[w->sorted[i]].parent;

		if (parent >= n)
			return -EINVAL;
		w->first[parent] = (uint32_t)i;
		w->count[parent]++;
	}
	/* Children of one folder follow each other, behind all that came before. */
	for (size_t i = 0; i < used; i++)
		for (uint32_t k = 0; k < w->count[w->order[i]] && used < n; k++)
			w->order[used++] = w->sorted[w->first[w->order[i]] + k];
	if (x->n_files)
		qsort(x->files, x->n_files, sizeof *x->files, by_dir);
	for (size_t i = x->n_files; i-- > 0;) {
		if (x->files[i].dir >= n)
			return -EINVAL;
		w->files[x->files[i].dir] = i;
		w->n_files[x->files[i].dir]++;
	}
	return used == n ? 0 : -EINVAL;
}

static uint32_t put_text(struct writer *w, struct str s)
{
	uint32_t at = (uint32_t)w->texts.len;

	(void)buf_str(&w->texts, s);
	return at;
}

static uint32_t put_block(struct writer *w, struct str s)
{
	uint32_t at = (uint32_t)w->texts.len;

	if (!s.len)
		return 0;
	add_block(&w->texts, s);
	return at;
}

static void put_dirs(struct writer *w, struct buf *out)
{
	uint32_t next = 1, file = 0;

	for (size_t i = 0; i < w->x->n_dirs; i++) {
		const struct inventory_new_dir *d = &w->x->dirs[w->order[i]];
		struct inventory_cache_dir row = {
			.identity = d->identity,
			.name = put_text(w, d->name),
			.name_len = (uint16_t)d->name.len,
			.first_dir = next,
			.n_dirs = w->count[w->order[i]],
			.first_file = file,
			.n_files = (uint32_t)w->n_files[w->order[i]],
		};

		next += row.n_dirs;
		file += row.n_files;
		(void)buf_add(out, &row, sizeof row);
	}
}

static void put_files(struct writer *w, struct buf *out)
{
	struct str last = {};
	uint32_t last_at = 0;

	for (size_t i = 0; i < w->x->n_dirs; i++) {
		uint32_t dir = w->order[i];

		for (size_t k = 0; k < w->n_files[dir]; k++) {
			const struct inventory_new_file *f = &w->x->files[w->files[dir] + k];
			struct inventory_cache_file row = {
				.identity = f->identity,
				.name = put_text(w, f->name),
				.name_len = (uint16_t)f->name.len,
				.kind = f->kind,
				.flags = f->flags,
				.result = put_block(w, f->result),
			};

			/* Files beside each other are mostly of the same package. */
			if (!last_at || !str_eq(last, f->owner)) {
				last = f->owner;
				last_at = put_block(w, f->owner);
			}
			row.owner = f->owner.len ? last_at : 0;
			(void)buf_add(out, &row, sizeof row);
		}
	}
}

int inventory_cache_write(const struct inventory_new *x, struct buf *out)
{
	own(writer_release) struct writer w = { .x = x, .texts = { .limit = INVENTORY_CACHE_MAX } };
	struct inventory_cache_head head = {
		.magic = MAGIC,
		.program = x->program,
		.owners = x->owners,
		.seed = {x->seed[0], x->seed[1]},
		.made = x->made,
		.n_dirs = (uint32_t)x->n_dirs,
		.n_files = (uint32_t)x->n_files,
	};
	size_t start = out->len;
	int r;

	if (!x->n_dirs || x->n_dirs > INVENTORY_CACHE_MAX || x->n_files > INVENTORY_CACHE_MAX)
		return -E2BIG;
	r = prepare(&w);
	if (r < 0)
		return r;
	/* 0 is no text. */
	buf_putc(&w.texts, '\0');
	(void)buf_add(out, &head, sizeof head);
	put_dirs(&w, out);
	put_files(&w, out);
	head.n_texts = (uint32_t)w.texts.len;
	(void)buf_str(out, buf_view(&w.texts));
	if (w.texts.error || out->error || out->len - start > INVENTORY_CACHE_MAX)
		return w.texts.error ? w.texts.error : out->error ? out->error : -E2BIG;
	memcpy(out->ptr + start, &head, sizeof head);
	head.check = inventory_cache_check((struct str){ out->ptr + start, out->len - start });
	memcpy(out->ptr + start, &head, sizeof head);
	return 0;
}
