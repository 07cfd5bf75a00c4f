/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values and modifiers of Sigma (rules specification and modifiers appendix v2.1.0). */
#include "sigma_try.h"

static const struct try_case values[] = {
	{"F: abc",			     "F=abc",                            true },
	{ "F: abc",			    "F=ABC",                            true },
	{ "F: abc",			    "F=abcd",                           false},
	{ "F: abc",			    "G=abc",                            false},
	{ "F: abc",			    "F",				false},
	{ "F: ÄÖ",			   "F=äö",			   true },
	{ "F: привет",                   "F=ПРИВЕТ",                   true },
	{ "F: 'a*'",			   "F=abc",                            true },
	{ "F: 'a*'",			   "F=ba",			     false},
	{ "F: '*c'",			   "F=abc",                            true },
	{ "F: '*b*'",			  "F=abc",                            true },
	{ "F: 'a*c'",			  "F=abbbc",                          true },
	{ "F: 'a*c'",			  "F=ac",                             true },
	{ "F: 'a*c'",			  "F=acb",                            false},
	{ "F: 'a*b*c'",			"F=a-c-b",                          false},
	{ "F: 'a?c'",			  "F=abc",                            true },
	{ "F: 'a?c'",			  "F=ac",                             false},
	{ "F: 'a?c'",			  "F=aéc",                           true },
	{ "F: 'a?"
	  "?c'",		      "F=aéc",			   false},
	{ "F: '*?'",			   "F=",			       false},
	{ "F: '*?'",			   "F=€",			    true },
	{ "F: '*?"
	  "?'",		       "F=€",			    false},
	{ "F: '*?"
	  "?*'",		      "F=€",			    false},
	{ "F: '*aab'",			 "F=aaab",                           true },
	{ "F: '*a*ab'",			"F=aab",                            true },
	{ "F: '*a*ab'",			"F=ab",                             false},
	{ "F: '*'",			    "F=x",			      true },
	{ "F: '*'",			    "F=",			       true },
	{ "F: '*'",			    "F",				false},
	{ "F: '*'",			    "G=x",			      false},
 /* The table of the specification, "Escape Character". */
	{ "F: 'a\\b'",			 "F=a\\b",                           true },
	{ "F: 'a\\\\b'",                       "F=a\\b",                           true },
	{ "F: 'a\\\\b'",                       "F=a\\\\b",                         false},
	{ "F: 'a\\*b'",			"F=a*b",                            true },
	{ "F: 'a\\*b'",			"F=axb",                            false},
	{ "F: 'a\\?b'",			"F=a?b",                            true },
	{ "F: 'a\\?b'",			"F=axb",                            false},
	{ "F: 'a\\\\*'",                       "F=a\\anything",                    true },
	{ "F: 'a\\\\*'",                       "F=a*",                             false},
	{ "F: 'a\\\\\\*'",                     "F=a\\*",                           true },
	{ "F: 'a\\\\\\*'",                     "F=a\\x",                           false},
	{ "F: 'a\\\\\\b'",                     "F=a\\\\b",                         true },
	{ "F: 'a\\\\\\\\b'",                   "F=a\\\\b",                         true },
	{ "F|endswith: '\\cmd.exe'",           "F=C:\\Windows\\cmd.exe",           true },
	{ "F|endswith: '\\\\cmd.exe'",         "F=C:\\Windows\\CMD.EXE",           true },
	{ "F|endswith: '\\cmd.exe'",           "F=C:\\Windows\\xcmd.exe",          false},
	{ "F|endswith: '\\System32\\cmd.exe'", "F=C:\\Windows\\System32\\cmd.exe", true },
	{ "F|endswith: '\\System32\\cmd.exe'", "F=C:\\Windows\\cmd.exe",           false},
	{ "F|endswith: '/bash'",               "F=/usr/bin/bash",                  true },
 /* null is no text, and no text is not null. */
	{ "F: null",			   "G=x",			      true },
	{ "F: null",			   "F",				true },
	{ "F: null",			   "F=",			       false},
	{ "F:",				"G=x",			      true },
	{ "F: ~",			      "F",				true },
	{ "F: 'null'",			 "F",				false},
	{ "F: 'null'",			 "F=null",                           true },
	{ "F: ''",			     "F=",			       true },
	{ "F: ''",			     "F",				false},
	{ "F: ''",			     "G=x",			      false},
	{ "F: ''",			     "F=x",			      false},
	{ "F: [x, null]",                      "F",				true },
 /* Numbers and booleans. */
	{ "F: 4625",			   "F=4625",                           true },
	{ "F: 4625",			   "F:4625",                           true },
	{ "F: 4625",			   "F=04625",                          false},
	{ "F: -5",			     "F:-5",			     true },
	{ "F: 0x17",			   "F=0x17",                           true },
	{ "F: 0x17",			   "F:23",			     true },
	{ "F: '0x17'",			 "F:23",                             false},
	{ "F: '0x17'",			 "F=0X17",                           true },
	{ "F: true",			   "F=True",                           true },
	{ "F: no",			     "F=no",			     true },
	{ "F: 1.5",			    "F=1.5",                            true },
 /* Names of fields have no blanks. */
	{ "New Value: x",                      "NewValue=x",                       true },
	{ "F: [a, b]",			 "F=b",			      true },
	{ "F: [a, b]",			 "F=c",			      false},
	{ "{F: a, G: b}",                      "F=a\nG=b",                         true },
	{ "{F: a, G: b}",                      "F=a",                              false},
	{ "[{F: a}, {G: b}]",                  "G=b",                              true },
	{ "[{F: a}, {G: b}]",                  "F=b",                              false},
	{ "[{F: a}, word]",                    "G=a word here",                    true },
};

static const struct try_case modified[] = {
	{"F|contains: abc",                         "F=xABCx",                   true },
	{ "F|contains: ab",                         "F=xABCx",                   true },
	{ "F|contains: a",                          "F=xABCx",                   true },
	{ "F|contains: abc",                        "F=ab",                      false},
	{ "F|contains: ''",                         "F=",                        true },
	{ "F|contains: ''",                         "F",                         false},
	{ "F|contains: 'a*c'",                      "F=xabcx",                   true },
	{ "F|startswith: abc",                      "F=abcx",                    true },
	{ "F|startswith: ab",                       "F=abcx",                    true },
	{ "F|startswith: abc",                      "F=xabc",                    false},
	{ "F|endswith: abc",                        "F=xabc",                    true },
	{ "F|endswith: bc",                         "F=xabc",                    true },
	{ "F|endswith: abc",                        "F=abcx",                    false},
	{ "F|contains|all: [abc, xyz]",             "F=xyz abc",                 true },
	{ "F|contains|all: [abc, xyz]",             "F=abc",                     false},
	{ "F|all|contains: [abc, xyz]",             "F=xyz abc",                 true },
	{ "F|all: ['a*', '*z']",                    "F=abcz",                    true },
	{ "F|cased: aBc",			   "F=aBc",                     true },
	{ "F|cased: aBc",			   "F=abc",                     false},
	{ "F|contains|cased: aBc",                  "F=xaBcx",                   true },
	{ "F|cased|contains: aBc",                  "F=xabcx",                   false},
	{ "F|startswith|cased: aB",                 "F=aBc",                     true },
	{ "F|endswith|cased: Bc",                   "F=abc",                     false},
	{ "F|cased: 'a?C'",                         "F=aXC",                     true },
	{ "F|cased: 'a?C'",                         "F=axc",                     false},
 /* Regular expressions: case counts, anywhere. */
	{ "F|re: 'b.d'",			    "F=abcde",                   true },
	{ "F|re: 'b.d'",			    "F=aBcde",                   false},
	{ "F|re|i: 'b.d'",                          "F=aBCDe",                   true },
	{ "F|re: '^b'",			     "F=abc",                     false},
	{ "F|re: 'c$'",			     "F=abc",                     true },
	{ "F|re: '^b'",			     "F=a\nF2=b",                 false},
	{ "F|re: '(?i)ABC'",                        "F=xabc",                    true },
	{ "F|re|startswith: 'b'",                   "F=ab",                      false},
	{ "F|re|startswith: 'a|b'",                 "F=bx",                      true },
	{ "F|re|endswith: 'b'",                     "F=ab",                      true },
	{ "F|re|endswith: 'a'",                     "F=ab",                      false},
	{ "F|re|contains: 'a'",                     "F=bab",                     true },
	{ "F|re: 'a\\*b'",                          "F=a*b",                     true },
	{ "F|re|all: ['a', 'b']",                   "F=a",                       false},
 /* Networks. */
	{ "F|cidr: 10.0.0.0/8",                     "F=10.255.0.1",              true },
	{ "F|cidr: 10.0.0.0/8",                     "F=11.0.0.1",                false},
	{ "F|cidr: 10.0.0.0/9",                     "F=10.128.0.1",              false},
	{ "F|cidr: 10.0.0.0/8",                     "F=::ffff:10.1.2.3",         true },
	{ "F|cidr: 192.168.0.4/31",                 "F=192.168.0.5",             true },
	{ "F|cidr: 0.0.0.0/0",                      "F=203.0.113.7",             true },
	{ "F|cidr: 0.0.0.0/0",                      "F=2001:db8::1",             false},
	{ "F|cidr: '2001:db8::/33'",                "F=2001:db8:7fff::1",        true },
	{ "F|cidr: '2001:db8::/33'",                "F=2001:db8:8000::1",        false},
	{ "F|cidr: '::/0'",                         "F=2001:db8:8000::1",        true },
	{ "F|cidr: 10.0.0.1",                       "F=10.0.0.1",                true },
	{ "F|cidr: 10.0.0.0/8",                     "F=10.0.0",                  false},
	{ "F|cidr: 10.0.0.0/8",                     "F=text",                    false},
 /* Encodings; of "foo bar" the three offsets of RFC 4648. */
	{ "F|base64|contains: 'foo bar'",           "F=xZm9vIGJhcg==x",          true },
	{ "F|base64: 'foo'",                        "F=Zm9v",                    true },
	{ "F|base64offset|contains: 'http://'",     "F=-- aHR0cDovL3 --",        true },
	{ "F|base64offset|contains: 'http://'",     "F=-- h0dHA6Ly --",          true },
	{ "F|base64offset|contains: 'http://'",     "F=-- odHRwOi8v --",         true },
	{ "F|base64offset|contains: 'http://'",     "F=-- odHRwOi9v --",         false},
	{ "F|wide|base64offset|contains: 'ping'",   "F=cABpAG4AZw",              true },
	{ "F|utf16le|base64|contains: 'ping'",      "F=cABpAG4AZwA=",            true },
	{ "F|utf16|base64|contains: 'ping'",        "F=//5wAGkAbgBnAA==",        true },
	{ "F|utf16be|base64|contains: 'ping'",      "F=AHAAaQBuAGc=",            true },
	{ "F|utf16le|base64: 'é€😀'",          "F=6QCsID3YAN4=",            true },
 /* Dashes that begin an option. */
	{ "F|contains|windash: ' -foo'",            "F=a -foo",                  true },
	{ "F|contains|windash: ' -foo'",            "F=a /foo",                  true },
	{ "F|contains|windash: ' -foo'",            "F=a –foo",                true },
	{ "F|contains|windash: ' -foo'",            "F=a —foo",                true },
	{ "F|contains|windash: ' -foo'",            "F=a ―foo",                true },
	{ "F|contains|windash: ' /foo'",            "F=a -foo",                  true },
	{ "F|windash|contains: ' -foo'",            "F=a /foo",                  true },
	{ "F|contains|windash: ' -a -b'",           "F=x /a –b",               true },
	{ "F|contains|windash: 'a-b'",              "F=a/b",                     false},
	{ "F|contains|windash: '-a-b'",             "F=/a-b",                    true },
	{ "F|contains|all|windash: [' -a', ' -b']", "F=x /a -b",                 true },
	{ "F|contains|all|windash: [' -a', ' -b']", "F=x /a",                    false},
 /* Presence. */
	{ "F|exists: true",                         "F=",                        true },
	{ "F|exists: true",                         "F",                         true },
	{ "F|exists: true",                         "G=x",                       false},
	{ "F|exists: false",                        "G=x",                       true },
	{ "F|exists: false",                        "F",                         false},
 /* Numbers. */
	{ "F|gt: 5",				"F=6",                       true },
	{ "F|gt: 5",				"F:5",                       false},
	{ "F|gte: 5",			       "F:5",                       true },
	{ "F|lt: 5",				"F=-1",                      true },
	{ "F|lt: 5",				"F:5",                       false},
	{ "F|lte: 5",			       "F=5.0",                     true },
	{ "F|lte: 5",			       "F=5.1",                     false},
	{ "F|gt: 1.5",			      "F=2",                       true },
	{ "F|gt: 9007199254740992",                 "F=9007199254740993",        true },
	{ "F|lt: 0x20",			     "F=0x1f",                    true },
	{ "F|gt: 5",				"F=six",                     false},
	{ "F|gt: 5",				"F",                         false},
	{ "F|gt: 5",				"G=9",                       false},
 /* Parts of dates. */
	{ "F|minute: 33",			   "F=2025-08-02T12:33:07Z",    true },
	{ "F|hour: 12",			     "F=2025-08-02 12:33",        true },
	{ "F|hour|gte: 12",                         "F=2025-08-02 11:59:59.123", false},
	{ "F|gte|hour: 11",                         "F=2025-08-02 11:59:59.123", true },
	{ "F|day: 2",			       "F=2025-08-02",              true },
	{ "F|week: 31",			     "F=2025-08-02",              true },
	{ "F|week: 53",			     "F=2021-01-01",              true },
	{ "F|week: 1",			      "F=2024-12-30",              true },
	{ "F|month: 8",			     "F=2025-08-02",              true },
	{ "F|year: 2025",			   "F=2025-08-02",              true },
	{ "F|year: 2025",			   "F=2025-8-2",                false},
	{ "F|hour: 0",			      "F=2025-08-02",              false},
 /* The opposite, where the field is missing, too. */
	{ "F|neq: a",			       "F=b",                       true },
	{ "F|neq: a",			       "F=A",                       false},
	{ "F|neq: a",			       "G=b",                       true },
	{ "F|neq: [a, b]",                          "F=b",                       false},
	{ "F|contains|neq: a",                      "F=xax",                     false},
	{ "F|re|neq: 'a+'",                         "F=b",                       true },
	{ "F|gt|neq: 5",			    "F=5",                       true },
	{ "F|contains|all|neq: [a, b]",             "F=a",                       true },
	{ "F|contains|all|neq: [a, b]",             "F=ab",                      false},
 /* Other fields. */
	{ "F|fieldref: G",                          "F=abc\nG=ABC",              true },
	{ "F|fieldref: G",                          "F=abc\nG=abcd",             false},
	{ "F|fieldref: G",                          "F=abc",                     false},
	{ "F|fieldref: G",                          "F\nG",                      false},
	{ "F|fieldref|startswith: G",               "F=abcd\nG=ab",              true },
	{ "F|fieldref|endswith: G",                 "F=abcd\nG=CD",              true },
	{ "F|fieldref|endswith: G",                 "F=abcd\nG=bc",              false},
	{ "F|fieldref|contains: G",                 "F=abcd\nG=bc",              true },
	{ "F|fieldref|neq: G",                      "F=abc\nG=abd",              true },
	{ "F|fieldref: G",                          "F:17\nG=17",                true },
 /* A text is bytes: nothing ends at a NUL, nothing breaks at what is not UTF-8. */
	{ "F|contains: abc",
         "F=\xff\xfe"
	  "abc",								 true },
	{ "F|contains: \"\\u212A\"",                "F=a k b",                   true },
};

static void test_keywords(void)
{
	static const struct try_case cases[] = {
		{"[evil, 'worse thing']",    "|this is EVIL",           true },
		{ "[evil, 'worse thing']",   "|a worse thing happened", true },
		{ "[evil, 'worse thing']",   "|nothing",                false},
		{ "evil",                    "|so evil!",               true },
		{ "[ev]",                    "|so evil!",               true },
		{ "['e*l']",                 "|so evil!",               true },
		{ "['e?l']",                 "|so evil!",               false},
		{ "[4625]",                  "|event 4625",             true },
		{ "'|all': [evil, thing]",   "|evil thing",             true },
		{ "'|all': [evil, thing]",   "|evil",                   false},
		{ "'|re': 'ev.l'",           "|evil",                   true },
		{ "'|re': '^ev.l'",          "|so evil",                false},
		{ "'|contains|cased': EVIL", "|evil",                   false},
		{ "['\\*']",                 "|a*b",                    true },
		{ "['\\*']",                 "|ab",                     false},
	};

	try_cases(cases, COUNT(cases));
	/* In any field as well, known to a rule or not. */
	ok(try_selection("[evil]") && try_event("G=so evil\n|"), "a keyword in a field");
	try_refused("['']", "empty keyword");
	try_refused("'|cidr': 10.0.0.0/8", "keyword must be text");
	try_refused("'|exists': true", "keyword must be text");
}

static void test_placeholders(void)
{
	static const char detection[] = "  condition: s\n  s:\n    F|expand: '%names%.x'\n";
	static const char twice[] = "  condition: s\n  s:\n    F|contains|expand: '-%a%-%b%-'\n";

	ok(try_detection(detection, "names=one\nother=2\n%names%=t*o\n") && try_event("F=ONE.x"),
	   "a placeholder has values");
	ok(try_event("F=three-o.x"), "and values may have wildcards");
	ok(!try_event("F=2.x"), "others are not its values");
	ok(try_detection(detection, "") && try.refused == 1 &&
		   !strcmp(try.why, "6:15: the placeholder %names% has no value"),
	   "without a value the rule is refused");
	ok(try_detection(twice, "a=1\na=2\nb=3\n") && try_event("F=x-2-3-x") &&
		   !try_event("F=-3-1-"),
	   "several placeholders");
	ok(try_detection("  condition: s\n  s:\n    F|expand: '\\%a%b%'\n", "b=Z\na=Y\n") &&
		   try_event("F=%aZ"),
	   "an escaped percent sign");
	ok(try_detection("  condition: s\n  s:\n    F: '%a%'\n", "") && try_event("F=%a%"),
	   "without expand it is text");
}

static void test_refusals(void)
{
	try_refused("F|unknown: a", "modifier unknown is not known");
	try_refused("F|contains|re: a", "re must be the first");
	try_refused("F|re: '('", ") is missing");
	try_refused("F|re: '(?=a)'", "look-around");
	try_refused("F|re: '(a)\\1'", "back references");
	try_refused("F|re: ''", "empty regular expression");
	try_refused("F|i: a", "does not apply");
	try_refused("F|gt: a", "not a number");
	try_refused("F|exists: maybe", "true or false");
	try_refused("F|cidr: 10.0.0.0/33", "not a network");
	try_refused("F|cidr: here/8", "not a network");
	try_refused("F|base64: 'a*'", "wildcards");
	try_refused("F|base64offset: 'a?'", "wildcards");
	try_refused("F|fieldref: 'a*'", "wildcards");
	try_refused("F|contains: null", "does not apply");
	try_refused("F|gt|contains: 5", "does not apply");
	try_refused("F|windash: '-a -a -a -a -a -a'", "more than 5 dashes");
	try_refused("F: {a: b}", "takes a value");
	try_refused("F: [[a]]", "takes a value");
	try_refused("F: []", "without values");
	try_refused("F|contains|contains|contains|contains|contains|contains|contains|contains|"
		    "contains: a",
		    "more than 8 modifiers");
	try_refused("[[a]]", "list inside a list");
	try_refused("{}", "without fields");
	try_refused("[]", "without values");
}

int main(void)
{
	try_cases(values, COUNT(values));
	try_cases(modified, COUNT(modified));
	test_keywords();
	test_placeholders();
	test_refusals();
	try_release();
	return done();
}
