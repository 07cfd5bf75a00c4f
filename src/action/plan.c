/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sodium.h>
#include <stdio.h>

#include "action/change.h"
#include "action/unit.h"
#include "base/buf.h"
#include "base/root_over.h"

static const char *const kind_names[] = {
	[CHANGE_FILE] = "file", [CHANGE_REMOVE] = "remove",   [CHANGE_ATTRIBUTES] = "attributes",
	[CHANGE_UNIT] = "unit", [CHANGE_COMMAND] = "command", [CHANGE_AZURE] = "azure",
};

const char *change_kind_name(enum change_kind k)
{
	return (unsigned)k < COUNT(kind_names) ? kind_names[k] : "?";
}

int plan_cannot(struct plan *p, const char *fmt, ...)
{
	va_list ap;
	own(buf_release) struct buf b = BUF(4096);

	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	if (!p->cannot)
		p->cannot = arena_cstr(p->arena, buf_view(&b));
	return -EOPNOTSUPP;
}

int plan_breaks(struct plan *p, const char *fmt, ...)
{
	va_list ap;
	own(buf_release) struct buf b = BUF(4096);

	if (p->breaks)
		buf_fmt(&b, "%s; ", p->breaks);
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	p->breaks = arena_cstr(p->arena, buf_view(&b));
	return p->breaks && !b.error ? 0 : -ENOMEM;
}

static const char *words(struct plan *p, const char *fmt, ...) PRINTF(2, 3);
static const char *words(struct plan *p, const char *fmt, ...)
{
	va_list ap;
	own(buf_release) struct buf b = BUF(64 << 10);

	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	return b.error ? NULL : arena_cstr(p->arena, buf_view(&b));
}

static int add(struct plan *p, struct change *c)
{
	if (!c->what)
		return -ENOMEM;
	if (p->n >= CHANGES_MAX)
		return -E2BIG;
	return arena_push(p->arena, p->list, p->n, p->cap, *c);
}

/* It is known to fail. */
#define refuse(p, ...) ((void)plan_cannot(p, __VA_ARGS__), -EOPNOTSUPP)

/* ---- files -------------------------------------------------------------------------------------- */

/* The path without links: of what is there, or of where it would be. */
static int real_path(struct plan *p, const char *path, const char **ret)
{
	struct str real, folder, name = str_basename(str_of(path));
	struct str parent = { path, strlen(path) - name.len };
	const char *up;
	struct stat st;
	int r;

	if (path[0] != '/' || !name.len || str_eq(name, STR("..")) || str_eq(name, STR(".")))
		return -EINVAL;
	if (root_lstat(p->root, path, &st) >= 0 && S_ISLNK(st.st_mode))
		return refuse(p, "%s is a link", path);
	up = arena_cstr(p->arena, parent);
	if (!up)
		return -ENOMEM;
	r = root_realpath(p->root, up, p->arena, &folder);
	if (r == -ENOENT) {
		/* Folders that are not there yet hold no links. */
		const char *above = "";

		while (parent.len > 1 && parent.ptr[parent.len - 1] == '/')
			parent.len--;
		r = real_path(p, arena_cstr(p->arena, parent), &above);
		folder = str_of(above);
	}
	if (r < 0)
		return r;
	real = arena_cat(p->arena, folder, folder.len > 1 ? STR("/") : STR(""), name);
	*ret = real.ptr;
	return real.ptr ? 0 : -ENOMEM;
}

/* Looks at what is there; what a change must not touch is refused. */
static int look(struct plan *p, const char *path, struct str *ret_bytes, struct change_was *ret)
{
	struct change_was was = {};
	struct str bytes = STR("");
	struct stat st;
	int r = root_lstat(p->root, path, &st);

	if (r == -ENOENT) {
		*ret = was;
		if (ret_bytes)
			*ret_bytes = bytes;
		return 0;
	}
	if (r < 0)
		return refuse(p, "%s: %s", path, strerror(-r));
	if (S_ISREG(st.st_mode) && st.st_nlink > 1)
		return refuse(p, "%s has several names (hard links)", path);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return refuse(p, "%s is neither a file nor a folder", path);
	was.exists = true;
	was.mode = st.st_mode & 07777;
	was.uid = st.st_uid;
	was.gid = st.st_gid;
	if (S_ISREG(st.st_mode) && ret_bytes) {
		r = root_read(p->root, path, CHANGE_FILE_MAX, p->arena, &bytes, &st);
		if (r < 0)
			return refuse(p, "%s: %s", path, r == -EFBIG ? "too long" : strerror(-r));
		was.size = bytes.len;
		crypto_hash_sha256(was.digest, (const unsigned char *)bytes.ptr, bytes.len);
	} else if (ret_bytes) {
		return refuse(p, "%s is a folder", path);
	}
	*ret = was;
	if (ret_bytes)
		*ret_bytes = bytes;
	return 0;
}

int plan_read(struct plan *p, const char *path, struct str *ret, struct change_was *ret_was)
{
	struct change_was was;
	const char *real;
	int r = real_path(p, path, &real);

	if (r >= 0)
		r = look(p, real, ret, &was);
	if (r >= 0 && ret_was)
		*ret_was = was;
	return r;
}

/* An earlier change of the same plan to that file, which this one goes on from. */
static struct change *earlier(struct plan *p, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->list[i].path && !strcmp(p->list[i].path, path))
			return &p->list[i];
	return NULL;
}

static int put(const struct root *root, const struct change *c, const struct change_was *now)
{
	struct stat st = {
		.st_mode = S_IFREG |
			   (c->mode == CHANGE_KEEP ? now->exists ? now->mode : 0644 : c->mode),
		.st_uid = c->uid == CHANGE_KEEP ? now->uid : c->uid,
		.st_gid = c->gid == CHANGE_KEEP ? now->gid : c->gid,
		.st_nlink = 1,
		.st_size = (off_t)c->bytes.len,
	};

	return root_over_put(root->over, c->path, c->bytes, &st);
}

static bool is_same(uint32_t want, uint32_t have) { return want == CHANGE_KEEP || want == have; }

int plan_file(struct plan *p, const char *path, struct str bytes, uint32_t mode, uint32_t uid,
	      uint32_t gid, const char *what)
{
	struct change c = {
		.kind = CHANGE_FILE,
		.mode = mode,
		.uid = uid,
		.gid = gid,
	};
	struct change *before;
	int r = real_path(p, path, &c.path);

	if (r >= 0)
		r = look(p, c.path, &c.old, &c.was);
	if (r < 0)
		return r;
	if (bytes.len > CHANGE_FILE_MAX)
		return -EFBIG;
	if (c.was.exists && str_eq(bytes, c.old) && is_same(mode, c.was.mode) &&
	    is_same(uid, c.was.uid) && is_same(gid, c.was.gid))
		return 0;
	c.bytes = arena_str(p->arena, bytes.ptr ? bytes : STR(""));
	if (!c.bytes.ptr)
		return -ENOMEM;
	c.what = what ? words(p, "%s", what)
		      : words(p, "%s %s", c.was.exists ? "change" : "write", c.path);
	r = put(p->root, &c, &c.was);
	if (r < 0)
		return r;
	before = earlier(p, c.path);
	if (!before)
		return add(p, &c);
	before->kind = CHANGE_FILE;
	before->bytes = c.bytes;
	before->mode = mode == CHANGE_KEEP ? before->mode : mode;
	before->uid = uid == CHANGE_KEEP ? before->uid : uid;
	before->gid = gid == CHANGE_KEEP ? before->gid : gid;
	return 0;
}

int plan_remove(struct plan *p, const char *path, const char *what)
{
	struct change c = {
		.kind = CHANGE_REMOVE, .mode = CHANGE_KEEP, .uid = CHANGE_KEEP, .gid = CHANGE_KEEP
	};
	int r = real_path(p, path, &c.path);

	if (r >= 0)
		r = look(p, c.path, &c.old, &c.was);
	if (r < 0 || !c.was.exists)
		return r;
	if (earlier(p, c.path))
		return plan_cannot(p, "%s is changed and removed at once", c.path);
	c.what = what ? words(p, "%s", what) : words(p, "remove %s", c.path);
	r = root_over_remove(p->root->over, c.path);
	return r < 0 ? r : add(p, &c);
}

static const char *attribute_words(struct plan *p, const struct change *c)
{
	own(buf_release) struct buf b = BUF(8192);

	buf_puts(&b, c->path);
	if (!is_same(c->mode, c->was.mode))
		buf_fmt(&b, ": mode %04o, was %04o", c->mode, c->was.mode);
	if (!is_same(c->uid, c->was.uid) || !is_same(c->gid, c->was.gid))
		buf_fmt(&b, ": owner %u:%u, was %u:%u", c->uid == CHANGE_KEEP ? c->was.uid : c->uid,
			c->gid == CHANGE_KEEP ? c->was.gid : c->gid, c->was.uid, c->was.gid);
	return b.error ? NULL : arena_cstr(p->arena, buf_view(&b));
}

int plan_attributes(struct plan *p, const char *path, uint32_t mode, uint32_t uid, uint32_t gid,
		    const char *what)
{
	struct change c = { .kind = CHANGE_ATTRIBUTES, .mode = mode, .uid = uid, .gid = gid };
	struct change *before;
	int r = real_path(p, path, &c.path);

	if (r >= 0)
		r = look(p, c.path, NULL, &c.was);
	if (r < 0)
		return r;
	if (!c.was.exists)
		return plan_cannot(p, "%s is not there", c.path);
	if (is_same(mode, c.was.mode) && is_same(uid, c.was.uid) && is_same(gid, c.was.gid))
		return 0;
	before = earlier(p, c.path);
	c.what = what ? words(p, "%s", what) : attribute_words(p, &c);
	r = root_over_attributes(p->root, c.path, mode, uid, gid);
	if (r < 0 || !before)
		return r < 0 ? r : add(p, &c);
	if (before->kind == CHANGE_REMOVE)
		return 0;
	before->mode = mode == CHANGE_KEEP ? before->mode : mode;
	before->uid = uid == CHANGE_KEEP ? before->uid : uid;
	before->gid = gid == CHANGE_KEEP ? before->gid : gid;
	return 0;
}

/* ---- programs ----------------------------------------------------------------------------------- */

static const char *const *copy_args(struct plan *p, const char *const argv[])
{
	size_t n = 0;
	const char **copy;

	if (!argv)
		return NULL;
	while (argv[n])
		n++;
	copy = n && n <= CHANGE_ARGS_MAX ? arena_array(p->arena, n + 1, sizeof *copy) : NULL;
	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = arena_cstr(p->arena, str_of(argv[i]));
		if (!copy[i])
			return NULL;
	}
	return copy;
}

static const char *join_args(struct plan *p, const char *const argv[])
{
	own(buf_release) struct buf b = BUF(64 << 10);

	for (size_t i = 0; argv[i]; i++)
		buf_fmt(&b, "%s%s", i ? " " : "", argv[i]);
	return b.error ? NULL : arena_cstr(p->arena, buf_view(&b));
}

static int add_program(struct plan *p, enum change_kind kind, const char *const argv[],
		       const char *const undo[], const char *body, const char *what)
{
	struct change c = {
		.kind = kind,
		.argv = copy_args(p, argv),
		.undo = copy_args(p, undo),
		.azure_body = body ? arena_cstr(p->arena, str_of(body)) : NULL,
	};

	if (!c.argv || (undo && !c.undo) || (body && !c.azure_body))
		return -ENOMEM;
	c.what = what ? words(p, "%s", what) : join_args(p, argv);
	return add(p, &c);
}

int plan_command(struct plan *p, const char *const argv[], const char *const undo[],
		 const char *what)
{
	return p->root->live ? add_program(p, CHANGE_COMMAND, argv, undo, NULL, what)
			     : plan_cannot(p, "%s is run on the running machine only", argv[0]);
}

int plan_azure(struct plan *p, const char *const argv[], const char *const undo[], const char *body,
	       const char *what)
{
	/* The journal of a tree is not believed what it says of programs. */
	return p->root->live ? add_program(p, CHANGE_AZURE, argv, undo, body, what)
			     : plan_cannot(p, "Azure is asked from a running machine only");
}

static const char *unit_words(struct plan *p, const char *unit, unsigned want)
{
	static const char *const verbs[] = { "enable", "disable", "mask",   "unmask",
					     "start",  "stop",    "restart" };
	own(buf_release) struct buf b = BUF(8192);

	for (unsigned i = 0; i < COUNT(verbs); i++)
		if (want & 1u << i)
			buf_fmt(&b, "%s%s", b.len ? " and " : "", verbs[i]);
	buf_fmt(&b, " %s", unit);
	return b.error ? NULL : arena_cstr(p->arena, buf_view(&b));
}

/* What is so already is not asked for. */
static unsigned unit_needed(const struct change *c, unsigned want)
{
	if (!strcmp(c->unit_enabled, "enabled"))
		want &= ~(unsigned)UNIT_ENABLE;
	if (!strcmp(c->unit_enabled, "disabled"))
		want &= ~(unsigned)UNIT_DISABLE;
	if (!strcmp(c->unit_enabled, "masked"))
		want &= ~(unsigned)(UNIT_MASK | UNIT_DISABLE);
	else
		want &= ~(unsigned)UNIT_UNMASK;
	return want & ~(unsigned)(c->unit_active ? UNIT_START : UNIT_STOP);
}

static struct str unit_name(const struct plan *p, const char *unit)
{
	struct str s = str_of(unit);

	if (str_ends(s, STR(".service")) && unit_of_openrc(p->root))
		s.len -= strlen(".service");
	return s;
}

int plan_unit(struct plan *p, const char *unit, unsigned want, const char *what)
{
	const unsigned lasting = UNIT_ENABLE | UNIT_DISABLE | UNIT_MASK | UNIT_UNMASK;
	struct change c = { .kind = CHANGE_UNIT };
	struct diag d = {};
	int r;

	if (!p->root->live)
		want &= lasting;
	if (!want)
		return 0;
	c.unit = arena_cstr(p->arena, unit_name(p, unit));
	c.what = what ? words(p, "%s", what) : unit_words(p, c.unit ? c.unit : "", want);
	if (!c.unit || !c.what)
		return -ENOMEM;
	r = unit_name_is_plain(unit) ? unit_look(p->root, &c, p->arena, &d) : -EINVAL;
	if (r < 0)
		return plan_cannot(p, "%s", d.reason[0] ? d.reason : "no name of a unit");
	c.unit_want = unit_needed(&c, want);
	return c.unit_want ? add(p, &c) : 0;
}

static bool same_args(const char *const *a, const char *const *b)
{
	size_t i = 0;

	while (a[i] && b[i] && !strcmp(a[i], b[i]))
		i++;
	return !a[i] && !b[i];
}

int plan_effect(struct plan *p, const char *const argv[])
{
	const char *const *copy;

	for (size_t i = 0; i < p->n_effects; i++)
		if (same_args(p->effects[i], argv))
			return 0;
	copy = copy_args(p, argv);
	return copy ? arena_push(p->arena, p->effects, p->n_effects, p->effects_cap, copy)
		    : -ENOMEM;
}
