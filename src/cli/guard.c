/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guard: the daemon, and what people ask it. */
#include <stdio.h>
#include <sys/stat.h>

#include "cli/guard.h"
#include "cli/hunt_setup.h"
#include "guard/guard.h"
#include "guard/notify.h"
#include "guard/policy.h"

struct guarding {
	const char *config, *socket, *format;
	struct cli_list replay;
	bool foreground, check, dry_run;
	struct rule_files files;
};

static void guarding_release(struct guarding *x)
{
	cli_list_release(&x->replay);
	rule_files_release(&x->files);
}

static int load_rules(void *user, const struct guard_config *c, struct arena *a,
		      struct guard_rules *ret)
{
	struct guarding *x = user;
	struct rule_text *list;
	int code = EXIT_OK;

	if (c->rules.len)
		code = rule_files_add(&x->files, c->rules.ptr);
	if (code == EXIT_OK && c->builtin_rules)
		code = rule_files_add_builtin(&x->files);
	list = code == EXIT_OK ? arena_array(a, x->files.n + 1, sizeof *list) : NULL;
	for (size_t i = 0; list && i < x->files.n; i++) {
		list[i].text = arena_str(a, x->files.list[i].text);
		list[i].file = arena_str(a, x->files.list[i].file);
		if (!list[i].text.ptr || !list[i].file.ptr)
			list = NULL;
	}
	if (list)
		*ret = (struct guard_rules){ list, x->files.n };
	rule_files_release(&x->files);
	return code != EXIT_OK ? -EINVAL : list ? 0 : -ENOMEM;
}

static int say(const struct diag *d, int error)
{
	char text[600];

	cli_error("%s", d->reason[0] ? diag_text(d, text, sizeof text) : strerror(-error));
	return EXIT_USAGE;
}

static int read_config(const struct guarding *x, struct guard_config *ret)
{
	struct diag d = {};
	int r = guard_config_read(x->config ? x->config : CONFIG_PATH, !x->config, ret, &d);

	return r < 0 ? say(&d, r) : EXIT_OK;
}

static unsigned refused;

static void note_rule(void *user, const struct rule_text *t, const struct rule *rule,
		      const struct diag *d)
{
	char text[600];

	(void)user, (void)t, (void)rule;
	if (d && refused++ < 5)
		cli_error("rule left out: %s", diag_text(d, text, sizeof text));
}

/* Everything that the daemon would do before it starts. */
static int check_config(struct guarding *x)
{
	own(guard_config_release) struct guard_config c = {};
	own(policy_release) struct policy policy = {};
	own(arena_release) struct arena a = { .limit = (size_t)256 << 20 };
	struct guard_rules rules = {};
	struct diag d = {};
	struct sink_config sinks[SINKS_MAX];
	size_t bans = 0, n_sinks;
	int code = read_config(x, &c), r;

	if (code != EXIT_OK)
		return code;
	r = notify_sinks(&c, x->config ? x->config : CONFIG_PATH, &a, sinks, &n_sinks, &d);
	if (r >= 0)
		r = load_rules(x, &c, &a, &rules);
	if (r >= 0)
		r = policy_new(&c, rules.list, rules.n, note_rule, NULL, &policy, &d);
	if (r < 0)
		return d.reason[0] ? say(&d, r) : EXIT_USAGE;
	for (size_t i = 0; i < policy.n_rules; i++)
		bans += policy.deeds[i] == DEED_BAN;
	printf("%s: fine. Mode %s, %zu sources named, %zu rules of which %zu ban, %zu networks "
	       "allowed.\n",
	       x->config ? x->config : CONFIG_PATH, c.enforce ? "enforce" : "observe", c.n_sources,
	       policy.n_rules, bans, c.n_allow);
	return EXIT_OK;
}

static int replay(struct guarding *x)
{
	own(guard_config_release) struct guard_config c = {};
	int code = read_config(x, &c);

	if (!x->dry_run) {
		cli_error("--replay needs --dry-run: it tells what would have been banned");
		return EXIT_USAGE;
	}
	if (code == EXIT_OK)
		code = guard_replay(&c, &x->replay, !strcmp(x->format, "json"));
	return code;
}

static int start(struct guarding *x)
{
	struct guard_options o = { .config = x->config,
				   .foreground = x->foreground,
				   .load_rules = load_rules,
				   .user = x };

	if (geteuid() != 0) {
		cli_error(
			"guard must be started as root: it opens logs, changes the packet filter and "
			"then gives its privileges up where it can\n"
			"(docs/guard.md says what runs with which). Without root: holdfast guard "
			"--replay FILE --dry-run");
		return EXIT_FAILED;
	}
	return guard_run(&o) < 0 ? EXIT_FAILED : EXIT_OK;
}

static int ask(struct guarding *x, int n, char **words)
{
	own(guard_config_release) struct guard_config c = {};
	const char *socket = x->socket;

	if (!guard_client_verb(words[0])) {
		cli_error("guard has no '%s' (see: holdfast help guard)", words[0]);
		return EXIT_USAGE;
	}
	/* Whoever may ask need not be allowed to read the configuration. */
	if (!socket) {
		struct diag d = {};

		if (guard_config_read(x->config ? x->config : CONFIG_PATH, true, &c, &d) < 0 &&
		    guard_config_default(&c) < 0)
			return EXIT_FAILED;
		socket = c.socket.ptr;
	}
	return guard_client(socket, !strcmp(x->format, "json"), n, words);
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(guarding_release) struct guarding x = { .format = "text" };
	/* clang-format off */
	const struct option_spec options[] = {
		{.name = "config",
                 .letter = 'c',
                 .value = "FILE",
                 .text = &x.config,
                 .help = "configuration (default /etc/holdfast/guard.conf)"	       },
		{ .name = "check-config",
                 .flag = &x.check,
                 .help = "say whether configuration and rules are right, and end" },
		{ .name = "foreground",
                 .flag = &x.foreground,
                 .help = "print alerts, a line each"			      },
		{ .name = "replay",
                 .value = "FILE",
                 .list = &x.replay,
                 .help = "a log, as if it came now; needs --dry-run (may be repeated)"	 },
		{ .name = "dry-run",
                 .flag = &x.dry_run,
                 .help = "with --replay: print what would have been banned, change nothing"  },
		{ .name = "socket",
                 .value = "PATH",
                 .text = &x.socket,
                 .help = "where the daemon answers (default /run/holdfast/guard.sock)"	   },
		{ .name = "format",
                 .letter = 'f',
                 .value = "FORMAT",
                 .text = &x.format,
                 .words = "text json",
                 .help = "of answers and of --replay: text (default) or json, an object a line"},
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv);

	if (n < 0)
		return cli_exit(n);
	if (n && (x.check || x.replay.n || x.foreground)) {
		cli_error("'%s' and an option of the daemon do not go together", argv[1]);
		return EXIT_USAGE;
	}
	if (n)
		return ask(&x, n, argv + 1);
	if (x.check)
		return check_config(&x);
	if (x.replay.n)
		return replay(&x);
	if (x.dry_run) {
		cli_error("--dry-run needs --replay; the daemon itself has 'mode observe'");
		return EXIT_USAGE;
	}
	return start(&x);
}

const struct verb verb_guard = {
	.name = "guard",
	.args = "[status | bans | why ADDRESS | unban ADDRESS | ban ADDRESS SECONDS | allow ADDRESS | "
		"disallow ADDRESS | allowed]",
	.summary = "Watch live, and keep attackers out",
	.detail = "Without words: the daemon. It follows the logs, runs the rules of hunt on what happens\n"
		  "now, tells people and bans addresses in the packet filter. Until the configuration\n"
		  "says \"mode enforce\" it only tells what it would ban.\n"
		  "\n"
		  "With words it asks the daemon that runs: what it does (status), who is banned (bans),\n"
		  "what is known of an address (why); and tells it to take a ban back (unban), to ban, or\n"
		  "never to ban an address (allow, disallow, allowed).\n"
		  "\n"
		  "docs/guard.md says what runs with which privilege, and what happens when it dies.",
	.examples = {
		{ "holdfast guard --replay /var/log/auth.log --dry-run",
		  "what would have been banned" },
		{ "holdfast guard --check-config", "before a reload" },
		{ "holdfast guard status", "what is watched, what was seen, what is wrong" },
		{ "holdfast guard why 203.0.113.7", "why that address is banned" },
		{ "holdfast guard allow 198.51.100.0/24", "never ban these" },
	},
	.run = run,
};
