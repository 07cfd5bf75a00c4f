/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Another policy for a machine. */
#include <stdio.h>

#include "action/azure_rule.h"
#include "jit/azure_work.h"

#define VERSION_VM "2024-03-01"
#define POLL_S 2

/* Where a machine is that no policy has: its own document says. */
static int locate(const struct jit_azure *j, const struct jit_azure_ask *ask, const char *group,
		  struct arena *a, struct jit_azure_machine *ret,
		  struct jit_azure_policy *ret_policy, struct diag *d)
{
	own(azure_answer_release) struct azure_answer answer = {};
	struct str name = jit_azure_part(str_of(ask->machine), STR("virtualMachines"));
	char url[URL_MAX], named[NAME_MAX_AZURE] = "";
	int r;

	if (!name.ptr)
		name = str_of(ask->machine);
	if (name.ptr && name.len < sizeof named)
		memcpy(named, name.ptr, name.len);
	if (!group || !azure_name(group) || !azure_name(named))
		return diag_set(d, -ENOENT, NULL, 0,
				"no policy has this machine yet: name its --resource-group");
	(void)snprintf(url, sizeof url,
		       "%s/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Compute/"
		       "virtualMachines/%s?api-version=" VERSION_VM,
		       j->setup.endpoint, j->subscription, group, named);
	r = jit_azure_get(j, "where the machine is", url, &answer, d);
	if (r == 0)
		r = jit_azure_read_machine(buf_view(&answer.body), a, &ret->id,
					   &ret_policy->location, d);
	if (r < 0)
		return r;
	ret->name = arena_str(a, str_of(named));
	ret_policy->group = arena_str(a, str_of(group));
	ret_policy->name = STR("default");
	return ret->name.ptr && ret_policy->group.ptr ? 0 : -ENOMEM;
}

/* The policy as it is right now; an empty body: there is none. */
static int read_again(const struct jit_azure *j, const char *url, struct azure_answer *ret,
		      struct diag *d)
{
	struct diag why = {};
	int r = jit_azure_get(j, "the policy as it is", url, ret, &why);

	if (r == -ENOENT)
		return 0;
	return r < 0 ? diag_set(d, r, NULL, 0, "%s", why.reason) : 0;
}

/* Azure may say at once that it is done, name an operation, or be at it. */
static int put(const struct jit_azure *j, const char *url, struct str body, struct diag *d)
{
	own(azure_answer_release) struct azure_answer a = {};
	const struct azure_request q = { .method = "PUT", .url = url, .body = body };
	int64_t pause;
	int r = jit_azure_send(j, "to change the policy", &q, &a, d);

	if (r == 0)
		r = jit_azure_finish(j, &a, d);
	for (pause = a.retry_after; r == 0; pause = POLL_S) {
		own(jit_azure_policies_release) struct jit_azure_policies p = {};

		if (a.body.len && jit_azure_read_policy(buf_view(&a.body), &p, d) < 0)
			return -EPROTO;
		if (!p.n || !p.list->state.len || str_ieq(p.list->state, STR("Succeeded")))
			return 0;
		if (str_ieq(p.list->state, STR("Failed")) ||
		    str_ieq(p.list->state, STR("Canceled")))
			return diag_set(d, -EIO, NULL, 0, "Azure could not change the policy");
		azure_answer_release(&a);
		a = (struct azure_answer){};
		r = jit_azure_wait(j, pause >= 0 ? pause : POLL_S, d);
		if (r == 0)
			r = jit_azure_get(j, "whether it is changed", url, &a, d);
	}
	return r;
}

int jit_azure_change(struct jit_azure *j, const struct jit_azure_ask *ask, bool dry,
		     struct buf *ret_body, struct diag *d)
{
	own(jit_azure_policies_release) struct jit_azure_policies p = {};
	own(azure_answer_release) struct azure_answer now = {};
	own(buf_release) struct buf body = BUF(AZURE_ANSWER_MAX);
	struct jit_azure_machine machine = {};
	struct jit_azure_policy policy = {};
	char room[NAME_MAX_AZURE], url[URL_MAX];
	const char *group = jit_azure_group(ask, room);
	struct jit_azure_found f;
	int r = jit_azure_list(j, group, &p, d);

	if (r < 0)
		return r;
	f = jit_azure_find(&p, ask->machine);
	if (f.several)
		return jit_azure_missing(&f, ask, d);
	if (f.machine) {
		machine = *f.machine;
		policy = *f.policy;
	} else {
		r = locate(j, ask, group, &p.arena, &machine, &policy, d);
	}
	if (r == 0)
		r = jit_azure_policy_url(j, &policy, "", url, d);
	if (r == 0)
		r = read_again(j, url, &now, d);
	if (r == 0)
		r = jit_azure_put_policy(&body, ask, machine.id, buf_view(&now.body), d);
	if (r == 0 && !dry)
		r = put(j, url, buf_view(&body), d);
	if (r == 0)
		*ret_body = take(body);
	return r;
}
