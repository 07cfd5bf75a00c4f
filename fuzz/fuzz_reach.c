/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of Azure, evaluated: answers fit together, and repairs can be asked for anything open. */
#include "facts/azure/reach_repair.h"
#include "fuzz.h"

#define MAX_TARGETS 8
#define MAX_REPAIRS 2

static int check_texts(const struct reach_host *h, const struct reach_answer *answer,
		       struct arena *a)
{
	struct reach_step *steps;
	struct str text;
	size_t n;
	int r = reach_deciding(h, answer, a, &steps, &n);

	for (size_t k = 0; r >= 0 && k < n; k++) {
		r = reach_rule_text(steps[k].rule, a, &text);
		if (r >= 0)
			r = reach_rule_label(steps[k].rule, a, &text);
	}
	return r;
}

static int check_range(const struct reach_host *h, const struct reach_answer *answer,
		       struct arena *a)
{
	struct net_ranges must, may;
	int r = reach_sources(h, answer, a, &must, &may);

	for (size_t k = 0; r >= 0 && k < must.n; k++)
		fuzz_assert(net_ranges_has(&may, must.list[k].first));
	return r < 0 ? r : check_texts(h, answer, a);
}

static void check_host(const struct reach *r, size_t target, struct arena *a)
{
	static const uint16_t ports[] = { 0, 22, 3389, 65535 };
	struct reach_answer answers[COUNT(ports)], *map;
	struct reach_repair repair;
	struct reach_host h;
	unsigned repairs = 0;
	size_t n;

	if (reach_host(r, target, a, &h) < 0 ||
	    reach_ports(&h, 6, ports, COUNT(ports), a, answers) < 0 ||
	    reach_map(&h, 6, a, &map, &n) < 0)
		return;
	fuzz_assert(h.n && n && map[0].first == 0 && map[n - 1].last == UINT16_MAX);
	fuzz_assert(map[0].internet == answers[0].internet);
	fuzz_assert(map[n - 1].internet == answers[3].internet);
	for (size_t i = 0; i < n && i < 64; i++) {
		if (check_range(&h, &map[i], a) < 0)
			return;
		if (map[i].internet != NSG_CLOSED && repairs++ < MAX_REPAIRS &&
		    reach_repair(r, target, &map[i], NULL, a, &repair) == 0)
			fuzz_assert(repair.n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct az_file file = {
		STR("file.json"), {(const char *)data, len}
	};
	own(arena_release) struct arena a = {};
	own(reach_release) struct reach *r = NULL;
	struct az_model model = {};

	if (az_load(&file, 1, &a, NULL, &model, NULL) < 0 || reach_new(&model, &a, &r) < 0)
		return 0;
	for (size_t i = 0; i < reach_count(r) && i < MAX_TARGETS; i++)
		check_host(r, i, &a);
	return 0;
}
