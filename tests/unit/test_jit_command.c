/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AuthorizedKeysCommand: its words, as sshd makes them. What is run: tests/integration/jit_keys.py. */
#include "guard/keys.h"
#include "tap.h"

static const struct keys_tokens tokens = {
	.user = STR("ann"),
	.uid = STR("2001"),
	.home = STR("/home/ann b"),
	.type = STR("ssh-ed25519"),
	.fingerprint = STR("SHA256:abc/+"),
	.key = STR("AAAA/+=="),
	.ca_type = STR("ssh-rsa"),
	.ca_fingerprint = STR("SHA256:ca"),
	.ca_key = STR("BBBB"),
	.id = STR("an id"),
	.serial = STR("7"),
};

/* The words between brackets; NULL: it is refused. */
static const struct {
	const char *command, *words;
} cases[] = {
	{"/bin/keys",			   "[/bin/keys][ann]"                              },
	{ "/bin/keys %u",                       "[/bin/keys][ann]"                              },
	{ "\t/bin/keys  %U\t%h ",               "[/bin/keys][2001][/home/ann b]"                },
	{ "/bin/keys %t:%f:%k",                 "[/bin/keys][ssh-ed25519:SHA256:abc/+:AAAA/+==]"},
	{ "/bin/keys 100%% %%u",                "[/bin/keys][100%][%u]"                         },
 /* The program is taken as it stands. */
	{ "/bin/%u",			    "[/bin/%u][ann]"                                },
	{ "/bin/my\\ keys x",                   "[/bin/my keys][x]"                             },
	{ "\"/bin/my keys\" x",                 "[/bin/my keys][x]"                             },
	{ "/bin/keys 'a  b' \"c 'd'\" e\"f\"g", "[/bin/keys][a  b][c 'd'][efg]"                 },
	{ "/bin/keys '' \"\"",                  "[/bin/keys][][]"                               },
	{ "/bin/keys a\\\"b c\\'d e\\\\f \\g",  "[/bin/keys][a\"b][c'd][e\\f][\\g]"             },
	{ "/bin/keys 'a\\ b' 'it\\'s'",         "[/bin/keys][a\\ b][it's]"                      },
	{ "/bin/keys $HOME `id` ; id # x",      "[/bin/keys][$HOME][`id`][;][id][#][x]"         },
	{ "/bin/keys 'a",                       NULL					    },
	{ "/bin/keys a\\",                      "[/bin/keys][a\\]"                              },
	{ "/bin/keys %x",                       NULL					    },
	{ "/bin/keys %C",                       NULL					    },
	{ "/bin/keys 50%",                      NULL					    },
	{ "keys %u",			    NULL					    },
	{ "",				   NULL					    },
	{ "  ",				 NULL					    },
};

static void words(void)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct arena own(arena_release) a = { .limit = 1 << 20 };
		struct buf own(buf_release) out = BUF(4096);
		const char **list = NULL;
		int r = keys_command_words(str_of(cases[i].command), &tokens, &a, &list);

		for (size_t n = 0; r == 0 && list[n]; n++)
			buf_fmt(&out, "[%s]", list[n]);
		if (cases[i].words)
			is_str(buf_view(&out), str_of(cases[i].words), cases[i].command);
		else
			is_int(r, -EINVAL, cases[i].command);
	}
}

/* Of a certificate; for AuthorizedKeysCommand they are not to be had. */
static void of_certificates(void)
{
	struct arena own(arena_release) a = { .limit = 1 << 22 };
	struct keys_tokens t = tokens;
	const char **list = NULL;

	is_int(keys_command_words(STR("/bin/n %T %F %K %i %s"), &t, &a, &list), 0,
	       "words of a certificate");
	ok(list && !strcmp(list[1], "ssh-rsa") && !strcmp(list[2], "SHA256:ca") &&
		   !strcmp(list[3], "BBBB") && !strcmp(list[4], "an id") && !strcmp(list[5], "7"),
	   "as they are");
	t.id = (struct str){ "an\0id", 5 };
	is_int(keys_command_words(STR("/bin/n %i"), &t, &a, &list), -EINVAL,
	       "a key id with a zero byte");
	t.ca_key = (struct str){};
	is_int(keys_command_words(STR("/bin/n %K"), &t, &a, &list), -EINVAL, "no certificate");
}

static void bounds(void)
{
	struct arena own(arena_release) a = { .limit = 1 << 22 };
	struct buf own(buf_release) many = BUF(1 << 16);
	const char **list = NULL;
	size_t n = 0;

	buf_fmt(&many, "/bin/keys");
	for (int i = 1; i < 64; i++)
		buf_fmt(&many, " %d", i);
	is_int(keys_command_words(buf_view(&many), &tokens, &a, &list), 0, "64 words");
	while (list && list[n])
		n++;
	is_int((int64_t)n, 64, "are 64 words");
	buf_fmt(&many, " 64");
	is_int(keys_command_words(buf_view(&many), &tokens, &a, &list), -EINVAL, "no more");
	is_int(keys_command_words((struct str){ "/bin/a\0b c", 10 }, &tokens, &a, &list), -EINVAL,
	       "a zero byte");
}

int main(void)
{
	words();
	of_certificates();
	bounds();
	return done();
}
