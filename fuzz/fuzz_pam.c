/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/login_defs.h"
#include "facts/linux/pam.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size }, rest = text, name, value;
	own(arena_release) struct arena a = {};
	struct pam_file file;
	unsigned line = 0;

	for (int conf = 0; conf < 2; conf++) {
		if (pam_parse(text, conf, &a, &file) < 0)
			return 0;
		for (size_t i = 0; i < file.n; i++) {
			fuzz_assert(file.lines[i].module.len && file.lines[i].control.len);
			pam_argument(file.lines[i].arguments, STR("minlen"), &value);
		}
	}
	while (pam_setting(&rest, &line, &name, &value))
		;
	rest = text;
	line = 0;
	while (login_defs_next(&rest, &line, &name, &value))
		fuzz_assert(name.len);
	return 0;
}
