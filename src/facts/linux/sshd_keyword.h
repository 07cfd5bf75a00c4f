/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sshd_keyword: what every keyword of sshd_config(5) takes, since which version, where it may
 * stand, and its default.
 *
 * The facts are those of sshd_config(5), `sshd -T` and the release notes of OpenSSH 7.2 to 10.0,
 * and of the patches of Debian and Red Hat.
 */
#ifndef HF_FACTS_LINUX_SSHD_KEYWORD_H
#define HF_FACTS_LINUX_SSHD_KEYWORD_H

#include "base/arena.h"
#include "base/str.h"

/* 9.2 is 902, 10.0 is 1000. */
#define SSHD_VERSION_NEWEST 1002
#define SSHD_VERSION_ASSUMED 902

/* How the program was built; a keyword that needs more is "unsupported": logged and ignored. */
enum sshd_feature {
	SSHD_PAM = 1 << 0,
	SSHD_KRB5 = 1 << 1,
	SSHD_GSSAPI = 1 << 2,
	SSHD_GSSKEX = 1 << 3, /* the key exchange patch of Debian, Red Hat and others */
	SSHD_DEBIAN = 1 << 4,
	SSHD_REDHAT = 1 << 5,
	SSHD_ALPINE = 1 << 6,
	/* Algorithms that some builds of a version have and others do not. */
	SSHD_SK = 1 << 7,
	SSHD_WEBAUTHN = 1 << 8,
	SSHD_SNTRUP_ALIAS = 1 << 9, /* sntrup761x25519-sha512 before 9.9 */
};

struct sshd_build {
	bool installed;
	unsigned version;    /* 0: not known */
	unsigned features;   /* enum sshd_feature */
	struct str release;  /* "9.2p1", as Match version sees it behind "OpenSSH_" */
	struct str image;    /* the program's bytes, or empty; answers what it has heard of */
	const char *program; /* path, or NULL */
	const char *source;  /* "banner", "package" or "" */
};

/* The version to reason with where none is known. */
static inline unsigned sshd_version(const struct sshd_build *b)
{
	return b->version ? b->version : SSHD_VERSION_ASSUMED;
}

enum sshd_kind {
	SSHD_FLAG,        /* yes, no */
	SSHD_CHOICE,      /* one word of .choices, any case */
	SSHD_CHOICE_CASE, /* the same, exact */
	SSHD_INT,
	SSHD_TIME,
	SSHD_TIME_NONE, /* a time or "none" */
	SSHD_OCTAL,
	SSHD_PATH, /* one file name; "~" is root's home; "none" */
	SSHD_HOSTKEY,
	SSHD_STRING,  /* one word */
	SSHD_REST,    /* the rest of the line as it stands */
	SSHD_COMMAND, /* the same, an absolute path or "none" */
	SSHD_ADDENDUM,
	SSHD_PORT,
	SSHD_LISTEN,
	SSHD_ALGORITHMS,
	SSHD_GSS_ALGORITHMS,
	SSHD_USERS, /* patterns, several lines add up */
	SSHD_GROUPS,
	SSHD_ENV_NAMES,
	SSHD_ENV, /* NAME=value …, the first line wins */
	SSHD_FILES,
	SSHD_METHODS,
	SSHD_PERMIT, /* host:port … */
	SSHD_CHANNELS,
	SSHD_VERBOSE,
	SSHD_SUBSYSTEM,
	SSHD_STARTUPS,
	SSHD_PERSOURCE,
	SSHD_NETBLOCK,
	SSHD_PENALTIES,
	SSHD_ADDRESSES,
	SSHD_IPQOS,
	SSHD_REKEY,
	SSHD_USERENV,
	SSHD_PUBKEY_OPTIONS,
	SSHD_FACILITY,
	SSHD_LEVEL,
	SSHD_MATCH_KIND,
	SSHD_INCLUDE,
	SSHD_IGNORED, /* deprecated or without effect */
};

enum sshd_keyword_flag {
	SSHD_IN_MATCH = 1 << 0, /* may stand in a Match block */
	SSHD_ADDS = 1 << 1,     /* every line adds values; -T prints one line a value */
	SSHD_LAST = 1 << 2,     /* the last value wins (an oddity of sshd) */
	SSHD_UNSET = 1 << 3,    /* -T prints nothing when it is not set */
	SSHD_QUIET = 1 << 4,    /* -T never prints it */
};

enum sshd_id {
#define SSHD(id, ...) SSHD_KW_##id,
#include "facts/linux/sshd_keywords.def"
#undef SSHD
	SSHD_N_KEYWORDS,
};

struct sshd_keyword {
	enum sshd_id id;
	const char *name; /* as the newest version prints it */
	enum sshd_kind kind;
	unsigned flags;
	unsigned since, until; /* versions; 0: always; after `until` it is ignored */
	unsigned needs;        /* enum sshd_feature */
	const char *fallback;  /* the default, where versions do not differ */
	const char *const *choices;
};

extern const struct sshd_keyword sshd_keywords[SSHD_N_KEYWORDS];

enum sshd_known {
	SSHD_KNOWN,
	SSHD_UNSUPPORTED, /* heard of, without effect in this build */
	SSHD_UNKNOWN,     /* sshd refuses it */
};
/*
 * Finds a keyword or alias as this build understands it; *ret_in_match says whether it may stand
 * in a Match block there. *ret is set unless the answer is SSHD_UNKNOWN.
 */
enum sshd_known sshd_keyword_find(const struct sshd_build *b, struct str name,
				  const struct sshd_keyword **ret, bool *ret_in_match);
/* The keyword exists in this build (what -T would print). */
bool sshd_keyword_exists(const struct sshd_build *b, const struct sshd_keyword *k);
/* The name that -T of this version prints. */
const char *sshd_keyword_name(const struct sshd_build *b, enum sshd_id id);
/* The default of this build, "" for an empty list. */
const char *sshd_default(const struct sshd_build *b, enum sshd_id id);
/* Lines with different keywords add up, the first or the last line wins, in this version. */
bool sshd_last_wins(const struct sshd_build *b, enum sshd_id id);

/* The program's bytes contain word as a C string of its own (or as the tail of one). */
bool sshd_image_has(const struct sshd_build *b, struct str word);

/*
 * Algorithm lists (sshd_algorithms.c). _valid: sshd accepts the list as written; _assemble: what
 * becomes of it ("+x", "-x", "^x", patterns; "" or NULL is the default). -EINVAL where nothing is
 * left, -ENOMEM.
 */
bool sshd_algorithms_valid(const struct sshd_build *b, enum sshd_id id, struct str list);
[[nodiscard]] int sshd_algorithms_assemble(const struct sshd_build *b, enum sshd_id id,
					   struct str list, struct arena *a, struct str *ret);
bool sshd_gss_algorithms_valid(struct str list);

#endif
