/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows events that are XML. */
#include "events/evtx.h"
#include "events/evtx_xml.h"
#include "fuzz.h"

static struct evtx_reader *start(void)
{
	static struct names *names;
	static struct evtx_reader *reader;
	static const char *const asked[] = {
		"EventID", "Data", "Image", "a", "Message", "EventType"
	};
	struct evtx_options o = { .lazy = true };
	uint16_t id;

	if (reader || names_new(&names) < 0)
		return reader;
	for (size_t i = 0; i < COUNT(asked); i++)
		if (names_add(names, str_of(asked[i]), &id) < 0)
			return NULL;
	o.names = names;
	return evtx_reader_new(&o, &reader) == 0 ? reader : NULL;
}

static int note(void *user, const struct event *e)
{
	(void)user;
	for (uint32_t i = 0; i < e->n; i++)
		event_text(e, &e->values[i]);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct evtx_reader *reader = start();
	struct str text = { len ? (const char *)data : "", len }, event;
	size_t at = 0, before = 0;

	while (reader && evtx_xml_find(text, &at, &event)) {
		const char *reason = NULL;
		int r = evtx_xml_read(reader, event, 1, note, NULL, &reason);

		fuzz_assert(r == 0 || (r == -EBADMSG && reason));
		fuzz_assert(at > before && at <= len);
		before = at;
	}
	fuzz_assert(at <= len);
	return 0;
}
