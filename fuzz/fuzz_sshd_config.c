/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sshd_config: the first byte chooses a version, the rest is the configuration, which includes
 * itself; resolved for several connections, one user by index and from scratch.
 */
#include "facts/linux/ssh_places.h"
#include "fuzz.h"

static struct str whole;
static unsigned globs;

static int read_self(void *user, const char *path, struct str *ret)
{
	(void)user, (void)path;
	*ret = whole;
	return 1;
}

static int glob_self(void *user, const char *pattern, struct str **ret, size_t *ret_n)
{
	static struct str self[2] = {
		{"/self",   5},
                { "/other", 6}
	};

	(void)user;
	if (++globs > 20)
		return 0; /* enough of the same */
	*ret = self;
	*ret_n = 1 + (strlen(pattern) > 12);
	return 1;
}

static void entries(const struct sshd_result *r, struct arena *a)
{
	for (enum sshd_id id = 0; id < SSHD_N_KEYWORDS; id++) {
		struct sshd_entry *list;
		size_t n;

		if (sshd_result_entries(r, id, a, &list, &n) < 0)
			return;
		for (size_t i = 0; i < n; i++)
			fuzz_assert(list[i].value.ptr || !list[i].value.len);
	}
}

static void resolve(const struct sshd_result *global, struct arena *a)
{
	static const struct str groups[] = {
		{"staff",  5},
                { "wheel", 5}
	};
	struct sshd_connection conn = { .user = STR("root"), .groups = groups, .n_groups = 2 };
	struct sshd_site site;
	struct ssh_places places;

	if (ssh_places_find(global, a, &places) < 0)
		return;
	for (size_t i = 0; i < places.n && i < 4; i++) {
		struct sshd_result one, two;

		if (sshd_site_new(global, &places.list[i].where, a, &site) < 0)
			return;
		struct sshd_connection who = places.list[i].where;

		who.user = conn.user;
		who.groups = conn.groups;
		who.n_groups = conn.n_groups;
		if (sshd_site_resolve(&site, &who, a, &one) == 0 &&
		    sshd_site_resolve(&site, &who, a, &two) == 0)
			for (size_t k = 0; k < SSHD_N_KEYWORDS; k++)
				fuzz_assert(one.slots[k].line == two.slots[k].line &&
					    one.slots[k].n == two.slots[k].n);
		entries(&one, a);
		sshd_site_release(&site);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const unsigned versions[] = { 702, 804, 902, 909, 1000, 0 };
	own(arena_release) struct arena a = { .limit = (size_t)32 << 20 };
	const struct sshd_source source = { NULL, read_self, glob_self };
	struct sshd_config cfg = {
		.build = {.features = 0x3ff, .release = STR("9.2p1"), .source = ""}
	};
	struct sshd_parser *p = NULL;
	struct sshd_result global;

	if (len < 1 || len > 1 << 16)
		return 0;
	cfg.build.version = versions[data[0] % COUNT(versions)];
	globs = 0;
	whole = (struct str){ (const char *)data + 1, len - 1 };
	if (sshd_parser_new(&cfg, &source, &a, &p) == 0 &&
	    sshd_parse_file(p, "/self", whole) == 0 &&
	    sshd_resolve_global(&cfg, &a, &global) == 0 &&
	    sshd_resolve_check(&cfg, &global, &a) == 0) {
		entries(&global, &a);
		resolve(&global, &a);
	}
	fuzz_assert(cfg.n_lines <= SSHD_LINES_MAX && cfg.n_blocks <= SSHD_BLOCKS_MAX);
	sshd_parser_release(&p);
	return 0;
}
