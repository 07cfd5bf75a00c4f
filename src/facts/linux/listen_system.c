/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen_system: sshd, sockets of systemd, inetd, container engines and monitoring. */
#include "facts/linux/listen.h"

int listen_docker(struct listen *l)
{
	struct docker d;
	int r = docker_load(l->c, l->units, &d);

	for (size_t i = 0; !r && i < d.n; i++) {
		struct endpoint e = { .port = d.tls || d.encrypted ? 2376 : 2375,
				      .authentication = d.tls ? "tls" : "none",
				      .file = d.hosts[i].file,
				      .line = d.hosts[i].line };
		struct str url = d.hosts[i].url;

		if (!str_starts(url, STR("tcp://")))
			continue;
		endpoint_parse(str_sub(url, 6, url.len), &e);
		r = listen_add(l, &e);
	}
	return r;
}

int listen_kubelet(struct listen *l)
{
	struct endpoint e = { .port = 10250, .authentication = "tls" };
	const struct setting *anonymous =
		listen_setting(l, NULL, "authentication.anonymous.enabled");
	const struct setting *read_only = listen_setting(l, NULL, "readOnlyPort");
	int64_t port;
	int r;

	if (l->settings.n)
		e.file = l->settings.list[0].file;
	e.address = listen_value(l, NULL, "address");
	if (anonymous && str_eq(anonymous->value, STR("true"))) {
		e.authentication = "none";
		e.line = anonymous->line;
	}
	if (str_to_int64(listen_value(l, NULL, "port"), &port) == 0)
		e.port = port;
	r = listen_add(l, &e);
	if (r || !read_only || str_to_int64(read_only->value, &port) < 0)
		return r;
	e.port = port;
	e.line = read_only->line;
	e.authentication = "none";
	return listen_add(l, &e);
}

/* Prometheus and its exporters: --web.listen-address, in the unit or in ARGS. */
int listen_exporter(struct listen *l)
{
	const struct setting *args = listen_setting(l, NULL, "ARGS");
	struct endpoint e = l->service->fallback;
	struct command_line command = {};
	struct str rest, value;
	bool any = false;
	int r = 0;

	if (l->presence->unit)
		r = unit_command(l->c, l->units, arena_cstr(l->c->arena, l->presence->unit->name),
				 &command);
	for (int i = 0; !r && i < 2; i++) {
		struct endpoint one = e;

		rest = i ? (args ? args->value : STR("")) : command.text;
		one.file = i ? (args ? args->file : STR("")) : command.file;
		one.line = i ? (args ? args->line : 0) : command.line;
		if (args_has(rest, "--web.config.file"))
			one.authentication = "";
		while (!r && args_next(&rest, NULL, "--web.listen-address", &value)) {
			any = true;
			endpoint_parse(value, &one);
			r = listen_add(l, &one);
		}
	}
	return r || any ? r : listen_add(l, &e);
}

int listen_rpcbind(struct listen *l)
{
	struct endpoint e = l->service->fallback;
	int r;

	if (!l->presence->present)
		return 0;
	r = listen_add(l, &e);
	e.protocol = "udp";
	return r ? r : listen_add(l, &e);
}

/* vncserver@:1.service listens on 5901. */
int listen_vnc(struct listen *l)
{
	int r = 0;

	for (size_t i = 0; !r && i < l->units->n; i++) {
		const struct unit *u = &l->units->list[i];
		struct endpoint e = { .file = u->path, .authentication = "password" };
		struct str name = u->name, display;

		if (!u->boot ||
		    !(str_starts(name, STR("vncserver@")) ||
		      str_starts(name, STR("tigervncserver@")) || str_starts(name, STR("x11vnc."))))
			continue;
		display = str_sub(name, (size_t)(str_rfind(name, ':') + 1), name.len);
		display = str_cut(&display, '.');
		if (str_to_int64(display, &e.port) < 0 || e.port > 1000)
			e.port = 0;
		e.port += 5900;
		l->enabled = 1;
		r = listen_add(l, &e);
	}
	return r;
}

/* Names of services whose sockets are called otherwise. */
static struct str socket_service(struct str unit)
{
	static const struct {
		struct str unit, service;
	} names[] = {
		{STR("ssh"),           STR("sshd")    },
                { STR("sshd"),         STR("sshd")    },
		{ STR("telnet"),       STR("telnetd") },
                { STR("tftp"),         STR("tftpd")   },
		{ STR("rsh"),          STR("rshd")    },
                { STR("rlogin"),       STR("rlogind") },
		{ STR("rexec"),        STR("rexecd")  },
                { STR("avahi-daemon"), STR("avahi")   },
		{ STR("pure-ftpd"),    STR("pureftpd")},
	};
	struct str name = str_cut(&unit, '.');

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(names[i].unit, name))
			return names[i].service;
	return name;
}

static const char *socket_authentication(const struct listen *l)
{
	struct str service = str_of(l->service->daemon.name);
	static const struct {
		struct str service;
		const char *authentication;
	} known[] = {
		{STR("telnetd"),  "password"},
                { STR("cockpit"), "password"},
		{ STR("tftpd"),   "none"    },
                { STR("rshd"),    "none"    },
		{ STR("rlogind"), "password"},
                { STR("rexecd"),  "password"}
	};

	if (str_eq(service, STR("sshd")) && l->out->sshd_authentication)
		return l->out->sshd_authentication;
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_eq(known[i].service, service))
			return known[i].authentication;
	return "";
}

static int socket_unit(struct listen *l, const struct unit *u)
{
	static const struct {
		const char *key, *protocol;
	} keys[] = {
		{"ListenStream",    "tcp"},
                { "ListenDatagram", "udp"}
	};
	struct unit_settings s = {};
	int r = units_read(l->c, l->units, u, &s);

	for (size_t i = 0; !r && i < COUNT(keys); i++) {
		const struct unit_setting *e;
		size_t at = 0;

		while (!r && (e = unit_next(&s, "Socket", keys[i].key, &at))) {
			struct endpoint one = { .protocol = keys[i].protocol,
						.file = e->file,
						.line = e->line };

			if (e->value.len && e->value.ptr[0] == '/')
				continue;
			endpoint_parse(e->value, &one);
			one.authentication = socket_authentication(l);
			r = listen_add(l, &one);
		}
	}
	return r;
}

int listen_sockets(struct listen *l)
{
	const struct listen_service *outer = l->service;
	int r = 0;

	for (size_t i = 0; !r && i < l->units->n; i++) {
		const struct unit *u = &l->units->list[i];
		struct listen_service service = { .daemon.name = NULL };

		if (!u->boot || u->masked || u->alias_of.len || u->kind != UNIT_SYSTEMD ||
		    !str_eq(unit_type(u->name), STR("socket")))
			continue;
		service.daemon.name = arena_cstr(l->c->arena, socket_service(u->name));
		if (!service.daemon.name)
			return -ENOMEM;
		l->service = &service;
		r = socket_unit(l, u);
		l->service = outer;
	}
	return r;
}

static const struct {
	struct str name;
	const char *service, *protocol, *authentication;
	int port;
} inetd_names[] = {
	{STR("telnet"),      "telnetd", "tcp", "password", 23  },
	{ STR("ftp"),        "ftpd",    "tcp", "password", 21  },
	{ STR("shell"),      "rshd",    "tcp", "none",     514 },
	{ STR("rsh"),        "rshd",    "tcp", "none",     514 },
	{ STR("login"),      "rlogind", "tcp", "password", 513 },
	{ STR("rlogin"),     "rlogind", "tcp", "password", 513 },
	{ STR("exec"),       "rexecd",  "tcp", "password", 512 },
	{ STR("rexec"),      "rexecd",  "tcp", "password", 512 },
	{ STR("tftp"),       "tftpd",   "udp", "none",     69  },
	{ STR("finger"),     "fingerd", "tcp", "none",     79  },
	{ STR("talk"),       "talkd",   "udp", "none",     517 },
	{ STR("ntalk"),      "talkd",   "udp", "none",     518 },
	{ STR("rsync"),      "rsyncd",  "tcp", "",         873 },
	{ STR("pop3"),       "pop3",    "tcp", "password", 110 },
	{ STR("imap"),       "imap",    "tcp", "password", 143 },
	{ STR("imap2"),      "imap",    "tcp", "password", 143 },
	{ STR("smtp"),       "smtp",    "tcp", "",         25  },
	{ STR("auth"),       "identd",  "tcp", "none",     113 },
	{ STR("ident"),      "identd",  "tcp", "none",     113 },
	{ STR("swat"),       "swat",    "tcp", "password", 901 },
	{ STR("echo"),       "echo",    NULL,  "none",     7   },
	{ STR("discard"),    "discard", NULL,  "none",     9   },
	{ STR("daytime"),    "daytime", NULL,  "none",     13  },
	{ STR("chargen"),    "chargen", NULL,  "none",     19  },
	{ STR("time"),       "time",    NULL,  "none",     37  },
	{ STR("nrpe"),       "nrpe",    "tcp", "none",     5666},
	{ STR("cvspserver"), "cvs",     "tcp", "password", 2401},
	{ STR("vnc"),        "vnc",     "tcp", "password", 5900},
};

/* One service of inetd or xinetd: "telnet", "127.0.0.1:telnet", "8080". */
static int inetd_add(struct listen *l, struct str name, struct str protocol, struct str bind,
		     struct endpoint e)
{
	const struct listen_service *outer = l->service;
	struct listen_service service = { .daemon.name = "inetd" };
	ssize_t colon = str_rfind(name, ':');
	int r;

	e.address = bind;
	if (colon >= 0) {
		e.address = str_sub(name, 0, (size_t)colon);
		name = str_sub(name, (size_t)colon + 1, name.len);
	}
	for (size_t i = 0; i < COUNT(inetd_names); i++) {
		if (!str_eq(inetd_names[i].name, name))
			continue;
		service.daemon.name = inetd_names[i].service;
		e.port = e.port ? e.port : inetd_names[i].port;
		e.protocol = inetd_names[i].protocol;
		e.authentication = inetd_names[i].authentication;
	}
	if (!e.port)
		endpoint_parse(name, &e);
	if (str_starts(protocol, STR("udp")))
		e.protocol = "udp";
	else if (str_starts(protocol, STR("tcp")))
		e.protocol = "tcp";
	l->service = &service;
	r = listen_add(l, &e);
	l->service = outer;
	return r;
}

/* inetd.conf: "telnet stream tcp nowait root /usr/sbin/tcpd in.telnetd" */
static int inetd_file(struct listen *l, const char *path)
{
	struct str text, line;
	unsigned at = 0;
	int r = settings_read_text(l->c, path, &text);

	while (r == 1 && str_line(&text, &line, &at)) {
		struct endpoint e = { .file = str_of(path), .line = at };
		struct str rest = line, name = str_word(&rest), protocol;
		int got;

		if (!name.len || name.ptr[0] == '#')
			continue;
		str_word(&rest);
		protocol = str_word(&rest);
		if (!protocol.len || str_contains(name, STR("/"))) /* RPC: "rstatd/1-3" */
			continue;
		got = inetd_add(l, name, protocol, STR("*"), e);
		if (got)
			return got;
	}
	return MIN(r, 0);
}

struct xinetd {
	struct str name, protocol, bind;
	struct endpoint e;
	bool disabled;
};

static void xinetd_attribute(struct xinetd *x, struct str line)
{
	struct str value = line, name = str_trim(str_cut(&value, '='));

	value = str_trim(value);
	if (str_eq(name, STR("disable")))
		x->disabled = str_eq(value, STR("yes"));
	else if (str_eq(name, STR("port")))
		endpoint_parse(value, &x->e);
	else if (str_eq(name, STR("protocol")))
		x->protocol = value;
	else if (str_eq(name, STR("bind")) || str_eq(name, STR("interface")))
		x->bind = value;
}

/* xinetd.conf(5): "service telnet { disable = no … }" */
static int xinetd_file(struct listen *l, const char *path)
{
	struct xinetd x = {};
	struct str text, line;
	unsigned at = 0;
	int r = settings_read_text(l->c, path, &text);

	while (r == 1 && str_line(&text, &line, &at)) {
		struct str rest, word;
		int got = 0;

		line = rest = str_trim(line);
		word = str_word(&rest);
		if (!line.len || line.ptr[0] == '#')
			continue;
		if (str_eq(word, STR("service"))) {
			x = (struct xinetd){ .name = str_word(&rest), .bind = STR("*") };
			x.e.file = str_of(path);
			x.e.line = at;
		} else if (str_eq(word, STR("}"))) {
			if (x.name.len && !x.disabled)
				got = inetd_add(l, x.name, x.protocol, x.bind, x.e);
			x.name = STR("");
		} else {
			xinetd_attribute(&x, line);
		}
		if (got)
			return got;
	}
	return MIN(r, 0);
}

/* inetd and xinetd read different files; either may be started by a unit of several names. */
int listen_inetd(struct listen *l)
{
	static const char *const inetd[] = { "inetd", "openbsd-inetd", "inetutils-inetd", "rlinetd",
					     NULL };
	static const char *const xinetd[] = { "xinetd", NULL };
	int64_t enabled = units_enabled(l->units, inetd);
	struct str *paths;
	size_t n = 0;
	int r;

	l->enabled = enabled == FACT_UNKNOWN ? 1 : enabled;
	r = inetd_file(l, "/etc/inetd.conf");
	enabled = units_enabled(l->units, xinetd);
	l->enabled = enabled == FACT_UNKNOWN ? 1 : enabled;
	if (!r)
		r = xinetd_file(l, "/etc/xinetd.conf");
	if (r >= 0)
		r = collect_glob(l->c, "/etc/xinetd.d/*", &paths, &n);
	for (size_t i = 0; r >= 0 && i < n; i++)
		r = xinetd_file(l, paths[i].ptr);
	return MIN(r, 0);
}
