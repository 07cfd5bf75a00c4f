/* SPDX-License-Identifier: GPL-3.0-or-later */
/* holdfast for machines that only ask (meson setup -Dclient=true): POSIX, and no more of it. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>

#include "cli/jit.h"

static int run_jit(const struct verb *v, int argc, char **argv)
{
	struct jit_ask ask = {};
	struct cli_list own(cli_list_release) ports = {};
	const char *format = "text";
	/* clang-format off */
	const struct option_spec options[] = {
#include "cli/jit_request.def"
		{ .name = "format", .letter = 'f', .value = "FORMAT", .words = "text json",
		  .text = &format, .help = "text (default) or json" },
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv);

	if (n < 0)
		return cli_exit(n);
	if (n != 2 || strcmp(argv[1], "request") != 0) {
		cli_error("jit: request takes one host (see: holdfast jit --help)");
		return EXIT_USAGE;
	}
	if (sodium_init() < 0) {
		cli_error("no random numbers");
		return EXIT_FAILED;
	}
	ask.ports = ports;
	ask.json = *format == 'j';
	ask.destination = argv[2];
	return jit_request(&ask);
}

static const struct verb verb_jit = {
	.name = "jit",
	.args = "request [USER@]HOST",
	.summary = "Ask a host to open a port for you, with the SSH key that you have",
	.detail = "See holdfast-jit(1). This program has nothing else of Holdfast.",
	.run = run_jit,
};

/* Only the whole program describes itself. */
void cli_describe(const struct verb *v, const struct option_spec *options, size_t n)
{
	(void)v;
	(void)options;
	(void)n;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))) {
		puts("holdfast " HOLDFAST_VERSION " (jit request alone)");
		return EXIT_OK;
	}
	if (argc < 2 || strcmp(argv[1], "jit") != 0) {
		cli_error("usage: holdfast jit request [OPTION]... [USER@]HOST");
		return EXIT_USAGE;
	}
	return run_jit(&verb_jit, argc - 1, argv + 1);
}
