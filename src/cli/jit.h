/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jit: the parts of the verb. Exit codes; each prints what is wrong. */
#ifndef HF_CLI_JIT_H
#define HF_CLI_JIT_H

#include "cli/cli.h"
#include "jit/knock.h"

/* Microsoft's own just-in-time access instead of a host's. */
struct jit_cloud {
	bool set, dry;
	const char *subscription, *group, *token, *client_id, *endpoint, *metadata, *wait;
	bool json;
};

struct jit_ask {
	const char *destination;
	struct cli_list ports;
	const char *duration, *reason, *from, *identity, *config, *knock_port;
	const char *approve; /* id of a request that waits */
	const char *via;     /* a jump host that sends it on */
	bool close, extend, stdin_form, json;
	struct jit_cloud cloud;
};
/* EXIT_USAGE, which it prints. */
int jit_wrong(const char *option, const char *value, const char *expected);
/* ssh where none is named. */
int jit_ask_ports(const struct jit_ask *a, struct knock_port ret[static KNOCK_PORTS_MAX],
		  unsigned *ret_n);
int jit_ask_reason(const struct jit_ask *a, struct str *ret);
int jit_request(const struct jit_ask *a);

/* Asks Azure to open ports of a machine; destination is its name or id. */
int jit_azure_ask(const struct jit_ask *a);
/* What policies Azure has (destination: of one machine, or NULL), or another one for a machine. */
int jit_azure_policy(const struct jit_ask *a);
/* Whether a policy of this machine is understood (path NULL: the one in /etc), and what it says. */
int jit_policy_show(const char *path, bool json);
/* Of the machine whose ports are shut; run() of the verb is in jit_host.c. */
struct jit_host {
	const char *socket; /* of the daemon; NULL: that of its configuration */
	const char *within, *duration, *from;
	struct cli_list azure;
	bool dry_run, json;
	bool no_record; /* nothing is written into the journal of changes */
};
/* words[0] is the word of the verb. Exit code; -1: there is no such word. */
int jit_host(const struct jit_host *h, int n, char **words);

/* Whether the audit log in the folder is whole. */
int jit_audit(const char *folder, bool json);

#endif
