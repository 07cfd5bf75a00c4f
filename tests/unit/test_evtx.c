/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Event logs that the test writes itself: values, templates, what is shown of them. */
#include "evtx_make.h"
#include "tap.h"

static struct make m;
static struct names *names;
static struct evtx_reader *reader;
static struct buf xml = BUF(1 << 20), json = BUF(1 << 20), fields = BUF(1 << 20);
static unsigned events;
static const char *reason; /* of the last thing that was not read */

static void note_skip(void *user, const struct evtx_skip *s)
{
	(void)user;
	reason = s->reason;
}

/* The last event: as XML, as JSON, and its fields as "name=value" lines. */
static int note(void *user, const struct event *e)
{
	(void)user;
	events++;
	buf_reset(&xml);
	buf_reset(&json);
	buf_reset(&fields);
	if (evtx_render(reader, e, EVTX_FORMAT_XML, &xml) == -EINVAL ||
	    evtx_render(reader, e, EVTX_FORMAT_JSON, &json) == -EINVAL)
		return -EINVAL;
	for (uint32_t i = 0; i < e->n; i++) {
		const struct event_value *v = &e->values[i];
		struct str text = event_text(e, v);

		buf_fmt(&fields, "%.*s=%.*s%s\n", STR_FMT(names_text(names, v->field)),
			STR_FMT(text), v->type == VALUE_NULL ? "(null)" : "");
	}
	return 0;
}

static struct evtx_counts read_as(const struct evtx_chunk *c, bool lazy)
{
	struct evtx_options o = {
		.names = names, .lazy = lazy, .checksums = true, .skip = note_skip
	};
	struct evtx_counts counts = {};

	events = 0;
	reason = "";
	if (evtx_reader_new(&o, &reader) < 0)
		return counts;
	if (evtx_read_chunk(reader, c, note, NULL) == 0)
		counts = *evtx_reader_counts(reader);
	evtx_reader_release(&reader);
	return counts;
}

static struct evtx_counts read_made(void)
{
	struct evtx_chunk c = make_chunk(&m);

	return read_as(&c, true);
}

static bool has(const struct buf *b, const char *text)
{
	bool found = str_contains(buf_view(b), str_of(text));

	if (!found)
		printf("# not \"%s\" in: %.*s\n", text, STR_FMT(buf_view(b)));
	return found;
}

/* "…<EventData>content of one value</EventData>" of every type, in all three forms. */
static const struct value_case {
	uint8_t type;
	struct str bytes;
	const char *xml, *json;
} value_cases[] = {
#define CASE(type, bytes, xml, json)                               \
	{                                                          \
		type, { bytes, sizeof(bytes "") - 1 }, (xml), json \
	}
	CASE(EVTX_STRING, "a\0 \0b\0", "a b", "\"a b\""),
	CASE(EVTX_STRING, "x\0 \0 \0\0\0\0\0", "x  ", "\"x  \""),
	CASE(EVTX_STRING, "", "", "\"\""),
	CASE(EVTX_STRING, "<\0&\0\"\0\r\0\n\0\x01\0", "&lt;&amp;\"&#xD;\n\xef\xbf\xbd",
	     "\"<&\\\"\\r\\n\\u0001\""),
	CASE(EVTX_STRING, "\x3d\xd8\x00\xde|\0\x00\xd8|\0\x00\xde",
	     "\xf0\x9f\x98\x80|\xef\xbf\xbd|\xef\xbf\xbd", "\"\\ud83d\\ude00|\\ufffd|\\ufffd\""),
	CASE(EVTX_STRING, "a\0b\0c\0d\0e\0f\0g\0h\0i\0\xe9\0\x2e\x20", "abcdefghi\xc3\xa9&#x202E;",
	     "\"abcdefghi\\u00e9\\u202e\""),
	CASE(EVTX_STRING, "o\0d", "o", "\"o\""),
	CASE(EVTX_ANSI, "caf\xe9 \x80\0", "caf\xc3\xa9 \xe2\x82\xac", "\"caf\\u00e9 \\u20ac\""),
	CASE(EVTX_INT8, "\x80", "-128", "-128"),
	CASE(EVTX_UINT8, "\x80", "128", "128"),
	CASE(EVTX_INT16, "\xff\xff", "-1", "-1"),
	CASE(EVTX_UINT16, "\xff\xff", "65535", "65535"),
	CASE(EVTX_INT32, "\0\0\0\x80", "-2147483648", "-2147483648"),
	CASE(EVTX_UINT32, "\xff\xff\xff\xff", "4294967295", "4294967295"),
	CASE(EVTX_INT64, "\0\0\0\0\0\0\0\x80", "-9223372036854775808", "-9223372036854775808"),
	CASE(EVTX_UINT64, "\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615",
	     "18446744073709551615"),
	CASE(EVTX_UINT32, "\x01\x02", "0102", "\"0102\""),
	CASE(EVTX_REAL32, "\x00\x00\xc0\x3f", "1.5", "1.5"),
	CASE(EVTX_REAL64, "\x9a\x99\x99\x99\x99\x99\xb9\x3f", "0.1", "0.1"),
	CASE(EVTX_REAL64, "\0\0\0\0\0\0\xf0\xff", "-1.#INF", "\"-1.#INF\""),
	CASE(EVTX_BOOL, "\0\0\0\0", "false", "false"),
	CASE(EVTX_BOOL, "\x10\0\0\0", "true", "true"),
	CASE(EVTX_BOOL, "\x01", "true", "true"),
	CASE(EVTX_BINARY, "\xde\xad\x00", "DEAD00", "\"DEAD00\""),
	CASE(EVTX_GUID, "\x25\x96\x84\x54\x78\x54\x94\x49\xa5\xba\x3e\x3b\x03\x28\xc3\x0d",
	     "{54849625-5478-4994-a5ba-3e3b0328c30d}", "\"54849625-5478-4994-A5BA-3E3B0328C30D\""),
	CASE(EVTX_SIZE, "\x10\0\0\0", "0x10", "\"0x10\""),
	CASE(EVTX_SIZE, "\0\0\0\0\x01\0\0\0", "0x100000000", "\"0x100000000\""),
	CASE(EVTX_FILETIME, "\x18\x96\x57\x57\x44\xd9\xd1\x01", "2016-07-08T18:12:51.6816408Z",
	     "\"2016-07-08T18:12:51.6816408Z\""),
	CASE(EVTX_FILETIME, "\0\0\0\0\0\0\0\0", "1601-01-01T00:00:00.0000000Z",
	     "\"1601-01-01T00:00:00.0000000Z\""),
	CASE(EVTX_FILETIME, "\xff\xff\xff\xff\xff\xff\xff\xff", "0xffffffffffffffff",
	     "\"0xffffffffffffffff\""),
	CASE(EVTX_SYSTEMTIME, "\xe8\x07\x02\0\x04\0\x1d\0\x17\0\x3b\0\x3b\0\x07\0",
	     "2024-02-29T23:59:59.007Z", "\"2024-02-29T23:59:59.007Z\""),
	CASE(EVTX_SID, "\x01\x01\0\0\0\0\0\x05\x12\0\0\0", "S-1-5-18", "\"S-1-5-18\""),
	CASE(EVTX_SID, "\x01\x02\0\0\0\0\0\x05\x12\0\0\0", "010200000000000512000000",
	     "\"010200000000000512000000\""),
	CASE(EVTX_HEX32, "\xe7\x03\0\0", "0x3e7", "\"0x3e7\""),
	CASE(EVTX_HEX64, "\0\0\0\0\0\0\0\x80", "0x8000000000000000", "\"0x8000000000000000\""),
	CASE(EVTX_HEX32, "\0\0\0\0", "0x0", "\"0x0\""),
	CASE(0x33, "\x01\xff", "01FF", "\"01FF\""),
#undef CASE
};

/* One record: EventData with the Data "Value" of slot 0 of a template within. */
static void make_value_event(uint8_t type, struct str bytes)
{
	const struct make_value system[] = {
		{EVTX_UINT16,    STR("\x10\x12")                        },
		{ EVTX_FILETIME, STR("\x18\x96\x57\x57\x44\xd9\xd1\x01")},
		{ EVTX_STRING,   STR("p\0c\0\0\0")                      },
	};
	const struct make_value value = { type, bytes };
	uint32_t sizes, start;

	make_start(&m);
	make_record(&m);
	make_event_definition(&m, 0x1111);
	put32(&m, 4);
	for (size_t i = 0; i < COUNT(system); i++) {
		put16(&m, (unsigned)system[i].bytes.len);
		put16(&m, system[i].type);
	}
	sizes = m.pos;
	put32(&m, EVTX_BINXML << 16);
	for (size_t i = 0; i < COUNT(system); i++)
		put(&m, system[i].bytes.ptr, system[i].bytes.len);
	start = m.pos;
	make_fragment(&m);
	make_definition(&m, 0x2222);
	make_open(&m, "EventData", false);
	make_content(&m);
	make_open(&m, "Data", true);
	make_attribute(&m, "Name");
	make_text(&m, "Value");
	make_content(&m);
	make_slot(&m, 0, type, false);
	make_end(&m);
	make_end(&m);
	make_definition_end(&m);
	make_values(&m, &value, 1);
	put8(&m, 0);
	set32(&m, sizes, (m.pos - start) | EVTX_BINXML << 16);
	make_record_end(&m);
}

static void test_values(void)
{
	for (size_t i = 0; i < COUNT(value_cases); i++) {
		const struct value_case *v = &value_cases[i];
		own(buf_release) struct buf want = BUF(4096);
		struct evtx_chunk c;

		make_value_event(v->type, v->bytes);
		c = make_chunk(&m);
		is_int((int64_t)read_as(&c, i % 2).records, 1, v->json);
		buf_fmt(&want, "<EventData><Data Name=\"Value\">%s</Data></EventData></Event>",
			v->xml);
		ok(has(&xml, want.ptr), "  in XML");
		buf_reset(&want);
		buf_fmt(&want, "\"EventData\":{\"Value\":%s}}}", v->json);
		ok(has(&json, want.ptr), "  in JSON");
		buf_reset(&want);
		buf_puts(&want, "Value=");
		/* What XML cannot bear or writes otherwise the field has as it is. */
		if (!str_contains(str_of(v->xml), STR("&"))) {
			buf_fmt(&want, "%s\n", v->xml);
			ok(has(&fields, want.ptr), "  as a field");
		}
	}
}

static void test_event(void)
{
	struct evtx_counts c;

	make_value_event(EVTX_NULL, STR(""));
	c = read_made();
	is_int((int64_t)c.records, 1, "one record");
	is_int((int64_t)(c.skipped + c.damaged + c.header_checksums + c.data_checksums), 0,
	       "nothing is wrong with it");
	is_str(buf_view(&xml),
	       STR("<Event xmlns=\"urn:e\"><System><Provider Name=\"Made\"/><EventID>4624</EventID>"
		   "<TimeCreated SystemTime=\"2016-07-08T18:12:51.6816408Z\"/>"
		   "<Channel>Security</Channel><Computer>pc</Computer></System>"
		   "<EventData><Data Name=\"Value\"></Data></EventData></Event>"),
	       "as Windows shows it");
	is_str(buf_view(&json),
	       STR("{\"Event\":{\"#attributes\":{\"xmlns\":\"urn:e\"},\"System\":{\"Provider\":"
		   "{\"#attributes\":{\"Name\":\"Made\"}},\"EventID\":4624,\"TimeCreated\":"
		   "{\"#attributes\":{\"SystemTime\":\"2016-07-08T18:12:51.6816408Z\"}},"
		   "\"Channel\":\"Security\",\"Computer\":\"pc\"},"
		   "\"EventData\":{\"Value\":null}}}"),
	       "as JSON");
	ok(has(&fields, "Provider_Name=Made\n") && has(&fields, "EventID=4624\n") &&
		   has(&fields, "Channel=Security\n") && has(&fields, "Computer=pc\n"),
	   "fields of System");
	ok(has(&fields, "Value=(null)\n"), "a value that is null is null");
}

/* A record without a template: elements of `write`, within EventData or UserData. */
static struct evtx_counts read_plain(const char *data, void (*write)(void))
{
	make_start(&m);
	make_record(&m);
	make_open(&m, "Event", false);
	make_content(&m);
	make_open(&m, "System", false);
	make_content(&m);
	make_leaf(&m, "EventID", "104");
	make_leaf(&m, "Channel", "System");
	make_end(&m);
	make_open(&m, data, false);
	make_content(&m);
	write();
	make_end(&m);
	make_end(&m);
	make_record_end(&m);
	return read_made();
}

static void write_unnamed(void)
{
	make_leaf(&m, "Data", "one");
	make_open(&m, "Data", false);
	make_content(&m);
	make_end(&m);
	make_leaf(&m, "Data", "three");
	make_leaf(&m, "Binary", "00");
}

static void write_user(void)
{
	make_open(&m, "Cleared", true);
	make_attribute(&m, "xmlns");
	make_text(&m, "urn:x");
	make_content(&m);
	make_leaf(&m, "Channel", "Application");
	make_leaf(&m, "Header", "a");
	make_leaf(&m, "Header", "b");
	make_open(&m, "Flags", true);
	make_attribute(&m, "value");
	make_text(&m, "7");
	make_content(&m);
	make_text(&m, "on");
	make_end(&m);
	make_end(&m);
}

/* Text made of parts: a reference to a character, an entity, CDATA. */
static void write_parts(void)
{
	make_open(&m, "Data", true);
	make_attribute(&m, "Name");
	make_text(&m, "New Value");
	make_content(&m);
	make_text(&m, "a");
	put8(&m, 0x48);
	put16(&m, 0xe9);
	put8(&m, 0x49);
	make_name(&m, "amp");
	put8(&m, 0x47);
	put16(&m, 1);
	put_wide(&m, "<");
	put8(&m, 0x0a);
	make_name(&m, "pi");
	put8(&m, 0x0b);
	put16(&m, 0);
	make_end(&m);
}

static void write_bad_names(void)
{
	make_leaf(&m, "1 <x/>", "v");
	make_open(&m, "a", true);
	make_attribute(&m, "b=\"");
	make_text(&m, "\"");
	make_empty(&m);
}

static void test_shapes(void)
{
	is_int((int64_t)read_plain("EventData", write_unnamed).records, 1, "Data without names");
	ok(has(&fields, "Data=one\n\nthree\n"), "are one field");
	ok(has(&json,
	       "\"EventData\":{\"Data\":{\"#text\":[\"one\",\"\",\"three\"]},\"Binary\":\"00\"}"),
	   "and a list");
	ok(has(&xml, "<Data>one</Data><Data></Data><Data>three</Data>"), "in XML what they are");
	is_int((int64_t)read_plain("UserData", write_user).records, 1, "UserData");
	ok(has(&fields, "Channel=Application\n") && has(&fields, "EventID=104\n"),
	   "its fields go before those of System");
	ok(has(&fields, "value=7\n") && has(&fields, "Flags=on\n"), "attributes are fields, too");
	ok(has(&fields, "Header=a\n") && !str_contains(buf_view(&fields), STR("Header=b")),
	   "the first of two counts");
	ok(has(&json,
	       "\"Header\":\"a\",\"Header_1\":\"b\",\"Flags\":{\"#attributes\":{\"value\":\"7\"},"
	       "\"#text\":\"on\"}"),
	   "in JSON names do not come twice");
	is_int((int64_t)read_plain("EventData", write_parts).records, 1, "text of parts");
	ok(has(&fields, "New Value=a\xc3\xa9&<\n") && has(&fields, "NewValue=a\xc3\xa9&<\n"),
	   "is one text, known without the blank, too");
	ok(has(&xml, "<Data Name=\"New Value\">a\xc3\xa9&amp;&lt;</Data>"), "also in XML");
	is_int((int64_t)read_plain("EventData", write_bad_names).records, 1, "names that are none");
	ok(has(&xml, "<_1__x__>v</_1__x__><a b__=\"&quot;\"/>"), "do no harm in XML");
}

/* Arrays repeat what they stand in; what holds an optional null is left out. */
static void make_array_event(struct str strings, uint8_t other)
{
	const struct make_value v[] = {
		{EVTX_STRING | EVTX_ARRAY,  strings            },
		{ EVTX_UINT16 | EVTX_ARRAY, STR("\x01\0\x02\0")},
		{ other,                    STR("")            },
	};

	make_start(&m);
	make_record(&m);
	make_definition(&m, 0x3333);
	make_open(&m, "Event", false);
	make_content(&m);
	make_open(&m, "System", false);
	make_content(&m);
	make_leaf(&m, "EventID", "1");
	make_open(&m, "Security", true);
	make_attribute(&m, "UserID");
	make_slot(&m, 2, EVTX_SID, true);
	make_empty(&m);
	make_leaf_slot(&m, "Opcode", 2, EVTX_UINT8, true);
	make_end(&m);
	make_open(&m, "EventData", false);
	make_content(&m);
	make_leaf_slot(&m, "Data", 0, EVTX_STRING | EVTX_ARRAY, false);
	make_leaf_slot(&m, "Port", 1, EVTX_UINT16 | EVTX_ARRAY, false);
	make_end(&m);
	make_end(&m);
	make_definition_end(&m);
	make_values(&m, v, COUNT(v));
	make_record_end(&m);
}

static void test_arrays(void)
{
	make_array_event(STR("a\0\0\0\0\0c\0"), EVTX_NULL);
	is_int((int64_t)read_made().records, 1, "arrays");
	ok(has(&xml, "<Data>a</Data><Data></Data><Data>c</Data><Port>1</Port><Port>2</Port>"),
	   "repeat their element");
	ok(has(&json, "\"Data\":{\"#text\":[\"a\",\"\",\"c\"]},\"Port\":[1,2]"),
	   "are lists in JSON");
	ok(has(&fields, "Data=a\n\nc\n") && has(&fields, "Port=1\n2\n"), "and lines in a field");
	ok(has(&xml, "<Security/></System>"), "what is optional and null is left out");
	ok(!str_contains(buf_view(&fields), STR("UserID")) &&
		   !str_contains(buf_view(&fields), STR("Opcode")),
	   "and no field");
	make_array_event(STR(""), EVTX_STRING);
	is_int((int64_t)read_made().records, 1, "an empty array");
	ok(has(&xml, "<Data></Data>"), "is one empty element");
	ok(has(&xml, "<Security UserID=\"\"/><Opcode></Opcode>"), "what is empty is not null");
}

/* What reads the events may keep nothing: a second chunk has other templates at the same place. */
static void test_two_chunks(void)
{
	static struct make other;
	struct evtx_options o = { .names = names };
	struct evtx_chunk first, second;

	make_value_event(EVTX_UINT8, STR("\x07"));
	other = m;
	first = make_chunk(&other);
	make_array_event(STR("x\0"), EVTX_NULL);
	second = make_chunk(&m);
	if (evtx_reader_new(&o, &reader) < 0)
		return;
	ok(evtx_read_chunk(reader, &first, note, NULL) == 0 && has(&fields, "Value=7\n"),
	   "a chunk");
	ok(evtx_read_chunk(reader, &second, note, NULL) == 0 && has(&fields, "Data=x\n"),
	   "another");
	ok(evtx_read_chunk(reader, &first, note, NULL) == 0 && has(&fields, "Value=7\n"),
	   "the first");
	evtx_reader_release(&reader);
}

int main(void)
{
	static const char *const asked[] = {
		"EventID",   "Channel",  "Computer", "Provider_Name", "Value",
		"Data",      "Binary",   "Header",   "value",         "Flags",
		"New Value", "NewValue", "Port",     "UserID",        "Opcode",
	};
	uint16_t id;

	if (names_new(&names) < 0)
		return 1;
	for (size_t i = 0; i < COUNT(asked); i++)
		if (names_add(names, str_of(asked[i]), &id) < 0)
			return 1;
	test_values();
	test_event();
	test_shapes();
	test_arrays();
	test_two_chunks();
	names_release(&names);
	buf_release(&xml);
	buf_release(&json);
	buf_release(&fields);
	return done();
}
