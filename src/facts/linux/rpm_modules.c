/* SPDX-License-Identifier: GPL-3.0-or-later */
/* modulemd(5): documents "modulemd" and "modulemd-defaults" of modules.yaml. */
#include "facts/linux/rpm_modules.h"

#include <yaml.h>

#include "base/unpack.h"
#include "facts/linux/ini.h"
#include "facts/linux/rpm_scan.h"

#define MODULES_TEXT_MAX ((size_t)96 << 20)
#define DEPTH_MAX 12u
#define STREAMS_MAX 20'000

/* Where in a document the parser stands. */
struct place {
	struct str path[DEPTH_MAX];              /* keys from the outside in; "" of a list */
	bool mapping[DEPTH_MAX], key[DEPTH_MAX]; /* key: the next scalar is one */
	unsigned depth;
};
struct document {
	struct rpm_modules *m;
	struct arena texts; /* keys and values of the document at hand */
	struct place at;
	struct str kind, module, stream;
	struct rpm_stream *is; /* NULL: not known yet, or none of its packages matters */
	struct str *artifacts;
	size_t n, cap;
};

static void document_release(struct document *d) { arena_release(&d->texts); }

static bool stands_at(const struct place *p, const char *a, const char *b, const char *c)
{
	const char *const keys[] = { a, b, c };
	unsigned n = 0;

	while (n < COUNT(keys) && keys[n])
		n++;
	if (p->depth < n)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (!str_eq(p->path[i], str_of(keys[i])))
			return false;
	return true;
}

static int push(struct place *p, bool mapping)
{
	if (p->depth >= DEPTH_MAX)
		return -EBADMSG;
	/* What a list has is of the key of the list. */
	p->path[p->depth] = STR("");
	p->mapping[p->depth] = mapping;
	p->key[p->depth] = mapping;
	p->depth++;
	return 0;
}

static void value_ends(struct place *p)
{
	if (p->depth && p->mapping[p->depth - 1])
		p->key[p->depth - 1] = true;
}

static int on_value(struct document *d, struct str value)
{
	const struct place *p = &d->at;

	if (p->depth == 1 && str_eq(p->path[0], STR("document")))
		d->kind = value;
	if (p->depth == 2 &&
	    (stands_at(p, "data", "name", NULL) || stands_at(p, "data", "module", NULL)))
		d->module = value;
	if (p->depth == 2 && stands_at(p, "data", "stream", NULL))
		d->stream = value;
	if (p->depth == 4 && stands_at(p, "data", "artifacts", "rpms"))
		return arena_push(&d->texts, d->artifacts, d->n, d->cap, value);
	return 0;
}

static int on_scalar(struct document *d, const yaml_event_t *e)
{
	struct place *p = &d->at;
	struct str s = { (const char *)e->data.scalar.value, e->data.scalar.length };
	int r;

	if (!p->depth)
		return -EBADMSG;
	if (s.len > 4096)
		s = STR("");
	s = arena_str(&d->texts, s);
	if (!s.ptr)
		return -ENOMEM;
	if (p->mapping[p->depth - 1] && p->key[p->depth - 1]) {
		p->path[p->depth - 1] = s;
		p->key[p->depth - 1] = false;
		return 0;
	}
	r = on_value(d, s);
	value_ends(p);
	return r;
}

/* "nodejs-1:18.19.0-1.module+el9.x86_64" */
static bool split_nevra(struct str s, struct rpm_offer *ret)
{
	struct rpm_offer o = { .epoch = STR("") };
	ssize_t arch = str_rfind(s, '.'), release, version, epoch;

	if (arch <= 0)
		return false;
	o.arch = str_sub(s, (size_t)arch + 1, s.len);
	s.len = (size_t)arch;
	release = str_rfind(s, '-');
	version = release > 0 ? str_rfind(str_sub(s, 0, (size_t)release), '-') : -1;
	if (version <= 0)
		return false;
	o.name = str_sub(s, 0, (size_t)version);
	o.release = str_sub(s, (size_t)release + 1, s.len);
	o.version = str_sub(s, (size_t)version + 1, (size_t)release);
	epoch = str_find(o.version, ':');
	if (epoch >= 0) {
		o.epoch = str_sub(o.version, 0, (size_t)epoch);
		o.version = str_sub(o.version, (size_t)epoch + 1, o.version.len);
	}
	*ret = o;
	return o.arch.len && o.version.len && o.release.len && s.len <= (size_t)3 * RPM_TEXT_MAX;
}

static int new_stream(struct document *d)
{
	struct rpm_modules *m = d->m;
	struct arena *a = m->c->arena;
	struct rpm_stream *x = arena_new(a, struct rpm_stream);

	if (!x || m->n >= STREAMS_MAX)
		return x ? -EBADMSG : -ENOMEM;
	x->module = arena_str(a, d->module);
	x->stream = arena_str(a, d->stream);
	if (!x->module.ptr || !x->stream.ptr)
		return -ENOMEM;
	d->is = x;
	return arena_push(a, m->list, m->n, m->cap, x);
}

static int add_artifact(struct document *d, const struct rpm_offer *o)
{
	struct rpm_modules *m = d->m;
	struct arena *a = m->c->arena;
	struct str name = arena_str(a, o->name);
	struct str evr = rpm_evr(a, o->epoch, o->version, o->release);
	struct str key = evr.ptr && name.ptr ? arena_fmt(a, "%.*s %.*s %.*s", STR_FMT(o->name),
							 STR_FMT(o->arch), STR_FMT(evr))
					     : (struct str){};
	int r = key.ptr ? 0 : -ENOMEM;

	if (r >= 0 && !d->is)
		r = new_stream(d);
	/* The same build may be in several contexts of a stream. */
	if (r >= 0 && !map_get(&m->packages, key))
		r = map_put(&m->packages, key, (uintptr_t)d->is);
	return r < 0 ? r : arena_push(a, d->is->packages, d->is->n, d->is->cap, name);
}

static int finish_stream(struct document *d)
{
	struct rpm_offer o;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < d->n; i++)
		if (split_nevra(d->artifacts[i], &o) && map_get(d->m->names, o.name))
			r = add_artifact(d, &o);
	return r;
}

static int put_choice(struct rpm_modules *m, struct map *to, struct str module, struct str stream)
{
	struct arena *a = m->c->arena;
	struct str key = arena_str(a, module);
	struct str *value = arena_new(a, struct str);

	if (!key.ptr || !value)
		return -ENOMEM;
	*value = arena_str(a, stream);
	return value->ptr ? map_put(to, key, (uintptr_t)value) : -ENOMEM;
}

static int finish(struct document *d)
{
	int r = 0;

	if (str_eq(d->kind, STR("modulemd")) && d->module.len && d->stream.len)
		r = finish_stream(d);
	else if (str_eq(d->kind, STR("modulemd-defaults")) && d->module.len && d->stream.len)
		r = put_choice(d->m, &d->m->defaults, d->module, d->stream);
	arena_release(&d->texts);
	*d = (struct document){ .m = d->m };
	return r;
}

static int on_event(struct document *d, const yaml_event_t *e)
{
	int r = 0;

	switch (e->type) {
	case YAML_MAPPING_START_EVENT: return push(&d->at, true);
	case YAML_SEQUENCE_START_EVENT: return push(&d->at, false);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		if (d->at.depth)
			d->at.depth--;
		value_ends(&d->at);
		return 0;
	case YAML_SCALAR_EVENT: return on_scalar(d, e);
	case YAML_ALIAS_EVENT: value_ends(&d->at); return 0;
	case YAML_DOCUMENT_END_EVENT: r = finish(d); return r;
	default: return 0;
	}
}

int rpm_modules_parse(struct rpm_modules *m, struct str text)
{
	own(document_release) struct document d = { .m = m };
	yaml_parser_t parser;
	yaml_event_t e;
	bool end = false;
	int r = 0;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
	while (r >= 0 && !end) {
		if (!yaml_parser_parse(&parser, &e)) {
			r = parser.error == YAML_MEMORY_ERROR ? -ENOMEM : -EBADMSG;
			break;
		}
		end = e.type == YAML_STREAM_END_EVENT;
		r = on_event(&d, &e);
		yaml_event_delete(&e);
	}
	yaml_parser_delete(&parser);
	return r;
}

static int whole(struct str *text, bool last, void *user)
{
	int r = last ? rpm_modules_parse(user, *text) : 0;

	if (last)
		*text = STR("");
	return r;
}

int rpm_modules_read(struct rpm_modules *m, const struct rpm_repo *repo)
{
	struct collect *c = m->c;
	own(close_fd) int fd = -1;
	uint64_t size;
	struct stat st;
	int r;

	if (!repo->modules.path.ptr || repo->hotfixes)
		return 0;
	r = root_open_file(c->root, repo->modules.path.ptr, &st, &fd);
	if (r >= 0)
		r = unpack_each(fd, MODULES_TEXT_MAX, MODULES_TEXT_MAX, whole, m, &size);
	if (r >= 0 || r == -ENOMEM)
		return MIN(r, 0);
	collect_problem(c, r, repo->modules.path.ptr, "%s",
			r == -EBADMSG ? "is damaged or cut off" : collect_error(r));
	return 0;
}

/* "[nodejs] name=nodejs stream=18 state=enabled" */
static int read_choice(struct collect *c, const char *path, struct str text, void *user)
{
	struct ini ini = { .text = text };
	struct str key, value, stream = STR(""), module = STR("");
	struct str state = STR("");
	int r;

	while ((r = ini_next(&ini, &key, &value)) == 1) {
		if (!key.ptr)
			module = ini.section;
		else if (str_eq(key, STR("stream")))
			stream = value;
		else if (str_eq(key, STR("state")))
			state = value;
	}
	if (r < 0)
		collect_problem(c, r, path, "line %u is wrong", ini.line);
	if (r < 0 || !module.len || !state.len)
		return 0;
	if (!str_eq(state, STR("enabled")))
		stream = STR("");
	return put_choice(user, &((struct rpm_modules *)user)->enabled, module, stream);
}

int rpm_modules_choose(struct rpm_modules *m)
{
	int r = collect_dropins(m->c, "/etc/dnf/modules.d", ".module", read_choice, m);

	for (size_t i = 0; r >= 0 && i < m->n; i++) {
		struct rpm_stream *x = m->list[i];
		const uint64_t *at = map_get(&m->enabled, x->module);
		const struct str *stream;

		at = at ? at : map_get(&m->defaults, x->module);
		stream = at ? map_pointer(*at) : NULL;
		x->active = stream && str_eq(*stream, x->stream);
		for (size_t k = 0; r >= 0 && x->active && k < x->n; k++)
			r = map_put(&m->taken, x->packages[k], 1);
	}
	return r;
}

bool rpm_modules_show(const struct rpm_modules *m, struct str name, struct str key)
{
	const uint64_t *at = map_get(&m->packages, key);
	const struct rpm_stream *x = at ? map_pointer(*at) : NULL;

	return x ? x->active : !map_get(&m->taken, name);
}

void rpm_modules_release(struct rpm_modules *m)
{
	map_release(&m->enabled);
	map_release(&m->defaults);
	map_release(&m->packages);
	map_release(&m->taken);
}
