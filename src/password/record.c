/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/json.h"
#include "base/map.h"
#include "password/record.h"

#define VERSION 1

uint16_t record_print(const uint64_t key[static 2], struct str hash)
{
	return (uint16_t)siphash13(key, hash.ptr, hash.len);
}

/* Names that are no UTF-8 are told apart from others by what stands in their place. */
static json_t *text(struct str s)
{
	char safe[512];
	json_t *whole = json_stringn(s.ptr ? s.ptr : "", s.len);

	return whole ? whole : json_string(text_safe(s, safe, sizeof safe));
}

static json_t *row(const struct audit_account *a, const uint64_t key[static 2], size_t tries)
{
	bool hashed = a->hash.len > 0;
	const char *method = hashed ? hash_type_name(a->info.type) : "";
	const char *password = a->state == AUDIT_STRONG || a->state == AUDIT_SKIPPED ||
					       a->state == AUDIT_UNFINISHED
				       ? method
				       : audit_state_name(a->state);
	json_t *j = json_pack("{s:o, s:s, s:s, s:s, s:s, s:I, s:I}", "name", text(a->name), "store",
			      a->store, "hash", method, "state", audit_state_name(a->state),
			      "password", password, "same_hash", (json_int_t)a->same_hash, "print",
			      (json_int_t)(hashed ? record_print(key, a->hash) : 0));

	if (!j)
		return NULL;
	if (a->state == AUDIT_WEAK) {
		json_object_set_new(j, "kind", json_string(candidate_kind_name(a->kind)));
		json_object_set_new(
			j, "within",
			json_integer((json_int_t)MIN(candidates_within(a->tries), tries)));
		json_object_set_new(j, "leaked", json_integer((json_int_t)a->leaked));
		json_object_set_new(j, "same_password", json_integer((json_int_t)a->same_password));
	} else if (a->state == AUDIT_STRONG || a->state == AUDIT_UNFINISHED) {
		json_object_set_new(j, "tried", json_integer((json_int_t)a->tries));
	} else if (a->state == AUDIT_SKIPPED) {
		json_object_set_new(j, "why", json_string(a->why));
	}
	return j;
}

static json_t *methods(const struct audit_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < plan->n_rates; i++) {
		const struct audit_rate *r = &plan->rates[i];
		char cost[64];

		if (r->accounts)
			json_array_append_new(
				list,
				json_pack("{s:s, s:s, s:I, s:I, s:f, s:f}", "method",
					  hash_type_name(r->type), "cost",
					  hash_cost_text(&r->info, cost, sizeof cost), "accounts",
					  (json_int_t)r->accounts, "salts", (json_int_t)r->hashes,
					  "microseconds", r->us, "cpu_microseconds", r->cpu_us));
	}
	return list;
}

json_t *record_make(const struct audit_account *accounts, size_t n, const struct audit_plan *plan,
		    const struct audit_result *result, size_t tries, int64_t now)
{
	uint64_t key[2];
	char hex[33];
	json_t *list = json_array();

	if (!list || getrandom(key, sizeof key, 0) != sizeof key) {
		json_decref(list);
		return NULL;
	}
	snprintf(hex, sizeof hex, "%016" PRIx64 "%016" PRIx64, key[0], key[1]);
	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(list, row(&accounts[i], key, tries)) < 0) {
			json_decref(list);
			return NULL;
		}
	return json_pack(
		"{s:i, s:I, s:I, s:b, s:i, s:{s:f, s:f}, s:{s:f, s:f, s:I}, s:o, s:s, s:o}",
		"version", VERSION, "time", (json_int_t)now, "tries", (json_int_t)tries, "complete",
		!result->over, "threads", (int)plan->threads, "estimate", "seconds", plan->seconds,
		"cpu_seconds", plan->cpu_seconds, "took", "seconds", result->seconds, "cpu_seconds",
		result->cpu_seconds, "hashes", (json_int_t)result->tries, "methods", methods(plan),
		"key", hex, "accounts", list);
}

void record_strip(json_t *record)
{
	json_t *accounts = json_object_get(record, "accounts"), *one;
	size_t i;

	json_object_del(record, "key");
	json_array_foreach(accounts, i, one) json_object_del(one, "print");
}

static int64_t number(const struct jdoc *d, uint32_t object, const char *name, int64_t most)
{
	uint32_t v = jdoc_get(d, object, str_of(name));
	int64_t n;

	return v && jdoc_is(d, v, J_NUMBER) && jdoc_int(d, v, &n) == 0 && n >= 0 && n <= most ? n
											      : 0;
}

static struct str string(const struct jdoc *d, uint32_t object, const char *name, struct arena *a)
{
	uint32_t v = jdoc_get(d, object, str_of(name));
	struct str s = STR("");

	if (v && jdoc_is(d, v, J_STRING) && jdoc_text(d, v, a, &s) == 0)
		s = arena_str(a, s);
	return s.ptr ? s : STR("");
}

static bool read_row(const struct jdoc *d, uint32_t v, struct arena *a, struct audit_row *ret)
{
	struct str state, kind;

	*ret = (struct audit_row){
		.name = string(d, v, "name", a),
		.store = string(d, v, "store", a),
		.hash = string(d, v, "hash", a),
		.state = AUDIT_SKIPPED,
		.kind = CANDIDATE_COMMON,
		.within = (size_t)number(d, v, "within", INT64_C(2) * CANDIDATES_MAX),
		.leaked = (uint64_t)number(d, v, "leaked", INT64_MAX),
		.tried = (size_t)number(d, v, "tried", CANDIDATES_MAX),
		.same_hash = (size_t)number(d, v, "same_hash", UINT32_MAX),
		.same_password = (size_t)number(d, v, "same_password", UINT32_MAX),
		.why = string(d, v, "why", a),
		.print = (uint16_t)number(d, v, "print", UINT16_MAX),
	};
	state = string(d, v, "state", a);
	kind = string(d, v, "kind", a);
	for (unsigned s = AUDIT_STRONG; s <= AUDIT_UNFINISHED; s++)
		if (str_eq(state, str_of(audit_state_name(s))))
			ret->state = s;
	for (unsigned k = 0; k < CANDIDATE_KINDS; k++)
		if (str_eq(kind, str_of(candidate_kind_name(k))))
			ret->kind = k;
	return ret->name.len > 0;
}

static int read_key(struct str hex, uint64_t ret[static 2])
{
	return hex.len == 32 && str_to_u64(str_sub(hex, 0, 16), 16, &ret[0]) == 0 &&
			       str_to_u64(str_sub(hex, 16, 32), 16, &ret[1]) == 0
		       ? 0
		       : -EBADMSG;
}

int record_parse(struct str text_, struct arena *a, struct audit_record *ret, struct diag *d)
{
	static const struct joptions options = { .max_depth = 8 };
	own(jdoc_release) struct jdoc doc = {};
	struct audit_record record = {};
	uint32_t list;
	size_t cap = 0;
	int r = jdoc_parse(text_, &options, &doc, d);

	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	list = jdoc_is(&doc, 0, J_OBJECT) ? jdoc_get(&doc, 0, STR("accounts")) : 0;
	if (!list || !jdoc_is(&doc, list, J_ARRAY) || number(&doc, 0, "version", 1000) != VERSION ||
	    read_key(string(&doc, 0, "key", a), record.key) < 0)
		return diag_set(d, -EBADMSG, NULL, 0, "no record of a password audit");
	record.time = number(&doc, 0, "time", INT64_MAX);
	record.tries = (size_t)number(&doc, 0, "tries", CANDIDATES_MAX);
	jdoc_each(&doc, list, v) {
		struct audit_row one;

		if (!jdoc_is(&doc, v, J_OBJECT) || !read_row(&doc, v, a, &one))
			continue;
		r = arena_push(a, record.rows, record.n, cap, one);
		if (r < 0)
			return r;
	}
	*ret = record;
	return 0;
}
