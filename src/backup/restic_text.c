/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What restic says, in words of its own that change little from version to version. */
#include <jansson.h>
#include <stdio.h>
#include <sys/wait.h>

#include "backup/restic.h"

const char *restic_trouble_name(enum restic_trouble t)
{
	static const char *const names[] = { "ok",      "incomplete", "locked", "wrong-password",
					     "absent",  "damaged",    "full",   "denied",
					     "network", "no-restic",  "old",    "stopped",
					     "failed" };

	return names[t];
}

int restic_version_parse(struct str text, unsigned *ret)
{
	unsigned v[3] = {};
	struct str word = str_word(&text);

	if (!str_eq(word, STR("restic")))
		return -EBADMSG;
	word = str_word(&text);
	for (size_t i = 0; i < COUNT(v); i++) {
		struct str part = str_cut(&word, '.');
		uint64_t n;

		/* "0.16.4-dev" */
		for (size_t k = 0; k < part.len; k++)
			if (part.ptr[k] < '0' || part.ptr[k] > '9')
				part.len = k;
		if (str_to_u64(part, 10, &n) || n > 999)
			return -EBADMSG;
		v[i] = (unsigned)n;
	}
	*ret = v[0] * 1'000'000 + v[1] * 1'000 + v[2];
	return 0;
}

static bool name_ok(struct str name)
{
	static const char *const known[] = { "AWS_",       "AZURE_",      "B2_",     "GOOGLE_",
					     "OS_",        "ST_",         "RCLONE_", "RESTIC_REST_",
					     "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY" };

	for (size_t i = 0; i < name.len; i++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", name.ptr[i]))
			return false;
	if (str_eq(name, STR("RESTIC_REPOSITORY")) || str_eq(name, STR("SSH_AUTH_SOCK")))
		return true;
	for (size_t i = 0; i < COUNT(known); i++)
		if (str_starts(name, str_of(known[i])))
			return true;
	return false;
}

int restic_credentials_parse(struct str text, const char *file, restic_variable_fn *fn, void *user,
			     struct diag *d)
{
	struct str line;
	unsigned n = 0;
	int r = 0;

	while (r == 0 && str_line(&text, &line, &n)) {
		struct str value = str_trim(line), name;

		if (!value.len || value.ptr[0] == '#')
			continue;
		if (str_starts(value, STR("export ")))
			value = str_trim(str_sub(value, 7, value.len));
		if (memchr(value.ptr, 0, value.len) || str_find(value, '=') < 1)
			return diag_set(d, -EINVAL, file, n, "expected NAME=VALUE");
		name = str_cut(&value, '=');
		if (!name_ok(name))
			return diag_set(d, -EINVAL, file, n,
					"expected a variable of restic such as AWS_ACCESS_KEY_ID, "
					"AZURE_ACCOUNT_KEY or RESTIC_REPOSITORY");
		r = fn(name, str_unquote(value), user);
	}
	return r < 0 ? diag_set(d, r, file, n, "%s", strerror(-r)) : 0;
}

/* In this order: what comes first explains what follows. */
/* clang-format off */
static const struct {
	const char *says;
	enum restic_trouble trouble;
	const char *message;
} sayings[] = {
	{ "already locked", RESTIC_LOCKED, NULL },
	{ "wrong password or no key found", RESTIC_PASSWORD,
	  "the pass phrase does not open the repository: is it the right file, the right repository?" },
	{ "no space left on device", RESTIC_FULL, "no space left on device" },
	{ "Disk quota exceeded", RESTIC_FULL, "the disk quota is used up" },
	{ "ciphertext verification failed", RESTIC_DAMAGED, NULL },
	{ "invalid data returned", RESTIC_DAMAGED, NULL },
	{ "returned invalid hash", RESTIC_DAMAGED, NULL },
	{ "hash mismatch", RESTIC_DAMAGED, NULL },
	{ "does not match id", RESTIC_DAMAGED, NULL },
	{ "Pack ID does not match", RESTIC_DAMAGED, NULL },
	{ "contains errors", RESTIC_DAMAGED, NULL },
	{ "repository contains errors", RESTIC_DAMAGED, NULL },
	{ "not found in index", RESTIC_DAMAGED, NULL },
	{ "not found in repository", RESTIC_DAMAGED, NULL },
	{ "There were", RESTIC_DAMAGED, NULL },
	{ "Is there a repository at", RESTIC_ABSENT, NULL },
	{ "unable to open config file", RESTIC_ABSENT, NULL },
	{ "config file already exists", RESTIC_FAILED, NULL },
	{ "403 Forbidden", RESTIC_DENIED, NULL },
	{ "blob not removed, server response: 403", RESTIC_DENIED, NULL },
	{ "Access Denied", RESTIC_DENIED, NULL },
	{ "AuthorizationPermissionMismatch", RESTIC_DENIED, NULL },
	{ "401 Unauthorized", RESTIC_DENIED, NULL },
	{ "connection refused", RESTIC_NETWORK, NULL },
	{ "no such host", RESTIC_NETWORK, NULL },
	{ "i/o timeout", RESTIC_NETWORK, NULL },
	{ "subprocess ssh: ssh:", RESTIC_NETWORK, NULL },
	{ "Host key verification failed", RESTIC_DENIED,
	  "ssh does not know the other machine's host key, or it is another one: compare it there, "
	  "then log in once by hand" },
	{ "Permission denied (", RESTIC_DENIED, NULL },
	/* What ssh itself says is sometimes lost with its end. */
	{ "unable to start the sftp session", RESTIC_NETWORK,
	  "ssh could not begin a session there: try `ssh -o BatchMode=yes` to it by hand" },
};
/* clang-format on */

static struct str line_with(struct str err, const char *needle)
{
	struct str line;

	while (str_line(&err, &line, NULL))
		if (str_contains(line, str_of(needle)))
			return str_trim(line);
	return STR("");
}

/* The line that says it: "Fatal: …", or the first that is no progress. */
static struct str main_line(struct str err)
{
	struct str fatal = line_with(err, "Fatal: "), line;

	if (fatal.len)
		return fatal;
	while (str_line(&err, &line, NULL))
		if (str_trim(line).len)
			return str_trim(line);
	return STR("");
}

static void put(struct restic_end *ret, struct str s)
{
	const char *fatal = memmem(s.ptr, s.len, "Fatal: ", 7);

	if (fatal)
		s = str_sub(s, (size_t)(fatal - s.ptr) + 7, s.len);
	(void)text_safe(s, ret->message, sizeof ret->message);
}

/* "… already locked by PID 5 on host by root (UID 0, GID 0)\nlock was created at … (5m ago)" */
static void put_lock(struct restic_end *ret, struct str err)
{
	struct str who = line_with(err, "already locked"),
		   when = line_with(err, "lock was created");
	const char *by = who.len ? memmem(who.ptr, who.len, " by ", 4) : NULL;
	char a[200], b[120];

	if (by)
		who = str_sub(who, (size_t)(by - who.ptr) + 4, who.len);
	snprintf(
		ret->message, sizeof ret->message,
		"the repository is locked by %s; %s. If that program does not run any more, the lock "
		"is stale: look at it there, then `restic unlock`. It is never removed here",
		text_safe(who, a, sizeof a), text_safe(when, b, sizeof b));
}

/* {"message_type":"error","error":{…},"during":"archival","item":"/path"}, one a line. */
static void put_unread(struct restic_end *ret, struct str err)
{
	struct str line;
	char first[300] = "";
	size_t n = 0;

	while (str_line(&err, &line, NULL)) {
		json_t *j = json_loadb(line.ptr, line.len, 0, NULL);
		const char *item = json_string_value(json_object_get(j, "item"));

		if (item && !n++)
			(void)text_safe(str_of(item), first, sizeof first);
		json_decref(j);
	}
	if (n)
		snprintf(ret->message, sizeof ret->message,
			 "%zu%s files or folders could not be read, the first is %s", n,
			 n > 100 ? " or more" : "", first);
	else
		snprintf(ret->message, sizeof ret->message, "some files could not be read");
}

void restic_classify(struct str err, int status, struct restic_end *ret)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	*ret = (struct restic_end){};
	if (code == 0)
		return;
	ret->trouble = code == 3 ? RESTIC_INCOMPLETE : RESTIC_FAILED;
	for (size_t i = 0; code != 3 && i < COUNT(sayings); i++) {
		struct str line = line_with(err, sayings[i].says);

		if (!line.len)
			continue;
		ret->trouble = sayings[i].trouble;
		if (ret->trouble == RESTIC_LOCKED)
			put_lock(ret, err);
		else if (sayings[i].message)
			put(ret, str_of(sayings[i].message));
		else
			put(ret, line);
		return;
	}
	if (code == 3)
		put_unread(ret, err);
	else if (code < 0)
		snprintf(ret->message, sizeof ret->message, "restic was ended by signal %d",
			 WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	else
		put(ret, main_line(err));
	if (!ret->message[0])
		snprintf(ret->message, sizeof ret->message, "restic ended with %d", code);
}
