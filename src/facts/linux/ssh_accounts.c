/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/ssh_accounts.h"

/* Supplementary groups: a chain of group entries a member. */
struct membership {
	unsigned group;
	unsigned next; /* index + 1 */
};
struct directory {
	struct passwd_file passwd;
	struct shadow_file shadow;
	struct group_file group;
	struct map shadow_names, members, gids;
	struct membership *chain;
	size_t n_chain, cap_chain;
};

static void directory_release(struct directory *d)
{
	map_release(&d->shadow_names);
	map_release(&d->members);
	map_release(&d->gids);
}

static int add_member(struct directory *d, struct arena *a, struct str name, unsigned group)
{
	uint64_t *last = map_get(&d->members, name);
	struct membership m = { group, last ? (unsigned)*last : 0 };
	int r = arena_push(a, d->chain, d->n_chain, d->cap_chain, m);

	if (r < 0)
		return r;
	if (last) {
		*last = d->n_chain;
		return 0;
	}
	return map_put(&d->members, name, d->n_chain);
}

static int index_groups(struct directory *d, struct arena *a)
{
	for (size_t i = 0; i < d->group.n; i++) {
		const struct group_entry *g = &d->group.entries[i];
		struct str members = g->members;
		struct str gid = { (const char *)&g->gid, sizeof g->gid };
		int r = map_get(&d->gids, gid) ? 0 : map_put(&d->gids, gid, i);

		while (r >= 0 && members.len) {
			struct str name = str_cut(&members, ',');

			if (name.len)
				r = add_member(d, a, name, (unsigned)i);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int find_groups(const struct directory *d, struct arena *a, struct ssh_account *account)
{
	const struct passwd_entry *e = account->entry;
	const uint64_t *primary = map_get(&d->gids, (struct str){ (const char *)&e->gid, 8 });
	const uint64_t *first = map_get(&d->members, e->name);
	struct str *names;
	int64_t *gids;
	size_t n = primary != NULL, at;

	for (unsigned i = first ? (unsigned)*first : 0; i; i = d->chain[i - 1].next)
		n++;
	names = arena_array(a, n + 1, sizeof *names);
	gids = arena_array(a, n + 1, sizeof *gids);
	if (!names || !gids)
		return -ENOMEM;
	/* The chain runs backwards. */
	at = n;
	for (unsigned i = first ? (unsigned)*first : 0; i; i = d->chain[i - 1].next) {
		names[--at] = d->group.entries[d->chain[i - 1].group].name;
		gids[at] = d->group.entries[d->chain[i - 1].group].gid;
	}
	if (primary) {
		names[0] = d->group.entries[*primary].name;
		gids[0] = e->gid;
	}
	account->groups = names;
	account->gids = gids;
	account->n_groups = n;
	return 0;
}

static void find_password(const struct directory *d, struct ssh_account *account)
{
	const struct passwd_entry *e = account->entry;
	struct str hash = e->password;

	if (passwd_is_shadowed(e)) {
		const uint64_t *i = map_get(&d->shadow_names, e->name);

		account->shadow = i ? &d->shadow.entries[*i] : NULL;
		hash = i ? d->shadow.entries[*i].hash : STR("*");
	}
	account->password = password_state(hash);
	account->locked = hash.len && hash.ptr[0] == '!';
}

static void find_shell(struct collect *c, struct map *shells, struct ssh_account *account)
{
	struct str shell = account->entry->shell.len ? account->entry->shell : STR("/bin/sh");
	uint64_t *known = map_get(shells, shell);
	const char *path;
	struct stat st;
	bool missing;

	account->interactive = shell_is_interactive(shell);
	if (known) {
		account->shell_missing = *known;
	} else {
		path = arena_cstr(c->arena, shell);
		missing = !path || root_stat(c->root, path, &st) == -ENOENT;
		missing |= path && root_stat(c->root, path, &st) == 0 &&
			   (!S_ISREG(st.st_mode) || !(st.st_mode & 0111));
		account->shell_missing = missing;
		(void)!map_put(shells, shell, missing);
	}
	account->interactive &= !account->shell_missing;
}

static int read_directory(struct collect *c, struct directory *d)
{
	int r = passwd_read(c, &d->passwd);

	if (r >= 0)
		r = shadow_read(c, &d->shadow);
	if (r >= 0)
		r = group_read(c, &d->group);
	if (r >= 0)
		r = shadow_by_name(&d->shadow, &d->shadow_names);
	return r < 0 ? r : index_groups(d, c->arena);
}

static int add_owner(struct ssh_accounts *a, const int64_t *gid, size_t account)
{
	struct str key = { (const char *)gid, sizeof *gid };
	uint64_t *owner = map_get(&a->owners, key);

	if (!owner)
		return map_put(&a->owners, key, account);
	if (*owner != account)
		*owner = SSH_ACCOUNTS_SEVERAL;
	return 0;
}

int ssh_accounts_owners(struct ssh_accounts *a)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < a->n; i++) {
		r = add_owner(a, &a->list[i].entry->gid, i);
		for (size_t k = 0; r >= 0 && k < a->list[i].n_groups; k++)
			r = add_owner(a, &a->list[i].gids[k], i);
	}
	return r;
}

void ssh_accounts_release(struct ssh_accounts *a) { map_release(&a->owners); }

bool ssh_accounts_alone(const struct ssh_accounts *a, int64_t gid, int64_t uid)
{
	const uint64_t *owner = map_get(&a->owners, (struct str){ (const char *)&gid, sizeof gid });

	return owner && *owner != SSH_ACCOUNTS_SEVERAL && a->list[*owner].entry->uid == uid;
}

int ssh_accounts_read(struct collect *c, struct ssh_accounts *ret)
{
	own(directory_release) struct directory d = {};
	own(map_release) struct map shells = {}, seen = {};
	struct ssh_accounts out = {};
	int r = read_directory(c, &d);

	if (r < 0)
		return r;
	out.list = arena_array(c->arena, d.passwd.n + 1, sizeof *out.list);
	if (!out.list)
		return -ENOMEM;
	for (size_t i = 0; i < d.passwd.n; i++) {
		struct ssh_account account = { .entry = &d.passwd.entries[i] };

		/* getpwnam(3) finds the first. */
		if (passwd_is_compat(account.entry->name) || map_get(&seen, account.entry->name))
			continue;
		r = map_put(&seen, account.entry->name, i);
		if (r >= 0)
			r = find_groups(&d, c->arena, &account);
		if (r < 0)
			return r;
		find_password(&d, &account);
		find_shell(c, &shells, &account);
		out.list[out.n++] = account;
	}
	*ret = out;
	return 0;
}

struct sshd_connection ssh_account_connection(const struct ssh_account *a,
					      const struct sshd_connection *place)
{
	struct sshd_connection conn = *place;

	conn.user = a->entry->name;
	conn.groups = a->groups;
	conn.n_groups = a->n_groups;
	conn.invalid_user = false;
	return conn;
}

/* The line whose pattern fits the user, or NULL. */
static const struct sshd_line *listed_user(const struct sshd_result *r, enum sshd_id id,
					   const struct sshd_connection *conn)
{
	const struct sshd_slot *slot = &r->slots[id];
	bool last_at = sshd_version(&r->cfg->build) >= 909;

	for (size_t i = 0; i < slot->n; i++)
		for (unsigned j = 0; j < slot->lines[i]->n; j++)
			if (sshd_user_pattern(slot->lines[i]->values[j], conn->user, conn->host,
					      conn->address, last_at) == 1)
				return slot->lines[i];
	return NULL;
}

static const struct sshd_line *listed_group(const struct sshd_result *r, enum sshd_id id,
					    const struct sshd_connection *conn)
{
	const struct sshd_slot *slot = &r->slots[id];

	for (size_t i = 0; i < slot->n; i++)
		for (unsigned j = 0; j < slot->lines[i]->n; j++)
			for (size_t g = 0; g < conn->n_groups; g++)
				if (sshd_pattern(slot->lines[i]->values[j], conn->groups[g]))
					return slot->lines[i];
	return NULL;
}

const char *ssh_account_refused(const struct ssh_account *a, const struct sshd_result *r,
				const struct sshd_connection *conn,
				const struct sshd_line **ret_line)
{
	static const struct {
		enum sshd_id id;
		bool group, allow;
		const char *why;
	} lists[] = {
		{SSHD_KW_DENYUSERS,    false, false, "listed in DenyUsers"              },
		{ SSHD_KW_ALLOWUSERS,  false, true,  "not listed in AllowUsers"         },
		{ SSHD_KW_DENYGROUPS,  true,  false, "a group is listed in DenyGroups"  },
		{ SSHD_KW_ALLOWGROUPS, true,  true,  "no group is listed in AllowGroups"},
	};
	bool chrooted = !sshd_result_is(r, SSHD_KW_CHROOTDIRECTORY, "none");

	*ret_line = NULL;
	if (!sshd_result_is(r, SSHD_KW_USEPAM, "yes") && a->locked)
		return "locked, and sshd does not use PAM";
	if (a->shell_missing && !chrooted)
		return "its shell does not exist";
	for (size_t i = 0; i < COUNT(lists); i++) {
		const struct sshd_line *l;

		if (!r->slots[lists[i].id].n)
			continue;
		l = lists[i].group ? listed_group(r, lists[i].id, conn)
				   : listed_user(r, lists[i].id, conn);
		if ((l != NULL) == lists[i].allow)
			continue;
		*ret_line = l ? l : r->slots[lists[i].id].line;
		return lists[i].why;
	}
	if (sshd_result_is(r, SSHD_KW_REFUSECONNECTION, "yes")) {
		*ret_line = r->slots[SSHD_KW_REFUSECONNECTION].line;
		return "RefuseConnection";
	}
	if (!a->entry->uid && sshd_result_is(r, SSHD_KW_PERMITROOTLOGIN, "no")) {
		*ret_line = r->slots[SSHD_KW_PERMITROOTLOGIN].line;
		return "PermitRootLogin no";
	}
	return NULL;
}
