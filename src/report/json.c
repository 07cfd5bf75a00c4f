/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON: docs/assess.schema.json describes every member. Texts go out as ASCII with \u escapes. */
#include <math.h>
#include <stdio.h>
#include <time.h>

#include "report/json.h"
#include "report/report.h"

#define SCHEMA_VERSION 1

json_t *json_text(struct str s)
{
	json_t *o = json_stringn(s.ptr ? s.ptr : "", s.len);
	own(free_ptr) char *safe = NULL;
	size_t size = s.len * 4 + 1;

	if (o)
		return o;
	safe = malloc(size);
	return safe ? json_string(text_safe(s, safe, size)) : NULL;
}

json_t *json_number(double v) { return isfinite(v) ? json_real(v) : json_null(); }

static json_t *number(double v) { return json_number(round(v * 100) / 100); }

static json_t *timestamp(int64_t t)
{
	char s[32];
	time_t at = (time_t)t;
	struct tm tm;

	if (!t || !gmtime_r(&at, &tm))
		return json_null();
	strftime(s, sizeof s, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(s);
}

static json_t *host(const struct report *r)
{
	own(arena_release) struct arena a = {};
	struct report_host h;

	if (report_host(r, &a, &h) < 0)
		return NULL;
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:b,s:o}", "hostname", json_text(h.hostname), "os",
			 json_text(h.os), "machine_id", json_text(h.machine_id), "architecture",
			 json_text(h.architecture), "root", json_text(h.root), "live", h.live,
			 "collected_at", timestamp(h.collected_at));
}

static json_t *maps(const struct check *c)
{
	json_t *o = json_object();
	struct str rest = c->maps;

	for (struct str word = str_word(&rest); word.ptr; word = str_word(&rest)) {
		struct str key = str_cut(&word, '=');
		json_t *list = json_array();
		char name[64];

		while (word.ptr)
			json_array_append_new(list, json_text(str_cut(&word, ',')));
		snprintf(name, sizeof name, "%.*s", STR_FMT(key));
		json_object_set_new(o, name, list);
	}
	return o;
}

static json_t *reachable(enum reachable r)
{
	return r == REACHABLE_UNKNOWN ? json_string("unknown") : json_boolean(r == REACHABLE_YES);
}

static json_t *exemption(const struct exemption *e)
{
	return json_pack("{s:o,s:o,s:s,s:o,s:o,s:o,s:b,s:i}", "check", json_text(e->check),
			 "resource", json_text(e->resource), "kind", exemption_kind_name(e->kind),
			 "reason", json_text(e->reason), "owner", json_text(e->owner), "expires",
			 json_text(e->expires), "expired", e->expired, "findings", e->matched);
}

static json_t *finding(const struct finding *x)
{
	json_t *o = json_pack(
		"{s:o,s:o,s:s,s:s,s:s,s:o,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "check",
		json_text(x->check->id), "title", json_text(x->check->title), "practice",
		practices[x->check->practice].id, "control", controls[x->check->control].id,
		"severity", severity_name(x->severity), "resource", json_text(x->resource),
		"status", finding_status_name(x->status), "reachable", reachable(x->reachable),
		"evidence", json_text(x->evidence), "fix", json_text(x->fix), "points",
		number(x->points), "risk_points", number(x->risk_points), "first_seen",
		timestamp(x->first_seen), "maps", maps(x->check));

	if (x->exemption)
		json_object_set_new(o, "exemption", exemption(x->exemption));
	return o;
}

static json_t *findings(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->findings->n; i++)
		json_array_append_new(list, finding(&r->findings->list[i]));
	return list;
}

static json_t *control_list(const struct report *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n_controls; i++) {
		const struct control_score *c = &r->score->controls[i];

		if (!c->applies)
			continue;
		json_array_append_new(list,
				      json_pack("{s:s,s:s,s:o,s:o,s:o,s:i,s:i,s:i,s:b}", "control",
						controls[i].id, "title", controls[i].title, "max",
						number(c->max), "current", number(c->current),
						"potential", number(c->potential), "healthy",
						c->healthy, "unhealthy", c->unhealthy, "unknown",
						c->unknown, "own", controls[i].own));
	}
	return list;
}

static json_t *collector_list(const struct report *r)
{
	static const char sql[] =
		"SELECT name, status, error, reason, rows, problems, micros FROM collector_status"
		" ORDER BY name";
	own(stmt_release) sqlite3_stmt *st = NULL;
	json_t *list = json_array();

	if (sqlite3_prepare_v2(r->store->db, sql, -1, &st, NULL) != SQLITE_OK)
		return list;
	while (sqlite3_step(st) == SQLITE_ROW)
		json_array_append_new(list,
				      json_pack("{s:o,s:o,s:i,s:o,s:I,s:I,s:I}", "table",
						json_text(store_text(st, 0)), "status",
						json_text(store_text(st, 1)), "error",
						sqlite3_column_int(st, 2), "reason",
						json_text(store_text(st, 3)), "rows",
						(json_int_t)sqlite3_column_int64(st, 4), "problems",
						(json_int_t)sqlite3_column_int64(st, 5), "micros",
						(json_int_t)sqlite3_column_int64(st, 6)));
	return list;
}

static json_t *problem_list(const struct report *r)
{
	static const char sql[] = "SELECT name, error, path, reason FROM collector_problems";
	own(stmt_release) sqlite3_stmt *st = NULL;
	json_t *list = json_array();

	if (sqlite3_prepare_v2(r->store->db, sql, -1, &st, NULL) != SQLITE_OK)
		return list;
	while (sqlite3_step(st) == SQLITE_ROW)
		json_array_append_new(list, json_pack("{s:o,s:i,s:o,s:o}", "table",
						      json_text(store_text(st, 0)), "error",
						      sqlite3_column_int(st, 1), "path",
						      json_text(store_text(st, 2)), "reason",
						      json_text(store_text(st, 3))));
	return list;
}

static void add_errors(json_t *list, const struct diag *errors, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_pack("{s:o,s:i,s:o}", "file",
						      json_text(str_of(errors[i].file)), "line",
						      (int)errors[i].line, "reason",
						      json_text(str_of(errors[i].reason))));
}

static json_t *change_list(const struct finding_change *list, size_t n)
{
	json_t *out = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(out, json_pack("{s:o,s:o,s:s,s:s}", "check",
						     json_text(list[i].check), "resource",
						     json_text(list[i].resource), "before",
						     finding_status_name(list[i].before), "now",
						     finding_status_name(list[i].now)));
	return out;
}

static json_t *baseline(const struct baseline *b)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:o}", "time", timestamp(b->time), "secure_percent",
			 number(b->percent), "risk", number(b->risk), "new",
			 change_list(b->fresh, b->n_fresh), "fixed",
			 change_list(b->fixed, b->n_fixed));
}

static json_t *secure_score(const struct score *s, bool classic)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:b}", "current", number(s->current), "max",
			 number(s->max), "percent", number(s->percent), "best_percent",
			 number(s->best_percent), "classic", classic);
}

static json_t *risk_score(const struct score *s)
{
	return json_pack("{s:o,s:o,s:o,s:o}", "current", number(s->risk), "max", number(100),
			 "percent", number(s->risk), "best_percent", number(s->best_risk));
}

static json_t *coverage(const struct findings *f)
{
	unsigned all = f->all - f->not_applicable;

	return json_pack("{s:i,s:i,s:i,s:i,s:i,s:o}", "assessed", f->assessed, "all", all,
			 "unknown", f->unknown, "not_applicable", f->not_applicable, "checks",
			 f->all, "percent", number(all ? 100.0 * f->assessed / all : 0));
}

static json_t *document(const struct report *r)
{
	json_t *errors = json_array(), *exemptions = json_array(), *o;

	add_errors(errors, r->checks->errors, r->checks->n_errors);
	add_errors(errors, r->findings->errors, r->findings->n_errors);
	for (size_t i = 0; r->exemptions && i < r->exemptions->n; i++)
		json_array_append_new(exemptions, exemption(&r->exemptions->list[i]));
	o = json_pack("{s:i,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "schema_version",
		      SCHEMA_VERSION, "holdfast_version", HOLDFAST_VERSION, "host", host(r),
		      "secure_score", secure_score(r->score, r->classic), "risk_score",
		      risk_score(r->score), "coverage", coverage(r->findings), "controls",
		      control_list(r), "findings", findings(r), "collectors", collector_list(r),
		      "problems", problem_list(r), "exemptions", exemptions, "errors", errors);
	if (o && r->baseline)
		json_object_set_new(o, "baseline", baseline(r->baseline));
	return o;
}

/* jansson leaves DEL as it is. */
static int append(const char *data, size_t n, void *user)
{
	struct str rest = { data, n };

	while (rest.len) {
		bool found = str_find(rest, '\x7f') >= 0;

		buf_str(user, str_cut(&rest, '\x7f'));
		if (found)
			buf_puts(user, "\\u007f");
	}
	return ((struct buf *)user)->error;
}

int json_write(json_t *o, size_t flags, struct buf *out)
{
	int failed;

	if (!o)
		return -ENOMEM;
	failed = json_dump_callback(o, append, out,
				    flags | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(12));
	json_decref(o);
	if (failed)
		return out->error ? out->error : -ENOMEM;
	return buf_putc(out, '\n');
}

int report_json(const struct report *r, struct buf *out)
{
	return json_write(document(r), JSON_INDENT(1), out);
}
