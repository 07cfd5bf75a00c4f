/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Azure says of policies and requests. */
#include "jit/azure_work.h"

#define SECONDS_MAX (UINT64_C(366) * 86'400)

static const struct joptions options = { .max_depth = 32, .max_nodes = 1 << 20 };

void jit_azure_policies_release(struct jit_azure_policies *p)
{
	arena_release(&p->arena);
	*p = (struct jit_azure_policies){};
}

struct str jit_azure_part(struct str id, struct str kind)
{
	bool here = false;

	while (id.ptr) {
		struct str part = str_cut(&id, '/');

		if (here)
			return part.len ? part : (struct str){};
		here = str_ieq(part, kind);
	}
	return (struct str){};
}

/* One "NUMBER UNIT" of a duration. */
static bool take_span(struct str *s, bool timed, uint64_t *sum)
{
	static const struct {
		char unit;
		bool timed;
		unsigned seconds;
	} units[] = {
		{'D',  false, 86'400},
		{ 'H', true,  3'600 },
		{ 'M', true,  60    },
		{ 'S', true,  1     },
	};
	size_t n = 0;
	uint64_t v;

	while (n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9')
		n++;
	if (n == s->len || str_to_u64(str_sub(*s, 0, n), 10, &v) < 0 || v > SECONDS_MAX)
		return false;
	for (size_t i = 0; i < COUNT(units); i++)
		if (units[i].unit == s->ptr[n] && units[i].timed == timed) {
			*sum += v * units[i].seconds;
			*s = str_sub(*s, n + 1, s->len);
			return *sum <= SECONDS_MAX;
		}
	return false;
}

unsigned jit_azure_seconds(struct str s)
{
	bool timed = false;
	uint64_t sum = 0;

	if (!str_starts(s, STR("P")))
		return 0;
	s = str_sub(s, 1, s.len);
	while (s.len) {
		if (*s.ptr == 'T' && !timed) {
			timed = true;
			s = str_sub(s, 1, s.len);
		} else if (!take_span(&s, timed, &sum)) {
			return 0;
		}
	}
	return (unsigned)sum;
}

/* A member that is text; "" where it is not. */
static int text_of(const struct jdoc *d, uint32_t object, const char *name, struct arena *a,
		   struct str *ret)
{
	uint32_t v = jdoc_get(d, object, str_of(name));
	struct str s = {};
	int r = v && jdoc_is(d, v, J_STRING) ? jdoc_text(d, v, a, &s) : 0;

	if (r < 0)
		return r;
	/* The document is gone when this is printed. */
	*ret = arena_str(a, s.ptr ? s : STR(""));
	return ret->ptr ? 0 : -ENOMEM;
}

struct text {
	const char *name;
	struct str *ret;
};

static int texts_of(const struct jdoc *d, uint32_t object, struct arena *a, const struct text *list,
		    size_t n)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = text_of(d, object, list[i].name, a, list[i].ret);
	return r;
}

static uint16_t port_of(const struct jdoc *d, uint32_t object)
{
	uint32_t v = jdoc_get(d, object, STR("number"));
	int64_t n = 0;

	return v && jdoc_int(d, v, &n) == 0 && n > 0 && n <= UINT16_MAX ? (uint16_t)n : 0;
}

static uint32_t array_of(const struct jdoc *d, uint32_t object, const char *name)
{
	uint32_t v = jdoc_get(d, object, str_of(name));

	return v && jdoc_is(d, v, J_ARRAY) ? v : 0;
}

static int read_sources(const struct jdoc *d, uint32_t object, struct arena *a,
			struct jit_azure_port *p)
{
	uint32_t several = array_of(d, object, "allowedSourceAddressPrefixes");
	struct str s;
	int r = text_of(d, object, "allowedSourceAddressPrefix", a, &s);

	if (r == 0 && s.len)
		r = arena_push(a, p->sources, p->n_sources, p->cap_sources, s);
	if (r < 0 || !several)
		return r;
	jdoc_each(d, several, v) {
		if (!jdoc_is(d, v, J_STRING))
			continue;
		r = jdoc_text(d, v, a, &s);
		if (r == 0)
			s = arena_str(a, s);
		if (r < 0 || !s.ptr)
			return r < 0 ? r : -ENOMEM;
		r = arena_push(a, p->sources, p->n_sources, p->cap_sources, s);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_port(const struct jdoc *d, uint32_t object, struct arena *a,
		     struct jit_azure_machine *m)
{
	struct jit_azure_port p = { .number = port_of(d, object) };
	const struct text list[] = {
		{"protocol",                  &p.protocol},
		{ "maxRequestAccessDuration", &p.duration},
	};
	int r;

	if (!p.number)
		return 0;
	r = texts_of(d, object, a, list, COUNT(list));
	if (r == 0)
		r = read_sources(d, object, a, &p);
	p.longest = jit_azure_seconds(p.duration);
	return r < 0 ? r : arena_push(a, m->ports, m->n_ports, m->cap_ports, p);
}

static int read_machine(const struct jdoc *d, uint32_t object, struct arena *a,
			struct jit_azure_policy *p)
{
	struct jit_azure_machine m = {};
	uint32_t ports = array_of(d, object, "ports");
	int r = text_of(d, object, "id", a, &m.id);

	if (r < 0 || !m.id.len)
		return r;
	m.name = jit_azure_part(m.id, STR("virtualMachines"));
	if (!m.name.ptr)
		m.name = m.id;
	if (ports) {
		jdoc_each(d, ports, v) {
			r = read_port(d, v, a, &m);
			if (r < 0)
				return r;
		}
	}
	return arena_push(a, p->machines, p->n_machines, p->cap_machines, m);
}

struct openings {
	struct jit_azure_opening **list;
	size_t *n, *cap;
};

/* The sources of a request, as one text. */
static int source_of(const struct jdoc *d, uint32_t object, struct arena *a, struct str *ret)
{
	struct jit_azure_port p = {};
	int r = read_sources(d, object, a, &p);

	*ret = STR("");
	for (size_t i = 0; r == 0 && i < MIN(p.n_sources, JIT_AZURE_SOURCES); i++) {
		*ret = arena_cat(a, *ret, i ? STR(" ") : STR(""), p.sources[i]);
		if (!ret->ptr)
			r = -ENOMEM;
	}
	if (r == 0 && p.n_sources > JIT_AZURE_SOURCES)
		*ret = arena_cat(a, *ret, STR(" ..."), STR(""));
	return r == 0 && !ret->ptr ? -ENOMEM : r;
}

static int read_opening(const struct jdoc *d, uint32_t object, struct arena *a,
			struct jit_azure_opening o, struct openings *to)
{
	const struct text list[] = {
		{"endTimeUtc",    &o.end   },
		{ "status",       &o.status},
		{ "statusReason", &o.why   },
	};
	int r = texts_of(d, object, a, list, COUNT(list));

	o.port = port_of(d, object);
	if (r == 0)
		r = source_of(d, object, a, &o.source);
	return r < 0 ? r : arena_push(a, *to->list, *to->n, *to->cap, o);
}

/* One JitNetworkAccessRequest. */
static int read_request(const struct jdoc *d, uint32_t object, struct arena *a, struct openings *to)
{
	uint32_t machines = array_of(d, object, "virtualMachines");
	struct jit_azure_opening o = {};
	const struct text list[] = {
		{"startTimeUtc",   &o.start    },
		{ "requestor",     &o.requestor},
		{ "justification", &o.reason   },
	};
	int r = texts_of(d, object, a, list, COUNT(list));

	if (r < 0 || !machines)
		return r;
	jdoc_each(d, machines, m) {
		uint32_t ports = array_of(d, m, "ports");

		r = text_of(d, m, "id", a, &o.machine);
		if (r < 0)
			return r;
		if (!ports)
			continue;
		jdoc_each(d, ports, p) {
			r = read_opening(d, p, a, o, to);
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int read_properties(const struct jdoc *d, uint32_t object, struct arena *a,
			   struct jit_azure_policy *p)
{
	uint32_t machines = array_of(d, object, "virtualMachines");
	uint32_t requests = array_of(d, object, "requests");
	struct openings to = { &p->openings, &p->n_openings, &p->cap_openings };
	int r = text_of(d, object, "provisioningState", a, &p->state);

	if (r == 0 && machines) {
		jdoc_each(d, machines, v) {
			r = read_machine(d, v, a, p);
			if (r < 0)
				return r;
		}
	}
	if (r == 0 && requests) {
		jdoc_each(d, requests, v) {
			r = read_request(d, v, a, &to);
			if (r < 0)
				return r;
		}
	}
	return r;
}

static int read_policy(const struct jdoc *d, uint32_t object, struct jit_azure_policies *to)
{
	uint32_t properties = jdoc_get(d, object, STR("properties"));
	struct jit_azure_policy p = {};
	int r = text_of(d, object, "id", &to->arena, &p.id);

	if (r < 0)
		return r;
	p.group = jit_azure_part(p.id, STR("resourceGroups"));
	p.location = jit_azure_part(p.id, STR("locations"));
	p.name = jit_azure_part(p.id, STR("jitNetworkAccessPolicies"));
	if (!properties || !p.group.ptr || !p.location.ptr || !p.name.ptr)
		return -EBADMSG;
	r = read_properties(d, properties, &to->arena, &p);
	return r < 0 ? r : arena_push(&to->arena, to->list, to->n, to->cap, p);
}

static int parse(struct str json, struct jdoc *ret, struct diag *d)
{
	struct diag why = {};
	int r = jdoc_parse(json, &options, ret, &why);

	if (r == 0 && (!ret->n || !jdoc_is(ret, 0, J_OBJECT))) {
		jdoc_release(ret);
		*ret = (struct jdoc){};
		r = -EBADMSG;
	}
	if (r == -ENOMEM || r == 0)
		return r;
	(void)diag_set(d, -EPROTO, NULL, 0, "Azure's answer is not what it should be: %s",
		       why.reason[0] ? why.reason : "no JSON object");
	return -EPROTO;
}

static int unlike(int r, const char *what, struct diag *d)
{
	return r == -EBADMSG ? diag_set(d, -EPROTO, NULL, 0, "Azure's answer is no %s", what) : r;
}

int jit_azure_read_list(struct str json, struct jit_azure_policies *p, struct str *ret_next,
			struct diag *d)
{
	own(jdoc_release) struct jdoc doc = {};
	struct str next = {};
	uint32_t value;
	int r = parse(json, &doc, d);

	if (r < 0)
		return r;
	value = array_of(&doc, 0, "value");
	if (!value)
		return unlike(-EBADMSG, "list of policies", d);
	jdoc_each(&doc, value, v) {
		r = read_policy(&doc, v, p);
		if (r < 0)
			return unlike(r, "list of policies", d);
	}
	r = text_of(&doc, 0, "nextLink", &p->arena, &next);
	if (r == 0)
		*ret_next = next.len ? next : (struct str){};
	return r;
}

int jit_azure_read_policy(struct str json, struct jit_azure_policies *p, struct diag *d)
{
	own(jdoc_release) struct jdoc doc = {};
	int r = parse(json, &doc, d);

	return r < 0 ? r : unlike(read_policy(&doc, 0, p), "policy", d);
}

int jit_azure_read_access(struct str json, struct arena *a, struct jit_azure_opening **ret,
			  size_t *ret_n, struct diag *d)
{
	own(jdoc_release) struct jdoc doc = {};
	struct jit_azure_opening *list = NULL;
	size_t n = 0, cap = 0;
	struct openings to = { &list, &n, &cap };
	int r = parse(json, &doc, d);

	if (r == 0)
		r = read_request(&doc, 0, a, &to);
	if (r < 0)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int jit_azure_read_machine(struct str json, struct arena *a, struct str *ret_id,
			   struct str *ret_location, struct diag *d)
{
	own(jdoc_release) struct jdoc doc = {};
	struct str id = {}, location = {};
	const struct text list[] = {
		{"id",        &id      },
		{ "location", &location},
	};
	int r = parse(json, &doc, d);

	if (r == 0)
		r = texts_of(&doc, 0, a, list, COUNT(list));
	if (r == 0 && (!jit_azure_part(id, STR("virtualMachines")).ptr || !location.len))
		r = unlike(-EBADMSG, "machine", d);
	if (r < 0)
		return r;
	*ret_id = id;
	*ret_location = location;
	return 0;
}
