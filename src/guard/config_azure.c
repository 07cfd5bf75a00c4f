/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Azure's part of [bans] of guard.conf. */
#include "guard/config_work.h"

#define AZURE_TEXT_MAX 200u

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] >= 0x7f)
			return false;
	return s.len && s.len <= AZURE_TEXT_MAX;
}

int config_set_azure(struct line *l, size_t offset)
{
	if (l->conf.n < 2 || !is_plain(l->conf.words[1]))
		return conf_wrong(&l->conf, 1, "a name");
	return conf_only(&l->conf, 2) < 0 ? -EINVAL
					  : line_keep(l, 1, (void *)((char *)l->c + offset));
}

int config_set_azure_url(struct line *l, size_t offset)
{
	struct str s = l->conf.n < 2 ? STR("") : l->conf.words[1];

	if (!is_plain(s) ||
	    (!str_starts(s, STR("https://")) && !str_starts(s, STR("http://127.0.0.1:"))))
		return conf_wrong(&l->conf, 1, "an address that begins with https://");
	return conf_only(&l->conf, 2) < 0 ? -EINVAL
					  : line_keep(l, 1, (void *)((char *)l->c + offset));
}

int config_set_azure_priority(struct line *l, size_t offset)
{
	uint64_t n;

	(void)offset;
	if (l->conf.n < 2 || str_to_u64(l->conf.words[1], 10, &n) < 0 || n < 100 || n > 4'095)
		return conf_wrong(&l->conf, 1, "a number from 100 to 4095");
	l->c->azure_priority = (unsigned)n;
	return conf_only(&l->conf, 2);
}

int config_set_azure_interval(struct line *l, size_t offset)
{
	unsigned seconds;

	(void)offset;
	if (l->conf.n < 2 || config_seconds(l->conf.words[1], &seconds) < 0 || seconds > 3'600)
		return conf_wrong(&l->conf, 1, "a time as 30s or 5m, at most 1h");
	l->c->azure_interval = seconds;
	return conf_only(&l->conf, 2);
}

int config_check_azure(const struct guard_config *c, const char *file, struct diag *d)
{
	const char *missing = !c->azure_subscription.len ? "azure-subscription"
			      : !c->azure_group.len      ? "azure-resource-group"
			      : !c->azure_nsg.len        ? "azure-nsg"
							 : NULL;

	if (c->backend != BACKEND_AZURE || !missing)
		return 0;
	return diag_set(d, -EINVAL, file, 0, "backend azure: %s is not set", missing);
}
