/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/sandbox.h"
#include "cli/exposed.h"

#define RULES_MAX ((size_t)512 << 20)
#define FIXES_MAX 64
#define SQLITE_MAGIC "SQLite format 3"

void exposed_release(struct exposed *x)
{
	reach_release(&x->cloud);
	host_reach_release(&x->reach);
	store_release(&x->store);
	arena_release(&x->files);
}

static bool is_fact_file(const char *path)
{
	char magic[sizeof SQLITE_MAGIC] = "";
	own(close_fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd >= 0 && read(fd, magic, sizeof magic) == sizeof magic &&
	       !strcmp(magic, SQLITE_MAGIC);
}

int exposed_no_facts(const char *path)
{
	if (!is_fact_file(path))
		return EXIT_OK;
	cli_error("%s: is a Holdfast fact file: --facts reads it", path);
	return EXIT_FAILED;
}

static int read_rules(const char *path, struct exposed *x)
{
	int r = exposed_no_facts(path);

	if (r != EXIT_OK)
		return r;
	r = file_read(path, RULES_MAX, &x->files, &x->rules.text);
	if (r < 0) {
		cli_error("%s: %s", path, file_error(r));
		return EXIT_FAILED;
	}
	/* Mostly of a command that failed: `nft -j` and iptables-save say so where there are none. */
	if (!str_trim(x->rules.text).len) {
		cli_error("%s: is empty: no rule set", path);
		return EXIT_FAILED;
	}
	x->rules.name = str_of(path);
	x->has_rules = true;
	return EXIT_OK;
}

/* A folder, or JSON that nft has not written. */
static bool is_azure(const char *path)
{
	char head[512] = "";
	own(close_fd) int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	n = S_ISREG(st.st_mode) ? read(fd, head, sizeof head - 1) : 0;
	if (S_ISDIR(st.st_mode))
		return true;
	return n > 0 && strpbrk(head, "{[") && !strchr("*#:-", head[0]) &&
	       !strstr(head, "\"nftables\"") && !strstr(head, "table ");
}

static int mark_tables(const struct exposed_source *from, bool *wanted)
{
	for (size_t i = 0; i < from->n_tables; i++)
		for (size_t k = 0; k < n_collectors; k++)
			if (!strcmp(collectors[k]->table->name, from->tables[i]))
				wanted[k] = true;
	return 0;
}

static int load_machine(struct exposed_source *from, struct exposed *x)
{
	own(free_ptr) bool *wanted = calloc(n_collectors, sizeof *wanted);
	struct snapshot_result result;
	int r;

	if (!wanted) {
		cli_error("out of memory");
		return EXIT_FAILED;
	}
	(void)mark_tables(from, wanted);
	from->machine.wanted = from->n_tables ? wanted : NULL;
	r = source_load(&from->machine, &x->store, &result);
	from->machine.wanted = NULL;
	x->has_machine = r == EXIT_OK;
	return r;
}

static int take_keep(const struct cli_list *keep, struct exposed *x)
{
	struct net_range parts[2];
	size_t n;

	x->keep.list = arena_array(&x->files, MAX(keep->n, 1), sizeof *x->keep.list);
	for (size_t i = 0; x->keep.list && i < keep->n; i++) {
		struct str one = str_of(keep->items[i]);

		if (net_prefix_parse(one, parts, &n) < 0) {
			cli_error("--keep takes an address or a prefix such as 198.51.100.0/24, "
				  "not '%s'",
				  keep->items[i]);
			return EXIT_USAGE;
		}
		x->keep.list[x->keep.n++] = one;
		while (n)
			if (net_ranges_add(&x->keep_ranges, &x->files, parts[--n]) < 0)
				return EXIT_FAILED;
	}
	return x->keep.list ? EXIT_OK : EXIT_FAILED;
}

int exposed_open(struct exposed_source *from, struct exposed *ret)
{
	bool machine =
		from->live || from->machine.root || from->machine.facts || from->machine.proc;
	int r = EXIT_OK;

	ret->files.limit = 2 * RULES_MAX;
	if (from->any && is_fact_file(from->any))
		from->machine.facts = from->any;
	else if (from->any && is_azure(from->any)) {
		from->azure = &from->any;
		from->n_azure = 1;
	} else if (from->any)
		from->ruleset = from->any;
	machine |= from->machine.facts != NULL;
	if (from->keep)
		r = take_keep(from->keep, ret);
	if (r == EXIT_OK && from->ruleset)
		r = read_rules(from->ruleset, ret);
	if (r == EXIT_OK)
		r = exposed_read_azure(from->azure, from->n_azure, ret);
	if (r == EXIT_OK && (machine || (!from->ruleset && !from->n_azure)))
		r = load_machine(from, ret);
	else if (r == EXIT_OK && store_open(&ret->store) < 0)
		r = EXIT_FAILED;
	if (r == EXIT_OK && store_seal(&ret->store) < 0) {
		cli_error("%s", ret->store.error);
		r = EXIT_FAILED;
	}
	return r == EXIT_OK ? source_confine(&from->machine, NULL, 0) : r;
}

/* Folders of both fact files stay readable; everything else is given up before either is read. */
static int confine_both(struct exposed_source *old, struct exposed_source *new)
{
	struct exposed_source *const both[] = { old, new };
	struct sandbox_path paths[COUNT(both)];
	struct sandbox_state state;
	size_t n = 0;
	int r;

	for (size_t i = 0; i < COUNT(both); i++) {
		char copy[PATH_MAX];

		snprintf(copy, sizeof copy, "%s", both[i]->any);
		paths[n].fd = open(dirname(copy), O_PATH | O_DIRECTORY | O_CLOEXEC);
		paths[n].access = SANDBOX_READ;
		n += paths[n].fd >= 0;
		both[i]->machine.confined = true;
	}
	r = sandbox_enter(SANDBOX_EVALUATE, paths, n, &state);
	while (n)
		close(paths[--n].fd);
	if (r < 0)
		cli_error("cannot enter the sandbox: %s", strerror(-r));
	return r < 0 ? EXIT_FAILED : EXIT_OK;
}

int exposed_open_both(struct exposed_source *old, struct exposed *ret_old,
		      struct exposed_source *new, struct exposed *ret_new)
{
	int r = confine_both(old, new);

	if (r == EXIT_OK)
		r = exposed_open(old, ret_old);
	return r == EXIT_OK ? exposed_open(new, ret_new) : r;
}

/* By what listens; where only ports are known, by the worst of them. */
#define SEVERITY                                                                             \
	"SELECT coalesce((SELECT severity FROM service_severity WHERE service IN (?1, ?2))," \
	" (SELECT severity FROM port_severity WHERE port BETWEEN ?3 AND ?4 ORDER BY"         \
	"  CASE severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2"     \
	"  ELSE 3 END LIMIT 1), 'medium'),"                                                  \
	" (SELECT name FROM known_ports WHERE port = ?3 AND ?3 = ?4)"

static int judge_severity(struct exposed *x, struct arena *a)
{
	own(stmt_release) sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(x->store.db, SEVERITY, -1, &st, NULL);

	for (size_t i = 0; rc == SQLITE_OK && i < x->list.n; i++) {
		struct exposure *e = &x->list.list[i];
		struct str name;

		store_bind_text(st, 1, e->service);
		store_bind_text(st, 2, e->process);
		sqlite3_bind_int(st, 3, e->first);
		sqlite3_bind_int(st, 4, e->last);
		if (sqlite3_step(st) != SQLITE_ROW)
			return -EIO;
		e->severity = arena_cstr(a, store_text(st, 0));
		name = store_text(st, 1);
		/* Of Azure's data the port is all that tells the service. */
		if (name.len && !e->service.len && !e->process.len)
			e->service = arena_str(a, name);
		if (!e->severity || (name.len && !e->service.ptr))
			return -ENOMEM;
		rc = sqlite3_reset(st);
	}
	return rc == SQLITE_OK ? 0 : store_errno(rc);
}

static int add_asked(struct exposed *x, const struct exposed_port *port, struct arena *a)
{
	static const char *const protocols[] = { "tcp", "udp" };
	int r = 0;

	for (size_t i = 0; r >= 0 && i < COUNT(protocols); i++) {
		struct exposure e;

		if (port->protocol.len && !str_eq(port->protocol, str_of(protocols[i])))
			continue;
		r = host_exposure_port(&x->reach, str_of(protocols[i]), port->port, &e);
		if (r >= 0)
			r = arena_push(a, x->list.list, x->list.n, x->list.cap, e);
	}
	return r;
}

static bool listed(const struct exposures *l, const struct exposed_port *port)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->list[i].first == port->port &&
		    (!port->protocol.len || str_eq(port->protocol, l->list[i].protocol)))
			return true;
	return false;
}

static int evaluate(struct exposed *x, const struct exposed_port *port, struct arena *a)
{
	int r = 0;

	if (!x->has_machine && !x->has_rules)
		return 0;
	r = host_reach_load_rules(&x->store, x->has_rules ? &x->rules : NULL, a, &x->reach);
	if (r >= 0 && x->has_machine)
		r = host_exposures(&x->reach, &x->list);
	else if (r >= 0 && !port)
		r = host_exposure_ranges(&x->reach, &x->list);
	if (r >= 0 && port && !listed(&x->list, port))
		r = add_asked(x, port, a);
	for (size_t i = 0, fixes = 0; r >= 0 && i < x->list.n && fixes < FIXES_MAX; i++) {
		if (port && (x->list.list[i].first != port->port))
			continue;
		r = host_exposure_fix(&x->reach, &x->keep_ranges, &x->list.list[i]);
		fixes += x->list.list[i].fix.len > 0;
	}
	return r;
}

int exposed_load(struct exposed *x, const struct exposed_port *port, struct arena *a)
{
	int r = evaluate(x, port, a);

	if (r < 0) {
		cli_error("cannot evaluate: %s", strerror(-r));
		return EXIT_FAILED;
	}
	if (x->has_rules && x->reach.unknown.len) {
		bool named = str_starts(x->reach.unknown, x->rules.name);

		cli_error("%s%s%.*s", named ? "" : x->rules.name.ptr, named ? "" : ": ",
			  STR_FMT(x->reach.unknown));
		return EXIT_FAILED;
	}
	r = x->n_azure ? exposed_load_azure(x, port, a) : EXIT_OK;
	if (r == EXIT_OK && judge_severity(x, a) < 0) {
		cli_error("cannot judge the services: %s", x->store.error);
		r = EXIT_FAILED;
	}
	return r;
}
