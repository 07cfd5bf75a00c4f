/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/integrity_package.h"

#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "base/map.h"
#include "facts/linux/integrity.h"
#include "facts/linux/rpm_db.h"
#include "facts/sink.h"

#define DIGESTS_MAX ((size_t)4'000'000)
#define NAMES_MAX ((size_t)16 << 20)
#define INFO "/var/lib/dpkg/info"
#define RPM_DIRS_MAX 4096

/* Databases whose time tells whether they are as they were. */
static const char *const stamps[] = {
	"/var/lib/dpkg/status",
	INFO,
	"/var/lib/rpm/rpmdb.sqlite",
	"/var/lib/rpm/rpmdb.sqlite-wal",
	"/var/lib/rpm/Packages",
	"/var/lib/rpm/Packages.db",
	"/usr/lib/sysimage/rpm/rpmdb.sqlite",
	"/usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
	"/usr/lib/sysimage/rpm/Packages.db",
	"/lib/apk/db/installed",
};

void fim_packages_release(struct fim_packages *p)
{
	free(p->list);
	free(p->packages);
	*p = (struct fim_packages){};
}

/* Debian and Fedora have moved /bin, /sbin and /lib into /usr: databases name either. */
static struct str normal(struct str path)
{
	static const struct str merged[] = { STR("/usr/bin/"), STR("/usr/sbin/"), STR("/usr/lib") };

	for (size_t i = 0; i < COUNT(merged); i++)
		if (str_starts(path, merged[i]))
			return str_sub(path, 4, path.len);
	return path;
}

static uint64_t hash_of(const struct fim_packages *p, struct str path)
{
	path = normal(path);
	return siphash13(p->seed, path.ptr, path.len);
}

static int grow(void **list, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 1024;
	void *bigger;

	if (n < *cap)
		return 0;
	bigger = realloc(*list, more * size);
	if (!bigger)
		return -ENOMEM;
	*list = bigger;
	*cap = more;
	return 0;
}

static int add_name(struct fim_packages *p, struct str name, uint32_t *ret)
{
	if (p->n_packages + name.len + 1 > NAMES_MAX)
		return -E2BIG;
	while (p->n_packages + name.len + 1 > p->cap_packages) {
		size_t n = p->cap_packages;

		if (grow((void **)&p->packages, n, &p->cap_packages, 1) < 0)
			return -ENOMEM;
	}
	*ret = (uint32_t)p->n_packages;
	memcpy(p->packages + p->n_packages, name.ptr, name.len);
	p->packages[p->n_packages + name.len] = 0;
	p->n_packages += name.len + 1;
	return 0;
}

static int add(struct fim_packages *p, struct str path, const unsigned char *digest, size_t n,
	       uint32_t package, bool conffile)
{
	struct fim_digest *d;

	if (n > sizeof d->bytes)
		return 0;
	if (p->n >= DIGESTS_MAX)
		return -E2BIG;
	if (grow((void **)&p->list, p->n, &p->cap, sizeof *p->list) < 0)
		return -ENOMEM;
	d = &p->list[p->n++];
	*d = (struct fim_digest){
		.hash = hash_of(p, path), .n = (uint8_t)n, .conffile = conffile, .package = package
	};
	memcpy(d->bytes, digest, n);
	return 0;
}

struct reading {
	struct fim_packages *p;
	const struct root *root;
	struct collect *c;
	struct str diversions;
};

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

static int read_md5sums(struct reading *x, struct str text, struct str package)
{
	struct str line;
	uint32_t name;
	int r = add_name(x->p, package, &name);

	while (r == 0 && str_line(&text, &line, NULL)) {
		unsigned char digest[INTEGRITY_DIGEST_MAX];
		struct str hex = str_word(&line), path = str_trim(line);
		char full[4100];

		if (integrity_hex(hex, digest) != 16 || !path.len || path.len > 4096)
			continue;
		snprintf(full, sizeof full, "/%.*s", STR_FMT(path));
		r = add(x->p, undiverted(x->diversions, str_of(full), package), digest, 16, name,
			false);
	}
	return r;
}

static int read_info(struct reading *x)
{
	struct arena *a = x->c->arena;
	struct dir_list list;
	int r = root_list(x->root, INFO, a, &list);

	if (r < 0)
		return r == -ENOENT || r == -ENOTDIR ? 0 : r;
	for (size_t i = 0; r == 0 && i < list.n; i++) {
		struct str name = str_of(list.entries[i].name), text;
		struct arena_mark mark;
		const char *path;

		if (!str_ends(name, STR(".md5sums")))
			continue;
		mark = arena_mark(a);
		path = arena_fmt(a, INFO "/%s", name.ptr).ptr;
		name = str_sub(name, 0, name.len - strlen(".md5sums"));
		if (!path)
			return -ENOMEM;
		r = root_read(x->root, path, 0, a, &text, NULL);
		if (r == 0)
			r = read_md5sums(x, text, str_cut(&name, ':'));
		else if (r != -ENOMEM)
			r = 0, x->p->incomplete = true;
		arena_rewind(a, mark);
	}
	return r;
}

/* " /etc/foo 0123… [obsolete]" under "Conffiles:". */
static int read_conffile(struct reading *x, struct str line, uint32_t package)
{
	unsigned char digest[INTEGRITY_DIGEST_MAX];
	struct str path = str_word(&line), hex = str_word(&line);

	if (!path.len || path.ptr[0] != '/' || integrity_hex(hex, digest) != 16)
		return 0;
	return add(x->p, path, digest, 16, package, true);
}

static int read_conffiles(struct reading *x)
{
	struct str text, line;
	uint32_t package = 0;
	bool in_list = false;
	int r = root_read(x->root, "/var/lib/dpkg/status", (size_t)256 << 20, x->c->arena, &text,
			  NULL);

	if (r < 0)
		return r == -ENOENT || r == -ENOTDIR ? 0 : r;
	r = add_name(x->p, STR("?"), &package);
	while (r == 0 && str_line(&text, &line, NULL)) {
		if (str_starts(line, STR("Package: ")))
			r = add_name(x->p, str_trim(str_sub(line, 9, line.len)), &package);
		if (!line.len || line.ptr[0] != ' ')
			in_list = str_starts(line, STR("Conffiles:"));
		else if (in_list)
			r = read_conffile(x, line, package);
	}
	return r;
}

enum { RPM_CONFIG = 1, RPM_GHOST = 64 };

static int each_rpm(const struct rpm_header *h, void *user)
{
	struct reading *x = user;
	struct rpm_values names = rpm_header_get(h, RPM_BASENAMES);
	struct rpm_values digests = rpm_header_get(h, RPM_FILEDIGESTS);
	struct rpm_values indexes = rpm_header_get(h, RPM_DIRINDEXES);
	struct rpm_values flags = rpm_header_get(h, RPM_FILEFLAGS);
	struct rpm_values dirs = rpm_header_get(h, RPM_DIRNAMES);
	struct arena_mark mark = arena_mark(x->c->arena);
	struct str *dir = arena_array(x->c->arena, RPM_DIRS_MAX, sizeof *dir), name, hex;
	size_t n_dirs = 0;
	uint32_t package;
	int r = add_name(x->p, rpm_header_text(h, RPM_NAME), &package);

	if (!dir)
		return -ENOMEM;
	while (n_dirs < RPM_DIRS_MAX && rpm_next_text(&dirs, &dir[n_dirs]))
		n_dirs++;
	for (uint32_t i = 0;
	     r == 0 && rpm_next_text(&names, &name) && rpm_next_text(&digests, &hex); i++) {
		unsigned char digest[INTEGRITY_DIGEST_MAX];
		uint64_t at = 0, flag = 0;
		size_t n = integrity_hex(hex, digest);
		char full[8192];

		(void)rpm_number(&flags, i, &flag);
		if (!n || flag & RPM_GHOST || !rpm_number(&indexes, i, &at) || at >= n_dirs)
			continue;
		snprintf(full, sizeof full, "%.*s%.*s", STR_FMT(dir[at]), STR_FMT(name));
		r = add(x->p, str_of(full), digest, n, package, flag & RPM_CONFIG);
	}
	arena_rewind(x->c->arena, mark);
	return r;
}

static int read_apk(struct reading *x)
{
	struct str text, line, dir = STR(""), file = STR("");
	uint32_t package = 0;
	int r = root_read(x->root, "/lib/apk/db/installed", (size_t)64 << 20, x->c->arena, &text,
			  NULL);

	if (r < 0)
		return r == -ENOENT || r == -ENOTDIR ? 0 : r;
	r = add_name(x->p, STR("?"), &package);
	while (r == 0 && str_line(&text, &line, NULL)) {
		struct str value = str_sub(line, 2, line.len);
		unsigned char digest[INTEGRITY_DIGEST_MAX];
		char full[8192];
		size_t n;

		if (line.len < 3 || line.ptr[1] != ':')
			continue;
		switch (line.ptr[0]) {
		case 'P': r = add_name(x->p, value, &package); break;
		case 'F': dir = value; break;
		case 'R': file = value; break;
		case 'Z':
			n = integrity_base64(str_sub(value, 2, value.len), digest);
			snprintf(full, sizeof full, "/%.*s/%.*s", STR_FMT(dir), STR_FMT(file));
			if (n == 20 || n == 32)
				r = add(x->p, str_of(full), digest, n, package,
					str_starts(dir, STR("etc")));
			break;
		default: break;
		}
	}
	return r;
}

static int cmp_hash(const void *x, const void *y)
{
	const struct fim_digest *a = x, *b = y;

	return a->hash != b->hash ? (a->hash > b->hash) - (a->hash < b->hash)
				  : a->conffile - b->conffile;
}

static struct timespec newest(const struct root *root)
{
	struct timespec t = {};
	struct stat st;

	for (size_t i = 0; i < COUNT(stamps); i++)
		if (root_stat(root, stamps[i], &st) == 0 &&
		    (st.st_mtim.tv_sec > t.tv_sec ||
		     (st.st_mtim.tv_sec == t.tv_sec && st.st_mtim.tv_nsec > t.tv_nsec)))
			t = st.st_mtim;
	return t;
}

int fim_packages_refresh(struct fim_packages *p, const struct root *root)
{
	own(arena_release) struct arena a = { .limit = (size_t)512 << 20 };
	const struct live live = LIVE_NONE;
	struct sink sink = { .fd = -1, .out = BUF(1 << 20) };
	struct collect c = { .root = root, .live = &live, .arena = &a, .sink = &sink };
	struct reading x = { .p = p, .root = root, .c = &c };
	struct timespec now, clock;
	int r;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &clock);
	if (p->loaded && p->asked == (int64_t)clock.tv_sec)
		return 0;
	now = newest(root);
	p->asked = clock.tv_sec;
	if (p->loaded && p->stamp.tv_sec == now.tv_sec && p->stamp.tv_nsec == now.tv_nsec)
		return 0;
	fim_packages_release(p);
	if (getrandom(p->seed, sizeof p->seed, 0) != sizeof p->seed)
		return -EIO;
	if (root_read(root, "/var/lib/dpkg/diversions", 0, &a, &x.diversions, NULL) < 0)
		x.diversions = STR("");
	r = read_info(&x);
	if (r == 0)
		r = read_conffiles(&x);
	if (r == 0)
		r = rpm_db_each(&c, each_rpm, &x);
	if (r == 0)
		r = read_apk(&x);
	p->incomplete |= r < 0 || sink.problems;
	buf_release(&sink.out);
	if (r == -ENOMEM)
		return r;
	if (p->n)
		qsort(p->list, p->n, sizeof *p->list, cmp_hash);
	p->stamp = now;
	p->asked = clock.tv_sec;
	p->loaded = true;
	return 0;
}

const struct fim_digest *fim_packages_find(const struct fim_packages *p, struct str path)
{
	uint64_t hash = hash_of(p, path);
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->list[mid].hash < hash)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->n && p->list[lo].hash == hash ? &p->list[lo] : NULL;
}
