/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jit_events: the audit log of just-in-time access. What it says is what stands there: whether the
 * chain holds, `holdfast jit audit --verify` tells.
 */
#include "facts/linux/json_lines.h"

#define AUDIT_LOG "/var/lib/holdfast/jit-audit.jsonl"

#define FACT_ROW jit_events_row
/* clang-format off */
#define COLUMNS(X) \
	X(INT, seq, "number of the record") \
	X(INT, time, "when, UNIX time") \
	X(TEXT, event, "granted, waits, refused, opened, extended, expired, ended, login, … (docs/jit.md)") \
	X(TEXT, id, "id of the request, which ties a grant to its connections") \
	X(TEXT, address, "where the request or the connection came from") \
	X(TEXT, source, "for which address or network the ports were opened") \
	X(TEXT, account, "account of this machine") \
	X(TEXT, ports, "as 22/tcp, separated by blanks") \
	X(TEXT, reason, "what the asker wrote") \
	X(TEXT, why, "why it was refused or has ended") \
	X(TEXT, key, "fingerprint of the key") \
	X(TEXT, rule, "rule of the policy") \
	X(INTN, seconds, "for how long") \
	X(INTN, is_signed, "whether a good signature stands behind it; NULL: the record does not say")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "jit_events",
	.doc = "Requests, grants and logins of just-in-time access, from the end of its audit log.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int64_t truth(const struct jdoc *d, const char *name)
{
	uint32_t v = jdoc_get(d, 0, str_of(name));

	if (!v || (!jdoc_is(d, v, J_TRUE) && !jdoc_is(d, v, J_FALSE)))
		return FACT_UNKNOWN;
	return jdoc_is(d, v, J_TRUE);
}

static int event(struct collect *c, const struct jdoc *d, unsigned number, void *user)
{
	struct FACT_ROW row = {
		.seq = json_line_int(d, "seq"),
		.time = json_line_time(c, d, "time"),
		.event = json_line_text(c, d, "event"),
		.id = json_line_text(c, d, "id"),
		.address = json_line_text(c, d, "from"),
		.source = json_line_text(c, d, "source"),
		.account = json_line_text(c, d, "account"),
		.ports = json_line_text(c, d, "ports"),
		.reason = json_line_text(c, d, "reason"),
		.why = json_line_text(c, d, "why"),
		.key = json_line_text(c, d, "key"),
		.rule = json_line_text(c, d, "rule"),
		.seconds = json_line_int(d, "seconds"),
		.is_signed = truth(d, "signed"),
	};

	(void)number;
	(void)user;
	if (!row.event.len || row.seq == FACT_UNKNOWN || row.time == FACT_UNKNOWN)
		return -EBADMSG;
	return collect_row(c, &row);
}

static int collect(struct collect *c)
{
	int r = json_lines(c, AUDIT_LOG, event, NULL);

	return r == -ENOSPC ? 0 : r;
}

const struct collector collector_jit_events = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
