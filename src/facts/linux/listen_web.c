/* SPDX-License-Identifier: GPL-3.0-or-later */
/* listen_web: web servers, proxies and application servers. */
#include "facts/linux/listen.h"
#include "facts/linux/web_config.h"

struct web {
	struct listen *l;
	/* nginx: the server block being read, and whether it has a listen directive */
	int64_t block;
	bool listens;
	struct endpoint fallback;
};

static int nginx_finish_block(struct web *w)
{
	int r = w->block && !w->listens ? listen_add(w->l, &w->fallback) : 0;

	w->block = 0;
	return r;
}

/* "listen 443 ssl", "listen [::]:80 default_server", "listen localhost", "listen 53 udp" */
static int nginx_directive(void *user, const struct web_directive *d)
{
	struct web *w = user;
	struct endpoint e = { .port = 80, .file = d->file, .line = d->line };
	struct str rest = d->value, word;
	int r = 0;

	if (str_eq(d->directive, STR("server")) && !d->value.len && !d->block) {
		r = nginx_finish_block(w);
		w->fallback = e;
		w->listens = str_starts(d->context, STR("stream"));
		w->block = 1;
		return r;
	}
	if (!str_eq(d->directive, STR("listen")) || !d->block)
		return 0;
	w->listens = true;
	word = str_word(&rest);
	if (!word.len)
		return 0;
	endpoint_parse(word, &e);
	while ((word = str_word(&rest)).ptr)
		if (str_eq(word, STR("udp")) || str_eq(word, STR("quic")))
			e.protocol = "udp";
	return listen_add(w->l, &e);
}

int listen_nginx(struct listen *l)
{
	struct web w = { .l = l };
	int r = web_nginx(l->c, nginx_directive, &w);

	if (r == -ENOENT)
		return l->presence->present ? listen_add(l, &l->service->fallback) : 0;
	return r ? r : nginx_finish_block(&w);
}

static int apache_directive(void *user, const struct web_directive *d)
{
	struct listen *l = user;
	struct endpoint e = { .file = d->file, .line = d->line };
	struct str rest = d->value;

	if (!str_eq(d->directive, STR("listen")))
		return 0;
	endpoint_parse(str_word(&rest), &e);
	return listen_add(l, &e);
}

int listen_apache(struct listen *l)
{
	int r = web_apache(l->c, apache_directive, l);

	if (r == -ENOENT)
		return l->presence->present ? listen_add(l, &l->service->fallback) : 0;
	return r;
}

/* The value of name="…" in a tag; ptr == NULL: it has none. */
static struct str attribute(struct str tag, struct str name)
{
	while (tag.len) {
		const char *p = memmem(tag.ptr, tag.len, name.ptr, name.len);
		struct str rest;
		ssize_t end;

		if (!p)
			break;
		rest = str_sub(tag, (size_t)(p - tag.ptr) + name.len, tag.len);
		tag = rest;
		if (p[-1] > ' ' || !rest.len || rest.ptr[0] != '=')
			continue;
		rest = str_sub(rest, 1, rest.len);
		if (!rest.len || (rest.ptr[0] != '"' && rest.ptr[0] != '\''))
			continue;
		end = str_find(str_sub(rest, 1, rest.len), rest.ptr[0]);
		if (end >= 0)
			return str_sub(rest, 1, (size_t)end + 1);
	}
	return (struct str){};
}

static int tomcat_connector(struct listen *l, struct str tag, struct str file, unsigned line)
{
	struct str port = attribute(tag, STR("port")), address = attribute(tag, STR("address"));
	struct endpoint e = { .file = file, .line = line, .address = address };

	if (str_to_int64(port, &e.port) < 0)
		return 0;
	/* Without an address AJP is on the loopback, since 9.0.31. */
	if (!address.ptr && str_contains(attribute(tag, STR("protocol")), STR("AJP")) &&
	    version_compare(l->presence->version, "9.0.31") >= 0)
		e.address = STR("127.0.0.1");
	return listen_add(l, &e);
}

/* server.xml: <Connector …> outside of comments. */
static int tomcat_file(struct listen *l, struct str file)
{
	struct str text;
	unsigned line = 1;
	int r = settings_read_text(l->c, file.ptr, &text);

	while (r == 1 && text.len) {
		const char *open = memchr(text.ptr, '<', text.len);
		size_t skip = open ? (size_t)(open - text.ptr) : text.len, len;
		struct str tag = str_sub(text, skip, text.len);
		bool comment = str_starts(tag, STR("<!--"));
		const char *close =
			tag.len ? memmem(tag.ptr, tag.len, comment ? "-->" : ">", comment ? 3 : 1)
				: NULL;
		int got = 0;

		for (size_t i = 0; i < skip; i++)
			line += text.ptr[i] == '\n';
		len = close ? (size_t)(close - tag.ptr) + 1 : tag.len;
		tag = str_sub(tag, 0, len);
		if (str_starts(tag, STR("<Connector")))
			got = tomcat_connector(l, tag, file, line);
		if (got < 0)
			return got;
		for (size_t i = 0; i < len; i++)
			line += tag.ptr[i] == '\n';
		text = str_sub(text, skip + len, text.len);
	}
	return MIN(r, 0);
}

int listen_tomcat(struct listen *l)
{
	static const char *const patterns[] = {
		"/etc/tomcat*/server.xml",
		"/opt/tomcat*/conf/server.xml",
		"/opt/apache-tomcat*/conf/server.xml",
		"/usr/share/tomcat*/conf/server.xml",
		"/usr/local/*tomcat*/conf/server.xml",
		"/srv/*tomcat*/conf/server.xml",
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(patterns); i++) {
		struct str *paths;
		size_t n = 0;

		r = collect_glob(l->c, patterns[i], &paths, &n);
		for (size_t j = 0; r >= 0 && j < n; j++)
			r = tomcat_file(l, paths[j]);
	}
	return MIN(r, 0);
}

/* haproxy "bind :443 ssl", squid "http_port 3128", mosquitto "listener 1883 10.0.0.1", etcd … */
static int list_value(struct listen *l, const struct setting *s)
{
	struct endpoint e = { .file = s->file,
			      .line = s->line,
			      .authentication = l->service->fallback.authentication };
	struct str words = s->value, list = str_word(&words), address;

	while (list.ptr) {
		struct str one = str_cut(&list, ',');
		const char *scheme = one.len ? memmem(one.ptr, one.len, "://", 3) : NULL;
		struct endpoint copy = e;
		int r;

		if (scheme)
			one = str_sub(one, (size_t)(scheme - one.ptr) + 3, one.len);
		endpoint_parse(one, &copy);
		address = words;
		address = str_word(&address);
		if (str_eq(s->name, STR("listener")) && address.len) /* mosquitto */
			copy.address = address;
		r = listen_add(l, &copy);
		if (r)
			return r;
	}
	return 0;
}

/* Settings that may come several times, each with an address and a port. */
int listen_list(struct listen *l)
{
	bool any = false;
	int r = 0;

	for (size_t i = 0; !r && i < l->settings.n; i++) {
		const struct setting *s = &l->settings.list[i];
		struct str rest = str_of(l->service->addresses), word;

		while (!r && (word = str_word(&rest)).ptr) {
			if (!str_eq(word, s->name))
				continue;
			any = true;
			r = list_value(l, s);
		}
	}
	return r || any ? r : listen_add(l, &l->service->fallback);
}
