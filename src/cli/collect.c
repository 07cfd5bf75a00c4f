/* SPDX-License-Identifier: GPL-3.0-or-later */
/* collect: writes the facts of a machine to a file. */
#include "cli/source.h"

static int run(const struct verb *v, int argc, char **argv)
{
	own(source_release) struct source source = {};
	const char *output = NULL;
	const struct option_spec options[] = {
		{.name = "output",
                 .letter = 'o',
                 .value = "FILE",
                 .text = &output,
                 .help = "the fact file to write (an SQLite database)"},
		MACHINE_OPTIONS(&source),
		AZURE_OPTION(&source),
	};
	int n = cli_parse(v, options, COUNT(options), argc, argv), r;
	own(store_release) struct store store = {};
	struct snapshot_result result;
	struct diag d = {};
	char text[600];

	if (n < 0)
		return cli_exit(n);
	if (!output) {
		cli_error("collect needs -o FILE");
		return EXIT_USAGE;
	}
	r = source_azure_args(&source, v, 1, n, argv);
	if (r == EXIT_OK)
		r = source_load(&source, &store, &result);
	if (r)
		return r;
	r = store_seal(&store);
	if (r >= 0)
		r = store_save(&store, output, &d);
	if (r < 0) {
		cli_error("%s", d.reason[0] ? diag_text(&d, text, sizeof text) : store.error);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

const struct verb verb_collect = {
	.name = "collect",
	.args = "",
	.summary = "Write the facts of a machine to a file",
	.detail = "The file is an SQLite database with one table a subject (see holdfast query).\n"
		  "Assess it anywhere with `holdfast assess --facts FILE`, and keep it as evidence.\n"
		  "It holds no password hashes and no secrets, but it names weaknesses: it is\n"
		  "readable by its owner alone.",
	.examples = {
		{ "holdfast collect -o web1.facts", "the facts of this machine" },
		{ "holdfast assess --facts web1.facts", "assess them, here or elsewhere" },
		{ "holdfast collect -o azure.facts --azure exports/", "the facts of Azure's exports" },
	},
	.run = run,
};
