/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where UDP does not get out: a jump host sends what it is given by ssh. */
#include "jit/client.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define VIA_MAX 1'024U

/* They stand in a shell's line over there. */
static bool is_plain(struct str s, const char *more)
{
	for (size_t i = 0; i < s.len; i++)
		if (!s.ptr[i] || (!strchr(LETTERS, s.ptr[i]) && !strchr(more, s.ptr[i])))
			return false;
	return s.len && s.len <= VIA_MAX;
}

/* "[USER@]HOST[:PORT]" and "ssh://…", with commas between several; none looks like an option. */
static bool is_jump(struct str s)
{
	if (!is_plain(s, "._-@:[]%+/,"))
		return false;
	while (s.ptr) {
		struct str one = str_cut(&s, ',');

		if (str_starts(one, STR("ssh://")))
			one = str_sub(one, 6, one.len);
		if (!one.len || *one.ptr == '-' || str_contains(one, STR("@-")) ||
		    str_contains(one, STR("/")))
			return false;
	}
	return true;
}

/*
 * One datagram a line. bash alone has /dev/udp; dd writes each at once, as each write is a packet.
 * Only quotes that every login shell understands alike.
 */
static struct str command_of(const struct client_target *t, uint16_t port, struct arena *a)
{
	return arena_fmt(a,
			 "exec bash -c 'set -o pipefail; while read -r l; do printf %%s \"$l\" | "
			 "base64 -d | dd obs=8192 2>/dev/null >/dev/udp/%.*s/%u || exit 1; done'",
			 STR_FMT(t->name), port);
}

int client_via(const struct client_target *t, const char *config, struct str jump, uint16_t port,
	       struct str lines, struct diag *d)
{
	struct arena own(arena_release) a = {};
	ssize_t comma = str_rfind(jump, ',');
	struct str before = comma < 0 ? (struct str){} : str_sub(jump, 0, (size_t)comma);
	struct str last = comma < 0 ? jump : str_sub(jump, (size_t)comma + 1, jump.len), out;
	struct str to = arena_cat(&a, str_starts(last, STR("ssh://")) ? STR("") : STR("ssh://"),
				  last, STR(""));
	struct str command = command_of(t, port, &a), through = arena_str(&a, before);
	const char *argv[24] = { "ssh", "-T",
				 "-a",  "-x",
				 "-o",  "ClearAllForwardings=yes",
				 "-o",  "ConnectTimeout=20",
				 "-o",  "ServerAliveInterval=15",
				 "-o",  "RemoteCommand=none" };
	size_t n = 12;
	int r;

	if (!is_jump(jump))
		return diag_set(d, -EINVAL, NULL, 0, "a jump host is [USER@]HOST[:PORT]");
	if (!is_plain(t->name, "._-:"))
		return diag_set(d, -EINVAL, NULL, 0, "a name that no shell may be given");
	if (!to.ptr || !command.ptr || !through.ptr)
		return -ENOMEM;
	if (config) {
		argv[n++] = "-F";
		argv[n++] = config;
	}
	if (before.len) {
		argv[n++] = "-J";
		argv[n++] = through.ptr;
	}
	argv[n++] = "--";
	argv[n++] = to.ptr;
	argv[n++] = command.ptr;
	r = client_run(argv, lines, &a, &out);
	if (r == -ENOENT)
		return diag_set(d, -ENOENT, NULL, 0,
				"there is no ssh here, or no bash at the jump host");
	if (r == -EIO)
		return diag_set(d, r, NULL, 0,
				"the jump host could not be reached, or not send it");
	return r;
}
