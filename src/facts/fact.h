/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fact: tables of what is true of a machine, and the collectors that fill them.
 *
 * One file a table: the file lists its columns once (an X macro), which makes the C row, the SQL
 * schema and the reference in docs/tables.md, and holds the function that collects the rows. A
 * collector knows nothing of checks or scores. See docs/architecture.md.
 */
#ifndef HF_FACTS_FACT_H
#define HF_FACTS_FACT_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/root.h"
#include "base/str.h"

/*
 * INT and TEXT columns are NOT NULL (a TEXT with ptr == NULL is stored as ''). INTN and TEXTN may
 * be unknown: FACT_UNKNOWN, or ptr == NULL.
 */
struct index;
enum fact_type { FACT_INT, FACT_TEXT, FACT_INTN, FACT_TEXTN };
#define FACT_UNKNOWN INT64_MIN

struct fact_column {
	const char *name, *doc;
	enum fact_type type;
	size_t offset; /* of the int64_t or struct str in the row */
};

struct fact_table {
	const char *name, *doc;
	const struct fact_column *columns;
	size_t n_columns;
	const char *index; /* comma-separated columns worth an index, or NULL */
};

#define FACT_CTYPE_INT int64_t
#define FACT_CTYPE_TEXT struct str
#define FACT_CTYPE_INTN int64_t
#define FACT_CTYPE_TEXTN struct str
#define FACT_FIELD_(type, name, doc) FACT_CTYPE_##type name;
#define FACT_DESC_(type, name, doc) { #name, doc, FACT_##type, offsetof(struct FACT_ROW, name) },

/* How a collector's run ended; the words of the column collector_status.status. */
enum collect_status {
	COLLECT_OK,
	COLLECT_INCOMPLETE,     /* rows are true, but some are missing */
	COLLECT_FAILED,         /* nothing can be said */
	COLLECT_NOT_APPLICABLE, /* needs a running machine, or the thing is not there */
	COLLECT_SKIPPED,        /* left out by option (--quick) */
};
const char *collect_status_name(enum collect_status s);
[[nodiscard]] int collect_status_find(struct str name, enum collect_status *ret); /* -ENOENT */

/* Descriptors that were opened before the sandbox was entered; -1 where there is none. */
struct live {
	int nft;       /* standard output of `nft -j list ruleset` */
	int nft_error; /* 0, or why it could not be started (-ENOENT: not installed) */
	int sock_diag; /* NETLINK_SOCK_DIAG socket */
	int rtnetlink; /* NETLINK_ROUTE socket */
	int nfnetlink; /* NETLINK_NETFILTER socket, for machines without nft */
	int metadata;  /* answer of the cloud's metadata service */
	int metadata_error;
	/*
	 * The collector sees of every process what root sees. What is hidden all the same (a process
	 * with more rights than this root has, as outside of a container) is not missing data: nobody
	 * on this machine can read it.
	 */
	bool sees_all;
};
#define LIVE_NONE                             \
	((struct live){ .nft = -1,            \
			.nft_error = -ENOENT, \
			.sock_diag = -1,      \
			.rtnetlink = -1,      \
			.nfnetlink = -1,      \
			.metadata = -1,       \
			.metadata_error = -ENOENT })

/* What the inventory keeps from one look at a machine to the next (linux/inventory_cache.h). */
struct collect_inventory {
	struct str old;   /* aligned for 64-bit numbers; '': there is none */
	int out;          /* to write a new one to */
	uint64_t program; /* identity of the program file */
};

/*
 * What one collector has found out and others of its process would look up again. Only what is
 * complete is kept: whoever asks again after a failure finds out for itself.
 */
struct collect_notes {
	struct arena arena;
	struct map package_of;       /* package_db_owners(): path to a struct str */
	struct socket_scan *sockets; /* socket_owners_find(): how far it has come */
};

/*
 * What a collector may touch: nothing else, no globals, no output. It may be cancelled at any time
 * (its process is killed when the time budget is over).
 */
struct collect {
	const struct root *root;
	const struct root *proc; /* the machine's /proc; NULL: not a running machine */
	const struct root *sys;  /* the machine's /sys; NULL likewise */
	const struct live *live; /* never NULL */
	struct azure_facts
		*azure; /* what the files of --azure say (azure/azure.h); NULL: there are none */
	const struct collect_inventory *inventory; /* NULL: nothing is kept */
	const struct index *advisories;            /* vuln/index.h; NULL: there are none */
	int advisories_error;        /* why, where there is an index that cannot be read */
	struct collect_notes *notes; /* of this root; NULL: nothing is kept */
	struct arena *arena;         /* emptied after the collector */
	int64_t now;                 /* UNIX time to judge ages by */
	bool quick;                  /* the file walk was left out on purpose */
	const struct fact_table *table;
	struct store *facts; /* the tables that are there already; GROUP_DERIVED alone */
	struct sink *sink;   /* where rows go, see sink.h */
};

/* Sends one row (a struct of the table's columns); -ENOSPC once the table's row budget is used up
 * (which is reported as incomplete by itself), other errors are those of the pipe. */
[[nodiscard]] int collect_row(struct collect *c, const void *row);

/*
 * Says that something is missing: the table becomes COLLECT_INCOMPLETE, the collector goes on.
 * path may be NULL; error is a positive or negative errno or 0. At most 64 problems are kept a
 * table, the rest are counted.
 */
void collect_problem(struct collect *c, int error, const char *path, const char *fmt, ...)
	PRINTF(4, 5);
/* What a person needs to know of -errno. */
const char *collect_error(int error);
/* Says that the table does not apply here and why; return its value. */
[[nodiscard]] int collect_not_applicable(struct collect *c, const char *why);
/* Says why nothing can be said; returns error, which is to be returned as well. */
[[nodiscard]] int collect_failed(struct collect *c, int error, const char *why);
/* Whether there are advisories to judge by: 1, or what is to be returned, which it has told. */
[[nodiscard]] int collect_advisories(struct collect *c);

/*
 * Reads a configuration file. 1: read; 0: there is none (ENOENT, ENOTDIR), ret untouched; after
 * any other error it has called collect_problem() and returns 0 too. So `if (collect_read(…) == 1)`
 * is all a collector needs. -ENOMEM is returned. ret_st may be NULL.
 */
[[nodiscard]] int collect_read(struct collect *c, const char *path, struct str *ret,
			       struct stat *ret_st);
/* The same for the sorted names in a directory / paths that match a glob. */
[[nodiscard]] int collect_list(struct collect *c, const char *path, struct dir_list *ret);
[[nodiscard]] int collect_glob(struct collect *c, const char *pattern, struct str **ret,
			       size_t *ret_n);

/*
 * Calls fn for every regular file of a "drop-in" directory whose name ends in suffix ("" any),
 * sorted by name. Used for *.conf directories. fn returns 0 or an error that ends the walk.
 */
typedef int collect_file_fn(struct collect *c, const char *path, struct str text, void *user);
[[nodiscard]] int collect_dropins(struct collect *c, const char *dir, const char *suffix,
				  collect_file_fn *fn, void *user);

/* Where a collector runs: collectors of one group share a process, one after the other. */
enum collect_group {
	GROUP_CONFIG,   /* small configuration files */
	GROUP_PACKAGE,  /* package databases */
	GROUP_KERNEL,   /* kernel, network, firewall, cloud: may wait for nft and the network */
	GROUP_PROCESS,  /* looks into other processes, which Landlock would not let it */
	GROUP_FILE,     /* the walk over all files */
	GROUP_PASSWORD, /* the quick look at weak passwords */
	GROUP_AZURE,    /* the files of --azure, and nothing of a machine */
	GROUP_DERIVED,  /* what follows from other tables: runs after all the others */
	GROUP_N,
};

struct collector {
	const struct fact_table *table;
	int (*collect)(struct collect *c);
	enum collect_group group;
	const char *needs;  /* GROUP_DERIVED: the tables it reads, separated by blanks */
	bool needs_live;    /* without proc the status is "not applicable" */
	unsigned budget_ms; /* 0: 5,000 */
	unsigned row_limit; /* 0: 200,000 */
};

static inline unsigned collector_row_limit(const struct collector *k)
{
	return k->row_limit ? k->row_limit : 200000;
}

/* All collectors, in the order of tables.def; the index is the table's number on the wire. */
extern const struct collector *const collectors[];
extern const size_t n_collectors;
/* NULL if there is none of that name. */
const struct collector *collector_find(struct str table);

#endif
