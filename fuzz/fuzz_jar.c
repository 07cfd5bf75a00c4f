/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An archive of Java, with whatever it holds. */
#include "facts/inventory/jar.h"
#include "fuzz.h"

struct counts {
	unsigned components, problems;
};

static int take_component(void *user, const struct component *x)
{
	struct counts *n = user;

	n->components++;
	fuzz_assert(x->name.len && x->name.len <= 600);
	fuzz_assert(!x->version.len || component_text(x->version));
	fuzz_assert(str_eq(x->ecosystem, STR("Maven")) && x->evidence.len);
	fuzz_assert(!x->inside.len || str_starts(x->inside, STR("!/")));
	return 0;
}

static void take_problem(void *user, int error, struct str inside, const char *what)
{
	struct counts *n = user;

	(void)error;
	n->problems++;
	fuzz_assert(what[0] && inside.len < 4096);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct counts n = {};
	struct jar_run run = { .fn = take_component, .problem = take_problem, .user = &n };
	struct stretch s = stretch_of_memory((struct str){ (const char *)data, size });
	int r = jar_read(&s, STR("/opt/shop-1.0.jar"), &run);

	fuzz_assert(r == 0 || r == -ENOMEM);
	fuzz_assert(n.components <= JAR_COMPONENTS_MAX && !run.depth && !run.held);
	return 0;
}
