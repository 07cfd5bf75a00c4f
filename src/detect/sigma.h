/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sigma: one YAML document of rules as it was written: conditions over atoms, before any
 * optimisation. What a rule means is defined here and by atom.h alone.
 *
 * Specification: Sigma v2.1.0 (rules, modifiers appendix, correlations, filters).
 */
#ifndef HF_DETECT_SIGMA_H
#define HF_DETECT_SIGMA_H

#include "detect/rule.h"
#include "detect/tree.h"

#define SIGMA_ATOMS_MAX 20'000
#define SIGMA_TEXT_MAX 16'384
#define SIGMA_CONDITION_MAX 16'384

/* Text with wildcards: special[i] says what byte i stands for. Stars never touch each other. */
enum { PATTERN_PLAIN, PATTERN_ANY, PATTERN_STAR };
struct pattern {
	char *text;
	uint8_t *special;
	size_t n;
};

enum atom_kind {
	ATOM_TEXT,    /* pattern, over the whole value */
	ATOM_REGEX,   /* text, anywhere in the value */
	ATOM_CIDR,    /* address, bits */
	ATOM_NULL,    /* the field is absent or null */
	ATOM_EXISTS,  /* the field is there, whatever it says */
	ATOM_COMPARE, /* op, number; part of a date where `part` says so */
	ATOM_FIELD,   /* the same as another field, or with `open` ends */
};

enum atom_flags {
	ATOM_CASED = 1 << 0,   /* text and field: case counts */
	ATOM_NOCASE = 1 << 1,  /* regular expressions: i */
	ATOM_LINES = 1 << 2,   /* m */
	ATOM_DOT_ALL = 1 << 3, /* s */
	ATOM_OPEN_START =
		1 << 4, /* field: what is compared with stands anywhere from the start … */
	ATOM_OPEN_END = 1 << 5, /* … or is followed by anything */
};

enum atom_compare { COMPARE_LT, COMPARE_LTE, COMPARE_GT, COMPARE_GTE, COMPARE_EQ };
enum atom_part { PART_NONE, PART_MINUTE, PART_HOUR, PART_DAY, PART_WEEK, PART_MONTH, PART_YEAR };

struct atom_number {
	bool real; /* value, otherwise integer */
	int64_t integer;
	double value;
};

struct form;
struct regex;

/* One question about one field; field 0 is every value of the event and its raw text. */
struct atom {
	uint8_t kind, flags, op, part;
	uint16_t field, other;
	unsigned line, column;
	struct pattern pattern;
	struct str text;
	const struct regex *regex;
	uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
	unsigned bits;
	struct atom_number number;
};

enum expr_op { EXPR_ATOM, EXPR_AND, EXPR_OR, EXPR_NOT };
struct expr {
	enum expr_op op;
	const struct atom *atom;
	struct expr **list; /* one of NOT, at least one of AND and OR; may be shared */
	size_t n;
};

struct sigma_name {
	struct str text;
	unsigned line, column;
};

struct sigma_alias {
	struct str name;
	struct sigma_name *rules;
	uint16_t *fields;
	size_t n;
};

enum sigma_type { SIGMA_RULE, SIGMA_CORRELATION, SIGMA_FILTER };
struct sigma_document {
	enum sigma_type type;
	const struct rule_text *from;
	struct rule rule;
	struct expr *condition; /* of a filter: what it takes away */
	/* Of correlations and filters. */
	struct sigma_name *rules;
	size_t n_rules;
	struct sigma_name forgiven_by, within; /* text "": nobody */
	struct sigma_name *unless, *when;
	size_t n_unless, n_when; /* at most RULE_ASKED_MAX */
	bool any_rule;           /* a filter for every rule of its log source */
	struct sigma_alias *aliases;
	size_t n_aliases;
	/* Of whoever goes on with it. */
	bool refused;
	uint8_t state;
	unsigned filters;
	uint32_t entry;
	struct form *form;
	struct rule *compiled;
};

struct sigma {
	struct arena *arena, *kept; /* kept: of regular expressions, for as long as they are used */
	struct names *names;
	struct str placeholders;
	struct diag *diag;
	size_t n_atoms; /* of this document */
};

/* -EINVAL and why, with line and column; -ENOMEM. */
[[nodiscard]] int sigma_read(struct sigma *s, const struct tree *document,
			     struct sigma_document *ret);

/* Parts of it, a file each. */
[[nodiscard]] int sigma_selection(struct sigma *s, const struct tree *t, struct expr **ret);
[[nodiscard]] int sigma_condition(struct sigma *s, const struct tree *detection,
				  const struct tree *condition, struct expr **ret);
[[nodiscard]] int sigma_correlation(struct sigma *s, const struct tree *t,
				    struct sigma_document *ret);
[[nodiscard]] int sigma_filter(struct sigma *s, const struct tree *t, struct sigma_document *ret);
/* A field or log source: blanks are no part of it. */
[[nodiscard]] int sigma_name(struct sigma *s, const struct tree *at, struct str name,
			     uint16_t *ret);
/* List of names, or one. */
[[nodiscard]] int sigma_names(struct sigma *s, const struct tree *t, struct sigma_name **ret,
			      size_t *ret_n);

/*
 * The value of a field's item: key is "Field|modifier|…" (without field: keywords). One
 * expression over one or several atoms.
 */
[[nodiscard]] int sigma_item(struct sigma *s, const struct tree *key, const struct tree *value,
			     struct expr **ret);
/* A keyword: anywhere in the event. */
[[nodiscard]] int sigma_keyword(struct sigma *s, const struct tree *value, struct expr **ret);

/* NULL: no memory. A list of one is its item. */
struct expr *sigma_expr(struct sigma *s, enum expr_op op, struct expr **list, size_t n);
struct expr *sigma_not(struct sigma *s, struct expr *x);

/* Reason of a refusal and where. */
int sigma_bad(struct sigma *s, const struct tree *at, const char *fmt, ...) PRINTF(3, 4);

/* "a\*b*": backslash escapes wildcards and itself. -ENOMEM. */
[[nodiscard]] int pattern_parse(struct arena *a, struct str text, struct pattern *ret);
/* Bytes without wildcards. */
[[nodiscard]] int pattern_literal(struct arena *a, struct str text, struct pattern *ret);
/* With a star at the start, the end or both. */
[[nodiscard]] int pattern_open(struct arena *a, bool start, bool end, struct pattern *p);
[[nodiscard]] int pattern_append(struct arena *a, struct pattern *p, const struct pattern *more);
bool pattern_is_plain(const struct pattern *p);
struct str pattern_text(const struct pattern *p);

#endif
