/* SPDX-License-Identifier: GPL-3.0-or-later */
/* backup.conf and files of credentials. */
#include "backup/config.h"
#include "backup/restic.h"
#include "backup/schedule.h"
#include "fuzz.h"

static int each(struct str name, struct str value, void *user)
{
	(void)user;
	fuzz_assert(name.len && !memchr(name.ptr, 0, name.len));
	fuzz_assert(!value.len || !memchr(value.ptr, 0, value.len));
	return 0;
}

static void repositories(const struct backup_config *c)
{
	own(arena_release) struct arena a = {};

	fuzz_assert(c->n_repos && c->check_parts && c->drill_files && c->drill_bytes);
	for (size_t i = 0; i < c->n_repos; i++) {
		fuzz_assert(backup_repo_name_ok(str_of(c->repos[i].name)));
		fuzz_assert(backup_url_public(&a, str_of(c->repos[i].url)).ptr);
		(void)backup_repo_path(&c->repos[i]);
	}
}

/* A unit is lines: nothing of a path makes another one. */
static void units(const struct backup_config *c)
{
	for (size_t i = 0; i < n_backup_units; i++) {
		own(buf_release) struct buf unit = BUF((size_t)1 << 20);

		if (backup_unit_write(&backup_units[i], c, NULL, &unit) == 0)
			fuzz_assert(!memchr(unit.ptr, 0, unit.len) && !strchr(unit.ptr, '\r'));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(backup_config_release) struct backup_config c = {};
	struct str text = { (const char *)data, size };
	struct diag d = {};

	(void)restic_credentials_parse(text, "x", each, NULL, &d);
	d = (struct diag){};
	if (backup_config_parse(text, "x", &c, &d) < 0) {
		fuzz_assert(d.reason[0]);
		return 0;
	}
	repositories(&c);
	units(&c);
	return 0;
}
