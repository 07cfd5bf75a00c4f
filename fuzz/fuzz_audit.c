/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules of auditd, versions of applications and addresses to listen on: one line each. */
#include "facts/app_eol.h"
#include "facts/known_flaws.h"
#include "facts/linux/app_probe.h"
#include "facts/linux/audit_parse.h"
#include "facts/linux/listen.h"
#include "fuzz.h"

static void versions(struct arena *a, struct str line)
{
	struct str rest = line, one = str_word(&rest), two = str_word(&rest), version;

	fuzz_assert(upstream_compare(one, two) == -upstream_compare(two, one));
	(void)known_flaw_find(one, two, false);
	(void)known_flaw_find(STR("tomcat"), one, true);
	(void)known_flaw_package(one, two);
	(void)app_eol(STR("php"), one);
	(void)app_name_find(one, false, &version);
	for (size_t i = 0; i < n_app_markers; i++)
		fuzz_assert(app_version(a, line, app_markers[i].keys).len <= 256);
	(void)app_version(a, line, "a|b|c");
}

static void endpoints(struct str line)
{
	struct endpoint e = {};

	endpoint_parse(line, &e);
	fuzz_assert(e.address.len <= line.len);
	(void)address_is_loopback(e.address);
	while (args_next(&line, "-H", "--host", &e.address))
		;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = { len ? (const char *)data : "", len }, line;

	while (str_line(&text, &line, NULL)) {
		own(arena_release) struct arena arena = {};
		struct audit_rule rule;

		if (audit_parse(line, &rule))
			fuzz_assert(rule.rule.len && rule.key.len <= rule.rule.len);
		versions(&arena, line);
		endpoints(line);
	}
	return 0;
}
