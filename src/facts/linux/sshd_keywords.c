/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sshd_keyword.h"

static const char *const choices_family[] = { "inet", "inet6", "any", NULL };
static const char *const choices_root[] = {
	"without-password", "prohibit-password", "forced-commands-only", "yes", "no", NULL
};
static const char *const choices_rhosts[] = { "yes", "no", "shosts-only", NULL };
static const char *const choices_compression[] = { "yes", "delayed", "no", NULL };
static const char *const choices_gateway[] = { "clientspecified", "yes", "no", NULL };
static const char *const choices_forwarding[] = { "yes", "all", "no", "remote", "local", NULL };
static const char *const choices_digest[] = { "MD5", "SHA1", "SHA256", "SHA384", "SHA512", NULL };
static const char *const choices_tunnel[] = { "no", "point-to-point", "ethernet", "yes", NULL };
static const char *const choices_privsep[] = { "yes", "sandbox", "no", NULL };

const struct sshd_keyword sshd_keywords[SSHD_N_KEYWORDS] = {
#define SSHD(id_, name_, kind_, flags_, since_, until_, needs_, fallback_, choices_) \
	[SSHD_KW_##id_] = { SSHD_KW_##id_, name_,  kind_,     flags_,  since_,       \
			    until_,        needs_, fallback_, choices_ },
#include "facts/linux/sshd_keywords.def"
#undef SSHD
};

/* Other names of keywords, and names that are accepted without effect. */
static const struct alias {
	const char *name;
	enum sshd_id id;
	unsigned since, until;
	unsigned needs;
	bool printed; /* -T of these versions prints this name */
} aliases[] = {
	{"challengeresponseauthentication", SSHD_KW_KBDINTERACTIVEAUTHENTICATION,    807, 0,   0,           0},
	{ "skeyauthentication",             SSHD_KW_KBDINTERACTIVEAUTHENTICATION,    807, 0,   0,           0},
	{ "skeyauthentication",             SSHD_KW_CHALLENGERESPONSEAUTHENTICATION, 0,   802, 0,           0},
	{ "skeyauthentication",             SSHD_KW_DEPRECATED,                      803, 806, 0,           0},
	{ "pubkeyacceptedkeytypes",         SSHD_KW_PUBKEYACCEPTEDALGORITHMS,        0,   804, 0,           1},
	{ "pubkeyacceptedkeytypes",         SSHD_KW_PUBKEYACCEPTEDALGORITHMS,        805, 0,   0,           0},
	{ "hostbasedacceptedkeytypes",      SSHD_KW_HOSTBASEDACCEPTEDALGORITHMS,     0,   804, 0,           1},
	{ "hostbasedacceptedkeytypes",      SSHD_KW_HOSTBASEDACCEPTEDALGORITHMS,     805, 0,   0,           0},
	{ "dsaauthentication",              SSHD_KW_PUBKEYAUTHENTICATION,            0,   0,   0,           0},
	{ "hostdsakey",                     SSHD_KW_HOSTKEY,                         0,   0,   0,           0},
	{ "keepalive",                      SSHD_KW_TCPKEEPALIVE,                    0,   0,   0,           0},
	{ "gssapicleanupcreds",             SSHD_KW_GSSAPICLEANUPCREDENTIALS,        0,   0,   SSHD_GSSKEX, 0},
	{ "rsaminsize",                     SSHD_KW_REQUIREDRSASIZE,                 800, 0,   SSHD_REDHAT, 0},
	{ "protocol",		       SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "pamauthenticationviakbdint",     SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "serverkeybits",                  SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "keyregenerationinterval",        SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "rhostsauthentication",           SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "rhostsrsaauthentication",        SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "rsaauthentication",              SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "kerberostgtpassing",             SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "afstokenpassing",                SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "gssusesessionccache",            SSHD_KW_DEPRECATED,                      0,   0,   SSHD_GSSKEX, 0},
	{ "gssapiusesessioncredcache",      SSHD_KW_DEPRECATED,                      0,   0,   SSHD_GSSKEX, 0},
	{ "gssapienablek5users",            SSHD_KW_DEPRECATED,                      0,   0,   SSHD_REDHAT, 0},
	{ "kerberosusekuserok",             SSHD_KW_DEPRECATED,                      0,   0,   SSHD_REDHAT, 0},
	{ "kerberosuniqueccache",           SSHD_KW_DEPRECATED,                      0,   0,   SSHD_REDHAT, 0},
	{ "showpatchlevel",                 SSHD_KW_DEPRECATED,                      0,   0,   SSHD_REDHAT, 0},
	{ "checkmail",                      SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "uselogin",		       SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "verifyreversemapping",           SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "reversemappingcheck",            SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "authorizedkeysfile2",            SSHD_KW_DEPRECATED,                      0,   0,   0,           0},
	{ "useprivilegeseparation",         SSHD_KW_DEPRECATED,                      705, 0,   0,           0},
};
/* Deprecated keywords that may stand in a Match block. */
static const char *const deprecated_in_match[] = { "rhostsrsaauthentication", "rsaauthentication",
						   "authorizedkeysfile2" };

/* Defaults that differ by version or build: the first row that fits decides. */
static const struct default_row {
	enum sshd_id id;
	unsigned since, until;
	unsigned features; /* any of them; 0: every build */
	const char *value;
} defaults[] = {
	{SSHD_KW_PERMITROOTLOGIN,               0,    709, SSHD_REDHAT,               "yes"                              },
	{ SSHD_KW_USEDNS,                       0,    709, SSHD_REDHAT,               "yes"                              },
	{ SSHD_KW_KBDINTERACTIVEAUTHENTICATION, 0,    806, 0,                         "no"                               },
	{ SSHD_KW_COMPRESSION,                  0,    703, 0,                         "delayed"                          },
	{ SSHD_KW_PIDFILE,                      0,    0,   SSHD_DEBIAN | SSHD_ALPINE, "/run/sshd.pid"                    },
	{ SSHD_KW_IPQOS,                        1000, 0,   SSHD_DEBIAN,               "ef cs1"                           },
	{ SSHD_KW_IPQOS,                        0,    999, SSHD_DEBIAN,               "lowdelay throughput"              },
	{ SSHD_KW_IPQOS,                        0,    707, 0,                         "lowdelay throughput"              },
	{ SSHD_KW_IPQOS,                        1001, 0,   0,                         "ef none"                          },
	{ SSHD_KW_SSHDSESSIONPATH,              0,    0,   SSHD_DEBIAN,               "/usr/lib/openssh/sshd-session"    },
	{ SSHD_KW_SSHDSESSIONPATH,              0,    0,   SSHD_REDHAT,               "/usr/libexec/openssh/sshd-session"},
	{ SSHD_KW_SSHDSESSIONPATH,              0,    0,   SSHD_ALPINE,               "/usr/lib/ssh/sshd-session"        },
	{ SSHD_KW_SSHDAUTHPATH,                 0,    0,   SSHD_DEBIAN,               "/usr/lib/openssh/sshd-auth"       },
	{ SSHD_KW_SSHDAUTHPATH,                 0,    0,   SSHD_REDHAT,               "/usr/libexec/openssh/sshd-auth"   },
	{ SSHD_KW_SSHDAUTHPATH,                 0,    0,   SSHD_ALPINE,               "/usr/lib/ssh/sshd-auth"           },
	{ SSHD_KW_PERSOURCEPENALTIES,           909,  0,   0,
         "crash:90 authfail:5 noauth:1 grace-exceeded:10 refuseconnection:10 max:600 min:15 "
	  "max-sources4:65536 max-sources6:65536 overflow:permissive overflow6:permissive"                               },
	{ SSHD_KW_PERSOURCEPENALTIES,           0,    908, 0,
         "crash:90 authfail:5 noauth:1 grace-exceeded:20 max:600 min:15 "
	  "max-sources4:65536 max-sources6:65536 overflow:permissive overflow6:permissive"                               },
};

static bool within(unsigned version, unsigned since, unsigned until)
{
	return version >= since && (!until || version <= until);
}

bool sshd_image_has(const struct sshd_build *b, struct str word)
{
	const char *p = b->image.ptr, *end = p ? p + b->image.len : NULL;

	while (p && word.len && (size_t)(end - p) > word.len) {
		p = memmem(p, (size_t)(end - p), word.ptr, word.len);
		if (!p || p + word.len >= end)
			return false;
		if (!p[word.len])
			return true;
		p++;
	}
	return false;
}

bool sshd_keyword_exists(const struct sshd_build *b, const struct sshd_keyword *k)
{
	/* Red Hat had it before, as RSAMinSize. */
	if (k->id == SSHD_KW_REQUIREDRSASIZE && b->features & SSHD_REDHAT)
		return sshd_version(b) >= 800;
	return (b->features & k->needs) == k->needs && within(sshd_version(b), k->since, k->until);
}

/* The only name that this version has for it, where that is not today's. */
static const char *old_name(const struct sshd_build *b, enum sshd_id id)
{
	for (size_t i = 0; i < COUNT(aliases); i++)
		if (aliases[i].printed && aliases[i].id == id &&
		    within(sshd_version(b), aliases[i].since, aliases[i].until))
			return aliases[i].name;
	return NULL;
}

static bool allowed_in_match(const struct sshd_build *b, const struct sshd_keyword *k)
{
	unsigned v = sshd_version(b);

	if (k->id == SSHD_KW_SUBSYSTEM)
		return v >= 905; /* release notes of 9.5 */
	if (k->id == SSHD_KW_IGNORERHOSTS)
		return v >= 803;
	return k->flags & SSHD_IN_MATCH;
}

static enum sshd_known find_alias(const struct sshd_build *b, struct str name,
				  const struct sshd_keyword **ret, bool *ret_in_match)
{
	for (size_t i = 0; i < COUNT(aliases); i++) {
		const struct alias *a = &aliases[i];
		const struct sshd_keyword *k = &sshd_keywords[a->id];

		if (!str_ieq(name, str_of(a->name)) || !within(sshd_version(b), a->since, a->until))
			continue;
		if ((b->features & a->needs) != a->needs && !sshd_image_has(b, str_of(a->name)))
			return SSHD_UNKNOWN;
		*ret = k;
		*ret_in_match = allowed_in_match(b, k) && a->id != SSHD_KW_HOSTKEY &&
				!str_ieq(name, STR("dsaauthentication"));
		for (size_t j = 0; a->id == SSHD_KW_DEPRECATED && j < COUNT(deprecated_in_match);
		     j++)
			*ret_in_match |= str_ieq(name, str_of(deprecated_in_match[j]));
		/* Without the library its aliases are unsupported as well. */
		return (b->features & k->needs) == k->needs ? SSHD_KNOWN : SSHD_UNSUPPORTED;
	}
	return SSHD_UNKNOWN;
}

enum sshd_known sshd_keyword_find(const struct sshd_build *b, struct str name,
				  const struct sshd_keyword **ret, bool *ret_in_match)
{
	for (size_t i = 0; i < SSHD_KW_DEPRECATED; i++) {
		const struct sshd_keyword *k = &sshd_keywords[i];
		bool heard;

		/* The first letter spares most comparisons. */
		if (!name.len || (name.ptr[0] | 0x20) != k->name[0] ||
		    !str_ieq(name, str_of(k->name)) || (k->until && sshd_version(b) > k->until))
			continue;
		/* Distributions bring newer keywords to older versions: ask the program itself. */
		heard = !b->version || (b->version >= k->since && !old_name(b, k->id)) ||
			sshd_image_has(b, str_of(k->name));
		if (!heard)
			return SSHD_UNKNOWN;
		*ret = k;
		*ret_in_match = allowed_in_match(b, k);
		if ((b->features & k->needs) == k->needs)
			return SSHD_KNOWN;
		/* Patches add the keyword with the feature; upstream's are always in the table. */
		if (k->needs & (SSHD_GSSKEX | SSHD_DEBIAN) && !sshd_image_has(b, str_of(k->name)))
			return SSHD_UNKNOWN;
		return SSHD_UNSUPPORTED;
	}
	return find_alias(b, name, ret, ret_in_match);
}

const char *sshd_keyword_name(const struct sshd_build *b, enum sshd_id id)
{
	const char *old = old_name(b, id);

	return old ? old : sshd_keywords[id].name;
}

const char *sshd_default(const struct sshd_build *b, enum sshd_id id)
{
	for (size_t i = 0; i < COUNT(defaults); i++) {
		const struct default_row *d = &defaults[i];

		if (d->id == id && within(sshd_version(b), d->since, d->until) &&
		    (!d->features || b->features & d->features))
			return d->value;
	}
	return sshd_keywords[id].fallback;
}

bool sshd_last_wins(const struct sshd_build *b, enum sshd_id id)
{
	if (id == SSHD_KW_PERSOURCEMAXSTARTUPS && sshd_version(b) >= 904)
		return false;
	return sshd_keywords[id].flags & SSHD_LAST;
}
