/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jit_azure: what the files of `jit … --azure` share. Exit codes; each prints what is wrong. */
#ifndef HF_CLI_JIT_AZURE_H
#define HF_CLI_JIT_AZURE_H

#include "base/buf.h"
#include "cli/jit.h"
#include "jit/azure.h"

int azure_open(const struct jit_ask *a, struct jit_azure **ret);
int azure_failed(const struct jit_ask *a, const struct diag *d, int error);
/* Ports (ssh where none is named), time, sources and reason of the options. */
int azure_ask_of(const struct jit_ask *a, size_t max_sources, struct jit_azure_ask *ret);
/* One object. */
void azure_put_opening(struct buf *b, const struct jit_azure_opening *o);

#endif
