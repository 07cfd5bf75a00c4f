/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A machine that no NSG guards gets one: its default rules shut every port to the internet. */
#include "facts/azure/reach_change.h"

static bool has_nsg(const struct reach_way *way)
{
	for (size_t s = 0; s < way->n_stages; s++) {
		if (way->stages[s].unknown)
			return true;
		for (size_t i = 0; i < way->stages[s].n; i++) {
			const struct reach_rule *user = way->stages[s].list[i].user;

			if (user && user->nsg)
				return true;
		}
	}
	return false;
}

static int keep_rule(const struct reach_judge *j, const struct az_texts *keep, struct az_rule *ret)
{
	struct str *any = arena_array(j->a, 2, sizeof *any);

	if (!any)
		return -ENOMEM;
	any[0] = STR("*");
	any[1] = reach_port_text(j->answer, j->a);
	*ret = (struct az_rule){
		.name = STR("keep"),
		.priority = 100,
		.direction = AZ_INBOUND,
		.access = AZ_ALLOW,
		.protocol = str_of(reach_protocol_name(j->answer->protocol)),
		.source = *keep,
		.destination = {.list = any,      .n = 1},
		.source_ports = { .list = any,     .n = 1},
		.ports = { .list = any + 1, .n = 1},
		.file = AZ_NONE,
	};
	return any[1].ptr ? 0 : -ENOMEM;
}

static int commands(const struct reach_judge *j, const struct az_nic *nic, const struct az_nsg *nsg,
		    const struct reach_change *keep, struct reach_repair *ret)
{
	int e = 0;

	ret->commands = arena_array(j->a, 3, sizeof *ret->commands);
	if (!ret->commands)
		return -ENOMEM;
	e = reach_nsg_command(nsg, NULL, j->a, &ret->commands[ret->n++]);
	if (e >= 0 && keep)
		e = reach_change_command(nsg, keep, j->a, &ret->commands[ret->n++]);
	if (e >= 0)
		e = reach_nsg_command(nsg, nic, j->a, &ret->commands[ret->n++]);
	return e;
}

int reach_guard(const struct reach_judge *j, const struct reach_way *way,
		const struct az_texts *keep, struct reach_repair *ret)
{
	struct reach_override *o = arena_new(j->a, struct reach_override);
	struct az_nsg *bare = arena_new(j->a, struct az_nsg), *nsg = arena_new(j->a, struct az_nsg);
	struct reach_change change = { .kind = CHANGE_CREATE };
	struct reach_repair repair = {};
	struct reach_effect effect;
	int e;

	if (!o || !bare || !nsg)
		return -ENOMEM;
	if (!way->nic || !way->nic->item.seen || !way->nic->item.name.len || has_nsg(way))
		return -ENOENT;
	bare->item.name = arena_cat(j->a, way->nic->item.name, STR("-nsg"), STR(""));
	bare->item.group = way->nic->item.group;
	bare->item.seen = true;
	bare->item.file = AZ_NONE;
	e = bare->item.name.ptr ? 0 : -ENOMEM;
	if (e >= 0 && keep->n)
		e = keep_rule(j, keep, &change.created);
	if (e >= 0)
		e = reach_change_apply(bare, &change, keep->n ? 1 : 0, j->a, nsg);
	if (e < 0)
		return e;
	*o = (struct reach_override){ .at = j->r->m->n_nsgs,
				      .nsg = nsg,
				      .nic = (uint32_t)(way->nic - j->r->m->nics) };
	e = reach_judge(j, o, &effect);
	if (e < 0 || !effect.closes || !effect.keeps)
		return e < 0 ? e : -ENOENT;
	e = commands(j, way->nic, bare, keep->n ? &change : NULL, &repair);
	if (e < 0)
		return e;
	repair.summary = arena_cat(j->a, STR("guard "), way->nic->item.name,
				   STR(" by an NSG, which shuts all ports to the internet"));
	repair.others = effect.others;
	if (!repair.summary.ptr)
		return -ENOMEM;
	*ret = repair;
	return 0;
}
