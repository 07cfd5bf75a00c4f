/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cache of the inventory: what comes back of it, and that damage is seen. */
#include <fcntl.h>

#include "facts/linux/inventory_cache.h"
#include "facts/linux/inventory_names.h"
#include "tap.h"

#define PROGRAM 42
#define NOW ((int64_t)1'800'000'000)

static struct component lodash(void)
{
	return (struct component){ .ecosystem = STR("npm"),
				   .kind = STR("library"),
				   .name = STR("lodash"),
				   .version = STR("4.17.20"),
				   .inside = STR(""),
				   .evidence = STR("package.json") };
}

/* "/", "/b", "/a", "/a/y", "/a/x", and files in two of them. */
static int make(struct buf *out)
{
	own(buf_release) struct buf packed = BUF(4096);
	struct component x = lodash();
	const struct inventory_new_dir dirs[] = {
		{
                 .identity = 1,
		 },
		{										     .identity = 2,				   .name = STR("b"), .parent = 0 },
		{ .identity = 3,				   .name = STR("a"), .parent = 0 },
		{ .identity = 0,				   .name = STR("y"), .parent = 2 },
		{ .identity = 5, .name = STR("x"), .parent = 2 },
	};
	struct inventory_new_file files[] = {
		{.name = STR("tool"),
                 .dir = 1,
                 .kind = INVENTORY_PROGRAM,
                 .identity = 9,
                 .owner = STR("maker-tool"),
                 .flags = INVENTORY_OWNER_KNOWN },
		{ .name = STR("package.json"),
                 .dir = 4,
                 .kind = INVENTORY_NPM,
                 .identity = 8,
                 .flags = INVENTORY_RESULT             },
		{ .name = STR("a.jar"),
                 .dir = 4,
                 .kind = INVENTORY_JAR,
                 .identity = 7,
                 .flags = INVENTORY_RESULT             },
	};
	struct inventory_new n = {
		.program = PROGRAM,
		.owners = 3,
		.seed = {1, 2},
		.made = NOW,
		.dirs = dirs,
		.n_dirs = COUNT(dirs),
		.files = files,
		.n_files = COUNT(files)
	};

	if (inventory_cache_add(&packed, &x) < 0)
		return -ENOMEM;
	x.name = STR("underscore");
	if (inventory_cache_add(&packed, &x) < 0)
		return -ENOMEM;
	files[1].result = buf_view(&packed);
	return inventory_cache_write(&n, out);
}

struct seen {
	unsigned n;
	bool first_is_lodash;
};

static int on_component(void *user, const struct component *x)
{
	struct seen *s = user;
	struct component want = lodash();

	if (!s->n++)
		s->first_is_lodash = str_eq(x->name, want.name) &&
				     str_eq(x->version, want.version) &&
				     str_eq(x->evidence, want.evidence) &&
				     str_eq(x->ecosystem, want.ecosystem) && !x->inside.len;
	return 0;
}

static void test_round(struct str bytes)
{
	struct inventory_cache x;
	struct seen seen = {};
	uint32_t a, b, deep, file;

	if (!is_int(inventory_cache_open(bytes, PROGRAM, NOW + 60, &x), 0,
		    "what was written opens"))
		return;
	is_int((int64_t)inventory_cache_size(bytes), (int64_t)bytes.len, "and knows its length");
	a = inventory_cache_child(&x, 0, STR("a"));
	b = inventory_cache_child(&x, 0, STR("b"));
	ok(a != INVENTORY_CACHE_NONE && b != INVENTORY_CACHE_NONE && a < b, "folders of the root");
	is_int(inventory_cache_child(&x, 0, STR("c")), INVENTORY_CACHE_NONE,
	       "one that is not there");
	deep = inventory_cache_child(&x, a, STR("x"));
	ok(deep != INVENTORY_CACHE_NONE && x.dirs[deep].identity == 5, "a folder in a folder");
	is_int(inventory_cache_child(&x, b, STR("x")), INVENTORY_CACHE_NONE, "of that one alone");
	is_int(x.dirs[deep].n_files, 2, "with its files");
	file = x.dirs[deep].first_file;
	is_str(inventory_cache_file_name(&x, file), STR("a.jar"), "sorted by name");
	ok(!inventory_cache_result(&x, file).len && (x.files[file].flags & INVENTORY_RESULT),
	   "one without components");
	file++;
	is_int(inventory_cache_each(inventory_cache_result(&x, file), on_component, &seen), 0,
	       "components");
	ok(seen.n == 2 && seen.first_is_lodash, "as they were");
	file = x.dirs[b].first_file;
	is_str(inventory_cache_owner(&x, file), STR("maker-tool"), "the package of a file");
	is_str(inventory_cache_owner(&x, x.dirs[deep].first_file), STR(""), "of another one none");
}

static void test_refused(struct buf *bytes)
{
	struct inventory_cache x;
	struct str all = buf_view(bytes);
	unsigned taken = 0;

	is_int(inventory_cache_open(all, PROGRAM + 1, NOW, &x), -ESTALE, "another program");
	is_int(inventory_cache_open(all, PROGRAM, NOW - 1, &x), -ESTALE, "of the future");
	is_int(inventory_cache_open(all, PROGRAM, NOW + 8 * 86400, &x), -ESTALE,
	       "older than a week");
	is_int(inventory_cache_open(STR(""), PROGRAM, NOW, &x), -EBADMSG, "nothing");
	for (size_t n = 0; n < all.len; n++)
		taken += inventory_cache_open(str_sub(all, 0, n), PROGRAM, NOW, &x) == 0;
	is_int(taken, 0, "cut off at any byte");
	for (size_t i = 0; i < all.len; i++) {
		bytes->ptr[i] ^= 0x10;
		taken += inventory_cache_open(all, PROGRAM, NOW, &x) == 0;
		bytes->ptr[i] ^= 0x10;
	}
	is_int(taken, 0, "any byte changed");
	is_int(inventory_cache_open(all, PROGRAM, NOW, &x), 0, "nothing changed");
}

static void test_identity(void)
{
	static const uint64_t seed[2] = { 3, 4 };
	struct statx st = { .stx_ino = 12,
			    .stx_mode = S_IFDIR | 0755,
			    .stx_size = 4096,
			    .stx_mtime.tv_sec = NOW - 100,
			    .stx_ctime.tv_sec = NOW - 50 };
	uint64_t one = inventory_identity(seed, &st, NOW), two;

	ok(one, "a folder that rests has an identity");
	st.stx_ctime.tv_nsec = 1;
	two = inventory_identity(seed, &st, NOW);
	ok(two && two != one, "a change of a nanosecond is one");
	st.stx_ctime.tv_sec = NOW - 1;
	ok(!inventory_identity(seed, &st, NOW), "what has just changed has none");
	st.stx_ctime.tv_sec = NOW + 3600;
	ok(!inventory_identity(seed, &st, NOW), "nor what will");
	st.stx_ctime.tv_sec = NOW - 50;
	st.stx_mode = S_IFDIR | 0700;
	ok(inventory_identity(seed, &st, NOW) != two, "the mode belongs to it");
}

static void test_bad_lists(void)
{
	const struct inventory_new_dir circle[] = {
		{.name = STR("")},
		{  .name = STR("a"),    .parent = 2 },
		{ .name = STR("b"),    .parent = 1 },
	};
	struct inventory_new_file file = { .name = STR("x"), .dir = 9 };
	struct inventory_new n = { .dirs = circle, .n_dirs = COUNT(circle) };
	own(buf_release) struct buf out = BUF(4096);

	is_int(inventory_cache_write(&n, &out), -EINVAL, "folders in a circle");
	n.n_dirs = 1;
	n.files = &file;
	n.n_files = 1;
	is_int(inventory_cache_write(&n, &out), -EINVAL, "a file of no folder");
	n.n_dirs = 0;
	is_int(inventory_cache_write(&n, &out), -E2BIG, "nothing at all");
}

int main(void)
{
	own(buf_release) struct buf bytes = BUF(1 << 20);

	if (is_int(make(&bytes), 0, "it can be written")) {
		test_round(buf_view(&bytes));
		test_refused(&bytes);
	}
	test_identity();
	test_bad_lists();
	return done();
}
