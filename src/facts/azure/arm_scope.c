/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters and variables of one template: each is computed when it is first asked for. */
#include "facts/azure/arm.h"

static int add(struct arm *x, struct arm_names *names, struct str name, uint32_t node, bool copy)
{
	struct str key = arm_lower(x, name);
	struct arm_memo memo = {
		.name = name, .node = node, .state = copy ? ARM_COPY : ARM_NEW, .value = arm_null(x)
	};
	int r = x->error;

	if (r >= 0)
		r = arena_push(&x->arena, names->list, names->n, names->cap, memo);
	if (r >= 0)
		r = map_put(&names->by_name, key, names->n - 1);
	return r;
}

/* "copy": [{ name, count, input }, …] */
static int add_loops(struct arm *x, struct arm_names *names, uint32_t copies)
{
	jdoc_each(x->doc, copies, copy) {
		uint32_t node = jdoc_get(x->doc, copy, STR("name"));
		struct str name;
		int r = node ? jdoc_text(x->doc, node, &x->arena, &name) : 1;

		if (r == 0)
			r = add(x, names, name, copy, true);
		if (r < 0)
			return r;
	}
	return 0;
}

/* { name: value, … }, of variables with loops. */
static int index_names(struct arm *x, struct arm_names *names, uint32_t v, bool loops)
{
	if (!v)
		return 0;
	jdoc_each_key(x->doc, v, key) {
		struct str name;
		int r = jdoc_text(x->doc, key, &x->arena, &name);

		if (r >= 0)
			r = loops && str_ieq(name, STR("copy"))
				    ? add_loops(x, names, key + 1)
				    : add(x, names, name, key + 1, false);
		if (r < 0)
			return r;
	}
	return 0;
}

struct arm_scope *arm_scope_new(struct arm *x, uint32_t template)
{
	struct arm_scope *s = arena_new(&x->arena, struct arm_scope);
	int r;

	if (!s) {
		x->error = -ENOMEM;
		return NULL;
	}
	s->next = x->scopes;
	x->scopes = s;
	s->template = template;
	s->name = STR("");
	s->subscription = STR("{subscription}");
	s->group = STR("{resourceGroup}");
	r = index_names(x, &s->parameters, jdoc_get(x->doc, template, STR("parameters")), false);
	if (r >= 0)
		r = index_names(x, &s->variables, jdoc_get(x->doc, template, STR("variables")),
				true);
	if (r < 0)
		x->error = r;
	return r < 0 ? NULL : s;
}

void arm_scopes_release(struct arm *x)
{
	for (struct arm_scope *s = x->scopes; s; s = s->next) {
		map_release(&s->parameters.by_name);
		map_release(&s->variables.by_name);
	}
}

static struct arm_memo *find(struct arm *x, struct arm_names *names, struct str name)
{
	const uint64_t *at = map_get(&names->by_name, arm_lower(x, name));

	return at ? &names->list[*at] : NULL;
}

/* "{parameters('name')}", "{deployment/parameters('name')}" */
static struct arm_value unknown(struct arm *x, const struct arm_scope *s, const char *kind,
				struct str name)
{
	return arm_symbol(x, arm_fmt(x, "%.*s%s%s('%.*s')", STR_FMT(s->name),
				     s->name.len ? "/" : "", kind, STR_FMT(arm_lower(x, name))));
}

static struct arm_value keep(struct arm *x, const struct arm_scope *s, struct arm_memo *m,
			     const char *kind, struct arm_value v)
{
	/* Values that grow by being put into one another. */
	if (arm_too_deep(x, &v, ARM_VALUE_DEPTH_MAX))
		v = unknown(x, s, kind, m->name);
	m->value = v;
	m->state = ARM_DONE;
	return v;
}

/* What the deployment around hands down for the parameter: { value } or a reference to a secret. */
static uint32_t argument(struct arm *x, const struct arm_scope *s, struct str name)
{
	uint32_t passed;

	arm_cost(x, s->arguments ? jdoc_length(x->doc, s->arguments) : 0);
	passed = s->arguments ? jdoc_get(x->doc, s->arguments, name) : 0;
	return passed ? jdoc_get(x->doc, passed, STR("value")) : 0;
}

static bool handed_down(struct arm *x, const struct arm_scope *s, struct str name)
{
	return s->arguments && (jdoc_type(x->doc, s->arguments) != J_OBJECT ||
				jdoc_get(x->doc, s->arguments, name));
}

/* Azure takes "3" for a number where the parameter is one. */
static struct arm_value convert(struct arm *x, const struct arm_memo *m, struct arm_value v)
{
	uint32_t type = jdoc_get(x->doc, m->node, STR("type"));
	int64_t number;
	bool truth;

	if (!type || v.kind != ARM_STRING)
		return v;
	if (jdoc_ieq(x->doc, type, STR("int")) && str_to_int64(str_trim(v.text), &number) >= 0)
		return arm_int(x, number);
	if (jdoc_ieq(x->doc, type, STR("bool")) && str_to_bool(v.text, &truth) >= 0)
		return arm_bool(x, truth);
	return v;
}

struct arm_value arm_parameter(struct arm *x, struct arm_scope *s, struct str name)
{
	const struct arm_env env = { s, NULL };
	struct arm_memo *m = find(x, &s->parameters, name);
	uint32_t passed, otherwise;
	struct arm_value v;

	if (!m || m->state == ARM_BUSY)
		return unknown(x, s, "parameters", name);
	if (m->state == ARM_DONE)
		return m->value;
	m->state = ARM_BUSY;
	passed = argument(x, s, name);
	otherwise = jdoc_get(x->doc, m->node, STR("defaultValue"));
	if (passed && s->outside)
		v = arm_node(x, s->outside, passed);
	else if (!handed_down(x, s, name) && otherwise)
		v = arm_node(x, &env, otherwise);
	else
		v = unknown(x, s, "parameters", name);
	return keep(x, s, m, "parameters", convert(x, m, v));
}

void arm_parameter_set(struct arm *x, struct arm_scope *s, struct str name, struct arm_value v)
{
	struct arm_memo *m = find(x, &s->parameters, name);

	if (!m)
		return;
	/* Two files that differ: nobody knows which one is meant. */
	if (m->state == ARM_DONE && arm_equal(x, &m->value, &v) != AZ_YES)
		v.kind = ARM_UNKNOWN;
	if (v.kind == ARM_UNKNOWN)
		v = unknown(x, s, "parameters", name);
	keep(x, s, m, "parameters", convert(x, m, v));
}

struct arm_value arm_variable(struct arm *x, struct arm_scope *s, struct str name)
{
	const struct arm_env env = { s, NULL };
	struct arm_memo *m = find(x, &s->variables, name);
	bool copy;

	if (!m || m->state == ARM_BUSY)
		return unknown(x, s, "variables", name);
	if (m->state == ARM_DONE)
		return m->value;
	copy = m->state == ARM_COPY;
	m->state = ARM_BUSY;
	return keep(x, s, m, "variables",
		    copy ? arm_loop_value(x, &env, m->node) : arm_node(x, &env, m->node));
}
