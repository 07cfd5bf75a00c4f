/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dependencies between the directories of src point one way. */
#include <sys/stat.h>

#include "base/root.h"
#include "tap.h"

/* What a directory may include beside itself, separated by blanks; "*" is everything. */
static const struct layer {
	const char *name, *below;
} layers[] = {
	{"base",      ""						  },
	{ "net",      "base"					      },
	{ "password", "base"					      },
	{ "backup",   "base"					      },
	{ "facts",    "base net password secrets vuln"                    },
	{ "posture",  "base facts net"                                    },
	{ "report",   "base facts net posture events detect"              },
	{ "vuln",     "base"					      },
	{ "secrets",  "base events"				       },
	{ "ssh",      "base net"					  },
	{ "jit",      "base net ssh action"                               },
	{ "events",   "base"					      },
	{ "detect",   "base events"				       },
	{ "action",   "base"					      },
	{ "sensor",   "base events facts"                                 },
	{ "guard",    "base net facts events detect action sensor ssh jit"},
	{ "fleet",    "*"						 },
	{ "web",      "*"						 },
	{ "cli",      "*"						 },
};

static bool may_include(struct str from, struct str to)
{
	for (size_t i = 0; i < COUNT(layers); i++) {
		struct str below = str_of(layers[i].below), name;

		if (!str_eq(from, str_of(layers[i].name)))
			continue;
		if (str_eq(from, to) || str_eq(below, STR("*")))
			return true;
		while ((name = str_word(&below)).ptr)
			if (str_eq(name, to))
				return true;
		return false;
	}
	return false;
}

/* The directory of #include "DIRECTORY/...", empty for every other line. */
static struct str included(struct str line)
{
	line = str_trim(line);
	if (!str_starts(line, STR("#")))
		return (struct str){};
	line = str_trim(str_sub(line, 1, line.len));
	if (!str_starts(line, STR("include")))
		return (struct str){};
	line = str_trim(str_sub(line, strlen("include"), line.len));
	if (!str_starts(line, STR("\"")) || str_find(line, '/') < 0)
		return (struct str){};
	line = str_sub(line, 1, line.len);
	return str_cut(&line, '/');
}

static unsigned check_file(const struct root *src, struct arena *a, struct str layer,
			   const char *path)
{
	struct str text, line;
	unsigned bad = 0, n = 0;

	if (root_read(src, path, 0, a, &text, NULL) < 0) {
		printf("# %s cannot be read\n", path);
		return 1;
	}
	while (str_line(&text, &line, &n)) {
		struct str to = included(line);

		if (to.len && !may_include(layer, to)) {
			bad++;
			printf("# src/%s:%u: %.*s must not include %.*s\n", path, n, STR_FMT(layer),
			       STR_FMT(to));
		}
	}
	return bad;
}

static unsigned check_directory(const struct root *src, struct arena *a, struct str layer,
				const char *path, unsigned *files)
{
	struct dir_list list;
	unsigned bad = 0;

	if (root_list(src, path, a, &list) < 0) {
		printf("# %s cannot be listed\n", path);
		return 1;
	}
	for (size_t i = 0; i < list.n; i++) {
		struct str name = str_of(list.entries[i].name);
		const char *below = arena_fmt(a, "%s/%s", path, name.ptr).ptr;
		struct stat st;

		if (root_stat(src, below, &st) < 0)
			bad++;
		else if (S_ISDIR(st.st_mode))
			bad += check_directory(src, a, layer, below, files);
		else if (str_ends(name, STR(".c")) || str_ends(name, STR(".h"))) {
			bad += check_file(src, a, layer, below);
			++*files;
		}
	}
	return bad;
}

static void test_rules(void)
{
	ok(!may_include(STR("facts"), STR("posture")), "facts never includes posture");
	ok(!may_include(STR("posture"), STR("report")), "posture never includes report");
	ok(!may_include(STR("base"), STR("facts")), "base stands alone");
	ok(!may_include(STR("detect"), STR("action")), "detect never includes action");
	ok(may_include(STR("report"), STR("posture")), "report includes posture");
	ok(may_include(STR("cli"), STR("report")), "cli sits on top");
	ok(!may_include(STR("novel"), STR("base")), "an unknown directory has no place");
	is_str(included(STR("#include \"facts/fact.h\"")), STR("facts"), "an include");
	is_str(included(STR(" # include  \"facts/fact.h\"")), STR("facts"), "with blanks");
	is_str(included(STR("#include <sys/stat.h>")), STR(""), "one of the system");
	is_str(included(STR("// \"facts/fact.h\"")), STR(""), "no include");
}

int main(void)
{
	own(root_release) struct root src = ROOT_NONE;
	own(arena_release) struct arena a = {};
	struct dir_list list;
	unsigned files = 0;

	test_rules();
	if (root_open("src", true, &src) < 0 || root_list(&src, ".", &a, &list) < 0) {
		ok(false, "src can be listed (run from the top of the tree)");
		return done();
	}
	for (size_t i = 0; i < list.n; i++) {
		const char *name = list.entries[i].name;
		struct stat st;

		if (root_stat(&src, name, &st) == 0 && S_ISDIR(st.st_mode))
			is_int(check_directory(&src, &a, str_of(name), name, &files), 0, name);
	}
	ok(files > 20, "there were files to look at");
	return done();
}
