/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <time.h>

#include "cli/backup.h"
#include "report/json.h"

#define JSON_MAX ((size_t)32 << 20)
#define BAR 24U
#define EVERY_MS 200U

const char *backup_bytes(uint64_t n, char ret[static 32])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	double v = (double)n;
	size_t i = 0;

	for (; v >= 1000 && i + 1 < COUNT(units); i++)
		v /= 1000;
	snprintf(ret, 32, i ? "%.1f %s" : "%.0f %s", v, units[i]);
	return ret;
}

const char *backup_ago(int64_t now, int64_t when, char ret[static 40])
{
	int64_t s = MAX(now - when, 0);

	if (!when)
		snprintf(ret, 40, "never");
	else if (s < 7'200)
		snprintf(ret, 40, "%lld min ago", (long long)s / 60);
	else if (s < 172'800)
		snprintf(ret, 40, "%lld h ago", (long long)s / 3'600);
	else
		snprintf(ret, 40, "%lld d ago", (long long)s / 86'400);
	return ret;
}

int backup_print_json(json_t *o)
{
	own(buf_release) struct buf out = BUF(JSON_MAX);

	if (json_write(o, JSON_INDENT(1), &out) < 0)
		return -ENOMEM;
	fwrite(out.ptr, 1, out.len, stdout);
	putchar('\n');
	return fflush(stdout) < 0 ? -EIO : 0;
}

/* --- the bar --- */

static uint64_t milliseconds(void)
{
	struct timespec t = {};

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1'000'000;
}

void backup_bar_draw(const struct backup_progress *p, void *user)
{
	struct backup_bar *b = user;
	char bar[BAR + 1], done[32], total[32], what[40];
	uint64_t now = milliseconds(), full;

	if (b->drawn && now < b->shown + EVERY_MS)
		return;
	b->shown = now;
	b->drawn = true;
	(void)text_safe(str_of(p->what), what, sizeof what);
	if (!p->total) {
		fprintf(stderr, "\r\033[K%-12s %s", b->name, what);
		return;
	}
	full = MIN(p->done, p->total) * BAR / p->total;
	memset(bar, '-', BAR);
	memset(bar, '#', full);
	bar[BAR] = '\0';
	fprintf(stderr, "\r\033[K%-12s %s [%s] %3u%%  %s of %s", b->name, what, bar,
		(unsigned)(MIN(p->done, p->total) * 100 / p->total), backup_bytes(p->done, done),
		backup_bytes(p->total, total));
	if (p->left)
		fprintf(stderr, "  %u:%02u", p->left / 60, p->left % 60);
}

void backup_bar_clear(struct backup_bar *b)
{
	if (b->drawn)
		fprintf(stderr, "\r\033[K");
	b->drawn = false;
}

/* --- records --- */

static const char *text_of(const json_t *o, const char *key, char *ret, size_t size)
{
	const json_t *j = json_object_get(o, key);
	struct str s = { json_string_value(j), json_string_length(j) };

	return text_safe(s.ptr ? s : STR(""), ret, size);
}

static uint64_t number_of(const json_t *o, const char *key)
{
	int64_t v = backup_state_int(o, key, 0);

	return v > 0 ? (uint64_t)v : 0;
}

int backup_exit(const json_t *record)
{
	const char *result = json_string_value(json_object_get(record, "result"));
	const json_t *append_only = json_object_get(record, "append_only");

	if (!result || (strcmp(result, "ok") != 0 && strcmp(result, "incomplete") != 0))
		return EXIT_FAILED;
	return !strcmp(result, "incomplete") || json_is_false(append_only) ? EXIT_FINDINGS
									   : EXIT_OK;
}

static void print_dumps(const json_t *dumps, const struct term *t)
{
	char kind[32], name[120], message[400], bytes[32];
	const json_t *dump;
	size_t i;

	json_array_foreach(dumps, i, dump)
	{
		printf("  %-10s %-24s ", text_of(dump, "kind", kind, sizeof kind),
		       text_of(dump, "name", name, sizeof name));
		if (backup_result_ok(dump))
			printf("%s\n", backup_bytes(number_of(dump, "bytes"), bytes));
		else
			printf("%s%s%s\n", term_on(t, TERM_RED),
			       text_of(dump, "message", message, sizeof message), term_off(t));
	}
}

static void print_run(const json_t *record, const struct term *t)
{
	char bytes[32], added[32], id[80], path[400];
	const json_t *missing;
	size_t i;

	if (json_object_get(record, "files"))
		printf("  %llu files, %s, %s of it new: snapshot %s\n",
		       (unsigned long long)number_of(record, "files"),
		       backup_bytes(number_of(record, "bytes"), bytes),
		       backup_bytes(number_of(record, "added"), added),
		       text_of(record, "snapshot", id, sizeof id));
	print_dumps(json_object_get(record, "dumps"), t);
	json_array_foreach(json_object_get(record, "missing"), i, missing) printf(
		"  %snot there: %s%s\n", term_on(t, TERM_YELLOW),
		text_safe((struct str){ json_string_value(missing), json_string_length(missing) },
			  path, sizeof path),
		term_off(t));
}

static void print_init(const struct backup_repo *repo, const json_t *record, const struct term *t)
{
	const json_t *escrow = json_object_get(record, "escrow");

	printf("  the pass phrase is in %s%s\n", repo->password_file,
	       json_is_true(json_object_get(record, "new_phrase")) ? "" : " (it was there)");
	if (json_is_true(json_object_get(escrow, "sealed")))
		printf("  a sealed copy is in %s%s\n", repo->escrow,
		       json_is_true(json_object_get(escrow, "apart"))
			       ? ""
			       : ": take it away from this disk");
	if (json_is_true(json_object_get(record, "with_data")))
		printf("  %sthe pass phrase lies on the disk of the data: a copy elsewhere is what a "
		       "restore needs%s\n",
		       term_on(t, TERM_YELLOW), term_off(t));
}

static void print_check(const json_t *record)
{
	unsigned part = (unsigned)number_of(record, "part");

	if (part)
		printf("  part %u of %u of the data was read\n", part,
		       (unsigned)number_of(record, "parts"));
	else
		printf("  all data were read\n");
}

static void print_drill(const json_t *record, const struct term *t)
{
	char bytes[32], kind[32], name[200], message[400], id[80];
	const json_t *load;
	size_t i;

	if (json_object_get(record, "files"))
		printf("  %llu files at random and %llu critical ones, %s, of snapshot %s; seed %llu\n"
		       "  %llu like the live file, %llu changed since (compared with what was "
		       "recorded), %llu wrong, %llu missing\n",
		       (unsigned long long)number_of(record, "files"),
		       (unsigned long long)number_of(record, "critical"),
		       backup_bytes(number_of(record, "bytes"), bytes),
		       text_of(record, "snapshot", id, sizeof id),
		       (unsigned long long)number_of(record, "seed"),
		       (unsigned long long)number_of(record, "same"),
		       (unsigned long long)number_of(record, "changed"),
		       (unsigned long long)number_of(record, "differ"),
		       (unsigned long long)number_of(record, "not_restored"));
	if (json_object_get(record, "restore_seconds"))
		printf("  restored in %.1f s; everything would take about %llu s\n",
		       json_real_value(json_object_get(record, "restore_seconds")),
		       (unsigned long long)number_of(record, "full_restore_seconds"));
	json_array_foreach(json_object_get(record, "loads"), i, load)
		printf("  %-10s %-24s %s%s%s\n", text_of(load, "kind", kind, sizeof kind),
		       text_of(load, "name", name, sizeof name),
		       backup_result_ok(load) ? "" : term_on(t, TERM_RED),
		       backup_result_ok(load) ? "loaded"
					      : text_of(load, "message", message, sizeof message),
		       term_off(t));
}

void backup_print_list(const json_t *record)
{
	char id[80], host[80], path[200], when[40];
	const json_t *s, *first;
	size_t i;

	json_array_foreach(json_object_get(record, "snapshots"), i, s)
	{
		time_t t = (time_t)backup_state_int(s, "time", 0);
		struct tm tm;

		if (!gmtime_r(&t, &tm) || !strftime(when, sizeof when, "%Y-%m-%d %H:%M", &tm))
			when[0] = '\0';
		first = json_array_get(json_object_get(s, "paths"), 0);
		printf("  %-8s  %s  %-12s %s", text_of(s, "id", id, sizeof id), when,
		       text_of(s, "host", host, sizeof host),
		       text_safe(str_of(json_is_string(first) ? json_string_value(first) : ""),
				 path, sizeof path));
		if (json_array_size(json_object_get(s, "paths")) > 1)
			printf(" and %zu more", json_array_size(json_object_get(s, "paths")) - 1);
		printf("\n");
	}
}

int backup_print(const struct backup_verb *v, const struct backup_repo *repo, const char *action,
		 const json_t *record)
{
	struct term t = term_of(STDOUT_FILENO);
	char result[40], message[600];
	int code = backup_exit(record);
	enum term_style style = code == EXIT_OK         ? TERM_GREEN
				: code == EXIT_FINDINGS ? TERM_YELLOW
							: TERM_RED;

	(void)v;
	printf("%s %s: %s%s%s, %llu s\n", repo->name, action, term_on(&t, style),
	       text_of(record, "result", result, sizeof result), term_off(&t),
	       (unsigned long long)number_of(record, "seconds"));
	text_of(record, "message", message, sizeof message);
	if (message[0])
		printf("  %s\n", message);
	if (!strcmp(action, "run"))
		print_run(record, &t);
	else if (!strcmp(action, "init") && code == EXIT_OK)
		print_init(repo, record, &t);
	else if (!strcmp(action, "check") && code == EXIT_OK)
		print_check(record);
	else if (!strcmp(action, "drill"))
		print_drill(record, &t);
	else if (!strcmp(action, "list"))
		backup_print_list(record);
	fflush(stdout);
	return code;
}

/* --- status --- */

static const json_t *last_of(const json_t *state, const char *list)
{
	const json_t *array = json_object_get(state, list);

	return json_array_get(array, json_array_size(array) - 1);
}

static void print_last(const struct backup_verb *v, const char *what, int64_t success,
		       const json_t *last, const struct term *t)
{
	char ago[40], result[40], message[400];

	printf("  %-12s %s%s%s", what, success ? "" : term_on(t, TERM_YELLOW),
	       backup_ago(v->now, success, ago), success ? "" : term_off(t));
	if (last && !backup_result_ok(last))
		printf("; the last one, %s: %s%s%s, %s",
		       backup_ago(v->now, backup_state_int(last, "time", 0), ago),
		       term_on(t, TERM_RED), text_of(last, "result", result, sizeof result),
		       term_off(t), text_of(last, "message", message, sizeof message));
	printf("\n");
}

void backup_print_status(const struct backup_verb *v, const struct backup_repo *repo,
			 const json_t *state)
{
	const json_t *append_only = json_object_get(state, "append_only");
	const json_t *escrow = json_object_get(state, "escrow");
	struct term t = term_of(STDOUT_FILENO);
	own(arena_release) struct arena a = { .limit = (size_t)1 << 20 };
	char url[400], ago[40];

	printf("%s%s%s  %s\n", term_on(&t, TERM_BOLD), repo->name, term_off(&t),
	       text_safe(backup_url_public(&a, str_of(repo->url)), url, sizeof url));
	print_last(v, "backup", backup_state_int(state, "last_success", 0), last_of(state, "runs"),
		   &t);
	if (repo->tool != BACKUP_RESTIC)
		return;
	print_last(v, "check", backup_state_int(state, "last_check", 0), last_of(state, "checks"),
		   &t);
	printf("  %-12s next is part %u of %u\n", "", (unsigned)number_of(state, "next_part") ?: 1,
	       v->config.check_parts);
	print_last(v, "drill", backup_state_int(state, "last_drill", 0), last_of(state, "drills"),
		   &t);
	printf("  %-12s %s", "append-only",
	       json_is_true(append_only)    ? "proved"
	       : json_is_false(append_only) ? "no: this machine can delete its backups"
					    : "not proved (holdfast backup prove)");
	if (append_only)
		printf(", %s",
		       backup_ago(v->now, backup_state_int(state, "append_only_proved", 0), ago));
	printf("\n  %-12s %s\n", "pass phrase",
	       json_is_true(json_object_get(escrow, "sealed"))  ? "sealed for its owner"
	       : json_is_true(json_object_get(escrow, "shown")) ? "was shown once"
								: "nobody but this machine has it");
}
