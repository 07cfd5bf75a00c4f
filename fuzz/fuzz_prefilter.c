/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The prefilter finds what a plain search finds: the first line is the texts, separated by
 * commas.
 */
#include "events/prefilter.h"
#include "fuzz.h"

static bool is_at(struct str block, size_t at, struct str text)
{
	return block.len - at >= text.len && str_ieq(str_sub(block, at, at + text.len), text);
}

/* Whether a text overlaps the place that was found; the window stands somewhere in it. */
static bool is_near(struct str block, size_t at, const struct str *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < texts[i].len && k <= at; k++)
			if (is_at(block, at - k, texts[i]))
				return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str block = { len ? (const char *)data : "", len }, line, texts[32];
	struct prefilter *p = NULL;
	size_t n = 0, at;

	line = str_cut(&block, '\n');
	if (!block.ptr)
		block = STR("");
	while (n < COUNT(texts) && line.ptr) {
		texts[n] = str_cut(&line, ',');
		n += texts[n].len > 0;
	}
	if (prefilter_new(texts, n, &p) < 0)
		return 0;
	at = prefilter_find(p, block, 0);
	fuzz_assert(at <= block.len);
	if (at < block.len)
		fuzz_assert(is_near(block, at, texts, n));
	/* Nothing is in front of it. */
	for (size_t i = 0; n && i < block.len && i < 4096; i++)
		for (size_t k = 0; k < n; k++)
			if (is_at(block, i, texts[k]))
				fuzz_assert(at < i + texts[k].len);
	at = 0;
	for (size_t i = 0; i < block.len; i++)
		at += block.ptr[i] == '\n';
	fuzz_assert(at == count_lines(block));
	prefilter_release(&p);
	return 0;
}
