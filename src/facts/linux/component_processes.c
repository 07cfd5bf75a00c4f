/* SPDX-License-Identifier: GPL-3.0-or-later */
/* component_processes: Which processes run, or may load, which components. */
#include "base/map.h"
#include "facts/fact.h"
#include "facts/linux/host_rules.h"
#include "facts/store.h"

#define FACT_ROW component_processes_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, component, "components.id") \
	X(INT, pid, "process id") \
	X(TEXT, how, "as in process_code: executable, argument, open, mapped, search; web root where a web server or php serves the site")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "component_processes",
	.doc = "Which processes run, or may load, which components.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "component",
};

#define PLACES_MAX 100'000
#define NONE SIZE_MAX

struct place {
	int64_t pid;
	const char *how;
	size_t next; /* another process with the same path; NONE */
};

struct run {
	struct collect *c;
	struct map paths; /* of process_code -> first place */
	struct place *places;
	size_t n, cap;
};

static const char *how_of(struct str s)
{
	static const char *const words[] = { "executable", "argument", "open", "mapped", "search" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (str_eq(s, str_of(words[i])))
			return words[i];
	return "web root";
}

static int add_place(sqlite3_stmt *st, void *user)
{
	struct run *run = user;
	struct str path = store_text(st, 1);
	struct place p = { sqlite3_column_int64(st, 0), how_of(store_text(st, 2)), NONE };
	uint64_t *first = map_get(&run->paths, path);

	if (run->n >= PLACES_MAX) {
		if (run->n == PLACES_MAX)
			collect_problem(run->c, E2BIG, NULL, "only %d places were looked at",
					PLACES_MAX);
		return 0;
	}
	if (first) {
		p.next = run->places[*first].next;
		run->places[*first].next = run->n;
	} else {
		path = arena_str(run->c->arena, path);
		if (!path.ptr)
			return -ENOMEM;
		if (map_put(&run->paths, path, run->n) < 0)
			return -ENOMEM;
	}
	return arena_push(run->c->arena, run->places, run->n, run->cap, p);
}

/* How much it says, the most first: a process that has it open surely uses it. */
static int weight(const char *how)
{
	static const char *const order[] = { "search", "web root", "mapped",
					     "open",   "argument", "executable" };

	for (size_t i = 0; i < COUNT(order); i++)
		if (!strcmp(order[i], how))
			return (int)i;
	return -1;
}

#define SEEN_MAX 64

struct seen {
	struct {
		int64_t pid;
		const char *how;
	} list[SEEN_MAX];
	size_t n;
};

static int note(struct run *run, int64_t id, const struct place *p, struct seen *seen)
{
	for (size_t i = 0; i < seen->n; i++) {
		if (seen->list[i].pid != p->pid)
			continue;
		if (weight(p->how) > weight(seen->list[i].how))
			seen->list[i].how = p->how;
		return 0;
	}
	if (seen->n < SEEN_MAX) {
		seen->list[seen->n].pid = p->pid;
		seen->list[seen->n++].how = p->how;
		return 0;
	}
	return collect_row(run->c, &(struct component_processes_row){
					   .component = id, .pid = p->pid, .how = str_of(p->how) });
}

/* The file itself and every folder above it. */
static int join(sqlite3_stmt *st, void *user)
{
	struct run *run = user;
	int64_t id = sqlite3_column_int64(st, 0);
	struct str path = store_text(st, 1);
	const char *archive = path.len ? memmem(path.ptr, path.len, "!/", 2) : NULL;
	struct seen seen = {};
	int r = 0;

	if (archive)
		path = str_sub(path, 0, (size_t)(archive - path.ptr));
	while (r >= 0 && path.len > 1) {
		const uint64_t *first = map_get(&run->paths, path);

		for (size_t i = first ? (size_t)*first : NONE; r >= 0 && i != NONE;
		     i = run->places[i].next)
			r = note(run, id, &run->places[i], &seen);
		path = str_sub(path, 0, (size_t)MAX(str_rfind(path, '/'), 0));
	}
	for (size_t i = 0; r >= 0 && i < seen.n; i++)
		r = collect_row(run->c, &(struct component_processes_row){
						.component = id,
						.pid = seen.list[i].pid,
						.how = str_of(seen.list[i].how) });
	return r;
}

static void run_release(struct run *run) { map_release(&run->paths); }

/* Sites of web servers run in them, or in php; what Composer installs lies beside the public folder. */
static const char web_roots[] =
	"WITH roots AS (SELECT DISTINCT rtrim(value, '/') AS root, server FROM web_server_config "
	"WHERE directive IN ('root', 'documentroot') AND value LIKE '/%' AND length(value) > 4), "
	"places AS (SELECT root, server FROM roots UNION SELECT "
	"CASE WHEN root LIKE '%/public' THEN substr(root, 1, length(root) - 7) "
	"WHEN root LIKE '%/web' THEN substr(root, 1, length(root) - 4) ELSE root END, server "
	"FROM roots) "
	"SELECT p.pid, r.root, 'web root' FROM places r, processes p "
	"WHERE p.container = '' AND (p.name LIKE 'php-fpm%' "
	"OR r.server = 'apache' AND p.name IN ('apache2', 'httpd'))";

static int collect(struct collect *c)
{
	own(run_release) struct run run = { .c = c };
	int r = host_each(c->facts, "SELECT pid, path, how FROM process_code", add_place, &run);

	if (r >= 0)
		r = host_each(c->facts, web_roots, add_place, &run);
	return r < 0 ? r
		     : host_each(c->facts, "SELECT id, path FROM components ORDER BY id", join,
				 &run);
}

const struct collector collector_component_processes = {
	.table = &table,
	.collect = collect,
	.group = GROUP_DERIVED,
	.needs = "components process_code processes web_server_config",
	.needs_live = true,
	.budget_ms = 20'000,
	.row_limit = 500'000,
};
