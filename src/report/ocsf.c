/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * OCSF 1.3.0 (schema.ocsf.io): a Compliance Finding (class 2003) a line, healthy ones too. Time is
 * that of the facts, in milliseconds.
 */
#include <stdio.h>

#include "report/json.h"
#include "report/report.h"

#define CLASS 2003
#define OTHER 99

/* Informational 1 to Critical 5. */
static int severity(const struct finding *x) { return (int)x->severity + 1; }

static const char *const severities[] = { "Informational", "Low", "Medium", "High", "Critical" };

/* status_id of compliance: Pass 1, Warning 2, Fail 3, Unknown 0. */
static json_t *compliance(const struct finding *x)
{
	static const struct {
		int id;
		const char *name;
	} states[] = {
		[FINDING_UNHEALTHY] = {3,      "Fail"          },
		[FINDING_UNKNOWN] = { 0,     "Unknown"       },
		[FINDING_EXEMPT] = { 2,     "Warning"       },
		[FINDING_HEALTHY] = { 1,     "Pass"          },
		[FINDING_NOT_APPLICABLE] = { OTHER, "Not applicable"},
	};
	json_t *standards = json_array(), *requirements = json_array();
	struct str rest = x->check->maps;

	for (struct str word = str_word(&rest); word.ptr; word = str_word(&rest)) {
		json_array_append_new(standards, json_text(str_cut(&word, '=')));
		while (word.ptr)
			json_array_append_new(requirements, json_text(str_cut(&word, ',')));
	}
	if (!json_array_size(standards))
		json_array_append_new(standards, json_string("Holdfast"));
	return json_pack("{s:o,s:o,s:s,s:i,s:s}", "standards", standards, "requirements",
			 requirements, "control", controls[x->check->control].title, "status_id",
			 states[x->status].id, "status", states[x->status].name);
}

static json_t *line(const struct report_host *h, const struct finding *x)
{
	own(arena_release) struct arena a = {};
	struct str uid = arena_cat(&a, x->check->id, STR("/"), x->resource);
	json_t *o = json_pack(
		"{s:i,s:s,s:i,s:s,s:i,s:s,s:i,s:s,s:i,s:I,s:o,s:{s:s,s:{s:s,s:s,s:s}},s:{s:o,s:o,s:o},"
		"s:o,s:[{s:o,s:s}],s:i,s:s}",
		"activity_id", 1, "activity_name", "Create", "category_uid", 2, "category_name",
		"Findings", "class_uid", CLASS, "class_name", "Compliance Finding", "type_uid",
		CLASS * 100 + 1, "severity", severities[x->severity], "severity_id", severity(x),
		"time", (json_int_t)h->collected_at * 1000, "message", json_text(x->evidence),
		"metadata", "version", "1.3.0", "product", "name", "Holdfast", "vendor_name",
		"Holdfast", "version", HOLDFAST_VERSION, "finding_info", "uid", json_text(uid),
		"title", json_text(x->check->title), "desc", json_text(x->check->why), "compliance",
		compliance(x), "resources", "name", json_text(x->resource), "type", "host resource",
		"status_id",
		x->status == FINDING_HEALTHY  ? 4
		: x->status == FINDING_EXEMPT ? 3
					      : 1,
		"status",
		x->status == FINDING_HEALTHY  ? "Resolved"
		: x->status == FINDING_EXEMPT ? "Suppressed"
					      : "New");

	if (o && x->fix.len)
		json_object_set_new(o, "remediation",
				    json_pack("{s:o}", "desc", json_text(x->fix)));
	if (o && h->hostname.len)
		json_object_set_new(o, "device",
				    json_pack("{s:o,s:i,s:s}", "hostname", json_text(h->hostname),
					      "type_id", 6, "type", "Virtual"));
	return o;
}

int report_ocsf(const struct report *r, struct buf *out)
{
	own(arena_release) struct arena a = {};
	struct report_host h;
	int e = report_host(r, &a, &h);

	for (size_t i = 0; e >= 0 && i < r->findings->n; i++)
		e = json_write(line(&h, &r->findings->list[i]), JSON_COMPACT, out);
	return e;
}
