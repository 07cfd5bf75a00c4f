/* SPDX-License-Identifier: GPL-3.0-or-later */
/* source: where facts come from, the same options for every verb that needs facts. */
#ifndef HF_CLI_SOURCE_H
#define HF_CLI_SOURCE_H

#include "cli/cli.h"
#include "facts/snapshot.h"
#include "facts/store.h"

struct source {
	const char *root, *facts, *proc, *metadata_url;
	const char *feeds; /* folder of the advisories; NULL: HOLDFAST_FEEDS, or that of `feed` */
	struct cli_list azure; /* files and folders; owned */
	bool quick;
	bool *wanted;            /* one a collector, or NULL for all; borrowed */
	struct root_over *over;  /* planned files in front of those there; borrowed, NULL: none */
	const char *const *more; /* fact files that this process opens later; borrowed */
	size_t n_more;
	bool confined;
	struct store schema; /* of source_schema(), until source_load() fills it */
};

/* Files of Azure, for the verbs that make facts of them. */
#define AZURE_OPTION(s)                                                                  \
	{                                                                                \
		.name = "azure", .value = "FILE", .list = &(s)->azure,                   \
		.help = "look at Azure: exports, templates, plans, or folders of them; " \
			"more may follow"                                                \
	}

/* A machine to look at. */
#define MACHINE_OPTIONS(s)                                                                        \
	{ .name = "root",                                                                         \
	  .value = "DIR",                                                                         \
	  .text = &(s)->root,                                                                     \
	  .help = "look at the tree below DIR (a mounted disk, a chroot), not at this machine" }, \
		{ .name = "quick",                                                                \
		  .flag = &(s)->quick,                                                            \
		  .help = "leave out the walk over all files; what needs it is not assessed" },   \
		{ .name = "proc",                                                                 \
		  .value = "DIR",                                                                 \
		  .text = &(s)->proc,                                                             \
		  .help = "use DIR as the /proc that belongs to --root" },                        \
	{                                                                                         \
		.name = "metadata-url", .value = "URL", .text = &(s)->metadata_url,               \
		.help = "address of the cloud's metadata service, instead of the provider's own"  \
	}

/* The same, or facts of a machine. */
#define SOURCE_OPTIONS(s)                                      \
	{ .name = "facts",                                     \
	  .value = "FILE",                                     \
	  .text = &(s)->facts,                                 \
	  .help = "use facts that `holdfast collect` wrote" }, \
		MACHINE_OPTIONS(s)

void source_release(struct source *s);
/*
 * Arguments from argv[first] to argv[n] are further files of --azure, where that was given. Prints
 * what is wrong and returns an exit code.
 */
int source_azure_args(struct source *s, const struct verb *v, int first, int n, char **argv);

/*
 * Gives up what is not needed to judge facts: after it only the folders of `writable` (NULL and ""
 * are passed over) and that of the fact file can be read, and only the former written to. A fact
 * file is opened after it, anything else is collected before it. Done once; later calls do nothing.
 * Prints what is wrong and returns an exit code.
 */
int source_confine(struct source *s, const char *const writable[], size_t n);

/*
 * Opens a store and fills it; the store is not sealed yet. Shows progress on a terminal after a
 * second. Prints what is wrong and returns an exit code above 0 on failure. With a fact file the
 * process is confined first, without writable folders unless it is already.
 */
int source_load(struct source *s, struct store *ret, struct snapshot_result *ret_result);

/*
 * Opens s->schema, a store without rows that takes SELECT alone, to compile statements before
 * anything is collected. What source_load() fills is the same one: to make it twice takes longer
 * than to collect a small table.
 */
[[nodiscard]] int source_schema(struct source *s);
/*
 * Marks the tables (one flag a collector) that an SQL statement reads, through views too. A
 * mistake in the statement is no error here: it is reported when the statement is run.
 */
void source_tables(struct source *s, struct str sql, bool *wanted);

#endif
