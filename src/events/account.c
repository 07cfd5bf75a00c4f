/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account: sudo, su, login and what changes users and groups (shadow, util-linux, busybox). */
#include "events/program.h"
#include "events/template.h"

enum account_form {
	SUDO_OTHER,
	SUDO_RUN,
	SUDO_DENIED,
	SUDO_PASSWORD,
	SU_OTHER,
	SU_DONE,
	SU_FAILED,
	SU_REFUSED,
	LOGIN_OTHER,
	LOGIN_FAILED,
	LOGIN_WRONG,
	LOGIN_DONE,
	LOGIN_ROOT,
	USER_OTHER,
	USER_ADDED,
	USER_DELETED,
	USER_CHANGED,
	USER_RENAMED,
	USER_UID,
	USER_SHELL,
	USER_LOCKED,
	USER_UNLOCKED,
	USER_PASSWORD,
	USER_EXPIRY,
	GROUP_ADDED,
	GROUP_DELETED,
	MEMBER_ADDED,
	MEMBER_REMOVED,
	ACCOUNT_N
};

#define AUTH(name) .product = "linux", .service = name, .also = { "auth", "syslog" }
#define USERS .product = "linux", .service = "auth", .also = { "syslog" }
#define RUN "user", "tty", "pwd", "target_user", "USER", "command"

/* clang-format off */
static const struct message_form forms[ACCOUNT_N] = {
	[SUDO_OTHER] = { "", AUTH("sudo") },
	[SUDO_RUN] = { " ; COMMAND=", { ACTION("sudo"), SUCCESS }, { RUN }, AUTH("sudo") },
	[SUDO_DENIED] = { " ; COMMAND=", { ACTION("sudo"), FAILURE, { "reason", "not allowed" } },
	  { RUN }, AUTH("sudo") },
	[SUDO_PASSWORD] = { "password", { ACTION("sudo"), FAILURE, FAILED, { "reason",
	  "password" } }, { RUN }, AUTH("sudo") },
	[SU_OTHER] = { "", AUTH("su") },
	[SU_DONE] = { "", { ACTION("su"), SUCCESS }, { "user", "target_user", "tty" },
	  AUTH("su") },
	[SU_FAILED] = { "FAILED SU", { ACTION("su"), FAILURE, FAILED }, { "user", "target_user", "tty" },
	  AUTH("su") },
	[SU_REFUSED] = { ": - ", { ACTION("su"), FAILURE, FAILED }, { "user", "target_user", "tty" },
	  AUTH("su") },
	[LOGIN_OTHER] = { "", AUTH("login") },
	[LOGIN_FAILED] = { "LOGIN ", { ACTION("login"), FAILURE, FAILED }, { "user", "tty",
	  "src_ip", "src_host", "reason" }, AUTH("login") },
	[LOGIN_WRONG] = { "invalid password for '", { ACTION("login"), FAILURE, FAILED },
	  { "user", "tty", "src_ip", "src_host" }, AUTH("login") },
	[LOGIN_DONE] = { "LOGIN ON ", { ACTION("login"), SUCCESS, { "attempt", "succeeded" } },
	  { "user", "tty", "src_ip", "src_host" }, AUTH("login") },
	[LOGIN_ROOT] = { "ROOT LOGIN ", { ACTION("login"), SUCCESS, { "attempt", "succeeded" },
	  { "user", "root" } }, { "tty", "src_ip", "src_host" }, AUTH("login") },
	[USER_OTHER] = { "", USERS },
	[USER_ADDED] = { "new user: name=", { ACTION("user_add"), SUCCESS }, { "target_user",
	  "uid", "gid", "home", "shell", "tty" }, USERS },
	[USER_DELETED] = { "delete user '", { ACTION("user_delete"), SUCCESS }, { "target_user" },
	  USERS },
	[USER_CHANGED] = { "change user '", { ACTION("user_change"), SUCCESS }, { "target_user",
	  "reason" }, USERS },
	[USER_RENAMED] = { "change user name '", { ACTION("user_change"), SUCCESS,
	  { "reason", "name" } }, { "target_user" }, USERS },
	[USER_UID] = { " UID from '", { ACTION("user_change"), SUCCESS, { "reason", "uid" } },
	  { "target_user", "uid" }, USERS },
	[USER_SHELL] = { " shell ", { ACTION("user_change"), SUCCESS, { "reason", "shell" } },
	  { "target_user", "shell" }, USERS },
	[USER_LOCKED] = { "lock user '", { ACTION("user_lock"), SUCCESS }, { "target_user" },
	  USERS },
	[USER_UNLOCKED] = { "unlock user '", { ACTION("user_unlock"), SUCCESS },
	  { "target_user" }, USERS },
	[USER_PASSWORD] = { "password", { ACTION("password_change"), SUCCESS }, { "target_user",
	  "user" }, USERS },
	[USER_EXPIRY] = { "password expiry", { ACTION("user_change"), SUCCESS, { "reason",
	  "expiry" } }, { "target_user" }, USERS },
	[GROUP_ADDED] = { "group", { ACTION("group_add"), SUCCESS }, { "group", "gid" }, USERS },
	[GROUP_DELETED] = { "group", { ACTION("group_delete"), SUCCESS }, { "group" }, USERS },
	[MEMBER_ADDED] = { "group ", { ACTION("group_member_add"), SUCCESS }, { "target_user",
	  "user", "group" }, USERS },
	[MEMBER_REMOVED] = { "group ", { ACTION("group_member_remove"), SUCCESS },
	  { "target_user", "user", "group" }, USERS },
};
/* clang-format on */
const struct message_set account_set = { "account",
					 "sudo, su, login, useradd, usermod, passwd, groupadd …",
					 forms, ACCOUNT_N };
_Static_assert((int)ACCOUNT_N <= (int)FORMS_FTP - (int)FORMS_ACCOUNT, "room for its forms");

#define MATCH(w, list, message) template_match(w, list, COUNT(list), forms, FORMS_ACCOUNT, message)

/* One "KEY=value" of " ; KEY=value ; …"; COMMAND is the last one and takes the rest. */
static void sudo_part(struct work *w, struct str part)
{
	if (EAT(&part, "TTY=")) {
		work_put(w, FIELD_TTY, part);
	} else if (EAT(&part, "PWD=")) {
		work_put(w, FIELD_PWD, part);
	} else if (EAT(&part, "USER=")) {
		work_put(w, FIELD_TARGET_USER, part);
		work_put(w, FIELD_SUDO_USER, part);
	} else if (EAT(&part, "GROUP=")) {
		work_put(w, FIELD_GROUP, part);
	}
}

static bool sudo_begin(struct work *w, struct str reason)
{
	uint32_t n;
	enum account_form form;

	if (scan_number(&reason, &n) && EAT(&reason, " incorrect password attempt"))
		form = SUDO_PASSWORD;
	else if (EAT(&reason, "user NOT in sudoers") ||
		 EAT(&reason, "user NOT authorized on host") ||
		 EAT(&reason, "command not allowed") || EAT(&reason, "a password is required") ||
		 EAT(&reason, "no tty present") || EAT(&reason, "a terminal is required") ||
		 EAT(&reason, "unknown "))
		form = SUDO_DENIED;
	else
		return false;
	work_begin(w, &forms[form], FORMS_ACCOUNT + form);
	return true;
}

/* "   user : [reason ; ]TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh" */
bool sudo_message(struct program_state *s, const struct record *r, struct str message)
{
	struct work *w = &s->work;
	struct str rest = message, user, part;

	(void)r;
	scan_blanks(&rest);
	if (!UNTIL(&rest, " : ", &user) || memchr(user.ptr, ' ', user.len))
		return false;
	part = rest;
	if (EAT(&part, "TTY=") || EAT(&part, "PWD=")) {
		work_begin(w, &forms[SUDO_RUN], FORMS_ACCOUNT + SUDO_RUN);
	} else {
		if (!UNTIL(&rest, " ; ", &part) || !sudo_begin(w, part))
			return false;
	}
	work_put(w, FIELD_USER, user);
	for (;;) {
		struct str command = rest;

		if (EAT(&command, "COMMAND=")) {
			work_put(w, FIELD_COMMAND, command);
			return true;
		}
		if (!UNTIL(&rest, " ; ", &part)) {
			sudo_part(w, rest);
			return true;
		}
		sudo_part(w, part);
	}
}

/* clang-format off */
static const struct template su_templates[] = {
	{ SU_FAILED, "FAILED SU (to %t) %u on %y" },
	{ SU_FAILED, "FAILED su for %t by %u" },
	{ SU_REFUSED, "- %y %u:%t" },
	{ SU_DONE, "(to %t) %u on %y" },
	{ SU_DONE, "Successful su for %t by %u" },
	{ SU_DONE, "+ %y %u:%t" },
};
/* clang-format on */

MESSAGE_BY_TEMPLATES(su)

/* Names that were typed in stand before ", " of login itself, and sources before " FOR ". */
/* clang-format off */
static const struct template login_templates[] = {
	{ LOGIN_FAILED, "FAILED LOGIN (%q) on '%y' from '%s' FOR '%U', %r" },
	{ LOGIN_FAILED, "FAILED LOGIN (%q) on '%y' FOR '%U', %r" },
	{ LOGIN_FAILED, "FAILED LOGIN SESSION FROM %s FOR %U, %r" },
	{ LOGIN_FAILED, "FAILED LOGIN %q FROM (null) FOR %U, %r" },
	{ LOGIN_FAILED, "FAILED LOGIN %q FROM %s FOR %U, %r" },
	{ LOGIN_FAILED, "FAILED LOGIN (%q) on %y FOR '%U', %r" },
	{ LOGIN_FAILED, "TOO MANY LOGIN TRIES (%q) on '%y' from '%s' FOR '%U', %r" },
	{ LOGIN_FAILED, "TOO MANY LOGIN TRIES (%q) on '%y' FOR '%U', %r" },
	{ LOGIN_FAILED, "TOO MANY LOGIN TRIES (%q) FROM %s FOR %U, %r" },
	{ LOGIN_WRONG, "invalid password for '%U' on '%y' from '%s'" },
	{ LOGIN_WRONG, "invalid password for '%U' on '%y'" },
	{ LOGIN_ROOT, "ROOT LOGIN ON %y FROM %s" },
	{ LOGIN_ROOT, "ROOT LOGIN ON %y" },
	{ LOGIN_ROOT, "ROOT LOGIN  on '%y' from '%s'" },
	{ LOGIN_ROOT, "ROOT LOGIN  on '%y'" },
	{ LOGIN_DONE, "LOGIN ON %y BY %u FROM %s" },
	{ LOGIN_DONE, "LOGIN ON %y BY %u" },
};
/* clang-format on */

MESSAGE_BY_TEMPLATES(login)

/* clang-format off */
static const struct template user_templates[] = {
	{ USER_ADDED, "new user: name=%t, UID=%i, GID=%j, home=%k, shell=%l, from=%y" },
	{ USER_ADDED, "new user: name=%t, UID=%i, GID=%j, home=%k, shell=%l" },
	{ USER_ADDED, "new user: name=%t, uid=%i, gid=%j, home=%k, shell=%l" },
	{ USER_DELETED, "delete user '%t'" },
	{ USER_UID, "change user '%t' UID from '%q' to '%i'" },
	{ USER_SHELL, "change user '%t' shell from '%q' to '%l'" },
	{ USER_SHELL, "changed user '%t' shell to '%l'" },
	{ USER_RENAMED, "change user name '%q' to '%t'" },
	{ USER_PASSWORD, "change user '%t' password" },
	{ USER_CHANGED, "change user '%t' %r" },
	{ USER_LOCKED, "lock user '%t' password" },
	{ USER_UNLOCKED, "unlock user '%t' password" },
	{ USER_PASSWORD, "password for '%t' changed by '%u'" },
	{ USER_PASSWORD, "password for '%t' changed" },
	{ USER_EXPIRY, "changed password expiry for %t" },
	{ USER_EXPIRY, "password expiry information changed for '%t'" },
	{ GROUP_ADDED, "new group: name=%g, GID=%j" },
	{ GROUP_ADDED, "group added to %q: name=%g, GID=%j" },
	{ GROUP_ADDED, "group added to %q: name=%g" },
	{ GROUP_DELETED, "group '%g' removed" },
	{ GROUP_DELETED, "group '%g' removed from %q" },
	{ GROUP_DELETED, "removed group '%g' owned by '%q'" },
	{ GROUP_DELETED, "delete group '%g'" },
	{ MEMBER_ADDED, "add '%t' to group '%g'" },
	{ MEMBER_ADDED, "add '%t' to shadow group '%g'" },
	{ MEMBER_ADDED, "user %t added by %u to group %g" },
	{ MEMBER_ADDED, "members of group %g set by %u to %t" },
	{ MEMBER_REMOVED, "user %t removed by %u from group %g" },
	{ MEMBER_REMOVED, "delete '%t' from group '%g'" },
	{ MEMBER_REMOVED, "delete '%t' from shadow group '%g'" },
};
/* clang-format on */

MESSAGE_BY_TEMPLATES(user)
