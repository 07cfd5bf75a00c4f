/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/term.h"
#include "cli/secrets.h"

#define PROBLEMS_SHOWN 10
#define TEXT_MAX 2048

static int64_t age_of(const struct secrets_list *l, const struct report_item *i)
{
	int64_t then = i->r.time ? i->r.time : i->r.mtime;

	return then > 0 && then <= l->now ? l->now - then : -1;
}

static const char *age_text(int64_t seconds, char *text, size_t size)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {
		{365 * 86400, "year"  },
                { 30 * 86400, "month" },
                { 86400,      "day"   },
		{ 3600,       "hour"  },
                { 60,         "minute"},
                { 1,          "second"},
	};

	if (seconds < 0)
		return "";
	for (size_t i = 0; i < COUNT(units); i++)
		if (seconds >= units[i].seconds || i + 1 == COUNT(units)) {
			int64_t n = seconds / units[i].seconds;

			snprintf(text, size, "%" PRId64 " %s%s old", n, units[i].name,
				 n == 1 ? "" : "s");
			break;
		}
	return text;
}

static json_t *text_json(struct str s)
{
	char shown[TEXT_MAX * 4];
	json_t *j = json_stringn(s.ptr ? s.ptr : "", s.len);

	return j ? j : json_string(text_safe(s, shown, sizeof shown));
}

static json_t *secret_json(const struct secrets_list *l, const struct report_item *i)
{
	int64_t age = age_of(l, i);
	char mode[8];
	uint32_t new_mode;
	json_t *j = json_object();

	snprintf(mode, sizeof mode, "%04o", i->r.mode & 07777);
	json_object_set_new(j, "file", text_json(i->path));
	json_object_set_new(j, "line", json_integer((json_int_t)i->r.line));
	json_object_set_new(j, "kind", json_string(i->r.kind));
	json_object_set_new(j, "masked", json_string(i->r.mask));
	json_object_set_new(j, "time", i->r.time ? json_integer(i->r.time) : json_null());
	json_object_set_new(j, "age_days", age < 0 ? json_null() : json_integer(age / 86400));
	json_object_set_new(j, "mode", i->r.mode ? json_string(mode) : json_null());
	json_object_set_new(j, "others_can_read", json_boolean(i->r.mode & 044));
	json_object_set_new(j, "rewritable", json_boolean(secrets_can_rewrite(i)));
	json_object_set_new(j, "closable", json_boolean(secrets_can_close(i, &new_mode)));
	if (i->r.what[0])
		json_object_set_new(j, "process", text_json(str_of(i->r.what)));
	if (i->r.rule[0])
		json_object_set_new(j, "rule", text_json(str_of(i->r.rule)));
	return j;
}

static int print_json(const struct secrets_list *l)
{
	json_t *top = json_object(), *secrets = json_array(), *problems = json_array();
	int r;

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(secrets, secret_json(l, &l->items[i]));
	for (size_t i = 0; i < l->n_problems; i++) {
		const struct report_item *p = &l->problems[i];

		json_array_append_new(problems, json_pack("{s:o, s:s, s:s}", "file",
							  text_json(p->path), "what", p->r.what,
							  "reason", strerror(abs(p->r.error))));
	}
	json_object_set_new(top, "secrets", secrets);
	json_object_set_new(top, "problems", problems);
	json_object_set_new(top, "files", json_integer((json_int_t)l->end.files));
	json_object_set_new(top, "bytes", json_integer((json_int_t)l->end.bytes));
	json_object_set_new(top, "skipped", json_integer((json_int_t)l->end.skipped));
	r = json_dumpf(top, stdout, JSON_ENSURE_ASCII | JSON_INDENT(2));
	putchar('\n');
	json_decref(top);
	return r;
}

static void print_file(const struct term *t, const struct report_item *i, size_t n)
{
	char shown[TEXT_MAX];

	printf("%s%s%s", term_on(t, TERM_BOLD), text_safe(i->path, shown, sizeof shown),
	       term_off(t));
	if (i->r.mode & 07777)
		printf("  %s%04o%s", i->r.mode & 044 ? term_on(t, TERM_RED) : "", i->r.mode & 07777,
		       i->r.mode & 044 ? term_off(t) : "");
	if (i->r.what[0])
		printf("  %s", text_safe(str_of(i->r.what), shown, sizeof shown));
	printf("  %zu secret%s%s\n", n, n == 1 ? "" : "s",
	       i->r.mode & 04    ? ", everybody can read it"
	       : i->r.mode & 040 ? ", its group can read it"
				 : "");
}

static void print_text(const struct secrets_list *l)
{
	struct term t = term_of(STDOUT_FILENO);
	size_t files = 0;
	char age[40], rule[300];

	for (size_t i = 0; i < l->n; i++) {
		const struct report_item *s = &l->items[i];

		if (!i || !str_eq(s->path, l->items[i - 1].path)) {
			size_t n = 1;

			while (i + n < l->n && str_eq(s->path, l->items[i + n].path))
				n++;
			print_file(&t, s, n);
			files++;
		}
		age[0] = '\0';
		printf("  %8" PRIu64 "  %-18s  %-10s  %s%s%s\n", s->r.line, s->r.kind, s->r.mask,
		       age_text(age_of(l, s), age, sizeof age), s->r.rule[0] ? "  rule " : "",
		       text_safe(str_of(s->r.rule), rule, sizeof rule));
	}
	printf("%s%zu secret%s in %zu file%s; %" PRIu64 " files, %" PRIu64 " MB looked at\n",
	       l->n ? "\n" : "", l->n, l->n == 1 ? "" : "s", files, files == 1 ? "" : "s",
	       l->end.files, l->end.bytes >> 20);
	if (l->n)
		printf("Change them first: who could read the file has them. Then take them out "
		       "(--fix does that for histories).\n");
}

static void print_problems(const struct secrets_list *l)
{
	char shown[TEXT_MAX];

	for (size_t i = 0; i < l->n_problems && i < PROBLEMS_SHOWN; i++) {
		const struct report_item *p = &l->problems[i];

		cli_error("%s %s: %s", text_safe(p->path, shown, sizeof shown), p->r.what,
			  strerror(abs(p->r.error)));
	}
	if (l->n_problems > PROBLEMS_SHOWN)
		cli_error("%zu more could not be looked at%s", l->n_problems - PROBLEMS_SHOWN,
			  geteuid() ? " (root can)" : "");
}

int secrets_print(const struct secrets_list *l, bool json)
{
	int r = 0;

	if (json)
		r = print_json(l);
	else
		print_text(l);
	if (!json)
		print_problems(l);
	if (fflush(stdout) || ferror(stdout) || r < 0)
		return EXIT_FAILED;
	if (l->n)
		return EXIT_FINDINGS;
	return l->n_problems && !l->end.files ? EXIT_FAILED : EXIT_OK;
}
