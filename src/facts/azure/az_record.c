/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records by id. */
#include <stdio.h>

#include "facts/azure/az_read.h"

#define KEY_FILE_MAX 12

/* Where the model keeps the records of a kind. */
static const struct kind {
	size_t list, n, cap, size;
} kinds[] = {
#define KIND(type, name)                                                                \
	{                                                                               \
		offsetof(struct az_model, name), offsetof(struct az_model, n_##name),   \
			offsetof(struct az_model, cap_##name), sizeof(struct az_##type) \
	}
	[AZ_KIND_NSG] = KIND(nsg, nsgs),
	[AZ_KIND_VNET] = KIND(vnet, vnets),
	[AZ_KIND_SUBNET] = KIND(subnet, subnets),
	[AZ_KIND_NIC] = KIND(nic, nics),
	[AZ_KIND_PUBLIC_IP] = KIND(public_ip, public_ips),
	[AZ_KIND_VM] = KIND(vm, vms),
	[AZ_KIND_VMSS] = KIND(vmss, vmsss),
	[AZ_KIND_LB] = KIND(lb, lbs),
	[AZ_KIND_JIT] = KIND(jit, jits),
	[AZ_KIND_BACKUP_ITEM] = KIND(backup_item, backup_items),
	[AZ_KIND_VAULT] = KIND(vault, vaults),
	[AZ_KIND_ADMIN_RULE] = KIND(admin_rule, admin_rules),
	[AZ_KIND_EXTENSION] = KIND(extension, extensions),
	[AZ_KIND_DISK] = KIND(disk, disks),
	[AZ_KIND_PATCH] = KIND(patch, patches),
#undef KIND
};

static bool is_slash_name(struct str at, const char *name, size_t n)
{
	return at.len > n + 1 && at.ptr[0] == '/' && at.ptr[n + 1] == '/' &&
	       str_ieq(str_sub(at, 1, n + 1), (struct str){ name, n });
}

struct str az_id_part(struct str id, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < id.len; i++) {
		struct str at = str_sub(id, i, id.len);

		if (!is_slash_name(at, name, n))
			continue;
		at = str_sub(at, n + 2, at.len);
		return str_cut(&at, '/');
	}
	return STR("");
}

ssize_t az_slash(struct str id, size_t before)
{
	int depth = 0;

	for (size_t i = MIN(before, id.len); i; i--) {
		char c = id.ptr[i - 1];

		depth += (c == '}') - (c == '{');
		if (c == '/' && depth <= 0)
			return (ssize_t)i - 1;
	}
	return -1;
}

struct str az_id_name(struct str id)
{
	return str_sub(id, (size_t)(az_slash(id, id.len) + 1), id.len);
}

struct str az_id_parent(struct str id)
{
	ssize_t at = az_slash(id, id.len);

	if (at > 0)
		at = az_slash(id, (size_t)at);
	return at > 0 ? str_sub(id, 0, (size_t)at) : STR("");
}

/* Offset of what follows the last "/providers/", or -1. */
static ssize_t provider(struct str id)
{
	static const char name[] = "providers";
	ssize_t found = -1;

	for (size_t i = 0; i < id.len; i++)
		if (id.ptr[i] == '/' &&
		    is_slash_name(str_sub(id, i, id.len), name, sizeof name - 1))
			found = (ssize_t)(i + sizeof name + 1);
	return found;
}

struct str az_id_type(struct az_reader *r, struct str id)
{
	ssize_t at = provider(id);
	struct str rest = at < 0 ? (struct str){} : str_sub(id, (size_t)at, id.len);
	struct str type = str_cut(&rest, '/');

	/* namespace/type/name/type/name … */
	while (rest.ptr && type.ptr) {
		type = az_cat(r, type, STR("/"), str_cut(&rest, '/'));
		str_cut(&rest, '/');
	}
	return type.ptr ? type : STR("");
}

/*
 * Ids of templates and plans hold names that mean something within their file alone: those with
 * placeholders, and those that are no ARM ids.
 */
static struct str key_of(struct az_reader *r, struct str id)
{
	bool local = !str_istarts(id, STR("/subscriptions/")) || str_find(id, '{') >= 0;
	char *p = arena_alloc(r->a, id.len + KEY_FILE_MAX);
	size_t n = 0;

	if (!p) {
		r->error = -ENOMEM;
		return STR("");
	}
	if (local)
		n = (size_t)snprintf(p, KEY_FILE_MAX, "%u#", r->file);
	for (size_t i = 0; i < id.len; i++)
		p[n + i] =
			(char)(id.ptr[i] >= 'A' && id.ptr[i] <= 'Z' ? id.ptr[i] + 0x20 : id.ptr[i]);
	return (struct str){ p, n + id.len };
}

uint32_t az_find(struct az_reader *r, enum az_kind kind, struct str id)
{
	struct arena_mark mark = arena_mark(r->a);
	const uint64_t *at = id.len ? map_get(&r->by_id[kind], key_of(r, id)) : NULL;

	arena_rewind(r->a, mark);
	return at ? (uint32_t)*at : AZ_NONE;
}

/* What nobody has described is unknown. */
static void init(enum az_kind kind, void *record)
{
	const struct az_ref nobody_knows = { .id = STR(""), .at = AZ_NONE, .unknown = true };

	switch (kind) {
	case AZ_KIND_NSG: ((struct az_nsg *)record)->rules.unknown = true; return;
	case AZ_KIND_VNET:
		((struct az_vnet *)record)->prefixes.unknown = true;
		((struct az_vnet *)record)->peerings_unknown = true;
		return;
	case AZ_KIND_SUBNET:
		((struct az_subnet *)record)->vnet = nobody_knows;
		((struct az_subnet *)record)->nsg = nobody_knows;
		((struct az_subnet *)record)->route_table = nobody_knows;
		((struct az_subnet *)record)->prefixes.unknown = true;
		return;
	case AZ_KIND_NIC:
		((struct az_nic *)record)->vm = nobody_knows;
		((struct az_nic *)record)->vmss = (struct az_ref){ .id = STR(""), .at = AZ_NONE };
		((struct az_nic *)record)->nsg = nobody_knows;
		((struct az_nic *)record)->ipconfigs_unknown = true;
		return;
	case AZ_KIND_VM:
		((struct az_vm *)record)->nics.unknown = true;
		((struct az_vm *)record)->identity_unknown = true;
		((struct az_vm *)record)->patch_unknown = true;
		((struct az_vm *)record)->extensions_unknown = true;
		return;
	case AZ_KIND_VMSS:
		((struct az_vmss *)record)->nics.unknown = true;
		((struct az_vmss *)record)->identity_unknown = true;
		return;
	case AZ_KIND_LB: ((struct az_lb *)record)->unknown = true; return;
	case AZ_KIND_JIT: ((struct az_jit *)record)->vms_unknown = true; return;
	case AZ_KIND_PATCH:
		((struct az_patch *)record)->critical = ((struct az_patch *)record)->other = -1;
		return;
	default: return;
	}
}

static struct az_item *append(struct az_reader *r, enum az_kind kind, struct str id,
			      uint32_t *ret_index)
{
	const struct kind *k = &kinds[kind];
	char *model = (char *)r->m;
	uint32_t *n = (uint32_t *)(void *)(model + k->n);
	uint32_t *cap = (uint32_t *)(void *)(model + k->cap);
	size_t room = *cap;
	char *list;

	if (arena_grow(r->a, model + k->list, *n, &room, k->size) < 0) {
		r->error = -ENOMEM;
		return NULL;
	}
	*cap = (uint32_t)room;
	memcpy(&list, model + k->list, sizeof list);
	list += *n * k->size;
	*ret_index = (*n)++;
	init(kind, list);
	*(struct az_item *)(void *)list = (struct az_item){
		.id = id,
		.name = az_id_name(id),
		.group = az_id_part(id, "resourceGroups"),
		.subscription = az_id_part(id, "subscriptions"),
		.file = AZ_NONE,
	};
	return (struct az_item *)(void *)list;
}

void *az_record(struct az_reader *r, enum az_kind kind, struct str id, uint32_t *ret_index)
{
	const struct kind *k = &kinds[kind];
	struct str key = key_of(r, id);
	const uint64_t *at = map_get(&r->by_id[kind], key);
	uint32_t index = at ? (uint32_t)*at : 0;
	struct az_item *item;
	char *list;

	if (at) {
		memcpy(&list, (char *)r->m + k->list, sizeof list);
		item = (struct az_item *)(void *)(list + index * k->size);
	} else {
		item = append(r, kind, id, &index);
		if (!item || map_put(&r->by_id[kind], key, index) < 0) {
			r->error = -ENOMEM;
			return NULL;
		}
	}
	if (ret_index)
		*ret_index = index;
	return item;
}

void *az_describe(struct az_reader *r, enum az_kind kind, uint32_t v, struct str id,
		  enum az_before *ret_before)
{
	struct az_item *item = az_record(r, kind, id, NULL);
	enum az_before before;

	if (!item)
		return NULL;
	before = !item->seen ? AZ_FIRST : item->file == r->file ? AZ_SAME_FILE : AZ_OTHER_FILE;
	/* An object that two branches deploy is there if one of them is taken. */
	item->maybe = before == AZ_FIRST ? r->maybe : item->maybe && r->maybe;
	item->seen = true;
	item->file = r->file;
	item->line = az_line(r, v);
	az_take_text(r, jdoc_get(r->doc, v, STR("name")), &item->name);
	if (!item->name.len)
		item->name = az_id_name(id);
	if (!item->group.len)
		az_take_text(r, jdoc_get(r->doc, v, STR("resourceGroup")), &item->group);
	if (!item->group.len)
		az_take_text(r, jdoc_get(r->doc, v, STR("resourceGroupName")), &item->group);
	if (!item->subscription.len)
		az_take_text(r, jdoc_get(r->doc, v, STR("subscriptionId")), &item->subscription);
	if (ret_before)
		*ret_before = before;
	return item;
}
