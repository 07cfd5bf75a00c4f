/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Digests of files in the databases of dpkg, rpm and apk. */
#include "facts/linux/integrity.h"
#include "facts/linux/rpm_db.h"

/* dpkg-divert(1): three lines each: the path, where it went, the package that stays. */
static struct str undiverted(struct str diversions, struct str path, struct str package)
{
	struct str from, to, by;

	while (str_line(&diversions, &from, NULL) && str_line(&diversions, &to, NULL) &&
	       str_line(&diversions, &by, NULL))
		if (str_eq(from, path))
			return str_eq(by, package) ? path : to;
	return path;
}

static int compare_md5sums(struct integrity *in, struct str package, struct str text,
			   struct str diversions)
{
	struct arena *a = in->c->arena;
	struct str line;
	int r = 0;

	while (r == 0 && str_line(&text, &line, NULL)) {
		unsigned char digest[INTEGRITY_DIGEST_MAX];
		struct str hex = str_word(&line), path = str_trim(line);

		if (!integrity_wants_file(path) || integrity_hex(hex, digest) != 16)
			continue;
		path = arena_cat(a, STR("/"), path, STR(""));
		if (!path.ptr)
			return -ENOMEM;
		path = undiverted(diversions, path, package);
		r = integrity_compare(in, package, path, "MD5", digest, 16);
	}
	return r;
}

struct dpkg {
	struct integrity *in;
	struct str diversions;
};

static int each_dpkg(const struct package *p, void *user)
{
	const struct dpkg *d = user;
	struct collect *c = d->in->c;
	struct str path, text;
	int r;

	if (!str_eq(p->format, STR("deb")) || !str_eq(p->status, STR("installed")) ||
	    !integrity_wants_package(p->name) || str_find(p->arch, '/') >= 0)
		return 0;
	path = arena_fmt(c->arena, "/var/lib/dpkg/info/%.*s.md5sums", STR_FMT(p->name));
	if (!path.ptr)
		return -ENOMEM;
	r = collect_read(c, path.ptr, &text, NULL);
	if (r == 0) {
		path = arena_fmt(c->arena, "/var/lib/dpkg/info/%.*s:%.*s.md5sums", STR_FMT(p->name),
				 STR_FMT(p->arch));
		r = path.ptr ? collect_read(c, path.ptr, &text, NULL) : -ENOMEM;
	}
	if (r == 0)
		collect_problem(c, ENOENT, path.ptr, "digests of this package are missing");
	return r == 1 ? compare_md5sums(d->in, p->name, text, d->diversions) : MIN(r, 0);
}

int integrity_dpkg(struct integrity *in)
{
	struct dpkg d = { .in = in };
	struct stat st;
	int r;

	if (root_stat(in->c->root, "/var/lib/dpkg/info", &st) < 0) {
		if (root_stat(in->c->root, "/var/lib/dpkg/status", &st) == 0)
			collect_problem(in->c, ENOENT, "/var/lib/dpkg/info",
					"digests of packages are missing");
		return 0;
	}
	r = collect_read(in->c, "/var/lib/dpkg/diversions", &d.diversions, NULL);
	return r < 0 ? r : package_db_each(in->c, each_dpkg, &d);
}

/* A package of the list has some dozens of directories. */
enum { FLAG_CONFIG = 1, FLAG_GHOST = 64, DIRS_MAX = 512 };

/* RPMTAG_FILEDIGESTALGO: numbers of RFC 4880, section 9.4. */
static const char *rpm_algorithm(const struct rpm_header *h)
{
	switch (rpm_header_number(h, RPM_FILEDIGESTALGO, 1)) {
	case 1: return "MD5";
	case 2: return "SHA1";
	case 8: return "SHA256";
	case 9: return "SHA384";
	case 10: return "SHA512";
	default: return NULL;
	}
}

struct rpm_files {
	struct rpm_values names, digests, indexes, flags, modes, dirs;
};

static int compare_rpm_file(struct integrity *in, const struct rpm_header *h,
			    const struct rpm_files *f, uint32_t i, struct str path, struct str hex)
{
	unsigned char digest[INTEGRITY_DIGEST_MAX];
	const char *algorithm = rpm_algorithm(h);
	uint64_t flags = 0, mode = S_IFREG;
	size_t n = integrity_hex(hex, digest);

	(void)rpm_number(&f->flags, i, &flags);
	(void)rpm_number(&f->modes, i, &mode);
	if (!algorithm || !n || !S_ISREG((mode_t)mode) || flags & (FLAG_CONFIG | FLAG_GHOST))
		return 0;
	return integrity_compare(in, rpm_header_text(h, RPM_NAME), path, algorithm, digest, n);
}

static int each_rpm(const struct rpm_header *h, void *user)
{
	struct integrity *in = user;
	struct rpm_files f = {
		rpm_header_get(h, RPM_BASENAMES),  rpm_header_get(h, RPM_FILEDIGESTS),
		rpm_header_get(h, RPM_DIRINDEXES), rpm_header_get(h, RPM_FILEFLAGS),
		rpm_header_get(h, RPM_FILEMODES),  rpm_header_get(h, RPM_DIRNAMES)
	};
	struct str dirs[DIRS_MAX], name, hex;
	uint64_t n_dirs = 0, dir;
	int r = 0;

	if (!integrity_wants_package(rpm_header_text(h, RPM_NAME)))
		return 0;
	while (n_dirs < DIRS_MAX && rpm_next_text(&f.dirs, &dirs[n_dirs]))
		n_dirs++;
	for (uint32_t i = 0;
	     r == 0 && rpm_next_text(&f.names, &name) && rpm_next_text(&f.digests, &hex); i++) {
		struct str path;

		if (!rpm_number(&f.indexes, i, &dir) || dir >= n_dirs)
			return -EBADMSG;
		path = arena_cat(in->c->arena, dirs[dir], name, STR(""));
		if (!path.ptr)
			return -ENOMEM;
		if (integrity_wants_file(path))
			r = compare_rpm_file(in, h, &f, i, path, hex);
	}
	return r;
}

int integrity_rpm(struct integrity *in) { return rpm_db_each(in->c, each_rpm, in); }

/* "Z:Q1" and base64 of SHA-1 follow the "R:" of the file; "Q2": SHA-256 (apk-tools 3). */
static int compare_apk(struct integrity *in, struct str package, struct str path, struct str z)
{
	unsigned char digest[INTEGRITY_DIGEST_MAX];
	const char *name = arena_cstr(in->c->arena, path);
	bool sha1 = str_starts(z, STR("Q1"));
	size_t n = integrity_base64(str_sub(z, 2, z.len), digest);
	struct stat st;

	if (!name)
		return -ENOMEM;
	/* The digest of a link is that of its text. */
	if (n != (sha1 ? 20u : 32u) || (!sha1 && !str_starts(z, STR("Q2"))) ||
	    (root_lstat(in->c->root, name, &st) == 0 && S_ISLNK(st.st_mode)))
		return 0;
	return integrity_compare(in, package, path, sha1 ? "SHA1" : "SHA256", digest, n);
}

struct apk {
	struct integrity *in;
	struct str package, dir, path;
	bool wanted;
};

static int apk_line(struct apk *x, char letter, struct str value)
{
	struct str path;

	switch (letter) {
	case 'P':
		x->package = value;
		x->wanted = integrity_wants_package(value);
		return 0;
	case 'F': x->dir = value; return 0;
	case 'R':
		x->path = STR("");
		if (x->wanted)
			x->path = arena_fmt(x->in->c->arena, "/%.*s/%.*s", STR_FMT(x->dir),
					    STR_FMT(value));
		return x->path.ptr ? 0 : -ENOMEM;
	case 'Z':
		path = x->path;
		x->path = STR("");
		return path.len && integrity_wants_file(path)
			       ? compare_apk(x->in, x->package, path, value)
			       : 0;
	default: return 0;
	}
}

int integrity_apk(struct integrity *in)
{
	struct apk x = { .in = in };
	struct str text, line;
	int r = collect_read(in->c, "/lib/apk/db/installed", &text, NULL);

	while (r == 1 && str_line(&text, &line, NULL)) {
		int e = line.len > 2 && line.ptr[1] == ':'
				? apk_line(&x, line.ptr[0], str_sub(line, 2, line.len))
				: 0;

		if (e < 0)
			return e;
	}
	return MIN(r, 0);
}
