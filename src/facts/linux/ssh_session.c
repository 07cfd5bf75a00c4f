/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssh_session: what a login through sshd is good for: a shell, a command, files, tunnels. */
#include "facts/linux/ssh_login.h"

const char *ssh_session_name(enum ssh_session s)
{
	static const char *const names[] = { [SSH_NO_SESSION] = "none",
					     [SSH_CHANGE] = "change-password",
					     [SSH_SFTP] = "sftp",
					     [SSH_COMMAND] = "command",
					     [SSH_SHELL] = "shell" };

	return names[s];
}

static bool yes(const struct sshd_result *r, enum sshd_id id)
{
	return sshd_result_is(r, id, "yes");
}

/* The command does nothing, whoever runs it. */
static bool is_nothing(struct str command)
{
	static const char *const none[] = {
		"/bin/false",    "/usr/bin/false", "false",     "/usr/sbin/nologin",
		"/sbin/nologin", "nologin",        "/bin/true", "/usr/bin/true",
		"true",          "exit",           ":"
	};
	struct str word = str_word(&command);

	for (size_t i = 0; i < COUNT(none); i++)
		if (str_eq(word, str_of(none[i])))
			return true;
	return false;
}

static bool internal_sftp(const struct sshd_result *r)
{
	const struct sshd_slot *s = &r->slots[SSHD_KW_SUBSYSTEM];

	for (size_t i = 0; i < s->n; i++)
		if (s->lines[i]->n > 1 && str_eq(s->lines[i]->values[0], STR("sftp"))) {
			struct str rest = s->lines[i]->values[1];

			return str_eq(str_word(&rest), STR("internal-sftp"));
		}
	return false;
}

/* The shell starts, inside of ChrootDirectory too. */
static bool shell_runs(struct ssh_login_judge *j, const struct ssh_account *a,
		       const struct sshd_result *r)
{
	const struct sshd_line *l = r->slots[SSHD_KW_CHROOTDIRECTORY].line;
	struct str shell = a->entry->shell.len ? a->entry->shell : STR("/bin/sh"), path;
	struct stat st;

	if (!l || str_ieq(l->values[0], STR("none")))
		return a->interactive;
	if (!shell_is_interactive(shell))
		return false;
	path = ssh_account_path(l->values[0], a->entry, j->c->arena);
	if (path.ptr)
		path = arena_cat(j->c->arena, path, STR("/"), shell);
	return path.ptr && root_stat(j->c->root, path.ptr, &st) == 0 && (st.st_mode & 0111);
}

static enum ssh_session session_of(struct str forced, bool shell, const struct sshd_result *r)
{
	struct str rest = str_trim(forced);

	if (forced.ptr && str_eq(str_word(&rest), STR("internal-sftp")))
		return SSH_SFTP;
	if (forced.ptr)
		return shell && !is_nothing(str_trim(forced)) ? SSH_COMMAND : SSH_NO_SESSION;
	if (shell)
		return SSH_SHELL;
	return internal_sftp(r) ? SSH_SFTP : SSH_NO_SESSION;
}

/* By settings alone: PermitOpen "none" opens nothing. */
static void forwarding(const struct sshd_result *r, bool *ret_opens, bool *ret_listens)
{
	const struct sshd_line *open = r->slots[SSHD_KW_PERMITOPEN].line;
	const struct sshd_line *listen = r->slots[SSHD_KW_PERMITLISTEN].line;
	bool all = sshd_result_is(r, SSHD_KW_ALLOWTCPFORWARDING, "yes") ||
		   sshd_result_is(r, SSHD_KW_ALLOWTCPFORWARDING, "all");
	bool some = !yes(r, SSHD_KW_DISABLEFORWARDING);

	*ret_opens = some && (all || sshd_result_is(r, SSHD_KW_ALLOWTCPFORWARDING, "local")) &&
		     !(open && str_ieq(open->values[0], STR("none")));
	*ret_listens = some && (all || sshd_result_is(r, SSHD_KW_ALLOWTCPFORWARDING, "remote")) &&
		       !(listen && str_ieq(listen->values[0], STR("none")));
}

bool ssh_session_shell(struct ssh_login_judge *j, const struct ssh_account *a,
		       const struct sshd_result *r)
{
	const struct sshd_line *line = r->slots[SSHD_KW_FORCECOMMAND].line;
	struct str forced = line ? str_trim(line->values[0]) : STR("none");

	if (str_ieq(forced, STR("none")))
		forced = (struct str){};
	return session_of(forced, shell_runs(j, a, r), r) >= SSH_COMMAND;
}

bool ssh_session_tunnels(const struct sshd_result *r)
{
	bool opens, listens;

	forwarding(r, &opens, &listens);
	return opens || listens ||
	       (!yes(r, SSHD_KW_DISABLEFORWARDING) &&
		!sshd_result_is(r, SSHD_KW_PERMITTUNNEL, "no"));
}

/* What every key that may be used there adds. */
static void by_keys(struct ssh_login_judge *j, const struct sshd_connection *conn,
		    const struct sshd_result *r, bool shell, bool forced_only, struct str forced,
		    struct ssh_login *l)
{
	bool opens, listens;

	forwarding(r, &opens, &listens);
	for (size_t i = 0; i < j->ring.n; i++) {
		const struct ssh_keyring_entry *e = &j->ring.list[i];
		struct str command = forced.ptr ? forced : e->options.command;

		if (e->refused || !ssh_key_from(&e->options, conn->host, conn->address) ||
		    (forced_only && !e->options.command.ptr))
			continue;
		l->session = MAX(l->session, session_of(command, shell, r));
		l->opens |= opens && !e->options.no_forwarding;
		l->listens |= listens && !e->options.no_forwarding;
	}
}

int ssh_session_find(struct ssh_login_judge *j, const struct ssh_account *a,
		     const struct sshd_result *r, const struct sshd_connection *conn,
		     bool must_change, struct ssh_login *l)
{
	const struct sshd_line *line = r->slots[SSHD_KW_FORCECOMMAND].line;
	struct str forced = line ? str_trim(line->values[0]) : STR("none");
	bool shell = shell_runs(j, a, r), forced_only;
	bool others = l->works[SSH_PASSWORD] || l->works[SSH_KBDINT] || l->works[SSH_GSSAPI] ||
		      l->works[SSH_HOSTBASED] || l->works[SSH_NONE];

	if (str_ieq(forced, STR("none")))
		forced = (struct str){};
	forced_only = !a->entry->uid &&
		      sshd_result_is(r, SSHD_KW_PERMITROOTLOGIN, "forced-commands-only");
	if (must_change) {
		l->session = SSH_CHANGE;
		return 0;
	}
	/* A key that has to come first sets the bounds; with AuthenticationMethods they add up. */
	if (l->works[SSH_PUBLICKEY] && (l->keys || l->certificates))
		by_keys(j, conn, r, shell, forced_only, forced, l);
	if ((others && !(l->two && l->works[SSH_PUBLICKEY])) || l->foreign || l->certificates) {
		bool opens, listens;

		forwarding(r, &opens, &listens);
		l->session = MAX(l->session, session_of(forced, shell, r));
		l->opens |= opens;
		l->listens |= listens;
	}
	/* do_nologin() of sshd itself comes with the session alone. */
	if (j->eval.nologin && a->entry->uid && !yes(r, SSHD_KW_USEPAM))
		l->session = SSH_NO_SESSION;
	return 0;
}
