/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which log source of Sigma an event of Windows is, and the fields that it has under other names. */
#include "events/evtx_source.h"
#include "evtx_make.h"
#include "tap.h"

static struct names *names;
static struct make m;

static struct str name_of(uint16_t id) { return names_text(names, id); }

static const struct source_case {
	const char *channel;
	int64_t id;
	const char *type, *product, *service, *category, *wider;
} cases[] = {
	{"Security",					4624, "",            "windows", "security",           "",                 ""              },
	{ "security",				       4688, "",            "windows", "security",           "process_creation", ""              },
	{ "Microsoft-Windows-Sysmon/Operational",           1,    "",            "windows", "sysmon",             "process_creation",
         ""																	   },
	{ "Microsoft-Windows-Sysmon/Operational",           16,   "",            "windows", "sysmon",             "sysmon_status",
         ""																	   },
	{ "Microsoft-Windows-Sysmon/Operational",           12,   "CreateKey",   "windows", "sysmon",
         "registry_add",													      "registry_event"},
	{ "Microsoft-Windows-Sysmon/Operational",           12,   "DeleteValue", "windows", "sysmon",
         "registry_delete",													   "registry_event"},
	{ "Microsoft-Windows-Sysmon/Operational",           12,   "",            "windows", "sysmon",             "registry_event",
         ""																	   },
	{ "Microsoft-Windows-Sysmon/Operational",           13,   "SetValue",    "windows", "sysmon",
         "registry_set",													      "registry_event"},
	{ "Microsoft-Windows-Sysmon/Operational",           999,  "",            "windows", "sysmon",             "",                 ""              },
	{ "Microsoft-Windows-PowerShell/Operational",       4104, "",            "windows", "powershell",
         "ps_script",														 ""              },
	{ "PowerShellCore/Operational",                     4104, "",            "windows", "powershell",         "ps_script",        ""              },
	{ "Windows PowerShell",                             400,  "",            "windows", "powershell-classic", "ps_classic_start", ""              },
	{ "Microsoft-Windows-Windows Defender/Operational", 1116, "",            "windows", "windefend",
         "antivirus",														 ""              },
	{ "Linux-Sysmon/Operational",                       1,    "",            "linux",   "sysmon",             "process_creation", ""              },
	{ "Microsoft-Windows-AppLocker/EXE and DLL",        8004, "",            "windows", "applocker",          "",                 ""              },
	{ "Microsoft-Windows-Nothing/Operational",          1,    "",            "windows", "",                   "",                 ""              },
	{ "Sysmon",					 1,    "",            "windows", "",                   "",                 ""              },
};

static void test_cases(void)
{
	struct evtx_sources *s = NULL;

	if (!ok(evtx_sources_new(names, &s) == 0, "sources"))
		return;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct source_case *c = &cases[i];
		int channel = evtx_source_channel(s, str_of(c->channel));
		struct log_source got = evtx_source_find(s, channel, c->id, str_of(c->type)).source;

		is_str(name_of(got.product), str_of(c->product), c->channel);
		is_str(name_of(got.service), str_of(c->service), "  service");
		is_str(name_of(got.category), str_of(c->category), "  category");
		is_str(name_of(got.wider), str_of(c->wider), "  wider category");
	}
	evtx_sources_release(&s);
}

/* Nothing that a rule of the table asks for is without a channel. */
static void test_tables(void)
{
	unsigned lost = 0;

	for (size_t i = 0; i < evtx_n_categories; i++) {
		bool found = false;

		for (size_t k = 0; k < evtx_n_channels; k++)
			found |= !strcmp(evtx_categories[i].service, evtx_channels[k].service);
		lost += !found || !evtx_categories[i].ids[0];
	}
	is_int(lost, 0, "every category has a channel and an event id");
	for (size_t i = 0; i < evtx_n_aliases; i++)
		lost += evtx_original_find(str_of(evtx_aliases[i].original)) == 0;
	is_int(lost, 0, "every alias has its original");
	is_int(evtx_original_find(STR("Nothing")), 0, "nothing else is one");
}

static const char *const wanted[] = { "Image", "ParentImage", "NewProcessName", "CommandLine" };
static unsigned matched;

static const char *const *wanted_values;

static int note(void *user, const struct event *e)
{
	const char *const *values = wanted_values;

	(void)user;
	is_str(name_of(e->source.category), STR("process_creation"),
	       "an event of process_creation");
	for (size_t i = 0; i < COUNT(wanted); i++) {
		const struct event_value *v = event_get(e, names_find(names, str_of(wanted[i])));

		is_str(v ? event_text(e, v) : STR("(none)"), str_of(values[i]), wanted[i]);
	}
	matched++;
	return 0;
}

static void read_4688(const char *const values[static 4])
{
	struct evtx_options o = { .names = names };
	struct evtx_reader *r = NULL;
	struct evtx_chunk c = make_chunk(&m);

	matched = 0;
	wanted_values = values;
	if (evtx_reader_new(&o, &r) == 0)
		is_int(evtx_read_chunk(r, &c, note, NULL), 0, "a chunk");
	evtx_reader_release(&r);
	is_int(matched, 1, "has one event");
}

static void make_data(const char *name, const char *value)
{
	make_open(&m, "Data", true);
	make_attribute(&m, "Name");
	make_text(&m, name);
	make_content(&m);
	make_text(&m, value);
	make_end(&m);
}

static void make_4688(bool image)
{
	make_start(&m);
	make_record(&m);
	make_open(&m, "Event", false);
	make_content(&m);
	make_open(&m, "System", false);
	make_content(&m);
	make_leaf(&m, "EventID", "4688");
	make_leaf(&m, "Channel", "Security");
	make_end(&m);
	make_open(&m, "EventData", false);
	make_content(&m);
	make_data("NewProcessName", "C:\\a.exe");
	if (image)
		make_data("Image", "own");
	make_data("CommandLine", "a /b");
	make_end(&m);
	make_end(&m);
	make_record_end(&m);
}

static void test_aliases(void)
{
	make_4688(false);
	read_4688((const char *const[]){ "C:\\a.exe", "(none)", "C:\\a.exe", "a /b" });
	make_4688(true);
	read_4688((const char *const[]){ "own", "(none)", "C:\\a.exe", "a /b" });
}

int main(void)
{
	uint16_t id;

	if (names_new(&names) < 0)
		return 1;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct source_case *c = &cases[i];
		const char *const all[] = { c->product, c->service, c->category, c->wider };

		for (size_t k = 0; k < COUNT(all); k++)
			if (*all[k] && names_add(names, str_of(all[k]), &id) < 0)
				return 1;
	}
	for (size_t i = 0; i < COUNT(wanted); i++)
		if (names_add(names, str_of(wanted[i]), &id) < 0)
			return 1;
	test_cases();
	test_tables();
	test_aliases();
	names_release(&names);
	return done();
}
