/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sbom: the bill of materials of a machine. */
#include <stdio.h>

#include "base/buf.h"
#include "cli/output.h"
#include "cli/source.h"
#include "report/sbom.h"

#define OUTPUT_MAX ((size_t)512 << 20)
#define QUERY_TIME_MS 60000

static const struct {
	const char *name;
	sbom_writer *write;
} formats[] = {
	{"cyclonedx", sbom_cyclonedx},
	{ "json",     sbom_json     },
};

static sbom_writer *find_format(const char *name)
{
	for (size_t i = 0; i < COUNT(formats); i++)
		if (!strcmp(formats[i].name, name))
			return formats[i].write;
	return NULL;
}

static int find_tables(struct source *source, bool *wanted)
{
	if (!wanted || source_schema(source) < 0) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < n_sbom_queries; i++)
		source_tables(source, str_of(sbom_queries[i]), wanted);
	return EXIT_OK;
}

static int write_report(struct store *store, sbom_writer *write, const struct sbom_options *o,
			const struct output *output)
{
	own(buf_release) struct buf text = BUF(OUTPUT_MAX);
	int r;

	store_limit(store, QUERY_TIME_MS);
	r = write(store, o, &text);
	if (r < 0) {
		cli_error("sbom: %s", r == -EIO ? store->error : strerror(-r));
		return EXIT_FAILED;
	}
	return output_finish(output, buf_view(&text));
}

/* What is missing is said where a person sees it, too. */
static void warn(struct store *store)
{
	own(arena_release) struct arena a = {};
	struct sbom_about about;

	if (sbom_about(store, &a, &about) >= 0 && !about.complete)
		cli_error("sbom: incomplete, the problems are listed in it");
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(source_release) struct source source = {};
	const char *format_name = "cyclonedx", *path = NULL;
	const struct option_spec options[] = {
		{.name = "format",
                 .letter = 'f',
                 .value = "FORMAT",
                 .text = &format_name,
                 .words = "cyclonedx json",
                 .help = "cyclonedx (default): CycloneDX 1.6 in JSON; or json: a plain list" },
		{ .name = "output",
                 .letter = 'o',
                 .value = "FILE",
                 .text = &path,
                 .help = "write to FILE, which its owner alone can read" },
		{ .name = "feeds",
                 .value = "DIR",
                 .text = &source.feeds,
                 .help = "use the advisories in DIR (see: holdfast feed), not those of this machine"},
		SOURCE_OPTIONS(&source),
	};
	own(free_ptr) bool *wanted = calloc(n_collectors, sizeof *wanted);
	own(store_release) struct store store = {};
	struct snapshot_result result;
	struct sbom_options o;
	struct output output;
	sbom_writer *write;
	int n = cli_parse(v, options, COUNT(options), argc, argv), r;

	if (n < 0)
		return cli_exit(n);
	write = find_format(format_name);
	if (n > 0 || !write) {
		cli_error("sbom takes no arguments but options (see: holdfast help sbom)");
		return EXIT_USAGE;
	}
	r = cli_epoch(&o.epoch);
	if (r == EXIT_OK)
		r = output_open(&output, path);
	if (r == EXIT_OK)
		r = find_tables(&source, wanted);
	if (r != EXIT_OK)
		return r;
	source.wanted = wanted;
	r = source_load(&source, &store, &result);
	if (r == EXIT_OK && store_seal(&store) < 0) {
		cli_error("%s", store.error);
		r = EXIT_FAILED;
	}
	if (r == EXIT_OK)
		r = source_confine(&source, (const char *const[]){ output.dir }, 1);
	if (r != EXIT_OK)
		return r;
	warn(&store);
	return write_report(&store, write, &o, &output);
}

const struct verb verb_sbom = {
	.name = "sbom",
	.args = "",
	.summary = "Write the bill of materials of a machine",
	.detail = "Lists what dpkg, rpm or apk have installed and what else is on the disk: packages of\n"
		  "Python, Node.js, Ruby, PHP and .NET, archives of Java with what is in them, programs of\n"
		  "Go and Rust, sites with their plugins, servers built by hand, layers of containers.\n"
		  "Each has its package URL, the places where it is, the processes that run it and, where\n"
		  "known, its last day of support. Known vulnerabilities (see holdfast feed; those that are\n"
		  "exploited most also without it) come with a statement whether they can be reached (VEX). What could not be read makes it incomplete,\n"
		  "which it says.\n"
		  "\n"
		  "With SOURCE_DATE_EPOCH two runs over the same tree write the same bytes.",
	.examples = {
		{ "holdfast sbom -o web1.cdx.json", "this machine, as CycloneDX 1.6" },
		{ "holdfast sbom --root /mnt -f json", "a mounted disk, as a plain list" },
		{ "holdfast sbom --facts web1.facts", "from facts that were collected before" },
	},
	.run = run,
};
