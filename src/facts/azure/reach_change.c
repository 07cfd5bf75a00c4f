/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/azure/reach_change.h"

#include "base/buf.h"

#define CUSTOM_FIRST 100
#define CUSTOM_LAST 4096

int reach_change_apply(const struct az_nsg *nsg, const struct reach_change *list, size_t n,
		       struct arena *a, struct az_nsg *ret)
{
	struct az_nsg changed = *nsg;
	struct az_rule *rules = arena_array(a, nsg->rules.n + n + 1, sizeof *rules);
	uint32_t count = 0;

	if (!rules)
		return -ENOMEM;
	for (uint32_t i = 0; i < nsg->rules.n; i++) {
		bool stays = true;

		rules[count] = nsg->rules.list[i];
		for (size_t k = 0; k < n; k++) {
			if (list[k].kind == CHANGE_CREATE || list[k].rule != i)
				continue;
			stays &= list[k].kind != CHANGE_DELETE;
			rules[count].source = list[k].sources;
		}
		count += stays;
	}
	for (size_t k = 0; k < n; k++)
		if (list[k].kind == CHANGE_CREATE)
			rules[count++] = list[k].created;
	changed.rules.list = rules;
	changed.rules.n = changed.rules.cap = count;
	*ret = changed;
	return 0;
}

uint32_t reach_free_priority(const struct az_nsg *nsg, uint32_t below)
{
	for (uint32_t p = MIN(below, CUSTOM_LAST + 1); p-- > CUSTOM_FIRST;) {
		bool taken = false;

		for (uint32_t i = 0; i < nsg->rules.n && !taken; i++)
			taken = nsg->rules.list[i].direction != AZ_OUTBOUND &&
				nsg->rules.list[i].priority == p;
		if (!taken)
			return p;
	}
	return 0;
}

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '.' || c == '_' || c == ':' || c == '/' || c == ',' || c == '-';
}

/* One word of a POSIX shell. */
static int add_word(struct buf *b, struct str word)
{
	bool plain = word.len > 0;

	if (word.len > 1000)
		return -EINVAL;
	for (size_t i = 0; i < word.len; i++) {
		if ((unsigned char)word.ptr[i] < ' ' || word.ptr[i] == 0x7f)
			return -EINVAL;
		plain &= is_plain(word.ptr[i]);
	}
	buf_putc(b, ' ');
	if (plain)
		return buf_str(b, word);
	buf_putc(b, '\'');
	for (size_t i = 0; i < word.len; i++) {
		if (word.ptr[i] == '\'')
			buf_puts(b, "'\\''");
		else
			buf_putc(b, word.ptr[i]);
	}
	return buf_putc(b, '\'');
}

static int add_option(struct buf *b, const char *name, struct str value)
{
	buf_puts(b, name);
	return add_word(b, value);
}

static int add_options(struct buf *b, const char *name, const struct az_texts *values)
{
	int e = 0;

	buf_puts(b, name);
	for (uint32_t i = 0; e >= 0 && i < values->n; i++)
		e = add_word(b, values->list[i]);
	return e;
}

int reach_nsg_command(const struct az_nsg *nsg, const struct az_nic *nic, struct arena *a,
		      struct str *ret)
{
	own(buf_release) struct buf b = BUF(64 << 10);
	struct str text;
	int e = 0;

	buf_puts(&b, nic ? "az network nic update" : "az network nsg create");
	if (nsg->item.group.len && str_find(nsg->item.group, '{') < 0)
		e = add_option(&b, " --resource-group", nsg->item.group);
	if (e >= 0)
		e = add_option(&b, " --name", nic ? nic->item.name : nsg->item.name);
	if (e >= 0 && nic)
		e = add_option(&b, " --network-security-group", nsg->item.name);
	if (e < 0 || b.error)
		return e < 0 ? e : b.error;
	text = arena_str(a, buf_view(&b));
	if (!text.ptr)
		return -ENOMEM;
	*ret = text;
	return 0;
}

static int add_created(struct buf *b, const struct az_rule *r)
{
	int e;

	buf_fmt(b, " --priority %u --direction Inbound --access %s", r->priority,
		r->access == AZ_ALLOW ? "Allow" : "Deny");
	e = add_option(b, " --protocol", r->protocol);
	if (e >= 0)
		e = add_options(b, " --source-address-prefixes", &r->source);
	if (e >= 0)
		e = add_options(b, " --destination-port-ranges", &r->ports);
	return e;
}

int reach_change_command(const struct az_nsg *nsg, const struct reach_change *change,
			 struct arena *a, struct str *ret)
{
	static const char *const verbs[] = { "delete", "update", "create" };
	own(buf_release) struct buf b = BUF(64 << 10);
	const struct az_rule *rule =
		change->kind == CHANGE_CREATE ? &change->created : &nsg->rules.list[change->rule];
	struct str text;
	int e = 0;

	buf_fmt(&b, "az network nsg rule %s", verbs[change->kind]);
	if (nsg->item.group.len && str_find(nsg->item.group, '{') < 0)
		e = add_option(&b, " --resource-group", nsg->item.group);
	if (e >= 0)
		e = add_option(&b, " --nsg-name", nsg->item.name);
	if (e >= 0)
		e = add_option(&b, " --name", rule->name);
	if (e >= 0 && change->kind == CHANGE_SOURCES)
		e = add_options(&b, " --source-address-prefixes", &change->sources);
	if (e >= 0 && change->kind == CHANGE_CREATE)
		e = add_created(&b, rule);
	if (e < 0 || b.error)
		return e < 0 ? e : b.error;
	text = arena_str(a, buf_view(&b));
	if (!text.ptr)
		return -ENOMEM;
	*ret = text;
	return 0;
}
