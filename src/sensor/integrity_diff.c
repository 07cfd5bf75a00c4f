/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Differences of meaning as sentences. */
#include "facts/linux/passwd_file.h"
#include "sensor/integrity_items.h"

struct differ {
	enum fim_kind kind;
	struct str path, account;
	enum fim_class class;
	struct arena *arena;
	struct fim_diff *list;
	size_t n, cap, left_out;
};

static int push(struct differ *d, struct fim_diff one)
{
	if (d->n >= FIM_DIFFS_MAX) {
		d->left_out++;
		return 0;
	}
	if (!one.text.ptr)
		return -ENOMEM;
	return arena_push(d->arena, d->list, d->n, d->cap, one);
}

static const char *const admin_groups[] = { "root",    "sudo",  "wheel",       "admin",  "adm",
					    "docker",  "lxd",   "disk",        "shadow", "kvm",
					    "libvirt", "incus", "incus-admin", "podman" };

static bool is_admin_group(struct str name)
{
	for (size_t i = 0; i < COUNT(admin_groups); i++)
		if (str_eq(name, str_of(admin_groups[i])))
			return true;
	return false;
}

struct account {
	struct str uid, gid, home, shell;
	bool open; /* no password is asked for */
};

static struct account account_of(struct str value)
{
	struct account a;

	a.uid = str_cut(&value, ':');
	a.gid = str_cut(&value, ':');
	a.home = str_cut(&value, ':');
	/* A shell may hold a colon no more than any other field. */
	a.shell = str_cut(&value, ':');
	a.open = str_eq(value, STR("1"));
	return a;
}

static unsigned account_severity(const struct account *a)
{
	if (str_eq(a->uid, STR("0")) || a->open)
		return 4;
	return shell_is_interactive(a->shell) ? 3 : 1;
}

static int account_added(struct differ *d, const struct fim_item *i)
{
	struct account a = account_of(i->value);
	struct str shell = a.shell.len ? a.shell : STR("/bin/sh");

	return push(d,
		    (struct fim_diff){
			    .what = FIM_ACCOUNT,
			    .action = "account-added",
			    .severity = account_severity(&a),
			    .subject = i->key,
			    .text = arena_fmt(d->arena,
					      "account \"%.*s\" (uid %.*s, home %.*s) added with "
					      "shell %.*s%s",
					      STR_FMT(i->key), STR_FMT(a.uid), STR_FMT(a.home),
					      STR_FMT(shell), a.open ? ", without a password" : ""),
		    });
}

/* The difference that weighs most; *ret_severity of it. */
static struct str account_difference(struct arena *x, const struct account *a,
				     const struct account *b, unsigned *ret_severity)
{
	if (!str_eq(a->uid, b->uid)) {
		*ret_severity = MAX(account_severity(b), 3U);
		return arena_fmt(x, "uid %.*s became %.*s", STR_FMT(a->uid), STR_FMT(b->uid));
	}
	if (!str_eq(a->shell, b->shell)) {
		*ret_severity = account_severity(b);
		return arena_fmt(x, "shell %.*s became %.*s", STR_FMT(a->shell), STR_FMT(b->shell));
	}
	if (a->open != b->open) {
		*ret_severity = b->open ? 4 : 1;
		return b->open ? STR("no password is asked for any more")
			       : STR("a password is asked for");
	}
	if (!str_eq(a->home, b->home)) {
		*ret_severity = 2;
		return arena_fmt(x, "home %.*s became %.*s", STR_FMT(a->home), STR_FMT(b->home));
	}
	*ret_severity = str_eq(b->gid, STR("0")) ? 3 : 1;
	return arena_fmt(x, "gid %.*s became %.*s", STR_FMT(a->gid), STR_FMT(b->gid));
}

static int account_changed(struct differ *d, const struct fim_item *i, struct str was)
{
	const struct account a = account_of(was), b = account_of(i->value);
	struct fim_diff one = { FIM_ACCOUNT, "account-changed", 0, i->key, STR("") };
	struct str what = account_difference(d->arena, &a, &b, &one.severity);

	if (!what.ptr)
		return -ENOMEM;
	one.text = arena_fmt(d->arena, "account \"%.*s\": %.*s", STR_FMT(i->key), STR_FMT(what));
	return push(d, one);
}

static int passwd(struct differ *d, const struct fim_item *was, const struct fim_item *is)
{
	if (!was)
		return account_added(d, is);
	if (is)
		return account_changed(d, is, was->value);
	return push(d, (struct fim_diff){ FIM_ACCOUNT, "account-removed", 2, was->key,
					  arena_fmt(d->arena, "account \"%.*s\" removed",
						    STR_FMT(was->key)) });
}

static int shadow(struct differ *d, const struct fim_item *was, const struct fim_item *is)
{
	struct str before = was ? was->value : STR(""), after = is ? is->value : STR("");
	struct str old = str_cut(&before, ':'), now = str_cut(&after, ':');
	struct str name = is ? is->key : was->key;
	const char *what = "password changed";
	unsigned severity = 2;

	/* Accounts that come and go are told by passwd. */
	if (!is || (!was && (str_eq(now, STR("locked")) || str_eq(now, STR("unset")))))
		return 0;
	if (str_eq(now, STR("empty"))) {
		what = "has an empty password now";
		severity = 4;
	} else if (str_eq(now, STR("set")) && !str_eq(old, STR("set"))) {
		what = "got a password";
		severity = was ? 3 : 2;
	} else if (!str_eq(now, STR("set"))) {
		what = "password locked";
		severity = 1;
	}
	return push(d, (struct fim_diff){
			       FIM_ACCOUNT, "password-changed", severity, name,
			       arena_fmt(d->arena, "account \"%.*s\": %s", STR_FMT(name), what) });
}

static int group(struct differ *d, const struct fim_item *was, const struct fim_item *is)
{
	struct str member = is ? is->key : was->key, name = str_cut(&member, ':');
	bool admin = is_admin_group(name);
	struct fim_diff one = { .what = FIM_ACCOUNT, .severity = 1, .subject = name };

	if (!member.ptr) {
		one.action = !was ? "group-added" : !is ? "group-removed" : "group-changed";
		one.text = arena_fmt(d->arena, "group \"%.*s\" %s", STR_FMT(name),
				     !was  ? "added"
				     : !is ? "removed"
					   : "has another gid");
		one.severity = !was || !is ? 0 : 2;
		return push(d, one);
	}
	one.subject = member;
	one.action = is ? "member-added" : "member-removed";
	one.severity = is && admin ? 3 : 1;
	one.text = arena_fmt(d->arena, "account \"%.*s\" %s group \"%.*s\"%s", STR_FMT(member),
			     is ? "added to" : "removed from", STR_FMT(name),
			     is && admin ? ", whose members may become root" : "");
	return push(d, one);
}

static int key(struct differ *d, const struct fim_item *was, const struct fim_item *is)
{
	struct str rest = is ? is->value : was->value, type = str_cut(&rest, '\n');
	struct str options = str_cut(&rest, '\n'), where;
	struct str fingerprint = is ? is->key : was->key;

	where = d->account.len ? arena_fmt(d->arena, "%.*s's authorized_keys", STR_FMT(d->account))
			       : d->path;
	return push(d, (struct fim_diff){
			       .what = FIM_KEY,
			       .action = !was ? "key-added"
					 : is ? "key-changed"
					      : "key-removed",
			       .severity = !was || is ? 3 : 1,
			       .subject = fingerprint,
			       .text = arena_fmt(d->arena, "key %.*s (%.*s%s%.*s%s%.*s) %s %.*s",
						 STR_FMT(fingerprint), STR_FMT(type),
						 rest.len ? ", " : "", STR_FMT(rest),
						 options.len ? ", with " : "", STR_FMT(options),
						 !was ? "added to"
						 : is ? "has other options or another comment in"
						      : "removed from",
						 STR_FMT(where)),
		       });
}

static int line(struct differ *d, const struct fim_item *was, const struct fim_item *is)
{
	struct str text = is ? is->key : was->key;

	return push(d, (struct fim_diff){
			       .what = FIM_LINE,
			       .action = is ? "line-added" : "line-removed",
			       .severity = fim_class_severity(d->class, false),
			       .subject = text,
			       .text = arena_fmt(d->arena, "%s %.*s: %.*s",
						 is ? "line added to" : "line removed from",
						 STR_FMT(d->path), STR_FMT(text)),
		       });
}

static int tell(struct differ *d, const struct fim_item *was, const struct fim_item *is)
{
	switch (d->kind) {
	case FIM_KIND_PASSWD: return passwd(d, was, is);
	case FIM_KIND_SHADOW: return shadow(d, was, is);
	case FIM_KIND_GROUP: return group(d, was, is);
	case FIM_KIND_KEYS: return key(d, was, is);
	case FIM_KIND_LINES: return line(d, was, is);
	case FIM_KIND_NONE: break;
	}
	return 0;
}

/* Two sorted lists, side by side. */
static int walk(struct differ *d, struct str before, struct str after)
{
	struct fim_item was, is;
	bool has_was = fim_items_next(&before, &was), has_is = fim_items_next(&after, &is);

	while (has_was || has_is) {
		int c = !has_was ? 1 : !has_is ? -1 : str_cmp(was.key, is.key);
		int r = 0;

		if (c < 0)
			r = tell(d, &was, NULL);
		else if (c > 0)
			r = tell(d, NULL, &is);
		else if (!str_eq(was.value, is.value))
			r = tell(d, &was, &is);
		if (r < 0)
			return r;
		if (c <= 0)
			has_was = fim_items_next(&before, &was);
		if (c >= 0)
			has_is = fim_items_next(&after, &is);
	}
	return 0;
}

int fim_items_diff(enum fim_kind kind, struct str before, struct str after, struct str path,
		   struct str account, enum fim_class class, struct arena *a, struct fim_diff **ret,
		   size_t *ret_n)
{
	struct differ d = {
		.kind = kind, .path = path, .account = account, .class = class, .arena = a
	};
	int r = walk(&d, before, after);

	if (r >= 0 && d.left_out) {
		struct fim_diff last = { .what = FIM_GAP, .action = "more", .severity = 2 };

		last.subject = path;
		last.text = arena_fmt(a, "%.*s: %zu more differences", STR_FMT(path), d.left_out);
		r = last.text.ptr ? arena_push(a, d.list, d.n, d.cap, last) : -ENOMEM;
	}
	if (r < 0)
		return r;
	*ret = d.list;
	*ret_n = d.n;
	return 0;
}
