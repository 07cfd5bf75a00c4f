/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Azure may answer: read, and a policy written again with a port more, which is read as well. */
#include <netinet/in.h>

#include "fuzz.h"
#include "jit/azure_work.h"

#define VM "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm1"

static size_t ports_of(const struct jit_azure_policy *p, struct str machine, uint16_t number)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_machines; i++)
		for (size_t k = 0;
		     str_ieq(p->machines[i].id, machine) && k < p->machines[i].n_ports; k++)
			n += p->machines[i].ports[k].number == number;
	return n;
}

/* Whatever else it has, the new policy has the port once for each time that the machine is there. */
static void change(struct str json)
{
	struct jit_azure_policies own(jit_azure_policies_release) p = {};
	struct buf own(buf_release) body = BUF(1 << 22), whole = BUF(1 << 22);
	struct jit_azure_ask ask = { .machine = "vm1",
				     .ports = { { IPPROTO_TCP, 22 } },
				     .n_ports = 1,
				     .seconds = 3'600,
				     .sources = { STR("10.0.0.0/8") },
				     .n_sources = 1 };
	struct diag d = {};

	if (jit_azure_put_policy(&body, &ask, STR(VM), json, &d) < 0)
		return;
	buf_puts(&whole, "{\"id\":\"/resourceGroups/g/locations/l/jitNetworkAccessPolicies/p\",");
	buf_str(&whole, str_sub(buf_view(&body), 1, body.len));
	fuzz_assert(!body.error && !whole.error);
	/* What is sent back must be JSON, and the port is in it. */
	fuzz_assert(!jit_azure_read_policy(buf_view(&whole), &p, &d));
	fuzz_assert(p.n == 1 && ports_of(p.list, STR(VM), 22) >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jit_azure_policies own(jit_azure_policies_release) p = {};
	struct arena own(arena_release) a = {};
	struct jit_azure_opening *list = NULL;
	struct str json = { (const char *)data, size }, next = {}, id, location;
	struct diag d = {};
	size_t n = 0;

	if (size > 1 << 18)
		return 0;
	if (jit_azure_read_list(json, &p, &next, &d) < 0)
		fuzz_assert(*d.reason);
	else
		fuzz_assert(!next.ptr || next.len);
	for (size_t i = 0; i < p.n; i++)
		fuzz_assert(p.list[i].group.len && p.list[i].location.len && p.list[i].name.len);
	(void)!jit_azure_read_policy(json, &p, &d);
	(void)!jit_azure_read_access(json, &a, &list, &n, &d);
	(void)!jit_azure_read_machine(json, &a, &id, &location, &d);
	fuzz_assert(jit_azure_seconds(json) <= 366U * 86'400);
	change(json);
	return 0;
}
