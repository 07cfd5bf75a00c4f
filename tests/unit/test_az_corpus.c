/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Public templates: every one is read, and little of them is unknown. */
#include <dirent.h>

#include "az_print.h"
#include "base/file.h"

#define CORPUS "../shared/corpora/nsg/"

/* Templates whose text has another number of NSGs than they deploy, and why. */
static const struct {
	const char *file;
	unsigned text, deployed;
} others[] = {
  /* copy loops */
	{"301-multi-tier-loadbalancing_azuredeploy.json", 2, 4},
	{ "ag-docs-qs_azuredeploy.json",                  1, 2},
	{ "ag-docs-wafv2_azuredeploy.json",               1, 2},
	{ "fw-docs-qs_azuredeploy.json",                  1, 2},
 /* a condition that is false by default */
	{ "sharepoint-adfs_azuredeploy.json",             4, 3},
};

struct totals {
	unsigned files, failed, wrong, nsgs, rules, unknown, nics, nics_alone;
};

/* Resources of that type in the text, without reading it as JSON. */
static unsigned count_text(struct str text)
{
	static const char type[] = "\"Microsoft.Network/networkSecurityGroups\"";
	unsigned n = 0;

	for (size_t i = 0; i + sizeof type <= text.len; i++) {
		struct str before = str_trim(str_sub(text, i > 40 ? i - 40 : 0, i));

		if (str_istarts(str_sub(text, i, text.len), STR("\"Microsoft.Network/"
								"networkSecurityGroups\"")) &&
		    str_ends(before, STR(":")) &&
		    str_ends(str_trim(str_sub(before, 0, before.len - 1)), STR("\"type\"")))
			n++;
	}
	return n;
}

static unsigned expected(const char *file, struct str text)
{
	unsigned n = count_text(text);

	for (size_t i = 0; i < COUNT(others); i++)
		if (!strcmp(others[i].file, file) && others[i].text == n)
			return others[i].deployed;
	return n;
}

static void count_rules(const struct az_model *m, struct totals *t)
{
	for (uint32_t i = 0; i < m->n_nsgs; i++) {
		t->nsgs += m->nsgs[i].item.seen;
		for (uint32_t k = 0; m->nsgs[i].item.seen && k < m->nsgs[i].rules.n; k++) {
			const struct az_rule *r = &m->nsgs[i].rules.list[k];

			t->rules++;
			t->unknown += r->why.len || r->maybe;
		}
	}
	for (uint32_t i = 0; i < m->n_nics; i++) {
		t->nics += m->nics[i].item.seen;
		t->nics_alone += m->nics[i].item.seen && m->nics[i].vm.at == AZ_NONE;
	}
}

static void read_template(const char *folder, const char *name, struct totals *totals)
{
	own(arena_release) struct arena a = {};
	own(az_test_release) struct az_test t = {};
	struct az_file file = { .name = str_of(name) };
	char path[512];
	unsigned before = totals->nsgs;

	snprintf(path, sizeof path, "%s%s", folder, name);
	totals->files++;
	if (file_read(path, (size_t)1 << 24, &a, &file.text) < 0) {
		totals->failed++;
		return;
	}
	az_test_load(&t, &file, 1);
	if (t.error < 0) {
		totals->failed++;
		printf("# %s:%u: %s\n", name, t.d.line, t.d.reason);
		return;
	}
	count_rules(&t.model, totals);
	if (totals->nsgs - before != expected(name, file.text)) {
		totals->wrong++;
		printf("# %s: %u NSGs, but %u in the text\n", name, totals->nsgs - before,
		       count_text(file.text));
	}
}

static bool read_folder(const char *folder, struct totals *t)
{
	DIR *dir = opendir(folder);
	const struct dirent *e;

	if (!dir)
		return false;
	while ((e = readdir(dir)))
		if (str_ends(str_of(e->d_name), STR(".json")))
			read_template(folder, e->d_name, t);
	closedir(dir);
	return t->files > 0;
}

static void test_quickstart(void)
{
	struct totals t = {};

	if (!read_folder(CORPUS "quickstart/", &t)) {
		skip("public templates", "there is no corpus");
		return;
	}
	printf("# %u templates: %u NSGs, %u rules, %u of them with something that is not known; "
	       "%u of %u NICs without a machine\n",
	       t.files, t.nsgs, t.rules, t.unknown, t.nics_alone, t.nics);
	is_int(t.failed, 0, "every template is read");
	is_int(t.wrong, 0, "with as many NSGs as it deploys");
	ok(t.rules > 600 && t.unknown * 100 < t.rules * 3,
	   "of whose rules less than 3 % are unknown");
	ok(t.nics > 300 && t.nics_alone * 10 < t.nics, "and whose NICs have their machines");
}

static void test_checkov(void)
{
	struct totals t = {};

	if (!read_folder(CORPUS "checkov/", &t)) {
		skip("templates of Checkov's tests", "there is no corpus");
		return;
	}
	is_int(t.failed, 0, "every template of Checkov's tests is read");
	is_int(t.wrong, 0, "with its NSGs");
}

static void test_traps(void)
{
	own(arena_release) struct arena a = {};
	own(az_test_release) struct az_test t = {};
	struct az_file file = { .name = STR("traps.json") };
	struct totals totals = {};

	if (file_read(CORPUS "traps.json", (size_t)1 << 24, &a, &file.text) < 0) {
		skip("lists of rules", "there is no corpus");
		return;
	}
	az_test_load(&t, &file, 1);
	is_int(t.error, 0, "lists of rules without ids");
	count_rules(&t.model, &totals);
	is_int(totals.nsgs, 13, "are NSGs");
	is_int(totals.unknown, 0, "whose rules are known");
}

int main(void)
{
	test_quickstart();
	test_checkov();
	test_traps();
	return done();
}
