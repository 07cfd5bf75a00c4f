/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows events that are XML: exports, forwarded ones, Sysmon for Linux. */
#include "events/decoders.h"
#include "events/evtx_xml.h"
#include "tap.h"

static struct names *names;
static struct evtx_reader *reader;
static struct buf fields = BUF(1 << 20);
static unsigned events;
static int64_t time_of_last;
static uint64_t line_of_last;

static int note(void *user, const struct event *e)
{
	(void)user;
	events++;
	time_of_last = e->time;
	line_of_last = e->record;
	buf_fmt(&fields, "%.*s/%.*s\n", STR_FMT(names_text(names, e->source.product)),
		STR_FMT(names_text(names, e->source.category)));
	for (uint32_t i = 0; i < e->n; i++)
		buf_fmt(&fields, "%.*s=%.*s%s\n", STR_FMT(names_text(names, e->values[i].field)),
			STR_FMT(event_text(e, &e->values[i])),
			e->values[i].type == VALUE_NULL ? "(null)" : "");
	return 0;
}

/* Fields of one event; "error: reason". */
static struct str read_text(struct str text)
{
	const char *reason = "";
	struct str event;
	size_t at = 0;

	buf_reset(&fields);
	if (!evtx_xml_find(text, &at, &event))
		buf_puts(&fields, "none");
	else if (evtx_xml_read(reader, event, 7, note, NULL, &reason) < 0)
		buf_fmt(&fields, "error: %s", reason);
	return buf_view(&fields);
}

#define SYSTEM                                                     \
	"<System><Provider Name='P'/><EventID>1</EventID>"         \
	"<TimeCreated SystemTime='2026-11-22T10:48:00.1234567Z'/>" \
	"<Channel>Linux-Sysmon/Operational</Channel></System>"
#define HEAD "linux/process_creation\n"
#define REST "Provider_Name=P\nEventID=1\n"

static void test_events(void)
{
	is_str(read_text(
		       STR("Nov 22 10:48:00 h sysmon: <Event>" SYSTEM
			   "<EventData><Data Name=\"Image\">/bin/sh</Data></EventData></Event>\n")),
	       STR(HEAD REST "Image=/bin/sh\n"), "of Sysmon for Linux");
	is_int(time_of_last, INT64_C(1795344480123456), "with its time");
	is_int((int64_t)line_of_last, 7, "and line");
	is_str(read_text(STR(
		       "<Event xmlns='urn:e'>" SYSTEM
		       "<EventData>\n <Data Name = 'Image'>a &lt;&amp;&#65;&#x1F600;&quot;&apos;"
		       "&gt; &unknown; &</Data>\n <Data>x</Data> <Data>y</Data><Data/>\n"
		       "</EventData></Event>")),
	       STR(HEAD REST "Image=a <&A\xf0\x9f\x98\x80\"'> &unknown; &\nData=x\ny\n\n"),
	       "references, quotes, blanks");
	is_str(read_text(STR(
		       "<Event>" SYSTEM "<!-- < > --><?pi x?><UserData><e:X xmlns:e='u'>\n"
		       "<e:Image b='1'>p<![CDATA[<&amp;>]]>q</e:Image>\n</e:X></UserData></Event>")),
	       STR(HEAD REST "Image=p<&amp;>q\n"), "prefixes, comments, CDATA");
	is_str(read_text(
		       STR("<Event>" SYSTEM "<EventData><Data Name='Image'/></EventData></Event>")),
	       STR(HEAD REST "Image=(null)\n"), "what is empty is null");
	is_str(read_text(STR("<Event>" SYSTEM
			     "<EventData><Data Name='Image'>  </Data></EventData></Event>")),
	       STR(HEAD REST "Image=  \n"), "blanks are a value where they stand alone");
	is_str(read_text(STR("<Event>" SYSTEM "<RenderingInfo><Message>m</Message><Level>x</Level>"
			     "</RenderingInfo></Event>")),
	       STR(HEAD REST "Message=m\n"), "the message of a forwarded event");
	is_str(read_text(STR("<Event>" SYSTEM
			     "<EventData><Data Name='EventID'>9</Data></EventData></Event>")),
	       STR(HEAD REST), "data is not what System says the event is");
}

static void test_errors(void)
{
	static const struct {
		const char *text, *error;
	} bad[] = {
		{"",			     "none"			      },
		{ "<Events>",                    "none"                              },
		{ "<Event>",                     "none"                              },
		{ "<Event></Event>",             "error: no event in it"             },
		{ "<Event><System></Event>",     "error: an element without end"     },
		{ "<Event><a b></a></Event>",    "error: an attribute without value" },
		{ "<Event><a b=c></a></Event>",  "error: an attribute without quotes"},
		{ "<Event><a b='c></a></Event>", "error: an attribute without quotes"},
		{ "<Event><></Event>",           "error: a tag without name"         },
		{ "<Event><!DOCTYPE a></Event>", "error: a tag without name"         },
		{ "<Event><![CDATA[ </Event>",   "error: CDATA without end"          },
		{ "<Event><!-- </Event>",        "error: a comment without end"      },
	};
	own(buf_release) struct buf deep = BUF(1 << 20);

	for (size_t i = 0; i < COUNT(bad); i++)
		is_str(read_text(str_of(bad[i].text)), str_of(bad[i].error), bad[i].text);
	buf_puts(&deep, "<Event>");
	for (int i = 0; i < 10000; i++)
		buf_puts(&deep, "<a>");
	buf_puts(&deep, "</Event>");
	is_str(read_text(buf_view(&deep)), STR("error: nested too deeply"), "10,000 deep");
	buf_reset(&deep);
	buf_puts(&deep, "<Event>");
	for (int i = 0; i < 20000; i++)
		buf_puts(&deep, "<a/>");
	buf_puts(&deep, "</Event>");
	is_str(read_text(buf_view(&deep)), STR("error: too large"), "20,000 elements");
}

/* As the reader does it: in blocks of any size. */
static unsigned decode(struct str text, size_t block, uint64_t *ret_skipped)
{
	const struct decoder *d = &decoder_windows_xml;
	struct decode_context x = { .names = names };
	void *state = calloc(1, d->state_size);
	int r = state ? 0 : -ENOMEM;

	events = 0;
	*ret_skipped = 0;
	buf_reset(&fields);
	for (size_t at = 0; at < text.len && r == 0; at += block)
		r = d->decode(state, &x, str_sub(text, at, at + block), 1, note, NULL, ret_skipped);
	if (state)
		d->release(state);
	free(state);
	return r < 0 ? 1000 : events;
}

#define LINE \
	"<Event>" SYSTEM "<EventData><Data Name='Image'>\xe2\x82\xac</Data></EventData></Event>"

static void test_blocks(void)
{
	static const char file[] = "<?xml version=\"1.0\"?>\n<Events>\n" LINE "\n<Event>\n" SYSTEM
				   "\n</Event>" LINE "<Event><b></Event></Events>";
	static char wide[4 * sizeof file];
	struct str text = { file, sizeof file - 1 };
	uint64_t skipped;
	unsigned bad = 0;
	size_t n = 2;

	ok(decoder_windows_xml.recognise(text) > 80, "recognised");
	is_int(decoder_windows_xml.recognise(STR("Nov 22 10:48:00 h sshd[1]: <Event")), 0,
	       "other text is not");
	for (size_t block = 1; block < text.len + 10; block += block < 40 ? 1 : 97)
		bad += decode(text, block, &skipped) != 3 || skipped != 1 || line_of_last != 6;
	is_int(bad, 0, "three events and one that is none, however the file is cut");
	wide[0] = (char)0xff;
	wide[1] = (char)0xfe;
	/* The euro sign is the only one that is not ASCII. */
	for (size_t i = 0; i < text.len; i++) {
		bool euro = str_starts(str_sub(text, i, text.len), STR("\xe2\x82\xac"));

		wide[n] = file[i];
		if (euro) {
			wide[n] = (char)0xac;
			wide[n + 1] = 0x20;
			i += 2;
		}
		n += 2;
	}
	ok(decoder_windows_xml.recognise((struct str){ wide, n }) > 80, "UTF-16 is recognised");
	/* The mark at its beginning is in the first block. */
	for (size_t block = 2; block < n; block += block < 40 ? 1 : 97) {
		bad += decode((struct str){ wide, n }, block, &skipped) != 3 || skipped != 1;
		bad += !str_contains(buf_view(&fields), STR("Image=\xe2\x82\xac\n"));
	}
	is_int(bad, 0, "and the same");
}

/* Among the lines of a syslog. */
static void test_syslog(void)
{
	static const char file[] =
		"Nov 22 10:48:00 h sshd[1]: x\n"
		"Nov 22 10:48:01 h sysmon: <Event>" SYSTEM
		"<EventData><Data Name='Image'>a &amp; b</Data></EventData></Event>\n"
		"Nov 22 10:48:02 h sysmon: Sysmon v1.3.0 - Monitors system events\n";
	const struct decoder *d = &decoder_syslog;
	struct decode_context x = { .names = names, .now = INT64_C(1795344480000000) };
	void *state = calloc(1, d->state_size);
	uint64_t skipped = 0;

	events = 0;
	buf_reset(&fields);
	if (!state)
		return;
	is_int(d->decode(state, &x, (struct str){ file, sizeof file - 1 }, 1, note, NULL, &skipped),
	       0, "a syslog");
	is_int(events, 3, "has three events");
	ok(str_contains(buf_view(&fields), STR(HEAD REST "Image=a & b\nlinux/\n")),
	   "and among them Sysmon's");
	d->release(state);
	free(state);
}

int main(void)
{
	static const char *const asked[] = { "Provider_Name", "EventID", "Image",           "Data",
					     "Message",       "linux",   "process_creation" };
	struct evtx_options o = {};
	uint16_t id;

	if (names_new(&names) < 0)
		return 1;
	for (size_t i = 0; i < COUNT(asked); i++)
		if (names_add(names, str_of(asked[i]), &id) < 0)
			return 1;
	o.names = names;
	if (evtx_reader_new(&o, &reader) < 0)
		return 1;
	test_events();
	test_errors();
	test_blocks();
	test_syslog();
	evtx_reader_release(&reader);
	names_release(&names);
	buf_release(&fields);
	return done();
}
