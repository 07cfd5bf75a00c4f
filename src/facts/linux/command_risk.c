/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/command_risk.h"

#define DOWNLOADED "pipes a download to a shell"
#define HIDDEN "runs code that is encoded"
#define TEMPORARY "runs a file of a temporary directory"
#define REMOTE "gives a shell to another machine"
#define MINER "mines coins"

/* What a pipeline or substitution carries into the next command. */
enum cargo { CARGO_NONE, CARGO_DOWNLOAD, CARGO_ENCODED, CARGO_TEMPORARY };

enum program { OTHER, WRAPPER, SHELL, EVAL, DOWNLOADER, DECODER, READER, NETCAT, SOCAT };

struct scan {
	struct str rest;
	bool command;     /* the next word is the name of a program */
	bool piped;       /* and reads what the one before wrote */
	bool substituted; /* it stands in $( ), ` ` or <( ) */
	bool wrapped;     /* behind sudo, env … whose options and variables come first */
	bool takes_code;  /* -c came, or eval: words of the program are commands */
	bool script;      /* the next word may be the script of a shell */
	enum program program, outer;
	enum cargo cargo;
	const char *found;
};

static bool in_list(const char *list, struct str name)
{
	struct str rest = str_of(list), word;

	while ((word = str_word(&rest)).ptr)
		if (str_eq(word, name))
			return true;
	return false;
}

/* "python3.11" is python. */
static struct str plain_name(struct str path)
{
	struct str name = str_basename(path);

	while (name.len && ((name.ptr[name.len - 1] >= '0' && name.ptr[name.len - 1] <= '9') ||
			    name.ptr[name.len - 1] == '.'))
		name.len--;
	return name.len ? name : str_basename(path);
}

static enum program program_of(struct str word)
{
	static const struct {
		enum program program;
		const char *names;
	} rows[] = {
		{WRAPPER,
                 "sudo doas env nohup exec time nice ionice timeout setsid stdbuf command "
		  "builtin busybox chroot unshare flock watch then do else if while until !"},
		{ SHELL,
                 "sh bash dash zsh ash ksh mksh rbash fish csh tcsh python perl php ruby node "
		  "nodejs lua awk"							  },
		{ EVAL,       "eval source ."					       },
		{ DOWNLOADER, "curl wget fetch lynx aria2c tftp GET wget2"                  },
		{ DECODER,    "base64 base32 xxd openssl uudecode"                          },
		{ READER,     "cat head tail"					       },
		{ NETCAT,     "nc ncat netcat nc.traditional nc.openbsd"                    },
		{ SOCAT,      "socat"						       },
	};
	struct str name = plain_name(word);

	if (str_eq(word, STR(".")))
		return EVAL;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (in_list(rows[i].names, name) || in_list(rows[i].names, str_basename(word)))
			return rows[i].program;
	return OTHER;
}

static bool is_temporary(struct str path)
{
	static const struct str dirs[] = { STR("/tmp/"), STR("/var/tmp/"), STR("/dev/shm/"),
					   STR("/run/shm/"), STR("/dev/mqueue/") };

	for (size_t i = 0; i < COUNT(dirs); i++)
		if (str_starts(path, dirs[i]) && path.len > dirs[i].len)
			return true;
	return false;
}

static const char *cargo_risk(enum cargo cargo)
{
	switch (cargo) {
	case CARGO_DOWNLOAD: return DOWNLOADED;
	case CARGO_ENCODED: return HIDDEN;
	case CARGO_TEMPORARY: return TEMPORARY;
	default: return NULL;
	}
}

static void found(struct scan *s, const char *why)
{
	if (!s->found)
		s->found = why;
}

/* "$(curl …)" whose text a shell then runs: bash -c "$(…)", eval `…`, source <(…). */
static void judge_substitution(struct scan *s)
{
	if (!s->substituted || (s->outer != EVAL && s->outer != SHELL))
		return;
	if (s->program == DOWNLOADER)
		found(s, DOWNLOADED);
	else if (s->cargo == CARGO_ENCODED)
		found(s, HIDDEN);
}

static void command_word(struct scan *s, struct str word)
{
	bool piped = s->piped;

	s->program = program_of(word);
	if (s->program == WRAPPER) {
		s->wrapped = true;
		return;
	}
	s->command = s->wrapped = s->piped = false;
	s->takes_code = s->program == EVAL;
	s->script = s->program == SHELL || s->program == EVAL;
	judge_substitution(s);
	if (is_temporary(word))
		found(s, TEMPORARY);
	if (piped && s->program == SHELL && s->cargo)
		found(s, cargo_risk(s->cargo));
	if (s->program == DOWNLOADER)
		s->cargo = CARGO_DOWNLOAD;
}

static bool has_letter(struct str option, char letter)
{
	return option.len > 1 && option.ptr[0] == '-' && option.ptr[1] != '-' &&
	       str_find(option, letter) > 0;
}

static void shell_argument(struct scan *s, struct str word)
{
	if (has_letter(word, 'c') && s->program == SHELL) {
		s->takes_code = true;
		s->command = true;
	} else if (s->script && word.ptr[0] != '-') {
		s->script = false;
		if (is_temporary(word))
			found(s, TEMPORARY);
		s->command |= s->takes_code;
	}
}

static void argument(struct scan *s, struct str word)
{
	switch (s->program) {
	case SHELL:
	case EVAL: shell_argument(s, word); break;
	case DECODER:
		if (has_letter(word, 'd') || has_letter(word, 'D') || has_letter(word, 'r') ||
		    str_eq(word, STR("--decode")))
			s->cargo = CARGO_ENCODED;
		judge_substitution(s);
		break;
	case READER:
		if (is_temporary(word))
			s->cargo = CARGO_TEMPORARY;
		break;
	case NETCAT:
		if (has_letter(word, 'e') || str_eq(word, STR("-c")) ||
		    str_ends(word, STR("-exec")))
			found(s, REMOTE);
		break;
	case SOCAT:
		if (str_istarts(word, STR("exec:")) || str_istarts(word, STR("system:")))
			found(s, REMOTE);
		break;
	default: break;
	}
}

/* Options, variables, numbers and files to lock between "sudo", "env", "timeout" … and a command. */
static bool is_wrapped(const struct scan *s, struct str word)
{
	return word.ptr[0] == '-' || (word.ptr[0] >= '0' && word.ptr[0] <= '9') ||
	       str_find(word, '=') > 0 || (s->wrapped && str_ends(word, STR(".lock")));
}

/* "-/usr/bin/x": systemd.service(5) has prefixes. */
static struct str without_prefix(struct str word)
{
	size_t n = 0;

	while (n < word.len && strchr("-@:+!", word.ptr[n]))
		n++;
	return n < word.len && word.ptr[n] == '/' ? str_sub(word, n, word.len) : word;
}

static void take_word(struct scan *s, struct str word)
{
	if (s->command)
		word = without_prefix(word);
	if (str_contains(word, STR("/dev/tcp/")) || str_contains(word, STR("/dev/udp/")))
		found(s, REMOTE);
	if (str_contains(word, STR("stratum+")))
		found(s, MINER);
	if (!s->command)
		argument(s, word);
	else if (!is_wrapped(s, word))
		command_word(s, word);
}

static void new_command(struct scan *s, bool piped)
{
	s->command = true;
	s->piped = piped;
	s->wrapped = s->takes_code = s->script = false;
	if (!piped)
		s->cargo = CARGO_NONE;
}

static void substitute(struct scan *s)
{
	s->substituted = true;
	s->outer = s->takes_code || s->program == EVAL || s->script ? s->program : OTHER;
	new_command(s, false);
}

/* The character at the start of the rest, which is no part of a word. */
static void operator(struct scan *s)
{
	struct str rest = s->rest;
	char c = rest.ptr[0], after = '\0';
	size_t len = 1;

	if (rest.len > 1)
		after = rest.ptr[1];
	if (c == '\n' || c == ';') {
		s->substituted = false;
		new_command(s, false);
	} else if (c == '|') {
		len += after == '|' || after == '&';
		new_command(s, after != '|');
	} else if (c == '&') {
		len += after == '&' || after == '>';
		if (after != '>')
			new_command(s, false);
	} else if (c == '>') {
		len += after == '>' || after == '&' || after == '|';
	} else if (c == '(' || c == '`') {
		substitute(s);
	} else if (c == ')') {
		s->substituted = false;
	} else if (c == '{') {
		new_command(s, s->piped);
	} else if (c == '#') {
		ssize_t end = str_find(rest, '\n');

		len = end < 0 ? rest.len : (size_t)end;
	}
	s->rest = str_sub(rest, len, rest.len);
}

static size_t word_length(struct str s)
{
	size_t n = 0;

	while (n < s.len && s.ptr[n] && !strchr(" \t\r\n\v\f|;&()`'\"<>{}", s.ptr[n]))
		n++;
	return n;
}

/* A connection and a shell in one line of Python, Perl, PHP or Ruby. */
static bool is_reverse_shell(struct str text)
{
	return (str_contains(text, STR("socket")) || str_contains(text, STR("fsockopen"))) &&
	       (str_contains(text, STR("dup2")) || str_contains(text, STR("pty.spawn")) ||
		str_contains(text, STR("/bin/sh -i")) || str_contains(text, STR("STDIN,\">&S\"")));
}

const char *command_risk(struct str text)
{
	struct scan s = { .rest = text, .command = true };

	while (s.rest.len && !s.found) {
		size_t len = word_length(s.rest);

		if (len && s.rest.ptr[0] == '#')
			len = 0;
		if (!len) {
			operator(&s);
			continue;
		}
		struct str word = str_sub(s.rest, 0, len);

		s.rest = str_sub(s.rest, len, s.rest.len);
		if (!str_eq(word, STR("$")))
			take_word(&s, word);
	}
	if (!s.found && is_reverse_shell(text))
		found(&s, REMOTE);
	return s.found ? s.found : "";
}
