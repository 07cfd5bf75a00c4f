/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/json.h"
#include "report/vulns.h"

static json_t *reach(enum internet r)
{
	return r == INTERNET_UNKNOWN ? json_string("unknown") : json_boolean(r == INTERNET_YES);
}

static void set(json_t *o, const char *key, struct str s)
{
	json_object_set_new(o, key, json_text(s));
}

static void set_known(json_t *o, const char *key, struct str s)
{
	json_object_set_new(o, key, s.len ? json_text(s) : json_null());
}

/* Whether the internet reaches a process, and by what. */
static void set_reach(json_t *o, enum internet r, struct str door, struct str via)
{
	json_object_set_new(o, "internet", reach(r));
	if (door.len)
		set(o, "port", door);
	if (via.len)
		set(o, "via", via);
}

static json_t *list_of(const struct str *list, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(a, json_text(list[i]));
	return a;
}

static json_t *processes(const struct vuln_process *list, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++) {
		const struct vuln_process *p = &list[i];
		json_t *o = json_object();

		json_object_set_new(o, "pid", p->pid ? json_integer(p->pid) : json_null());
		set(o, "name", p->name);
		set(o, "unit", p->unit);
		set(o, "path", p->path);
		set(o, "how", p->how);
		set_reach(o, p->internet, p->door, p->via);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *update(const struct vuln_update *u)
{
	json_t *o = json_object();

	set(o, "package", u->package);
	set(o, "arch", u->arch);
	set(o, "source", u->source);
	set(o, "installed", u->installed);
	set(o, "candidate", u->candidate);
	set(o, "suite", u->suite);
	set(o, "repository", u->repository);
	set(o, "state", u->state);
	json_object_set_new(o, "security", u->untold ? json_null() : json_boolean(u->security));
	set_known(o, "fixed", u->fixed);
	json_object_set_new(o, "cves", list_of(u->cves, u->n_cves));
	json_object_set_new(o, "exploited", json_boolean(u->kev));
	json_object_set_new(o, "risk", json_integer(u->risk));
	json_object_set_new(o, "internet", reach(u->internet));
	json_object_set_new(o, "processes", processes(u->processes, u->n_processes));
	return o;
}

static json_t *updates(const struct vulns *v, bool missing)
{
	json_t *a = json_array();

	for (size_t i = 0; i < v->n_updates; i++)
		if (str_eq(v->updates[i].state, STR("missing")) == missing)
			json_array_append_new(a, update(&v->updates[i]));
	return a;
}

static json_t *flaw(const struct vuln_flaw *f)
{
	json_t *o = json_object();

	set(o, "id", f->id);
	set_known(o, "advisory", f->advisory);
	set(o, "ecosystem", f->ecosystem);
	set(o, "source", f->source);
	set(o, "version", f->version);
	json_object_set_new(o, "packages", list_of(f->packages, f->component ? 0 : f->n_packages));
	json_object_set_new(o, "paths", list_of(f->packages, f->component ? f->n_packages : 0));
	set(o, "severity", f->severity);
	set_known(o, "cvss", f->cvss);
	json_object_set_new(o, "score", f->score ? json_real(f->score / 10.0) : json_null());
	json_object_set_new(o, "exploited", json_boolean(f->kev));
	json_object_set_new(o, "ransomware", json_boolean(f->ransomware));
	json_object_set_new(o, "epss",
			    f->epss < 0 ? json_null() : json_real((double)f->epss / 100000));
	set(o, "status", f->status);
	set_known(o, "fixed", f->fixed);
	json_object_set_new(o, "subscribers_only", json_boolean(f->extended));
	set_known(o, "update", f->update);
	json_object_set_new(o, "risk", json_integer(f->risk));
	json_object_set_new(o, "internet", reach(f->internet));
	json_object_set_new(o, "processes",
			    f->use ? processes(f->use->processes, f->use->n) : json_array());
	return o;
}

static json_t *flaws(const struct vulns *v)
{
	json_t *a = json_array();

	for (size_t i = 0; i < v->n_flaws; i++)
		json_array_append_new(a, flaw(&v->flaws[i]));
	return a;
}

static json_t *feeds(const struct vulns *v)
{
	json_t *a = json_array();

	for (size_t i = 0; i < v->n_feeds; i++) {
		const struct vuln_feed *f = &v->feeds[i];
		json_t *o = json_object();

		set(o, "name", f->name);
		set(o, "format", f->format);
		json_object_set_new(o, "published",
				    f->published ? json_integer(f->published) : json_null());
		json_object_set_new(o, "imported", json_integer(f->imported));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *ended(const struct vulns *v)
{
	json_t *a = json_array();

	for (size_t i = 0; i < v->n_ended; i++) {
		const struct vuln_ended *e = &v->ended[i];
		json_t *o = json_object();

		set(o, "name", e->name);
		set(o, "version", e->version);
		set(o, "ended", e->ended);
		set_known(o, "path", e->path);
		set_known(o, "package", e->package);
		json_object_set_new(o, "places", json_integer((json_int_t)e->n_places));
		json_object_set_new(o, "built_in", json_boolean(e->built_in));
		json_object_set_new(o, "internet", reach(e->internet));
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *support(const struct vulns *v)
{
	json_t *o = json_object();

	set(o, "release", v->release);
	set_known(o, "end", v->support_end);
	set_known(o, "extended_end", v->support_extended);
	json_object_set_new(o, "over", json_boolean(v->support_over));
	return o;
}

static json_t *restarts(const struct vulns *v)
{
	json_t *a = json_array();

	for (size_t i = 0; i < v->n_restarts; i++) {
		const struct vuln_restart *r = &v->restarts[i];
		json_t *o = json_object();

		set(o, "unit", r->unit);
		set(o, "process", r->name);
		json_object_set_new(o, "pid", json_integer(r->pid));
		json_object_set_new(o, "processes", json_integer((json_int_t)r->n_pids));
		set(o, "package", r->package);
		set(o, "path", r->path);
		set_reach(o, r->internet, r->door, r->via);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *indexes(const struct vulns *v)
{
	json_t *a = json_array();

	for (size_t i = 0; i < v->n_indexes; i++) {
		const struct vuln_index *x = &v->indexes[i];
		json_t *o = json_object();

		set(o, "manager", x->manager);
		set(o, "repository", x->repository);
		set(o, "suite", x->suite);
		set(o, "component", x->component);
		json_object_set_new(o, "security", json_boolean(x->security));
		set(o, "problem", x->problem);
		json_array_append_new(a, o);
	}
	return a;
}

static json_t *kernel(const struct vulns *v)
{
	json_t *o = json_object();

	set_known(o, "running", v->kernel_running);
	set_known(o, "installed", v->kernel_installed);
	json_object_set_new(o, "reboot", json_boolean(v->reboot));
	set_known(o, "reason", v->reboot_reason);
	return o;
}

int vulns_json(const struct vulns *v, struct buf *out)
{
	json_t *o = json_object();
	int r;

	set(o, "host", v->host);
	json_object_set_new(o, "live", json_boolean(v->live));
	json_object_set_new(o, "collected_at", json_integer(v->now));
	json_object_set_new(o, "complete", json_boolean(!v->n_problems));
	json_object_set_new(o, "problems", list_of(v->problems, v->n_problems));
	json_object_set_new(o, "missing_updates", updates(v, true));
	json_object_set_new(o, "held_updates", updates(v, false));
	json_object_set_new(o, "vulnerabilities", flaws(v));
	json_object_set_new(o, "feeds", feeds(v));
	json_object_set_new(o, "support", support(v));
	json_object_set_new(o, "unsupported", ended(v));
	json_object_set_new(o, "restarts", restarts(v));
	json_object_set_new(o, "kernel", kernel(v));
	json_object_set_new(o, "indexes", indexes(v));
	r = json_write(o, JSON_INDENT(1), out);
	return r < 0 ? r : buf_putc(out, '\n');
}
