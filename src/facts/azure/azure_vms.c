/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_vms: Virtual machines. */
#include "facts/azure/azure.h"

#define FACT_ROW azure_vms_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, id, "id of the resource; of templates with {symbols} for what is not known") \
	X(TEXT, name, "name") \
	X(TEXT, resource_group, "resource group") \
	X(TEXT, subscription, "subscription") \
	X(TEXT, location, "region") \
	X(TEXT, os, "linux, windows, empty: unknown") \
	X(TEXT, size, "size") \
	X(TEXT, image, "image") \
	X(TEXT, power_state, "power state, empty: not known") \
	X(INT, nics, "network interfaces that are known") \
	X(INT, nics_unknown, "whether there are others is not known") \
	X(TEXT, private_ips, "private addresses that are known") \
	X(TEXT, public_ips, "public addresses, or the names of what will have one") \
	X(INTN, public, "has a public address of its own") \
	X(TEXT, identity, "SystemAssigned, UserAssigned, both; empty: none") \
	X(INT, identity_unknown, "whether it has one is not known") \
	X(INTN, encryption_at_host, "encryption at host") \
	X(INTN, secure_boot, "secure boot") \
	X(INTN, vtpm, "virtual TPM") \
	X(TEXT, security_type, "TrustedLaunch, ConfidentialVM, Standard; empty: not set") \
	X(TEXT, patch_mode, "AutomaticByPlatform, AutomaticByOS, ImageDefault, Manual; empty: not set") \
	X(TEXT, assessment_mode, "AutomaticByPlatform, ImageDefault; empty: not set") \
	X(INT, patch_unknown, "whether they are set is not known") \
	X(INTN, password_login, "Linux: the account of the administrator may log in by password") \
	X(INTN, managed_disk, "the disk of the operating system is a managed one") \
	X(INT, extensions_unknown, "whether there are other extensions than those listed is not known") \
	X(INTN, jit, "just-in-time access guards a port of it; NULL: no file lists the policies") \
	X(INTN, backup, "a vault backs it up; NULL: no file lists the items") \
	X(INT, in_scale_set, "instance of a scale set") \
	X(INT, described, "whether a file describes it; 0: others name it, no more") \
	X(INT, maybe, "whether its deployment depends on what is not known") \
	X(TEXT, file, "file") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "azure_vms",
	.doc = "Virtual machines.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "id",
};

struct addresses {
	struct az_texts private_ips, public_ips;
	enum az_tri public;
};

static struct str os_name(enum az_os os)
{
	return os == AZ_OS_LINUX ? STR("linux") : os == AZ_OS_WINDOWS ? STR("windows") : STR("");
}

static void append(struct collect *c, struct az_texts *to, struct az_texts more)
{
	size_t cap = to->n;

	for (uint32_t i = 0; i < more.n; i++)
		if (arena_push(c->arena, to->list, to->n, cap, more.list[i]) < 0)
			to->unknown = true;
	to->unknown |= more.unknown;
}

/* As `az vm list -d` says, else those of its interfaces. */
static struct addresses addresses_of(struct collect *c, const struct az_model *m,
				     const struct az_vm *vm)
{
	struct addresses a = {};

	if (vm->details) {
		a.private_ips = vm->private_ips;
		a.public_ips = vm->public_ips;
	} else {
		a.private_ips.unknown = a.public_ips.unknown = vm->nics.unknown;
		for (uint32_t i = 0; i < vm->nics.n; i++) {
			uint32_t at = vm->nics.list[i].at;

			if (at >= m->n_nics)
				continue;
			append(c, &a.private_ips,
			       azure_nic_texts(c, m, &m->nics[at], AZURE_NIC_PRIVATE));
			append(c, &a.public_ips,
			       azure_nic_texts(c, m, &m->nics[at], AZURE_NIC_PUBLIC));
		}
	}
	a.public = a.public_ips.n ? AZ_YES : a.public_ips.unknown ? AZ_UNKNOWN : AZ_NO;
	return a;
}

struct guarded {
	bool *jit, *backup; /* of each machine */
};

static void note_guarded(const struct az_model *m, const struct guarded *g)
{
	for (uint32_t i = 0; i < m->n_jits; i++)
		for (uint32_t k = 0; k < m->jits[i].n_vms; k++)
			if (m->jits[i].vms[k].vm.at < m->n_vms)
				g->jit[m->jits[i].vms[k].vm.at] = true;
	for (uint32_t i = 0; i < m->n_backup_items; i++)
		if (m->backup_items[i].vm.at < m->n_vms)
			g->backup[m->backup_items[i].vm.at] = true;
}

static int add(struct collect *c, const struct az_model *m, uint32_t n, void *user)
{
	const struct guarded *g = user;
	const struct az_vm *vm = &m->vms[n];
	const struct az_item *i = &vm->item;
	const struct addresses a = addresses_of(c, m, vm);
	struct azure_vms_row row = {
		AZURE_ITEM(m, i),
		.location = vm->location,
		.os = os_name(vm->os),
		.size = vm->size,
		.image = vm->image,
		.power_state = vm->power_state,
		.nics = vm->nics.n,
		.nics_unknown = vm->nics.unknown,
		.private_ips = azure_list(c, &a.private_ips),
		.public_ips = azure_list(c, &a.public_ips),
		.public = azure_flag(a.public),
		.identity = vm->identity,
		.identity_unknown = vm->identity_unknown,
		.encryption_at_host = azure_flag(vm->encryption_at_host),
		.secure_boot = azure_flag(vm->secure_boot),
		.vtpm = azure_flag(vm->vtpm),
		.security_type = vm->security_type,
		.patch_mode = vm->patch_mode,
		.assessment_mode = vm->assessment_mode,
		.patch_unknown = vm->patch_unknown,
		.password_login = azure_flag(vm->password_login),
		.managed_disk = azure_flag(vm->managed_disk),
		.extensions_unknown = vm->extensions_unknown,
		.jit = g->jit[n]       ? 1
		       : m->lists_jits ? 0
				       : FACT_UNKNOWN,
		.backup = g->backup[n]            ? 1
			  : m->lists_backup_items ? 0
						  : FACT_UNKNOWN,
		.in_scale_set = vm->in_vmss,
	};

	return collect_row(c, &row);
}

static int collect(struct collect *c)
{
	const struct az_model *m;
	struct guarded g;
	int r = azure_model(c, &m);

	if (r <= 0)
		return r;
	g.jit = arena_array(c->arena, MAX(m->n_vms, 1), sizeof *g.jit);
	g.backup = arena_array(c->arena, MAX(m->n_vms, 1), sizeof *g.backup);
	if (!g.jit || !g.backup)
		return -ENOMEM;
	note_guarded(m, &g);
	return azure_rows(c, AZURE_LIST(vms), add, &g);
}

const struct collector collector_azure_vms = {
	.table = &table,
	.collect = collect,
	.group = GROUP_AZURE,
	.budget_ms = 60000,
	.row_limit = 200000,
};
