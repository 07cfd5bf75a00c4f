/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sysmon for Linux: an event of Windows' form, as XML, is the message. Its log source and fields are
 * those of Sysmon on Windows, with product linux.
 */
#include "events/evtx_xml.h"
#include "events/program.h"

#define FORM(id, name)                                                                 \
	{                                                                              \
		"<EventID>" #id "</EventID>", .product = "linux", .service = "sysmon", \
					      .category = (name), .also = {            \
						      "syslog"                         \
					      }                                        \
	}

static const struct message_form sysmon_forms[] = {
	{"", .product = "linux", .service = "sysmon", .also = { "syslog" }},
	FORM(1, "process_creation"),
	FORM(3, "network_connection"),
	FORM(4, "sysmon_status"),
	FORM(5, "process_termination"),
	FORM(9, "raw_access_thread"),
	FORM(10, "process_access"),
	FORM(11, "file_event"),
	FORM(16, "sysmon_status"),
	FORM(23, "file_delete"),
};
const struct message_set sysmon_set = { "sysmon", "Sysmon for Linux", sysmon_forms,
					COUNT(sysmon_forms) };

/* The values live until the next event is read. */
static int copy(void *user, const struct event *e)
{
	struct program_state *s = user;
	struct work *w = &s->work;

	w->e.source = e->source;
	for (uint32_t i = 0; i < e->n && w->e.n < WORK_VALUES; i++)
		w->values[w->e.n++] = e->values[i];
	return 0;
}

bool sysmon_message(struct program_state *s, const struct record *r, struct str message)
{
	const struct evtx_options o = { .names = s->work.names };
	struct str event;
	size_t at = 0;

	if (!evtx_xml_find(message, &at, &event) ||
	    (!s->windows && evtx_reader_new(&o, &s->windows) < 0))
		return false;
	work_begin(&s->work, sysmon_forms, FORMS_SYSMON);
	return evtx_xml_read(s->windows, event, r->number, copy, s, NULL) == 0;
}

void program_release(struct program_state *s) { evtx_reader_release(&s->windows); }
