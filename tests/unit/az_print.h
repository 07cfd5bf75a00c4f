/* SPDX-License-Identifier: GPL-3.0-or-later */
/* az_print: a model as text, so that tests compare what several files say by one look. */
#ifndef HF_AZ_PRINT_H
#define HF_AZ_PRINT_H

#include "base/buf.h"
#include "facts/azure/az.h"
#include "tap.h"

struct az_test {
	struct arena arena;
	struct az_model model;
	struct buf problems; /* "file:line: reason\n" */
	struct diag d;
	int error;
};

static inline void az_test_release(struct az_test *t)
{
	arena_release(&t->arena);
	buf_release(&t->problems);
}

static inline void az_test_problem(void *user, struct str file, unsigned line, const char *reason)
{
	struct az_test *t = user;

	buf_fmt(&t->problems, "%.*s:%u: %s\n", STR_FMT(file), line, reason);
}

static inline void az_test_load(struct az_test *t, const struct az_file *files, size_t n)
{
	const struct az_problems problems = { az_test_problem, t };

	*t = (struct az_test){ .arena = { .limit = (size_t)512 << 20 },
			       .problems = BUF((size_t)1 << 20) };
	t->error = az_load(files, n, &t->arena, &problems, &t->model, &t->d);
}

/* One file of that text. */
static inline void az_test_text(struct az_test *t, const char *text)
{
	const struct az_file file = { STR("file.json"), str_of(text) };

	az_test_load(t, &file, 1);
	if (t->error < 0)
		printf("# %d %s at line %u\n", t->error, t->d.reason, t->d.line);
}

static inline void az_print_texts(const char *name, const struct az_texts *t, struct buf *out)
{
	if (!t->n && !t->unknown)
		return;
	buf_fmt(out, " %s", name);
	for (uint32_t i = 0; i < t->n; i++)
		buf_fmt(out, "%c%.*s", i ? ',' : '=', STR_FMT(t->list[i]));
	if (t->unknown)
		buf_puts(out, "?");
}

static inline void az_print_rule(const struct az_rule *r, struct buf *out)
{
	static const char *const directions[] = { "?", "in", "out" };
	static const char *const accesses[] = { "?", "allow", "deny", "always" };

	buf_fmt(out, "  %u %s %s %s %.*s%s", r->priority, directions[r->direction],
		accesses[r->access], r->maybe ? "maybe" : "rule", STR_FMT(r->name),
		r->protocol_unknown ? " protocol?" : "");
	if (r->protocol.len)
		buf_fmt(out, " %.*s", STR_FMT(r->protocol));
	az_print_texts("from", &r->source, out);
	az_print_texts("groups", &r->source_groups, out);
	az_print_texts("sports", &r->source_ports, out);
	az_print_texts("to", &r->destination, out);
	az_print_texts("to-groups", &r->destination_groups, out);
	az_print_texts("ports", &r->ports, out);
	buf_puts(out, "\n");
}

static inline struct str az_print_name(struct str id)
{
	return str_sub(id, (size_t)(str_rfind(id, '/') + 1), id.len);
}

static inline void az_print_ref(const char *name, const struct az_ref *r, struct buf *out)
{
	if (r->id.len || r->unknown)
		buf_fmt(out, " %s=%.*s%s%s", name, STR_FMT(az_print_name(r->id)),
			r->unknown         ? "?"
			: r->at == AZ_NONE ? "(elsewhere)"
					   : "",
			"");
}

static inline void az_print_nsgs(const struct az_model *m, struct buf *out)
{
	for (uint32_t i = 0; i < m->n_nsgs; i++) {
		const struct az_nsg *n = &m->nsgs[i];

		buf_fmt(out, "nsg %.*s%s%s%s\n", STR_FMT(n->item.name),
			n->item.seen ? "" : " unseen", n->item.maybe ? " maybe" : "",
			n->rules.unknown ? " rules?" : "");
		for (uint32_t k = 0; k < n->rules.n; k++)
			az_print_rule(&n->rules.list[k], out);
		if (n->defaults.n)
			buf_fmt(out, "  %u defaults\n", n->defaults.n);
	}
}

static inline void az_print_nics(const struct az_model *m, struct buf *out)
{
	for (uint32_t i = 0; i < m->n_nics; i++) {
		const struct az_nic *n = &m->nics[i];

		buf_fmt(out, "nic %.*s%s", STR_FMT(n->item.name), n->item.seen ? "" : " unseen");
		az_print_ref("vm", &n->vm, out);
		az_print_ref("vmss", &n->vmss, out);
		az_print_ref("nsg", &n->nsg, out);
		buf_puts(out, n->ipconfigs_unknown ? " ips?\n" : "\n");
		for (uint32_t k = 0; k < n->n_ipconfigs; k++) {
			const struct az_ipconfig *c = &n->ipconfigs[k];

			buf_fmt(out, "  ip %.*s %.*s", STR_FMT(c->name), STR_FMT(c->private_ip));
			az_print_ref("subnet", &c->subnet, out);
			az_print_ref("public", &c->public_ip, out);
			for (uint32_t j = 0; j < c->pools.n; j++)
				az_print_ref("pool", &c->pools.list[j], out);
			for (uint32_t j = 0; j < c->nat_rules.n; j++)
				az_print_ref("nat", &c->nat_rules.list[j], out);
			for (uint32_t j = 0; j < c->groups.n; j++)
				buf_fmt(out, " asg=%.*s",
					STR_FMT(az_print_name(c->groups.list[j].id)));
			buf_puts(out, "\n");
		}
	}
}

static inline void az_print_others(const struct az_model *m, struct buf *out)
{
	static const char *const skus[] = { "?", "basic", "standard" };
	static const char *const systems[] = { "?", "linux", "windows" };

	for (uint32_t i = 0; i < m->n_subnets; i++) {
		const struct az_subnet *s = &m->subnets[i];

		buf_fmt(out, "subnet %.*s%s", STR_FMT(s->item.name), s->item.seen ? "" : " unseen");
		az_print_ref("nsg", &s->nsg, out);
		az_print_texts("in", &s->prefixes, out);
		buf_puts(out, "\n");
	}
	for (uint32_t i = 0; i < m->n_public_ips; i++)
		buf_fmt(out, "public %.*s %.*s %s\n", STR_FMT(m->public_ips[i].item.name),
			STR_FMT(m->public_ips[i].address), skus[m->public_ips[i].sku]);
	for (uint32_t i = 0; i < m->n_vms; i++) {
		const struct az_vm *v = &m->vms[i];

		buf_fmt(out, "vm %.*s%s %s", STR_FMT(v->item.name), v->item.seen ? "" : " unseen",
			systems[v->os]);
		for (uint32_t k = 0; k < v->nics.n; k++)
			az_print_ref("nic", &v->nics.list[k], out);
		buf_puts(out, v->nics.unknown ? " nics?\n" : "\n");
	}
}

static inline void az_print_balancers(const struct az_model *m, struct buf *out)
{
	static const char *const kinds[] = { "rule", "nat", "natpool" };

	for (uint32_t i = 0; i < m->n_lbs; i++) {
		const struct az_lb *l = &m->lbs[i];

		buf_fmt(out, "lb %.*s%s\n", STR_FMT(l->item.name), l->unknown ? " ?" : "");
		for (uint32_t k = 0; k < l->n_frontends; k++) {
			buf_fmt(out, "  frontend %.*s", STR_FMT(l->frontends[k].name));
			az_print_ref("public", &l->frontends[k].public_ip, out);
			buf_puts(out, "\n");
		}
		for (uint32_t k = 0; k < l->n_rules; k++) {
			const struct az_lb_rule *r = &l->rules[k];

			buf_fmt(out, "  %s %.*s %.*s %u-%u>%u", kinds[r->kind], STR_FMT(r->name),
				STR_FMT(r->protocol), r->port_first, r->port_last, r->backend_port);
			az_print_ref("frontend", &r->frontend, out);
			for (uint32_t j = 0; j < r->pools.n; j++)
				az_print_ref("pool", &r->pools.list[j], out);
			if (r->target.id.len)
				buf_fmt(out, " target=%.*s", STR_FMT(az_print_name(r->target.id)));
			buf_puts(out, "\n");
		}
	}
}

static inline void az_print(const struct az_model *m, struct buf *out)
{
	az_print_nsgs(m, out);
	az_print_others(m, out);
	az_print_nics(m, out);
	az_print_balancers(m, out);
}

/* The whole model of a file, as text. */
static inline void az_says(const char *text, const char *want, const char *name)
{
	own(az_test_release) struct az_test t = {};
	own(buf_release) struct buf out = BUF((size_t)1 << 20);

	az_test_text(&t, text);
	if (t.error >= 0)
		az_print(&t.model, &out);
	if (!is_str(buf_view(&out), str_of(want), name))
		printf("# problems: %s\n", t.problems.ptr ? t.problems.ptr : "none");
}

#endif
