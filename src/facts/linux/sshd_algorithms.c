/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The algorithms that versions of sshd know, and the lists they use by default. */
#include "base/buf.h"
#include "facts/linux/sshd_keyword.h"
#include "facts/linux/sshd_match.h"

enum class { KEX, CIPHER, MAC, KEY };

/* In the order of `ssh -Q`, which is that of wildcard matches. */
static const struct algorithm {
	enum class class;
	const char *name;
	unsigned since, until;
	bool cert;      /* a certificate type */
	unsigned needs; /* enum sshd_feature */
} algorithms[] = {
	{KEX,     "diffie-hellman-group1-sha1",                  0,   0,   0, 0},
	{ KEX,    "diffie-hellman-group14-sha1",                 0,   0,   0, 0},
	{ KEX,    "diffie-hellman-group14-sha256",               703, 0,   0, 0},
	{ KEX,    "diffie-hellman-group16-sha512",               703, 0,   0, 0},
	{ KEX,    "diffie-hellman-group18-sha512",               703, 0,   0, 0},
	{ KEX,    "diffie-hellman-group-exchange-sha1",          0,   0,   0, 0},
	{ KEX,    "diffie-hellman-group-exchange-sha256",        0,   0,   0, 0},
	{ KEX,    "ecdh-sha2-nistp256",                          0,   0,   0, 0},
	{ KEX,    "ecdh-sha2-nistp384",                          0,   0,   0, 0},
	{ KEX,    "ecdh-sha2-nistp521",                          0,   0,   0, 0},
	{ KEX,    "curve25519-sha256",                           704, 0,   0, 0},
	{ KEX,    "curve25519-sha256@libssh.org",                0,   0,   0, 0},
	{ KEX,    "sntrup4591761x25519-sha512@tinyssh.org",      800, 804, 0, 0},
	{ KEX,    "sntrup761x25519-sha512",                      900, 908, 0, 1},
	{ KEX,    "sntrup761x25519-sha512",                      909, 0,   0, 0},
	{ KEX,    "sntrup761x25519-sha512@openssh.com",          805, 0,   0, 0},
	{ KEX,    "mlkem768x25519-sha256",                       909, 0,   0, 0},

	{ CIPHER, "3des-cbc",				    0,   0,   0, 0},
	{ CIPHER, "blowfish-cbc",                                0,   705, 0, 0},
	{ CIPHER, "cast128-cbc",				 0,   705, 0, 0},
	{ CIPHER, "arcfour",				     0,   705, 0, 0},
	{ CIPHER, "arcfour128",				  0,   705, 0, 0},
	{ CIPHER, "arcfour256",				  0,   705, 0, 0},
	{ CIPHER, "aes128-cbc",				  0,   0,   0, 0},
	{ CIPHER, "aes192-cbc",				  0,   0,   0, 0},
	{ CIPHER, "aes256-cbc",				  0,   0,   0, 0},
	{ CIPHER, "rijndael-cbc@lysator.liu.se",                 0,   804, 0, 0},
	{ CIPHER, "aes128-ctr",				  0,   0,   0, 0},
	{ CIPHER, "aes192-ctr",				  0,   0,   0, 0},
	{ CIPHER, "aes256-ctr",				  0,   0,   0, 0},
	{ CIPHER, "aes128-gcm@openssh.com",                      0,   0,   0, 0},
	{ CIPHER, "aes256-gcm@openssh.com",                      0,   0,   0, 0},
	{ CIPHER, "chacha20-poly1305@openssh.com",               0,   0,   0, 0},

	{ MAC,    "hmac-sha1",				   0,   0,   0, 0},
	{ MAC,    "hmac-sha1-96",				0,   0,   0, 0},
	{ MAC,    "hmac-sha2-256",                               0,   0,   0, 0},
	{ MAC,    "hmac-sha2-512",                               0,   0,   0, 0},
	{ MAC,    "hmac-md5",				    0,   0,   0, 0},
	{ MAC,    "hmac-md5-96",				 0,   0,   0, 0},
	{ MAC,    "hmac-ripemd160",                              0,   705, 0, 0},
	{ MAC,    "hmac-ripemd160@openssh.com",                  0,   705, 0, 0},
	{ MAC,    "umac-64@openssh.com",                         0,   0,   0, 0},
	{ MAC,    "umac-128@openssh.com",                        0,   0,   0, 0},
	{ MAC,    "hmac-sha1-etm@openssh.com",                   0,   0,   0, 0},
	{ MAC,    "hmac-sha1-96-etm@openssh.com",                0,   0,   0, 0},
	{ MAC,    "hmac-sha2-256-etm@openssh.com",               0,   0,   0, 0},
	{ MAC,    "hmac-sha2-512-etm@openssh.com",               0,   0,   0, 0},
	{ MAC,    "hmac-md5-etm@openssh.com",                    0,   0,   0, 0},
	{ MAC,    "hmac-md5-96-etm@openssh.com",                 0,   0,   0, 0},
	{ MAC,    "hmac-ripemd160-etm@openssh.com",              0,   705, 0, 0},
	{ MAC,    "umac-64-etm@openssh.com",                     0,   0,   0, 0},
	{ MAC,    "umac-128-etm@openssh.com",                    0,   0,   0, 0},

 /* 9.2 and later */
	{ KEY,    "ssh-ed25519",				 902, 0,   0, 0},
	{ KEY,    "ssh-ed25519-cert-v01@openssh.com",            902, 0,   1, 0},
	{ KEY,    "sk-ssh-ed25519@openssh.com",                  902, 0,   0, 1},
	{ KEY,    "sk-ssh-ed25519-cert-v01@openssh.com",         902, 0,   1, 1},
	{ KEY,    "ecdsa-sha2-nistp256",                         902, 0,   0, 0},
	{ KEY,    "ecdsa-sha2-nistp256-cert-v01@openssh.com",    902, 0,   1, 0},
	{ KEY,    "ecdsa-sha2-nistp384",                         902, 0,   0, 0},
	{ KEY,    "ecdsa-sha2-nistp384-cert-v01@openssh.com",    902, 0,   1, 0},
	{ KEY,    "ecdsa-sha2-nistp521",                         902, 0,   0, 0},
	{ KEY,    "ecdsa-sha2-nistp521-cert-v01@openssh.com",    902, 0,   1, 0},
	{ KEY,    "sk-ecdsa-sha2-nistp256@openssh.com",          902, 0,   0, 1},
	{ KEY,    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", 902, 0,   1, 1},
	{ KEY,    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", 902, 0,   0, 1},
	{ KEY,    "ssh-dss",				     902, 907, 0, 0},
	{ KEY,    "ssh-dss-cert-v01@openssh.com",                902, 907, 1, 0},
	{ KEY,    "ssh-rsa",				     902, 0,   0, 0},
	{ KEY,    "ssh-rsa-cert-v01@openssh.com",                902, 0,   1, 0},
	{ KEY,    "rsa-sha2-256",				902, 0,   0, 0},
	{ KEY,    "rsa-sha2-256-cert-v01@openssh.com",           902, 0,   1, 0},
	{ KEY,    "rsa-sha2-512",				902, 0,   0, 0},
	{ KEY,    "rsa-sha2-512-cert-v01@openssh.com",           902, 0,   1, 0},
 /* before */
	{ KEY,    "ssh-ed25519",				 0,   901, 0, 0},
	{ KEY,    "ssh-ed25519-cert-v01@openssh.com",            0,   901, 1, 0},
	{ KEY,    "sk-ssh-ed25519@openssh.com",                  802, 901, 0, 1},
	{ KEY,    "sk-ssh-ed25519-cert-v01@openssh.com",         802, 901, 1, 1},
	{ KEY,    "ssh-rsa",				     0,   901, 0, 0},
	{ KEY,    "rsa-sha2-256",				0,   901, 0, 0},
	{ KEY,    "rsa-sha2-512",				0,   901, 0, 0},
	{ KEY,    "ssh-dss",				     0,   901, 0, 0},
	{ KEY,    "ecdsa-sha2-nistp256",                         0,   901, 0, 0},
	{ KEY,    "ecdsa-sha2-nistp384",                         0,   901, 0, 0},
	{ KEY,    "ecdsa-sha2-nistp521",                         0,   901, 0, 0},
	{ KEY,    "sk-ecdsa-sha2-nistp256@openssh.com",          802, 901, 0, 1},
	{ KEY,    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com", 804, 901, 0, 1},
	{ KEY,    "ssh-rsa-cert-v01@openssh.com",                0,   901, 1, 0},
	{ KEY,    "rsa-sha2-256-cert-v01@openssh.com",           708, 901, 1, 0},
	{ KEY,    "rsa-sha2-512-cert-v01@openssh.com",           708, 901, 1, 0},
	{ KEY,    "ssh-dss-cert-v01@openssh.com",                0,   901, 1, 0},
	{ KEY,    "ecdsa-sha2-nistp256-cert-v01@openssh.com",    0,   901, 1, 0},
	{ KEY,    "ecdsa-sha2-nistp384-cert-v01@openssh.com",    0,   901, 1, 0},
	{ KEY,    "ecdsa-sha2-nistp521-cert-v01@openssh.com",    0,   901, 1, 0},
	{ KEY,    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", 802, 901, 1, 1},
};
/* What `ssh-keygen -l` calls the types; sshd takes these names in lists, too. */
static const char *const key_nicknames[] = { "ED25519",  "ED25519-SK", "ECDSA",
					     "ECDSA-SK", "DSA",        "RSA" };

#define ECDH "ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521"
#define CURVE "curve25519-sha256,curve25519-sha256@libssh.org," ECDH
#define GEX ",diffie-hellman-group-exchange-sha256"
#define GROUPS                                                              \
	GEX ",diffie-hellman-group16-sha512,diffie-hellman-group18-sha512," \
	    "diffie-hellman-group14-sha256"
#define SNTRUP "sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,"
#define EC_CERTS                                    \
	"ecdsa-sha2-nistp256-cert-v01@openssh.com," \
	"ecdsa-sha2-nistp384-cert-v01@openssh.com," \
	"ecdsa-sha2-nistp521-cert-v01@openssh.com,"
#define EC_KEYS "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,"
#define ED_CERT "ssh-ed25519-cert-v01@openssh.com,"
#define SK_ED_CERT "sk-ssh-ed25519-cert-v01@openssh.com,"
#define SK_EC_CERT "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com,"
#define RSA_CERTS "rsa-sha2-512-cert-v01@openssh.com,rsa-sha2-256-cert-v01@openssh.com,"
#define OLD_RSA_CERT "ssh-rsa-cert-v01@openssh.com,"
#define ED "ssh-ed25519,"
#define SK_ED "sk-ssh-ed25519@openssh.com,"
#define SK_EC "sk-ecdsa-sha2-nistp256@openssh.com,"
#define RSA2 "rsa-sha2-512,rsa-sha2-256"
#define CTR "aes128-ctr,aes192-ctr,aes256-ctr"
#define GCM "aes128-gcm@openssh.com,aes256-gcm@openssh.com"

enum list { LIST_KEX, LIST_CIPHER, LIST_MAC, LIST_KEY, LIST_CA };
/* The first row whose version is not newer than ours decides. */
static const struct {
	enum list list;
	unsigned since;
	const char *value;
} lists[] = {
	{LIST_KEX,     1000, "mlkem768x25519-sha256," SNTRUP CURVE                                  },
	{ LIST_KEX,    909,  SNTRUP "mlkem768x25519-sha256," CURVE GROUPS                           },
	{ LIST_KEX,    900,  SNTRUP CURVE GROUPS						    },
	{ LIST_KEX,    802,  CURVE GROUPS							   },
	{ LIST_KEX,    704,  CURVE GROUPS ",diffie-hellman-group14-sha1"                            },
	{ LIST_KEX,    703,
         "curve25519-sha256@libssh.org," ECDH GROUPS ",diffie-hellman-group14-sha1"                 },
	{ LIST_KEX,    0,    "curve25519-sha256@libssh.org," ECDH GEX ",diffie-hellman-group14-sha1"},
	{ LIST_CIPHER, 1000, "chacha20-poly1305@openssh.com," GCM "," CTR                           },
	{ LIST_CIPHER, 0,    "chacha20-poly1305@openssh.com," CTR "," GCM                           },
	{ LIST_MAC,    0,
         "umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,"
	  "hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,"
	  "umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1"                              },
	{ LIST_KEY,    808,
         ED_CERT EC_CERTS SK_ED_CERT SK_EC_CERT RSA_CERTS ED EC_KEYS SK_ED SK_EC RSA2               },
	{ LIST_KEY,    805,
         ED_CERT EC_CERTS SK_ED_CERT SK_EC_CERT RSA_CERTS OLD_RSA_CERT ED EC_KEYS SK_ED SK_EC RSA2
	  ",ssh-rsa"										},
	{ LIST_KEY,    802,
         EC_CERTS SK_EC_CERT ED_CERT SK_ED_CERT RSA_CERTS OLD_RSA_CERT EC_KEYS SK_EC ED SK_ED RSA2
	  ",ssh-rsa"										},
	{ LIST_KEY,    0,    EC_CERTS ED_CERT RSA_CERTS OLD_RSA_CERT EC_KEYS ED RSA2 ",ssh-rsa"     },
	{ LIST_CA,     805,  ED EC_KEYS SK_ED SK_EC RSA2                                            },
	{ LIST_CA,     802,  EC_KEYS SK_EC ED SK_ED RSA2                                            },
	{ LIST_CA,     0,    EC_KEYS ED RSA2 ",ssh-rsa"                                             },
};

static enum class class_of(enum sshd_id id) {
	switch (id){
		case SSHD_KW_KEXALGORITHMS : return KEX; case SSHD_KW_CIPHERS : return CIPHER;
		case SSHD_KW_MACS : return MAC;
		default : return KEY;
	}
}

static const char *default_list(const struct sshd_build *b, enum sshd_id id)
{
	static const enum list of_class[] = { LIST_KEX, LIST_CIPHER, LIST_MAC, LIST_KEY };
	enum list list = id == SSHD_KW_CASIGNATUREALGORITHMS ? LIST_CA : of_class[class_of(id)];

	for (size_t i = 0; i < COUNT(lists); i++)
		if (lists[i].list == list && sshd_version(b) >= lists[i].since)
			return lists[i].value;
	return "";
}

static bool known(const struct sshd_build *b, const struct algorithm *a)
{
	unsigned v = sshd_version(b);

	if (v < a->since || (a->until && v > a->until))
		return false;
	return (b->features & a->needs) == a->needs;
}

static const struct algorithm *find(const struct sshd_build *b, enum class class, struct str name)
{
	for (size_t i = 0; i < COUNT(algorithms); i++)
		if (algorithms[i].class == class && str_eq(str_of(algorithms[i].name), name) &&
		    known(b, &algorithms[i]))
			return &algorithms[i];
	return NULL;
}

static bool key_valid(const struct sshd_build *b, struct str name, bool plain_only)
{
	const struct algorithm *a = find(b, KEY, name);

	if (a)
		return !plain_only || !a->cert;
	for (size_t i = 0; i < COUNT(key_nicknames); i++)
		if (str_ieq(name, str_of(key_nicknames[i])))
			return true;
	for (size_t i = 0; i < COUNT(algorithms); i++)
		if (algorithms[i].class == KEY && known(b, &algorithms[i]) &&
		    sshd_pattern_list(name, str_of(algorithms[i].name), false) != 0)
			return true;
	return false;
}

static const char *const gss_prefixes[] = {
	"gss-gex-sha1-",          "gss-group1-sha1-",    "gss-group14-sha1-",
	"gss-group14-sha256-",    "gss-group16-sha512-", "gss-nistp256-sha256-",
	"gss-curve25519-sha256-",
};

static bool gss_valid(struct str name)
{
	for (size_t i = 0; i < COUNT(gss_prefixes); i++)
		if (str_starts(name, str_of(gss_prefixes[i])))
			return true;
	return false;
}

bool sshd_gss_algorithms_valid(struct str list)
{
	if (!list.len)
		return false;
	for (struct str name; (name = str_cut(&list, ',')).len;)
		if (!gss_valid(name))
			return false;
	return true;
}

bool sshd_algorithms_valid(const struct sshd_build *b, enum sshd_id id, struct str list)
{
	enum class class = class_of(id);
	bool plain = id == SSHD_KW_CASIGNATUREALGORITHMS && sshd_version(b) >= 903;

	if (!list.len)
		return false;
	if (list.ptr[0] == '-')
		return true;
	if (list.ptr[0] == '+' || list.ptr[0] == '^')
		list = str_sub(list, 1, list.len);
	if (!list.len)
		return false;
	for (struct str name; (name = str_cut(&list, ',')).len;) {
		bool ok = class == KEY ? key_valid(b, name, plain) : find(b, class, name) != NULL;

		if (!ok && class == KEX && b->features & SSHD_GSSKEX)
			ok = gss_valid(name);
		if (!ok)
			return false;
	}
	return true;
}

/* The names chosen so far; each stands once. */
struct names {
	struct str list[128];
	size_t n;
};

static void add_name(struct names *ns, struct str name)
{
	for (size_t i = 0; i < ns->n; i++)
		if (str_eq(ns->list[i], name))
			return;
	if (ns->n < COUNT(ns->list))
		ns->list[ns->n++] = name;
}

static void add_list(struct names *ns, struct str list)
{
	for (struct str name; (name = str_cut(&list, ',')).len;)
		add_name(ns, name);
}

static void add_matches(const struct sshd_build *b, struct names *ns, enum class class, bool plain,
			struct str p)
{
	for (size_t i = 0; i < COUNT(algorithms); i++) {
		const struct algorithm *a = &algorithms[i];

		if (a->class == class && !(plain && a->cert) && known(b, a) &&
		    sshd_pattern_list(p, str_of(a->name), false) == 1)
			add_name(ns, str_of(a->name));
	}
}

static int join(const struct names *ns, struct arena *a, struct str *ret)
{
	own(buf_release) struct buf out = BUF(16 << 10);
	struct str s;

	for (size_t i = 0; i < ns->n; i++) {
		if (i)
			buf_putc(&out, ',');
		buf_str(&out, ns->list[i]);
	}
	if (out.error)
		return out.error;
	s = arena_str(a, buf_view(&out));
	if (!s.ptr)
		return -ENOMEM;
	*ret = s;
	return 0;
}

/* "-patterns": an empty list is taken for "not set" when Match blocks are merged in. */
static int without(const struct names *defaults, struct str patterns, struct arena *a,
		   struct str *ret)
{
	struct names out = {};

	for (size_t i = 0; i < defaults->n; i++)
		if (sshd_pattern_list(patterns, defaults->list[i], false) != 1)
			add_name(&out, defaults->list[i]);
	return join(out.n ? &out : defaults, a, ret);
}

/* The names and patterns that "+x", "^x" or a list of its own stands for. */
static void write_out(char sign, struct str rest, const struct names *defaults, struct names *ret)
{
	if (sign == '^')
		add_list(ret, rest);
	for (size_t i = 0; (sign == '+' || sign == '^') && i < defaults->n; i++)
		add_name(ret, defaults->list[i]);
	if (sign == '+')
		add_list(ret, rest);
	while (sign != '+' && sign != '^' && rest.ptr) /* an empty name does not end this one */
		add_name(ret, str_cut(&rest, ','));
}

int sshd_algorithms_assemble(const struct sshd_build *b, enum sshd_id id, struct str list,
			     struct arena *a, struct str *ret)
{
	struct str def = str_of(default_list(b, id)), rest = list;
	const char sign = *(list.len ? list.ptr : "");
	struct names base = {}, defaults = {}, out = {};
	bool plain = id == SSHD_KW_CASIGNATUREALGORITHMS;
	enum class class = class_of(id);

	for (struct str name; (name = str_cut(&def, ',')).len;)
		if (find(b, class, name))
			add_name(&defaults, name);
	if (!list.len)
		return join(&defaults, a, ret);
	if (sign == '+' || sign == '-' || sign == '^')
		rest = str_sub(list, 1, list.len);
	if (sign == '-')
		return without(&defaults, rest, a, ret);
	write_out(sign, rest, &defaults, &base);
	for (size_t i = 0; i < base.n; i++) {
		/* "negated matches are not supported here" */
		if (base.list[i].len && base.list[i].ptr[0] == '!')
			return -EINVAL;
		add_matches(b, &out, class, plain, base.list[i]);
	}
	return out.n ? join(&out, a, ret) : -EINVAL;
}
