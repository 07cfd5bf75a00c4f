/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stdio.h>

#include "base/diag.h"
#include "cli/cli.h"

void cli_error(const char *fmt, ...)
{
	char text[2048], safe[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	fprintf(stderr, "holdfast: %s\n", text_safe(str_of(text), safe, sizeof safe));
}

int cli_list_add(struct cli_list *l, const char *item)
{
	const char **items = realloc(l->items, (l->n + 1) * sizeof *items);

	if (!items)
		return -ENOMEM;
	l->items = items;
	l->items[l->n++] = item;
	return 0;
}

void cli_list_release(struct cli_list *l)
{
	free(l->items);
	*l = (struct cli_list){};
}

static void print_option(const struct option_spec *o)
{
	char left[64];
	int n = 0;

	if (o->letter)
		n = snprintf(left, sizeof left, "-%c, ", o->letter);
	else
		n = snprintf(left, sizeof left, "    ");
	snprintf(left + n, sizeof left - (size_t)n, "--%s%s%s", o->name, o->value ? " " : "",
		 o->value ? o->value : "");
	printf("  %-26s  %s\n", left, o->help);
}

static void print_help(const struct verb *v, const struct option_spec *options, size_t n)
{
	printf("usage: holdfast %s [OPTION]...%s%s\n\n%s.\n", v->name, v->args[0] ? " " : "",
	       v->args, v->summary);
	if (v->detail[0])
		printf("\n%s\n", v->detail);
	printf("\nOptions:\n");
	for (size_t i = 0; i < n; i++)
		print_option(&options[i]);
	print_option(
		&(struct option_spec){ .name = "help", .letter = 'h', .help = "show this help" });
	for (size_t i = 0; i < COUNT(v->examples) && v->examples[i].command; i++)
		printf("%s  %s\n      %s\n", i ? "" : "\nExamples:\n", v->examples[i].command,
		       v->examples[i].what);
}

static const struct option_spec *find_option(const struct option_spec *options, size_t n,
					     struct str name, char letter)
{
	for (size_t i = 0; i < n; i++)
		if (letter ? options[i].letter == letter : str_eq(str_of(options[i].name), name))
			return &options[i];
	return NULL;
}

static bool is_one_of(const char *words, const char *value)
{
	struct str rest = str_of(words);

	for (struct str word = str_word(&rest); word.ptr; word = str_word(&rest))
		if (str_eq(word, str_of(value)))
			return true;
	return false;
}

static int usage(const struct verb *v, const char *what, const char *arg)
{
	cli_error("%s: %s '%s' (see: holdfast help %s)", v->name, what, arg, v->name);
	return -1;
}

/* One option at argv[*i], which moves on when the value is the next argument. */
static int take_option(const struct verb *v, const struct option_spec *options, size_t n, int argc,
		       char **argv, int *i)
{
	const char *arg = argv[*i], *value = NULL;
	struct str name = {};
	const struct option_spec *o;
	char letter = 0;

	if (arg[1] == '-') {
		name = str_of(arg + 2);
		if (str_find(name, '=') >= 0) {
			value = arg + 2 + str_find(name, '=') + 1;
			name.len = (size_t)str_find(name, '=');
		}
	} else {
		letter = arg[1];
		if (arg[2])
			value = arg + 2;
	}
	o = find_option(options, n, name, letter);
	if (!o)
		return usage(v, "unknown option", arg);
	if (!o->value) {
		if (value)
			return usage(v, "option takes no value:", arg);
		*o->flag = true;
		return 0;
	}
	if (!value && ++*i < argc)
		value = argv[*i];
	if (!value)
		return usage(v, "option needs a value:", arg);
	if (o->words && !is_one_of(o->words, value)) {
		cli_error("%s: --%s is one of: %s (not '%s')", v->name, o->name, o->words, value);
		return -1;
	}
	if (o->list)
		return cli_list_add(o->list, value) < 0 ? usage(v, "out of memory at", arg) : 0;
	*o->text = value;
	return 0;
}

int cli_parse(const struct verb *v, const struct option_spec *options, size_t n, int argc,
	      char **argv)
{
	bool only_args = false;
	int rest = 1;

	for (int i = 1; i < argc; i++) {
		if (only_args || argv[i][0] != '-' || !argv[i][1]) {
			argv[rest++] = argv[i];
		} else if (!strcmp(argv[i], "--")) {
			only_args = true;
		} else if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
			print_help(v, options, n);
			return -2;
		} else if (!strcmp(argv[i], "--help-json")) {
			cli_describe(v, options, n);
			return -2;
		} else if (take_option(v, options, n, argc, argv, &i) < 0) {
			return -1;
		}
	}
	return rest - 1;
}
