/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Watches the tree ROOT with the baseline DATABASE, confined as the daemon's process is, and prints
 * a JSON line for each change with the rules of the folders RULES… that match it. A line on
 * standard input: all that waits is read, then {"synced": …} is printed.
 */
#include <dirent.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>

#include "base/file.h"
#include "base/sandbox.h"
#include "detect/rule.h"
#include "sensor/integrity.h"

struct watch {
	struct fim *fim;
	struct matcher *matcher;
};

static void put(json_t *o, const char *name, struct str s)
{
	if (s.len)
		json_object_set_new(o, name, json_stringn_nocheck(s.ptr, s.len));
}

static int tell(void *user, const struct fim_change *c)
{
	struct watch *w = user;
	json_t *o = json_object(), *rules = json_array();
	const struct rule *const *found;
	struct event e;
	size_t n = 0;

	put(o, "what", str_of(fim_what_name(c->what)));
	put(o, "class", str_of(fim_class_name(c->class)));
	put(o, "action", str_of(c->action));
	put(o, "path", c->path);
	put(o, "old", c->old_path);
	put(o, "text", c->text);
	put(o, "origin", str_of(fim_origin_name(c->origin)));
	put(o, "package", c->package);
	put(o, "image", c->process.image);
	put(o, "command", c->process.command_line);
	put(o, "user", c->process.user);
	json_object_set_new(o, "pid", json_integer(c->process.pid));
	json_object_set_new(o, "severity", json_integer(c->severity));
	json_object_set_new(o, "offline", json_boolean(c->offline));
	json_object_set_new(o, "manager", json_boolean(c->process.manager));
	if (fim_event(w->fim, c, &e) == 0 && matcher_match(w->matcher, &e, &found, &n) == 0)
		for (size_t i = 0; i < n; i++)
			json_array_append_new(
				rules, json_stringn(found[i]->title.ptr, found[i]->title.len));
	json_object_set_new(o, "rules", rules);
	json_dumpf(o, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(o);
	return 0;
}

static int add_rules(const char *folder, struct arena *a, struct rule_text *list, size_t max,
		     size_t *n)
{
	DIR *d = opendir(folder);
	const struct dirent *e;

	if (!d)
		return -errno;
	while ((e = readdir(d)) && *n < max) {
		struct str name = str_of(e->d_name);
		const char *path = arena_fmt(a, "%s/%s", folder, e->d_name).ptr;
		struct rule_text t = { .file = str_of(path) };

		if (str_ends(name, STR(".yml")) && path &&
		    file_read(path, 1 << 20, a, &t.text) == 0)
			list[(*n)++] = t;
	}
	closedir(d);
	return 0;
}

static int drain(struct watch *w)
{
	struct fim_status st;
	unsigned still = 0;

	/* What waits for a package manager needs some time without one. */
	for (;;) {
		ssize_t n = fim_read(w->fim, 1000, tell, w);

		fim_status(w->fim, &st);
		if (n < 0 || still > 100)
			return -1;
		if (n == 0 && !st.pending)
			break;
		if (n == 0) {
			struct pollfd p = { .fd = -1 };

			still++;
			poll(&p, 1, 100);
		}
	}
	printf("{\"synced\": %" PRIu64 ", \"how\": \"%s\", \"overflows\": %" PRIu64
	       ", \"files\": %" PRIu64 ", \"journal_errors\": %" PRIu64 ", \"unresolved\": %" PRIu64
	       "}\n",
	       st.notices, st.how, st.overflows, st.files, st.journal_errors, st.unresolved);
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	static struct rule_text texts[2000];
	own(arena_release) struct arena a = {};
	own(names_release) struct names *names = NULL;
	own(rules_release) struct rules *rules = NULL;
	own(matcher_release) struct matcher *matcher = NULL;
	own(fim_release) struct fim *f = NULL;
	struct sandbox_state state;
	struct watch w;
	struct diag d = {};
	char line[64];
	size_t n = 0;

	if (argc < 3)
		return 2;
	for (int i = 3; i < argc; i++)
		if (add_rules(argv[i], &a, texts, COUNT(texts), &n) < 0)
			return 3;
	if (names_new(&names) < 0 || fim_fields(names) < 0 ||
	    rules_compile(texts, n, names, STR(""), NULL, NULL, &rules) < 0 ||
	    matcher_new(rules, &matcher) < 0)
		return 3;
	if (fim_open(&(struct fim_options){ .root = argv[1], .database = argv[2], .names = names },
		     &f, &d) < 0) {
		printf("{\"error\": \"%s\"}\n", d.reason);
		return 3;
	}
	w = (struct watch){ f, matcher };
	if (!getenv("UNCONFINED") && fim_confine(f, &state) < 0)
		return 3;
	if (fim_start(f, tell, NULL, &w) < 0 || drain(&w) < 0)
		return 3;
	for (;;) {
		struct pollfd p[] = {
			{STDIN_FILENO, POLLIN, 0},
			{ fim_fd(f),   POLLIN, 0},
		};

		if (poll(p, COUNT(p), fim_timeout(f)) < 0)
			return 3;
		if (p[0].revents && read(STDIN_FILENO, line, sizeof line) <= 0)
			return 0;
		if (p[0].revents ? drain(&w) < 0 : fim_read(f, 1000, tell, &w) < 0)
			return 3;
	}
}
