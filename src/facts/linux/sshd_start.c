/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How sshd is started: options on its command line go before its configuration. */
#include <stdio.h>

#include "facts/linux/sshd_load.h"

#define WORDS_MAX 256
#define VARIABLES_MAX 64

static const char *const unit_dirs[] = { "/etc/systemd/system", "/run/systemd/system",
					 "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
					 "/lib/systemd/system" };

struct variable {
	struct str name, value;
	const char *file;
	unsigned line;
};
struct unit {
	struct collect *c;
	struct variable variables[VARIABLES_MAX];
	size_t n_variables;
	struct str exec; /* the last ExecStart= */
	const char *file;
	unsigned line;
	struct str streams; /* ports of ListenStream= */
};

static int set_variable(struct unit *u, struct str name, struct str value, const char *file,
			unsigned line)
{
	size_t i = 0;

	while (i < u->n_variables && !str_eq(u->variables[i].name, name))
		i++;
	if (i == VARIABLES_MAX)
		return 0;
	u->variables[i] = (struct variable){ name, str_unquote(str_trim(value)), file, line };
	u->n_variables = MAX(u->n_variables, i + 1);
	return 0;
}

/* NAME=value lines, as systemd and shells read them. */
static int read_environment(struct unit *u, const char *path)
{
	struct str text, line;
	unsigned number = 0;
	int r = collect_read(u->c, path, &text, NULL);

	while (r == 1 && str_line(&text, &line, &number)) {
		struct str value = str_trim(line), name;

		if (str_starts(value, STR("export ")))
			value = str_sub(value, 7, value.len);
		name = str_cut(&value, '=');
		if (value.ptr && name.len && name.ptr[0] != '#')
			r = MIN(set_variable(u, str_trim(name), value, path, number), 1);
		r = r < 0 ? r : 1;
	}
	return MIN(r, 0);
}

/* Ports of "22", "0.0.0.0:22", "[::]:22". */
static int add_stream(struct unit *u, struct str value)
{
	ssize_t colon = str_rfind(value, ':');
	struct str port = str_sub(value, (size_t)(colon + 1), value.len);
	int64_t n;

	if (!value.len)
		u->streams = STR("");
	if (str_to_int64(port, &n) < 0 || str_contains(u->streams, port))
		return 0;
	u->streams = arena_cat(u->c->arena, u->streams, u->streams.len ? STR(",") : STR(""), port);
	return u->streams.ptr ? 0 : -ENOMEM;
}

static int unit_line(struct unit *u, struct str key, struct str value, const char *file,
		     unsigned line)
{
	if (str_eq(key, STR("ExecStart"))) {
		u->exec = value;
		u->file = file;
		u->line = line;
	} else if (str_eq(key, STR("Environment"))) {
		struct str name = str_unquote(value), v = name;

		name = str_cut(&v, '=');
		return v.ptr ? set_variable(u, name, v, file, line) : 0;
	} else if (str_eq(key, STR("EnvironmentFile"))) {
		const char *path = arena_cstr(
			u->c->arena, str_sub(value, str_starts(value, STR("-")), value.len));

		return path ? read_environment(u, path) : -ENOMEM;
	} else if (str_eq(key, STR("ListenStream"))) {
		return add_stream(u, value);
	}
	return 0;
}

static int unit_file(struct collect *c, const char *path, struct str text, void *user)
{
	struct unit *u = user;
	struct str line;
	unsigned number = 0;
	int r = 0;

	while (r >= 0 && str_line(&text, &line, &number)) {
		unsigned first = number;
		struct str value = str_trim(line), more;

		/* Continued lines. */
		while (str_ends(value, STR("\\")) && str_line(&text, &more, &number)) {
			value.len--;
			value = arena_cat(c->arena, value, STR(" "), str_trim(more));
			if (!value.ptr)
				return -ENOMEM;
		}
		if (!value.len || strchr("#;[", value.ptr[0]))
			continue;
		struct str key = str_cut(&value, '=');

		r = unit_line(u, str_trim(key), str_trim(value), path, first);
	}
	return r;
}

/* 1: there is such a unit; its drop-ins are read, too. */
static int read_unit(struct unit *u, const char *name)
{
	char path[128];
	int found = 0, r = 0;

	for (size_t i = 0; !found && i < COUNT(unit_dirs); i++) {
		const char *kept;
		struct str text;
		struct stat st;

		snprintf(path, sizeof path, "%s/%s", unit_dirs[i], name);
		/* Masked units are links to /dev/null. */
		if (root_stat(u->c->root, path, &st) < 0 || !S_ISREG(st.st_mode))
			continue;
		kept = arena_cstr(u->c->arena, str_of(path));
		if (!kept)
			return -ENOMEM;
		found = collect_read(u->c, kept, &text, NULL);
		if (found == 1)
			r = unit_file(u->c, kept, text, u);
	}
	for (size_t i = COUNT(unit_dirs); found == 1 && r >= 0 && i-- > 0;) {
		snprintf(path, sizeof path, "%s/%s.d", unit_dirs[i], name);
		r = collect_dropins(u->c, path, ".conf", unit_file, u);
	}
	return r < 0 ? r : found;
}

static const struct variable *find_variable(const struct unit *u, struct str name)
{
	for (size_t i = 0; i < u->n_variables; i++)
		if (str_eq(u->variables[i].name, name))
			return &u->variables[i];
	return NULL;
}

/* Replaces "$NAME" and "${NAME}", which stand alone as words in the units of distributions. */
static int expand(struct unit *u, struct str text, const char *file, unsigned line,
		  struct sshd_start *s)
{
	struct str words[WORDS_MAX], word;
	size_t n = 0;
	int r;

	while (n < WORDS_MAX && (word = str_quoted_word(&text)).ptr) {
		const struct variable *v;
		struct str name, value;

		if (!word.len || word.ptr[0] != '$') {
			words[n++] = word;
			continue;
		}
		name = str_sub(word, 1, word.len);
		if (name.len > 1 && name.ptr[0] == '{')
			name = str_sub(name, 1, name.len - 1);
		v = find_variable(u, name);
		if (!v)
			continue;
		/* Options so far, then those of the variable with their own place. */
		r = sshd_start_words(s, words, n, file, line, u->c->arena);
		if (r < 0)
			return r;
		value = v->value;
		for (n = 0; n < WORDS_MAX && (word = str_quoted_word(&value)).ptr;)
			words[n++] = word;
		r = sshd_start_words(s, words, n, v->file, v->line, u->c->arena);
		if (r < 0)
			return r;
		n = 0;
	}
	return sshd_start_words(s, words, n, file, line, u->c->arena);
}

static int push_option(struct sshd_start *s, struct str text, const char *file, unsigned line,
		       struct arena *a)
{
	if (!text.ptr)
		return -ENOMEM;
	return arena_push(a, s->options, s->n_options, s->cap_options,
			  ((struct sshd_option){ text, file, line }));
}

static int show(struct sshd_start *s, char letter, struct str value, struct arena *a)
{
	char flag[] = { '-', letter, ' ', 0 };

	s->shown = arena_cat(a, s->shown.len ? s->shown : STR(""),
			     s->shown.len ? STR(" ") : STR(""), str_of(flag));
	if (s->shown.ptr)
		s->shown = arena_cat(a, s->shown, value, STR(""));
	return s->shown.ptr ? 0 : -ENOMEM;
}

/* One option with its argument ("" for flags); those that do not change the configuration pass. */
static int take_option(struct sshd_start *s, char letter, struct str value, const char *file,
		       unsigned line, struct arena *a)
{
	struct str text = value;

	switch (letter) {
	case 'o': break;
	case 'p': text = arena_cat(a, STR("Port "), value, STR("")); break;
	case 'h': text = arena_cat(a, STR("HostKey "), value, STR("")); break;
	case 'g': text = arena_cat(a, STR("LoginGraceTime "), value, STR("")); break;
	case 'c': text = arena_cat(a, STR("HostCertificate "), value, STR("")); break;
	case '4': text = STR("AddressFamily inet"); break;
	case '6': text = STR("AddressFamily inet6"); break;
	case 'f':
		s->config_file = arena_cstr(a, value);
		return s->config_file ? show(s, letter, value, a) : -ENOMEM;
	default: return 0;
	}
	if (show(s, letter, value, a) < 0)
		return -ENOMEM;
	return push_option(s, text, file, line, a);
}

int sshd_start_words(struct sshd_start *s, const struct str *words, size_t n, const char *file,
		     unsigned line, struct arena *a)
{
	for (size_t i = 0; i < n; i++) {
		struct str w = words[i];

		if (w.len < 2 || w.ptr[0] != '-')
			continue;
		for (size_t j = 1; j < w.len; j++) {
			bool takes = strchr("CEbcfghkopu", w.ptr[j]);
			struct str value = STR("");
			int r;

			if (takes && j + 1 < w.len)
				value = str_sub(w, j + 1, w.len);
			else if (takes && i + 1 < n)
				value = words[++i];
			r = take_option(s, w.ptr[j], value, file, line, a);
			if (r < 0)
				return r;
			if (takes)
				break;
		}
	}
	return 0;
}

static bool link_in(const struct root *root, const char *pattern, struct arena *a)
{
	struct arena_mark mark = arena_mark(a);
	struct str *paths;
	size_t n = 0;

	if (root_glob(root, pattern, a, &paths, &n) < 0)
		n = 0;
	arena_rewind(a, mark);
	return n > 0;
}

/* Started at boot: by a unit or socket, a link of init, or OpenRC. */
static void find_enabled(struct collect *c, struct sshd_start *s)
{
	static const char *const services[] = {
		"/etc/systemd/system/*.wants/ssh.service",
		"/etc/systemd/system/*.wants/sshd.service",
		"/etc/rc[2345].d/S[0-9][0-9]ssh",
		"/etc/rc[2345].d/S[0-9][0-9]sshd",
		"/etc/runlevels/*/sshd",
		"/etc/rc.d/rc[2345].d/S[0-9][0-9]sshd",
	};
	static const char *const sockets[] = { "/etc/systemd/system/*.wants/ssh.socket",
					       "/etc/systemd/system/*.wants/sshd.socket" };
	static const char *const managers[] = { "/etc/systemd/system", "/etc/runlevels",
						"/etc/rc2.d" };
	struct stat st;

	s->enabled = -1;
	for (size_t i = 0; i < COUNT(managers); i++)
		if (root_stat(c->root, managers[i], &st) == 0)
			s->enabled = 0;
	for (size_t i = 0; i < COUNT(services); i++)
		if (link_in(c->root, services[i], c->arena))
			s->enabled = 1;
	for (size_t i = 0; i < COUNT(sockets); i++)
		if (link_in(c->root, sockets[i], c->arena))
			s->enabled = s->socket = 1;
}

static int read_services(struct collect *c, struct sshd_start *s)
{
	static const char *const names[] = { "ssh.service", "sshd.service" };
	/* Where there is no unit: init scripts of Debian, Red Hat, Alpine. */
	static const struct {
		const char *file, *variable;
	} scripts[] = {
		{"/etc/default/ssh",     "SSHD_OPTS"   },
		{ "/etc/sysconfig/sshd", "OPTIONS"     },
		{ "/etc/conf.d/sshd",    "SSHD_OPTS"   },
		{ "/etc/conf.d/sshd",    "command_args"}
	};
	struct unit u = { .c = c, .streams = STR("") };
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(names); i++)
		r = read_unit(&u, names[i]);
	if (r < 0)
		return r;
	if (r == 1)
		return expand(&u, u.exec, u.file, u.line, s);
	for (size_t i = 0; i < COUNT(scripts); i++) {
		const struct variable *v;

		u.n_variables = 0;
		r = read_environment(&u, scripts[i].file);
		v = r < 0 ? NULL : find_variable(&u, str_of(scripts[i].variable));
		if (v)
			r = expand(&u, v->value, v->file, v->line, s);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_sockets(struct collect *c, struct sshd_start *s)
{
	struct unit u = { .c = c, .streams = STR("") };
	int r = read_unit(&u, "ssh.socket");

	if (r == 0)
		r = read_unit(&u, "sshd.socket");
	s->socket_ports = u.streams;
	return MIN(r, 0);
}

/* The listener that the pid file names, and its words; false if there is none. */
static bool running(struct collect *c, struct str *ret_words, int64_t *ret_pid)
{
	static const char *const pid_files[] = { "/run/sshd.pid", "/var/run/sshd.pid" };
	struct str text, comm;
	char path[64];
	int64_t pid;

	for (size_t i = 0; c->proc && i < COUNT(pid_files); i++) {
		if (root_read(c->root, pid_files[i], 64, c->arena, &text, NULL) < 0 ||
		    str_to_int64(str_trim(text), &pid) < 0 || pid <= 0)
			continue;
		snprintf(path, sizeof path, "%lld/comm", (long long)pid);
		if (root_read(c->proc, path, 64, c->arena, &comm, NULL) < 0 ||
		    !str_eq(str_trim(comm), STR("sshd")))
			continue;
		snprintf(path, sizeof path, "%lld/cmdline", (long long)pid);
		if (root_read(c->proc, path, 64 << 10, c->arena, ret_words, NULL) < 0)
			continue;
		*ret_pid = pid;
		return true;
	}
	return false;
}

/* "sshd: /usr/sbin/sshd -D -o X=y [listener] 0 of 10-100 startups": cut by blanks and NULs. */
static int read_process(struct collect *c, struct sshd_start *s, struct str cmdline)
{
	struct str words[WORDS_MAX];
	size_t n = 0;

	for (size_t i = 0; i < cmdline.len && n < WORDS_MAX;) {
		size_t start = i;

		while (i < cmdline.len && cmdline.ptr[i] && cmdline.ptr[i] != ' ')
			i++;
		words[n] = str_sub(cmdline, start, i++);
		if (str_eq(words[n], STR("[listener]")))
			break;
		n += words[n].len > 0;
	}
	return sshd_start_words(s, words, n, "(running process)", 0, c->arena);
}

int sshd_start_read(struct collect *c, struct sshd_start *ret)
{
	struct sshd_start s = { .shown = STR(""), .socket_ports = STR("") };
	struct str cmdline;
	int r;

	find_enabled(c, &s);
	r = read_sockets(c, &s);
	if (r >= 0)
		r = running(c, &cmdline, &s.pid) ? read_process(c, &s, cmdline)
						 : read_services(c, &s);
	if (r < 0)
		return r;
	*ret = s;
	return 0;
}
