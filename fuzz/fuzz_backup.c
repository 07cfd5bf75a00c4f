/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results of backups, and commands of jobs. */
#include "facts/linux/backup.h"
#include "fuzz.h"

static int each(const struct job_command *cmd, void *user)
{
	(void)user;
	fuzz_assert(cmd->line > 0 && cmd->n_before + cmd->n <= SHELL_WORDS_MAX);
	for (size_t i = 0; i < cmd->n; i++)
		fuzz_assert(cmd->words[i].text.len <= SHELL_LINE_MAX);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(arena_release) struct arena a = {};
	struct str text = { (const char *)data, size };
	struct job_text job = { .text = text, .file = STR("x"), .line = 1 };
	struct backup b;
	unsigned line = 0;
	int64_t when;

	if (backup_parse_json(&a, text, &b, &line) == 0)
		fuzz_assert(b.tool.len);
	(void)backup_parse_azure(text, &when);
	(void)backup_time(text);
	(void)job_commands(&a, &job, each, NULL);
	return 0;
}
