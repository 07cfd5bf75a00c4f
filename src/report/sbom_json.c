/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bill of materials as CycloneDX 1.6 (ECMA-424) and as plain JSON; one component a line. */
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "base/map.h"
#include "report/json.h"
#include "report/report.h"
#include "report/sbom.h"

struct writer {
	struct buf *out;
	unsigned n; /* objects of the list that is open */
	bool cyclonedx;
};

/* json_write() ends a document with a line feed: here it goes on. */
static int put_value(struct buf *out, json_t *o)
{
	int r = json_write(o, JSON_COMPACT, out);

	if (r < 0)
		return r;
	if (out->len && out->ptr[out->len - 1] == '\n')
		out->ptr[--out->len] = '\0';
	return out->error;
}

static int put(struct writer *w, json_t *o)
{
	buf_puts(w->out, w->n++ ? ",\n" : "\n");
	return put_value(w->out, o);
}

static void set(json_t *o, const char *key, struct str s)
{
	if (s.len)
		json_object_set_new(o, key, json_text(s));
}

static void add_property(json_t *list, const char *name, struct str value)
{
	if (value.len)
		json_array_append_new(
			list, json_pack("{s:s,s:o}", "name", name, "value", json_text(value)));
}

static const char *type_of(struct str kind)
{
	if (str_eq(kind, STR("application")))
		return "application";
	return str_eq(kind, STR("runtime")) ? "platform" : "library";
}

/* Maven's group, npm's scope and Composer's vendor are members of their own. */
static struct str cut_group(const struct sbom_item *item, struct str *name)
{
	char sep = '/';
	ssize_t at;

	*name = item->name;
	if (str_eq(item->ecosystem, STR("Maven")))
		sep = ':';
	else if (!str_eq(item->ecosystem, STR("npm")) && !str_eq(item->ecosystem, STR("Packagist")))
		return STR("");
	at = str_find(*name, sep);
	if (at <= 0)
		return STR("");
	*name = str_sub(item->name, (size_t)at + 1, item->name.len);
	return str_sub(item->name, 0, (size_t)at);
}

static const char *technique(struct str evidence)
{
	if (str_starts(evidence, STR("file name")))
		return "filename";
	if (str_eq(evidence, STR("go.buildinfo")) || str_eq(evidence, STR("cargo-auditable")) ||
	    str_ends(evidence, STR("/")) || str_ends(evidence, STR(" ")) ||
	    str_ends(evidence, STR(".class")))
		return "binary-analysis";
	return "manifest-analysis";
}

static json_t *occurrences(const struct sbom_item *item)
{
	json_t *list = json_array();

	for (size_t i = 0; i < item->n_places; i++) {
		const struct sbom_place *p = &item->places[i];
		char context[600];

		snprintf(context, sizeof context, "%.*s%s%.*s%s%.*s", STR_FMT(p->evidence),
			 p->layer.len ? "; layer " : "", STR_FMT(p->layer),
			 p->package.len ? "; package " : "", STR_FMT(p->package));
		json_array_append_new(list,
				      json_pack("{s:o,s:o}", "location", json_text(p->path),
						"additionalContext", json_text(str_of(context))));
	}
	return list;
}

static json_t *evidence(const struct sbom_item *item)
{
	const char *how = technique(item->places[0].evidence);
	double sure = strcmp(how, "filename") ? 0.9 : 0.5;

	return json_pack("{s:[{s:s,s:f,s:[{s:s,s:f,s:o}]}],s:o}", "identity", "field", "purl",
			 "confidence", sure, "methods", "technique", how, "confidence", sure,
			 "value", json_text(item->places[0].evidence), "occurrences",
			 occurrences(item));
}

static int write_cyclonedx(const struct sbom_item *item, struct writer *w)
{
	json_t *o = json_object(), *properties = json_array();
	struct str name, group = cut_group(item, &name);

	json_object_set_new(o, "type", json_string(type_of(item->kind)));
	set(o, "bom-ref", item->ref);
	set(o, "group", group);
	set(o, "name", name);
	set(o, "version", item->version);
	set(o, "purl", item->purl);
	if (item->n_places)
		json_object_set_new(o, "evidence", evidence(item));
	add_property(properties, "holdfast:kind", item->kind);
	add_property(properties, "holdfast:source", item->source);
	add_property(properties, "holdfast:source-version", item->source_version);
	add_property(properties, "holdfast:end-of-life", item->eol_date);
	add_property(properties, "holdfast:processes", item->processes);
	json_object_set_new(o, "properties", properties);
	return put(w, o);
}

static int write_plain(const struct sbom_item *item, struct writer *w)
{
	json_t *o = json_object(), *places = json_array();

	set(o, "ecosystem", item->ecosystem);
	set(o, "kind", item->kind);
	set(o, "name", item->name);
	set(o, "version", item->version);
	set(o, "purl", item->purl);
	set(o, "source", item->source);
	set(o, "source_version", item->source_version);
	set(o, "end_of_life", item->eol_date);
	set(o, "processes", item->processes);
	for (size_t i = 0; i < item->n_places; i++) {
		json_t *place = json_object();

		set(place, "path", item->places[i].path);
		set(place, "evidence", item->places[i].evidence);
		set(place, "layer", item->places[i].layer);
		set(place, "package", item->places[i].package);
		json_array_append_new(places, place);
	}
	json_object_set_new(o, "places", places);
	return put(w, o);
}

static int write_item(const struct sbom_item *item, void *user)
{
	struct writer *w = user;

	return w->cyclonedx ? write_cyclonedx(item, w) : write_plain(item, w);
}

static int sql_error(struct store *s, int rc)
{
	if (rc == SQLITE_DONE)
		return 0;
	snprintf(s->error, sizeof s->error, "%s", sqlite3_errmsg(s->db));
	return rc == SQLITE_NOMEM ? -ENOMEM : -EIO;
}

static json_t *analysis(sqlite3_stmt *st)
{
	json_t *o = json_object();

	set(o, "state", store_text(st, 4));
	set(o, "justification", store_text(st, 5));
	set(o, "detail", store_text(st, 6));
	return o;
}

/* As CycloneDX names severities and the versions of CVSS. */
static json_t *rating(sqlite3_stmt *st)
{
	struct str severity = store_text(st, 8), vector = store_text(st, 9);
	int score = sqlite3_column_int(st, 10);
	json_t *o = json_object();

	if (str_eq(severity, STR("negligible")))
		severity = STR("info");
	set(o, "severity", severity);
	if (score > 0)
		json_object_set_new(o, "score", json_number(score / 10.0));
	if (vector.len) {
		json_object_set_new(o, "method",
				    json_string(str_starts(vector, STR("CVSS:4"))     ? "CVSSv4"
						: str_starts(vector, STR("CVSS:3.1")) ? "CVSSv31"
						: str_starts(vector, STR("CVSS:3"))   ? "CVSSv3"
										      : "CVSSv2"));
		set(o, "vector", vector);
	}
	return o;
}

static json_t *affected(sqlite3_stmt *st)
{
	struct str version = store_text(st, 2);
	bool safe = str_eq(store_text(st, 4), STR("not_affected"));
	json_t *o = json_pack("{s:o}", "ref", json_text(store_text(st, 1)));

	if (o && version.len)
		json_object_set_new(o, "versions",
				    json_pack("[{s:o,s:s}]", "version", json_text(version),
					      "status", safe ? "unaffected" : "affected"));
	return o;
}

static json_t *vex_cyclonedx(sqlite3_stmt *st)
{
	struct str id = store_text(st, 0), fixed = store_text(st, 3);
	char ref[64], text[400];
	json_t *o;

	snprintf(ref, sizeof ref, "vulnerability-%d", sqlite3_column_int(st, 7));
	o = json_pack("{s:s,s:o,s:{s:s},s:[o],s:o,s:[o]}", "bom-ref", ref, "id", json_text(id),
		      "source", "name", str_starts(id, STR("CVE-")) ? "NVD" : "OSV", "ratings",
		      rating(st), "analysis", analysis(st), "affects", affected(st));
	if (o && fixed.len) {
		snprintf(text, sizeof text, "Update to %.*s or later.",
			 STR_FMT(str_sub(fixed, 0, 300)));
		json_object_set_new(o, "recommendation", json_text(str_of(text)));
	}
	if (o && sqlite3_column_int(st, 11))
		json_object_set_new(o, "properties",
				    json_pack("[{s:s,s:s}]", "name", "holdfast:known-exploited",
					      "value", "true"));
	return o;
}

static json_t *vex_plain(sqlite3_stmt *st)
{
	json_t *o = analysis(st);

	set(o, "id", store_text(st, 0));
	set(o, "purl", store_text(st, 1));
	set(o, "version", store_text(st, 2));
	set(o, "fixed", store_text(st, 3));
	set(o, "severity", store_text(st, 8));
	set(o, "cvss", store_text(st, 9));
	json_object_set_new(o, "known_exploited", json_boolean(sqlite3_column_int(st, 11)));
	return o;
}

/* Of the same component in several places the worst counts. */
static int write_vex(struct store *s, struct writer *w)
{
	static const char sql[] =
		"SELECT cve, purl, version, fixed, state, justification, detail, "
		"row_number() OVER (ORDER BY cve, purl), severity, cvss, score, kev FROM (SELECT *, row_number() OVER ("
		"PARTITION BY cve, purl ORDER BY CASE state WHEN 'exploitable' THEN 0 "
		"WHEN 'in_triage' THEN 1 ELSE 2 END, cvss = '', path) AS n FROM vex WHERE purl <> '') "
		"WHERE n = 1 ORDER BY cve, purl";
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL), r = 0;

	w->n = 0;
	while (r >= 0 && rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		r = put(w, w->cyclonedx ? vex_cyclonedx(st) : vex_plain(st));
		rc = SQLITE_OK;
	}
	return r < 0 ? r : sql_error(s, rc);
}

static json_t *problem_list(struct store *s, int *ret_rc)
{
	static const char sql[] =
		"SELECT name, '', reason FROM collector_status "
		"WHERE name IN ('packages', 'components', 'container_layers', 'container_packages') AND status NOT IN ('ok', 'not_applicable') "
		"AND reason <> '' UNION ALL SELECT name, path, reason FROM collector_problems "
		"WHERE name IN ('packages', 'components', 'container_layers', 'container_packages')";
	own(stmt_release) sqlite3_stmt *st = NULL;
	json_t *list = json_array();
	int rc = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	while (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct str path = store_text(st, 1);
		char text[1400];

		snprintf(text, sizeof text, "%.*s: %.*s%s%.*s", STR_FMT(store_text(st, 0)),
			 STR_FMT(path), path.len ? ": " : "", STR_FMT(store_text(st, 2)));
		json_array_append_new(list, json_text(str_of(text)));
		rc = SQLITE_OK;
	}
	*ret_rc = rc;
	return list;
}

static void format_time(int64_t t, char ret[static 32])
{
	time_t at = (time_t)t;
	struct tm tm = {};

	gmtime_r(&at, &tm);
	strftime(ret, 32, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static json_t *metadata(const struct sbom_about *about, const char *when, json_t *problems)
{
	json_t *properties = json_array(), *o, *os;
	size_t i;
	json_t *p;

	add_property(properties, "holdfast:hostname", about->hostname);
	add_property(properties, "holdfast:root", about->root);
	json_array_foreach(problems, i, p)
		add_property(properties, "holdfast:problem", str_of(json_string_value(p)));
	os = json_pack("{s:s,s:s,s:o}", "type", "operating-system", "bom-ref", "operating-system",
		       "name", json_text(about->os_id.len ? about->os_id : STR("unknown")));
	set(os, "version", about->os_version);
	set(os, "description", about->os_name);
	o = json_pack("{s:s,s:{s:[{s:s,s:s,s:s}]},s:o,s:o}", "timestamp", when, "tools",
		      "components", "type", "application", "name", "holdfast", "version",
		      HOLDFAST_VERSION, "component", os, "properties", properties);
	return o;
}

/* "urn:uuid:…" (RFC 9562): random, or of the content where it is to come out the same again. */
static void serial_number(struct str content, bool fixed, char ret[static 46])
{
	static const uint64_t seeds[2][2] = {
		{1,  2},
                { 3, 4}
	};
	uint64_t v[2] = { siphash13(seeds[0], content.ptr, content.len),
			  siphash13(seeds[1], content.ptr, content.len) };

	if (!fixed && getrandom(v, sizeof v, 0) != (ssize_t)sizeof v)
		v[0] ^= (uint64_t)time(NULL);
	snprintf(ret, 46, "urn:uuid:%08x-%04x-%c%03x-%04x-%012llx", (unsigned)(v[0] >> 32),
		 (unsigned)(v[0] >> 16) & 0xffff, fixed ? '8' : '4', (unsigned)v[0] & 0xfff,
		 ((unsigned)(v[1] >> 48) & 0x3fff) | 0x8000,
		 (unsigned long long)v[1] & 0xffffffffffffull);
}

static int write_lists(struct store *s, struct writer *w)
{
	int r;

	buf_puts(w->out, "\"components\": [");
	r = sbom_each(s, write_item, w);
	if (r < 0)
		return r;
	buf_puts(w->out, "\n],\n\"vulnerabilities\": [");
	r = write_vex(s, w);
	buf_puts(w->out, "\n]");
	return r < 0 ? r : w->out->error;
}

static int about_and_problems(struct store *s, struct arena *a, struct sbom_about *ret,
			      json_t **ret_problems)
{
	int rc, r = sbom_about(s, a, ret);

	if (r < 0)
		return r;
	*ret_problems = problem_list(s, &rc);
	return sql_error(s, rc);
}

static void json_release(json_t **o) { json_decref(*o); }

int sbom_cyclonedx(struct store *s, const struct sbom_options *o, struct buf *out)
{
	own(buf_release) struct buf lists = BUF(out->limit);
	own(arena_release) struct arena a = {};
	own(json_release) json_t *problems = NULL;
	struct writer w = { .out = &lists, .cyclonedx = true };
	char when[32], serial[46];
	struct sbom_about about;
	int r = about_and_problems(s, &a, &about, &problems);

	if (r >= 0)
		r = write_lists(s, &w);
	if (r < 0)
		return r;
	format_time(o->epoch >= 0 ? o->epoch : about.collected_at, when);
	serial_number(buf_view(&lists), o->epoch >= 0, serial);
	buf_fmt(out,
		"{\n\"$schema\": \"http://cyclonedx.org/schema/bom-1.6.schema.json\",\n"
		"\"bomFormat\": \"CycloneDX\",\n\"specVersion\": \"1.6\",\n"
		"\"serialNumber\": \"%s\",\n\"version\": 1,\n\"metadata\": ",
		serial);
	r = put_value(out, metadata(&about, when, problems));
	if (r < 0)
		return r;
	buf_puts(out, ",\n");
	buf_str(out, buf_view(&lists));
	/* What could not be looked at is not missing from the machine. */
	buf_fmt(out,
		",\n\"compositions\": [\n{\"aggregate\":\"%s\",\"assemblies\":[\"operating-system\"]}"
		"\n]\n}\n",
		about.complete ? "complete" : "incomplete");
	return out->error;
}

int sbom_json(struct store *s, const struct sbom_options *o, struct buf *out)
{
	own(arena_release) struct arena a = {};
	own(json_release) json_t *problems = NULL;
	struct writer w = { .out = out };
	struct sbom_about about;
	char when[32];
	json_t *head;
	int r = about_and_problems(s, &a, &about, &problems);

	if (r < 0)
		return r;
	format_time(o->epoch >= 0 ? o->epoch : about.collected_at, when);
	head = json_pack("{s:i,s:s,s:o,s:o,s:o,s:b,s:b}", "schema_version", 1, "collected_at", when,
			 "hostname", json_text(about.hostname), "os", json_text(about.os_name),
			 "root", json_text(about.root), "live", about.live, "complete",
			 about.complete);
	buf_puts(out, "{\n\"machine\": ");
	r = put_value(out, head);
	if (r >= 0) {
		buf_puts(out, ",\n\"problems\": ");
		r = put_value(out, json_incref(problems));
	}
	if (r < 0)
		return r;
	buf_puts(out, ",\n");
	r = write_lists(s, &w);
	buf_puts(out, "\n}\n");
	return r < 0 ? r : out->error;
}

int report_cyclonedx(const struct report *r, struct buf *out)
{
	return sbom_cyclonedx(r->store, &(struct sbom_options){ .epoch = r->epoch }, out);
}
