/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First byte: which reader. Two texts are separated by a zero byte. */
#include "fuzz.h"
#include "sensor/integrity_base.h"
#include "sensor/integrity_config.h"
#include "sensor/integrity_items.h"

static void fuzz_items(enum fim_kind kind, struct str text)
{
	own(arena_release) struct arena a = { .limit = (size_t)256 << 20 };
	const struct fim_base b = {};
	struct str before = str_cut(&text, '\0'), x, y;
	struct fim_diff *list;
	size_t n = 0;

	if (fim_items_read(kind, before, &b, &a, &x) < 0 ||
	    fim_items_read(kind, text.ptr ? text : STR(""), &b, &a, &y) < 0)
		return;
	if (fim_items_diff(kind, x, y, STR("/f"), STR("a"), FIM_CRON, &a, &list, &n) < 0)
		return;
	if (n > FIM_DIFFS_MAX + 1)
		__builtin_trap();
	for (size_t i = 0; i < n; i++)
		if (!list[i].text.ptr || !list[i].action || list[i].severity > 4)
			__builtin_trap();
	/* Nothing differs from itself. */
	if (fim_items_diff(kind, y, y, STR("/f"), STR("a"), FIM_CRON, &a, &list, &n) == 0 && n)
		__builtin_trap();
}

static void fuzz_records(struct str bytes)
{
	struct fim_table t = {};
	struct str before = STR("");
	struct fim_record *r;

	while (bytes.len && fim_record_read(&bytes, before, &t, &r) == 0) {
		own(buf_release) struct buf out = BUF(FIM_RECORD_MAX * 2);
		struct str again, items = { r->items, r->n_items };
		struct fim_item one;
		struct fim_table u = {};
		struct fim_record *copy;

		while (fim_items_next(&items, &one))
			;
		fim_record_write(&out, r, before);
		again = buf_view(&out);
		if (out.error || fim_record_read(&again, before, &u, &copy) < 0 || again.len)
			__builtin_trap();
		fim_table_release(&u);
		before = fim_record_path(r);
	}
	fim_table_release(&t);
}

static void fuzz_files(struct str bytes)
{
	struct fim_table t = {};
	struct fim_base b = FIM_BASE_NONE;

	(void)fim_base_parse(bytes, "f", &b, &t, NULL);
	(void)fim_journal_parse(bytes, "f", &b, &t, NULL);
	fim_table_release(&t);
}

static void fuzz_config(struct str text)
{
	own(arena_release) struct arena a = { .limit = (size_t)64 << 20 };
	struct str path = str_cut(&text, '\0');
	struct fim_config c;

	if (fim_config_parse(text.ptr ? text : STR(""), "f", &a, &c, NULL) < 0)
		return;
	for (size_t i = 0; i < c.n; i++) {
		bool match = fim_path_match(c.list[i].path, path);
		ssize_t slash = str_rfind(path, '/');

		/* What matches lies below its folder. */
		if (match && slash > 0 && path.ptr[path.len - 1] != '/' &&
		    !fim_path_may_match_below(c.list[i].path, str_sub(path, 0, (size_t)slash)))
			__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data, size };

	if (!size)
		return 0;
	s = str_sub(s, 1, s.len);
	switch (data[0] % 9) {
	case 0: fuzz_records(s); break;
	case 1: fuzz_files(s); break;
	case 2: fuzz_config(s); break;
	case 3: fuzz_items(FIM_KIND_NONE, s); break;
	case 4: fuzz_items(FIM_KIND_PASSWD, s); break;
	case 5: fuzz_items(FIM_KIND_SHADOW, s); break;
	case 6: fuzz_items(FIM_KIND_GROUP, s); break;
	case 7: fuzz_items(FIM_KIND_KEYS, s); break;
	default: fuzz_items(FIM_KIND_LINES, s); break;
	}
	return 0;
}
