/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resources of a template, one by one: copies, conditions, children, nested deployments. */
#include "facts/azure/arm.h"

/* Of what a template may expand to. */
#define OUT_TEXT_MAX ((size_t)64 << 20)
#define OUT_NODES_MAX ((size_t)4 << 20)
#define OUT_ARENA_MAX ((size_t)256 << 20)

/* Where a resource stands. */
struct place {
	struct arm_env env;
	struct str subscription, group;
	struct str type, name; /* of the resource around it; "" none */
	bool maybe, many;
	unsigned depth; /* of deployments and of children */
};

static void resources(struct arm *x, const struct place *at, uint32_t v);

bool arm_is_template(const struct jdoc *d, uint32_t v)
{
	uint32_t resources = jdoc_get(d, v, STR("resources"));
	uint32_t schema = jdoc_get(d, v, STR("$schema"));
	struct str text = schema ? jdoc_raw(d, schema) : STR("");

	/* tenantDeploymentTemplate.json, subscriptionDeploymentTemplate.json … */
	if (resources && memmem(text.ptr, text.len, "eploymentTemplate.json", 22))
		return true;
	return resources && jdoc_get(d, v, STR("contentVersion")) &&
	       (jdoc_is(d, resources, J_ARRAY) || jdoc_is(d, resources, J_OBJECT));
}

/* The first segment of a name, respecting symbols. */
static struct str cut(struct str *s)
{
	struct str whole = *s;
	int depth = 0;

	for (size_t i = 0; i < whole.len; i++) {
		depth += (whole.ptr[i] == '{') - (whole.ptr[i] == '}');
		if (whole.ptr[i] == '/' && depth <= 0) {
			*s = str_sub(whole, i + 1, whole.len);
			return str_sub(whole, 0, i);
		}
	}
	*s = (struct str){};
	return whole;
}

/* "Namespace/type/type" and "name/name" as the id of the resource. */
static struct str id_of(struct arm *x, const struct place *at, struct str type, struct str name)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);
	struct str one = str_cut(&type, '/');

	buf_fmt(&out, "/subscriptions/%.*s/resourceGroups/%.*s/providers/%.*s",
		STR_FMT(at->subscription), STR_FMT(at->group), STR_FMT(one));
	while (type.ptr) {
		one = str_cut(&type, '/');
		buf_fmt(&out, "/%.*s", STR_FMT(one));
		/* A symbol may stand for several names: the rest goes with the last type. */
		one = type.ptr ? cut(&name) : name;
		buf_fmt(&out, "/%.*s", STR_FMT(one));
	}
	return arm_take(x, &out);
}

static void member(struct arm *x, const struct arm_env *env, uint32_t v, const char *name)
{
	uint32_t node = jdoc_get(x->doc, v, str_of(name));

	if (!node)
		return;
	x->out.origin = x->doc->nodes[node].at;
	jbuild_value(&x->out, J_STRING, str_of(name));
	arm_emit(x, arm_node(x, env, node));
}

static void text_member(struct arm *x, struct str name, struct str text)
{
	jbuild_value(&x->out, J_STRING, name);
	jbuild_value(&x->out, J_STRING, text);
}

static void flag(struct arm *x, struct str name)
{
	jbuild_value(&x->out, J_STRING, name);
	jbuild_value(&x->out, J_TRUE, STR("true"));
}

static void emit(struct arm *x, const struct place *at, uint32_t v, struct str type,
		 struct str name)
{
	static const char *const members[] = { "sku", "identity", "location", "managedBy",
					       "properties" };

	x->out.origin = x->doc->nodes[v].at;
	jbuild_open(&x->out, J_OBJECT);
	text_member(x, STR("type"), type);
	text_member(x, STR("name"), az_id_name(name));
	text_member(x, STR("id"), id_of(x, at, type, name));
	if (at->maybe)
		flag(x, STR("$maybe"));
	if (at->many)
		flag(x, STR("$many"));
	for (size_t i = 0; i < COUNT(members); i++)
		member(x, &at->env, v, members[i]);
	jbuild_close(&x->out);
}

static void deployment(struct arm *x, const struct place *at, uint32_t v, struct str name)
{
	struct place inside = *at;
	struct arm_nested nested;

	if (at->depth >= ARM_NESTED_MAX) {
		az_problem(x->r, v, "deployments are nested deeper than %u", ARM_NESTED_MAX);
		return;
	}
	if (!arm_nested(x, &at->env, v, name, &nested)) {
		if (!x->error)
			az_problem(x->r, v, "the template of deployment '%.*s' is not in the file",
				   STR_FMT(str_sub(name, 0, 80)));
		return;
	}
	inside.env = nested.env;
	inside.subscription = nested.subscription;
	inside.group = nested.group;
	inside.type = inside.name = STR("");
	inside.depth++;
	resources(x, &inside, nested.template);
}

/* Types of children are short unless they name their provider. */
static struct str full_type(struct arm *x, const struct place *at, struct str type)
{
	if (!at->type.len || str_istarts(type, STR("Microsoft.")))
		return type;
	return arm_cat(x, at->type, STR("/"), type);
}

static void resource(struct arm *x, const struct place *at, uint32_t v)
{
	struct str type = arm_member_text(x, &at->env, v, STR("type"));
	struct str name = arm_member_text(x, &at->env, v, STR("name"));
	struct place below = *at;

	type = full_type(x, at, type);
	if (at->name.len)
		name = arm_cat(x, at->name, STR("/"), az_id_name(name));
	if (!type.ptr || !name.ptr) {
		x->error = -ENOMEM;
		return;
	}
	if (arm_is_deployment(x->doc, v)) {
		deployment(x, at, v, name);
		return;
	}
	if (az_known_type(type))
		emit(x, at, v, type, name);
	below.type = type;
	below.name = name;
	below.depth++;
	if (below.depth < ARM_NESTED_MAX)
		resources(x, &below, v);
}

/* Whether it is deployed: false where it is not for certain. */
static bool conditional(struct arm *x, struct place *at, uint32_t v)
{
	uint32_t node = jdoc_get(x->doc, v, STR("condition"));
	struct arm_value condition = node ? arm_node(x, &at->env, node) : arm_bool(x, true);
	uint32_t existing = jdoc_get(x->doc, v, STR("existing"));

	if (existing && jdoc_is(x->doc, existing, J_TRUE))
		return false;
	if (condition.kind != ARM_BOOL)
		at->maybe = true;
	return condition.kind != ARM_BOOL || condition.number;
}

static void turn(struct arm *x, const struct place *at, uint32_t v)
{
	struct place here = *at;

	if (arm_step(x) && conditional(x, &here, v))
		resource(x, &here, v);
}

static void copies(struct arm *x, const struct place *at, uint32_t v, uint32_t copy)
{
	uint32_t name = jdoc_get(x->doc, copy, STR("name"));
	int64_t n = arm_copies(x, &at->env, copy);
	struct arm_loop loop = { .name = STR(""), .outer = at->env.loop };
	struct place here = *at;

	if (name && jdoc_text(x->doc, name, &x->arena, &loop.name) < 0)
		x->error = -ENOMEM;
	here.env.loop = &loop;
	if (n < 0) {
		loop.index = arm_symbol(x, STR("copyIndex()"));
		here.maybe = here.many = true;
		turn(x, &here, v);
		return;
	}
	for (int64_t i = 0; i < n && !x->error; i++) {
		loop.index = arm_int(x, i);
		turn(x, &here, v);
	}
}

static void any(struct arm *x, const struct place *at, uint32_t v)
{
	uint32_t copy = jdoc_get(x->doc, v, STR("copy"));

	if (!jdoc_is(x->doc, v, J_OBJECT) || x->error)
		return;
	if (copy && jdoc_is(x->doc, copy, J_OBJECT))
		copies(x, at, v, copy);
	else
		turn(x, at, v);
}

/* Of a template or a resource: a list, or an object with a name for each. */
static void resources(struct arm *x, const struct place *at, uint32_t v)
{
	uint32_t list = jdoc_get(x->doc, v, STR("resources"));

	if (!list)
		return;
	jdoc_each(x->doc, list, element)
		any(x, at, element);
	jdoc_each_key(x->doc, list, key)
		any(x, at, key + 1);
}

static void arm_release(struct arm *x)
{
	arm_scopes_release(x);
	jbuild_release(&x->out);
	arena_release(&x->arena);
}

int arm_expand(struct az_reader *r, uint32_t v, struct jdoc *ret, struct diag *d)
{
	own(arm_release) struct arm x = { .r = r,
					  .doc = r->doc,
					  .arena = { .limit = OUT_ARENA_MAX },
					  .out = JBUILD(OUT_TEXT_MAX, OUT_NODES_MAX) };
	struct arm_scope *scope = arm_scope_new(&x, v);
	struct place at = { .type = STR(""), .name = STR("") };
	int error;

	jbuild_open(&x.out, J_ARRAY);
	if (scope) {
		error = arm_parameters_apply(&x, scope, d);
		if (error < 0)
			return error;
		at.env = (struct arm_env){ scope, NULL };
		at.subscription = scope->subscription;
		at.group = scope->group;
		resources(&x, &at, v);
	}
	jbuild_close(&x.out);
	error = x.error ? x.error : jbuild_finish(&x.out, r->doc->text, r->a, ret);
	if (error == -E2BIG)
		return diag_set(d, error, "", jdoc_line(r->doc, v),
				"the template expands to more than is read");
	return error;
}
