/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pam_stack: PAM stacks of every service with includes resolved, in order. */
#include "facts/linux/package_db.h"
#include "facts/linux/pam.h"

#define FACT_ROW pam_stack_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, service, "file name below pam.d") \
	X(TEXT, type, "auth, account, password or session") \
	X(INT, position, "order within service and type, from 1") \
	X(TEXT, control, "required, sufficient, [success=1 default=ignore] …") \
	X(TEXT, module, "module name without directory, for example pam_unix.so; '' for an include of a file that is missing") \
	X(TEXT, module_path, "module as written") \
	X(TEXT, arguments, "arguments as written") \
	X(TEXT, file, "file that holds the line") \
	X(INT, line, "line") \
	X(TEXT, path, "file of the module, '' where there is none") \
	X(TEXT, package, "package that brought that file, ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "pam_stack",
	.doc = "PAM stacks of every service with includes resolved, in order.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static void include_has_no_module(struct pam_stack_row *row)
{
	if (str_eq(row->control, STR("include")) || str_eq(row->control, STR("substack")))
		row->module = STR("");
}

struct modules {
	struct str *paths, *packages;
	size_t n, cap;
	struct map names; /* file name -> index */
};

static void modules_release(struct modules *m) { map_release(&m->names); }

/* What pam_start(3) may load by its bare name; the first directory that has it wins. */
static int find_modules(struct collect *c, struct modules *m)
{
	static const char *const patterns[] = {
		"/usr/lib/*-linux-*/security/*.so", "/lib/*-linux-*/security/*.so",
		"/usr/lib64/security/*.so",         "/lib64/security/*.so",
		"/usr/lib/security/*.so",           "/lib/security/*.so",
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(patterns); i++) {
		struct str *paths;
		size_t n = 0;

		r = collect_glob(c, patterns[i], &paths, &n);
		for (size_t k = 0; r == 1 && k < n; k++) {
			struct str name = str_basename(paths[k]);

			if (map_get(&m->names, name))
				continue;
			if (map_put(&m->names, name, m->n) < 0 ||
			    arena_push(c->arena, m->paths, m->n, m->cap, paths[k]) < 0)
				return -ENOMEM;
		}
	}
	return MIN(r, 0);
}

/* Modules that are named by their full path. */
static int add_named(struct collect *c, const struct pam *pam, struct modules *m)
{
	for (size_t i = 0; i < pam->n; i++) {
		struct str path = pam->rules[i].module_path;
		const char *name = arena_cstr(c->arena, path);
		struct stat st;

		if (!name)
			return -ENOMEM;
		if (name[0] != '/' || map_get(&m->names, path) || root_stat(c->root, name, &st) < 0)
			continue;
		if (map_put(&m->names, path, m->n) < 0 ||
		    arena_push(c->arena, m->paths, m->n, m->cap, path) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int load_modules(struct collect *c, const struct pam *pam, struct modules *m)
{
	int r = find_modules(c, m);

	if (r == 0)
		r = add_named(c, pam, m);
	if (r < 0 || !m->n)
		return r;
	m->packages = arena_array(c->arena, m->n, sizeof *m->packages);
	return m->packages ? package_db_owners(c, m->paths, m->n, m->packages) : -ENOMEM;
}

static int emit(struct collect *c, const struct modules *m, const struct pam_rule *rule)
{
	const uint64_t *at = map_get(&m->names, rule->module_path);
	struct pam_stack_row row = {
		.service = rule->service,
		.type = rule->type,
		.position = rule->position,
		.control = rule->control,
		.module = pam_module(rule),
		.module_path = rule->module_path,
		.arguments = rule->arguments,
		.file = rule->file,
		.line = rule->line,
	};

	if (at) {
		row.path = m->paths[*at];
		row.package = m->packages[*at];
	}
	include_has_no_module(&row);
	return collect_row(c, &row);
}

static int collect(struct collect *c)
{
	own(pam_release) struct pam pam = {};
	own(modules_release) struct modules modules = {};
	int r = pam_load(c, &pam);

	if (r >= 0)
		r = load_modules(c, &pam, &modules);
	for (size_t i = 0; r >= 0 && i < pam.n; i++)
		r = emit(c, &modules, &pam.rules[i]);
	return r < 0 ? r : 0;
}

const struct collector collector_pam_stack = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
