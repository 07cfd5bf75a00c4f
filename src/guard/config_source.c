/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [sources] of guard.conf. */
#include "events/decoder.h"
#include "guard/config_work.h"

static int add_source(struct line *l, enum source_kind kind, struct str path, struct str format)
{
	struct guard_config *c = l->c;

	if (c->n_sources >= CONFIG_SOURCES_MAX)
		return conf_wrong(&l->conf, 0, "at most 240 sources");
	return arena_push(&c->arena, c->sources, c->n_sources, c->cap_sources,
			  ((struct config_source){ kind, path, format }));
}

static bool is_format(struct str s)
{
	for (size_t i = 0; i < n_decoders; i++)
		if (str_eq(s, str_of(decoders[i]->name)))
			return true;
	return false;
}

int config_add_file(struct line *l, size_t offset)
{
	struct str path, format = STR("");
	int r;

	(void)offset;
	if (l->conf.n < 2 || !line_is_path(l->conf.words[1]))
		return conf_wrong(&l->conf, 1, "the path of a log file, beginning with /");
	if (l->conf.n > 2 && !is_format(l->conf.words[2]))
		return conf_wrong(&l->conf, 2, "a format as holdfast events --help lists them");
	r = conf_only(&l->conf, 3);
	if (r >= 0)
		r = line_keep(l, 1, &path);
	if (r >= 0 && l->conf.n > 2)
		r = line_keep(l, 2, &format);
	return r < 0 ? r : add_source(l, SOURCE_FILE, path, format);
}

int config_add_journal(struct line *l, size_t offset)
{
	struct str path = STR("");
	int r;

	(void)offset;
	if (l->conf.n > 1 && !line_is_path(l->conf.words[1]))
		return conf_wrong(&l->conf, 1, "a directory with a journal, beginning with /");
	r = conf_only(&l->conf, 2);
	if (r >= 0 && l->conf.n > 1)
		r = line_keep(l, 1, &path);
	return r < 0 ? r : add_source(l, SOURCE_JOURNAL, path, STR(""));
}

int config_add_audit(struct line *l, size_t offset)
{
	(void)offset;
	return conf_only(&l->conf, 1) < 0 ? -EINVAL : add_source(l, SOURCE_AUDIT, STR(""), STR(""));
}

/* "PORT" is one of 127.0.0.1; addresses are numbers, IPv6 ones in brackets. */
static bool is_listener(struct str s, struct str *ret_host, struct str *ret_port)
{
	ssize_t colon = str_rfind(s, ':');
	struct str host = colon < 0 ? STR("127.0.0.1") : str_sub(s, 0, (size_t)colon);
	bool six = str_starts(host, STR("[")) && str_ends(host, STR("]"));
	struct str bare = six ? str_sub(host, 1, host.len - 1) : host;
	struct prefix p;
	uint64_t n;

	*ret_host = host;
	*ret_port = colon < 0 ? s : str_sub(s, (size_t)colon + 1, s.len);
	if (str_to_u64(*ret_port, 10, &n) < 0 || !n || n > UINT16_MAX)
		return false;
	return !memchr(bare.ptr, '/', bare.len) && !!memchr(bare.ptr, ':', bare.len) == six &&
	       (str_eq(bare, STR("::")) || str_eq(bare, STR("0.0.0.0")) ||
		prefix_parse(bare, &p) >= 0);
}

static int add_listener(struct line *l, enum source_kind kind)
{
	struct str host, port, path;

	if (l->conf.n < 3 || !is_listener(l->conf.words[2], &host, &port))
		return conf_wrong(&l->conf, 2, "PORT, ADDRESS:PORT or [ADDRESS]:PORT");
	if (conf_only(&l->conf, 3) < 0)
		return -EINVAL;
	path = arena_fmt(&l->c->arena, "%.*s:%.*s:%.*s", STR_FMT(l->conf.words[1]), STR_FMT(host),
			 STR_FMT(port));
	return path.ptr ? add_source(l, kind, path, STR("")) : -ENOMEM;
}

int config_add_syslog(struct line *l, size_t offset)
{
	struct str path;
	int r;

	(void)offset;
	if (l->conf.n > 1 && str_eq(l->conf.words[1], STR("udp")))
		return add_listener(l, SOURCE_UDP);
	if (l->conf.n > 1 && str_eq(l->conf.words[1], STR("tcp")))
		return add_listener(l, SOURCE_TCP);
	if (l->conf.n < 2 || !line_is_path(l->conf.words[1]) || l->conf.words[1].len > 100)
		return conf_wrong(&l->conf, 1,
				  "udp, tcp or the path of a socket, beginning with /");
	r = conf_only(&l->conf, 2);
	if (r >= 0)
		r = line_keep(l, 1, &path);
	return r < 0 ? r : add_source(l, SOURCE_SYSLOG, path, STR(""));
}
