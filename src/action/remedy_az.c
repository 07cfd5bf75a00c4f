/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * az: changes of Azure's resources by `az`, each with the call that takes it back. What is written in
 * braces stands for the resource that the check found: {id}, {name}, {group}, {subscription} and
 * {more}, which the action's question of the facts brings.
 */
#include "action/draft.h"
#include "action/settings.h"

#define STEPS_MAX 3u
#define WORDS_MAX 24u
#define MANAGEMENT "https://management.azure.com"

/* One call and what takes it back. */
struct step {
	const char *call, *undo;
	const char *body; /* of the call: JSON; NULL: none */
};

struct action {
	const char *name;
	const char *kind; /* word in front of the resource's name in the row of the check */
	/* id, name, group, subscription, more of the resources named ?1, separated by tabs. */
	const char *sql;
	struct step steps[STEPS_MAX];
	const char *breaks;
	bool risky; /* the owner may come in that way */
	bool off;   /* the machine is off meanwhile */
};

#define FIELDS(more)                                                        \
	"id || char(9) || name || char(9) || resource_group || char(9) || " \
	"subscription || char(9) || " more
#define VM(more) "SELECT " FIELDS(more) " FROM azure_vms v WHERE name = ?1"
#define FAMILY "CASE os WHEN 'windows' THEN 'windows' ELSE 'linux' END"

/* clang-format off */
static const struct action actions[] = {
	{
		.name = "host-encryption", .off = true, .kind = "machine", .sql = VM("''"),
		.steps = {
			{ "az vm deallocate --ids {id}", "az vm start --ids {id}", NULL },
			{ "az vm update --ids {id} --set securityProfile.encryptionAtHost=true",
			  "az vm update --ids {id} --set securityProfile.encryptionAtHost=false", NULL },
			{ "az vm start --ids {id}", "az vm deallocate --ids {id}", NULL },
		},
		.breaks = "the machine is off for some minutes; sizes without the feature "
			  "(Microsoft.Compute/EncryptionAtHost) refuse it",
	},
	{
		/* Changing the security type of a machine cannot be taken back. */
		.name = "secure-boot", .off = true, .kind = "machine",
		.sql = VM("''") " AND security_type = 'TrustedLaunch'",
		.steps = {
			{ "az vm deallocate --ids {id}", "az vm start --ids {id}", NULL },
			{ "az vm update --ids {id} --set securityProfile.uefiSettings.secureBootEnabled=true "
			  "securityProfile.uefiSettings.vTpmEnabled=true",
			  "az vm update --ids {id} --set securityProfile.uefiSettings.secureBootEnabled=false",
			  NULL },
			{ "az vm start --ids {id}", "az vm deallocate --ids {id}", NULL },
		},
		.breaks = "the machine is off for some minutes; drivers that nobody signed are not loaded",
	},
	{
		.name = "patch-mode", .kind = "machine", .sql = VM(FAMILY),
		.steps = {
			{ "az vm update --ids {id} --set "
			  "osProfile.{more}Configuration.patchSettings.assessmentMode=AutomaticByPlatform",
			  "az vm update --ids {id} --set "
			  "osProfile.{more}Configuration.patchSettings.assessmentMode=ImageDefault", NULL },
		},
	},
	{
		.name = "install-patches", .kind = "machine",
		.sql = "SELECT " FIELDS(FAMILY) " FROM azure_vms WHERE name = ?1",
		.steps = {
			{ "az vm install-patches --ids {id} --maximum-duration PT2H --reboot-setting "
			  "IfRequired --classifications-to-include-{more} Critical Security", NULL, NULL },
		},
		.breaks = "the machine restarts where an update needs it; updates are not taken back by undo",
	},
	{
		.name = "identity", .kind = "machine", .sql = VM("''"),
		.steps = {
			{ "az vm identity assign --ids {id}", "az vm identity remove --ids {id}", NULL },
		},
	},
	{
		.name = "monitor-agent", .kind = "machine",
		.sql = VM("CASE os WHEN 'windows' THEN 'AzureMonitorWindowsAgent' "
			  "ELSE 'AzureMonitorLinuxAgent' END"),
		.steps = {
			{ "az vm extension set --subscription {subscription} -g {group} --vm-name {name} "
			  "-n {more} --publisher Microsoft.Azure.Monitor --enable-auto-upgrade true",
			  "az vm extension delete --subscription {subscription} -g {group} --vm-name {name} "
			  "-n {more}", NULL },
		},
		.breaks = "nothing that is known; it sends nothing before a data collection rule is there",
	},
	{
		.name = "jit", .risky = true, .kind = "machine",
		.sql = VM("location || '/jitNetworkAccessPolicies/holdfast-' || name || "
			  "'?api-version=2020-01-01'"),
		.steps = {
			{ "az rest --method put --url " MANAGEMENT "/subscriptions/{subscription}/"
			  "resourceGroups/{group}/providers/Microsoft.Security/locations/{more}",
			  "az rest --method delete --url " MANAGEMENT "/subscriptions/{subscription}/"
			  "resourceGroups/{group}/providers/Microsoft.Security/locations/{more}",
			  "{\"kind\":\"Basic\",\"properties\":{\"virtualMachines\":[{\"id\":\"{id}\","
			  "\"ports\":[{\"number\":22,\"protocol\":\"*\",\"allowedSourceAddressPrefix\":\"*\","
			  "\"maxRequestAccessDuration\":\"PT3H\"},{\"number\":3389,\"protocol\":\"*\","
			  "\"allowedSourceAddressPrefix\":\"*\",\"maxRequestAccessDuration\":\"PT3H\"}]}]}}" },
		},
		.breaks = "ports 22 and 3389 are shut until somebody asks for them (az rest, the portal or "
			  "holdfast jit request), which it leaves to them from where: az-jit-source; it needs "
			  "Defender for Servers Plan 2",
	},
	{
		.name = "backup", .kind = "machine",
		.sql = "SELECT v.id || char(9) || v.name || char(9) || v.resource_group || char(9) || "
		       "v.subscription || char(9) || b.vault FROM azure_vms v "
		       "JOIN azure_backup_items b ON b.vault <> '' AND lower(substr(b.id, 1, "
		       "instr(lower(b.id), '/providers/'))) = lower(substr(v.id, 1, "
		       "instr(lower(v.id), '/providers/'))) WHERE v.name = ?1 LIMIT 1",
		.steps = {
			{ "az backup protection enable-for-vm --subscription {subscription} -g {group} "
			  "--vault-name {more} --vm {id} --policy-name DefaultPolicy",
			  "az backup protection disable --subscription {subscription} -g {group} "
			  "--vault-name {more} --container-name {name} --item-name {name} "
			  "--backup-management-type AzureIaasVM --workload-type VM --yes", NULL },
		},
		.breaks = "it costs what the vault costs",
	},
	{
		.name = "disk-network", .kind = "disk",
		.sql = "SELECT " FIELDS("network_access") " FROM azure_disks WHERE name = ?1",
		.steps = {
			{ "az disk update --ids {id} --network-access-policy DenyAll",
			  "az disk update --ids {id} --network-access-policy {more}", NULL },
		},
		.breaks = "exports of the disk, such as those of backup programs of third parties",
	},
	{
		.name = "no-forwarding", .risky = true, .kind = "network interface",
		.sql = "SELECT " FIELDS("''") " FROM azure_nics WHERE name = ?1",
		.steps = {
			{ "az network nic update --ids {id} --ip-forwarding false",
			  "az network nic update --ids {id} --ip-forwarding true", NULL },
		},
		.breaks = "machines that send their traffic through this one",
	},
	{
		.name = "subnet-group", .risky = true, .kind = "subnet",
		.sql = "SELECT id || char(9) || name || char(9) || resource_group || char(9) || "
		       "subscription || char(9) || 'holdfast-' || vnet || '-' || name FROM azure_subnets "
		       "WHERE vnet || '/' || name = ?1",
		.steps = {
			{ "az network nsg create --subscription {subscription} -g {group} -n {more}",
			  "az network nsg delete --subscription {subscription} -g {group} -n {more}", NULL },
			{ "az network vnet subnet update --ids {id} --network-security-group {more}",
			  "az network vnet subnet update --ids {id} --remove networkSecurityGroup", NULL },
		},
		.breaks = "what the internet reaches in the subnet is shut where the group has no rule for it",
	},
	{
		.name = "extension-upgrade", .kind = "extension",
		.sql = "SELECT id || char(9) || name || char(9) || '-' || char(9) || '-' || char(9) || '' "
		       "FROM azure_vm_extensions WHERE vm || '/' || name = ?1 OR name = ?1",
		.steps = {
			{ "az rest --method patch --url " MANAGEMENT "{id}?api-version=2024-03-01",
			  "az resource update --ids {id} --set properties.enableAutomaticUpgrade=false",
			  "{\"properties\":{\"enableAutomaticUpgrade\":true}}" },
		},
	},
};
/* clang-format on */

/* ---- words -------------------------------------------------------------------------------------- */

struct target {
	struct str id, name, group, subscription, more;
};

/* Nothing in it starts an option or another word of a URL. */
static bool is_safe(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') ||
		      (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z') ||
		      (s.ptr[i] >= '0' && s.ptr[i] <= '9') || strchr("-_.()/?=", s.ptr[i])))
			return false;
	return !str_starts(s, STR("-")) && !str_contains(s, STR(".."));
}

static bool read_target(struct str row, struct target *ret)
{
	struct target t = { .id = str_cut(&row, '\t') };

	t.name = str_cut(&row, '\t');
	t.group = str_cut(&row, '\t');
	t.subscription = str_cut(&row, '\t');
	t.more = row.ptr ? row : STR("");
	if (str_eq(t.group, STR("-")))
		t.group = t.subscription = STR("");
	*ret = t;
	return str_starts(t.id, STR("/subscriptions/")) && is_safe(t.id) && is_safe(t.name) &&
	       is_safe(t.group) && is_safe(t.subscription) && is_safe(t.more);
}

/* The text with what stands in braces filled in. JSON has other braces. */
static int fill(struct arena *a, const char *text, const struct target *t, const char **ret)
{
	const struct {
		struct str word, value;
	} words[] = {
		{STR("{id}"),            t->id          },
                { STR("{name}"),         t->name        },
		{ STR("{group}"),        t->group       },
                { STR("{subscription}"), t->subscription},
		{ STR("{more}"),         t->more        },
	};
	own(buf_release) struct buf out = BUF(16'384);
	struct str rest = str_of(text);

	while (rest.len) {
		size_t i = 0;

		while (i < COUNT(words) && !str_starts(rest, words[i].word))
			i++;
		buf_str(&out, i < COUNT(words) ? words[i].value : str_sub(rest, 0, 1));
		rest = str_sub(rest, i < COUNT(words) ? words[i].word.len : 1, rest.len);
	}
	*ret = arena_cstr(a, buf_view(&out));
	return out.error ? out.error : *ret ? 0 : -ENOMEM;
}

static int split(struct arena *a, const char *text, const struct target *t,
		 const char *argv[static WORDS_MAX])
{
	struct str rest = str_of(text), word;
	size_t n = 0;
	int r = 0;

	while (r >= 0 && (word = str_word(&rest)).ptr) {
		const char *s = arena_cstr(a, word);

		if (n + 1 >= WORDS_MAX)
			return -E2BIG;
		r = s ? fill(a, s, t, &argv[n++]) : -ENOMEM;
	}
	argv[n] = NULL;
	return r;
}

/* ---- plan --------------------------------------------------------------------------------------- */

/* "az vm update: web1" */
static const char *short_words(struct arena *a, const char *call, struct str name)
{
	struct str s = str_of(call);

	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.ptr[i] == ' ' && s.ptr[i + 1] == '-')
			s.len = i;
	return arena_cat(a, s, STR(": "), name).ptr;
}

static int plan_step(const struct remedy_input *in, struct plan *p, const struct step *s,
		     const struct target *t)
{
	const char *argv[WORDS_MAX], *undo[WORDS_MAX], *body = NULL;
	int r = split(in->arena, s->call, t, argv);

	if (r >= 0 && s->undo)
		r = split(in->arena, s->undo, t, undo);
	if (r >= 0 && s->body)
		r = fill(in->arena, s->body, t, &body);
	return r < 0 ? r
		     : plan_azure(p, argv, s->undo ? undo : NULL, body,
				  short_words(in->arena, s->call, t->name));
}

/* It would not be there to switch itself on again. */
static int is_this_machine(const struct remedy_input *in, const struct target *t, bool *ret)
{
	struct str *rows;
	size_t n;
	int r = in->options->live
			? remedy_query_text(
				  in,
				  "SELECT instance_name FROM cloud_identity "
				  "WHERE provider = 'azure' AND instance_name <> '' AND "
				  "lower(subscription || '/' || instance_name) = lower(?1)",
				  arena_cat(in->arena, t->subscription, STR("/"), t->name), &rows,
				  &n)
			: 0;

	if (r >= 0)
		*ret = in->options->live && n > 0;
	return r;
}

static int plan_target(const struct remedy_input *in, struct plan *p, const struct action *x,
		       struct str name)
{
	struct target t;
	struct str *rows;
	bool self = false;
	size_t n;
	int r = remedy_query_text(in, x->sql, name, &rows, &n);

	if (r >= 0 && n != 1)
		return plan_cannot(p,
				   n ? "several resources are called %.*s"
				     : "it is not known of %.*s what this needs",
				   STR_FMT(name));
	if (r >= 0 && !read_target(rows[0], &t))
		return plan_cannot(p,
				   "the id of %.*s is not one of Azure's own: look at what is "
				   "there (az vm show, az graph query), not at a template",
				   STR_FMT(name));
	if (r >= 0 && x->off)
		r = is_this_machine(in, &t, &self);
	if (r >= 0 && self)
		return plan_cannot(p,
				   "this machine would be switched off, with nobody to switch it "
				   "on: run it where az is on another machine");
	for (size_t i = 0; r >= 0 && i < STEPS_MAX && x->steps[i].call; i++)
		r = plan_step(in, p, &x->steps[i], &t);
	return r;
}

static int plan_az(const struct remedy_input *in, struct plan *p)
{
	const struct action *x = NULL;
	int r = 0;

	for (size_t i = 0; in->n_args == 1 && i < COUNT(actions); i++)
		if (str_eq(in->args[0], str_of(actions[i].name)))
			x = &actions[i];
	if (!x)
		return settings_misread(p);
	for (size_t i = 0; r >= 0 && i < in->n_resources; i++) {
		struct str name = remedy_named(in->resources[i].resource, x->kind);

		if (name.ptr)
			r = plan_target(in, p, x, name);
	}
	p->risky = x->risky;
	return r < 0 || !x->breaks ? r : plan_breaks(p, "%s", x->breaks);
}

const struct remedy remedy_az = {
	.kind = "az",
	.args = "NAME",
	.what = "a change of Azure's resources by az, and the call that takes it back: host-encryption, "
		"secure-boot, patch-mode, install-patches, identity, monitor-agent, jit, backup, "
		"disk-network, no-forwarding, subnet-group, extension-upgrade",
	.plan = plan_az,
};
