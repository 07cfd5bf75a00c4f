/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What attributes refer to, by the expressions of the configuration. */
#include "facts/azure/terraform.h"

#define HOPS_MAX 16u
#define REFERENCES_MAX 200u

/* Where references are looked up: the text of a module's address, and its configuration. */
struct look {
	struct str module;
	const struct tf_instance *from;
	unsigned hops;
};

/* "net" of "module.net[0]" or of "module.net[\"a\"]"; moves behind it and the dot. */
static struct str next_module(struct str *path)
{
	struct str rest = *path, name;
	size_t n = 0;
	bool quoted = false;

	if (!str_starts(rest, STR("module.")))
		return (struct str){};
	rest = str_sub(rest, strlen("module."), rest.len);
	while (n < rest.len && rest.ptr[n] != '.' && rest.ptr[n] != '[')
		n++;
	name = str_sub(rest, 0, n);
	while (n < rest.len && (quoted || rest.ptr[n] != '.')) {
		quoted ^= rest.ptr[n] == '"';
		n++;
	}
	*path = str_sub(rest, n + 1, rest.len);
	return name;
}

/* The configuration of a module by its address; *ret_call: the call around it. 0: none. */
static uint32_t module_of(const struct tf *t, struct str module, uint32_t *ret_call)
{
	uint32_t at = t->configuration, call = 0;

	while (at && module.len) {
		struct str name = next_module(&module);
		uint32_t calls = jdoc_get(t->doc, at, STR("module_calls"));

		call = calls && name.ptr ? jdoc_get(t->doc, calls, name) : 0;
		at = call ? jdoc_get(t->doc, call, STR("module")) : 0;
	}
	if (ret_call)
		*ret_call = call;
	return at;
}

/* The address of the module around: without its last "module.name[key]". */
static struct str outer_module(struct str module)
{
	struct str rest = module, last = module;

	while (rest.len) {
		last = rest;
		if (!next_module(&rest).ptr)
			break;
	}
	return str_sub(module, 0, last.ptr > module.ptr ? (size_t)(last.ptr - module.ptr) - 1 : 0);
}

static void note_module(struct tf *t, uint32_t v, struct str path, unsigned depth)
{
	uint32_t list = jdoc_get(t->doc, v, STR("resources"));
	uint32_t calls = jdoc_get(t->doc, v, STR("module_calls"));

	if (list)
		jdoc_each(t->doc, list, resource) {
			struct str base = tf_text(t, jdoc_get(t->doc, resource, STR("address")));
			uint32_t node = jdoc_get(t->doc, resource, STR("expressions"));

			if (node)
				tf_put(t, &t->by_config, az_cat(t->r, path, STR("|"), base), node);
		}
	if (!calls || depth > HOPS_MAX)
		return;
	jdoc_each_key(t->doc, calls, key) {
		uint32_t module = jdoc_get(t->doc, key + 1, STR("module"));
		struct str inner = az_cat(t->r, path, STR("/"), tf_text(t, key));

		if (module && inner.ptr && !t->error)
			note_module(t, module, inner, depth + 1);
	}
}

void tf_read_configuration(struct tf *t)
{
	if (t->configuration)
		note_module(t, t->configuration, STR(""), 0);
}

uint32_t tf_expressions(struct tf *t, struct str module, struct str base)
{
	struct str path = STR("");
	const uint64_t *at;

	while (module.len && path.ptr) {
		struct str name = next_module(&module);

		path = name.ptr ? az_cat(t->r, path, STR("/"), name) : (struct str){};
	}
	if (!path.ptr)
		return 0;
	at = map_get(&t->by_config, az_cat(t->r, path, STR("|"), base));
	return at ? (uint32_t)*at : 0;
}

static uint32_t referred(struct tf *t, const struct look *l, uint32_t references);

/* var.name: what the call of the module hands down. */
static uint32_t variable(struct tf *t, const struct look *l, struct str name)
{
	struct look outer = { outer_module(l->module), l->from, l->hops + 1 };
	uint32_t call = 0, expressions, argument;

	if (!l->module.len || !module_of(t, l->module, &call) || !call)
		return AZ_NONE;
	expressions = jdoc_get(t->doc, call, STR("expressions"));
	argument = expressions ? jdoc_get(t->doc, expressions, name) : 0;
	return argument ? referred(t, &outer, jdoc_get(t->doc, argument, STR("references")))
			: AZ_NONE;
}

/* module.name.output */
static uint32_t output(struct tf *t, const struct look *l, struct str reference)
{
	struct str rest = reference, name = next_module(&rest), out = str_cut(&rest, '.');
	struct str module =
		az_fmt(t->r, "%.*s%s%.*s", STR_FMT(l->module), l->module.len ? "." : "",
		       STR_FMT(str_sub(reference, 0, (size_t)(out.ptr - reference.ptr) - 1)));
	struct look inner = { module, l->from, l->hops + 1 };
	uint32_t at, outputs, value, expression;

	if (!name.ptr || !out.len || !module.ptr)
		return AZ_NONE;
	at = module_of(t, module, NULL);
	outputs = at ? jdoc_get(t->doc, at, STR("outputs")) : 0;
	value = outputs ? jdoc_get(t->doc, outputs, out) : 0;
	expression = value ? jdoc_get(t->doc, value, STR("expression")) : 0;
	return expression ? referred(t, &inner, jdoc_get(t->doc, expression, STR("references")))
			  : AZ_NONE;
}

static bool mentions(const struct tf *t, uint32_t references, struct str what)
{
	jdoc_each(t->doc, references, v)
		if (str_starts(jdoc_raw(t->doc, v), what))
			return true;
	return false;
}

/* "azurerm_subnet.web" of "azurerm_subnet.web[0].id"; the key between brackets. */
static struct str base_of(struct str reference, struct str *ret_key)
{
	size_t n = 0, dots = str_starts(reference, STR("data.")) ? 2 : 1;

	while (n < reference.len && reference.ptr[n] != '[' && (reference.ptr[n] != '.' || dots--))
		n++;
	*ret_key = (struct str){};
	if (n < reference.len && reference.ptr[n] == '[') {
		struct str rest = str_sub(reference, n + 1, reference.len);

		*ret_key = str_unquote(str_cut(&rest, ']'));
	}
	return str_sub(reference, 0, n);
}

/* The only instance, the one of that key, or the one with the key of the instance that asks. */
static uint32_t choose(struct tf *t, const struct look *l, struct str base, struct str key,
		       uint32_t references)
{
	const struct str any = {};
	uint32_t first = tf_find(t, l->module, base, any);

	if (first == AZ_NONE || (!t->list[first].several && !key.ptr))
		return first;
	if (!key.ptr &&
	    (mentions(t, references, STR("count.index")) || mentions(t, references, STR("each."))))
		key = l->from->key;
	return key.len ? tf_find(t, l->module, base, key) : AZ_NONE;
}

static uint32_t one(struct tf *t, const struct look *l, uint32_t v, uint32_t references)
{
	struct str reference = tf_text(t, v), key, base;

	if (str_starts(reference, STR("var."))) {
		struct str name = str_sub(reference, 4, reference.len);

		return variable(t, l, str_cut(&name, '.'));
	}
	if (str_starts(reference, STR("module.")))
		return output(t, l, reference);
	base = base_of(reference, &key);
	return choose(t, l, base, key, references);
}

/* The instance that an expression names, if all that it names is one. */
static uint32_t referred(struct tf *t, const struct look *l, uint32_t references)
{
	uint32_t found = AZ_NONE;

	if (!references || l->hops > HOPS_MAX || jdoc_length(t->doc, references) > REFERENCES_MAX)
		return AZ_NONE;
	jdoc_each(t->doc, references, v) {
		uint32_t at = one(t, l, v, references);

		if (at == AZ_NONE || at == found)
			continue;
		/* "x.id" and "x" are one; x and y are a choice between both. */
		if (found != AZ_NONE)
			return AZ_NONE;
		found = at;
	}
	return found;
}

uint32_t tf_referred(struct tf *t, const struct tf_instance *from, uint32_t config,
		     const char *name)
{
	struct look l = { from->module, from, 0 };
	uint32_t expression = config ? jdoc_get(t->doc, config, str_of(name)) : 0;

	return expression ? referred(t, &l, jdoc_get(t->doc, expression, STR("references")))
			  : AZ_NONE;
}

struct str tf_id(struct tf *t, const struct tf_instance *from, uint32_t values, uint32_t unknown,
		 uint32_t config, const char *name, bool *ret_unknown)
{
	bool later = false;
	uint32_t v = tf_attribute(t, values, unknown, name, &later);
	uint32_t at = tf_referred(t, from, config, name);

	*ret_unknown = false;
	if (v && str_starts(tf_text(t, v), STR("/")))
		return tf_text(t, v);
	if (at != AZ_NONE)
		return t->list[at].id;
	*ret_unknown = later || v;
	return STR("");
}
