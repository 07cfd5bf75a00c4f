/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sshd: a setting of the server. sshd takes the first value that it meets (sshd_config(5)), so the
 * setting goes to where it is met first, and lines in Match blocks that say otherwise are made
 * comments.
 */
#include "action/remedy_sshd.h"

#include "action/draft.h"
#include "base/buf.h"

#define MAIN "/etc/ssh/sshd_config"
#define FOLDER "/etc/ssh/sshd_config.d"
#define OURS FOLDER "/00-holdfast.conf"
#define MARK "# holdfast: "
#define FILES_MAX 256u
#define HEAD "# Written by `holdfast fix`; `holdfast undo` takes it back.\n"

#define TOP_BEGIN "# holdfast: begin\n"
#define TOP_END "# holdfast: end\n"
#define SETTINGS_MAX 16u

struct setting {
	struct str keyword, value;
};

struct work {
	const struct remedy_input *in;
	struct plan *plan;
	struct setting set[SETTINGS_MAX];
	size_t n;
	bool met; /* where our settings stand was passed: what follows globally counts no more */
	bool included; /* our file is read */
	bool match;    /* in a Match block */
	bool dry;      /* looks whether our file is read */
	unsigned files;
};

/* Keyword and the rest of a line: "Keyword value", "Keyword=value". */
static struct str keyword_of(struct str line, struct str *ret_value)
{
	struct str s = str_trim(line), k = s;

	k.len = 0;
	while (k.len < s.len && !strchr(" \t=\"", s.ptr[k.len]))
		k.len++;
	s = str_trim(str_sub(s, k.len, s.len));
	if (str_starts(s, STR("=")))
		s = str_trim(str_sub(s, 1, s.len));
	*ret_value = s;
	return k;
}

static int scan_file(struct work *w, const char *path);

/* Files of one pattern, in the order in which sshd reads them; ours may be among them one day. */
static int scan_pattern(struct work *w, struct str pattern)
{
	struct arena *a = w->in->arena;
	bool met = w->met, outer = w->match, ours;
	struct str *paths, full;
	size_t n;
	int r;

	full = arena_cat(a, str_starts(pattern, STR("/")) ? STR("") : STR("/etc/ssh/"), pattern,
			 STR(""));
	if (!full.ptr)
		return -ENOMEM;
	ours = !w->match && str_glob(full, STR(OURS));
	w->included = w->included || ours;
	r = root_glob(w->in->root, full.ptr, a, &paths, &n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		w->met = met || (ours && str_cmp(paths[i], STR(OURS)) > 0);
		r = scan_file(w, paths[i].ptr);
		w->match = outer; /* a Match ends with its file */
	}
	w->met = met || ours;
	return r;
}

static int scan_include(struct work *w, struct str patterns)
{
	struct str pattern;
	int r = 0;

	while (r >= 0 && (pattern = str_quoted_word(&patterns)).ptr)
		r = scan_pattern(w, pattern);
	return r;
}

/* Releases of OpenSSH up to 9.2 at least: a later line writes over what the first one said. */
static bool last_counts(struct str keyword) { return str_ieq(keyword, STR("MaxStartups")); }

/* A line that is met before ours, or that a Match block holds, and says something else. */
static bool is_against(const struct work *w, struct str keyword, struct str value)
{
	for (size_t i = 0; !w->dry && i < w->n; i++)
		if (str_ieq(keyword, w->set[i].keyword) && !str_ieq(value, w->set[i].value))
			return w->match || !w->met || last_counts(keyword);
	return false;
}

static int scan_lines(struct work *w, struct str text, struct buf *out, bool *ret_changed)
{
	int r = 0;

	while (r >= 0 && text.len) {
		ssize_t end = str_find(text, '\n');
		struct str line = str_sub(text, 0, end < 0 ? text.len : (size_t)end + 1);
		struct str value, keyword = keyword_of(line, &value);

		text = str_sub(text, line.len, text.len);
		if (str_eq(line, STR(TOP_END)))
			w->met = true;
		if (str_ieq(keyword, STR("match")))
			w->match = true;
		if (str_ieq(keyword, STR("include")))
			r = scan_include(w, value);
		if (is_against(w, keyword, value)) {
			buf_puts(out, MARK);
			*ret_changed = true;
		}
		buf_str(out, line);
	}
	return r < 0 ? r : out->error;
}

static int scan_file(struct work *w, const char *path)
{
	own(buf_release) struct buf out = BUF(CHANGE_FILE_MAX);
	struct str text, real;
	bool changed = false;
	int r = root_realpath(w->in->root, path, w->in->arena, &real);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (str_eq(real, STR(OURS)))
		return 0;
	if (++w->files > FILES_MAX)
		return -E2BIG;
	r = root_read(w->in->root, real.ptr, CHANGE_FILE_MAX, w->in->arena, &text, NULL);
	if (r >= 0)
		r = scan_lines(w, text, &out, &changed);
	return r < 0 || !changed ? r
				 : plan_file(w->plan, real.ptr, buf_view(&out), CHANGE_KEEP,
					     CHANGE_KEEP, CHANGE_KEEP, NULL);
}

/* The lines of `old` without those of our keywords, then ours. */
static void merge(const struct work *w, struct str old, struct buf *out)
{
	struct str line;

	while (str_line(&old, &line, NULL)) {
		struct str value, keyword = keyword_of(line, &value);
		bool mine = false;

		for (size_t i = 0; i < w->n; i++)
			mine = mine || str_ieq(keyword, w->set[i].keyword);
		if (!mine)
			buf_fmt(out, "%.*s\n", STR_FMT(line));
	}
	for (size_t i = 0; i < w->n; i++)
		buf_fmt(out, "%.*s %.*s\n", STR_FMT(w->set[i].keyword), STR_FMT(w->set[i].value));
}

static int write_drop_in(struct work *w)
{
	own(buf_release) struct buf out = BUF(CHANGE_FILE_MAX);
	struct change_was was;
	struct str old;
	int r = plan_read(w->plan, OURS, &old, &was);

	if (r < 0)
		return r;
	merge(w, was.exists ? old : STR(HEAD), &out);
	return out.error
		       ? out.error
		       : plan_file(w->plan, OURS, buf_view(&out), was.exists ? CHANGE_KEEP : 0644u,
				   CHANGE_KEEP, CHANGE_KEEP, NULL);
}

/* No file of ours is read: the head of the main file, where everything is met first. */
static int write_main(struct work *w)
{
	own(buf_release) struct buf out = BUF(CHANGE_FILE_MAX);
	struct str old, block = {}, rest;
	int r = plan_read(w->plan, MAIN, &old, NULL);

	if (r < 0)
		return r;
	rest = old;
	if (str_starts(old, STR(TOP_BEGIN))) {
		struct str line, all = old;

		(void)str_line(&all, &line, NULL);
		block.ptr = all.ptr;
		while (str_line(&all, &line, NULL) && !str_eq(line, STR("# holdfast: end")))
			block.len = (size_t)(all.ptr - block.ptr);
		rest = all;
	}
	buf_puts(&out, TOP_BEGIN);
	merge(w, block, &out);
	buf_puts(&out, TOP_END);
	buf_str(&out, rest);
	return out.error ? out.error
			 : plan_file(w->plan, MAIN, buf_view(&out), CHANGE_KEEP, CHANGE_KEEP,
				     CHANGE_KEEP, NULL);
}

/* "KEYWORD VALUE … [; KEYWORD VALUE …]" */
static int read_settings(const struct remedy_input *in, struct work *w)
{
	for (size_t i = 0; i < in->n_args; i++) {
		struct setting *s = &w->set[w->n];

		if (w->n == SETTINGS_MAX)
			return -EINVAL;
		if (str_eq(in->args[i], STR(";"))) {
			w->n++;
		} else if (!s->keyword.len) {
			s->keyword = in->args[i];
		} else {
			s->value = arena_cat(in->arena, s->value, s->value.len ? STR(" ") : STR(""),
					     in->args[i]);
			if (!s->value.ptr)
				return -ENOMEM;
		}
	}
	w->n++;
	for (size_t i = 0; i < w->n; i++)
		if (!w->set[i].keyword.len || !w->set[i].value.len)
			return -EINVAL;
	return 0;
}

static int scan(struct work *w, bool dry)
{
	w->dry = dry;
	w->met = w->match = false;
	w->files = 0;
	return scan_file(w, MAIN);
}

static int plan_reload(struct plan *p)
{
	struct stat st;

	if (root_stat(p->root, "/sbin/rc-service", &st) >= 0)
		return plan_effect(p, (const char *const[]){ "rc-service", "--ifstarted", "sshd",
							     "reload", NULL });
	return plan_effect(p,
			   (const char *const[]){
				   "systemctl", "try-reload-or-restart",
				   root_stat(p->root, "/lib/systemd/system/ssh.service", &st) >= 0
					   ? "ssh.service"
					   : "sshd.service",
				   NULL });
}

/*
 * Red Hat 8 gives sshd its algorithms on the command line, where they count for more than any file:
 * crypto-policies(7). A CRYPTO_POLICY that is empty says that sshd_config has them.
 */
static int own_algorithms(const struct work *w)
{
	static const char *const keywords[] = { "Ciphers",
						"MACs",
						"KexAlgorithms",
						"HostKeyAlgorithms",
						"PubkeyAcceptedKeyTypes",
						"CASignatureAlgorithms" };
	own(draft_release) struct draft d = {};
	struct str unit, now;
	bool any = false;

	for (size_t i = 0; i < w->n; i++)
		for (size_t k = 0; k < COUNT(keywords); k++)
			any |= str_ieq(w->set[i].keyword, str_of(keywords[k]));
	if (!any ||
	    root_read(w->in->root, "/usr/lib/systemd/system/sshd.service", EDIT_MAX, w->in->arena,
		      &unit, NULL) < 0 ||
	    !str_contains(unit, STR("$CRYPTO_POLICY")))
		return 0;
	draft_open(&d, w->plan, "/etc/sysconfig/sshd");
	if (!edit_get(buf_view(&d.text), &edit_shell, (struct str){}, STR("CRYPTO_POLICY"), &now) ||
	    now.len)
		draft_set(&d, &edit_shell, (struct str){}, STR("CRYPTO_POLICY"), STR(""));
	return draft_save(&d, 0640, NULL);
}

int remedy_sshd_set(const struct remedy_input *in, struct plan *p)
{
	struct work w = { .in = in, .plan = p };
	struct stat st;
	int r = read_settings(in, &w);

	if (r == -EINVAL)
		return plan_cannot(p, "the check's action is not understood");
	if (root_stat(in->root, MAIN, &st) == -ENOENT)
		return plan_cannot(p, "there is no " MAIN);
	p->risky = true;
	p->validate |= VALIDATE_SSHD;
	if (r >= 0)
		r = scan(&w, true);
	if (r >= 0)
		r = w.included ? write_drop_in(&w) : write_main(&w);
	if (r >= 0)
		r = scan(&w, false);
	if (r >= 0)
		r = own_algorithms(&w);
	return r < 0 ? r : plan_reload(p);
}

const struct remedy remedy_sshd = {
	.kind = "sshd",
	.args = "KEYWORD VALUE … [; KEYWORD VALUE …]",
	.what = "settings of sshd in " OURS ", or at the head of " MAIN
		" where that is not read; lines that say otherwise become comments",
	.plan = remedy_sshd_set,
};
