/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices in every format, with texts that an attacker chose. */
#include "base/json.h"
#include "detect/rule.h"
#include "guard/notice.h"
#include "tap.h"

/* Ends a line, a CEF field, a JSON string, a chat's code; steers a terminal; is no UTF-8. */
#define EVIL \
	"a\"\\b|c=d\r\nCEF:0|e\t<!channel>&`*_\x1b[31m\xe2\x80\xae\xff\xf0\x9f\x98\x80 [x](http://y)"

/* clang-format off */
static struct notice evil(void)
{
	return (struct notice){
		.id = 0x1234,
		.level = LEVEL_HIGH,
		.time = 1795347753123456,
		.first = 1795347700000000,
		.last = 1795347753123456,
		.count = 5,
		.more = 2,
		.host = STR("host name\n1"),
		.rule = STR("rule|x"),
		.title = STR(EVIL),
		.rule_id = STR("6f3e2987"),
		.tags = STR("attack.credential-access attack.t1110.001 cve.2020 attack.T1078 attack.g0007"),
		.from = STR("192.0.2.1"),
		.account = STR(EVIL),
		.source = STR("/var/log/auth.log"),
		.done = STR("banned for 10 minutes"),
		.advice = STR("look at it"),
		.evidence = {STR(EVIL), STR("second")},
		.n_evidence = 2,
	};
}

/* clang-format on */
static bool has(struct str text, const char *part) { return str_contains(text, str_of(part)); }

/* No format has bytes that end a line or steer a terminal; but for mail and chat, newlines. */
static bool is_clean(struct str s, bool newlines)
{
	while (s.len) {
		int32_t c = str_rune(&s);

		if (c < 0 || c == 0x7f || c == 0x202e || (c < ' ' && !(newlines && c == '\n')))
			return false;
	}
	return true;
}

static void test_clean(void)
{
	struct notice n = evil();

	for (int f = 0; f < NOTICE_FORMATS; f++) {
		own(buf_release) struct buf b = BUF(NOTICE_MAX);
		char name[64];

		snprintf(name, sizeof name, "%s holds no control characters",
			 notice_format_name((enum notice_format)f));
		is_int(notice_put(&n, (enum notice_format)f, &b), 0, "put");
		ok(is_clean(buf_view(&b), f == NOTICE_MAIL || f == NOTICE_SLACK), name);
		is_int(notice_format_find(str_of(notice_format_name((enum notice_format)f))), f,
		       "its name is found");
	}
	n.level = LEVEL_N;
	{
		own(buf_release) struct buf b = BUF(NOTICE_MAX);

		is_int(notice_put(&n, NOTICE_TEXT, &b), -EINVAL, "no such level");
	}
}

static struct str text_at(const struct jdoc *d, const char *path, struct arena *a)
{
	struct str rest = str_of(path), name, text = {};
	uint32_t v = 0;

	while ((name = str_cut(&rest, '.')).ptr) {
		if (jdoc_is(d, v, J_ARRAY))
			v = jdoc_count(d, v) ? v + 1 : 0;
		v = jdoc_get(d, v, name);
		if (!v)
			return STR("(none)");
	}
	if (jdoc_is(d, v, J_ARRAY))
		v++;
	return jdoc_text(d, v, a, &text) == 0 && text.ptr ? text : jdoc_raw(d, v);
}

static void test_json(void)
{
	static const char clean[] = "a\"\\b|c=d\r\nCEF:0|e\t<!channel>&`*_\x1b[31m\xe2\x80\xae"
				    "\xef\xbf\xbd\xf0\x9f\x98\x80 [x](http://y)";
	own(arena_release) struct arena a = {};
	own(buf_release) struct buf b = BUF(NOTICE_MAX);
	own(jdoc_release) struct jdoc d = {};
	struct joptions o = { .unique_keys = true };
	struct notice n = evil();

	is_int(notice_put(&n, NOTICE_JSON, &b), 0, "put");
	if (!ok(jdoc_parse(buf_view(&b), &o, &d, NULL) == 0, "is JSON"))
		return;
	is_str(text_at(&d, "account", &a), str_of(clean), "texts are what they were");
	is_str(text_at(&d, "time", &a), STR("2026-11-22T11:42:33.123456Z"), "time");
	is_str(text_at(&d, "attack", &a), STR("T1110.001"), "techniques");
	is_str(text_at(&d, "count", &a), STR("5"), "count");
}

static void test_ocsf(void)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{"class_uid",			       "2004"            },
		{ "type_uid",			       "200401"          },
		{ "category_uid",                           "2"               },
		{ "activity_id",                            "1"               },
		{ "severity_id",                            "4"               },
		{ "time",				   "1795347753123"   },
		{ "metadata.version",                       "1.4.0"           },
		{ "metadata.product.name",                  "Holdfast"        },
		{ "finding_info.uid",                       "0000000000001234"},
		{ "finding_info.analytic.name",             "rule|x"          },
		{ "finding_info.analytic.type_id",          "1"               },
		{ "finding_info.attacks.sub_technique.uid", "T1110.001"       },
		{ "finding_info.attacks.technique.uid",     "T1110"           },
		{ "evidences.src_endpoint.ip",              "192.0.2.1"       },
		{ "observables.value",                      "192.0.2.1"       },
		{ "observables.type_id",                    "2"               },
		{ "remediation.desc",                       "look at it"      },
	};
	own(arena_release) struct arena a = {};
	own(buf_release) struct buf b = BUF(NOTICE_MAX);
	own(jdoc_release) struct jdoc d = {};
	struct joptions o = { .unique_keys = true };
	struct notice n = evil();

	is_int(notice_put(&n, NOTICE_OCSF, &b), 0, "put");
	if (!ok(jdoc_parse(buf_view(&b), &o, &d, NULL) == 0, "is JSON"))
		return;
	for (size_t i = 0; i < COUNT(cases); i++)
		is_str(text_at(&d, cases[i].path, &a), str_of(cases[i].want), cases[i].path);
	buf_reset(&b);
	jdoc_release(&d);
	n.from = STR("192.0.2.0/24");
	n.account = (struct str){};
	n.n_evidence = 0;
	is_int(notice_put(&n, NOTICE_OCSF, &b), 0, "put");
	ok(jdoc_parse(buf_view(&b), &o, &d, NULL) == 0, "without evidence it is JSON, too");
	is_str(text_at(&d, "observables.value", &a), STR("(none)"), "a network is no address");
}

/* Fields of the header, or the value of an extension, as a reader of CEF takes them apart. */
static struct str cef_field(struct str cef, unsigned n, struct buf *b)
{
	size_t i = 0;

	for (; i < cef.len && n; i++) {
		if (cef.ptr[i] == '\\')
			i++;
		else if (cef.ptr[i] == '|')
			n--;
	}
	for (; i < cef.len && cef.ptr[i] != '|'; i++) {
		if (cef.ptr[i] == '\\')
			i++;
		buf_putc(b, cef.ptr[i]);
	}
	return buf_view(b);
}

static void test_cef(void)
{
	own(buf_release) struct buf b = BUF(NOTICE_MAX), field = BUF(NOTICE_MAX);
	struct notice n = evil();
	struct str text, cef;
	unsigned keys = 0;

	is_int(notice_put(&n, NOTICE_CEF, &b), 0, "put");
	text = buf_view(&b);
	ok(str_starts(text, STR("<83>1 2026-11-22T11:42:33.123456Z host_name_1 holdfast - alert - "
				"CEF:0|Holdfast|guard|")),
	   "a message of RFC 5424");
	cef = str_sub(text,
		      (size_t)((const char *)memmem(text.ptr, text.len, "CEF:0", 5) - text.ptr),
		      text.len);
	is_str(cef_field(cef, 4, &field), STR("rule|x"), "the rule is one field");
	buf_reset(&field);
	ok(has(cef_field(cef, 5, &field), "b|c=d"), "so is the title");
	buf_reset(&field);
	is_str(cef_field(cef, 6, &field), STR("8"), "severity");
	/* Behind the severity; '=' means nothing in the header. */
	for (size_t i = (size_t)((const char *)memmem(cef.ptr, cef.len, "|8|", 3) - cef.ptr);
	     i + 1 < cef.len; i++) {
		if (cef.ptr[i] == '\\')
			i++;
		else if (cef.ptr[i] == '=')
			keys++;
	}
	/* rt start end cnt externalId src duser dvchost act cs1 cs1Label cs2 … cs3Label msg */
	is_int(keys, 16, "no text makes a key of its own");
	ok(has(text, " src=192.0.2.1 "), "the address");
	ok(has(text, " cs1=T1110.001,T1078 cs1Label=ATT&CK"), "techniques");
	ok(has(text, " cnt=7 "), "what was folded counts");
	n.from = STR("2001:db8::1");
	buf_reset(&b);
	is_int(notice_put(&n, NOTICE_CEF, &b), 0, "put");
	ok(has(buf_view(&b), " c6a2=2001:db8::1 c6a2Label=Source IPv6 Address"), "IPv6");
}

static void test_chat(void)
{
	own(arena_release) struct arena a = {};
	own(buf_release) struct buf b = BUF(NOTICE_MAX);
	own(jdoc_release) struct jdoc d = {};
	struct joptions o = {};
	struct notice n = evil();
	unsigned quotes = 0;

	is_int(notice_put(&n, NOTICE_SLACK, &b), 0, "put");
	ok(!has(buf_view(&b), "<") && has(buf_view(&b), "&lt;!channel&gt;&amp;"),
	   "Slack: no mention");
	for (size_t i = 0; i < b.len; i++)
		quotes += b.ptr[i] == '`';
	is_int(quotes, 10, "Slack: no text leaves its code");
	buf_reset(&b);
	is_int(notice_put(&n, NOTICE_TEAMS, &b), 0, "put");
	ok(jdoc_parse(buf_view(&b), &o, &d, NULL) == 0, "Teams: is JSON");
	is_str(text_at(&d, "type", &a), STR("RichTextBlock"),
	       "Teams: a block whose text is no Markdown");
}

static void test_long(void)
{
	static char text[100'000];
	struct notice n = evil();

	memset(text, '\x1b', sizeof text);
	n.title = n.account = n.host = n.rule = n.done = n.advice = n.from = n.source =
		(struct str){ text, sizeof text };
	n.n_evidence = NOTICE_EVIDENCE;
	for (size_t i = 0; i < NOTICE_EVIDENCE; i++)
		n.evidence[i] = n.title;
	for (int f = 0; f < NOTICE_FORMATS; f++) {
		own(buf_release) struct buf b = BUF((size_t)4 << 20);

		is_int(notice_put(&n, (enum notice_format)f, &b), 0, "put");
		ok(b.len < (size_t)256 << 10, notice_format_name((enum notice_format)f));
	}
}

int main(void)
{
	test_clean();
	test_json();
	test_ocsf();
	test_cef();
	test_chat();
	test_long();
	return done();
}
