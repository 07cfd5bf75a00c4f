/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules as people know them. */
#include "base/buf.h"
#include "facts/azure/reach_model.h"

static int add_list(struct buf *b, const struct az_texts *texts, const struct az_texts *groups)
{
	const char *comma = "";

	for (int k = 0; k < 2; k++) {
		const struct az_texts *t = k ? groups : texts;

		for (uint32_t i = 0; t && i < t->n && b->len < 400; i++) {
			buf_puts(b, comma);
			buf_str(b, str_sub(k ? str_basename(t->list[i]) : t->list[i], 0, 100));
			comma = ",";
		}
		if (t && t->unknown) {
			buf_puts(b, comma);
			buf_puts(b, "?");
			comma = ",";
		}
	}
	return b->error;
}

static struct str implied_text(const struct nsg_rule *rule)
{
	switch (rule->first) {
	case 65000: return STR("65000 Allow * from VirtualNetwork to VirtualNetwork ports *");
	case 65001: return STR("65001 Allow * from AzureLoadBalancer to * ports *");
	case 65500: return STR("65500 Deny * from * to * ports *");
	default: return rule->id;
	}
}

int reach_rule_text(const struct nsg_rule *rule, struct arena *a, struct str *ret)
{
	static const char *const access[] = { "?", "Allow", "Deny", "AlwaysAllow" };
	const struct reach_rule *user = rule->user;
	const struct az_rule *z = user ? user->rule : NULL;
	own(buf_release) struct buf b = BUF(1 << 20);
	struct str text;

	if (!z) {
		*ret = implied_text(rule);
		return 0;
	}
	if (z->priority)
		buf_fmt(&b, "%u ", z->priority);
	else
		buf_puts(&b, "? ");
	buf_puts(&b, z->access < COUNT(access) ? access[z->access] : "?");
	buf_fmt(&b, " %.*s from ",
		STR_FMT(z->protocol.len ? str_sub(z->protocol, 0, 100) : STR("?")));
	add_list(&b, &z->source, &z->source_groups);
	if (z->source_ports.n != 1 || !str_eq(z->source_ports.list[0], STR("*"))) {
		buf_puts(&b, " ports ");
		add_list(&b, &z->source_ports, NULL);
	}
	buf_puts(&b, " to ");
	add_list(&b, &z->destination, &z->destination_groups);
	buf_puts(&b, " ports ");
	add_list(&b, &z->ports, NULL);
	if (b.error)
		return b.error;
	text = arena_str(a, buf_view(&b));
	if (!text.ptr)
		return -ENOMEM;
	*ret = text;
	return 0;
}

int reach_rule_label(const struct nsg_rule *rule, struct arena *a, struct str *ret)
{
	const struct reach_rule *user = rule->user;
	struct str name, label;

	if (!user || (!user->rule && !user->nsg)) {
		*ret = rule->id;
		return 0;
	}
	name = user->rule && user->rule->name.len ? user->rule->name : str_basename(rule->id);
	label = user->nsg && user->nsg->item.name.len
			? arena_cat(a, user->nsg->item.name, STR("/"), name)
			: arena_str(a, name);
	if (!label.ptr)
		return -ENOMEM;
	*ret = label;
	return 0;
}
