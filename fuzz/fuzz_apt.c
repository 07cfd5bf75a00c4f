/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apt.conf(5) and sources.list(5) in both styles. */
#include "facts/linux/apt_conf.h"
#include "facts/linux/apt_sources.h"
#include "facts/linux/repository.h"
#include "fuzz.h"

static int each_statement(struct str name, struct str value, unsigned line, void *user)
{
	size_t *n = user;

	(void)name, (void)value;
	fuzz_assert(line > 0);
	++*n;
	return 0;
}

static int each_source(const struct apt_source *s, void *user)
{
	fuzz_assert(s->uris.len && s->suites.len && s->line);
	(void)uri_host(s->uris);
	(void)uri_path(s->uris);
	(void)uri_public(user, s->uris);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(arena_release) struct arena a = {};
	struct str text = { (const char *)data, size };
	unsigned line = 0;
	size_t n = 0;

	if (apt_conf_parse(&a, text, each_statement, &n, &line) == -EBADMSG)
		fuzz_assert(line > 0);
	fuzz_assert(n <= size);
	(void)apt_sources_parse_list(&a, text, each_source, &a, &line);
	(void)apt_sources_parse_deb822(&a, text, each_source, &a, &line);
	return 0;
}
