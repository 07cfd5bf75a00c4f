/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Resources of the provider azurerm as Azure itself has them. */
#include "facts/azure/terraform_map.h"

/* A block, or the resource itself. */
struct place {
	const struct tf_instance *x;
	uint32_t values, unknown, config;
	struct str whole; /* the id that parts belong to */
};

static void emit_all(struct tf *t, const struct place *p, const struct tf_map *list);
static void emit_associated(struct tf *t, const struct place *p);

static void key(struct tf *t, const char *name) { jbuild_value(&t->out, J_STRING, str_of(name)); }

/* A symbol for an attribute that is known after the apply. */
static void unknown(struct tf *t, const struct place *p, const char *name)
{
	jbuild_value(&t->out, J_UNKNOWN, az_fmt(t->r, "{%.*s.%s}", STR_FMT(p->x->id), name));
}

static void copy(struct tf *t, const struct place *p, uint32_t v, uint32_t later, const char *name)
{
	t->out.origin = t->doc->nodes[v].at;
	switch (jdoc_type(t->doc, v)) {
	case J_STRING: jbuild_value(&t->out, J_STRING, tf_text(t, v)); return;
	case J_ARRAY: {
		uint32_t other = later && jdoc_is(t->doc, later, J_ARRAY) ? later + 1 : 0;

		jbuild_open(&t->out, J_ARRAY);
		jdoc_each(t->doc, v, element) {
			if (other && jdoc_is(t->doc, other, J_TRUE))
				unknown(t, p, name);
			else if (!jdoc_is(t->doc, element, J_ARRAY) &&
				 !jdoc_is(t->doc, element, J_OBJECT))
				copy(t, p, element, 0, name);
			if (other)
				other = jdoc_after(t->doc, other);
			if (other >= (later ? jdoc_after(t->doc, later) : 0))
				other = 0;
		}
		jbuild_close(&t->out);
		return;
	}
	case J_OBJECT: unknown(t, p, name); return;
	default: jbuild_value(&t->out, jdoc_type(t->doc, v), jdoc_raw(t->doc, v));
	}
}

static void id_object(struct tf *t, enum jtype type, struct str id)
{
	jbuild_open(&t->out, J_OBJECT);
	key(t, "id");
	jbuild_value(&t->out, type, id);
	jbuild_close(&t->out);
}

static bool emit_ref(struct tf *t, const struct place *p, const struct tf_map *a)
{
	bool later;
	struct str id = tf_id(t, p->x, p->values, p->unknown, p->config, a->from, &later);

	if (!id.len && !later)
		return false;
	key(t, a->to);
	if (id.len)
		id_object(t, J_STRING, id);
	else
		unknown(t, p, a->from);
	return true;
}

static bool emit_refs(struct tf *t, const struct place *p, const struct tf_map *a)
{
	bool later;
	uint32_t v = tf_attribute(t, p->values, p->unknown, a->from, &later), at;

	at = v ? AZ_NONE : tf_referred(t, p->x, p->config, a->from);
	if (!v && !later && at == AZ_NONE)
		return false;
	key(t, a->to);
	if (at != AZ_NONE) {
		jbuild_open(&t->out, J_ARRAY);
		id_object(t, J_STRING, t->list[at].id);
		jbuild_close(&t->out);
	} else if (v && jdoc_is(t->doc, v, J_ARRAY) && !later) {
		struct str one;
		uint32_t all = tf_referred(t, p->x, p->config, a->from);

		jbuild_open(&t->out, J_ARRAY);
		jdoc_each(t->doc, v, element) {
			one = tf_text(t, element);
			if (!one.len && all != AZ_NONE)
				one = t->list[all].id;
			if (one.len)
				id_object(t, J_STRING, one);
			else
				unknown(t, p, a->from);
		}
		jbuild_close(&t->out);
	} else {
		unknown(t, p, a->from);
	}
	return true;
}

/* The i-th element of a list beside the one that is read, or 0. */
static uint32_t nth(const struct tf *t, uint32_t list, size_t i)
{
	if (!list || !jdoc_is(t->doc, list, J_ARRAY))
		return 0;
	jdoc_each(t->doc, list, v)
		if (!i--)
			return v;
	return 0;
}

static void emit_block(struct tf *t, const struct place *p, const struct tf_map *a, uint32_t v,
		       size_t i)
{
	struct place inner = *p;
	uint32_t later = p->unknown ? jdoc_get(t->doc, p->unknown, str_of(a->from)) : 0;
	uint32_t config = p->config ? jdoc_get(t->doc, p->config, str_of(a->from)) : 0;

	inner.values = v;
	inner.unknown = nth(t, later, i);
	inner.config = nth(t, config, i);
	t->out.origin = t->doc->nodes[v].at;
	jbuild_open(&t->out, J_OBJECT);
	emit_all(t, &inner, a->inner);
	if (a->inner == tf_nic_ipconfig)
		emit_associated(t, &inner);
	jbuild_close(&t->out);
}

/* Blocks beyond are no part of a plan that a person has written. */
#define BLOCKS_MAX 1000

static bool emit_blocks(struct tf *t, const struct place *p, const struct tf_map *a)
{
	bool later;
	uint32_t v = tf_attribute(t, p->values, p->unknown, a->from, &later);
	size_t i = 0;

	/* Rules that are resources of their own come back as blocks that nobody has written. */
	if (later && p->config && !jdoc_get(t->doc, p->config, str_of(a->from)))
		return false;
	if (!v && !later)
		return false;
	if (a->kind == TF_BLOCK && !later &&
	    (!jdoc_is(t->doc, v, J_ARRAY) || !jdoc_count(t->doc, v)))
		return false;
	key(t, a->to);
	if (later || !jdoc_is(t->doc, v, J_ARRAY) || jdoc_count(t->doc, v) > BLOCKS_MAX) {
		unknown(t, p, a->from);
		return true;
	}
	if (a->kind == TF_BLOCK) {
		emit_block(t, p, a, v + 1, 0);
		return true;
	}
	jbuild_open(&t->out, J_ARRAY);
	jdoc_each(t->doc, v, element)
		emit_block(t, p, a, element, i++);
	jbuild_close(&t->out);
	return true;
}

static bool emit_part(struct tf *t, const struct place *p, const struct tf_map *a)
{
	bool later;
	uint32_t v = tf_attribute(t, p->values, p->unknown, a->from, &later);

	if (!v && !later)
		return false;
	key(t, a->to);
	if (v)
		id_object(t, J_STRING,
			  az_fmt(t->r, "%.*s/%s/%.*s", STR_FMT(p->whole), a->part,
				 STR_FMT(tf_text(t, v))));
	else
		unknown(t, p, a->from);
	return true;
}

static bool emit_plain(struct tf *t, const struct place *p, const struct tf_map *a)
{
	bool later;
	uint32_t v = tf_attribute(t, p->values, p->unknown, a->from, &later);
	uint32_t parts = p->unknown ? jdoc_get(t->doc, p->unknown, str_of(a->from)) : 0;

	if (!v && !later)
		return false;
	key(t, a->to);
	if (later)
		unknown(t, p, a->from);
	else
		copy(t, p, v, parts, a->from);
	return true;
}

static bool emit_one(struct tf *t, const struct place *p, const struct tf_map *a)
{
	switch (a->kind) {
	case TF_REF: return emit_ref(t, p, a);
	case TF_REFS: return emit_refs(t, p, a);
	case TF_BLOCKS:
	case TF_BLOCK: return emit_blocks(t, p, a);
	case TF_PART: return emit_part(t, p, a);
	default: return emit_plain(t, p, a);
	}
}

/* Versions of the provider name some attributes differently: the first that is there counts. */
static void emit_all(struct tf *t, const struct place *p, const struct tf_map *list)
{
	const char *last = "";

	for (const struct tf_map *a = list; a->from && !t->error; a++)
		if (strcmp(a->to, last) != 0 && emit_one(t, p, a))
			last = a->to;
}

/* Of pairs of an id and the name of an IP configuration. */
static void emit_pairs(struct tf *t, const struct place *p, const struct az_texts *pairs,
		       const char *to)
{
	bool unknown_;
	uint32_t v = tf_attribute(t, p->values, p->unknown, "name", &unknown_);
	struct str name = tf_text(t, v);

	if (!pairs->n && !pairs->unknown)
		return;
	key(t, to);
	if (pairs->unknown) {
		unknown(t, p, to);
		return;
	}
	jbuild_open(&t->out, J_ARRAY);
	for (uint32_t i = 0; i + 1 < pairs->n; i += 2)
		if (!pairs->list[i + 1].len || str_ieq(pairs->list[i + 1], name))
			id_object(t, J_STRING, pairs->list[i]);
	jbuild_close(&t->out);
}

/* What associations say of a NIC stands in its IP configurations. */
static void emit_associated(struct tf *t, const struct place *p)
{
	emit_pairs(t, p, &p->x->pools, "loadBalancerBackendAddressPools");
	emit_pairs(t, p, &p->x->nat_rules, "loadBalancerInboundNatRules");
	emit_pairs(t, p, &p->x->groups, "applicationSecurityGroups");
}

static void emit_nsg(struct tf *t, const struct place *p, bool loose)
{
	if (!p->x->has_nsg && !loose)
		return;
	key(t, "networkSecurityGroup");
	if (p->x->has_nsg && p->x->nsg.len)
		id_object(t, J_STRING, p->x->nsg);
	else
		unknown(t, p, "network_security_group_id");
}

static void object(struct tf *t, const char *name)
{
	key(t, name);
	jbuild_open(&t->out, J_OBJECT);
}

static void text(struct tf *t, const char *name, const char *value)
{
	key(t, name);
	jbuild_value(&t->out, J_STRING, str_of(value));
}

static void emit_storage(struct tf *t, const struct place *p, const char *os)
{
	object(t, "storageProfile");
	object(t, "osDisk");
	if (os)
		text(t, "osType", os);
	jbuild_close(&t->out);
	emit_all(t, p, tf_vm_image);
	jbuild_close(&t->out);
}

static void emit_os(struct tf *t, const struct place *p, const char *os)
{
	object(t, "osProfile");
	if (os) {
		object(t, !strcmp(os, "Linux") ? "linuxConfiguration" : "windowsConfiguration");
		emit_all(t, p, tf_linux);
		object(t, "patchSettings");
		emit_all(t, p, tf_patch);
		jbuild_close(&t->out);
		jbuild_close(&t->out);
	} else {
		emit_all(t, p, tf_os_blocks);
	}
	jbuild_close(&t->out);
}

static void emit_security(struct tf *t, const struct place *p)
{
	object(t, "securityProfile");
	emit_all(t, p, tf_security);
	object(t, "uefiSettings");
	emit_all(t, p, tf_uefi);
	jbuild_close(&t->out);
	jbuild_close(&t->out);
}

static void emit_machine(struct tf *t, const struct place *p, const char *os)
{
	object(t, "hardwareProfile");
	emit_all(t, p, tf_size);
	jbuild_close(&t->out);
	emit_storage(t, p, os);
	emit_os(t, p, os);
	emit_security(t, p);
}

static void emit_set(struct tf *t, const struct place *p, const char *os)
{
	object(t, "virtualMachineProfile");
	object(t, "networkProfile");
	emit_all(t, p, tf_set_network);
	jbuild_close(&t->out);
	emit_storage(t, p, os);
	emit_os(t, p, os);
	emit_security(t, p);
	jbuild_close(&t->out);
}

void tf_emit(struct tf *t, const struct tf_instance *x)
{
	const struct tf_type *type = tf_type_find(x->type);
	struct place p = { x, x->values, x->unknown, x->config, az_id_parent(x->id) };
	bool later;
	uint32_t name = tf_attribute(t, x->values, x->unknown, "name", &later);

	if (!type || str_starts(x->base, STR("data.")))
		return;
	t->out.origin = t->doc->nodes[x->node].at;
	jbuild_open(&t->out, J_OBJECT);
	text(t, "type", type->arm);
	key(t, "id");
	jbuild_value(&t->out, J_STRING, x->id);
	key(t, "name");
	jbuild_value(&t->out, J_STRING, name ? tf_text(t, name) : x->id);
	key(t, "resourceGroup");
	jbuild_value(
		&t->out, J_STRING,
		tf_text(t, tf_attribute(t, x->values, x->unknown, "resource_group_name", &later)));
	emit_all(t, &p, type->outer);
	object(t, "properties");
	emit_all(t, &p, type->attributes);
	if (type->extra == TF_SUBNET)
		emit_nsg(t, &p, t->loose_subnet);
	if (type->extra == TF_NIC)
		emit_nsg(t, &p, t->loose_nic);
	if (type->extra == TF_VM)
		emit_machine(t, &p, type->os);
	if (type->extra == TF_VMSS)
		emit_set(t, &p, type->os);
	jbuild_close(&t->out);
	jbuild_close(&t->out);
}
