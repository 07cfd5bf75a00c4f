/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sysctl: kernel parameters. The setting goes into a file that is read late (sysctl.d(5) sorts by
 * name); lines elsewhere below /etc that say otherwise become comments, as /etc/sysctl.conf is read
 * even later by some programs.
 */
#include "action/draft.h"

#define OURS "/etc/sysctl.d/99-zz-holdfast.conf"
#define NAME_MAX_LEN 256u

/* "net/ipv4/ip_forward" and "net.ipv4.ip_forward" are one name: sysctl.d(5). */
static struct str plain_name(struct str s, char out[static NAME_MAX_LEN])
{
	ssize_t dot, slash;

	s = str_trim(s);
	while (s.len && (s.ptr[0] == '/' || s.ptr[0] == '-'))
		s = str_sub(s, 1, s.len);
	dot = str_find(s, '.');
	slash = str_find(s, '/');
	if (slash < 0 || (dot >= 0 && dot < slash) || s.len >= NAME_MAX_LEN)
		return s;
	for (size_t i = 0; i < s.len; i++)
		out[i] = (char)(s.ptr[i] == '/' ? '.' : s.ptr[i] == '.' ? '/' : s.ptr[i]);
	return (struct str){ out, s.len };
}

/* Lines of a file that give the parameter another value become comments. */
static int quiet(const struct remedy_input *in, struct plan *p, const char *path, struct str name,
		 struct str value)
{
	own(draft_release) struct draft d = {};
	struct str rest, line;
	unsigned number = 0;
	bool any = false;
	struct str real;
	int r = root_realpath(in->root, path, in->arena, &real);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	draft_open(&d, p, real.ptr);
	rest = arena_str(in->arena, buf_view(&d.text));
	while (d.error >= 0 && str_line(&rest, &line, NULL)) {
		char space[NAME_MAX_LEN];
		struct str has = line, key = str_cut(&has, '=');

		number++;
		line = str_trim(line);
		if (!line.len || strchr("#;", line.ptr[0]) ||
		    !str_glob(plain_name(key, space), name) || str_eq(str_trim(has), value))
			continue;
		draft_comment(&d, number);
		any = true;
	}
	return any || d.error < 0 ? draft_save(&d, 0644, NULL) : 0;
}

static int quiet_all(const struct remedy_input *in, struct plan *p, struct str name,
		     struct str value)
{
	struct str *paths;
	size_t n;
	int r = root_glob(in->root, "/etc/sysctl.d/*.conf", in->arena, &paths, &n);

	for (size_t i = 0; r >= 0 && i < n; i++)
		if (str_cmp(paths[i], STR(OURS)))
			r = quiet(in, p, paths[i].ptr, name, value);
	return r < 0 ? r : quiet(in, p, "/etc/sysctl.conf", name, value);
}

/* The running kernel, which can be told otherwise again. */
static int tell_kernel(const struct remedy_input *in, struct plan *p, struct str name,
		       struct str value)
{
	struct str *now, set, back;
	size_t n;
	int r = remedy_query_text(in,
				  "SELECT current_value FROM system_controls WHERE name = ?1 "
				  "AND current_value IS NOT NULL",
				  name, &now, &n);

	if (r < 0 || !n || str_eq(now[0], value))
		return r;
	set = arena_cat(in->arena, name, STR("="), value);
	back = arena_cat(in->arena, name, STR("="), now[0]);
	if (!set.ptr || !back.ptr)
		return -ENOMEM;
	return plan_command(p, (const char *const[]){ "sysctl", "-q", "-w", set.ptr, NULL },
			    (const char *const[]){ "sysctl", "-q", "-w", back.ptr, NULL }, NULL);
}

/* Whether packets may stop to come that come now: over another way, or through this machine. */
static bool turns_packets(struct str name)
{
	static const char *const patterns[] = { "net.ipv?.conf.*.rp_filter",
						"net.ipv?.conf.*.accept_redirects",
						"net.ipv?.conf.*.accept_source_route",
						"net.ipv?.conf.*.forwarding",
						"net.ipv4.ip_forward" };

	for (size_t i = 0; i < COUNT(patterns); i++)
		if (str_glob(str_of(patterns[i]), name))
			return true;
	return false;
}

static int plan_one(const struct remedy_input *in, struct plan *p, struct str name,
		    struct str value)
{
	own(draft_release) struct draft d = {};
	int r = quiet_all(in, p, name, value);

	if (r < 0)
		return r;
	p->risky |= turns_packets(name);
	draft_open(&d, p, OURS);
	draft_head(&d);
	draft_set(&d, &edit_sysctl, (struct str){}, name, value);
	r = draft_save(&d, 0644, NULL);
	return r < 0 || !in->options->live ? r : tell_kernel(in, p, name, value);
}

static int plan_sysctl(const struct remedy_input *in, struct plan *p)
{
	int r = in->n_args % 2 || !in->n_args
			? plan_cannot(p, "the check's action is not understood")
			: 0;

	for (size_t i = 0; r >= 0 && i + 1 < in->n_args; i += 2)
		for (size_t j = 0; r >= 0 && j < in->n_resources; j++) {
			struct str name = in->resources[j].resource;

			if (str_glob(in->args[i], name) && !memchr(name.ptr, ' ', name.len))
				r = plan_one(in, p, name, in->args[i + 1]);
		}
	return r;
}

const struct remedy remedy_sysctl = {
	.kind = "sysctl",
	.args = "NAME VALUE …",
	.what = "kernel parameters in " OURS
		", and in the running kernel; NAME may have wildcards, "
		"and those that the check finds are set",
	.plan = plan_sysctl,
};
