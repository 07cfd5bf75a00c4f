/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exposed: the exposures of a machine, of a rule set or of Azure's data, wherever they come from. */
#ifndef HF_CLI_EXPOSED_H
#define HF_CLI_EXPOSED_H

#include "cli/source.h"
#include "facts/azure/cloud_exposure.h"
#include "facts/linux/host_reach.h"

#define EXPOSED_MEMORY ((size_t)2 << 30)

struct exposed_source {
	struct source machine;
	bool live;                /* this machine, also where files of Azure are named */
	const char *ruleset;      /* a file in place of the machine's rules */
	const char *const *azure; /* exports: files and folders */
	size_t n_azure;
	const struct cli_list *keep; /* prefixes; may be NULL */
	const char *any;             /* fact file, rule set or Azure export, by its content */
	const char *const *tables;
	size_t n_tables;
};

struct exposed_port {
	uint16_t port;
	struct str protocol; /* "" any */
};

struct exposed {
	struct store store;
	struct arena files; /* what was read before the sandbox was entered */
	struct host_rules rules;
	bool has_rules, has_machine;
	struct host_reach reach;
	struct az_file *azure;
	size_t n_azure, cap_azure;
	struct reach *cloud;
	struct az_texts keep; /* sources that a fix must leave; of files */
	struct net_ranges keep_ranges;
	struct exposures list;
};

/*
 * Opens and reads what is named, collects what must be collected. Nothing is parsed yet that
 * others wrote. Exit code; prints what is wrong.
 */
int exposed_open(struct exposed_source *from, struct exposed *ret);
/* The same for two files (.any) to be compared. */
int exposed_open_both(struct exposed_source *old, struct exposed *ret_old,
		      struct exposed_source *new, struct exposed *ret_new);
/*
 * Enters the sandbox and evaluates into x->list. port: list it even where nothing listens; NULL:
 * all listeners; for a rule set alone all ports that it opens. Memory of a. Exit code.
 */
int exposed_load(struct exposed *x, const struct exposed_port *port, struct arena *a);
void exposed_release(struct exposed *x);

/* EXIT_FAILED, which is said, where a file of facts stands where another was asked for. */
int exposed_no_facts(const char *path);

/* The parts about Azure: files to texts, before; texts to exposures, in the sandbox. */
int exposed_read_azure(const char *const *paths, size_t n, struct exposed *x);
int exposed_load_azure(struct exposed *x, const struct exposed_port *port, struct arena *a);

#endif
