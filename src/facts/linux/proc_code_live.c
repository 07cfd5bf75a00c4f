/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One process: its executable, and what the interpreter that it is was told to run. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#include "facts/inventory/jar.h"
#include "facts/linux/proc_code.h"

#define CMDLINE_MAX ((size_t)64 << 10)
#define ARGUMENTS_MAX 512
#define FOLDERS_MAX 32
#define FILES_MAX 4096 /* descriptors that are looked at */
#define LAYERS_MAX 128
#define MAPS_MAX ((size_t)4 << 20)

struct process {
	struct collect *c;
	int pid, dir;
	proc_code_fn *fn;
	void *user;
	struct str exe, cwd;
	struct str words[ARGUMENTS_MAX];
	size_t n_words;
	struct str layers[LAYERS_MAX]; /* of the container; none: the machine's own tree */
	size_t n_layers;
	struct str folders[FOLDERS_MAX]; /* said already */
	size_t n_folders;
};

/* In each layer of a container: which of them has it is not looked at. */
static int say(struct process *p, struct str path, const char *how)
{
	int r = 0;

	if (!p->n_layers)
		return p->fn(p->user, p->pid, path, how);
	for (size_t i = 0; r >= 0 && i < p->n_layers; i++) {
		struct str there = arena_cat(p->c->arena, p->layers[i], path, STR(""));

		r = there.ptr ? p->fn(p->user, p->pid, there, how) : -ENOMEM;
	}
	return r;
}

static int say_folder(struct process *p, struct str path, const char *how)
{
	for (size_t i = 0; i < p->n_folders; i++)
		if (str_eq(p->folders[i], path))
			return 0;
	if (p->n_folders == FOLDERS_MAX)
		return 0;
	path = arena_str(p->c->arena, path);
	if (!path.ptr)
		return -ENOMEM;
	p->folders[p->n_folders++] = path;
	return say(p, path, how);
}

/* Whether it is there; of a container that is not known, so it may be. */
static bool may_be(const struct process *p, struct str path)
{
	struct stat st;

	return p->n_layers || root_stat(p->c->root, path.ptr, &st) == 0;
}

static int read_link(struct process *p, const char *name, struct str *ret)
{
	char link[PROC_LINK_MAX];
	ssize_t n = readlinkat(p->dir, name, link, sizeof link);

	if (n < 0)
		return -errno;
	*ret = arena_str(p->c->arena, (struct str){ link, (size_t)n });
	return ret->ptr ? 0 : -ENOMEM;
}

static int read_words(struct process *p)
{
	char *text = arena_alloc(p->c->arena, CMDLINE_MAX);
	ssize_t n = text ? proc_read(p->dir, "cmdline", text, CMDLINE_MAX) : -ENOMEM;
	struct str rest = { text, (size_t)MAX(n, 0) };

	while (n > 0 && rest.len && p->n_words < ARGUMENTS_MAX)
		p->words[p->n_words++] = str_cut(&rest, '\0');
	return n == -ENOMEM ? -ENOMEM : 0;
}

/* Docker writes short links, "/var/lib/docker/overlay2/l/ABC", which lead to "../ID/diff". */
static int add_layer(struct process *p, struct str layer)
{
	struct str there;
	int r;

	if (!layer.len || layer.ptr[0] != '/' || p->n_layers == LAYERS_MAX)
		return 0;
	layer = arena_str(p->c->arena, layer);
	if (!layer.ptr)
		return -ENOMEM;
	r = root_realpath(p->c->root, layer.ptr, p->c->arena, &there);
	if (r == -ENOMEM)
		return r;
	p->layers[p->n_layers++] = r < 0 ? layer : there;
	return 0;
}

static int find_layers(struct process *p)
{
	char cgroup[4096], *text;
	ssize_t n = proc_read(p->dir, "cgroup", cgroup, sizeof cgroup);
	struct str overlay;
	int r = 0;

	if (!proc_container((struct str){ cgroup, (size_t)MAX(n, 0) }).len)
		return 0;
	text = arena_alloc(p->c->arena, MAPS_MAX);
	if (!text)
		return -ENOMEM;
	n = proc_read(p->dir, "mountinfo", text, MAPS_MAX);
	overlay = proc_overlay(p->c->arena, (struct str){ text, (size_t)MAX(n, 0) });
	while (r >= 0 && overlay.ptr)
		r = add_layer(p, str_cut(&overlay, ':'));
	return r;
}

/* The word behind an option, "-cp X" or "--class-path=X". */
static struct str option_value(const struct process *p, size_t *i, const char *const names[],
			       size_t n)
{
	for (size_t k = 0; k < n; k++) {
		struct str name = str_of(names[k]), word = p->words[*i];

		if (str_eq(word, name))
			return *i + 1 < p->n_words ? p->words[++*i] : STR("");
		if (str_starts(word, name) && word.len > name.len && word.ptr[name.len] == '=')
			return str_sub(word, name.len + 1, word.len);
	}
	return (struct str){};
}

static int say_path(struct process *p, struct str path, const char *how)
{
	struct str full = proc_absolute(p->c->arena, p->cwd, path);

	return full.ptr ? say(p, full, how) : -ENOMEM;
}

/* "lib/a.jar:conf:lib2/\*": a star stands for all archives of the folder. */
static int class_path(struct process *p, struct str list)
{
	int r = 0;

	while (r >= 0 && list.ptr) {
		struct str entry = str_cut(&list, ':');

		if (str_ends(entry, STR("/*")))
			entry = str_sub(entry, 0, entry.len - 2);
		if (entry.len && !str_eq(entry, STR(".")))
			r = say_path(p, entry, "argument");
	}
	return r;
}

static int java_words(struct process *p)
{
	static const char *const paths[] = {
		"-cp",           "-classpath", "--class-path",     "-p",
		"--module-path", "-javaagent", "-Xbootclasspath/a"
	};
	int r = 0;

	for (size_t i = 1; r >= 0 && i < p->n_words; i++) {
		struct str list = option_value(p, &i, paths, COUNT(paths));

		if (list.ptr)
			r = class_path(p, list);
		else if (jar_is(p->words[i]))
			r = say_path(p, p->words[i], "argument");
		/* Servers find their own libraries: tomcat, jetty, solr … */
		else if (str_starts(p->words[i], STR("-Dcatalina.home=")) ||
			 str_starts(p->words[i], STR("-Dcatalina.base=")))
			r = say_path(p, str_sub(p->words[i], 16, p->words[i].len), "search");
	}
	return r;
}

/* The first word that is no option: "script.js", "app.dll". */
static struct str script(const struct process *p)
{
	for (size_t i = 1; i < p->n_words; i++) {
		struct str w = p->words[i];

		if (str_eq(w, STR("exec")) || str_eq(w, STR("-r")) || str_eq(w, STR("--require"))) {
			i += w.ptr[0] == '-';
			continue;
		}
		if (w.len && w.ptr[0] != '-')
			return w;
	}
	return STR("");
}

/* node_modules beside the script and in every folder above it (nodejs.org, "Loading from …"). */
static int node_words(struct process *p)
{
	struct str path = script(p);
	int r = 0;

	path = path.len ? proc_absolute(p->c->arena, p->cwd, path) : p->cwd;
	while (r >= 0 && path.len > 1) {
		struct str folder = arena_cat(p->c->arena, path, STR("/node_modules"), STR(""));

		if (!folder.ptr)
			return -ENOMEM;
		if (may_be(p, folder))
			r = say_folder(p, folder, "search");
		path = str_sub(path, 0, (size_t)MAX(str_rfind(path, '/'), 0));
	}
	return r;
}

static struct str parent(struct str path, unsigned n)
{
	while (n--)
		path = str_sub(path, 0, (size_t)MAX(str_rfind(path, '/'), 0));
	return path;
}

static int say_matches(struct process *p, struct str base, const char *pattern)
{
	struct str glob = arena_cat(p->c->arena, base, str_of(pattern), STR(""));
	struct str *paths;
	size_t n = 0;
	int r = glob.ptr ? root_glob(p->c->root, glob.ptr, p->c->arena, &paths, &n) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; r >= 0 && i < n; i++)
		if (may_be(p, paths[i]))
			r = say_folder(p, paths[i], "search");
	return r;
}

/* A virtual environment by the path that the interpreter was called by; else its own folders. */
static int python_words(struct process *p)
{
	static const char *const system[] = { "/lib/python3/dist-packages",
					      "/local/lib/python3*/dist-packages" };
	struct str called = p->n_words ? p->words[0] : STR(""), base, mark;
	int r = 0;

	/* Globs of a path that has such characters itself would find something else. */
	if (str_find(called, '/') >= 0 && !strpbrk(called.ptr, "*?[")) {
		base = parent(proc_absolute(p->c->arena, p->cwd, called), 2);
		mark = arena_cat(p->c->arena, base, STR("/pyvenv.cfg"), STR(""));
		if (mark.ptr && may_be(p, mark))
			return say_matches(p, base, "/lib/python*/site-packages");
	}
	base = parent(p->exe, 2);
	if (base.len && strpbrk(base.ptr, "*?["))
		return 0;
	r = say_matches(p, base, "/lib/python*/site-packages");
	for (size_t i = 0; r >= 0 && i < COUNT(system); i++)
		r = say_matches(p, base, system[i]);
	return r;
}

static int ruby_words(struct process *p)
{
	static const char *const system[] = { "/lib/ruby/gems/*", "/../var/lib/gems/*" };
	struct str base = parent(p->exe, 2);
	int r = 0;

	for (size_t i = 0; r >= 0 && base.len && !strpbrk(base.ptr, "*?[") && i < COUNT(system);
	     i++)
		r = say_matches(p, base, system[i]);
	return r;
}

/* What "app.dll" needs stands in "app.deps.json" beside it. */
static int dotnet_deps(struct process *p, struct str program)
{
	struct str path = proc_absolute(p->c->arena, p->cwd, program);

	if (str_ends(path, STR(".dll")))
		path = str_sub(path, 0, path.len - 4);
	path = arena_cat(p->c->arena, path, STR(".deps.json"), STR(""));
	if (!path.ptr)
		return -ENOMEM;
	return may_be(p, path) ? say(p, path, "argument") : 0;
}

static int read_arguments(struct process *p, enum proc_language language)
{
	switch (language) {
	case PROC_JAVA: return java_words(p);
	case PROC_NODE: return node_words(p);
	case PROC_PYTHON: return python_words(p);
	case PROC_RUBY: return ruby_words(p);
	case PROC_DOTNET: return dotnet_deps(p, script(p));
	default: return 0;
	}
}

/* Archives that are open: Java keeps those it loads classes from open. */
static int read_files(struct process *p)
{
	own(close_fd) int fd = openat(p->dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char buffer[8192];
	_Alignas(struct dirent64) char names[8192];
	unsigned seen = 0;
	ssize_t n;
	int r = 0;

	if (fd < 0)
		return 0;
	while (r >= 0 && seen < FILES_MAX && (n = getdents64(fd, names, sizeof names)) > 0) {
		for (ssize_t at = 0; r >= 0 && at < n;) {
			const struct dirent64 *e = (const struct dirent64 *)(void *)(names + at);
			ssize_t len;

			at += e->d_reclen;
			seen++;
			len = readlinkat(fd, e->d_name, buffer, sizeof buffer);
			if (len > 0 && buffer[0] == '/' &&
			    jar_is((struct str){ buffer, (size_t)len }))
				r = say(p, (struct str){ buffer, (size_t)len }, "open");
		}
	}
	return r;
}

/* Folders of libraries that are in memory. */
static int read_maps(struct process *p)
{
	char *text = arena_alloc(p->c->arena, MAPS_MAX);
	ssize_t n = text ? proc_read(p->dir, "maps", text, MAPS_MAX) : -ENOMEM;
	struct str rest = { text, (size_t)MAX(n, 0) }, line;
	int r = 0;

	while (r >= 0 && n > 0 && str_line(&rest, &line, NULL)) {
		ssize_t slash = str_find(line, '/');
		struct str folder = slash < 0 ? STR("") : str_sub(line, (size_t)slash, line.len);

		folder = proc_library_folder(folder);
		if (folder.len)
			r = say_folder(p, folder, "mapped");
	}
	return r < 0 ? r : n == -ENOMEM ? -ENOMEM : 0;
}

static bool is_kernel_thread(const struct process *p)
{
	struct proc_stat s;
	char text[1024];
	ssize_t n = proc_read(p->dir, "stat", text, sizeof text);

	return n <= 0 || proc_parse_stat((struct str){ text, (size_t)n }, &s) < 0 ||
	       proc_is_kernel_thread(p->pid, &s) || s.state == 'Z';
}

static int read_all(struct process *p)
{
	enum proc_language language;
	char link[PROC_LINK_MAX];
	struct str exe = {};
	bool deleted;
	int r = proc_exe(p->dir, link, &exe, &deleted);

	if (r == -EACCES || r == -EPERM)
		return is_kernel_thread(p) ? 0 : r;
	if (r < 0)
		return 0;
	p->exe = arena_str(p->c->arena, exe);
	r = p->exe.ptr ? find_layers(p) : -ENOMEM;
	if (r >= 0)
		r = say(p, p->exe, "executable");
	language = proc_language(p->exe);
	if (r < 0 || language == PROC_NATIVE || language == PROC_PHP)
		return r;
	if (read_link(p, "cwd", &p->cwd) < 0)
		p->cwd = STR("/");
	r = read_words(p);
	if (r >= 0)
		r = read_maps(p);
	if (r >= 0 && language == PROC_JAVA)
		r = read_files(p);
	return r < 0 ? r : read_arguments(p, language);
}

int proc_code(struct collect *c, int pid, proc_code_fn *fn, void *user)
{
	own(close_fd) int dir = -1;
	struct process *p = arena_new(c->arena, struct process);
	int r = p ? proc_open(c->proc, pid, &dir) : -ENOMEM;

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	*p = (struct process){ .c = c, .pid = pid, .dir = dir, .fn = fn, .user = user };
	return read_all(p);
}
