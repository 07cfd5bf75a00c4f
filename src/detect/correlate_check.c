/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a correlation may ask for, and what names of fields mean to it. */
#include "detect/correlate.h"
#include "detect/correlate_plan.h"

int correlation_check(const struct rule *r, bool forgiven, struct diag *d)
{
	uint64_t low = r->condition.low, high = r->condition.high;
	uint64_t need = high == UINT64_MAX ? low : MAX(low, high);
	uint64_t most = r->type == CORRELATION_EVENT_COUNT ? EVENTS_MAX : VALUES_MAX;
	size_t n = r->forgiven_same.n;

	if (r->n_rules > POSITIONS_MAX)
		return diag_set(d, -E2BIG, NULL, r->line, "more than %d rules in one correlation",
				POSITIONS_MAX);
	if (r->n_group_by > GROUP_BY_MAX)
		return diag_set(d, -E2BIG, NULL, r->line, "more than %d fields in group-by",
				GROUP_BY_MAX);
	if (!rule_is_temporal(r) && need > most)
		return diag_set(d, -E2BIG, NULL, r->line,
				"a condition can ask for %llu at most, this one asks for %llu",
				(unsigned long long)most, (unsigned long long)need);
	if (r->timespan <= 0)
		return diag_set(d, -EINVAL, NULL, r->line, "the timespan is empty");
	if (forgiven && rule_is_temporal(r))
		return diag_set(d, -EINVAL, NULL, r->line,
				"only event_count and value_count can be forgiven");
	if (r->spread &&
	    (r->type != CORRELATION_EVENT_COUNT || r->within || low < 2 || high != UINT64_MAX ||
	     r->condition.negated || r->spread < 0 || r->spread >= r->timespan))
		return diag_set(
			d, -EINVAL, NULL, r->line,
			"spread is for an event_count from 2 on, and less than its timespan");
	if (MAX(n, r->value_fields.n) > TAG_MAX)
		return diag_set(d, -E2BIG, NULL, r->line, "more than %d fields to tell apart by",
				TAG_MAX);
	if (r->type == CORRELATION_VALUE_COUNT && n &&
	    !fields_same(&r->forgiven_same, &r->value_fields))
		return diag_set(d, -EINVAL, NULL, r->line,
				"a value_count is forgiven by what it counts, or by group");
	return 0;
}

bool plan_is_address(struct str name)
{
	static const char *const parts[] = { "ip", "addr", "host" };
	char lower[64];
	size_t n = MIN(name.len, sizeof lower);

	for (size_t i = 0; i < n; i++)
		lower[i] = (char)(name.ptr[i] | 0x20);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (str_contains((struct str){ lower, n }, str_of(parts[i])))
			return true;
	return false;
}

bool plan_is_any_case(struct str name)
{
	static const char *const starts[] = { "Target", "Subject", "Member", "Workstation" };

	for (size_t i = 0; i < COUNT(starts); i++)
		if (str_starts(name, str_of(starts[i])))
			return true;
	return false;
}
