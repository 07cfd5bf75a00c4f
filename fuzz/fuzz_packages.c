/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text databases of dpkg and apk. */
#include "facts/linux/package_db.h"
#include "fuzz.h"

static int each(const struct package *p, void *user)
{
	const struct str *text = user;
	const struct str parts[] = { p->name, p->version, p->status, p->source };

	fuzz_assert(p->name.len && p->version.len && p->source.len && p->source_version.len);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (parts[i].ptr >= text->ptr && parts[i].ptr <= text->ptr + text->len)
			fuzz_assert(parts[i].ptr + parts[i].len <= text->ptr + text->len);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	unsigned line = 0;

	if (dpkg_parse(text, true, each, &text, &line) == -EBADMSG)
		fuzz_assert(line > 0);
	(void)dpkg_parse(text, false, each, &text, &line);
	line = 0;
	if (apk_parse(text, each, &text, &line) == -EBADMSG)
		fuzz_assert(line > 0);
	return 0;
}
