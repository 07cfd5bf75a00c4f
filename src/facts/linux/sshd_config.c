/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sshd_config: Effective configuration of sshd: the global value of every keyword, and what each Match block changes. */
#include "facts/linux/sshd_load.h"

#define FACT_ROW sshd_config_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, keyword, "lower-case keyword") \
	X(TEXT, value, "effective value, as sshd -T prints it") \
	X(TEXT, match_block, "criteria of the Match block; '' for the global value") \
	X(TEXT, origin, "file or default") \
	X(TEXT, file, "file that decides; '' for a default") \
	X(INT, line, "line")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "sshd_config",
	.doc = "Effective configuration of sshd: the global value of every keyword, and what each Match block changes.",
	.columns = columns,
	.n_columns = COUNT(columns),
	.index = "keyword",
};

static int emit(struct collect *c, const struct sshd_keyword *k, struct str value, struct str block,
		const struct sshd_line *l)
{
	struct FACT_ROW row = {
		.keyword = str_of(k->name),
		.value = value,
		.match_block = block,
		.origin = l && *l->file ? STR("file") : STR("default"),
	};

	if (l) {
		row.file = str_of(l->file);
		row.line = l->line;
	}
	return collect_row(c, &row);
}

/* What holds for a connection that no criterion fits: `sshd -T`. */
static int emit_global(struct collect *c, const struct sshd *s)
{
	struct sshd_result *result = arena_new(c->arena, struct sshd_result);
	struct sshd_connection nobody = { .local_port = -1 };
	int r = result ? sshd_resolve(&s->global, &nobody, c->arena, result) : -ENOMEM;

	for (enum sshd_id id = 0; r >= 0 && id < SSHD_N_KEYWORDS; id++) {
		struct arena_mark mark = arena_mark(c->arena);
		const struct sshd_keyword *k = &sshd_keywords[id];
		struct sshd_entry *list;
		size_t n;

		if (k->flags & SSHD_QUIET || !sshd_keyword_exists(&s->build, k))
			continue;
		r = sshd_result_entries(result, id, c->arena, &list, &n);
		for (size_t i = 0; r >= 0 && i < n; i++)
			r = emit(c, k, list[i].value, STR(""), list[i].line);
		arena_rewind(c->arena, mark);
	}
	return r;
}

/* The line is the one that counts in its block. */
static bool counts(const struct sshd_config *cfg, size_t i)
{
	const struct sshd_line *l = &cfg->lines[i];

	if (l->keyword->flags & SSHD_ADDS)
		return true;
	if (l->force) {
		for (size_t j = i + 1; j < cfg->n_lines && cfg->lines[j].block == l->block; j++)
			if (cfg->lines[j].keyword == l->keyword)
				return false;
		return true;
	}
	for (size_t j = i; j-- > 0 && cfg->lines[j].block == l->block;)
		if (cfg->lines[j].keyword == l->keyword)
			return false;
	return true;
}

static int emit_line(struct collect *c, const struct sshd_config *cfg, const struct sshd_line *l)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str value = l->n ? l->values[0] : STR("");
	int r;

	for (unsigned i = 1; i < l->n; i++) {
		value = arena_cat(c->arena, value, STR(" "), l->values[i]);
		if (!value.ptr)
			return -ENOMEM;
	}
	r = emit(c, l->keyword, value, cfg->blocks[l->block].text, l);
	arena_rewind(c->arena, mark);
	return r;
}

static int emit_blocks(struct collect *c, const struct sshd *s)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < s->config.n_lines; i++) {
		const struct sshd_line *l = &s->config.lines[i];

		if (l->block && !s->config.blocks[l->block].never && *l->keyword->name &&
		    l->keyword->flags & SSHD_IN_MATCH && counts(&s->config, i))
			r = emit_line(c, &s->config, l);
	}
	return r;
}

static int collect(struct collect *c)
{
	struct sshd *s = arena_new(c->arena, struct sshd);
	int r = s ? sshd_load(c, s) : -ENOMEM;

	if (r < 0 || !sshd_present(s))
		return r;
	sshd_report_refusal(c, s);
	r = emit_global(c, s);
	if (r >= 0)
		r = emit_blocks(c, s);
	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_sshd_config = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
