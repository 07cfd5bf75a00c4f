/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vulns FILE...: facts of several machines, one after the other, and which to patch first. */
#include "cli/output.h"
#include "cli/vulns.h"
#include "posture/check.h"

static int load(struct source *s, const char *path, struct arena *a, struct vuln_machine *ret)
{
	own(arena_release) struct arena own_memory = { .limit = VULNS_MEMORY };
	own(store_release) struct store store = {};
	struct snapshot_result result;
	struct vulns v;
	int r;

	s->facts = path;
	r = source_load(s, &store, &result);
	if (r != EXIT_OK)
		return r;
	r = store_seal(&store);
	if (r >= 0)
		r = vulns_load(&store, &own_memory, &v);
	if (r >= 0)
		r = vulns_machine(&v, a, ret);
	if (r < 0) {
		cli_error("%s: cannot judge the packages: %s", path, strerror(-r));
		return EXIT_FAILED;
	}
	ret->facts = str_of(path);
	return EXIT_OK;
}

static int print(const struct vuln_machine *list, size_t n, const char *format)
{
	struct buf out own(buf_release) = BUF((size_t)256 << 20);
	struct term term = term_of(STDOUT_FILENO);
	struct output file;
	int r = strcmp(format, "json") ? vulns_machines_text(list, n, &term, &out)
				       : vulns_machines_json(list, n, &out);

	if (r < 0) {
		cli_error("cannot write the report: %s", strerror(-r));
		return EXIT_FAILED;
	}
	r = output_open(&file, NULL);
	return r == EXIT_OK ? output_finish(&file, buf_view(&out)) : r;
}

static int verdict(const struct vuln_machine *list, size_t n, const char *fail_on)
{
	int least = fail_on ? severity_find(str_of(fail_on)) : 0;

	for (size_t i = 0; fail_on && i < n; i++)
		if (list[i].first.len &&
		    severity_find(str_of(vuln_risk_name(list[i].risk))) >= least)
			return EXIT_FINDINGS;
	return EXIT_OK;
}

int vulns_machines(struct source *s, char **paths, size_t n, const char *format,
		   const char *fail_on)
{
	own(arena_release) struct arena a = { .limit = VULNS_MEMORY };
	struct vuln_machine *list = arena_alloc(&a, n * sizeof *list);
	int r = list ? EXIT_OK : EXIT_FAILED;

	if (!list)
		cli_error("out of memory");
	s->more = (const char *const *)paths;
	s->n_more = n;
	for (size_t i = 0; r == EXIT_OK && i < n; i++)
		r = load(s, paths[i], &a, &list[i]);
	if (r != EXIT_OK)
		return r;
	qsort(list, n, sizeof *list, vulns_machine_cmp);
	r = print(list, n, format);
	return r == EXIT_OK ? verdict(list, n, fail_on) : r;
}
