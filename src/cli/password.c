/* SPDX-License-Identifier: GPL-3.0-or-later */
/* password: makes passwords, and says how many guesses one withstands. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <time.h>

#include "base/sandbox.h"
#include "base/term.h"
#include "cli/cli.h"
#include "password/strength.h"
#include "password/words.h"

#define COUNT_MAX 1000
#define NAMES_MAX 32
#define LENGTH_DEFAULT 20

struct work {
	const char *words, *length, *count, *user, *breaches, *least, *format;
	struct cli_list names;
	bool json;
};

static void work_release(struct work *w) { cli_list_release(&w->names); }

static int number(const char *option, const char *text, unsigned least, unsigned most,
		  unsigned *ret)
{
	uint64_t n;

	if (!text)
		return EXIT_OK;
	if (str_to_u64(str_of(text), 10, &n) < 0 || n < least || n > most) {
		cli_error("--%s is a number from %u to %u", option, least, most);
		return EXIT_USAGE;
	}
	*ret = (unsigned)n;
	return EXIT_OK;
}

/* What stands in memory from here on is nobody's else. */
static void be_discreet(void)
{
	const struct rlimit none = {};

	(void)!prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)!setrlimit(RLIMIT_CORE, &none);
}

static int year_now(void)
{
	time_t now = time(NULL);
	struct tm tm = {};

	return gmtime_r(&now, &tm) ? tm.tm_year + 1900 : 2026;
}

static void wipe(struct buf *b)
{
	if (b->ptr)
		explicit_bzero(b->ptr, b->cap);
	buf_release(b);
}

static int print_new(const struct work *w, struct str password, double bits, bool last)
{
	const struct strength_options o = { .year = year_now() };
	struct strength s;
	json_t *j;
	int r = strength_of(password, &o, &s);

	if (r < 0) {
		cli_error("password: %s", strerror(-r));
		return EXIT_FAILED;
	}
	if (!w->json) {
		printf("%.*s\n", STR_FMT(password));
		if (last)
			fprintf(stderr, "%.1f bits of chance in each, score %u of 4\n", bits,
				s.score);
		return EXIT_OK;
	}
	j = json_pack("{s:s%, s:f, s:i, s:i}", "password", password.ptr, password.len, "bits", bits,
		      "score", (int)s.score, "characters", (int)s.characters);
	r = j ? json_dumpf(j, stdout, JSON_COMPACT) : -1;
	printf("\n");
	json_decref(j);
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int make(const struct work *w)
{
	unsigned words = MAKE_WORDS, length = LENGTH_DEFAULT, count = 1;
	int code = EXIT_OK;

	if (w->words && w->length) {
		cli_error("password new: --words or --length?");
		return EXIT_USAGE;
	}
	code = number("words", w->words, 1, MAKE_WORDS_MAX, &words);
	if (code == EXIT_OK)
		code = number("length", w->length, MAKE_LENGTH_MIN, MAKE_LENGTH_MAX, &length);
	if (code == EXIT_OK)
		code = number("count", w->count, 1, COUNT_MAX, &count);
	for (unsigned i = 0; code == EXIT_OK && i < count; i++) {
		own(wipe) struct buf text = BUF(PASSWORD_MAX);
		double bits;
		int r = password_make(w->length ? 0 : words, length, &text, &bits);

		if (r < 0) {
			cli_error("password new: %s", strerror(-r));
			return EXIT_FAILED;
		}
		code = print_new(w, buf_view(&text), bits, i + 1 == count);
	}
	return code;
}

/* A line of standard input; from a terminal without showing it. */
static int read_password(char *ret, size_t size, size_t *ret_n)
{
	struct termios before, quiet;
	bool tty = tcgetattr(STDIN_FILENO, &before) == 0;
	size_t n = 0;
	char c = 0;
	ssize_t got = 0;

	if (tty) {
		quiet = before;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		quiet.c_lflag |= ECHONL;
		fprintf(stderr, "Password: ");
		fflush(stderr);
		(void)!tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	}
	while (n <= size) {
		got = read(STDIN_FILENO, &c, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || c == '\n')
			break;
		if (n < size)
			ret[n] = c;
		n++;
	}
	if (tty)
		(void)!tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	if (got < 0)
		return -errno;
	if (n && n <= size && ret[n - 1] == '\r')
		n--;
	*ret_n = n;
	return n > size ? -EINVAL : 0;
}

static void print_guesses(double bits)
{
	if (bits < 20)
		printf("about %.0f guesses", exp2(bits));
	else
		printf("about 10^%.0f guesses", bits * log10(2));
}

static void print_text(const struct strength *s)
{
	static const char *const verdicts[] = { "falls at once", "weak",
						"withstands the network only", "good",
						"withstands a stolen hash, too" };
	const struct term t = term_of(STDOUT_FILENO);

	printf("%sscore %u of 4%s: %s (", term_on(&t, s->score < 3 ? TERM_RED : TERM_GREEN),
	       s->score, term_off(&t), verdicts[s->score]);
	print_guesses(s->bits);
	printf(", %zu characters)\n", s->characters);
	for (size_t i = 0; i < s->n_reasons; i++)
		printf("  %s\n", s->reasons[i]);
	if (s->characters < 15)
		printf("  %zu characters: NIST SP 800-63B asks for 15 where the password stands alone, "
		       "8 beside a second factor\n",
		       s->characters);
}

static int print_json(const struct strength *s)
{
	json_t *why = json_array(), *j;
	int r;

	for (size_t i = 0; why && i < s->n_reasons; i++)
		json_array_append_new(why, json_string(s->reasons[i]));
	j = json_pack("{s:i, s:f, s:i, s:I, s:I, s:o}", "score", (int)s->score, "bits", s->bits,
		      "characters", (int)s->characters, "listed", (json_int_t)s->listed, "leaked",
		      (json_int_t)s->leaked, "reasons", why);
	r = j ? json_dumpf(j, stdout, JSON_INDENT(2)) : -1;
	printf("\n");
	json_decref(j);
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

static int judge(const struct work *w, struct str password, const struct breach *breach,
		 unsigned least)
{
	struct str names[NAMES_MAX];
	struct strength_options o = {
		.words = names,
		.user = w->user ? str_of(w->user) : STR(""),
		.breaches = w->breaches ? breach : NULL,
		.year = year_now(),
	};
	struct strength s;
	int r, code;

	for (size_t i = 0; i < w->names.n && i < COUNT(names); i++)
		names[o.n_words++] = str_of(w->names.items[i]);
	r = strength_of(password, &o, &s);
	if (r == -EINVAL)
		cli_error("password check: a password has no NUL byte");
	else if (r == -EBADMSG)
		cli_error("%s: a line that is no hash and count in their order", w->breaches);
	else if (r < 0)
		cli_error("password check: %s", strerror(-r));
	if (r < 0)
		return EXIT_FAILED;
	code = EXIT_OK;
	if (w->json)
		code = print_json(&s);
	else
		print_text(&s);
	return code == EXIT_OK && s.score < least ? EXIT_FINDINGS : code;
}

static int check(const struct work *w)
{
	struct breach breach = BREACH_NONE;
	struct sandbox_path path = { .fd = -1, .access = SANDBOX_READ };
	struct sandbox_state state;
	struct diag d = {};
	unsigned least = 3;
	static char password[PASSWORD_MAX];
	size_t n = 0;
	char text[600];
	int code = number("least", w->least, 0, 4, &least), r;

	if (code != EXIT_OK)
		return code;
	if (w->names.n > NAMES_MAX) {
		cli_error("password check: at most %d times --name", NAMES_MAX);
		return EXIT_USAGE;
	}
	if (w->breaches && breach_open(w->breaches, &breach, &d) < 0) {
		cli_error("%s", diag_text(&d, text, sizeof text));
		return EXIT_FAILED;
	}
	path.fd = breach.fd;
	(void)!mlock(password, sizeof password);
	r = read_password(password, sizeof password, &n);
	tzset();
	/* Only now: who changes a terminal may do more than the sandbox allows. */
	if (r == 0)
		r = sandbox_enter(SANDBOX_COLLECT, &path, breach.folder ? 1 : 0, &state);
	if (r == 0)
		code = judge(w, (struct str){ password, n }, &breach, least);
	else if (r == -EINVAL)
		cli_error("password check: a password has %d bytes at most", PASSWORD_MAX);
	else
		cli_error("password check: %s", strerror(-r));
	explicit_bzero(password, sizeof password);
	breach_release(&breach);
	return r < 0 ? EXIT_FAILED : code;
}

static int parse_options(struct work *w, const struct verb *v, int argc, char **argv)
{
	/* clang-format off */
	const struct option_spec options[] = {
		{ .name = "words",
		  .letter = 'w',
		  .value = "N",
		  .text = &w->words,
		  .help = "new: a phrase of N words, 11 bits each (default 6)" },
		{ .name = "length",
		  .letter = 'l',
		  .value = "N",
		  .text = &w->length,
		  .help = "new: N random characters instead, 6.55 bits each" },
		{ .name = "count",
		  .letter = 'n',
		  .value = "N",
		  .text = &w->count,
		  .help = "new: make N of them" },
		{ .name = "user",
		  .letter = 'u',
		  .value = "NAME",
		  .text = &w->user,
		  .help = "check: name of the account, which its password must not come from" },
		{ .name = "name",
		  .value = "WORD",
		  .list = &w->names,
		  .help = "check: a word that belongs to you or your machine; may be repeated" },
		{ .name = "breaches",
		  .value = "PATH",
		  .text = &w->breaches,
		  .help = "check: list of leaked passwords (Have I Been Pwned): sorted file, folder "
			  "of ranges" },
		{ .name = "least",
		  .value = "SCORE",
		  .text = &w->least,
		  .help = "check: exit code 1 below this score (default 3)" },
		{ .name = "format",
		  .letter = 'f',
		  .value = "FORMAT",
		  .words = "text json",
		  .text = &w->format,
		  .help = "text (default) or json" },
	};
	/* clang-format on */

	return cli_parse(v, options, COUNT(options), argc, argv);
}

static int run(const struct verb *v, int argc, char **argv)
{
	own(work_release) struct work w = { .format = "text" };
	int n = parse_options(&w, v, argc, argv);

	if (n < 0)
		return cli_exit(n);
	w.json = w.format[0] == 'j';
	be_discreet();
	if (n != 1)
		cli_error("password: new or check? (see: holdfast help password)");
	else if (!strcmp(argv[1], "new"))
		return make(&w);
	else if (!strcmp(argv[1], "check"))
		return check(&w);
	else
		cli_error("password: new or check, not '%s'", argv[1]);
	return EXIT_USAGE;
}

/* clang-format off */
const struct verb verb_password = {
	.name = "password",
	.args = "new|check",
	.summary = "Make a password, or tell how many guesses one withstands",
	.detail =
		"new prints a pass phrase of random words, or random characters, and on standard\n"
		"error how much chance is in it: the bits are exact, not an estimate.\n"
		"check reads a password from the terminal without showing it, or a line of standard\n"
		"input. Score 0 falls to the first thousand guesses, 1 to a million, 2 to a hundred\n"
		"million, 3 to ten thousand million, 4 to none of these. The estimate knows words,\n"
		"replaced letters, rows of keys, dates, repeats, sequences, default passwords of\n"
		"products, and what the password audit would try. No part of the password is shown,\n"
		"and nothing is sent anywhere: --breaches is a file or folder of yours.\n"
		"Exit code 1: the score is below --least.",
	.examples = {
		{ "holdfast password new", "six random words, 66 bits" },
		{ "holdfast password new --length 20", "twenty random characters, 131 bits" },
		{ "holdfast password check --user ann", "is this one good?" },
		{ "holdfast password check --breaches pwned-passwords-sha1-ordered-by-hash.txt",
		  "has it leaked?" },
	},
	.run = run,
};
/* clang-format on */
