/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A stack that names a module or a file that is not there locks everybody out (pam.conf(5): what
 * cannot be loaded fails).
 */
#include "action/validate.h"

static bool has_module(const struct root *root, struct str name)
{
	static const char *const folders[] = {
		"/lib/*-linux-gnu*/security/",
		"/usr/lib/*-linux-gnu*/security/",
		"/lib64/security/",
		"/usr/lib64/security/",
		"/lib/security/",
		"/usr/lib/security/",
	};
	struct arena own(arena_release) a = {};
	struct stat st;

	if (str_starts(name, STR("/")))
		return root_stat(root, arena_cstr(&a, name), &st) >= 0;
	for (size_t i = 0; i < COUNT(folders); i++) {
		struct str *paths, pattern = arena_cat(&a, str_of(folders[i]), name, STR(""));
		size_t n = 0;

		if (pattern.ptr && root_glob(root, pattern.ptr, &a, &paths, &n) >= 0 && n)
			return true;
	}
	return false;
}

static bool has_stack(const struct root *root, struct str name)
{
	static const char *const folders[] = { "/etc/pam.d/", "/usr/lib/pam.d/",
					       "/usr/share/pam.d/" };
	struct arena own(arena_release) a = {};
	struct stat st;

	for (size_t i = 0; i < COUNT(folders); i++) {
		bool whole = str_starts(name, STR("/"));
		struct str path =
			arena_cat(&a, whole ? STR("") : str_of(folders[i]), name, STR(""));

		if (path.ptr && root_stat(root, path.ptr, &st) >= 0)
			return true;
	}
	return false;
}

static int check_stack(const struct root *root, struct str name, struct diag *d)
{
	return has_stack(root, name)
		       ? 0
		       : diag_set(d, -EINVAL, NULL, 0, "there is no PAM stack %.*s", STR_FMT(name));
}

/* "type control module …", "type include file", "@include file"; a '-' before the type: may be absent. */
static int check_line(const struct root *root, struct str line, bool service, struct diag *d)
{
	struct str rest = str_trim(line), word, control, target;

	if (!rest.len || rest.ptr[0] == '#')
		return 0;
	if (service)
		(void)str_word(&rest);
	word = str_word(&rest);
	if (str_eq(word, STR("@include")))
		return check_stack(root, str_word(&rest), d);
	control = str_word(&rest);
	if (str_starts(control, STR("[")) && !str_ends(control, STR("]"))) {
		ssize_t end = str_find(rest, ']');

		rest = end < 0 ? (struct str){} : str_sub(rest, (size_t)end + 1, rest.len);
	}
	target = str_word(&rest);
	if (!target.len)
		return diag_set(d, -EINVAL, NULL, 0, "a line names no module: %.*s", STR_FMT(line));
	if (str_ieq(control, STR("include")) || str_ieq(control, STR("substack")))
		return check_stack(root, target, d);
	if (str_starts(word, STR("-")) || has_module(root, target))
		return 0;
	return diag_set(d, -EINVAL, NULL, 0, "there is no PAM module %.*s", STR_FMT(target));
}

/* What is wrong as it is now is not made worse. */
static bool was_there(struct str old, struct str line)
{
	struct str one;

	while (str_line(&old, &one, NULL))
		if (str_eq(str_trim(one), str_trim(line)))
			return true;
	return false;
}

int validate_pam(const struct root *root, const struct change *c, struct diag *d)
{
	bool service = !str_contains(str_of(c->path), STR("/pam.d/"));
	struct str text = c->bytes, line;
	int r = 0;

	while (r >= 0 && str_line(&text, &line, NULL)) {
		struct diag why = {};

		if (check_line(root, line, service, &why) < 0 && !was_there(c->old, line))
			r = diag_set(d, -EINVAL, NULL, 0, "refused: %s", why.reason);
	}
	return r;
}
