/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Holdfast's own guard: whether it bans, and whether it watches files (guard.conf(5)). */
#include "base/conf.h"
#include "facts/linux/agents.h"

#define PATH "/etc/holdfast/guard.conf"

/* The last value of a key in a section; line 0: it is not there. Damage: the daemon does not start. */
static int setting(struct collect *c, const char *section, const char *key, struct str *ret,
		   unsigned *ret_line)
{
	struct diag d = {};
	struct conf conf = { .file = PATH, .d = &d };
	struct str in = STR("guard");
	int r = collect_read(c, PATH, &conf.rest, NULL);

	*ret_line = 0;
	if (r <= 0)
		return r;
	while ((r = conf_next(&conf)) > 0) {
		struct str word = conf.words[0];

		if (str_starts(word, STR("[")) && str_ends(word, STR("]"))) {
			in = str_sub(word, 1, word.len - 1);
		} else if (conf.n > 1 && str_eq(in, str_of(section)) && str_eq(word, str_of(key))) {
			*ret = conf.words[1];
			*ret_line = conf.number;
		}
	}
	if (r < 0)
		collect_problem(c, EINVAL, PATH, "line %u: %s", d.line, d.reason);
	return 0;
}

static int says(struct collect *c, bool good, unsigned line, const char *unset, int64_t *ret,
		struct str *ret_evidence)
{
	*ret = good;
	*ret_evidence = line ? arena_fmt(c->arena, PATH ":%u", line)
			     : arena_fmt(c->arena, PATH " (%s)", unset);
	return ret_evidence->ptr ? 0 : -ENOMEM;
}

int agent_holdfast(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	struct str value = {};
	unsigned line;
	int r = setting(c, "guard", "mode", &value, &line);

	return r < 0 ? r
		     : says(c, line && str_eq(value, STR("enforce")), line, "no mode: it observes",
			    ret, ret_evidence);
}

int agent_holdfast_integrity(struct collect *c, int64_t *ret, struct str *ret_evidence)
{
	struct str value = {};
	unsigned line;
	bool on = true;
	int r = setting(c, "sources", "integrity", &value, &line);

	if (r < 0)
		return r;
	if (line && str_to_bool(value, &on))
		on = false;
	return says(c, on, line, "files are watched unless it says no", ret, ret_evidence);
}
