/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deployments inside of a template: what is inside of them, and what they say to the outside. */
#include "facts/azure/arm.h"

struct arm_outputs {
	uint32_t deployment;
	const struct arm_scope *scope;
	bool done;
	struct arm_value value;
	struct arm_outputs *next;
};

struct str arm_member_text(struct arm *x, const struct arm_env *env, uint32_t v, struct str name)
{
	uint32_t node = jdoc_get(x->doc, v, name);

	return node ? arm_text(x, arm_node(x, env, node)) : STR("");
}

bool arm_is_deployment(const struct jdoc *d, uint32_t resource)
{
	uint32_t type = jdoc_get(d, resource, STR("type"));

	return type && jdoc_ieq(d, type, STR("Microsoft.Resources/deployments"));
}

/* "inner": names are those of the nested template; else they are those around it. */
static bool is_inner(const struct jdoc *d, uint32_t properties)
{
	uint32_t options = jdoc_get(d, properties, STR("expressionEvaluationOptions"));
	uint32_t scope = options ? jdoc_get(d, options, STR("scope")) : 0;

	return scope && jdoc_ieq(d, scope, STR("inner"));
}

bool arm_nested(struct arm *x, const struct arm_env *env, uint32_t deployment, struct str name,
		struct arm_nested *ret)
{
	uint32_t properties = jdoc_get(x->doc, deployment, STR("properties"));
	uint32_t template = properties ? jdoc_get(x->doc, properties, STR("template")) : 0;
	struct str group = arm_member_text(x, env, deployment, STR("resourceGroup"));
	struct str subscription = arm_member_text(x, env, deployment, STR("subscriptionId"));
	struct arm_nested out = { .template = template, .env = *env };
	struct arm_scope *s;

	if (!template || !jdoc_is(x->doc, template, J_OBJECT))
		return false;
	out.group = group.len ? group : env->scope->group;
	out.subscription = subscription.len ? subscription : env->scope->subscription;
	if (is_inner(x->doc, properties)) {
		s = arm_scope_new(x, template);
		if (!s)
			return false;
		s->name = name;
		s->group = out.group;
		s->subscription = out.subscription;
		s->depth = env->scope->depth + 1;
		s->arguments = jdoc_get(x->doc, properties, STR("parameters"));
		s->outside = env;
		out.env = (struct arm_env){ s, NULL };
	}
	*ret = out;
	return true;
}

/* { name: { type, value }, … } as { outputs: { name: { value } } }. */
static struct arm_value outputs_of(struct arm *x, const struct arm_nested *n)
{
	uint32_t outputs = jdoc_get(x->doc, n->template, STR("outputs"));
	struct arm_value out = arm_object(x, 1);
	struct arm_value list = arm_object(x, outputs ? jdoc_count(x->doc, outputs) : 0);

	if (x->error)
		return arm_null(x);
	if (outputs)
		jdoc_each_key(x->doc, outputs, key) {
			uint32_t value = jdoc_get(x->doc, key + 1, STR("value"));
			struct arm_value one = arm_object(x, 1);
			struct str name;

			if (!value || x->error || jdoc_text(x->doc, key, &x->arena, &name) < 0)
				continue;
			one.object.list[one.object.n++] =
				(struct arm_member){ STR("value"), arm_node(x, &n->env, value) };
			list.object.list[list.object.n++] = (struct arm_member){ name, one };
		}
	out.object.list[out.object.n++] = (struct arm_member){ STR("outputs"), list };
	return out;
}

static struct arm_value outputs(struct arm *x, const struct arm_env *env, uint32_t deployment,
				struct str name)
{
	struct arm_nested nested;
	struct arm_outputs *o;
	struct arm_value nothing = { .kind = ARM_UNKNOWN, .text = STR("") };

	for (o = x->outputs; o; o = o->next)
		if (o->deployment == deployment && o->scope == env->scope)
			return o->done ? o->value : nothing;
	if (env->scope->depth >= ARM_NESTED_MAX || !arm_nested(x, env, deployment, name, &nested))
		return nothing;
	o = arena_new(&x->arena, struct arm_outputs);
	if (!o) {
		x->error = -ENOMEM;
		return nothing;
	}
	*o = (struct arm_outputs){ .deployment = deployment,
				   .scope = env->scope,
				   .next = x->outputs };
	x->outputs = o;
	o->value = outputs_of(x, &nested);
	if (arm_too_deep(x, &o->value, ARM_VALUE_DEPTH_MAX))
		o->value = nothing;
	o->done = true;
	return o->value;
}

/* Whether the resource is the deployment that is asked for: by name, or by its key. */
static bool is_asked(struct arm *x, const struct arm_env *env, uint32_t resource, uint32_t key,
		     struct str wanted)
{
	if (!arm_is_deployment(x->doc, resource) || jdoc_get(x->doc, resource, STR("copy")))
		return false;
	if (key && jdoc_ieq(x->doc, key, wanted))
		return true;
	return str_ieq(arm_member_text(x, env, resource, STR("name")), wanted);
}

struct arm_value arm_output(struct arm *x, const struct arm_env *env, struct str id)
{
	const struct arm_env plain = { env->scope, NULL };
	uint32_t resources = jdoc_get(x->doc, env->scope->template, STR("resources"));
	struct str wanted = az_id_name(id);

	if (!resources || (str_find(id, '/') >= 0 && !az_id_part(id, "deployments").len))
		return (struct arm_value){ .kind = ARM_UNKNOWN, .text = STR("") };
	arm_cost(x, jdoc_length(x->doc, resources));
	if (!arm_step(x))
		return (struct arm_value){ .kind = ARM_UNKNOWN, .text = STR("") };
	jdoc_each(x->doc, resources, v)
		if (is_asked(x, &plain, v, 0, wanted))
			return outputs(x, &plain, v, wanted);
	jdoc_each_key(x->doc, resources, key)
		if (is_asked(x, &plain, key + 1, key, wanted))
			return outputs(x, &plain, key + 1, wanted);
	return (struct arm_value){ .kind = ARM_UNKNOWN, .text = STR("") };
}
