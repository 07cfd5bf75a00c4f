/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/daemon_args.h"

/* The value that belongs to option `name` in word; ptr == NULL: another option; '' : next word. */
static struct str glued_value(struct str word, const char *name, bool is_long)
{
	struct str n = str_of(name);

	if (!name || !str_starts(word, n))
		return (struct str){};
	if (word.len == n.len)
		return STR("");
	if (word.ptr[n.len] == '=')
		return str_sub(word, n.len + 1, word.len);
	return is_long ? (struct str){} : str_sub(word, n.len, word.len);
}

bool args_next(struct str *args, const char *short_name, const char *long_name, struct str *ret)
{
	struct str word;

	while ((word = str_quoted_word(args)).ptr) {
		struct str value = glued_value(word, long_name, true);

		if (!value.ptr && !str_starts(word, STR("--")))
			value = glued_value(word, short_name, short_name && strlen(short_name) > 2);
		if (!value.ptr)
			continue;
		if (!value.len)
			value = str_quoted_word(args);
		*ret = str_unquote(value);
		return value.ptr != NULL;
	}
	return false;
}

bool args_has(struct str args, const char *name)
{
	struct str word, n = str_of(name);

	while ((word = str_quoted_word(&args)).ptr) {
		struct str value = word, option = str_cut(&value, '=');
		bool on = true;

		if (!str_eq(option, n))
			continue;
		if (!value.ptr || str_to_bool(value, &on) < 0 || on)
			return true;
	}
	return false;
}

int unit_command(struct collect *c, const struct units *u, const char *name,
		 struct command_line *ret)
{
	const struct unit *unit = units_find(u, str_of(name));
	const struct unit_setting *exec;
	struct unit_settings s = {};
	int r;

	*ret = (struct command_line){};
	unit = unit ? units_resolve(u, unit) : NULL;
	if (!unit || unit->masked)
		return 0;
	r = units_read(c, u, unit, &s);
	if (r < 0)
		return r;
	exec = unit_last(&s, "Service", "ExecStart");
	if (exec)
		*ret = (struct command_line){ exec->value, exec->file, exec->line };
	return 0;
}

static int add_host(struct collect *c, struct docker *d, struct str url, struct str file,
		    unsigned line)
{
	struct docker_host h = { str_unquote(str_trim(url)), file, line };

	return h.url.len ? arena_push(c->arena, d->hosts, d->n, d->cap, h) : 0;
}

static int add_arguments(struct collect *c, struct docker *d, struct str args, struct str file,
			 unsigned line)
{
	struct str rest = args, url;
	int r = 0;

	while (!r && args_next(&rest, "-H", "--host", &url))
		r = add_host(c, d, url, file, line);
	d->tls |= args_has(args, "--tlsverify");
	d->encrypted |= args_has(args, "--tls");
	return r;
}

/* Variables count where the unit names them, and where an init script starts the daemon. */
static bool uses_variable(struct str command, struct str name)
{
	return !command.len || str_contains(command, name);
}

int docker_load(struct collect *c, const struct units *u, struct docker *ret)
{
	struct docker d = {};
	struct command_line command;
	int r = settings_load(c, "docker", &d.settings);

	if (!r)
		r = unit_command(c, u, "docker.service", &command);
	if (!r && command.text.len)
		r = add_arguments(c, &d, command.text, command.file, command.line);
	for (size_t i = 0; !r && i < d.settings.n; i++) {
		const struct setting *s = &d.settings.list[i];
		struct str rest = s->value;
		bool on = str_eq(s->value, STR("true"));

		if (str_eq(s->name, STR("hosts"))) {
			while (!r && rest.ptr)
				r = add_host(c, &d, str_cut(&rest, ','), s->file, s->line);
		} else if (str_eq(s->name, STR("tlsverify"))) {
			d.tls |= on;
		} else if (str_eq(s->name, STR("tls"))) {
			d.encrypted |= on;
		} else if ((str_eq(s->name, STR("DOCKER_OPTS")) ||
			    str_eq(s->name, STR("OPTIONS"))) &&
			   uses_variable(command.text, s->name)) {
			r = add_arguments(c, &d, s->value, s->file, s->line);
		}
	}
	if (!r)
		*ret = d;
	return r;
}
