/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/undo.h"

#define VERB(name) extern const struct verb verb_##name;
#include "cli/verbs.def"
#undef VERB

const struct verb *const verbs[] = {
#define VERB(name) &verb_##name,
#include "cli/verbs.def"
#undef VERB
};
const size_t n_verbs = COUNT(verbs);

const struct verb *verb_find(const char *name)
{
	for (size_t i = 0; i < n_verbs; i++)
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	return NULL;
}

/*
 * Descriptors 0-2 must be open, or a file we open would become standard output. A closed one is
 * opened the wrong way round, so that using it is an error.
 */
static void open_standard_streams(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			_exit(EXIT_FAILED);
}

/* What was printed must have arrived; a reader that went away (head, less) is no failure. */
static int flush_output(int code)
{
	if (fflush(stdout) != EOF && !ferror(stdout))
		return code;
	if (errno == EPIPE)
		return code;
	cli_error("cannot write to standard output: %s", strerror(errno));
	return EXIT_FAILED;
}

static int run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "help";
	const struct verb *v;

	if (!strcmp(name, "--version") || !strcmp(name, "-V")) {
		puts("holdfast " HOLDFAST_VERSION);
		return EXIT_OK;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	v = verb_find(name);
	if (!v) {
		cli_error("there is no verb '%s' (see: holdfast help)", name);
		return EXIT_USAGE;
	}
	undo_overdue();
	return v->run(v, argc > 1 ? argc - 1 : 1, argc > 1 ? argv + 1 : argv);
}

int main(int argc, char **argv)
{
	open_standard_streams();
	/* Both are errors of write(2) that are reported as such. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	setlocale(LC_CTYPE, "");
	return flush_output(run(argc, argv));
}
