/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/azure/az_plan.h"
bool terraform_is_plan(const struct jdoc *d, uint32_t v) { (void)d, (void)v; return false; }
int terraform_expand(struct az_reader *r, uint32_t v, struct jdoc *ret, struct diag *d)
{ (void)r, (void)v, (void)ret, (void)d; return -EINVAL; }
