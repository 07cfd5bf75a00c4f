/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/exposure.h"
#include "report/json.h"

/* A list may be long; whoever needs more asks with --from. */
#define PREFIXES_MAX 10'000

static json_t *prefixes(const struct net_ranges *s)
{
	own(arena_release) struct arena a = { .limit = (size_t)64 << 20 };
	json_t *list = json_array();
	struct str *text;
	size_t n, more;

	if (net_ranges_prefixes(s, &a, PREFIXES_MAX, &text, &n, &more) < 0) {
		json_decref(list);
		return NULL;
	}
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_text(text[i]));
	return list;
}

static json_t *reach(enum internet r)
{
	return r == INTERNET_UNKNOWN ? json_string("unknown") : json_boolean(r == INTERNET_YES);
}

static void set_text(json_t *o, const char *key, struct str s)
{
	if (s.len)
		json_object_set_new(o, key, json_text(s));
}

static json_t *deciding(const struct exposure *e)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->n_rules; i++) {
		bool known = false;

		for (size_t k = 0; k < i; k++)
			known |= e->rules[k].decides && str_eq(e->rules[k].id, e->rules[i].id);
		if (e->rules[i].decides && !known)
			json_array_append_new(list, json_text(e->rules[i].id));
	}
	return list;
}

static json_t *object(const struct exposure *e)
{
	json_t *o = json_object();

	json_object_set_new(o, "resource", json_text(e->resource));
	json_object_set_new(o, "protocol", json_text(e->protocol));
	if (e->first == e->last) {
		json_object_set_new(o, "port", json_integer(e->first));
	} else {
		json_object_set_new(o, "port_from", json_integer(e->first));
		json_object_set_new(o, "port_to", json_integer(e->last));
	}
	json_object_set_new(o, "internet", reach(e->internet));
	json_object_set_new(o, "wide", json_boolean(reach_is_wide(&e->must)));
	json_object_set_new(o, "reachable_from", prefixes(&e->must));
	if (e->internet == INTERNET_UNKNOWN)
		json_object_set_new(o, "perhaps_from", prefixes(&e->may));
	json_object_set_new(o, "deciding", deciding(e));
	json_object_set_new(o, "process", json_text(e->process.len ? e->process : e->service));
	json_object_set_new(o, "package", json_text(e->package));
	json_object_set_new(o, "origin", json_string(e->origin));
	if (e->severity[0])
		json_object_set_new(o, "severity", json_string(e->severity));
	set_text(o, "address", e->address);
	set_text(o, "interface", e->interface);
	set_text(o, "service", e->service);
	set_text(o, "path", e->path);
	set_text(o, "unit", e->unit);
	set_text(o, "authentication", e->authentication);
	if (e->pid)
		json_object_set_new(o, "pid", json_integer(e->pid));
	set_text(o, "file", e->file);
	if (e->line)
		json_object_set_new(o, "line", json_integer(e->line));
	set_text(o, "reason", e->bound.len ? e->bound : e->unknown);
	set_text(o, "fix", e->fix);
	return o;
}

static int write_array(json_t *list, struct buf *out)
{
	int r = list ? json_write(list, JSON_INDENT(1), out) : -ENOMEM;

	return r < 0 ? r : buf_putc(out, '\n');
}

int exposure_json(const struct exposures *e, struct buf *out)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->n; i++)
		json_array_append_new(list, object(&e->list[i]));
	return write_array(list, out);
}

static json_t *rule(const struct exposure_rule *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "id", json_text(r->id));
	json_object_set_new(o, "text", json_text(r->text));
	set_text(o, "file", r->file);
	if (r->line)
		json_object_set_new(o, "line", json_integer(r->line));
	json_object_set_new(o, "verdict", json_string(r->verdict));
	json_object_set_new(o, "sources", prefixes(&r->sources));
	json_object_set_new(o, "decides", json_boolean(r->decides));
	set_text(o, "unknown", r->unknown);
	return o;
}

int exposure_why_json(const struct exposures *e, struct buf *out)
{
	json_t *list = json_array();

	for (size_t i = 0; i < e->n; i++) {
		json_t *o = object(&e->list[i]), *rules = json_array();

		for (size_t k = 0; k < e->list[i].n_rules; k++)
			json_array_append_new(rules, rule(&e->list[i].rules[k]));
		json_object_set_new(o, "rules", rules);
		json_array_append_new(list, o);
	}
	return write_array(list, out);
}

int exposure_diff_json(const struct exposure_changes *c, struct buf *out)
{
	json_t *list = json_array();

	for (size_t i = 0; i < c->n; i++) {
		const struct exposure_change *x = &c->list[i];
		json_t *o = object(x->after ?: x->before);

		json_object_set_new(o, "change",
				    json_string(!x->before  ? "new"
						: !x->after ? "gone"
							    : "changed"));
		json_object_set_new(o, "internet_before",
				    x->before ? reach(x->before->internet) : json_null());
		json_object_set_new(o, "opened", prefixes(&x->opened));
		json_object_set_new(o, "closed", prefixes(&x->closed));
		json_array_append_new(list, o);
	}
	return write_array(list, out);
}
