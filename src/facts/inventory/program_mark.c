/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/inventory/program.h"

#define CHUNK ((size_t)256 << 10)
#define OVERLAP ((size_t)128)

/*
 * The name of the file begins with `file`, and what follows is no letter. The mark is a text that
 * the program itself prints or sends, with the version behind it.
 */
static const struct program_mark {
	struct str file, mark;
	const char *name, *kind;
	const char *ends; /* what may stand behind the version; NULL: anything */
} marks[] = {
	{STR("nginx"),         STR("nginx version: nginx/"),                 "nginx",     "application", NULL},
	{ STR("nginx"),        STR("nginx version: openresty/"),             "openresty", "application", NULL},
	{ STR("nginx"),        STR("Tengine version: Tengine/"),             "tengine",   "application", NULL},
	{ STR("openresty"),    STR("nginx version: openresty/"),             "openresty", "application", NULL},
	{ STR("httpd"),        STR("Apache/"),                               "apache",    "application", " ("},
	{ STR("apache2"),      STR("Apache/"),                               "apache",    "application", " ("},
	{ STR("php"),          STR("X-Powered-By: PHP/"),                    "php",       "runtime",     NULL},
	{ STR("libphp"),       STR("X-Powered-By: PHP/"),                    "php",       "runtime",     NULL},
	{ STR("node"),         STR("https://nodejs.org/download/release/v"), "nodejs",    "runtime",     "/" },
	{ STR("libcrypto.so"), STR("OpenSSL "),                              "openssl",   "library",     " " },
	{ STR("openssl"),      STR("OpenSSL "),                              "openssl",   "library",     " " },
	{ STR("sshd"),         STR("OpenSSH_"),                              "openssh",   "application", NULL},
	{ STR("lighttpd"),     STR("lighttpd/"),                             "lighttpd",  "application", NULL},
	{ STR("proftpd"),      STR("ProFTPD Version "),                      "proftpd",   "application", NULL},
	{ STR("vsftpd"),       STR("vsftpd: version "),                      "vsftpd",    "application", NULL},
};

static bool names(const struct program_mark *m, struct str name)
{
	char next;

	if (!str_starts(name, m->file))
		return false;
	if (name.len == m->file.len)
		return true;
	next = name.ptr[m->file.len];
	return next == '-' || next == '.' || next == '_' || (next >= '0' && next <= '9');
}

bool program_is_marked(struct str name)
{
	for (size_t i = 0; i < COUNT(marks); i++)
		if (names(&marks[i], name))
			return true;
	return false;
}

/* "1.22.1", "1.1.1w", "9.2p1", "8.2.7-dev"; '' where it does not begin with a number and a dot. */
static struct str version_at(struct str s, const char *ends)
{
	size_t n = 0;
	bool dot = false;

	while (n < s.len && n < 40 &&
	       ((s.ptr[n] >= '0' && s.ptr[n] <= '9') || (s.ptr[n] >= 'a' && s.ptr[n] <= 'z') ||
		(n && (s.ptr[n] == '.' || s.ptr[n] == '-' || s.ptr[n] == '+')))) {
		dot |= s.ptr[n] == '.';
		n++;
	}
	if (!n || !dot || s.ptr[0] < '0' || s.ptr[0] > '9' || s.ptr[n - 1] == '.')
		return STR("");
	if (ends && !str_starts(str_sub(s, n, s.len), str_of(ends)))
		return STR("");
	return str_sub(s, 0, n);
}

/* In a piece of the file; what is cut off at its end is found in the next one. */
static struct str find(struct str text, const struct program_mark *m)
{
	struct str version = STR("");

	while (!version.len && text.len >= m->mark.len) {
		const char *p = memmem(text.ptr, text.len, m->mark.ptr, m->mark.len);

		if (!p)
			break;
		text = str_sub(text, (size_t)(p - text.ptr) + m->mark.len, text.len);
		version = version_at(text, m->ends);
		/* It may go on behind the piece. */
		if (version.len == text.len)
			return STR("");
	}
	return version;
}

static int search(const struct stretch *s, const struct program_mark *m, char *piece,
		  component_fn *fn, void *user, bool *found)
{
	uint64_t n = MIN(s->bytes, PROGRAM_BYTES_MAX);

	for (uint64_t at = 0; at < n; at += CHUNK) {
		size_t want = (size_t)MIN(n - at, (uint64_t)(CHUNK + OVERLAP));
		int r = stretch_read(s, at, piece, want);
		struct component x = { .kind = str_of(m->kind),
				       .name = str_of(m->name),
				       .evidence = m->mark };

		if (r < 0)
			return r;
		x.version = find((struct str){ piece, want }, m);
		if (!x.version.len)
			continue;
		*found = true;
		return fn(user, &x);
	}
	return 0;
}

int program_marked(const struct stretch *s, struct str name, component_fn *fn, void *user)
{
	own(free_ptr) char *piece = malloc(CHUNK + OVERLAP);
	bool found = false;
	int r = piece ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && !found && i < COUNT(marks); i++)
		if (names(&marks[i], name))
			r = search(s, &marks[i], piece, fn, user, &found);
	return r < 0 ? r : found;
}
