/* SPDX-License-Identifier: GPL-3.0-or-later */
/* apt_preferences(5), release files, and package indexes, whole and in two parts. */
#include "facts/linux/apt_policy.h"
#include "facts/linux/apt_scan.h"
#include "fuzz.h"

static int each_pin(const struct apt_pin *pin, void *user)
{
	struct apt_index index = { .site = STR("h"), .suite = STR("s") };
	struct apt_indexes indexes = { .list = &index, .n = 1, .native = STR("amd64") };
	struct apt_pin copy = *pin;
	int priority = 500;
	struct apt_policy policy = {
		.indexes = &indexes, .priority = &priority, .pins = &copy, .n = 1
	};
	struct apt_offer offer = { .version = STR("2"), .source = STR("alpha") };
	struct apt_package package = { STR("alpha"), STR("amd64"), STR("1"), &offer, 1 };
	size_t *n = user;

	fuzz_assert(pin->line && pin->priority != 0);
	if (++*n < 16)
		(void)apt_candidate(&policy, &package);
	return 0;
}

static int each_stanza(const struct apt_stanza *s, void *user)
{
	size_t *n = user;

	fuzz_assert(str_eq(s->name, STR("a")) && s->version.len && s->arch.len && s->source.len &&
		    s->source_version.len && s->phased <= 100);
	++*n;
	return 0;
}

static size_t scan(const struct map *names, struct str text, size_t cut)
{
	size_t n = 0;
	struct apt_scan s = { .names = names, .fn = each_stanza, .user = &n };
	struct str part = str_sub(text, 0, cut);

	fuzz_assert(apt_scan_text(&s, &part, false) == 0);
	fuzz_assert(part.len <= cut);
	text = str_sub(text, cut - part.len, text.len);
	fuzz_assert(apt_scan_text(&s, &text, true) == 0);
	fuzz_assert(!text.len);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(map_release) struct map names = {};
	own(arena_release) struct arena a = {};
	struct str text = { (const char *)data, size };
	struct apt_release release;
	unsigned line = 0;
	size_t n = 0;

	if (apt_pins_parse(text, each_pin, &n, &line) == -EBADMSG)
		fuzz_assert(line > 0);
	if (apt_release_parse(text, &release) == 0)
		fuzz_assert(release.date == FACT_UNKNOWN || release.date >= 0);
	(void)apt_release_size(text, STR("main/binary-amd64/Packages"));
	(void)apt_list_name(&a, text);
	(void)apt_phase(text, STR("1"), STR("0123456789abcdef"));
	fuzz_assert(map_put(&names, STR("a"), 1) == 0);
	/* Wherever a read ends, the same packages are found. */
	n = scan(&names, text, size);
	fuzz_assert(scan(&names, text, size / 2) == n);
	fuzz_assert(scan(&names, text, size / 3) == n);
	return 0;
}
