/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>
#include <yaml.h>

#include "base/file.h"
#include "posture/exempt.h"

#define EXEMPTIONS_MAX ((size_t)1 << 20)
#define EXEMPTIONS_MOST 10000
#define DEPTH_MAX 8

const char *exemption_kind_name(enum exemption_kind k)
{
	return k == EXEMPTION_WAIVER ? "waiver" : "mitigated";
}

struct reader {
	yaml_document_t *doc;
	const char *file;
	struct diag *d;
	struct arena *a;
	int64_t now;
};

static unsigned line_of(const yaml_node_t *n) { return (unsigned)n->start_mark.line + 1; }

static int complain(const struct reader *y, const yaml_node_t *n, const char *what)
{
	return diag_set(y->d, -EBADMSG, y->file, n ? line_of(n) : 1, "%s", what);
}

static struct str scalar(const yaml_node_t *n)
{
	if (!n || n->type != YAML_SCALAR_NODE)
		return (struct str){};
	return (struct str){ (const char *)n->data.scalar.value, n->data.scalar.length };
}

/* The last day on which it holds, to the first second after it (UTC). */
static int parse_date(struct str s, int64_t *ret)
{
	struct str rest = s, year = str_cut(&rest, '-'), month = str_cut(&rest, '-'), day = rest;
	struct tm tm = {};
	int64_t y, m, d;
	time_t t;

	if (s.len != 10 || str_to_int64(year, &y) < 0 || str_to_int64(month, &m) < 0 ||
	    str_to_int64(day, &d) < 0 || y < 1970 || m < 1 || m > 12 || d < 1 || d > 31)
		return -EINVAL;
	tm.tm_year = (int)y - 1900;
	tm.tm_mon = (int)m - 1;
	tm.tm_mday = (int)d;
	t = timegm(&tm);
	if (tm.tm_mday != d)
		return -EINVAL;
	*ret = t + 86400;
	return 0;
}

static int set_field(const struct reader *y, struct exemption *e, const yaml_node_t *key,
		     const yaml_node_t *value)
{
	struct str k = scalar(key), v = str_trim(scalar(value));
	struct str copy = arena_str(y->a, v);

	if (!copy.ptr && v.ptr)
		return -ENOMEM;
	if (!v.len)
		return complain(y, key, "a key needs a text as value");
	if (str_eq(k, STR("check"))) {
		e->check = copy;
	} else if (str_eq(k, STR("resource"))) {
		e->resource = copy;
	} else if (str_eq(k, STR("reason"))) {
		e->reason = copy;
	} else if (str_eq(k, STR("owner"))) {
		e->owner = copy;
	} else if (str_eq(k, STR("expires"))) {
		e->expires = copy;
		if (parse_date(v, &e->expires_at) < 0)
			return complain(y, value, "expires is a day: YYYY-MM-DD");
	} else if (str_eq(k, STR("kind"))) {
		e->kind = str_eq(v, STR("waiver")) ? EXEMPTION_WAIVER : EXEMPTION_MITIGATED;
		if (e->kind == EXEMPTION_MITIGATED && !str_eq(v, STR("mitigated")))
			return complain(y, value, "kind is mitigated or waiver");
	} else {
		return complain(
			y, key,
			"unknown key; known are check, resource, kind, reason, owner, expires");
	}
	return 0;
}

/* YAML forbids it (1.2, section 3.2.1.1), libyaml does not look. */
static bool stands_twice(const struct reader *y, const yaml_node_t *map, const yaml_node_pair_t *at)
{
	struct str key = scalar(yaml_document_get_node(y->doc, at->key));

	for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < at; p++)
		if (str_eq(scalar(yaml_document_get_node(y->doc, p->key)), key))
			return true;
	return false;
}

static int read_entry(const struct reader *y, const yaml_node_t *n, struct exemptions *list)
{
	struct exemption e = { .resource = STR("*"), .line = line_of(n) };
	bool kind = false;

	if (n->type != YAML_MAPPING_NODE)
		return complain(y, n, "an exemption is a list of keys: check, kind, reason, …");
	for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top;
	     p++) {
		const yaml_node_t *key = yaml_document_get_node(y->doc, p->key);
		int r = set_field(y, &e, key, yaml_document_get_node(y->doc, p->value));

		if (r >= 0 && stands_twice(y, n, p))
			r = complain(y, key, "a key stands twice");
		if (r < 0)
			return r;
		kind |= str_eq(scalar(key), STR("kind"));
	}
	if (!e.check.len || !e.reason.len || !e.owner.len || !e.expires.len || !kind)
		return complain(y, n, "an exemption needs check, kind, reason, owner and expires");
	if (list->n >= EXEMPTIONS_MOST)
		return complain(y, n, "there are more exemptions than anybody can answer for");
	e.expired = y->now >= e.expires_at;
	return arena_push(y->a, list->list, list->n, list->cap, e);
}

static int read_document(const struct reader *y, struct exemptions *ret)
{
	const yaml_node_t *root = yaml_document_get_root_node(y->doc), *list;
	yaml_node_pair_t *pair;

	if (!root)
		return 0;
	pair = root->type == YAML_MAPPING_NODE ? root->data.mapping.pairs.start : NULL;
	if (!pair || root->data.mapping.pairs.top != pair + 1 ||
	    !str_eq(scalar(yaml_document_get_node(y->doc, pair->key)), STR("exemptions")))
		return complain(y, root, "expected one key, 'exemptions', with a list");
	list = yaml_document_get_node(y->doc, pair->value);
	if (list->type != YAML_SEQUENCE_NODE)
		return complain(y, list, "expected a list of exemptions");
	for (yaml_node_item_t *i = list->data.sequence.items.start;
	     i < list->data.sequence.items.top; i++) {
		int r = read_entry(y, yaml_document_get_node(y->doc, *i), ret);

		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * libyaml takes a time that grows with the square of the nesting, so that a megabyte of brackets
 * would hold us for hours. Mistakes are left for the second pass to report.
 */
static int check_depth(struct str text, const char *file, struct diag *d)
{
	yaml_parser_t parser;
	int depth = 0, r = 0;
	bool more = true;

	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
	while (r >= 0 && more) {
		yaml_event_t event;

		if (!yaml_parser_parse(&parser, &event))
			break;
		more = event.type != YAML_STREAM_END_EVENT;
		depth += event.type == YAML_SEQUENCE_START_EVENT ||
			 event.type == YAML_MAPPING_START_EVENT;
		depth -= event.type == YAML_SEQUENCE_END_EVENT ||
			 event.type == YAML_MAPPING_END_EVENT;
		if (depth > DEPTH_MAX)
			r = diag_set(d, -EBADMSG, file, (unsigned)event.start_mark.line + 1,
				     "is nested deeper than exemptions are");
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return r;
}

/* Line of another document, 0 when there is none. */
static unsigned next_document(yaml_parser_t *parser)
{
	yaml_document_t next;
	unsigned line = 0;

	if (!yaml_parser_load(parser, &next))
		return (unsigned)parser->problem_mark.line + 1;
	if (yaml_document_get_root_node(&next))
		line = (unsigned)next.start_mark.line + 1;
	yaml_document_delete(&next);
	return line;
}

int exemptions_parse(struct str text, const char *file, int64_t now, struct arena *a,
		     struct exemptions *ret, struct diag *d)
{
	struct reader y = { .file = file, .d = d, .a = a, .now = now };
	struct exemptions list = {};
	yaml_document_t doc;
	yaml_parser_t parser;
	unsigned line;
	int r = check_depth(text, file, d);

	if (r < 0)
		return r;
	if (!yaml_parser_initialize(&parser))
		return -ENOMEM;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.ptr, text.len);
	if (!yaml_parser_load(&parser, &doc)) {
		r = diag_set(d, -EBADMSG, file, (unsigned)parser.problem_mark.line + 1, "%s",
			     parser.problem ? parser.problem : "not YAML");
		yaml_parser_delete(&parser);
		return r;
	}
	y.doc = &doc;
	r = read_document(&y, &list);
	yaml_document_delete(&doc);
	line = r >= 0 ? next_document(&parser) : 0;
	if (line)
		r = diag_set(d, -EBADMSG, file, line, "expected one YAML document");
	yaml_parser_delete(&parser);
	if (r >= 0)
		*ret = list;
	return r;
}

int exemptions_load(const char *path, int64_t now, struct arena *a, struct exemptions *ret,
		    struct diag *d)
{
	struct str text;
	int r = file_read(path, EXEMPTIONS_MAX, a, &text);

	if (r < 0)
		return diag_set(d, r, path, 0, "cannot read: %s", file_error(r));
	return exemptions_parse(text, path, now, a, ret, d);
}

static bool matches(const struct exemption *e, const struct finding *x)
{
	return str_glob(e->check, x->check->id) && str_glob(e->resource, x->resource);
}

void exemptions_apply(struct exemptions *e, struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct finding *x = &f->list[i];

		if (x->status != FINDING_UNHEALTHY)
			continue;
		for (size_t k = 0; k < e->n; k++) {
			struct exemption *m = &e->list[k];

			if (!matches(m, x))
				continue;
			m->matched++;
			if (!x->exemption || x->exemption->expired)
				x->exemption = m;
		}
		if (x->exemption && !x->exemption->expired)
			x->status = FINDING_EXEMPT;
	}
}
