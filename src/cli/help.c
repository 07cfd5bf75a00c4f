/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help: the list of verbs, or the help of one. */
#include <stdio.h>

#include "cli/cli.h"

static int run(const struct verb *self, int argc, char **argv)
{
	bool json = false;
	const struct option_spec options[] = {
		{.name = "json",
                 .flag = &json,
                 .help = "describe all verbs, tables, controls and checks as JSON"},
	};
	int n = cli_parse(self, options, COUNT(options), argc, argv);

	if (n < 0)
		return cli_exit(n);
	if (json)
		return cli_describe_all();
	if (n > 1) {
		cli_error("help takes one verb");
		return EXIT_USAGE;
	}
	if (n > 0) {
		const struct verb *v = verb_find(argv[1]);
		char help[] = "--help";
		char *args[] = { argv[1], help, NULL };

		if (v && v != self)
			return v->run(v, 2, args);
		if (!v) {
			cli_error("there is no verb '%s'", argv[1]);
			return EXIT_USAGE;
		}
	}
	printf("usage: holdfast VERB [OPTION]... [ARGUMENT]...\n\n"
	       "How exposed is this machine, what to fix first, who is attacking.\n\nVerbs:\n");
	for (size_t i = 0; i < n_verbs; i++)
		printf("  %-10s  %s\n", verbs[i]->name, verbs[i]->summary);
	printf("\nholdfast help VERB shows the options of a verb. Exit codes: 0 fine, 1 findings at\n"
	       "or above --fail-on, 2 wrong usage, 3 the work could not be done.\n");
	return EXIT_OK;
}

const struct verb verb_help = {
	.name = "help",
	.args = "[VERB]",
	.summary = "Show the verbs, or the options of one",
	.detail =
		"The manuals, the references in docs/ and the shell completion are made of --json.",
	.run = run,
};
