/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What restic and borg say, and sealed pass phrases. */
#include "backup/borg.h"
#include "backup/drill.h"
#include "backup/dump.h"
#include "backup/escrow.h"
#include "backup/moment.h"
#include "fuzz.h"

static void plain(const char *s)
{
	for (; *s; s++)
		fuzz_assert((unsigned char)*s >= 32 && *s != 127);
}

static void sample(struct str text)
{
	static const char *const paths[] = { "/etc", "/a b/" };
	const struct backup_words critical = { .items = (const char **)paths, .n = 2 };
	own(drill_sample_release) struct drill_sample s = { .wanted = 3,
							    .critical = &critical,
							    .random = 7 };
	struct str line;

	if (drill_sample_start(&s) < 0)
		return;
	while (str_line(&text, &line, NULL))
		fuzz_assert(drill_sample_line(line, &s) == 0);
	drill_sample_finish(&s, 1'000);
	fuzz_assert(s.n_sample <= 3 && s.n_critical <= DRILL_CRITICAL_MAX);
	for (size_t i = 0; i < s.n_sample + s.n_critical; i++) {
		char pattern[2 * PATH_MAX];

		fuzz_assert(s.files[i].path && s.files[i].path[0] == '/');
		fuzz_assert(drill_pattern(s.files[i].path, pattern, sizeof pattern));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(buf_release) struct buf secret = BUF(ESCROW_SECRET_MAX);
	own(json_drop) json_t *list = NULL;
	struct str text = { (const char *)data, size };
	struct restic_end end;
	struct moment moment;
	struct diag d = {};
	unsigned version;
	char name[64];

	for (int code = 0; code < 4; code++) {
		restic_classify(text, code << 8, &end);
		plain(end.message);
		fuzz_assert(!code == (end.trouble == RESTIC_FINE));
	}
	(void)restic_version_parse(text, &version);
	(void)moment_parse(text, &moment);
	if (dump_file_name(text, name, sizeof name))
		fuzz_assert(!strchr(name, '/') && name[0] != '.');
	(void)dump_conninfo(text, name, sizeof name);
	(void)borg_list_parse(text, &list);
	sample(text);
	/* Argon2 is slow on purpose. */
	if (!str_contains(text, STR("argon2id")))
		fuzz_assert(escrow_open(text, "x", STR("x"), &secret, &d) < 0 && d.reason[0]);
	return 0;
}
