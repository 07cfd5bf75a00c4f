/* SPDX-License-Identifier: GPL-3.0-or-later */
/* domain_access: Directories whose accounts may log in here: SSSD, winbind, LDAP, NIS. */
#include "facts/fact.h"
#include "facts/linux/ini.h"
#include "facts/linux/pam.h"
#include "facts/linux/settings.h"

#define FACT_ROW domain_access_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, provider, "sssd, winbind, ldap or nis") \
	X(TEXT, domain, "domain, realm or workgroup; ''") \
	X(TEXT, access, "any (every account of the domain), list (allowed says who), filter (a filter or policy of the directory decides) or none") \
	X(TEXT, allowed, "users and @groups of a list, separated by blanks; the filter") \
	X(TEXT, denied, "users and @groups that are left out, separated by blanks") \
	X(INT, active, "1 when nsswitch.conf asks the directory for accounts") \
	X(INT, pam, "1 when PAM asks it for passwords") \
	X(TEXT, file, "configuration file") \
	X(INT, line, "line that decides, or of the domain")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "domain_access",
	.doc = "Directories whose accounts may log in here: SSSD, winbind, LDAP, NIS.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define DOMAINS_MAX 64

struct domain {
	struct str name, provider, allow_users, allow_groups, deny_users, deny_groups, filter, file;
	unsigned line, access_line;
};

struct work {
	struct collect *c;
	struct str sources; /* of nsswitch.conf's passwd line, padded with blanks */
	bool pam_sss, pam_winbind, pam_ldap;
	struct str membership; /* require_membership_of */
	struct domain domains[DOMAINS_MAX];
	size_t n;
	struct str enabled; /* "domains = a, b" of [sssd] */
};

static bool has_word(struct str list, const char *word)
{
	struct str w;

	while ((w = str_word(&list)).ptr)
		if (str_eq(w, str_of(word)))
			return true;
	return false;
}

static int read_nsswitch(struct work *w)
{
	struct str text, line;
	int r = collect_read(w->c, "/etc/nsswitch.conf", &text, NULL);

	w->sources = STR("");
	while (r == 1 && str_line(&text, &line, NULL)) {
		struct str value = str_cut(&line, '#'), name = str_trim(str_cut(&value, ':'));

		if (str_eq(name, STR("passwd")) && value.ptr)
			w->sources = str_trim(value);
	}
	return MIN(r, 0);
}

static int read_pam(struct work *w)
{
	own(pam_release) struct pam pam = {};
	int r = pam_load(w->c, &pam);

	for (size_t i = 0; r >= 0 && i < pam.n; i++) {
		struct str module = pam_module(&pam.rules[i]), of;

		if (!str_eq(pam.rules[i].type, STR("auth")) &&
		    !str_eq(pam.rules[i].type, STR("account")))
			continue;
		w->pam_sss |= str_starts(module, STR("pam_sss"));
		w->pam_ldap |= str_starts(module, STR("pam_ldap"));
		if (!str_starts(module, STR("pam_winbind")))
			continue;
		w->pam_winbind = true;
		if (pam_argument(pam.rules[i].arguments, STR("require_membership_of"), &of) &&
		    of.len)
			w->membership = arena_str(w->c->arena, of);
	}
	return r;
}

static struct domain *find_domain(struct work *w, struct str name)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_eq(w->domains[i].name, name))
			return &w->domains[i];
	if (w->n == DOMAINS_MAX)
		return NULL;
	w->domains[w->n] = (struct domain){ .name = name };
	return &w->domains[w->n++];
}

static void set_domain(struct domain *d, struct str key, struct str value, unsigned line)
{
	const struct {
		const char *key;
		struct str *to;
	} keys[] = {
		{"access_provider",      &d->provider    },
		{ "simple_allow_users",  &d->allow_users },
		{ "simple_allow_groups", &d->allow_groups},
		{ "simple_deny_users",   &d->deny_users  },
		{ "simple_deny_groups",  &d->deny_groups },
		{ "ldap_access_filter",  &d->filter      },
		{ "ad_access_filter",    &d->filter      },
	};

	for (size_t i = 0; i < COUNT(keys); i++)
		if (str_ieq(key, str_of(keys[i].key))) {
			*keys[i].to = value;
			d->access_line = line;
		}
}

static int read_sssd(struct collect *c, const char *path, struct str text, void *user)
{
	struct work *w = user;
	struct ini ini = { .text = text };
	struct str key, value;
	int r;

	while ((r = ini_next(&ini, &key, &value)) == 1) {
		struct domain *d;

		if (key.ptr && str_eq(ini.section, STR("sssd")) && str_ieq(key, STR("domains")))
			w->enabled = value;
		if (!str_starts(ini.section, STR("domain/")))
			continue;
		d = find_domain(w, str_sub(ini.section, 7, ini.section.len));
		if (!d)
			break;
		d->file = str_of(path);
		if (!key.ptr)
			d->line = ini.line;
		else
			set_domain(d, key, value, ini.line);
	}
	if (r == -EBADMSG)
		collect_problem(c, EILSEQ, path, "line %u: contains NUL bytes", ini.line);
	return 0;
}

/* "a, b" as "a b"; groups as "@a". */
static int add_names(struct work *w, struct str list, const char *mark, struct str *all)
{
	while (list.ptr) {
		struct str name = str_trim(str_cut(&list, ','));

		if (!name.len)
			continue;
		*all = arena_fmt(w->c->arena, "%.*s%s%s%.*s", STR_FMT(*all), all->len ? " " : "",
				 mark, STR_FMT(name));
		if (!all->ptr)
			return -ENOMEM;
	}
	return 0;
}

static bool is_enabled(const struct work *w, struct str name)
{
	struct str list = w->enabled;

	if (!list.ptr)
		return true;
	while (list.ptr)
		if (str_ieq(str_trim(str_cut(&list, ',')), name))
			return true;
	return false;
}

static int emit_sssd(struct work *w, const struct domain *d)
{
	struct FACT_ROW row = {
		.provider = STR("sssd"),
		.domain = d->name,
		.access = STR("any"),
		.allowed = STR(""),
		.denied = STR(""),
		.active = has_word(w->sources, "sss") && is_enabled(w, d->name),
		.pam = w->pam_sss,
		.file = d->file,
		.line = d->access_line ? d->access_line : d->line,
	};
	int r = 0;

	if (str_ieq(d->provider, STR("simple"))) {
		r = add_names(w, d->allow_users, "", &row.allowed);
		if (r >= 0)
			r = add_names(w, d->allow_groups, "@", &row.allowed);
		if (r >= 0)
			r = add_names(w, d->deny_users, "", &row.denied);
		if (r >= 0)
			r = add_names(w, d->deny_groups, "@", &row.denied);
		/* sssd-simple(5): without any list everybody is let in. */
		row.access = row.allowed.len ? STR("list") : STR("any");
	} else if (str_ieq(d->provider, STR("deny"))) {
		row.access = STR("none");
	} else if (d->provider.len && !str_ieq(d->provider, STR("permit"))) {
		bool ldap = str_ieq(d->provider, STR("ldap"));

		/* sssd-ldap(5): without a filter nobody is let in; AD asks its policies. */
		row.access = d->filter.len || !ldap ? STR("filter") : STR("none");
		row.allowed = d->filter.len ? d->filter : d->provider;
	}
	return r < 0 ? r : collect_row(w->c, &row);
}

static int emit_winbind(struct work *w)
{
	struct settings s = {};
	const struct setting *realm, *security;
	struct FACT_ROW row = { .provider = STR("winbind"),
				.access = STR("any"),
				.allowed = STR(""),
				.denied = STR(""),
				.active = has_word(w->sources, "winbind"),
				.pam = w->pam_winbind };
	struct str text, key, value;
	struct ini ini;
	int r;

	if (!row.active && !w->pam_winbind)
		return 0;
	r = settings_load(w->c, "samba", &s);
	if (r < 0)
		return r;
	realm = settings_find(&s, NULL, "global", "realm");
	if (!realm)
		realm = settings_find(&s, NULL, "global", "workgroup");
	security = settings_find(&s, NULL, "global", "security");
	row.domain = realm ? realm->value : STR("");
	row.file = security ? security->file : STR("/etc/nsswitch.conf");
	row.line = security ? security->line : 0;
	r = collect_read(w->c, "/etc/security/pam_winbind.conf", &text, NULL);
	ini = (struct ini){ .text = r == 1 ? text : STR("") };
	while (r == 1 && !w->membership.len && ini_next(&ini, &key, &value) == 1)
		if (key.ptr && str_ieq(key, STR("require_membership_of")) && value.len)
			w->membership = value;
	if (w->membership.len) {
		row.access = STR("list");
		r = add_names(w, w->membership, "@", &row.allowed);
	}
	return r < 0 ? r : collect_row(w->c, &row);
}

static int emit_plain(struct work *w, const char *provider, bool active, bool pam)
{
	struct FACT_ROW row = { .provider = str_of(provider),
				.domain = STR(""),
				.access = STR("any"),
				.allowed = STR(""),
				.denied = STR(""),
				.active = active,
				.pam = pam,
				.file = STR("/etc/nsswitch.conf") };

	return active ? collect_row(w->c, &row) : 0;
}

static int collect(struct collect *c)
{
	struct work *w = arena_new(c->arena, struct work);
	struct str text;
	int r;

	if (!w)
		return -ENOMEM;
	w->c = c;
	r = read_nsswitch(w);
	if (r >= 0)
		r = read_pam(w);
	if (r >= 0)
		r = collect_read(c, "/etc/sssd/sssd.conf", &text, NULL);
	if (r == 1)
		r = read_sssd(c, "/etc/sssd/sssd.conf", text, w);
	if (r >= 0)
		r = collect_dropins(c, "/etc/sssd/conf.d", ".conf", read_sssd, w);
	for (size_t i = 0; r >= 0 && i < w->n; i++)
		r = emit_sssd(w, &w->domains[i]);
	if (r >= 0)
		r = emit_winbind(w);
	if (r >= 0)
		r = emit_plain(w, "ldap", has_word(w->sources, "ldap"), w->pam_ldap);
	/* NIS gives hashes like a shadow file: pam_unix reads them. */
	if (r >= 0)
		r = emit_plain(w, "nis", has_word(w->sources, "nis"), true);
	return r == -ENOSPC ? 0 : MIN(r, 0);
}

const struct collector collector_domain_access = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
