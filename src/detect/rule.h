/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rule: Sigma rules and correlations, compiled once into one matcher.
 *
 * Specification: Sigma v2.1.0 (SigmaHQ/sigma-specification). A rule that cannot be compiled is named with
 * file, line, column and reason and does not stop the others.
 */
#ifndef HF_DETECT_RULE_H
#define HF_DETECT_RULE_H

#include "base/diag.h"
#include "events/event.h"

enum rule_level {
	LEVEL_INFORMATIONAL,
	LEVEL_LOW,
	LEVEL_MEDIUM,
	LEVEL_HIGH,
	LEVEL_CRITICAL,
	LEVEL_N
};
const char *rule_level_name(enum rule_level l);
int rule_level_find(struct str name); /* -1 */

enum correlation_type {
	CORRELATION_NONE, /* a plain rule */
	CORRELATION_EVENT_COUNT,
	CORRELATION_VALUE_COUNT,
	CORRELATION_TEMPORAL,
	CORRELATION_TEMPORAL_ORDERED,
};

struct rule_field_list {
	uint16_t *list;
	size_t n;
};

/* gte, lte, gt, lt, eq, neq as an inclusive range of counts; negated for neq. */
struct correlation_condition {
	uint64_t low, high;
	bool negated;
};

/* One alias: for each referenced rule the field that bears the group's value. */
struct correlation_alias {
	struct str name;
	uint16_t *fields; /* one a referenced rule, 0 none */
};

struct rule;

#define RULE_ASKED_MAX 4
struct rule_asked {
	const struct rule *list[RULE_ASKED_MAX];
	size_t n;
};

struct rule {
	uint32_t index;
	struct str id, name, title, description, status, author, file;
	struct str note; /* compiled, but the author may have meant something else; "" */
	unsigned line;
	enum rule_level level;
	struct str *tags; /* attack.t1110.001 … */
	size_t n_tags;
	struct log_source source;
	struct rule_field_list fields; /* that the rule asks an analyst to look at */
	/* correlation */
	enum correlation_type type;
	const struct rule **rules; /* referenced, in the order of the file */
	size_t n_rules;
	struct str *group_by;   /* field or alias names */
	uint16_t *group_fields; /* field of a name that is no alias, 0 */
	size_t n_group_by;
	struct correlation_alias *aliases;
	size_t n_aliases;
	int64_t timespan; /* microseconds */
	struct correlation_condition condition;
	/* Of value_count: what is counted is the combination of these; value_field is the first. */
	struct rule_field_list value_fields;
	uint16_t value_field;
	/*
	 * Holdfast's own attribute of a correlation, beside `correlation:`
	 *   holdfast: { forgiven-by: login_ok, same: [User] }
	 * An event of that rule takes back the window's entries of its group that agree with it in
	 * these fields, too: a typo and the login that follows are no attempt. NULL: none.
	 */
	const struct rule *forgiven_by;
	struct rule_field_list forgiven_same;
	/*
	 * holdfast: { within: by_address } - the groups of that correlation hold this one's; what it counts may
	 * be counted among the latest 48 events of the larger group. NULL: by groups of its own.
	 */
	const struct rule *within;
	/*
	 * holdfast: { unless: [office, regular], when: … } - it is told only while none of these
	 * event_counts and value_counts holds (while one does) for the event at hand.
	 */
	struct rule_asked unless, when;
	/*
	 * holdfast: { spread: 2m } - of an event_count: from the first to the last of the latest events that it
	 * asks for so much time went by, at least. Microseconds.
	 */
	int64_t spread;
	bool generate; /* referenced rules alert on their own, too */
	/* Only correlations use it, or holdfast: { silent: true }: no alert of its own. */
	bool silent;
};

struct rules;

struct rule_text {
	struct str text, file;
};
/* Called for each rule that was compiled (d == NULL) or was not (why). May be NULL. */
typedef void rule_fn(void *user, const struct rule_text *t, const struct rule *rule,
		     const struct diag *d);

/*
 * Parses and compiles. Fields that rules ask for are added to names. placeholders: "%name%" -> values,
 * one line each "name=value"; "" none. -ENOMEM.
 */
[[nodiscard]] int rules_compile(const struct rule_text *texts, size_t n, struct names *names,
				struct str placeholders, rule_fn *report, void *user,
				struct rules **ret);
void rules_release(struct rules **r);
const struct rule *rules_get(const struct rules *r, size_t i);
size_t rules_count(const struct rules *r);
bool rules_wants(const struct rules *r, uint16_t field);
/* Some rule of this log source looks for words in the whole event: every field is wanted. */
bool rules_keywords(const struct rules *r, const struct log_source *source);

/*
 * Literals of which at least one stands in every line (as bytes, in any case) that some rule of
 * this log source can match; *ret_all: there is a rule without such a literal, every line must be
 * decoded. For the prefilter. constants: what a form of message says by itself. The literals are
 * letters, digits, blanks and ._- in lower case: good for decoders whose values stand in the line
 * as they are but for escapes of other characters (not for hexadecimal values of auditd).
 */
struct rule_constant {
	uint16_t field;
	struct str value;
};
[[nodiscard]] int rules_literals(const struct rules *r, const struct log_source *source,
				 const struct rule_constant *constants, size_t n_constants,
				 struct arena *a, struct str **ret, size_t *ret_n, bool *ret_all);

/* Scratch of one thread. */
struct matcher;
[[nodiscard]] int matcher_new(const struct rules *r, struct matcher **ret);
void matcher_release(struct matcher **m);
/*
 * Plain rules that match the event, by index; memory of the matcher until the next call. Nothing is
 * allocated once the largest event was seen. Time is linear in the event, whatever it says:
 * regular expressions do not backtrack, and those that would be slow were refused.
 */
[[nodiscard]] int matcher_match(struct matcher *m, const struct event *e,
				const struct rule *const **ret, size_t *ret_n);

#endif
