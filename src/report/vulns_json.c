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

static json_t *list_of(const struct str *list, size_t n)
{
	json_t *a = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(a, json_text(list[i]));
	return a;
}

static json_t *processes(const struct vuln_update *u)
{
	json_t *a = json_array();

	for (size_t i = 0; i < u->n_processes; i++) {
		const struct vuln_process *p = &u->processes[i];
		json_t *o = json_object();

		json_object_set_new(o, "pid", p->pid ? json_integer(p->pid) : json_null());
		set(o, "name", p->name);
		set(o, "unit", p->unit);
		set(o, "path", p->path);
		set(o, "how", p->how);
		json_object_set_new(o, "internet", reach(p->internet));
		if (p->door.len)
			set(o, "port", p->door);
		if (p->via.len)
			set(o, "via", p->via);
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
	json_object_set_new(o, "security", json_boolean(u->security));
	json_object_set_new(o, "fixed", u->fixed.len ? json_text(u->fixed) : json_null());
	json_object_set_new(o, "cves", list_of(u->cves, u->n_cves));
	json_object_set_new(o, "internet", reach(u->internet));
	json_object_set_new(o, "processes", processes(u));
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
		json_object_set_new(o, "internet", reach(r->internet));
		if (r->door.len)
			set(o, "port", r->door);
		if (r->via.len)
			set(o, "via", r->via);
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

	json_object_set_new(o, "running",
			    v->kernel_running.len ? json_text(v->kernel_running) : json_null());
	json_object_set_new(o, "installed",
			    v->kernel_installed.len ? json_text(v->kernel_installed) : json_null());
	json_object_set_new(o, "reboot", json_boolean(v->reboot));
	json_object_set_new(o, "reason",
			    v->reboot_reason.len ? json_text(v->reboot_reason) : json_null());
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
	json_object_set_new(o, "restarts", restarts(v));
	json_object_set_new(o, "kernel", kernel(v));
	json_object_set_new(o, "indexes", indexes(v));
	r = json_write(o, JSON_INDENT(1), out);
	return r < 0 ? r : buf_putc(out, '\n');
}
