/* SPDX-License-Identifier: GPL-3.0-or-later */
/* holdfast jit policy --azure: what may be asked of Azure, and changes to it. */
#include <stdio.h>

#include "cli/jit_azure.h"
#include "jit/json_text.h"

#define OUTPUT_MAX ((size_t)64 << 20)
#define DEFAULT_LONGEST 10'800U /* Azure's own */

static bool is_wanted(const struct jit_ask *a, const struct jit_azure_machine *m)
{
	struct str s = str_of(a->destination ? a->destination : "");

	return !a->destination || str_ieq(m->name, s) || str_ieq(m->id, s);
}

static bool is_everybody(const struct jit_azure_port *p)
{
	for (size_t i = 0; i < p->n_sources; i++)
		if (str_eq(p->sources[i], STR("*")) || str_ends(p->sources[i], STR("/0")))
			return true;
	return !p->n_sources;
}

static void put_port(struct buf *b, const struct jit_azure_port *p)
{
	buf_fmt(b, "{\"port\":%u,\"protocol\":", p->number);
	json_text_put(b, p->protocol);
	buf_puts(b, ",\"longest\":");
	json_text_put(b, p->duration);
	buf_fmt(b, ",\"seconds\":%u,\"from\":[", p->longest);
	for (size_t i = 0; i < p->n_sources; i++) {
		if (i)
			buf_putc(b, ',');
		json_text_put(b, p->sources[i]);
	}
	buf_fmt(b, "],\"everybody\":%s}", is_everybody(p) ? "true" : "false");
}

static void put_machine(struct buf *b, const struct jit_azure_policy *p,
			const struct jit_azure_machine *m)
{
	bool first = true;

	buf_puts(b, "{\"machine\":");
	json_text_put(b, m->id);
	buf_puts(b, ",\"policy\":");
	json_text_put(b, p->id);
	buf_puts(b, ",\"state\":");
	json_text_put(b, p->state);
	buf_puts(b, ",\"ports\":[");
	for (size_t i = 0; i < m->n_ports; i++) {
		if (i)
			buf_putc(b, ',');
		put_port(b, &m->ports[i]);
	}
	buf_puts(b, "],\"requests\":[");
	for (size_t i = 0; i < p->n_openings; i++) {
		if (!str_ieq(p->openings[i].machine, m->id))
			continue;
		if (!first)
			buf_putc(b, ',');
		first = false;
		azure_put_opening(b, &p->openings[i]);
	}
	buf_puts(b, "]}");
}

static void print_safe(const char *before, struct str s, const char *after)
{
	char shown[300];

	printf("%s%s%s", before, text_safe(s, shown, sizeof shown), after);
}

static void print_port(const struct jit_azure_port *p)
{
	printf("  port %u", p->number);
	print_safe("/", p->protocol, "");
	print_safe(", at most ", p->duration, ", from");
	for (size_t i = 0; i < p->n_sources; i++)
		print_safe(" ", p->sources[i], "");
	printf("%s\n", is_everybody(p) ? " (everybody may ask, for any address)" : "");
}

static void print_opening(const struct jit_azure_opening *o)
{
	printf("  %s", str_ieq(o->status, STR("Initiated")) ? "open: " : "asked for: ");
	printf("port %u", o->port);
	print_safe(" for ", o->source, "");
	print_safe(" until ", o->end, "");
	print_safe(", ", o->status, "");
	print_safe(" (", o->why, ")");
	print_safe(", by ", o->requestor, "");
	if (o->reason.len)
		print_safe(": ", o->reason, "");
	putchar('\n');
}

static void print_machine(const struct jit_azure_policy *p, const struct jit_azure_machine *m)
{
	print_safe("", m->name, "");
	print_safe(" (resource group ", p->group, "");
	print_safe(", ", p->location, "");
	print_safe(", policy ", p->name, ")\n");
	for (size_t i = 0; i < m->n_ports; i++)
		print_port(&m->ports[i]);
	for (size_t i = 0; i < p->n_openings; i++)
		if (str_ieq(p->openings[i].machine, m->id))
			print_opening(&p->openings[i]);
}

static int print_policies(const struct jit_ask *a, const struct jit_azure_policies *p)
{
	own(buf_release) struct buf b = BUF(OUTPUT_MAX);
	char shown[300];
	size_t n = 0;

	buf_putc(&b, '[');
	for (size_t i = 0; i < p->n; i++)
		for (size_t k = 0; k < p->list[i].n_machines; k++) {
			const struct jit_azure_machine *m = &p->list[i].machines[k];

			if (!is_wanted(a, m))
				continue;
			if (n++)
				buf_putc(&b, ',');
			if (a->cloud.json)
				put_machine(&b, &p->list[i], m);
			else
				print_machine(&p->list[i], m);
		}
	buf_putc(&b, ']');
	if (b.error)
		return EXIT_FAILED;
	if (a->cloud.json)
		puts(b.ptr);
	if (!n && a->destination) {
		cli_error("no just-in-time policy has a machine %s",
			  text_safe(str_of(a->destination), shown, sizeof shown));
		return EXIT_FAILED;
	}
	if (!n && !a->cloud.json)
		puts("no machine has just-in-time access");
	return fflush(stdout) || ferror(stdout) ? EXIT_FAILED : EXIT_OK;
}

static int change(const struct jit_ask *a)
{
	struct jit_azure *j own(jit_azure_close) = NULL;
	own(buf_release) struct buf body = {};
	struct jit_azure_ask ask;
	struct diag d = {};
	int code, r;

	if (!a->destination || !a->from) {
		cli_error("--set takes a machine and --from: whose addresses may be asked for");
		return EXIT_USAGE;
	}
	code = azure_ask_of(a, JIT_AZURE_SOURCES, &ask);
	if (code == EXIT_OK)
		code = azure_open(a, &j);
	if (code != EXIT_OK)
		return code;
	if (!ask.seconds)
		ask.seconds = DEFAULT_LONGEST;
	r = jit_azure_change(j, &ask, a->cloud.dry, &body, &d);
	if (r < 0)
		return azure_failed(a, &d, r);
	if (a->cloud.dry)
		puts(body.ptr);
	else
		puts("Azure has changed the policy");
	return fflush(stdout) || ferror(stdout) ? EXIT_FAILED : EXIT_OK;
}

int jit_azure_policy(const struct jit_ask *a)
{
	own(jit_azure_policies_release) struct jit_azure_policies p = {};
	struct jit_azure *j own(jit_azure_close) = NULL;
	struct diag d = {};
	int code, r;

	if (a->cloud.set)
		return change(a);
	code = azure_open(a, &j);
	if (code != EXIT_OK)
		return code;
	r = jit_azure_list(j, a->cloud.group, &p, &d);
	return r < 0 ? azure_failed(a, &d, r) : print_policies(a, &p);
}
