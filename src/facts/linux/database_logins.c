/* SPDX-License-Identifier: GPL-3.0-or-later */
/* database_logins: Accounts of databases that are let in from other machines. */
#include "facts/linux/database_logins.h"
#include "facts/linux/postgres_roles.h"
#include "facts/linux/settings.h"

#define FACT_ROW database_logins_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, username, "role or account; 'any role', 'any user' where they cannot be read") \
	X(TEXT, door, "postgresql or mysql") \
	X(TEXT, place, "address or prefix of pg_hba.conf, host pattern of MySQL; internet for all of them") \
	X(INT, internet, "1 when the place is anywhere") \
	X(TEXT, means, "password, certificate, nothing (trust, an empty password), gssapi, other (ldap, radius, pam …)") \
	X(TEXT, password, "scram-sha-256, md5, the plugin of MySQL, empty, unset or unknown") \
	X(INT, superuser, "1 for a superuser (MySQL: SUPER), who does what the server's account can") \
	X(INT, certain, "0 when groups, patterns or the roles are not known here") \
	X(TEXT, deciding, "file:line of the rule, or the file of the accounts")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "database_logins",
	.doc = "Roles of PostgreSQL that pg_hba.conf lets in from other machines, accounts of MariaDB "
	       "by their hosts. They are read from the files of the server: what it has not written "
	       "yet is not seen.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

#define ROLES_FILE_MAX ((size_t)16 << 20)
#define ROWS_MAX 20'000

/* "user address method options" of a rule. */
struct rule {
	const struct setting *s;
	struct str users, address, method;
};

struct work {
	struct collect *c;
	struct settings hba;
	struct postgres_roles roles;
	bool known;
	unsigned rows;
};

/* /etc/postgresql/15/main/pg_hba.conf -> /var/lib/postgresql/15/main; else the file's own folder. */
static struct str data_folder(struct arena *a, struct str file)
{
	struct str folder = str_sub(file, 0, (size_t)MAX(str_rfind(file, '/'), 0));
	struct str etc = STR("/etc/postgresql");

	if (str_starts(folder, etc))
		return arena_cat(a, STR("/var/lib/postgresql"),
				 str_sub(folder, etc.len, folder.len), STR(""));
	return arena_str(a, folder);
}

static int read_roles(struct work *w, struct str file)
{
	struct collect *c = w->c;
	struct str folder = data_folder(c->arena, file), path, map, pages;
	uint32_t node = 0;
	int r;

	w->known = false;
	w->roles = (struct postgres_roles){};
	path = folder.ptr ? arena_fmt(c->arena, "%s/global/pg_filenode.map", folder.ptr) : folder;
	if (!path.ptr)
		return -ENOMEM;
	r = collect_read(c, path.ptr, &map, NULL);
	if (r != 1)
		return r;
	if (postgres_filenode(map, &node) == 0) {
		path = arena_fmt(c->arena, "%s/global/%u", folder.ptr, node);
		if (!path.ptr)
			return -ENOMEM;
		r = root_read(c->root, path.ptr, ROLES_FILE_MAX, c->arena, &pages, NULL);
		if (r >= 0)
			r = postgres_roles_parse(pages, c->arena, &w->roles);
	} else {
		r = -EBADMSG;
	}
	w->known = r >= 0;
	if (r < 0 && r != -ENOMEM)
		collect_problem(c, r, path.ptr, "the roles of the cluster are not known: %s",
				collect_error(r));
	return r == -ENOMEM ? r : 0;
}

/* 1 the rule is for the role, 0 not, -1 not known: groups and patterns. */
static int matches(struct str users, struct str role)
{
	int answer = 0;

	while (users.ptr) {
		struct str user = str_unquote(str_trim(str_cut(&users, ',')));

		if (str_eq(user, STR("all")) || str_eq(user, role))
			return 1;
		if (user.len && (user.ptr[0] == '+' || user.ptr[0] == '/' || user.ptr[0] == '@'))
			answer = -1;
	}
	return answer;
}

static bool is_loopback(struct str address)
{
	return str_starts(address, STR("127.")) || str_starts(address, STR("::1")) ||
	       str_eq(address, STR("localhost"));
}

static const char *means_of(struct str method)
{
	static const struct {
		const char *method, *means;
	} list[] = {
		{"trust",          "nothing"    },
                { "password",      "password"   },
		{ "md5",           "password"   },
                { "scram-sha-256", "password"   },
		{ "cert",          "certificate"},
                { "gss",           "gssapi"     },
		{ "sspi",          "gssapi"     },
	};

	for (size_t i = 0; i < COUNT(list); i++)
		if (str_eq(method, str_of(list[i].method)))
			return list[i].means;
	return "other";
}

static bool anywhere(struct str address)
{
	return str_eq(address, STR("all")) || str_eq(address, STR("0.0.0.0/0")) ||
	       str_eq(address, STR("::/0")) || str_eq(address, STR("::0/0"));
}

static bool take_rule(const struct setting *s, struct rule *ret)
{
	struct str rest = s->value;
	struct rule rule = { .s = s };

	if (!str_starts(s->name, STR("host")))
		return false;
	rule.users = str_word(&rest);
	rule.address = str_word(&rest);
	rule.method = str_word(&rest);
	*ret = rule;
	return rule.method.ptr && !is_loopback(rule.address);
}

int database_login(struct collect *c, const struct database_login *l)
{
	struct FACT_ROW row = {
		.username = l->name,
		.door = str_of(l->door),
		.place = l->anywhere ? STR("internet") : l->place,
		.internet = l->anywhere,
		.means = l->means,
		.password = str_of(l->password),
		.superuser = l->superuser,
		.certain = l->certain,
		.deciding = l->deciding,
	};

	return collect_row(c, &row);
}

static int emit(struct work *w, const struct rule *rule, struct str name,
		const struct postgres_role *role, bool sure)
{
	struct database_login row = {
		.name = name,
		.door = "postgresql",
		.place = rule->address,
		.anywhere = anywhere(rule->address),
		.means = str_of(means_of(rule->method)),
		.password = !role             ? "unknown"
			    : *role->password ? role->password
					      : "unset",
		.superuser = role && role->superuser,
		.certain = sure && role,
		.deciding =
			arena_fmt(w->c->arena, "%.*s:%u", STR_FMT(rule->s->file), rule->s->line),
	};

	/* Without a password of its own no password fits. */
	if (role && !*role->password && str_eq(row.means, STR("password")))
		return 0;
	if (!row.deciding.ptr)
		return -ENOMEM;
	if (w->rows++ >= ROWS_MAX)
		return 0;
	return database_login(w->c, &row);
}

/* The first rule of an address that fits decides; for another address another one may. */
static int do_role(struct work *w, struct str instance, struct str name,
		   const struct postgres_role *role)
{
	struct str seen[32];
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < w->hba.n; i++) {
		struct rule rule;
		bool known = false;
		int fits;

		if (!str_eq(w->hba.list[i].instance, instance) ||
		    !take_rule(&w->hba.list[i], &rule))
			continue;
		fits = role ? matches(rule.users, name) : 1;
		for (size_t k = 0; k < n; k++)
			known |= str_eq(seen[k], rule.address) || str_eq(seen[k], STR("all"));
		if (!fits || known)
			continue;
		/* Of one database alone: another rule may be for the others. */
		if (fits > 0 && n < COUNT(seen) && str_eq(rule.s->section, STR("all")))
			seen[n++] = rule.address;
		if (!str_eq(rule.method, STR("reject")))
			r = emit(w, &rule, name, role, fits > 0);
	}
	return r;
}

static int do_instance(struct work *w, struct str instance)
{
	int r = read_roles(w, instance);

	if (r >= 0 && !w->known)
		r = do_role(w, instance, STR("any role"), NULL);
	for (size_t i = 0; r >= 0 && i < w->roles.n; i++)
		if (w->roles.list[i].can_login)
			r = do_role(w, instance, w->roles.list[i].name, &w->roles.list[i]);
	return r;
}

static int collect(struct collect *c)
{
	struct work *w = arena_new(c->arena, struct work);
	struct str done = {};
	int r;

	if (!w)
		return -ENOMEM;
	w->c = c;
	r = settings_load(c, "pg_hba", &w->hba);
	for (size_t i = 0; r >= 0 && i < w->hba.n; i++) {
		/* Rules of one cluster stand together. */
		if (str_eq(w->hba.list[i].instance, done))
			continue;
		done = w->hba.list[i].instance;
		r = do_instance(w, done);
	}
	if (r >= 0)
		r = database_logins_mysql(c);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_database_logins = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
