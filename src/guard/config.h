/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config: /etc/holdfast/guard.conf.
 *
 *   file    = { line "\n" }
 *   line    = [ "[" section "]" | key { word } ] [ "#" comment ]
 *   section = "guard" | "sources" | "bans" | "floods" | "alerts" | "allow"
 *   word    = text without blanks | '"' text '"'
 *
 * Keys before the first section belong to [guard]; lines of [allow] are addresses and networks
 * alone. man/holdfast-guard.conf.5 explains each key; a test compares it with config_keys().
 */
#ifndef HF_GUARD_CONFIG_H
#define HF_GUARD_CONFIG_H

#include "action/prefix.h"
#include "base/arena.h"
#include "base/diag.h"
#include "detect/rule.h"

#define CONFIG_PATH "/etc/holdfast/guard.conf"
#define CONFIG_MAX ((size_t)1 << 20) /* bytes of the file */
#define CONFIG_SOURCES_MAX 240u      /* fewer than live.h takes, with those that are added */
#define CONFIG_LIST_MAX 1'024u       /* lines of one key that may be repeated */

enum source_kind {
	SOURCE_FILE,
	SOURCE_JOURNAL,
	SOURCE_AUDIT,
	SOURCE_SYSLOG,
	SOURCE_UDP,
	SOURCE_TCP
};

struct config_source {
	enum source_kind kind;
	/* File and syslog; journal: directory, "" the machine's own; "udp:ADDRESS:PORT", "tcp:…". */
	struct str path;
	struct str format; /* file: name of a decoder, "" by its first bytes */
};

/* ban after COUNT of RULE in SECONDS: a correlation beside those of the rules. */
struct config_after {
	struct str rule;
	unsigned count, seconds;
};

/* rule NAME ban|alert|ignore */
enum config_deed { DEED_BAN, DEED_ALERT, DEED_IGNORE };
struct config_rule {
	struct str name;
	enum config_deed deed;
};

/* A line of [alerts] that names a place to send to; understood by whoever opens it. */
struct config_sink {
	struct str kind, words[8];
	size_t n;
	unsigned line, column;
};

/* What is done to a cgroup one of whose programs floods others. */
enum config_flood { FLOOD_REPORT, FLOOD_LIMIT, FLOOD_CUT };

enum config_backend { BACKEND_AUTO, BACKEND_NFT, BACKEND_IPSET, BACKEND_NONE, BACKEND_AZURE };

struct guard_config {
	struct arena arena; /* owns every text and list */
	bool enforce;
	struct str state, rules, socket, group, user;
	bool builtin_rules;
	unsigned memory; /* MiB of correlations */

	struct config_source *sources; /* none: those of config_default_sources() */
	size_t n_sources, cap_sources;
	bool sensors, integrity;

	enum rule_level ban_level;
	struct config_rule *deeds;
	size_t n_deeds, cap_deeds;
	struct config_after *after;
	size_t n_after, cap_after;
	/* seconds and counts; 0: the ledger's default */
	unsigned ban_time, ban_longest, ban_forget, ban_growth, ban_networks, ban_most;
	bool cut;
	enum config_backend backend;
	/* BACKEND_AZURE: beside the packet filter; ptr == NULL, 0: the default */
	struct str azure_subscription, azure_group, azure_nsg, azure_identity;
	struct str azure_endpoint, azure_metadata;
	unsigned azure_priority, azure_interval; /* seconds */
	struct str *command;                     /* [bans] command: argv, n_command words */
	size_t n_command, cap_command;

	enum config_flood flood;
	unsigned flood_pps, flood_time; /* packets a second of FLOOD_LIMIT; seconds */

	enum rule_level alert_level;
	unsigned fold; /* seconds */
	struct config_sink *sinks;
	size_t n_sinks, cap_sinks;

	struct prefix *allow;
	size_t n_allow, cap_allow;
};

/* What holds where no file says otherwise. -ENOMEM. */
[[nodiscard]] int guard_config_default(struct guard_config *ret);
/*
 * Reads a text over the defaults. -EINVAL: *d has line, column and what was expected; -ENOMEM.
 * *ret is untouched then.
 */
[[nodiscard]] int guard_config_parse(struct str text, const char *file, struct guard_config *ret,
				     struct diag *d);
/*
 * The file, or the defaults where it is not there and `may_lack`. Errors of reading, too. A file
 * that others than root may write is refused (-EPERM).
 */
[[nodiscard]] int guard_config_read(const char *path, bool may_lack, struct guard_config *ret,
				    struct diag *d);
void guard_config_release(struct guard_config *c);

/* Sources of a machine whose owner named none: the journal, or the logs that are there. -ENOMEM. */
[[nodiscard]] int config_default_sources(struct guard_config *c);

/* "90", "90s", "10m", "24h", "7d" in seconds; at most 366 days. -EINVAL. */
[[nodiscard]] int config_seconds(struct str s, unsigned *ret);

struct config_key {
	const char *section, *name, *args, *help;
};
/* Every key there is, for documentation and its test. */
size_t config_keys(const struct config_key **ret);

#endif
