/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/jobs.h"

/* Programs that run another one: how many words they take themselves beside options. */
static const struct prefix {
	const char *name;
	int operands;
	const char *valued; /* short options with a value of their own */
} prefixes[] = {
	{"env",              0, "uS" },
        { "nice",            0, "n"  },
        { "ionice",          0, "cnp"},
	{ "flock",           1, "wE" },
        { "timeout",         1, "sk" },
        { "sudo",            0, "ugh"},
	{ "chronic",         0, ""   },
        { "exec",            0, "a"  },
        { "nohup",           0, ""   },
	{ "time",            0, "fo" },
        { "setsid",          0, ""   },
        { "systemd-inhibit", 0, ""   },
	{ "runuser",         0, "ug" },
        { "command",         0, ""   },
        { "systemd-cat",     0, "tp" },
	{ "chpst",           0, "u"  },
        { "export",          0, ""   },
        { "doas",            0, "u"  },
};

static const struct prefix *find_prefix(struct str name)
{
	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (str_eq(name, str_of(prefixes[i].name)))
			return &prefixes[i];
	return NULL;
}

/* Prefixes of ExecStart=, systemd.service(5). */
static struct str strip_exec(struct str word)
{
	size_t n = 0;

	while (n < word.len && str_find(STR("-@:+!"), word.ptr[n]) >= 0)
		n++;
	return n < word.len && word.ptr[n] == '/' ? str_sub(word, n, word.len) : word;
}

/* How many of the words stand before the program. */
static size_t skip_prefixes(const struct shell_word *words, size_t n)
{
	const struct prefix *p = NULL;
	struct str name, value;
	int operands = 0;

	for (size_t i = 0; i < n; i++) {
		struct str w = strip_exec(words[i].text);

		if (shell_assignment(w, &name, &value))
			continue;
		if (p && w.len > 1 && w.ptr[0] == '-') {
			if (w.len == 2 && strchr(p->valued, w.ptr[1]))
				i++;
			continue;
		}
		if (p && operands-- > 0)
			continue;
		p = find_prefix(str_basename(w));
		if (!p)
			return i;
		operands = p->operands;
	}
	return n;
}

struct commands {
	struct arena *a;
	const struct job_text *text;
	job_command_fn *fn;
	void *user;
	unsigned line;
};

static int split(struct commands *x, struct str line, bool inner);

static bool is_shell(struct str program)
{
	return str_eq(program, STR("sh")) || str_eq(program, STR("bash")) ||
	       str_eq(program, STR("dash")) || str_eq(program, STR("ash"));
}

static int one(struct commands *x, const struct shell_word *words, size_t n, bool inner)
{
	size_t skip = skip_prefixes(words, n);
	struct job_command cmd = { .words = words + skip,
				   .n = n - skip,
				   .before = words,
				   .n_before = skip,
				   .file = x->text->file,
				   .line = x->line,
				   .mode = x->text->mode };
	int r;

	if (cmd.n)
		cmd.program = str_basename(strip_exec(words[skip].text));
	r = x->fn(&cmd, x->user);
	if (r != 0 || inner || !is_shell(cmd.program))
		return r;
	for (size_t i = 1; i + 1 < cmd.n; i++) {
		struct str w = cmd.words[i].text;

		/* -c, -lc, -ec: what follows is a script. */
		if (w.len > 1 && w.ptr[0] == '-' && w.ptr[w.len - 1] == 'c')
			return split(x, cmd.words[i + 1].text, true);
	}
	return 0;
}

static int split(struct commands *x, struct str line, bool inner)
{
	struct shell_words words;
	size_t at = 0, first, n;
	int r = shell_split(line, x->a, &words);

	while (r == 0 && shell_command(&words, &at, &first, &n))
		r = one(x, words.words + first, n, inner);
	return r;
}

int job_commands(struct arena *a, const struct job_text *text, job_command_fn *fn, void *user)
{
	struct commands x = { a, text, fn, user, 0 };
	struct str rest = text->text, line;
	unsigned next = text->line - 1;
	int r;

	while ((r = shell_line(&rest, &next, &x.line, a, &line)) == 1) {
		r = split(&x, line, false);
		if (r != 0)
			return r;
	}
	return r;
}
