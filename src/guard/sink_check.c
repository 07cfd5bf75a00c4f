/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sink must be like. */
#include "guard/sink_work.h"

static bool printable(const char *text)
{
	for (; text && *text; text++)
		if ((unsigned char)*text <= ' ' || *text == 0x7f)
			return false;
	return true;
}

/* Only this machine can read what is not encrypted. */
static bool is_loopback(struct str url)
{
	static const char *const hosts[] = { "127.", "localhost:", "localhost/", "[::1]" };

	for (size_t i = 0; i < COUNT(hosts); i++)
		if (str_starts(url, str_of(hosts[i])))
			return true;
	return str_eq(url, STR("localhost"));
}

static bool starts(struct str url, struct str scheme, struct str *ret_rest)
{
	if (!str_starts(url, scheme))
		return false;
	*ret_rest = str_sub(url, scheme.len, url.len);
	return ret_rest->len > 0;
}

static int check_mail(const struct sink_config *c, struct diag *d)
{
	struct str rest;

	if (!starts(str_of(c->url), STR("smtp://"), &rest) &&
	    !starts(str_of(c->url), STR("smtps://"), &rest))
		return diag_set(d, -EINVAL, NULL, 0, "mail needs smtp:// or smtps://");
	if (!c->from || !strchr(c->from, '@') || !printable(c->from) || strpbrk(c->from, "<>"))
		return diag_set(d, -EINVAL, NULL, 0, "mail needs the address of a sender");
	if (!c->to || !strchr(c->to, '@') || strpbrk(c->to, "<>\r\n"))
		return diag_set(d, -EINVAL, NULL, 0, "mail needs addresses of receivers");
	if (c->format != NOTICE_MAIL)
		return diag_set(d, -EINVAL, NULL, 0, "mail has a format of its own");
	return 0;
}

static int check_webhook(const struct sink_config *c, struct diag *d)
{
	struct str rest;

	if (!starts(str_of(c->url), STR("https://"), &rest) &&
	    !(starts(str_of(c->url), STR("http://"), &rest) && is_loopback(rest)))
		return diag_set(d, -EINVAL, NULL, 0,
				"a webhook needs https:// (http:// on this machine only)");
	if (c->format != NOTICE_JSON && c->format != NOTICE_OCSF && c->format != NOTICE_SLACK &&
	    c->format != NOTICE_TEAMS)
		return diag_set(d, -EINVAL, NULL, 0, "a webhook takes json, ocsf, slack or teams");
	return 0;
}

int sink_check(const struct sink_config *c, struct diag *d)
{
	struct str rest;

	if (c->format >= NOTICE_FORMATS)
		return diag_set(d, -EINVAL, NULL, 0, "no such format");
	if (c->kind == SINK_FILE)
		return c->fd >= 0 ? 0 : diag_set(d, -EINVAL, NULL, 0, "no file");
	if (!c->url || !printable(c->url) || !printable(c->secret) || !printable(c->user) ||
	    !printable(c->ca))
		return diag_set(d, -EINVAL, NULL, 0, "its address must not have blanks");
	if (c->kind == SINK_MAIL)
		return check_mail(c, d);
	if (c->kind == SINK_WEBHOOK)
		return check_webhook(c, d);
	if (c->kind != SINK_SYSLOG)
		return diag_set(d, -EINVAL, NULL, 0, "no such sink");
	if (!starts(str_of(c->url), STR("udp://"), &rest) &&
	    !starts(str_of(c->url), STR("tcp://"), &rest) &&
	    !starts(str_of(c->url), STR("tls://"), &rest))
		return diag_set(d, -EINVAL, NULL, 0, "syslog needs udp://, tcp:// or tls://");
	if (str_find(rest, '/') >= 0 || str_rfind(rest, ':') <= 0)
		return diag_set(d, -EINVAL, NULL, 0, "syslog needs HOST:PORT");
	if (c->format != NOTICE_CEF)
		return diag_set(d, -EINVAL, NULL, 0, "syslog takes cef");
	return 0;
}
