/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * az_plan: what is to be deployed, computed into documents of resources as an answer of Azure has
 * them: { type, id, name, properties … } with J_UNKNOWN for what is not known before, and
 * "$maybe": true for resources whose deployment depends on it.
 */
#ifndef HF_FACTS_AZURE_AZ_PLAN_H
#define HF_FACTS_AZURE_AZ_PLAN_H

#include "facts/azure/az_read.h"

/* Types that az_read_document() reads. */
bool az_known_type(struct str type);

/* An ARM deployment template (or what Bicep compiles to), at node v. */
bool arm_is_template(const struct jdoc *d, uint32_t v);
/*
 * Evaluates it. -E2BIG: it expands to more than is read, -EINVAL: deployments nested in themselves
 * or deeper than Azure allows; *d says what and where. -ENOMEM.
 */
[[nodiscard]] int arm_expand(struct az_reader *r, uint32_t v, struct jdoc *ret, struct diag *d);

/* `terraform show -json` of a plan or a state. */
bool terraform_is_plan(const struct jdoc *d, uint32_t v);
[[nodiscard]] int terraform_expand(struct az_reader *r, uint32_t v, struct jdoc *ret,
				   struct diag *d);

#endif
