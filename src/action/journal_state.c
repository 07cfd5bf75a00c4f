/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state of an entry: two slots, each one line of text with its checksum. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <time.h>

#include "action/journal.h"

#define SUM_BYTES 16

static const char *const names[] = {
	[ENTRY_PLANNED] = "planned", [ENTRY_APPLYING] = "applying",   [ENTRY_AWAITING] = "awaiting",
	[ENTRY_APPLIED] = "applied", [ENTRY_CONFIRMED] = "confirmed", [ENTRY_UNDOING] = "undoing",
	[ENTRY_UNDONE] = "undone",   [ENTRY_FAILED] = "failed",
};

const char *entry_state_name(enum entry_state s)
{
	return (unsigned)s < COUNT(names) ? names[s] : "?";
}

static void sum_of(struct str text, char ret[static 2 * SUM_BYTES + 1])
{
	unsigned char sum[SUM_BYTES];

	crypto_generichash(sum, sizeof sum, (const unsigned char *)text.ptr, text.len, NULL, 0);
	sodium_bin2hex(ret, 2 * SUM_BYTES + 1, sum, sizeof sum);
}

void entry_status_format(const struct entry_status *s, char ret[static JOURNAL_STATE_SLOT])
{
	char sum[2 * SUM_BYTES + 1];
	int n;

	memset(ret, ' ', JOURNAL_STATE_SLOT);
	n = snprintf(ret, JOURNAL_STATE_SLOT - sizeof sum - 1,
		     "%" PRIu64 " %s %u %" PRId64 " %" PRId64 " %" PRId64 " %s %s ", s->sequence,
		     entry_state_name(s->state), s->step, s->at, s->until, s->until_boot_ms,
		     s->boot[0] ? s->boot : "-", s->why[0] ? s->why : "-");
	n = MIN(n, (int)(JOURNAL_STATE_SLOT - sizeof sum - 2));
	sum_of((struct str){ ret, (size_t)n }, sum);
	memcpy(ret + n, sum, sizeof sum - 1);
	ret[n + (int)sizeof sum - 1] = ' ';
	ret[JOURNAL_STATE_SLOT - 1] = '\n';
}

static int parse_word(struct str *text, char *ret, size_t size)
{
	struct str w = str_word(text);

	if (!w.ptr || w.len >= size)
		return -EBADMSG;
	(void)snprintf(ret, size, "%.*s", str_eq(w, STR("-")) ? 0 : (int)w.len, w.ptr);
	return 0;
}

static int parse_slot(struct str slot, struct entry_status *ret)
{
	struct entry_status s = {};
	struct str rest = slot, word, sum;
	char want[2 * SUM_BYTES + 1], name[16];
	uint64_t n[2];
	unsigned state;

	if (str_to_u64(str_word(&rest), 10, &s.sequence) < 0 ||
	    parse_word(&rest, name, sizeof name) < 0)
		return -EBADMSG;
	for (state = 0; state < COUNT(names) && strcmp(name, names[state]) != 0;)
		state++;
	if (state == COUNT(names) || str_to_u64(str_word(&rest), 10, &n[0]) < 0 ||
	    n[0] > CHANGES_MAX || str_to_int64(str_word(&rest), &s.at) < 0 ||
	    str_to_int64(str_word(&rest), &s.until) < 0 ||
	    str_to_int64(str_word(&rest), &s.until_boot_ms) < 0 ||
	    parse_word(&rest, s.boot, sizeof s.boot) < 0)
		return -EBADMSG;
	if (parse_word(&rest, s.why, sizeof s.why) < 0)
		return -EBADMSG;
	sum = str_word(&rest);
	if (sum.len != sizeof want - 1)
		return -EBADMSG;
	word = (struct str){ slot.ptr, (size_t)(sum.ptr - slot.ptr) };
	sum_of(word, want);
	if (!str_eq(sum, str_of(want)))
		return -EBADMSG;
	s.state = (enum entry_state)state;
	s.step = (uint32_t)n[0];
	*ret = s;
	return 0;
}

int entry_status_parse(struct str slots, struct entry_status *ret)
{
	struct entry_status best = {}, s;
	bool any = false;

	for (size_t at = 0;
	     at + JOURNAL_STATE_SLOT <= slots.len && at < (size_t)2 * JOURNAL_STATE_SLOT;
	     at += JOURNAL_STATE_SLOT)
		if (parse_slot(str_sub(slots, at, at + JOURNAL_STATE_SLOT), &s) >= 0 &&
		    (!any || s.sequence > best.sequence)) {
			best = s;
			any = true;
		}
	if (!any)
		return -EBADMSG;
	*ret = best;
	return 0;
}

bool entry_is_open(const struct entry *e)
{
	switch (e->status.state) {
	case ENTRY_PLANNED:
	case ENTRY_APPLYING:
	case ENTRY_AWAITING:
	case ENTRY_UNDOING: return !e->broken.reason[0];
	default: return false;
	}
}

bool entry_is_overdue(const struct entry *e)
{
	char boot[40];

	if (!entry_is_open(e) || !e->status.until)
		return false;
	session_boot_id(boot);
	if (strcmp(boot, e->status.boot) != 0)
		return true;
	return session_boot_ms() >= e->status.until_boot_ms;
}

void entry_deadline(struct entry *e, unsigned within)
{
	e->status.until = time(NULL) + within;
	e->status.until_boot_ms = session_boot_ms() + (int64_t)within * 1000;
	session_boot_id(e->status.boot);
}
