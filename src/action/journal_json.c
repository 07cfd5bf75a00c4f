/* SPDX-License-Identifier: GPL-3.0-or-later */
/* entry.json: what an entry is about, without the bytes of files. */
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>

#include "action/journal.h"

#define VERSION 1
#define XATTR_MAX ((size_t)64 << 10)

static void free_json(json_t **j) { json_decref(*j); }

/* ---- out ---------------------------------------------------------------------------------------- */

static json_t *json_hex(const void *bytes, size_t n)
{
	char *own(free_ptr) text = malloc(2 * n + 1);

	return text ? json_string(sodium_bin2hex(text, 2 * n + 1, bytes, n)) : NULL;
}

static json_t *json_args(const char *const *argv)
{
	json_t *list = argv ? json_array() : json_null();

	for (size_t i = 0; argv && argv[i]; i++)
		json_array_append_new(list, json_string(argv[i]));
	return list;
}

static json_t *json_keep(uint32_t n) { return n == CHANGE_KEEP ? json_null() : json_integer(n); }

static json_t *json_file(const struct entry_change *e)
{
	const struct change *c = &e->c;
	json_t *xattrs = json_object(), *folders = json_array();

	for (size_t i = 0; i < e->n_xattrs; i++)
		json_object_set_new(xattrs, e->xattrs[i].name,
				    json_hex(e->xattrs[i].value.ptr, e->xattrs[i].value.len));
	for (size_t i = 0; i < e->n_folders; i++)
		json_array_append_new(folders, json_string(e->folders[i]));
	return json_pack(
		"{s:s, s:b, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:{s:b, s:I, s:I, s:I, s:I, s:o,"
		"s:[I,I,I,I]}}",
		"path", c->path, "grows", (int)c->grows, "mode", json_keep(c->mode), "uid",
		json_keep(c->uid), "gid", json_keep(c->gid), "size", (json_int_t)e->size, "digest",
		json_hex(e->digest, sizeof e->digest), "xattrs", xattrs, "folders", folders, "was",
		"exists", (int)c->was.exists, "mode", (json_int_t)c->was.mode, "uid",
		(json_int_t)c->was.uid, "gid", (json_int_t)c->was.gid, "size",
		(json_int_t)c->was.size, "digest", json_hex(c->was.digest, sizeof c->was.digest),
		"times", (json_int_t)e->atime, (json_int_t)e->atime_ns, (json_int_t)e->mtime,
		(json_int_t)e->mtime_ns);
}

static json_t *json_change(const struct entry_change *e)
{
	const struct change *c = &e->c;
	json_t *j = json_pack("{s:s, s:s}", "kind", change_kind_name(c->kind), "what", c->what);

	if (c->path)
		json_object_set_new(j, "file", json_file(e));
	if (c->unit)
		json_object_set_new(j, "unit",
				    json_pack("{s:s, s:i, s:s, s:b}", "name", c->unit, "want",
					      (int)c->unit_want, "enabled",
					      c->unit_enabled ? c->unit_enabled : "", "active",
					      (int)c->unit_active));
	if (c->argv) {
		json_object_set_new(j, "argv", json_args(c->argv));
		json_object_set_new(j, "undo", json_args(c->undo));
		if (c->azure_body)
			json_object_set_new(j, "body", json_string(c->azure_body));
	}
	return j;
}

int entry_format(const struct entry *e, struct arena *a, struct str *ret)
{
	const struct session *s = &e->session;
	json_t *own(free_json) j = NULL;
	json_t *list = json_array(), *effects = json_array();
	char *own(free_ptr) text = NULL;
	struct str out;

	for (size_t i = 0; i < e->n; i++)
		json_array_append_new(list, json_change(&e->list[i]));
	for (size_t i = 0; i < e->n_effects; i++)
		json_array_append_new(effects, json_args(e->effects[i]));
	j = json_pack("{s:i, s:I, s:I, s:s, s:s, s:s?, s:I, s:b, s:I,"
		      "s:{s:s, s:I, s:I, s:I, s:I, s:s, s:s}, s:o, s:o}",
		      "version", VERSION, "id", (json_int_t)e->id, "run", (json_int_t)e->run,
		      "check", e->check, "title", e->title, "breaks", e->breaks, "made",
		      (json_int_t)e->made, "risky", (int)e->risky, "within", (json_int_t)e->within,
		      "session", "connection", s->connection, "audit", (json_int_t)s->audit,
		      "login_uid", (json_int_t)s->login_uid, "tty", (json_int_t)s->tty, "began_ms",
		      (json_int_t)s->began_ms, "login", s->login, "boot", s->boot, "changes", list,
		      "effects", effects);
	text = j ? json_dumps(j, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	/* A name that is no UTF-8 cannot be written down. */
	if (!text || json_array_size(json_object_get(j, "changes")) != e->n)
		return -EILSEQ;
	out = arena_str(a, str_of(text));
	if (!out.ptr)
		return -ENOMEM;
	*ret = out;
	return 0;
}

/* ---- in ----------------------------------------------------------------------------------------- */

struct reader {
	struct arena *a;
	bool bad;
};

static const char *get_text(struct reader *r, const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);
	const char *s = json_string_value(v);

	if (!s || strlen(s) != json_string_length(v))
		r->bad = true;
	s = arena_cstr(r->a, str_of(s ? s : ""));
	r->bad = r->bad || !s;
	return s ? s : "";
}

static json_int_t get_int(struct reader *r, const json_t *j, const char *key, json_int_t min,
			  json_int_t max)
{
	const json_t *v = json_object_get(j, key);
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < min || n > max) {
		r->bad = true;
		return min;
	}
	return n;
}

static uint32_t get_keep(struct reader *r, const json_t *j, const char *key)
{
	return json_is_null(json_object_get(j, key))
		       ? CHANGE_KEEP
		       : (uint32_t)get_int(r, j, key, 0, UINT32_MAX - 1);
}

static void get_digest(struct reader *r, const json_t *j, const char *key,
		       unsigned char ret[static CHANGE_DIGEST])
{
	const char *text = json_string_value(json_object_get(j, key));
	size_t n = 0;

	if (!text || sodium_hex2bin(ret, CHANGE_DIGEST, text, strlen(text), NULL, &n, NULL) != 0 ||
	    n != CHANGE_DIGEST)
		r->bad = true;
}

static const char *const *get_args(struct reader *r, const json_t *list)
{
	size_t n = json_array_size(list);
	const char **argv;

	if (!json_is_array(list) || !n || n > CHANGE_ARGS_MAX) {
		r->bad = true;
		return NULL;
	}
	argv = arena_array(r->a, n + 1, sizeof *argv);
	for (size_t i = 0; argv && i < n; i++) {
		const json_t *one = json_array_get(list, i);
		const char *s = json_string_value(one);

		argv[i] = s && strlen(s) == json_string_length(one) ? arena_cstr(r->a, str_of(s))
								    : NULL;
		r->bad = r->bad || !argv[i];
	}
	r->bad = r->bad || !argv;
	return argv;
}

/* "/a/b": absolute, and every name one. */
static bool is_plain(const char *path)
{
	struct str rest = str_of(path);

	if (str_cut(&rest, '/').len || !rest.ptr)
		return false;
	while (rest.ptr) {
		struct str name = str_cut(&rest, '/');

		if (!name.len || name.len > 255 || str_eq(name, STR(".")) ||
		    str_eq(name, STR("..")))
			return false;
	}
	return strlen(path) < 4096;
}

static void get_xattrs(struct reader *r, const json_t *j, struct entry_change *e)
{
	size_t n = json_object_size(j);
	const char *name;
	json_t *value;

	if (!json_is_object(j) || n > JOURNAL_XATTRS_MAX) {
		r->bad = true;
		return;
	}
	e->xattrs = arena_array(r->a, n + 1, sizeof *e->xattrs);
	if (!e->xattrs) {
		r->bad = true;
		return;
	}
	json_object_foreach((json_t *)j, name, value)
	{
		const char *hex = json_string_value(value);
		size_t size = hex ? strlen(hex) / 2 : 0, len = 0;
		unsigned char *bytes = arena_alloc(r->a, size + 1);

		if (!hex || !bytes || size > XATTR_MAX || e->n_xattrs == n ||
		    sodium_hex2bin(bytes, size, hex, strlen(hex), NULL, &len, NULL) != 0) {
			r->bad = true;
			return;
		}
		e->xattrs[e->n_xattrs++] = (struct entry_xattr){
			arena_cstr(r->a, str_of(name)), {(const char *)bytes, len}
		};
	}
}

static void get_folders(struct reader *r, const json_t *j, struct entry_change *e)
{
	size_t n = json_array_size(j);

	e->folders = n <= 64 ? arena_array(r->a, n + 1, sizeof *e->folders) : NULL;
	if (!json_is_array(j) || !e->folders) {
		r->bad = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const char *s = json_string_value(json_array_get(j, i));

		if (!s || !is_plain(s)) {
			r->bad = true;
			return;
		}
		e->folders[e->n_folders++] = arena_cstr(r->a, str_of(s));
	}
}

static void get_file(struct reader *r, const json_t *j, struct entry_change *e)
{
	const json_t *was = json_object_get(j, "was"), *times = json_object_get(was, "times");
	struct change *c = &e->c;

	c->path = get_text(r, j, "path");
	r->bad = r->bad || !is_plain(c->path);
	c->grows = json_is_true(json_object_get(j, "grows"));
	c->mode = get_keep(r, j, "mode");
	c->uid = get_keep(r, j, "uid");
	c->gid = get_keep(r, j, "gid");
	r->bad = r->bad || (c->mode != CHANGE_KEEP && c->mode > 07777);
	e->size = (uint64_t)get_int(r, j, "size", 0, CHANGE_FILE_MAX);
	get_digest(r, j, "digest", e->digest);
	get_xattrs(r, json_object_get(j, "xattrs"), e);
	get_folders(r, json_object_get(j, "folders"), e);
	c->was.exists = json_is_true(json_object_get(was, "exists"));
	c->was.mode = (uint32_t)get_int(r, was, "mode", 0, 07777);
	c->was.uid = (uint32_t)get_int(r, was, "uid", 0, UINT32_MAX);
	c->was.gid = (uint32_t)get_int(r, was, "gid", 0, UINT32_MAX);
	c->was.size = (uint64_t)get_int(r, was, "size", 0, CHANGE_FILE_MAX);
	get_digest(r, was, "digest", c->was.digest);
	e->atime = json_integer_value(json_array_get(times, 0));
	e->atime_ns = json_integer_value(json_array_get(times, 1));
	e->mtime = json_integer_value(json_array_get(times, 2));
	e->mtime_ns = json_integer_value(json_array_get(times, 3));
	r->bad = r->bad || e->atime_ns < 0 || e->atime_ns >= 1'000'000'000 || e->mtime_ns < 0 ||
		 e->mtime_ns >= 1'000'000'000;
}

static void get_change(struct reader *r, const json_t *j, struct entry_change *e)
{
	const char *kind = get_text(r, j, "kind");
	const json_t *unit = json_object_get(j, "unit");
	struct change *c = &e->c;
	unsigned k = 0;

	while (k <= CHANGE_AZURE && strcmp(kind, change_kind_name((enum change_kind)k)) != 0)
		k++;
	c->kind = (enum change_kind)k;
	c->what = get_text(r, j, "what");
	switch (k) {
	case CHANGE_FILE:
	case CHANGE_REMOVE:
	case CHANGE_ATTRIBUTES: get_file(r, json_object_get(j, "file"), e); break;
	case CHANGE_UNIT:
		c->unit = get_text(r, unit, "name");
		c->unit_want = (unsigned)get_int(r, unit, "want", 0, 127);
		c->unit_enabled = get_text(r, unit, "enabled");
		c->unit_active = json_is_true(json_object_get(unit, "active"));
		r->bad = r->bad || !unit_name_is_plain(c->unit);
		break;
	case CHANGE_COMMAND:
	case CHANGE_AZURE:
		c->argv = get_args(r, json_object_get(j, "argv"));
		if (!json_is_null(json_object_get(j, "undo")))
			c->undo = get_args(r, json_object_get(j, "undo"));
		if (json_object_get(j, "body"))
			c->azure_body = get_text(r, j, "body");
		break;
	default: r->bad = true;
	}
}

static void get_word(struct reader *r, const json_t *j, const char *key, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%s", get_text(r, j, key));
}

static void get_session(struct reader *r, const json_t *j, struct session *s)
{
	get_word(r, j, "connection", s->connection, sizeof s->connection);
	get_word(r, j, "login", s->login, sizeof s->login);
	get_word(r, j, "boot", s->boot, sizeof s->boot);
	s->audit = (uint32_t)get_int(r, j, "audit", 0, UINT32_MAX);
	s->login_uid = (uint32_t)get_int(r, j, "login_uid", 0, UINT32_MAX);
	s->tty = (uint64_t)get_int(r, j, "tty", INT64_MIN, INT64_MAX);
	s->began_ms = get_int(r, j, "began_ms", 0, INT64_MAX);
}

static void get_lists(struct reader *r, const json_t *j, struct entry *e)
{
	const json_t *list = json_object_get(j, "changes"),
		     *effects = json_object_get(j, "effects");
	size_t n = json_array_size(list), n_effects = json_array_size(effects);

	if (n > CHANGES_MAX || n_effects > CHANGES_MAX) {
		r->bad = true;
		return;
	}
	e->list = arena_array(r->a, n + 1, sizeof *e->list);
	e->effects = arena_array(r->a, n_effects + 1, sizeof *e->effects);
	if (!e->list || !e->effects) {
		r->bad = true;
		return;
	}
	for (; e->n < n && !r->bad; e->n++)
		get_change(r, json_array_get(list, e->n), &e->list[e->n]);
	for (; e->n_effects < n_effects && !r->bad; e->n_effects++)
		e->effects[e->n_effects] = get_args(r, json_array_get(effects, e->n_effects));
}

int entry_parse(struct str text, struct arena *a, struct entry *ret, struct diag *d)
{
	struct reader r = { .a = a };
	json_error_t error;
	json_t *own(free_json) j = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
	struct entry e = {};

	if (!j)
		return diag_set(d, -EBADMSG, NULL, (unsigned)MAX(error.line, 0), "%s", error.text);
	if (json_integer_value(json_object_get(j, "version")) != VERSION)
		return diag_set(d, -EBADMSG, NULL, 0, "written by another version of Holdfast");
	e.id = (unsigned)get_int(&r, j, "id", 1, INT32_MAX);
	e.run = (unsigned)get_int(&r, j, "run", 1, INT32_MAX);
	e.check = get_text(&r, j, "check");
	e.title = get_text(&r, j, "title");
	if (!json_is_null(json_object_get(j, "breaks")))
		e.breaks = get_text(&r, j, "breaks");
	e.made = get_int(&r, j, "made", 0, INT64_MAX);
	e.risky = json_is_true(json_object_get(j, "risky"));
	e.within = (unsigned)get_int(&r, j, "within", 0, INT32_MAX);
	get_session(&r, json_object_get(j, "session"), &e.session);
	get_lists(&r, j, &e);
	if (r.bad)
		return diag_set(d, -EBADMSG, NULL, 0, "is no entry of the journal of changes");
	*ret = e;
	return 0;
}
