/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jit: the parts of the verb. Exit codes; each prints what is wrong. */
#ifndef HF_CLI_JIT_H
#define HF_CLI_JIT_H

#include "cli/cli.h"

struct jit_ask {
	const char *destination;
	struct cli_list ports;
	const char *duration, *reason, *from, *identity, *config, *knock_port;
	const char *approve; /* id of a request that waits */
	bool close, extend, stdin_form;
};
int jit_request(const struct jit_ask *a);

/* Whether the audit log in the folder is whole. */
int jit_audit(const char *folder, bool json);

#endif
