/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is sent to Azure. */
#include <netinet/in.h>
#include <time.h>

#include "jit/azure_work.h"
#include "jit/json_text.h"

#define DEPTH_MAX 32U

static const struct joptions options = { .max_depth = DEPTH_MAX, .max_nodes = 1 << 20 };

static void put_time(struct buf *out, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm = {};

	gmtime_r(&t, &tm);
	buf_fmt(out, "\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"", tm.tm_year + 1900, tm.tm_mon + 1,
		tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % 1000));
}

int jit_azure_put_request(struct buf *out, const struct jit_azure_ask *ask, struct str machine,
			  int64_t end)
{
	buf_puts(out, "{\"virtualMachines\":[{\"id\":");
	json_text_put(out, machine);
	buf_puts(out, ",\"ports\":[");
	for (unsigned i = 0; i < ask->n_ports; i++) {
		buf_fmt(out, "%s{\"number\":%u,\"endTimeUtc\":", i ? "," : "", ask->ports[i].port);
		put_time(out, end);
		if (ask->n_sources) {
			buf_puts(out, ",\"allowedSourceAddressPrefix\":");
			json_text_put(out, ask->sources[0]);
		}
		buf_putc(out, '}');
	}
	buf_puts(out, "]}]");
	if (ask->reason.len) {
		buf_puts(out, ",\"justification\":");
		json_text_put(out, ask->reason);
	}
	return buf_putc(out, '}');
}

/* A value as it was written, without its blanks. */
static void put_value(struct buf *out, const struct jdoc *d, uint32_t v)
{
	bool first = true;

	switch (jdoc_type(d, v)) {
	case J_STRING: buf_fmt(out, "\"%.*s\"", STR_FMT(jdoc_raw(d, v))); break;
	case J_ARRAY:
		buf_putc(out, '[');
		jdoc_each(d, v, each) {
			if (!first)
				buf_putc(out, ',');
			first = false;
			put_value(out, d, each);
		}
		buf_putc(out, ']');
		break;
	case J_OBJECT:
		buf_putc(out, '{');
		jdoc_each_key(d, v, key) {
			if (!first)
				buf_putc(out, ',');
			first = false;
			put_value(out, d, key);
			buf_putc(out, ':');
			put_value(out, d, key + 1);
		}
		buf_putc(out, '}');
		break;
	default: buf_str(out, jdoc_raw(d, v));
	}
}

static void put_sources(struct buf *out, const struct jit_azure_ask *ask)
{
	if (ask->n_sources < 2) {
		buf_puts(out, "\"allowedSourceAddressPrefix\":");
		json_text_put(out, ask->n_sources ? ask->sources[0] : STR("*"));
		return;
	}
	buf_puts(out, "\"allowedSourceAddressPrefixes\":[");
	for (size_t i = 0; i < ask->n_sources; i++) {
		if (i)
			buf_putc(out, ',');
		json_text_put(out, ask->sources[i]);
	}
	buf_putc(out, ']');
}

static void put_port(struct buf *out, const struct jit_azure_ask *ask, unsigned i)
{
	buf_fmt(out, "{\"number\":%u,\"protocol\":\"%s\",", ask->ports[i].port,
		ask->ports[i].protocol == IPPROTO_UDP ? "UDP" : "TCP");
	put_sources(out, ask);
	buf_puts(out, ",\"maxRequestAccessDuration\":\"PT");
	if (ask->seconds % 3'600 == 0)
		buf_fmt(out, "%uH\"}", ask->seconds / 3'600);
	else if (ask->seconds % 60 == 0)
		buf_fmt(out, "%uM\"}", ask->seconds / 60);
	else
		buf_fmt(out, "%uS\"}", ask->seconds);
}

static bool is_replaced(const struct jit_azure_ask *ask, const struct jdoc *d, uint32_t port)
{
	uint32_t v = jdoc_get(d, port, STR("number"));
	int64_t n;

	for (unsigned i = 0; v && i < ask->n_ports; i++)
		if (jdoc_int(d, v, &n) == 0 && n == ask->ports[i].port)
			return true;
	return false;
}

/* The ports of a machine: those that stay, then those that are asked for. */
static void put_ports(struct buf *out, const struct jit_azure_ask *ask, const struct jdoc *d,
		      uint32_t ports)
{
	bool first = true;

	buf_putc(out, '[');
	if (ports) {
		jdoc_each(d, ports, v) {
			if (is_replaced(ask, d, v))
				continue;
			if (!first)
				buf_putc(out, ',');
			first = false;
			put_value(out, d, v);
		}
	}
	for (unsigned i = 0; i < ask->n_ports; i++) {
		if (!first)
			buf_putc(out, ',');
		first = false;
		put_port(out, ask, i);
	}
	buf_putc(out, ']');
}

/* The machine with all that it has, but for its ports; v 0: a new one. */
static void put_machine(struct buf *out, const struct jit_azure_ask *ask, struct str machine,
			const struct jdoc *d, uint32_t v)
{
	buf_puts(out, "{\"id\":");
	json_text_put(out, machine);
	buf_puts(out, ",\"ports\":");
	put_ports(out, ask, d, v ? jdoc_get(d, v, STR("ports")) : 0);
	if (v) {
		jdoc_each_key(d, v, key) {
			if (jdoc_ieq(d, key, STR("id")) || jdoc_ieq(d, key, STR("ports")))
				continue;
			buf_putc(out, ',');
			put_value(out, d, key);
			buf_putc(out, ':');
			put_value(out, d, key + 1);
		}
	}
	buf_putc(out, '}');
}

static void put_machines(struct buf *out, const struct jit_azure_ask *ask, struct str machine,
			 const struct jdoc *d, uint32_t machines)
{
	bool found = false;

	buf_putc(out, '[');
	if (machines) {
		jdoc_each(d, machines, v) {
			uint32_t id = jdoc_get(d, v, STR("id"));
			bool ours = id && jdoc_is(d, id, J_STRING) && jdoc_ieq(d, id, machine);

			if (v != machines + 1)
				buf_putc(out, ',');
			if (ours)
				put_machine(out, ask, machine, d, v);
			else
				put_value(out, d, v);
			found |= ours;
		}
	}
	if (!found) {
		if (out->len && out->ptr[out->len - 1] != '[')
			buf_putc(out, ',');
		put_machine(out, ask, machine, d, 0);
	}
	buf_putc(out, ']');
}

int jit_azure_put_policy(struct buf *out, const struct jit_azure_ask *ask, struct str machine,
			 struct str policy, struct diag *d)
{
	own(jdoc_release) struct jdoc doc = {};
	uint32_t properties = 0, machines = 0, requests = 0, kind = 0;
	int r = policy.len ? jdoc_parse(policy, &options, &doc, NULL) : 0;

	if (r == -ENOMEM)
		return r;
	if (policy.len && r == 0) {
		properties = jdoc_get(&doc, 0, STR("properties"));
		kind = jdoc_get(&doc, 0, STR("kind"));
	}
	if (properties) {
		machines = jdoc_get(&doc, properties, STR("virtualMachines"));
		requests = jdoc_get(&doc, properties, STR("requests"));
	}
	if (policy.len && (!machines || !jdoc_is(&doc, machines, J_ARRAY)))
		return diag_set(d, -EPROTO, NULL, 0, "Azure's answer is no policy");
	buf_puts(out, "{\"kind\":");
	if (kind)
		put_value(out, &doc, kind);
	else
		buf_puts(out, "\"Basic\"");
	buf_puts(out, ",\"properties\":{\"virtualMachines\":");
	put_machines(out, ask, machine, &doc, machines);
	if (requests) {
		buf_puts(out, ",\"requests\":");
		put_value(out, &doc, requests);
	}
	return buf_puts(out, "}}");
}
