/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "facts/azure/azure.h"

#define FILE_MAX ((size_t)4 << 30)

void azure_inputs_release(struct azure_inputs *x)
{
	for (size_t i = 0; i < x->n; i++)
		close_fd(&x->list[i].fd);
	arena_release(&x->arena);
	*x = (struct azure_inputs){};
}

static int add_file(struct azure_inputs *x, int folder, const char *name, struct str shown,
		    struct diag *d)
{
	int fd = openat(folder, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st = {};
	int r = fd < 0 || fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EINVAL;

	if (r >= 0 && ((size_t)st.st_size > FILE_MAX || x->n >= AZURE_FILES_MAX))
		r = -EFBIG;
	if (r >= 0)
		r = arena_push(&x->arena, x->list, x->n, x->cap,
			       ((struct azure_input){ shown, fd, (size_t)st.st_size }));
	if (r < 0) {
		close_fd(&fd);
		return diag_set(d, r, shown.ptr, 0, "%s", file_error(r));
	}
	x->bytes += (size_t)st.st_size;
	return 0;
}

static int is_json(const struct dirent *e)
{
	struct str name = str_of(e->d_name), suffix = STR(".json");

	return e->d_name[0] != '.' && name.len > suffix.len &&
	       str_ieq(str_sub(name, name.len - suffix.len, name.len), suffix);
}

static int add_folder(struct azure_inputs *x, const char *path, struct diag *d)
{
	own(close_fd) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent **names = NULL;
	int n = fd < 0 ? -1 : scandirat(fd, ".", &names, is_json, alphasort), r = 0;

	if (n < 0)
		return diag_set(d, -errno, path, 0, "%s", file_error(-errno));
	if (!n)
		r = diag_set(d, -ENOENT, path, 0, "no *.json in this folder");
	for (int i = 0; i < n; i++) {
		struct str shown =
			arena_fmt(&x->arena, "%s%s%s", path,
				  str_ends(str_of(path), STR("/")) ? "" : "/", names[i]->d_name);

		if (r >= 0)
			r = shown.ptr ? add_file(x, fd, names[i]->d_name, shown, d) : -ENOMEM;
		free(names[i]);
	}
	free(names);
	return r;
}

/* A folder may hold more files than the usual limit of open ones. */
static void raise_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0 || l.rlim_cur == l.rlim_max)
		return;
	l.rlim_cur = MIN(l.rlim_max, AZURE_FILES_MAX + 1024);
	setrlimit(RLIMIT_NOFILE, &l);
}

int azure_inputs_open(const char *const *paths, size_t n, struct azure_inputs *ret, struct diag *d)
{
	own(azure_inputs_release) struct azure_inputs x = { .label = STR("") };
	int r = 0;

	raise_limit();
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct str path = arena_str(&x.arena, str_of(paths[i]));
		struct stat st;

		if (!path.ptr)
			return -ENOMEM;
		x.label = i ? arena_cat(&x.arena, x.label, STR(", "), path) : path;
		if (stat(path.ptr, &st) == 0 && S_ISDIR(st.st_mode))
			r = add_folder(&x, path.ptr, d);
		else
			r = add_file(&x, AT_FDCWD, path.ptr, path, d);
	}
	if (r < 0)
		return r;
	*ret = take(x);
	return 0;
}

/*
 * Text, tree (at most twice the text, usually as much), model; UTF-16 once more. What expands from
 * templates is bounded by itself (arm_template.c).
 */
size_t azure_memory(const struct azure_inputs *x) { return ((size_t)1 << 30) + 6 * x->bytes; }

void azure_facts_release(struct azure_facts *x) { arena_release(&x->arena); }

static void note_problem(void *user, struct str file, unsigned line, const char *reason)
{
	struct azure_facts *x = user;
	struct str text = arena_str(&x->arena, str_of(reason));

	/* Where there is no memory the model fails as well. */
	if (text.ptr)
		(void)!arena_push(&x->arena, x->problems, x->n_problems, x->cap_problems,
				  ((struct azure_problem){ file, text, line }));
}

static int read_text(const struct azure_input *in, struct arena *a, struct str *ret)
{
	char *p = arena_alloc(a, in->size + 1);
	ssize_t n;

	if (!p)
		return -ENOMEM;
	n = file_pread_full(in->fd, p, in->size, 0);
	if (n < 0)
		return (int)n;
	*ret = (struct str){ p, (size_t)n };
	return 0;
}

static int load(struct azure_facts *x)
{
	const struct azure_inputs *in = x->inputs;
	struct az_file *files = arena_array(&x->arena, MAX(in->n, 1), sizeof *files);
	const struct az_problems problems = { note_problem, x };
	int r = files ? 0 : -ENOMEM;

	for (size_t i = 0; r >= 0 && i < in->n; i++) {
		files[i].name = in->list[i].name;
		r = read_text(&in->list[i], &x->arena, &files[i].text);
		if (r < 0)
			diag_set(&x->d, r, in->list[i].name.ptr, 0, "%s", file_error(r));
	}
	if (r >= 0)
		r = az_load(files, in->n, &x->arena, &problems, &x->model, &x->d);
	if (r < 0 && !x->d.reason[0])
		diag_set(&x->d, r, NULL, 0, "%s", strerror(-r));
	return r;
}

int azure_model(struct collect *c, const struct az_model **ret)
{
	struct azure_facts *x = c->azure;
	char text[600];

	if (!x)
		return collect_not_applicable(c, "needs files of Azure (--azure)");
	if (!x->loaded) {
		x->loaded = true;
		x->arena.limit = azure_memory(x->inputs);
		x->error = load(x);
	}
	if (x->error < 0)
		return collect_failed(c, x->error, diag_text(&x->d, text, sizeof text));
	*ret = &x->model;
	return 1;
}

int azure_rows(struct collect *c, size_t list, azure_row_fn *fn, void *user)
{
	const struct az_model *m = NULL;
	int r = azure_model(c, &m);
	uint32_t n;

	if (r <= 0 || !m)
		return r;
	memcpy(&n, (const char *)m + list, sizeof n);
	for (uint32_t i = 0; r >= 0 && i < n; i++) {
		struct arena_mark mark = arena_mark(c->arena);

		r = fn(c, m, i, user);
		arena_rewind(c->arena, mark);
	}
	return r;
}

struct str azure_list(struct collect *c, const struct az_texts *t)
{
	own(buf_release) struct buf out = BUF((size_t)1 << 20);
	struct str s;

	for (uint32_t i = 0; i < t->n; i++)
		buf_fmt(&out, "%s%.*s", i ? " " : "", STR_FMT(t->list[i]));
	if (t->unknown)
		buf_fmt(&out, "%s?", t->n ? " " : "");
	if (out.error || !out.len)
		return out.error ? STR("?") : STR("");
	s = arena_str(c->arena, buf_view(&out));
	return s.ptr ? s : STR("?");
}

static struct str nic_text(const struct az_model *m, const struct az_ipconfig *ip,
			   enum azure_nic_texts what, bool *unknown)
{
	const struct az_public_ip *public;

	switch (what) {
	case AZURE_NIC_SUBNETS: *unknown |= ip->subnet.unknown; return ip->subnet.id;
	case AZURE_NIC_PRIVATE: return ip->private_ip;
	default:
		*unknown |= ip->public_ip.unknown;
		if (ip->public_ip.at >= m->n_public_ips)
			return STR("");
		public = &m->public_ips[ip->public_ip.at];
		return public->address.len ? public->address : public->item.name;
	}
}

struct az_texts azure_nic_texts(struct collect *c, const struct az_model *m,
				const struct az_nic *nic, enum azure_nic_texts what)
{
	struct az_texts out = { .unknown = nic->ipconfigs_unknown };
	size_t cap = 0;

	for (uint32_t i = 0; i < nic->n_ipconfigs; i++) {
		struct str s = nic_text(m, &nic->ipconfigs[i], what, &out.unknown);

		if (s.len && arena_push(c->arena, out.list, out.n, cap, s) < 0)
			out.unknown = true;
	}
	return out;
}

struct az_texts azure_names(struct collect *c, const struct az_refs *refs)
{
	struct az_texts out = { .unknown = refs->unknown };
	size_t cap = 0;

	for (uint32_t i = 0; i < refs->n; i++)
		if (arena_push(c->arena, out.list, out.n, cap, azure_short(refs->list[i].id)) < 0)
			out.unknown = true;
	return out;
}

struct str azure_short(struct str id)
{
	return str_sub(id, (size_t)(str_rfind(id, '/') + 1), id.len);
}

int64_t azure_flag(enum az_tri t) { return t == AZ_UNKNOWN ? FACT_UNKNOWN : t == AZ_YES; }

struct str azure_file(const struct az_model *m, uint32_t file)
{
	return file < m->n_files ? m->files[file] : STR("");
}
