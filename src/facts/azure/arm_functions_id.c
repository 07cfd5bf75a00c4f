/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions of ids and of what is around the deployment. */
#include "facts/azure/arm.h"

#define SEGMENTS_MAX 32

/* The segments of all arguments from `from` on, as names may bring slashes of their own. */
static size_t segments(struct arm *x, const struct arm_call *c, size_t from, struct str *ret)
{
	size_t n = 0;

	for (size_t i = from; i < c->n; i++) {
		struct str rest = arm_text(x, c->args[i]);

		if (c->args[i].kind == ARM_UNKNOWN) {
			if (n == SEGMENTS_MAX)
				return 0;
			ret[n++] = rest;
			continue;
		}
		while (rest.ptr) {
			if (n == SEGMENTS_MAX)
				return 0;
			ret[n++] = str_cut(&rest, '/');
		}
	}
	return n;
}

/* "/providers/Namespace/type/name/type/name" behind what is there; false: they do not match. */
static bool add_resource(struct arm *x, const struct arm_call *c, size_t type, struct buf *out)
{
	struct str names[SEGMENTS_MAX], types = c->args[type].text, one = str_cut(&types, '/');
	size_t n = segments(x, c, type + 1, names), i = 0;

	buf_fmt(out, "/providers/%.*s", STR_FMT(one));
	while (types.ptr && i < n) {
		one = str_cut(&types, '/');
		buf_fmt(out, "/%.*s/%.*s", STR_FMT(one), STR_FMT(names[i]));
		i++;
	}
	return n && i == n && !types.ptr;
}

/* The argument that is a type: what stands before it are subscription and group. */
static size_t find_type(const struct arm_call *c)
{
	for (size_t i = 0; i < c->n && i < 3; i++)
		if (c->args[i].kind == ARM_STRING && str_find(c->args[i].text, '/') > 0)
			return i;
	return SIZE_MAX;
}

static bool any_unknown(const struct arm_call *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->args[i].kind == ARM_UNKNOWN)
			return true;
	return false;
}

static struct arm_value finish(struct arm *x, const struct arm_call *c, const struct buf *out)
{
	struct str id = arm_take(x, out);

	return any_unknown(c) ? arm_mixed(x, id) : arm_string(x, id);
}

static struct arm_value f_resourceid(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);
	const struct arm_scope *s = c->env->scope;
	size_t type = find_type(c);

	if (type == SIZE_MAX)
		return arm_unknown_call(x, c);
	buf_fmt(&out, "/subscriptions/%.*s/resourceGroups/%.*s",
		STR_FMT(type == 2 ? arm_text(x, c->args[0]) : s->subscription),
		STR_FMT(type ? arm_text(x, c->args[type - 1]) : s->group));
	if (!add_resource(x, c, type, &out))
		return arm_unknown_call(x, c);
	return finish(x, c, &out);
}

static struct arm_value f_subscriptionresourceid(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);
	size_t type = find_type(c);

	if (type > 1)
		return arm_unknown_call(x, c);
	buf_fmt(&out, "/subscriptions/%.*s",
		STR_FMT(type ? arm_text(x, c->args[0]) : c->env->scope->subscription));
	if (!add_resource(x, c, type, &out))
		return arm_unknown_call(x, c);
	return finish(x, c, &out);
}

static struct arm_value f_extensionresourceid(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);

	if (c->args[1].kind != ARM_STRING)
		return arm_unknown_call(x, c);
	buf_str(&out, arm_text(x, c->args[0]));
	if (!add_resource(x, c, 1, &out))
		return arm_unknown_call(x, c);
	return finish(x, c, &out);
}

static struct arm_value f_tenantresourceid(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);

	if (c->args[0].kind != ARM_STRING || !add_resource(x, c, 0, &out))
		return arm_unknown_call(x, c);
	return finish(x, c, &out);
}

static void set(struct arm *x, struct arm_value *object, struct str name, struct arm_value v)
{
	if (!x->error)
		object->object.list[object->object.n++] = (struct arm_member){ name, v };
}

/* Names that the deployment brings: symbols, but for groups that a template names. */
static struct arm_value place(struct arm *x, struct str s, bool known)
{
	return known ? arm_string(x, s) : arm_mixed(x, s);
}

static struct arm_value f_subscription(struct arm *x, const struct arm_call *c)
{
	const struct arm_scope *s = c->env->scope;
	struct arm_value out = arm_object(x, 4);

	set(x, &out, STR("id"),
	    arm_string(x, arm_cat(x, STR("/subscriptions/"), s->subscription, STR(""))));
	set(x, &out, STR("subscriptionId"), arm_mixed(x, s->subscription));
	set(x, &out, STR("tenantId"), arm_symbol(x, STR("subscription().tenantId")));
	set(x, &out, STR("displayName"), arm_symbol(x, STR("subscription().displayName")));
	return out;
}

static struct arm_value f_resourcegroup(struct arm *x, const struct arm_call *c)
{
	const struct arm_scope *s = c->env->scope;
	struct arm_value out = arm_object(x, 5);

	set(x, &out, STR("id"),
	    arm_string(x, arm_fmt(x, "/subscriptions/%.*s/resourceGroups/%.*s",
				  STR_FMT(s->subscription), STR_FMT(s->group))));
	set(x, &out, STR("name"), place(x, s->group, s->group_known));
	set(x, &out, STR("location"), arm_symbol(x, STR("resourceGroup().location")));
	set(x, &out, STR("tags"), arm_symbol(x, STR("resourceGroup().tags")));
	set(x, &out, STR("managedBy"), arm_symbol(x, STR("resourceGroup().managedBy")));
	return out;
}

static struct arm_value f_deployment(struct arm *x, const struct arm_call *c)
{
	const struct arm_scope *s = c->env->scope;
	struct arm_value out = arm_object(x, 2);

	set(x, &out, STR("name"),
	    s->name.len ? arm_mixed(x, s->name) : arm_symbol(x, STR("deployment().name")));
	set(x, &out, STR("properties"), arm_symbol(x, STR("deployment().properties")));
	return out;
}

/* uri(base, relative): the relative part replaces what follows the last slash of the base. */
static struct arm_value f_uri(struct arm *x, const struct arm_call *c)
{
	own(buf_release) struct buf out = BUF(ARM_TEXT_MAX);
	struct str base = arm_text(x, c->args[0]), rest = arm_text(x, c->args[1]);

	buf_str(&out, str_sub(base, 0, (size_t)(str_rfind(base, '/') + 1)));
	buf_str(&out, str_sub(rest, str_starts(rest, STR("/")) ? 1 : 0, rest.len));
	return finish(x, c, &out);
}

/* What a running resource would say; of a nested deployment its outputs. */
static struct arm_value f_reference(struct arm *x, const struct arm_call *c)
{
	struct str id = arm_text(x, c->args[0]);
	struct arm_value out = { .kind = ARM_UNKNOWN };

	if (id.len)
		out = arm_output(x, c->env, id);
	return arm_known(out) ? out : arm_unknown_call(x, c);
}

const struct arm_row arm_id_functions[] = {
	{STR("resourceId"),              f_resourceid,             2, 255, true },
	{ STR("subscriptionResourceId"), f_subscriptionresourceid, 2, 255, true },
	{ STR("extensionResourceId"),    f_extensionresourceid,    3, 255, true },
	{ STR("tenantResourceId"),       f_tenantresourceid,       2, 255, true },
	{ STR("subscription"),           f_subscription,           0, 0,   false},
	{ STR("resourceGroup"),          f_resourcegroup,          0, 0,   false},
	{ STR("deployment"),             f_deployment,             0, 0,   false},
	{ STR("uri"),                    f_uri,                    2, 2,   true },
	{ STR("reference"),              f_reference,              1, 3,   true },
};
const size_t arm_n_id_functions = COUNT(arm_id_functions);
