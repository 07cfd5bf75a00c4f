/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan for programs: the same commands, and what they are made of. */
#include "report/json.h"
#include "report/vulns_plan.h"

static json_t *words(struct str s)
{
	json_t *a = json_array();
	struct str word;

	while ((word = str_word(&s)).len)
		json_array_append_new(a, json_text(word));
	return a;
}

static void add_command(json_t *list, const char *command, struct str more)
{
	own(buf_release) struct buf line = BUF((size_t)8 << 20);

	buf_fmt(&line, "%s%s%.*s", command, more.len ? " " : "", STR_FMT(more));
	json_array_append_new(list, json_text(buf_view(&line)));
}

/* Lines of shell; a comment is something that a person has to do. */
static void add_mends(struct str lines, json_t *commands, json_t *by_hand)
{
	struct str line;

	while (str_line(&lines, &line, NULL)) {
		if (str_starts(line, STR("# ")))
			json_array_append_new(by_hand, json_text(str_sub(line, 2, line.len)));
		else
			json_array_append_new(commands, json_text(line));
	}
}

static json_t *step(const struct plan *p, enum plan_name name)
{
	static const char *const names[STEPS] = {
		[STEP_REACHED] = "reached",
		[STEP_SECURITY] = "security",
		[STEP_REST] = "rest",
	};
	const struct plan_step *s = &p->steps[name];
	own(buf_release) struct buf units = BUF((size_t)1 << 20);
	json_t *o = json_object(), *commands = json_array(), *by_hand = json_array();

	for (size_t i = 0; i < s->n_units; i++)
		buf_fmt(&units, "%s%.*s", i ? " " : "", STR_FMT(s->units[i]));
	if (s->packages.len)
		add_command(commands, p->commands->upgrade, buf_view(&s->packages));
	add_mends(buf_view(&s->mends), commands, by_hand);
	if (units.len)
		add_command(commands, "systemctl restart", buf_view(&units));
	json_object_set_new(o, "step", json_string(names[name]));
	json_object_set_new(o, "packages", words(buf_view(&s->packages)));
	json_object_set_new(o, "units", words(buf_view(&units)));
	json_object_set_new(o, "commands", commands);
	json_object_set_new(o, "by_hand", by_hand);
	json_object_set_new(o, "left_out", json_integer((json_int_t)s->mends_left));
	json_object_set_new(o, "updates", json_integer((json_int_t)s->updates));
	json_object_set_new(o, "risk_percent", json_integer(s->percent));
	return o;
}

static json_t *removals(const struct vulns *v)
{
	json_t *a = json_array();

	for (size_t i = 0; i < v->n_components; i++) {
		const struct vuln_component *c = &v->components[i];

		for (size_t k = 0; c->malicious && k < c->n_places; k++) {
			json_t *o = json_object();

			json_object_set_new(o, "name", json_text(c->name));
			json_object_set_new(o, "version", json_text(c->version));
			json_object_set_new(o, "path", json_text(c->places[k].path));
			json_array_append_new(a, o);
		}
	}
	return a;
}

static json_t *command_or_null(bool wanted, const char *command)
{
	return wanted ? json_string(command) : json_null();
}

int vulns_plan_json(const struct vulns *v, bool all, struct buf *out)
{
	own(vulns_plan_release) struct plan p = {};
	json_t *o, *steps, *problems;
	int r = vulns_plan_make(v, all, &p);

	if (r < 0)
		return r;
	o = json_object();
	steps = json_array();
	problems = json_array();
	for (size_t i = 0; i < v->n_problems; i++)
		json_array_append_new(problems, json_text(v->problems[i]));
	for (enum plan_name s = 0; s < STEPS; s++)
		if (!vulns_plan_is_empty(&p.steps[s]))
			json_array_append_new(steps, step(&p, s));
	json_object_set_new(o, "host", json_text(v->host));
	json_object_set_new(o, "collected_at", json_integer(v->now));
	json_object_set_new(o, "complete", json_boolean(!v->n_problems));
	json_object_set_new(o, "problems", problems);
	json_object_set_new(o, "refresh", command_or_null(p.refresh, p.commands->refresh));
	json_object_set_new(o, "remove", removals(v));
	json_object_set_new(o, "steps", steps);
	json_object_set_new(o, "reboot", command_or_null(p.reboot, p.commands->reboot));
	r = json_write(o, JSON_INDENT(1), out);
	return r < 0 ? r : buf_putc(out, '\n');
}
