/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instances of a plan, their ids, and the associations between them. */
#include "facts/azure/terraform.h"

#define INSTANCES_MAX 100'000u
#define MODULES_MAX 64u
#define OUT_TEXT_MAX ((size_t)256 << 20)
#define OUT_NODES_MAX ((size_t)16 << 20)

bool terraform_is_plan(const struct jdoc *d, uint32_t v)
{
	uint32_t planned = jdoc_get(d, v, STR("planned_values"));
	uint32_t values = jdoc_get(d, v, STR("values"));

	return (planned && jdoc_get(d, v, STR("format_version"))) ||
	       (jdoc_get(d, v, STR("terraform_version")) &&
		(planned || (values && jdoc_get(d, values, STR("root_module")))));
}

struct str tf_text(struct tf *t, uint32_t v)
{
	struct str s = STR("");

	if (v && jdoc_is(t->doc, v, J_STRING) && jdoc_text(t->doc, v, t->a, &s) < 0)
		t->error = -ENOMEM;
	if (v && jdoc_is(t->doc, v, J_NUMBER))
		s = jdoc_raw(t->doc, v);
	return s;
}

uint32_t tf_attribute(const struct tf *t, uint32_t values, uint32_t unknown, const char *name,
		      bool *ret_unknown)
{
	uint32_t v = values ? jdoc_get(t->doc, values, str_of(name)) : 0;
	uint32_t later = unknown ? jdoc_get(t->doc, unknown, str_of(name)) : 0;

	*ret_unknown = (later && jdoc_is(t->doc, later, J_TRUE)) ||
		       (unknown && jdoc_is(t->doc, unknown, J_TRUE));
	return v && !jdoc_is(t->doc, v, J_NULL) ? v : 0;
}

void tf_put(struct tf *t, struct map *m, struct str key, uint32_t value)
{
	if (!key.ptr || map_put(m, key, value) < 0)
		t->error = -ENOMEM;
}

static struct str key_of(struct tf *t, struct str module, struct str base, struct str key)
{
	return az_fmt(t->r, "%.*s.%.*s%s%.*s", STR_FMT(module), STR_FMT(base), key.ptr ? "|" : "",
		      STR_FMT(key));
}

uint32_t tf_find(struct tf *t, struct str module, struct str base, struct str key)
{
	const uint64_t *at = map_get(&t->by_base, key_of(t, module, base, key));

	return at ? (uint32_t)*at : AZ_NONE;
}

/* An address as an id: slashes in keys of for_each would look like parts of it. */
static struct str address_id(struct tf *t, struct str address)
{
	char *p = arena_alloc(t->a, address.len + 1);

	if (!p) {
		t->error = -ENOMEM;
		return STR("");
	}
	for (size_t i = 0; i < address.len; i++)
		p[i] = (char)(address.ptr[i] == '/' ? '|' : address.ptr[i]);
	return (struct str){ p, address.len };
}

static void add_instance(struct tf *t, uint32_t v, struct str module)
{
	struct str type = tf_text(t, jdoc_get(t->doc, v, STR("type")));
	struct str address = tf_text(t, jdoc_get(t->doc, v, STR("address")));
	uint32_t mode = jdoc_get(t->doc, v, STR("mode"));
	struct tf_instance x = { .module = module, .type = type, .node = v, .id = STR("") };
	const struct str any = {};
	uint32_t first;

	if (!str_starts(type, STR("azurerm_")) || t->n >= INSTANCES_MAX)
		return;
	x.base = az_cat(t->r, type, STR("."), tf_text(t, jdoc_get(t->doc, v, STR("name"))));
	if (mode && jdoc_ieq(t->doc, mode, STR("data")))
		x.base = az_cat(t->r, STR("data."), x.base, STR(""));
	x.key = tf_text(t, jdoc_get(t->doc, v, STR("index")));
	x.values = jdoc_get(t->doc, v, STR("values"));
	if (x.values)
		x.id = tf_text(t, jdoc_get(t->doc, x.values, STR("id")));
	if (!x.id.len)
		x.id = address_id(t, address);
	if (!x.base.ptr || arena_push(t->a, t->list, t->n, t->cap, x) < 0) {
		t->error = -ENOMEM;
		return;
	}
	first = tf_find(t, module, x.base, any);
	if (first != AZ_NONE)
		t->list[first].several = true;
	else
		tf_put(t, &t->by_base, key_of(t, module, x.base, any), (uint32_t)t->n - 1);
	if (x.key.len)
		tf_put(t, &t->by_base, key_of(t, module, x.base, x.key), (uint32_t)t->n - 1);
	if (x.values)
		tf_put(t, &t->by_name,
		       az_cat(t->r, type, STR("/"),
			      tf_text(t, jdoc_get(t->doc, x.values, STR("name")))),
		       (uint32_t)t->n - 1);
}

static void add_module(struct tf *t, uint32_t v, unsigned depth)
{
	struct str address = tf_text(t, jdoc_get(t->doc, v, STR("address")));
	uint32_t resources = jdoc_get(t->doc, v, STR("resources"));
	uint32_t children = jdoc_get(t->doc, v, STR("child_modules"));

	if (resources)
		jdoc_each(t->doc, resources, resource)
			if (!t->error)
				add_instance(t, resource, address);
	if (children && depth < MODULES_MAX)
		jdoc_each(t->doc, children, child)
			add_module(t, child, depth + 1);
}

/* What is known after the apply, by address. */
static void add_changes(struct tf *t, uint32_t changes)
{
	own(map_release) struct map by_address = {};

	if (!changes)
		return;
	jdoc_each(t->doc, changes, v) {
		struct str address = tf_text(t, jdoc_get(t->doc, v, STR("address")));
		uint32_t change = jdoc_get(t->doc, v, STR("change"));
		uint32_t unknown = change ? jdoc_get(t->doc, change, STR("after_unknown")) : 0;

		if (unknown && map_put(&by_address, address, unknown) < 0)
			t->error = -ENOMEM;
	}
	for (size_t i = 0; i < t->n; i++) {
		uint32_t address = jdoc_get(t->doc, t->list[i].node, STR("address"));
		const uint64_t *at = map_get(&by_address, tf_text(t, address));

		t->list[i].unknown = at ? (uint32_t)*at : 0;
	}
}

/* What is referred to by its name, where the plan has it under that name. */
static struct str named(struct tf *t, const struct tf_instance *x, const char *name,
			const char *type)
{
	bool unknown;
	uint32_t v = tf_attribute(t, x->values, x->unknown, name, &unknown);
	const uint64_t *at = map_get(
		&t->by_name, az_cat(t->r, str_of(type), STR("/"), v ? tf_text(t, v) : STR("")));

	return v && at ? t->list[*at].id : STR("");
}

/* Ids of parts of others begin with theirs, as Azure's do: the readers find the whole by them. */
static void name_part(struct tf *t, struct tf_instance *x)
{
	/* clang-format off */
	static const struct {
		struct str type;
		const char *whole, *whole_type, *part;
	} parts[] = {
		{ STR("azurerm_subnet"), "virtual_network_name", "azurerm_virtual_network",
		  "subnets" },
		{ STR("azurerm_network_security_rule"), "network_security_group_name",
		  "azurerm_network_security_group", "securityRules" },
		{ STR("azurerm_lb_backend_address_pool"), "loadbalancer_id", "azurerm_lb",
		  "backendAddressPools" },
		{ STR("azurerm_lb_rule"), "loadbalancer_id", "azurerm_lb", "loadBalancingRules" },
		{ STR("azurerm_lb_nat_rule"), "loadbalancer_id", "azurerm_lb", "inboundNatRules" },
		{ STR("azurerm_lb_nat_pool"), "loadbalancer_id", "azurerm_lb", "inboundNatPools" },
		{ STR("azurerm_virtual_machine_extension"), "virtual_machine_id",
		  "azurerm_linux_virtual_machine", "extensions" },
		{ STR("azurerm_virtual_network_peering"), "virtual_network_name",
		  "azurerm_virtual_network", "virtualNetworkPeerings" },
	};
	/* clang-format on */
	bool unknown;

	if (str_starts(x->id, STR("/")))
		return;
	for (size_t i = 0; i < COUNT(parts); i++) {
		struct str whole, name;
		uint32_t node;

		if (!str_eq(x->type, parts[i].type))
			continue;
		whole = tf_id(t, x, x->values, x->unknown, x->config, parts[i].whole, &unknown);
		if (!whole.len)
			whole = named(t, x, parts[i].whole, parts[i].whole_type);
		node = tf_attribute(t, x->values, x->unknown, "name", &unknown);
		name = node ? tf_text(t, node) : x->id;
		if (!whole.len)
			whole = az_fmt(t->r, "{%.*s.%s}", STR_FMT(x->id), parts[i].whole);
		x->id = az_fmt(t->r, "%.*s/%s/%.*s", STR_FMT(whole), parts[i].part, STR_FMT(name));
		if (!x->id.ptr) {
			t->error = -ENOMEM;
			x->id = STR("");
		}
	}
}

/* The instance at one end of an association. */
static uint32_t end_of(struct tf *t, const struct tf_instance *x, const char *name)
{
	uint32_t at = tf_referred(t, x, x->config, name);
	bool unknown;

	const uint64_t *found;

	if (at != AZ_NONE)
		return at;
	found = map_get(&t->by_id, tf_id(t, x, x->values, x->unknown, x->config, name, &unknown));
	return found ? (uint32_t)*found : AZ_NONE;
}

static void associate_nsg(struct tf *t, const struct tf_instance *x, const char *end, bool *loose)
{
	uint32_t at = end_of(t, x, end);
	bool unknown;
	struct str nsg = tf_id(t, x, x->values, x->unknown, x->config, "network_security_group_id",
			       &unknown);

	if (at == AZ_NONE) {
		*loose = true;
		return;
	}
	t->list[at].has_nsg = true;
	t->list[at].nsg = nsg;
	t->list[at].nsg_unknown = unknown || !nsg.len;
}

static void associate_text(struct tf *t, const struct tf_instance *x, const char *name, size_t list)
{
	uint32_t at = end_of(t, x, "network_interface_id");
	struct az_texts *texts;
	bool unknown;
	struct str id = tf_id(t, x, x->values, x->unknown, x->config, name, &unknown);

	if (at == AZ_NONE)
		return;
	texts = (struct az_texts *)(void *)((char *)&t->list[at] + list);
	if (unknown || !id.len) {
		texts->unknown = true;
		return;
	}
	az_push_text(t->r, texts, id);
	az_push_text(t->r, texts,
		     tf_text(t, tf_attribute(t, x->values, x->unknown, "ip_configuration_name",
					     &unknown)));
}

static void associate(struct tf *t, const struct tf_instance *x)
{
	if (str_eq(x->type, STR("azurerm_subnet_network_security_group_association")))
		associate_nsg(t, x, "subnet_id", &t->loose_subnet);
	else if (str_eq(x->type, STR("azurerm_network_interface_security_group_association")))
		associate_nsg(t, x, "network_interface_id", &t->loose_nic);
	else if (str_eq(x->type, STR("azurerm_network_interface_backend_address_pool_association")))
		associate_text(t, x, "backend_address_pool_id",
			       offsetof(struct tf_instance, pools));
	else if (str_eq(x->type, STR("azurerm_network_interface_nat_rule_association")))
		associate_text(t, x, "nat_rule_id", offsetof(struct tf_instance, nat_rules));
	else if (str_eq(x->type,
			STR("azurerm_network_interface_application_security_group_association")))
		associate_text(t, x, "application_security_group_id",
			       offsetof(struct tf_instance, groups));
}

static void tf_release(struct tf *t)
{
	map_release(&t->by_base);
	map_release(&t->by_name);
	map_release(&t->by_id);
	map_release(&t->by_config);
	jbuild_release(&t->out);
}

static void read_plan(struct tf *t, uint32_t v)
{
	uint32_t values = jdoc_get(t->doc, v, STR("planned_values"));
	uint32_t configuration = jdoc_get(t->doc, v, STR("configuration"));
	uint32_t root;

	if (!values)
		values = jdoc_get(t->doc, v, STR("values"));
	root = values ? jdoc_get(t->doc, values, STR("root_module")) : 0;
	if (configuration)
		t->configuration = jdoc_get(t->doc, configuration, STR("root_module"));
	if (root)
		add_module(t, root, 0);
	add_changes(t, jdoc_get(t->doc, v, STR("resource_changes")));
	tf_read_configuration(t);
	for (size_t i = 0; i < t->n && !t->error; i++)
		t->list[i].config = tf_expressions(t, t->list[i].module, t->list[i].base);
	for (size_t i = 0; i < t->n && !t->error; i++) {
		name_part(t, &t->list[i]);
		tf_put(t, &t->by_id, t->list[i].id, (uint32_t)i);
	}
	for (size_t i = 0; i < t->n && !t->error; i++)
		associate(t, &t->list[i]);
}

int terraform_expand(struct az_reader *r, uint32_t v, struct jdoc *ret, struct diag *d)
{
	own(tf_release) struct tf t = {
		.r = r, .doc = r->doc, .a = r->a, .out = JBUILD(OUT_TEXT_MAX, OUT_NODES_MAX)
	};
	int error;

	read_plan(&t, v);
	jbuild_open(&t.out, J_ARRAY);
	for (size_t i = 0; i < t.n && !t.error; i++)
		tf_emit(&t, &t.list[i]);
	jbuild_close(&t.out);
	error = t.error ? t.error : r->error;
	if (error >= 0)
		error = jbuild_finish(&t.out, r->doc->text, r->a, ret);
	if (error == -E2BIG)
		return diag_set(d, error, "", jdoc_line(r->doc, v),
				"the plan holds more than is read");
	return error;
}
