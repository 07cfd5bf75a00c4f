/* SPDX-License-Identifier: GPL-3.0-or-later */
/* process_packages: Packages whose programs and libraries a process runs or maps, and which of them are older than what is on disk. */
#include <fcntl.h>
#include <stdio.h>

#include "base/map.h"
#include "facts/linux/elf_id.h"
#include "facts/linux/package_db.h"
#include "facts/linux/proc.h"

#define FACT_ROW process_packages_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, pid, "process id") \
	X(TEXT, package, "package; '' for a file of none, which has a row of its own") \
	X(TEXT, path, "program, script or library: the first of the package") \
	X(TEXT, how, "runs (its program or script) or maps (a library)") \
	X(INT, files, "files of the package that it uses") \
	X(INT, stale, "of them those that were replaced or deleted since, so that an update of them does not count yet") \
	X(TEXT, stale_path, "the first of those, ''") \
	X(TEXT, loaded_id, "its build-id in the process, '' where not known") \
	X(TEXT, disk_id, "build-id of the file that is there now, '' where there is none")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "process_packages",
	.doc = "Packages whose programs and libraries a process runs or maps, and which of them are older than what is on disk.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "pid,package",
};

#define FILES_MAX 4096    /* of one process */
#define PATHS_MAX 100'000 /* of all */

struct use {
	int pid;
	uint32_t path;
	bool runs, stale;
	struct str loaded_id, disk_id;
};
/* The file that the last lines of maps were about. */
struct mapping {
	char path[PROC_MAPS_LINE_MAX], range[40]; /* of its first mapping */
	size_t len;
	bool used;
};
struct reader {
	struct collect *c;
	struct mapping mapping;
	struct map paths; /* to index */
	struct str *list;
	size_t n, cap;
	struct use *uses;
	size_t n_uses, cap_uses;
	size_t first; /* use of the process that is read */
	int pid, dir;
	struct stat root;
	bool has_root;
	unsigned unreadable;
	int first_error, first_pid;
};

static int path_index(struct reader *x, struct str path, uint32_t *ret)
{
	const uint64_t *known = map_get(&x->paths, path);
	struct str copy;

	if (known) {
		*ret = (uint32_t)*known;
		return 0;
	}
	if (x->n >= PATHS_MAX)
		return -E2BIG;
	copy = arena_str(x->c->arena, path);
	if (!copy.ptr || map_put(&x->paths, copy, x->n) < 0)
		return -ENOMEM;
	*ret = (uint32_t)x->n;
	return arena_push(x->c->arena, x->list, x->n, x->cap, copy);
}

static int add_use(struct reader *x, struct str path, bool runs, struct use **ret)
{
	struct use u = { .pid = x->pid, .runs = runs };
	int r = path_index(x, path, &u.path);

	if (r < 0)
		return r;
	for (size_t i = x->first; i < x->n_uses; i++) {
		if (x->uses[i].path == u.path) {
			*ret = &x->uses[i];
			return 0;
		}
	}
	if (x->n_uses - x->first >= FILES_MAX)
		return -E2BIG;
	r = arena_push(x->c->arena, x->uses, x->n_uses, x->cap_uses, u);
	if (r >= 0)
		*ret = &x->uses[x->n_uses - 1];
	return r;
}

static struct str hex(struct arena *a, const struct build_id *id)
{
	static const char digits[] = "0123456789abcdef";
	char *p = arena_alloc(a, 2 * sizeof id->bytes + 1);

	for (unsigned i = 0; p && i < id->len; i++) {
		p[2 * (size_t)i] = digits[id->bytes[i] >> 4];
		p[2 * (size_t)i + 1] = digits[id->bytes[i] & 15];
	}
	return (struct str){ p, 2 * (size_t)id->len };
}

/* The bytes that the process has: the file itself, or where the kernel refuses, its memory. */
static struct build_id loaded_id(const struct reader *x)
{
	struct str range = str_of(x->mapping.range);
	struct build_id id = {};
	own(close_fd) int fd = -1;
	own(close_fd) int mem = -1;
	char name[64];
	uint64_t at;

	snprintf(name, sizeof name, "map_files/%s", x->mapping.range);
	fd = openat(x->dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && elf_build_id(fd, 0, false, &id) >= 0)
		return id;
	if (str_to_u64(str_cut(&range, '-'), 16, &at) < 0)
		return id;
	mem = openat(x->dir, "mem", O_RDONLY | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC);
	if (mem < 0 || elf_build_id(mem, at, true, &id) < 0)
		id = (struct build_id){};
	return id;
}

static struct build_id disk_id(const struct reader *x, struct str path)
{
	struct build_id id = {};
	own(close_fd) int fd = -1;
	struct stat st;
	const char *name = arena_cstr(x->c->arena, path);

	if (!name || root_open_file(x->c->root, name, &st, &fd) < 0 ||
	    elf_build_id(fd, 0, false, &id) < 0)
		id = (struct build_id){};
	return id;
}

/*
 * A file that was taken away by its name. Where one with the same build-id is back at that name (the
 * same version was installed again), nothing is out of date.
 */
static int judge_deleted(struct reader *x, struct use *u, struct str path)
{
	struct build_id loaded = loaded_id(x), disk = disk_id(x, path);

	if (loaded.len && build_id_eq(&loaded, &disk))
		return 0;
	u->stale = true;
	u->loaded_id = hex(x->c->arena, &loaded);
	u->disk_id = hex(x->c->arena, &disk);
	return u->loaded_id.ptr && u->disk_id.ptr ? 0 : -ENOMEM;
}

static int use_mapping(struct reader *x, struct str path)
{
	static const struct str deleted = STR(" (deleted)");
	bool gone = str_ends(path, deleted);
	struct use *u;
	int r;

	if (gone)
		path = str_sub(path, 0, path.len - deleted.len);
	if (proc_is_transient(path))
		return 0;
	r = add_use(x, path, false, &u);
	return r < 0 || !gone || u->stale ? r : judge_deleted(x, u, path);
}

/* "7f00-7f10 r-xp 00000000 08:01 123   /usr/lib/libc.so.6 (deleted)" */
static int add_line(void *user, struct str line)
{
	struct reader *x = user;
	struct mapping *m = &x->mapping;
	ssize_t slash = str_find(line, '/');
	struct str path, range, mode;

	if (slash < 0)
		return 0;
	path = str_sub(line, (size_t)slash, line.len);
	range = str_word(&line);
	mode = str_word(&line);
	/* The mappings of a file follow each other, the one of its beginning is the first. */
	if (!str_eq(path, (struct str){ m->path, m->len })) {
		m->len = MIN(path.len, sizeof m->path);
		memcpy(m->path, path.ptr, m->len);
		snprintf(m->range, sizeof m->range, "%.*s", STR_FMT(range));
		m->used = false;
	}
	if (m->used || (str_find(mode, 'x') < 0 && !str_contains(str_basename(path), STR(".so"))))
		return 0;
	m->used = true;
	return use_mapping(x, path);
}

/* The script of an interpreter, or a jar: the first argument that is a path, options apart. */
static int read_script(struct reader *x)
{
	char p[4096];
	ssize_t n = proc_read(x->dir, "cmdline", p, sizeof p);
	struct str text = { p, (size_t)MAX(n, 0) }, word;
	struct use *u;

	(void)str_cut(&text, '\0');
	for (int i = 0; text.len && i < 16; i++) {
		const char *path;
		struct stat st;

		word = str_cut(&text, '\0');
		if (!word.len || word.ptr[0] != '/')
			continue;
		path = arena_cstr(x->c->arena, word);
		if (!path)
			return -ENOMEM;
		if (root_stat(x->c->root, path, &st) < 0 || !S_ISREG(st.st_mode) ||
		    !(st.st_mode & 0111 || str_ends(word, STR(".jar")) ||
		      str_ends(word, STR(".py")) || str_ends(word, STR(".js")) ||
		      str_ends(word, STR(".pl")) || str_ends(word, STR(".rb"))))
			return 0;
		return add_use(x, word, true, &u);
	}
	return 0;
}

/* Paths of a process with another root (a container, a chroot) say nothing of this tree. */
static bool is_elsewhere(const struct reader *x)
{
	char cgroup[4096];
	ssize_t n = proc_read(x->dir, "cgroup", cgroup, sizeof cgroup);
	struct stat st;

	if (n > 0 && proc_container((struct str){ cgroup, (size_t)n }).len)
		return true;
	if (!x->has_root || fstatat(x->dir, "root/", &st, 0) < 0)
		return false;
	return st.st_dev != x->root.st_dev || st.st_ino != x->root.st_ino;
}

/* The package of a program is what other tables ask for, too, be it left out here. */
static int find_program(struct reader *x, char p[static PROC_LINK_MAX], struct str *ret)
{
	struct str path = {};
	bool deleted = false;
	uint32_t index;
	int r = proc_exe(x->dir, p, &path, &deleted);

	if (r < 0 || !path.len || path.ptr[0] != '/' || str_starts(path, STR("/memfd:")))
		return 0;
	*ret = path;
	return path_index(x, path, &index);
}

static int use_program(struct reader *x, struct str path)
{
	struct use *u;
	int r = add_use(x, path, true, &u);

	if (r >= 0)
		u->runs = true;
	return r;
}

static int read_process(struct reader *x, int pid)
{
	own(close_fd) int dir = -1;
	struct proc_stat s;
	char p[1024], link[PROC_LINK_MAX];
	struct str program = {};
	ssize_t n;
	int r = proc_open(x->c->proc, pid, &dir);

	n = r < 0 ? r : proc_read(dir, "stat", p, sizeof p);
	if (n <= 0 || proc_parse_stat((struct str){ p, (size_t)n }, &s) < 0 ||
	    proc_is_kernel_thread(pid, &s) || s.state == 'Z')
		return 0;
	x->pid = pid;
	x->dir = dir;
	x->first = x->n_uses;
	r = find_program(x, link, &program);
	/* This program, and those that it started, are gone before anybody reads of them. */
	if (r < 0 || pid == getppid() || s.parent == getppid() || is_elsewhere(x))
		return r;
	if (program.len)
		r = use_program(x, program);
	if (r >= 0)
		r = read_script(x);
	if (r < 0)
		return r;
	x->mapping.len = 0;
	r = proc_maps(dir, add_line, x);
	if (r == -EACCES || r == -EPERM || r == -EBADMSG) {
		x->unreadable++;
		if (!x->first_error) {
			x->first_error = r;
			x->first_pid = pid;
		}
	}
	return r == -ENOMEM || r == -E2BIG ? r : 0;
}

/* One row a package; files of no package stand alone. */
static int emit_process(struct reader *x, const struct use *uses, size_t n,
			const struct str *owners)
{
	own(map_release) struct map rows = {};
	struct process_packages_row *list = arena_array(x->c->arena, n, sizeof *list);
	size_t used = 0;
	int r = list ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct str package = owners[uses[i].path], path = x->list[uses[i].path];
		const uint64_t *at = map_get(&rows, package.len ? package : path);
		struct process_packages_row *row = &list[at ? *at : used];

		if (!at) {
			*row = (struct process_packages_row){ .pid = uses[i].pid,
							      .package = package,
							      .path = path,
							      .how = STR("maps") };
			r = map_put(&rows, package.len ? package : path, used++);
		}
		row->files++;
		if (uses[i].runs)
			row->how = STR("runs");
		if (!uses[i].stale || row->stale++)
			continue;
		row->stale_path = path;
		row->loaded_id = uses[i].loaded_id;
		row->disk_id = uses[i].disk_id;
	}
	for (size_t i = 0; r >= 0 && i < used; i++)
		r = collect_row(x->c, &list[i]);
	return r;
}

static int emit(struct reader *x)
{
	struct str *owners = arena_array(x->c->arena, x->n, sizeof *owners);
	int r = owners ? 0 : -ENOMEM;

	if (r >= 0 && x->n)
		r = package_db_owners(x->c, x->list, x->n, owners);
	for (size_t i = 0, n; r >= 0 && i < x->n_uses; i += n) {
		struct arena_mark mark = arena_mark(x->c->arena);

		for (n = 1; i + n < x->n_uses && x->uses[i + n].pid == x->uses[i].pid;)
			n++;
		r = emit_process(x, &x->uses[i], n, owners);
		arena_rewind(x->c->arena, mark);
	}
	return r;
}

static int collect(struct collect *c)
{
	struct reader x = { .c = c };
	struct proc_pids pids;
	int r = proc_pids(c, &pids);

	x.has_root = root_stat(c->root, "/", &x.root) == 0;
	for (size_t i = 0; r >= 0 && i < pids.n; i++)
		r = read_process(&x, pids.list[i]);
	map_release(&x.paths);
	if (r == -E2BIG) {
		collect_problem(c, r, NULL, "more mapped files than can be kept");
		r = 0;
	}
	if (r >= 0)
		r = emit(&x);
	if (x.unreadable && !c->live->sees_all)
		collect_problem(c, x.first_error, NULL,
				"the mapped files of %u processes cannot be read, the first is %d",
				x.unreadable, x.first_pid);
	return r;
}

const struct collector collector_process_packages = {
	.table = &table,
	.collect = collect,
	.group = GROUP_PROCESS,
	.needs_live = true,
};
