/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cli/accounts_audit_work.h"

#define SAME_SHOWN 50
#define ROWS_SHOWN 20

int audit_seconds(struct str text, double *ret)
{
	static const struct {
		char unit;
		unsigned seconds;
	} units[] = {
		{'s',  1    },
                { 'm', 60   },
                { 'h', 3600 },
                { 'd', 86400}
	};
	unsigned factor = 1;
	uint64_t whole, part = 0;
	struct str digits;
	double scale = 1;

	for (size_t i = 0; text.len && i < COUNT(units); i++)
		if (text.ptr[text.len - 1] == units[i].unit) {
			factor = units[i].seconds;
			text.len--;
			break;
		}
	digits = str_cut(&text, '.');
	if (str_to_u64(digits, 10, &whole) < 0 || whole > 1'000'000'000)
		return -EINVAL;
	if (text.ptr && (text.len > 6 || str_to_u64(text, 10, &part) < 0))
		return -EINVAL;
	for (size_t i = 0; i < text.len; i++)
		scale /= 10;
	*ret = ((double)whole + (double)part * scale) * factor;
	return 0;
}

const char *audit_time(double seconds, char *ret, size_t size)
{
	uint64_t s = (uint64_t)ceil(MIN(seconds, 1e15));

	if (seconds < 10)
		snprintf(ret, size, "%.1f s", seconds);
	else if (s < 60)
		snprintf(ret, size, "%" PRIu64 " s", s);
	else if (s < 3600)
		snprintf(ret, size, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else if (s < UINT64_C(172800))
		snprintf(ret, size, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
	else
		snprintf(ret, size, "%" PRIu64 " days", s / 86400);
	return ret;
}

static void time_of_one(double us, char *ret, size_t size)
{
	if (us < 1000)
		snprintf(ret, size, "%.1f us", us);
	else if (us < 1e6)
		snprintf(ret, size, "%.1f ms", us / 1e3);
	else
		snprintf(ret, size, "%.1f s", us / 1e6);
}

void audit_print_plan(const struct audit_plan *plan, size_t tries, double budget,
		      const char *priority)
{
	char text[64], cost[64];

	for (size_t i = 0; i < plan->n_rates; i++) {
		const struct audit_rate *r = &plan->rates[i];

		if (!r->accounts)
			continue;
		hash_cost_text(&r->info, cost, sizeof cost);
		time_of_one(r->us, text, sizeof text);
		fprintf(stderr, "%6zu %-8s %s%s%s%s: %s a try\n", r->accounts,
			r->accounts == 1 ? "account" : "accounts", hash_type_name(r->type),
			cost[0] ? " (" : "", cost, cost[0] ? ")" : "", text);
	}
	fprintf(stderr,
		"%zu passwords an account, %u processor%s, priority %s: at most %s (%s of processor "
		"time)\n",
		tries, plan->threads, plan->threads == 1 ? "" : "s", priority,
		audit_time(plan->seconds, text, sizeof text),
		audit_time(plan->cpu_seconds, cost, sizeof cost));
	if (budget > 0 && plan->seconds > budget)
		fprintf(stderr,
			"That is more than the budget of %s: the likeliest passwords come first, the "
			"rest is left.\n",
			audit_time(budget, text, sizeof text));
}

void audit_draw(struct audit_bar *b, double share, double left, size_t weak)
{
	char time[64], bar[41];
	size_t width = b->term.width < 70 ? 10 : 30, full = (size_t)(share * (double)width);

	if (!b->term.tty)
		return;
	for (size_t i = 0; i < width; i++)
		bar[i] = i < full ? '#' : '.';
	bar[width] = '\0';
	fprintf(stderr, "\r\033[K[%s] %3.0f %%  %zu weak  %s left", bar, share * 100, weak,
		audit_time(left, time, sizeof time));
	fflush(stderr);
	b->drawn = true;
}

void audit_erase(struct audit_bar *b)
{
	if (b->drawn)
		fprintf(stderr, "\r\033[K");
	b->drawn = false;
}

static const char *kind_text(enum candidate_kind k)
{
	switch (k) {
	case CANDIDATE_EMPTY: return "the empty password";
	case CANDIDATE_USERNAME: return "made from the account's name";
	case CANDIDATE_HOSTNAME: return "made from the host's name";
	case CANDIDATE_ORGANISATION: return "made from a word of the organisation";
	case CANDIDATE_DEFAULT: return "default of a product";
	case CANDIDATE_WORD: return "a common word with changes";
	default: return "among the commonest";
	}
}

static void print_row(const struct audit_row *r, const struct term *t)
{
	char name[256];
	enum term_style style =
		r->state == AUDIT_WEAK || r->state == AUDIT_EMPTY ? TERM_RED : TERM_PLAIN;

	printf("%s%-10s%s  %-16s  %-10s  %-13s  ", term_on(t, style), audit_state_name(r->state),
	       term_off(t), text_safe(r->name, name, sizeof name),
	       text_safe(r->store, (char[32]){}, 32), text_safe(r->hash, (char[32]){}, 32));
	if (r->state == AUDIT_WEAK && r->within)
		printf("guessed within %zu tries of the default list (%s)", r->within,
		       kind_text(r->kind));
	else if (r->state == AUDIT_EMPTY)
		printf("no password is asked for");
	else if (r->state == AUDIT_SKIPPED)
		printf("%s", text_safe(r->why, (char[256]){}, 256));
	else if (r->state == AUDIT_UNFINISHED)
		printf("ended after %zu passwords of the list", r->tried);
	if (r->leaked)
		printf("%sleaked: %" PRIu64 " times in the list of breaches", r->within ? "; " : "",
		       r->leaked);
	if (r->same_password)
		printf("; the same password as %zu other%s", r->same_password,
		       r->same_password == 1 ? "" : "s");
	printf("\n");
}

/* What fell is shown in full, of the rest enough to see what it is about. */
static void print_rows(const struct audit_record *record, enum audit_state state,
		       const struct term *term)
{
	bool all = state == AUDIT_WEAK || state == AUDIT_EMPTY;
	size_t n = 0;

	for (size_t i = 0; i < record->n; i++)
		if (record->rows[i].state == state && (n++ < ROWS_SHOWN || all))
			print_row(&record->rows[i], term);
	if (!all && n > ROWS_SHOWN)
		printf("%-10s  and %zu more (--format json has them all)\n",
		       audit_state_name(state), n - ROWS_SHOWN);
}

static void print_same(const struct audit_record *record)
{
	size_t n = 0;

	for (size_t i = 0; i < record->n; i++) {
		const struct audit_row *r = &record->rows[i];
		char name[256], store[64];

		if (!r->same_hash || n++ >= SAME_SHOWN)
			continue;
		printf("%-10s  %-16s  %-10s  %-13s  the very same hash as %zu other%s\n", "shared",
		       text_safe(r->name, name, sizeof name),
		       text_safe(r->store, store, sizeof store),
		       text_safe(r->hash, (char[32]){}, 32), r->same_hash,
		       r->same_hash == 1 ? "" : "s");
	}
	if (n > SAME_SHOWN)
		printf("and %zu more accounts that share a hash\n", n - SAME_SHOWN);
}

void accounts_audit_print(const struct audit_outcome *o)
{
	static const enum audit_state shown[] = { AUDIT_EMPTY, AUDIT_WEAK, AUDIT_SKIPPED,
						  AUDIT_UNFINISHED };
	const struct term term = term_of(STDOUT_FILENO);
	const struct audit_record *record = &o->record;
	size_t count[AUDIT_UNFINISHED + 1] = {};
	char text[64];
	double seconds =
		json_number_value(json_object_get(json_object_get(o->json, "took"), "seconds"));

	for (size_t i = 0; i < record->n; i++)
		count[record->rows[i].state]++;
	for (size_t s = 0; s < COUNT(shown); s++)
		print_rows(record, shown[s], &term);
	print_same(record);
	printf("%zu accounts: %zu weak, %zu without a password, %zu not guessed", record->n,
	       count[AUDIT_WEAK], count[AUDIT_EMPTY], count[AUDIT_STRONG]);
	if (count[AUDIT_UNFINISHED])
		printf(", %zu unfinished", count[AUDIT_UNFINISHED]);
	if (count[AUDIT_SKIPPED])
		printf(", %zu not tried", count[AUDIT_SKIPPED]);
	printf(", %zu locked or unset. ", count[AUDIT_LOCKED] + count[AUDIT_UNSET]);
	audit_time(seconds, text, sizeof text);
	if (json_is_true(json_object_get(o->json, "complete")))
		printf("%zu passwords an account in %s.\n", record->tries, text);
	else
		printf("Ended after %s, before the %zu passwords an account were tried.\n", text,
		       record->tries);
	if (count[AUDIT_STRONG])
		printf("Not guessed is not strong: the list is short. holdfast password check "
		       "tells more of one password.\n");
}
