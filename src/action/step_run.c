/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes that programs make: units, packages, accounts, Azure. */
#include <stdio.h>
#include <sys/wait.h>

#include "action/step.h"
#include "action/unit.h"
#include "base/subprocess.h"

#define PROGRAM_MS (30 * 60 * 1000)
#define OUTPUT_MAX ((size_t)4 << 20)

static struct str last_line(struct str text)
{
	struct str last = {}, line;

	while (str_line(&text, &line, NULL))
		if (str_trim(line).len)
			last = str_trim(line);
	return last;
}

int step_program(const char *const argv[], struct diag *d) { return step_ask(argv, PROGRAM_MS, d); }

int step_ask(const char *const argv[], int timeout_ms, struct diag *d)
{
	/* What goes wrong is said on standard error, which a subprocess of ours has not. */
	const char *all[CHANGE_ARGS_MAX + 8] = { "/bin/sh", "-c", "exec \"$@\" 2>&1", "sh" };
	own(buf_release) struct buf out = BUF(OUTPUT_MAX);
	size_t n = 4;
	int status = 0, r;
	struct str why;
	char text[200];

	if (!argv || !argv[0])
		return diag_set(d, -EINVAL, NULL, 0, "there is no program to run");
	for (size_t i = 0; argv[i]; i++) {
		if (n + 1 == COUNT(all))
			return -E2BIG;
		all[n++] = argv[i];
	}
	r = subprocess_run(all, timeout_ms, &out, &status);
	if (r < 0)
		return diag_set(d, r, NULL, 0, "%s: %s", argv[0],
				r == -ETIME ? "takes too long" : strerror(-r));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	why = last_line(buf_view(&out));
	text_safe(why, text, sizeof text);
	return diag_set(d, WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -ENOENT : -EPROTO,
			NULL, 0, "%s: %s", argv[0], why.len ? text : "failed");
}

/* az keeps who is logged in below the home of its user. */
static int run_azure(const struct change *c, bool undo, struct diag *d)
{
	const char *all[CHANGE_ARGS_MAX + 8];
	const char *home = getenv("HOME"), *config = getenv("AZURE_CONFIG_DIR");
	char home_text[4096 + 8], config_text[4096 + 24];
	const char *const *argv = undo ? c->undo : c->argv;
	size_t n = 0;

	(void)snprintf(home_text, sizeof home_text, "HOME=%s", home ? home : "/root");
	(void)snprintf(config_text, sizeof config_text, "AZURE_CONFIG_DIR=%s",
		       config ? config : "");
	all[n++] = "env";
	all[n++] = "PATH=/usr/local/bin:/usr/bin:/bin";
	all[n++] = home_text;
	if (config)
		all[n++] = config_text;
	for (size_t i = 0; argv && argv[i] && n < COUNT(all) - 3; i++)
		all[n++] = argv[i];
	if (c->azure_body && !undo) {
		all[n++] = "--body";
		all[n++] = c->azure_body;
	}
	all[n] = NULL;
	return step_program(all, d);
}

int step_run(const struct changelog *j, const struct entry *e, size_t i, bool undo, struct diag *d)
{
	const struct change *c = &e->list[i].c;

	if (c->argv && !j->root->live)
		return diag_set(d, -EPERM, NULL, 0, "%s is not run for a tree", c->argv[0]);
	switch (c->kind) {
	case CHANGE_UNIT: return undo ? unit_restore(j->root, c, d) : unit_change(j->root, c, d);
	case CHANGE_COMMAND:
		if (undo && !c->undo)
			return 0;
		return step_program(undo ? c->undo : c->argv, d);
	case CHANGE_AZURE: return undo && !c->undo ? 0 : run_azure(c, undo, d);
	default: return 0;
	}
}
