/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen_files: file, mail, print and name services. */
#include "facts/linux/listen.h"

static bool is_on(struct str value)
{
	bool on;

	return str_to_bool(value, &on) == 0 && on;
}

static void place(struct endpoint *e, const struct setting *s)
{
	if (s) {
		e->file = s->file;
		e->line = s->line;
	}
}

/* vsftpd: without listen=YES inetd starts it; anonymous users are let in by default. */
int listen_vsftpd(struct listen *l)
{
	const char *const *instances;
	size_t n;
	int r = listen_instances(l, &instances, &n);

	for (size_t i = 0; !r && i < n; i++) {
		const struct setting *v4 = listen_setting(l, instances[i], "listen");
		const struct setting *v6 = listen_setting(l, instances[i], "listen_ipv6");
		const struct setting *anonymous =
			listen_setting(l, instances[i], "anonymous_enable");
		struct endpoint e = { .port = 21, .authentication = "password" };
		int64_t port;

		if (instances[i] && !(v4 && is_on(v4->value)) && !(v6 && is_on(v6->value)))
			continue;
		place(&e, v4 && is_on(v4->value) ? v4 : v6);
		if (!anonymous || is_on(anonymous->value))
			e.authentication = "none";
		if (str_to_int64(listen_value(l, instances[i], "listen_port"), &port) == 0)
			e.port = port;
		e.address = listen_value(l, instances[i], "listen_address listen_address6");
		r = listen_add(l, &e);
	}
	return r;
}

const char *proftpd_authentication(const struct listen *l, const char *instance)
{
	(void)instance;
	for (size_t i = 0; i < l->settings.n; i++)
		if (str_istarts(l->settings.list[i].section, STR("anonymous")))
			return "none";
	return "password";
}

int listen_samba(struct listen *l)
{
	const struct settings *all = &l->settings;
	const struct setting *bind = settings_find(all, NULL, "global", "bind interfaces only");
	const struct setting *interfaces = settings_find(all, NULL, "global", "interfaces");
	const struct setting *ports = settings_find(all, NULL, "global", "smb ports");
	struct str rest = ports ? ports->value : STR("445 139"), word;
	bool only = bind && is_on(bind->value) && interfaces;
	struct str where = only ? interfaces->value : STR("*");
	struct endpoint e = { .authentication = "password" };
	int r = 0;

	place(&e, only ? interfaces : ports);
	for (size_t i = 0; i < l->settings.n; i++) {
		const struct setting *s = &l->settings.list[i];

		if ((str_eq(s->name, STR("guest ok")) || str_eq(s->name, STR("public"))) &&
		    is_on(s->value))
			e.authentication = "none";
	}
	while (!r && (word = str_word(&rest)).ptr)
		if (str_to_int64(word, &e.port) == 0)
			r = listen_add_list(l, where, &e);
	return r;
}

/* Without an export the server has nothing to offer; '*' and no client mean everybody. */
int listen_nfs(struct listen *l)
{
	struct endpoint e = { .port = 2049, .authentication = "" };

	if (!l->settings.n)
		return 0;
	place(&e, &l->settings.list[0]);
	for (size_t i = 0; i < l->settings.n; i++) {
		const struct setting *s = &l->settings.list[i];

		if (str_starts(s->value, STR("*")) && !str_contains(s->value, STR("sec=krb5"))) {
			e.authentication = "none";
			place(&e, s);
		}
	}
	return listen_add(l, &e);
}

int listen_cups(struct listen *l)
{
	int r = 0;

	for (size_t i = 0; !r && i < l->settings.n; i++) {
		const struct setting *s = &l->settings.list[i];
		struct endpoint e = { .port = 631, .file = s->file, .line = s->line };

		if (s->section.len ||
		    (!str_eq(s->name, STR("listen")) && !str_eq(s->name, STR("port")) &&
		     !str_eq(s->name, STR("ssllisten"))))
			continue;
		if (str_starts(s->value, STR("/")))
			continue;
		endpoint_parse(s->value, &e);
		r = listen_add(l, &e);
	}
	return r;
}

/* agentAddress udp:127.0.0.1:161,udp6:[::1]:161; without it all addresses. */
int listen_snmpd(struct listen *l)
{
	const struct setting *where = listen_setting(l, NULL, "agentaddress");
	struct str rest = where ? where->value : STR("161");
	struct endpoint e = { .protocol = "udp", .port = 161, .authentication = "password" };
	int r = 0;

	place(&e, where);
	for (size_t i = 0; i < l->settings.n; i++)
		if (str_starts(l->settings.list[i].value, STR("(default)")))
			e.authentication = "none";
	while (!r && rest.ptr) {
		struct str one = str_trim(str_cut(&rest, ','));
		struct endpoint copy = e;

		if (str_starts(one, STR("tcp")))
			copy.protocol = "tcp";
		if (str_starts(one, STR("udp")) || str_starts(one, STR("tcp"))) {
			struct str tail = one;

			str_cut(&tail, ':');
			one = tail.ptr ? tail : one;
		}
		endpoint_parse(one, &copy);
		r = listen_add(l, &copy);
	}
	return r;
}

/* listen-on { any; }, listen-on port 5353 { 127.0.0.1; }; without it all addresses. */
int listen_bind(struct listen *l)
{
	static const char *const names[] = { "listen-on", "listen-on-v6" };
	int r = 0;

	for (size_t i = 0; !r && i < COUNT(names); i++) {
		const struct setting *s = settings_find(&l->settings, NULL, "options", names[i]);
		struct endpoint e = { .port = 53, .protocol = "udp" };
		struct str list = s ? s->value : STR("any"), rest = list, word;

		place(&e, s);
		word = str_word(&rest);
		if (str_eq(word, STR("port"))) {
			endpoint_parse(str_word(&rest), &e);
			list = rest;
		}
		if (str_eq(str_trim(list), STR("none")))
			continue;
		r = listen_add_list(l, list, &e);
		e.protocol = "tcp";
		if (!r)
			r = listen_add_list(l, list, &e);
	}
	return r;
}

static int64_t mail_port(struct str name)
{
	static const struct {
		struct str name;
		int64_t port;
	} ports[] = {
		{STR("smtp"),         25 },
		{ STR("submission"),  587},
		{ STR("submissions"), 465},
		{ STR("smtps"),       465},
		{ STR("smtpd"),       25 }
	};

	for (size_t i = 0; i < COUNT(ports); i++)
		if (str_eq(ports[i].name, name))
			return ports[i].port;
	return 0;
}

/* master.cf: "smtp inet n - y - - smtpd", "127.0.0.1:10025 inet …" */
int listen_postfix(struct listen *l)
{
	const struct setting *interfaces = listen_setting(l, NULL, "inet_interfaces");
	struct str where = interfaces ? interfaces->value : STR("all");
	struct settings master = {};
	int r = settings_load(l->c, "postfix_master", &master);

	for (size_t i = 0; !r && i < master.n; i++) {
		const struct setting *s = &master.list[i];
		struct endpoint e = { .file = s->file, .line = s->line };
		struct str rest = s->value, name = s->name;
		ssize_t colon = str_rfind(name, ':');

		if (!str_eq(str_word(&rest), STR("inet")))
			continue;
		endpoint_parse(name, &e);
		name = str_sub(name, (size_t)(colon + 1), name.len);
		e.port = e.port ? e.port : mail_port(name);
		if (colon >= 0) {
			r = listen_add(l, &e);
			continue;
		}
		e.address = (struct str){};
		place(&e, interfaces);
		r = listen_add_list(l, where, &e);
	}
	return r;
}

/* Ports of dovecot's listeners; a protocol counts when "protocols" names it. */
int listen_dovecot(struct listen *l)
{
	static const struct {
		const char *protocol, *section, *name;
		int port;
	} listeners[] = {
		{"imap",  "service imap-login/inet_listener imap",  "imap",  143},
		{ "imap", "service imap-login/inet_listener imaps", "imaps", 993},
		{ "pop3", "service pop3-login/inet_listener pop3",  "pop3",  110},
		{ "pop3", "service pop3-login/inet_listener pop3s", "pop3s", 995},
	};
	const struct setting *listen = listen_setting(l, NULL, "listen");
	struct str where = listen ? listen->value : STR("*");
	int r = 0;

	for (size_t i = 0; !r && i < COUNT(listeners); i++) {
		struct endpoint e = { .port = listeners[i].port, .authentication = "password" };
		const struct setting *port =
			settings_find(&l->settings, NULL, listeners[i].section, "port");
		const struct setting *named = NULL;

		for (size_t j = 0; j < l->settings.n; j++)
			if (str_eq(l->settings.list[j].name, STR("protocols")) &&
			    str_contains(l->settings.list[j].value, str_of(listeners[i].protocol)))
				named = &l->settings.list[j];
		if (!named)
			continue;
		place(&e, port ? port : listen ? listen : named);
		if (port && str_to_int64(port->value, &e.port) < 0)
			continue;
		r = listen_add_list(l, where, &e);
	}
	return r;
}

/* Debian starts rsyncd at boot as soon as there is a configuration. */
int listen_rsyncd(struct listen *l)
{
	struct endpoint e = { .port = 873, .authentication = "password" };
	const struct setting *address = listen_setting(l, NULL, "address");
	int64_t port;

	if (!l->settings.n)
		return 0;
	e.file = l->settings.list[0].file;
	place(&e, address);
	for (size_t i = 0; i < l->settings.n; i++) {
		const struct setting *s = &l->settings.list[i];
		char section[256] = "";

		if (!str_eq(s->name, STR("path")) || s->section.len >= sizeof section)
			continue;
		memcpy(section, s->section.ptr, s->section.len);
		if (!settings_find(&l->settings, NULL, section, "auth users") &&
		    !settings_find(&l->settings, NULL, "", "auth users")) {
			e.authentication = "none";
			place(&e, s);
		}
	}
	if (str_to_int64(listen_value(l, NULL, "port"), &port) == 0)
		e.port = port;
	return listen_add_list(l, address ? address->value : STR("*"), &e);
}

/* input(type="imtcp" port="514"), $UDPServerRun 514 */
int listen_rsyslog(struct listen *l)
{
	int r = 0;

	for (size_t i = 0; !r && i < l->settings.n; i++) {
		const struct setting *s = &l->settings.list[i];
		struct endpoint e = {
			.port = 514, .file = s->file, .line = s->line, .authentication = "none"
		};
		struct str rest = s->value, type = str_word(&rest);

		if (!str_eq(s->name, STR("input")))
			continue;
		if (str_eq(type, STR("imudp")))
			e.protocol = "udp";
		else if (!str_eq(type, STR("imtcp")) && !str_eq(type, STR("imptcp")) &&
			 !str_eq(type, STR("imrelp")))
			continue;
		if (str_to_int64(str_trim(rest), &e.port) < 0)
			e.port = 514;
		r = listen_add(l, &e);
	}
	return r;
}

/* chronyd serves time only where "allow" says so. */
int listen_chrony(struct listen *l)
{
	const struct setting *allow = listen_setting(l, NULL, "allow");
	const struct setting *bind = listen_setting(l, NULL, "bindaddress");
	struct endpoint e = { .protocol = "udp", .port = 123 };

	if (!allow)
		return 0;
	place(&e, allow);
	e.address = bind ? bind->value : STR("*");
	return listen_add(l, &e);
}
