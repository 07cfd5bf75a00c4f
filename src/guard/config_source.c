/* SPDX-License-Identifier: GPL-3.0-or-later */
/* [sources] of guard.conf. */
#include "events/decoder.h"
#include "guard/config_work.h"

static int add_source(struct line *l, enum source_kind kind, struct str path, struct str format)
{
	struct guard_config *c = l->c;

	if (c->n_sources >= CONFIG_SOURCES_MAX)
		return line_wrong(l, 0, "at most 240 sources");
	return arena_push(&c->arena, c->sources, c->n_sources, c->cap_sources,
			  ((struct config_source){ kind, path, format }));
}

static bool is_format(struct str s)
{
	for (size_t i = 0; i < n_decoders; i++)
		if (str_eq(s, str_of(decoders[i]->name)))
			return true;
	return false;
}

int config_add_file(struct line *l, size_t offset)
{
	struct str path, format = STR("");
	int r;

	(void)offset;
	if (l->n < 2 || !line_is_path(l->words[1]))
		return line_wrong(l, 1, "the path of a log file, beginning with /");
	if (l->n > 2 && !is_format(l->words[2]))
		return line_wrong(l, 2, "a format as holdfast events --help lists them");
	r = line_only(l, 3);
	if (r >= 0)
		r = line_keep(l, 1, &path);
	if (r >= 0 && l->n > 2)
		r = line_keep(l, 2, &format);
	return r < 0 ? r : add_source(l, SOURCE_FILE, path, format);
}

int config_add_journal(struct line *l, size_t offset)
{
	struct str path = STR("");
	int r;

	(void)offset;
	if (l->n > 1 && !line_is_path(l->words[1]))
		return line_wrong(l, 1, "a directory with a journal, beginning with /");
	r = line_only(l, 2);
	if (r >= 0 && l->n > 1)
		r = line_keep(l, 1, &path);
	return r < 0 ? r : add_source(l, SOURCE_JOURNAL, path, STR(""));
}

int config_add_audit(struct line *l, size_t offset)
{
	(void)offset;
	return line_only(l, 1) < 0 ? -EINVAL : add_source(l, SOURCE_AUDIT, STR(""), STR(""));
}

int config_add_syslog(struct line *l, size_t offset)
{
	struct str path;
	int r;

	(void)offset;
	if (l->n < 2 || !line_is_path(l->words[1]) || l->words[1].len > 100)
		return line_wrong(l, 1, "the path of a socket, beginning with /");
	r = line_only(l, 2);
	if (r >= 0)
		r = line_keep(l, 1, &path);
	return r < 0 ? r : add_source(l, SOURCE_SYSLOG, path, STR(""));
}
