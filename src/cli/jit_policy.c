/* SPDX-License-Identifier: GPL-3.0-or-later */
/* holdfast jit policy: whether the file is understood, and what it says. */
#include <stdio.h>

#include "base/file.h"
#include "cli/jit.h"
#include "jit/json_text.h"
#include "jit/policy.h"

#define OUTPUT_MAX ((size_t)8 << 20)

static const char *const days[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

static void put_ports(struct buf *b, const struct jit_ports *list)
{
	for (size_t i = 0; i < list->n; i++) {
		char port[JIT_PORT_TEXT];

		buf_putc(b, ' ');
		buf_str(b, jit_port_format(list->list[i], port));
	}
}

static void put_names(struct buf *b, const char *what, const struct jit_names *names)
{
	char shown[256];

	if (names->n)
		buf_fmt(b, "  %s", what);
	for (size_t i = 0; i < names->n; i++)
		buf_fmt(b, " %s", text_safe(names->list[i], shown, sizeof shown));
	if (names->n)
		buf_putc(b, '\n');
}

static int put_from(struct buf *b, const struct jit_rule *r)
{
	struct arena own(arena_release) a = {};
	struct net_ranges ranges = {};
	struct str *texts = NULL;
	size_t n = 0;
	int e = net_ranges_of(r->from, r->n_from, &a, &ranges);

	if (e == 0)
		e = net_ranges_prefixes(&ranges, &a, SIZE_MAX, &texts, &n, NULL);
	if (e < 0)
		return e;
	buf_puts(b, "  from");
	for (size_t i = 0; i < n; i++)
		buf_fmt(b, " %.*s", STR_FMT(texts[i]));
	return buf_putc(b, '\n');
}

static void put_hours(struct buf *b, const struct jit_rule *r)
{
	buf_puts(b, "  hours");
	for (unsigned d = 0; r->days && d < COUNT(days); d++)
		if (r->days & 1U << d)
			buf_fmt(b, " %s", days[d]);
	if (r->begin != r->end)
		buf_fmt(b, " %02u:%02u-%02u:%02u", r->begin / 60, r->begin % 60, r->end / 60,
			r->end % 60);
	buf_putc(b, '\n');
}

static int put_rule(struct buf *b, const struct jit_rule *r)
{
	char shown[256];
	int e = 0;

	buf_fmt(b, "rule %s", text_safe(r->name, shown, sizeof shown));
	if (r->line)
		buf_fmt(b, " (line %u)", r->line);
	buf_puts(b, r->deny ? ": refuses\n" : ": grants\n");
	put_names(b, "account", &r->accounts);
	put_names(b, "key", &r->keys);
	put_names(b, "principal", &r->principals);
	if (r->ports.n) {
		buf_puts(b, "  port");
		put_ports(b, &r->ports);
		buf_putc(b, '\n');
	}
	if (r->n_from)
		e = put_from(b, r);
	if (r->days || r->begin != r->end)
		put_hours(b, r);
	if (r->deny)
		return e;
	buf_fmt(b, "  for %u s, at most %u s; for one /%u, or /%u of IPv6, at the widest\n",
		r->seconds, r->longest, r->widest4, r->widest6);
	if (r->touch)
		buf_puts(b, "  the key must be touched\n");
	if (r->second)
		buf_puts(b, "  a second person must sign or approve\n");
	return e;
}

static int put_policy(struct buf *b, const struct jit_policy *p)
{
	int e = 0;

	buf_fmt(b, "listens on %u/udp; clocks may differ by %u s; connections %s a grant\n",
		p->listen, p->skew, p->keep_sessions ? "outlive" : "end with");
	buf_puts(b, p->protect.n ? "jit enable shuts:" : "jit enable is told what to shut");
	put_ports(b, &p->protect);
	buf_putc(b, '\n');
	for (size_t i = 0; e == 0 && i < p->n_rules; i++)
		e = put_rule(b, &p->rules[i]);
	return e < 0 ? e : b->error;
}

static void put_list(struct buf *b, const char *name, const struct jit_names *names)
{
	buf_fmt(b, ",\"%s\":[", name);
	for (size_t i = 0; i < names->n; i++) {
		if (i)
			buf_putc(b, ',');
		json_text_put(b, names->list[i]);
	}
	buf_putc(b, ']');
}

static void put_port_list(struct buf *b, const char *name, const struct jit_ports *list)
{
	buf_fmt(b, ",\"%s\":[", name);
	for (size_t i = 0; i < list->n; i++) {
		char port[JIT_PORT_TEXT];

		buf_fmt(b, "%s\"%.*s\"", i ? "," : "",
			STR_FMT(jit_port_format(list->list[i], port)));
	}
	buf_putc(b, ']');
}

static void put_json(struct buf *b, const struct jit_policy *p)
{
	buf_fmt(b, "{\"listen\":%u,\"skew\":%u,\"sessions\":\"%s\"", p->listen, p->skew,
		p->keep_sessions ? "keep" : "end");
	put_port_list(b, "protect", &p->protect);
	buf_puts(b, ",\"rules\":[");
	for (size_t i = 0; i < p->n_rules; i++) {
		const struct jit_rule *r = &p->rules[i];

		buf_puts(b, i ? ",{\"name\":" : "{\"name\":");
		json_text_put(b, r->name);
		put_list(b, "account", &r->accounts);
		put_list(b, "key", &r->keys);
		put_list(b, "principal", &r->principals);
		put_port_list(b, "port", &r->ports);
		buf_fmt(b,
			",\"line\":%u,\"default\":%u,\"longest\":%u,\"widest4\":%u,"
			"\"widest6\":%u,\"touch\":%s,\"second\":%s,\"deny\":%s}",
			r->line, r->seconds, r->longest, r->widest4, r->widest6,
			r->touch ? "true" : "false", r->second ? "true" : "false",
			r->deny ? "true" : "false");
	}
	buf_puts(b, "]}\n");
}

int jit_policy_show(const char *path, bool json)
{
	struct arena own(arena_release) a = {};
	struct jit_policy own(jit_policy_release) p = {};
	struct buf own(buf_release) b = BUF(OUTPUT_MAX);
	const char *file = path ? path : JIT_PATH;
	char text[600], shown[300];
	struct diag d = {};
	struct str s = {};
	int r = file_read(file, CONF_MAX, &a, &s);

	text_safe(str_of(file), shown, sizeof shown);
	if (r == -ENOENT && !path) {
		if (!json)
			buf_fmt(&b, "%s is not there: one rule for everybody with a key\n", shown);
		r = jit_policy_default(&p);
	} else if (r < 0) {
		cli_error("%s: %s", shown, file_error(r));
		return EXIT_FAILED;
	} else {
		r = jit_policy_parse(s, shown, &p, &d);
	}
	if (r == 0 && json)
		put_json(&b, &p);
	else if (r == 0)
		r = put_policy(&b, &p);
	if (r < 0 || b.error) {
		cli_error("%s", d.reason[0] ? diag_text(&d, text, sizeof text)
					    : strerror(r < 0 ? -r : -b.error));
		return EXIT_FAILED;
	}
	return fputs(b.ptr, stdout) < 0 || fflush(stdout) ? EXIT_FAILED : EXIT_OK;
}
