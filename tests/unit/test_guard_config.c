/* SPDX-License-Identifier: GPL-3.0-or-later */
/* guard.conf: what it says, and where what is wrong stands. */
#include "base/file.h"
#include "guard/config.h"
#include "tap.h"

/* clang-format off */
static const struct {
	const char *text;
	unsigned line, column;
	const char *reason;
} wrongs[] = {
	{"mode",				       1, 5,	 "observe or enforce" },
	{ "mode on",				       1, 6,	 "observe or enforce" },
	{ "mode enforce now",			    1, 14, "end of the line"	  },
	{ "\n  nonsense 1",			      2, 3,	 "one of mode"	      },
	{ "[ban]",				       1, 1,	 "[bans]"	     },
	{ "[bans",				       1, 1,	 "[bans]"	     },
	{ "[bans]\ntime 5x",			     2, 6,	 "a time"	     },
	{ "[bans]\ntime 0",			      2, 6,	 "a time"	     },
	{ "[bans]\ntime 367d",			   2, 6,	 "a time"	     },
	{ "[bans]\ntime 99999999999999999999d",	  2, 6,	 "a time"	     },
	{ "[bans]\nlevel severe",		       2, 7,	 "critical"	     },
	{ "[bans]\nafter 5 ssh_login_failed in 10m", 2, 9,	 "'of'"		   },
	{ "[bans]\nafter 5 of a:b in 10m",	       2, 12, "name of a rule"	   },
	{ "[bans]\nafter 0 of a in 10m",	     2, 7,	 "a number"	     },
	{ "[bans]\nrule x",			      2, 7,	 "ban, alert or ignore"},
	{ "[bans]\nnetworks 1",			  2, 10, "never or"		   },
	{ "[bans]\ncommand nft",		      2, 9,	 "the path"	     },
	{ "[sources]\nfile auth.log",		  2, 6,	 "the path"	     },
	{ "[sources]\nfile /a nonsense",	      2, 9,	 "a format"	     },
	{ "[sources]\nsyslog",			 2, 7,	 "the path"	     },
	{ "[sources]\nsyslog udp",		     2, 11, "PORT"		     },
	{ "[sources]\nsyslog udp 0",		   2, 12, "PORT"		     },
	{ "[sources]\nsyslog tcp host:514",	  2, 12, "PORT"		     },
	{ "[sources]\nsyslog tcp ::1:514",	   2, 12, "PORT"		     },
	{ "[sources]\nsyslog tcp 10.0.0.0/8:514",  2, 12, "PORT"		     },
	{ "[sources]\nsyslog tcp 1.2.3.4:5 x",     2, 22, "end of the line"	  },
	{ "[allow]\n10.0.0.0/33",			2, 1,	 "an address"	   },
	{ "[allow]\n10.0.0.1 10.0.0.2",		 2, 10, "end of the line"	  },
	{ "[bans]\nbackend x",		       2, 9,	 "azure or none"	},
	{ "[bans]\nazure-endpoint http://x/",	     2, 16, "https://"	       },
	{ "[bans]\nazure-priority 99",	      2, 16, "100 to 4095"	      },
	{ "[bans]\nazure-interval 2h",	      2, 16, "at most 1h"	       },
	{ "[bans]\nbackend azure",		   0, 0,	 "azure-subscription"   },
	{ "[floods]\nflood",			   2, 6,	 "report, limit"      },
	{ "[floods]\nflood limit",		     2, 12, "packets a second"     },
	{ "[floods]\nflood limit 0",		   2, 13, "packets a second"     },
	{ "[floods]\nflood cut 5",		     2, 11, "end of the line"      },
	{ "[floods]\ntime 25h",			2, 6,	 "at most 24h"	  },
	{ "[alerts]\nfile",			    2, 5,	 "where alerts go"	},
	{ "state \"/a",				1, 9,  "closing quote"	      },
	{ "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a", 1, 63, "fewer words in a line" },
};
/* clang-format on */

static void test_wrong(void)
{
	for (size_t i = 0; i < COUNT(wrongs); i++) {
		struct guard_config c = {};
		struct diag d = {};
		char name[400];
		int r = guard_config_parse(str_of(wrongs[i].text), "f", &c, &d);

		snprintf(name, sizeof name, "wrong %zu: %u:%u: %s", i, d.line, d.column, d.reason);
		ok(r == -EINVAL && d.line == wrongs[i].line && d.column == wrongs[i].column &&
			   strstr(d.reason, wrongs[i].reason),
		   name);
	}
}

static void test_right(void)
{
	static const char text[] = "# comment\n"
				   "mode enforce # and more\r\n"
				   "state \"/var/lib/a b\"\n"
				   "[sources]\n"
				   "file /var/log/auth.log syslog\n"
				   "journal\n"
				   "audit\n"
				   "syslog udp 514\n"
				   "syslog tcp [::1]:6514\n"
				   "sensors no\n"
				   "[bans]\n"
				   "after 5 of ssh_login_failed in 10m\n"
				   "rule ssh_probing ban\n"
				   "time 2h\n"
				   "networks never\n"
				   "[floods]\n"
				   "flood limit 100\n"
				   "[alerts]\n"
				   "fold never\n"
				   "webhook https://example.com/x slack\n"
				   "[allow]\n"
				   "203.0.113.0/24\n"
				   "2001:db8::1";
	struct guard_config c = {};
	struct diag d = {};

	is_int(guard_config_parse(str_of(text), "f", &c, &d), 0, "a whole file");
	ok(c.enforce && !c.sensors && c.integrity && c.ban_time == 7'200 && !c.fold, "values");
	ok(str_eq(c.state, STR("/var/lib/a b")), "a word with a blank");
	ok(c.n_sources == 5 && c.sources[0].kind == SOURCE_FILE &&
		   str_eq(c.sources[0].format, STR("syslog")) &&
		   c.sources[2].kind == SOURCE_AUDIT &&
		   str_eq(c.sources[3].path, STR("udp:127.0.0.1:514")) &&
		   str_eq(c.sources[4].path, STR("tcp:[::1]:6514")),
	   "sources");
	ok(c.n_after == 1 && c.after[0].count == 5 && c.after[0].seconds == 600, "after");
	ok(c.flood == FLOOD_LIMIT && c.flood_pps == 100 && c.flood_time == 600, "floods");
	ok(c.n_allow == 2 && c.n_sinks == 1 && c.n_deeds == 1, "lists");
	guard_config_release(&c);
	is_int(guard_config_parse(STR(""), "f", &c, &d), 0, "an empty file");
	ok(!c.enforce, "bans nobody");
	guard_config_release(&c);
}

/* Every key that there is stands in the manual. */
static void test_manual(void)
{
	struct arena a = {};
	struct str text;
	const struct config_key *keys;
	size_t n = config_keys(&keys), missing = 0;

	if (file_read("man/holdfast-guard.conf.5", 1 << 20, &a, &text) < 0) {
		ok(false, "the manual is there");
		return;
	}
	for (size_t i = 0; i < n; i++) {
		struct str line = arena_fmt(&a, ".It Cm %s", keys[i].name);

		if (!str_contains(text, line)) {
			missing++;
			printf("# %s is not in the manual\n", keys[i].name);
		}
	}
	is_int((int)missing, 0, "every key is in the manual");
	arena_release(&a);
}

int main(void)
{
	test_wrong();
	test_right();
	test_manual();
	return done();
}
