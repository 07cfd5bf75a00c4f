/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first byte chooses what the file is called; the rest is the file. */
#include "fuzz.h"
#include "secrets/scan.h"

struct file {
	struct str text;
	uint64_t last;
};

static int check(void *user, const struct secret_finding *f)
{
	const struct file *file = user;

	fuzz_assert(f->kind && f->len && f->offset + f->len <= file->text.len);
	fuzz_assert(strlen(f->mask.text) <= 8 && f->line);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"text",      ".bash_history",       ".mysql_history", "x.ini",
		"x.c",       ".docker/config.json", ".netrc",         ".pgpass",
		"user-data", ".python_history",     ".vault-token",   "fish_history",
		".env",      ".aws/credentials",    "x.pem",          "wp-config.php",
	};
	static struct secrets *secrets;
	struct file file = {
		.text = {(const char *)data + 1, size ? size - 1 : 0}
	};
	struct secret_scan scan = { .fn = check, .user = &file };
	const char *name = names[size ? data[0] % COUNT(names) : 0];

	if (!secrets && secrets_new(NULL, &secrets) < 0)
		return 0;
	scan.secrets = secrets;
	scan.file = secret_file_of(str_of(name));
	if (size && data[0] >= 0xf0)
		scan.file.format = FORMAT_ENVIRON;
	scan.path = str_of(name);
	(void)secrets_scan_text(&scan, file.text);
	return 0;
}
