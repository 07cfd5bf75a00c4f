/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format", 2020-03-27): a rule a check, a
 * result a finding that is not healthy. Where the evidence begins with a file and a line, that is
 * the place; the resource is the logical location.
 */
#include <stdio.h>

#include "report/json.h"
#include "report/report.h"

#define SCHEMA "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

/* Figures as GitHub reads them: over 9 critical, over 7 high, over 4 medium. */
static const struct {
	const char *level, *security;
} levels[SEVERITY_N] = {
	[SEVERITY_INFO] = {"note",     "0.0"},
          [SEVERITY_LOW] = { "note",    "3.0"},
	[SEVERITY_MEDIUM] = { "warning", "5.5"},
          [SEVERITY_HIGH] = { "error",   "8.0"},
	[SEVERITY_CRITICAL] = { "error",   "9.5"},
};

static json_t *text(struct str s) { return json_pack("{s:o}", "text", json_text(s)); }

static json_t *tags(const struct check *c)
{
	json_t *list = json_array();
	struct str rest = c->maps;

	json_array_append_new(list, json_string("security"));
	json_array_append_new(list, json_string(practices[c->practice].id));
	for (struct str word = str_word(&rest); word.ptr; word = str_word(&rest)) {
		struct str key = str_cut(&word, '=');

		while (word.ptr) {
			char tag[128];

			snprintf(tag, sizeof tag, "%.*s:%.*s", STR_FMT(key),
				 STR_FMT(str_cut(&word, ',')));
			json_array_append_new(list, json_text(str_of(tag)));
		}
	}
	return list;
}

static json_t *rule(const struct check *c)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:{s:s},s:{s:s,s:o}}", "id", json_text(c->id),
			 "shortDescription", text(c->title), "fullDescription", text(c->why),
			 "help", text(c->fix), "defaultConfiguration", "level",
			 levels[c->severity].level, "properties", "security-severity",
			 levels[c->severity].security, "tags", tags(c));
}

/* "/etc/ssh/sshd_config:12 …" */
static bool place(struct str evidence, struct str *ret_path, unsigned *ret_line)
{
	struct str word = str_word(&evidence);
	struct str path = str_cut(&word, ':'), digits = str_cut(&word, ':');
	uint64_t line = 0;

	if (!path.len || path.ptr[0] != '/' || str_to_u64(digits, 10, &line) < 0 || !line ||
	    line > INT32_MAX)
		return false;
	*ret_path = path;
	*ret_line = (unsigned)line;
	return true;
}

/* RFC 3986: what is not unreserved or a slash is escaped. */
static json_t *file_uri(struct str path)
{
	own(buf_release) struct buf uri = BUF(1 << 20);

	buf_puts(&uri, "file://");
	for (size_t i = 0; i < path.len; i++) {
		unsigned char c = (unsigned char)path.ptr[i];
		bool plain =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (plain || (c && strchr("/-._~", c)))
			buf_putc(&uri, (char)c);
		else
			buf_fmt(&uri, "%%%02X", c);
	}
	return uri.error ? NULL : json_stringn(uri.ptr, uri.len);
}

static json_t *location(const struct finding *x)
{
	json_t *o = json_pack("{s:[{s:o,s:s}]}", "logicalLocations", "name", json_text(x->resource),
			      "kind", "resource");
	struct str path;
	unsigned line;

	if (o && place(x->evidence, &path, &line))
		json_object_set_new(o, "physicalLocation",
				    json_pack("{s:{s:o},s:{s:i}}", "artifactLocation", "uri",
					      file_uri(path), "region", "startLine", (int)line));
	return o;
}

static json_t *result(const struct finding *x, size_t rule)
{
	own(arena_release) struct arena a = {};
	struct str said = x->evidence.len ? x->evidence : x->check->title;
	struct str id = arena_cat(&a, x->check->id, STR("/"), x->resource);
	json_t *o = json_pack("{s:o,s:I,s:s,s:s,s:o,s:[o],s:{s:o},s:{s:s,s:o,s:o,s:o}}", "ruleId",
			      json_text(x->check->id), "ruleIndex", (json_int_t)rule, "kind",
			      x->status == FINDING_UNKNOWN ? "open" : "fail", "level",
			      x->status == FINDING_UNKNOWN ? "none" : levels[x->severity].level,
			      "message", text(said), "locations", location(x),
			      "partialFingerprints", "finding/v1", json_text(id), "properties",
			      "security-severity", levels[x->severity].security, "reachable",
			      x->reachable == REACHABLE_UNKNOWN
				      ? json_null()
				      : json_boolean(x->reachable == REACHABLE_YES),
			      "points", json_number(x->points), "fix", json_text(x->fix));

	if (o && x->status == FINDING_EXEMPT && x->exemption)
		json_object_set_new(o, "suppressions",
				    json_pack("[{s:s,s:s,s:o}]", "kind", "external", "status",
					      "accepted", "justification",
					      json_text(x->exemption->reason)));
	return o;
}

/* Rules that have a result, each once; its results point at it. */
static json_t *run(const struct report *r, const struct report_host *h)
{
	json_t *rules = json_array(), *results = json_array();
	own(free_ptr) size_t *index = calloc(r->checks->n + 1, sizeof *index);
	char time[REPORT_TIME];

	for (size_t i = 0; index && i < r->findings->n; i++) {
		const struct finding *x = &r->findings->list[i];
		size_t at = (size_t)(x->check - r->checks->list);

		if (x->status > FINDING_EXEMPT || at >= r->checks->n)
			continue;
		if (!index[at]) {
			json_array_append_new(rules, rule(x->check));
			index[at] = json_array_size(rules);
		}
		json_array_append_new(results, result(x, index[at] - 1));
	}
	report_time(h->collected_at, time);
	return json_pack("{s:{s:{s:s,s:s,s:s,s:o}},s:[{s:b,s:o*,s:{s:o}}],s:o,s:s}", "tool",
			 "driver", "name", "Holdfast", "version", HOLDFAST_VERSION,
			 "semanticVersion", HOLDFAST_VERSION, "rules", rules, "invocations",
			 "executionSuccessful", 1, "endTimeUtc", *time ? json_string(time) : NULL,
			 "properties", "host", json_text(h->hostname), "results", results,
			 "columnKind", "unicodeCodePoints");
}

int report_sarif(const struct report *r, struct buf *out)
{
	own(arena_release) struct arena a = {};
	struct report_host h;
	int e = report_host(r, &a, &h);

	return e < 0 ? e
		     : json_write(json_pack("{s:s,s:s,s:[o]}", "$schema", SCHEMA, "version",
					    "2.1.0", "runs", run(r, &h)),
				  JSON_INDENT(1), out);
}
