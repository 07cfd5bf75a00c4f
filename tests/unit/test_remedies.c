/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Actions of the checks: kinds that exist, with arguments that they take. */
#include "action/remedy.h"
#include "base/root_over.h"
#include "facts/store.h"
#include "posture/check.h"
#include "tap.h"

/* Words in front of what is in brackets. */
static size_t words_needed(const char *synopsis)
{
	struct str rest = str_of(synopsis), word;
	size_t n = 0;

	while ((word = str_word(&rest)).ptr && word.ptr[0] != '[')
		n += !str_eq(word, STR("…"));
	return n;
}

static int add_file(const struct remedy_input *in, struct plan *p)
{
	(void)in;
	return plan_file(p, "/x", STR("x"), 0644, CHANGE_KEEP, CHANGE_KEEP, NULL);
}

/* Kinds that see in the files whom they hit, or hit nobody. */
static bool tells_itself(const char *kind)
{
	static const char *const kinds[] = { "account-leave", "account-lock",  "account-shadow",
					     "audit-rules",   "auto-updates",  "az",
					     "az-rule",       "banner",        "faillock",
					     "firewall",      "guard",         "job-users",
					     "login-defs",    "logrotate",     "mac",
					     "modules-off",   "package-off",   "mount",
					     "remove",        "restart-stale", "security-repo",
					     "sshd-keys",     "sshd-users",    "su-group",
					     "sudo-ask",      "time",          "tmout",
					     "umask",         "upgrade" };

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (!strcmp(kind, kinds[i]))
			return true;
	return false;
}

/* What a change of it could break is said, but where nothing is known. */
static void check_harm(const struct check *c, const struct remedy *kind, struct remedy_input *in,
		       const struct root *root)
{
	static const char *const harmless[] = { "*tcp_syncookies*", "*icmp_echo*", "*LogLevel*" };
	struct arena own(arena_release) a = {};
	const struct remedy fake = { .kind = kind->kind, .plan = add_file };
	struct plan p = { .arena = &a, .root = root, .check = "x", .title = "x" };
	bool none = false;
	int r;

	for (size_t i = 0; i < COUNT(harmless); i++)
		none |= str_glob(str_of(harmless[i]), c->action);
	r = remedy_plan(&fake, in, &p);
	root_over_rewind(root->over, 0);
	ok(r >= 0 && !p.breaks == (none || tells_itself(kind->kind)),
	   p.breaks ? p.breaks : "nothing is known that it could break");
}

static void check_line(const struct check *c, const struct root *root, sqlite3 *facts)
{
	struct arena own(arena_release) a = {};
	const struct remedy *kind = NULL;
	struct remedy_options options = {};
	struct plan p = { .arena = &a, .root = root, .check = "x", .title = "x" };
	struct remedy_input in = {
		.root = root, .facts = facts, .check = c->id, .options = &options, .arena = &a
	};
	struct str *args = NULL;
	size_t n = 0;
	int r;

	if (!ok(remedy_parse(c->action, &a, &kind, &args, &n) >= 0, c->file))
		return;
	ok(n >= words_needed(kind->args), "as many arguments as it needs");
	in.args = args;
	in.n_args = n;
	/* Nothing is found on an empty tree: it is done, or cannot be, with a reason. */
	r = remedy_plan(kind, &in, &p);
	if (!ok(r >= 0 || (r == -EOPNOTSUPP && p.cannot),
		"it plans for an empty tree, or says why not"))
		printf("# %s\n", strerror(-r));
	ok(!p.cannot || strcmp(p.cannot, "the check's action is not understood") != 0,
	   "its arguments are understood");
	root_over_rewind(root->over, 0);
	check_harm(c, kind, &in, root);
}

static void check_kinds(void)
{
	for (size_t i = 0; i < n_remedies; i++) {
		const struct remedy *k = remedies[i];

		ok(remedy_find(str_of(k->kind)) == k, k->kind);
		ok(k->plan && *k->what && k->what[strlen(k->what) - 1] != '.',
		   "with words for the documentation");
	}
}

int main(void)
{
	struct arena own(arena_release) a = {};
	struct checks checks = {};
	struct store store = {};
	struct root_over over = {};
	struct root root = ROOT_NONE;
	char folder[] = "/tmp/holdfast-remedies-XXXXXX";
	size_t n = 0;

	if (!ok(checks_builtin(&checks, &a) >= 0, "checks") ||
	    !ok(store_open(&store) >= 0 && store_seal(&store) >= 0, "facts without a row") ||
	    !ok(mkdtemp(folder) && root_open(folder, false, &root) >= 0, "an empty tree"))
		return done();
	root.over = &over;
	for (size_t i = 0; i < checks.n; i++)
		if (checks.list[i].action.len) {
			check_line(&checks.list[i], &root, store.db);
			n++;
		}
	ok(n >= 40, "enough of them");
	check_kinds();
	root_over_release(&over);
	root_release(&root);
	store_release(&store);
	rmdir(folder);
	return done();
}
