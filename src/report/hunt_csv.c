/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CSV (RFC 4180). Much of it was chosen by attackers: what a spreadsheet would take for a formula gets an
 * apostrophe in front, and control characters become \xNN.
 */
#include "report/hunt.h"

#define TEXT_MAX 4096U

static void field(struct buf *out, struct str s, bool last)
{
	char safe[TEXT_MAX * 4];
	struct str text;

	text = str_of(text_safe(str_sub(s, 0, TEXT_MAX), safe, sizeof safe));
	buf_putc(out, '"');
	if (text.len && strchr("=+-@", *text.ptr))
		buf_putc(out, '\'');
	while (text.len) {
		ssize_t quote = str_find(text, '"');

		if (quote < 0) {
			buf_str(out, text);
			break;
		}
		buf_add(out, text.ptr, (size_t)quote + 1);
		buf_putc(out, '"');
		text = str_sub(text, (size_t)quote + 1, text.len);
	}
	buf_puts(out, last ? "\"\r\n" : "\",");
}

int hunt_csv_begin(const struct hunt_report *r, struct buf *out)
{
	(void)r;
	return buf_puts(out, "time,level,rule_id,title,source_file,record,count,first,last,group,"
			     "fields,line\r\n");
}

static void fields(const struct hunt_report *r, const struct event *e, struct buf *out)
{
	own(buf_release) struct buf text = BUF((size_t)TEXT_MAX * 4);

	for (uint32_t i = 0; i < e->n; i++) {
		const struct event_value *v = &e->values[i];
		struct str s = event_text(e, v);

		buf_fmt(&text, "%s%.*s=", i ? " " : "",
			STR_FMT(names_text(hunt_names(r->hunt), v->field)));
		if (v->type == VALUE_NUMBER && !s.len)
			buf_fmt(&text, "%lld", (long long)v->number);
		else if (v->type != VALUE_NULL)
			hunt_quote(&text, str_sub(s, 0, TEXT_MAX / 4));
	}
	field(out, buf_view(&text), false);
}

int hunt_csv_alert(const struct hunt_report *r, const struct alert *a, uint64_t number,
		   struct buf *out)
{
	own(buf_release) struct buf group = BUF((size_t)TEXT_MAX * 4);
	const struct event *e = a->event;
	char first[HUNT_TIME], last[HUNT_TIME], time[HUNT_TIME];

	(void)number;
	for (size_t i = 0; a->group && i < a->rule->n_group_by; i++) {
		buf_fmt(&group, "%s%.*s=", i ? " " : "", STR_FMT(a->rule->group_by[i]));
		hunt_quote(&group, str_sub(a->group[i], 0, TEXT_MAX / 4));
	}
	field(out, str_of(hunt_time(e->time, time)), false);
	field(out, str_of(rule_level_name(a->rule->level)), false);
	field(out, a->rule->id.len ? a->rule->id : a->rule->name, false);
	field(out, a->rule->title, false);
	field(out, hunt_file(r, e), false);
	buf_fmt(out, "%llu,%llu,", (unsigned long long)e->record, (unsigned long long)a->count);
	field(out, str_of(hunt_time(a->first, first)), false);
	field(out, str_of(hunt_time(a->last, last)), false);
	field(out, buf_view(&group), false);
	fields(r, e, out);
	field(out, hunt_line(r, e), true);
	return out->error;
}
