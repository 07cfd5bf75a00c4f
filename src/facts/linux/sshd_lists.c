/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keywords of sshd_config that take a list. */
#include "facts/linux/sshd_match.h"
#include "facts/linux/sshd_value_parts.h"

/* Since 9.5 a list without a single word is refused. */
static int nothing(struct sshd_value *v)
{
	return sshd_version(v->build) >= 905 && !v->n_out ? sshd_missing(v) : 0;
}

int sshd_value_patterns(struct sshd_value *v)
{
	bool last_at = sshd_version(v->build) >= 909;
	struct str s;

	while ((s = sshd_next(v)).ptr) {
		int r;

		if (!s.len ||
		    (v->keyword->kind == SSHD_USERS && !sshd_user_pattern_valid(s, last_at)))
			return sshd_refuse_word(v, "invalid pattern", s);
		r = sshd_emit(v, s);
		if (r < 0)
			return r;
	}
	return nothing(v);
}

static bool env_known(const struct sshd_value *v, struct str name)
{
	for (size_t i = 0; i < v->n_out; i++) {
		struct str have = v->out[i];

		if (str_eq(str_cut(&have, '='), name))
			return true;
	}
	return false;
}

int sshd_value_environment(struct sshd_value *v)
{
	bool assigns = v->keyword->kind == SSHD_ENV;
	struct str s;

	while ((s = sshd_next(v)).ptr) {
		struct str rest = s, name = str_cut(&rest, '=');
		int r;

		if (!s.len || (rest.ptr != NULL) != assigns)
			return sshd_refuse_word(v, "invalid environment name", s);
		if (assigns && env_known(v, name))
			continue;
		r = sshd_emit(v, s);
		if (r < 0)
			return r;
	}
	return nothing(v);
}

int sshd_value_files(struct sshd_value *v)
{
	struct str s;

	while ((s = sshd_next(v)).ptr) {
		int r;

		if (!s.len)
			return sshd_refuse(v, "empty argument");
		r = sshd_emit(v, sshd_tilde(v, s));
		if (r < 0)
			return r;
	}
	return nothing(v);
}

static bool method_exists(const struct sshd_value *v, struct str name)
{
	static const struct {
		const char *name;
		unsigned needs;
	} methods[] = {
		{"none",                  0          },
		{ "publickey",            0          },
		{ "password",             0          },
		{ "keyboard-interactive", 0          },
		{ "hostbased",            0          },
		{ "gssapi-with-mic",      SSHD_GSSAPI},
		{ "gssapi-keyex",         SSHD_GSSKEX},
	};

	for (size_t i = 0; i < COUNT(methods); i++)
		if (str_eq(name, str_of(methods[i].name)))
			return (v->build->features & methods[i].needs) == methods[i].needs;
	return false;
}

int sshd_value_methods(struct sshd_value *v)
{
	bool any = false;
	struct str s;

	while ((s = sshd_next(v)).ptr) {
		struct str list = s;
		int r;

		if (any || (v->n_out && str_eq(s, STR("any"))))
			return sshd_refuse(v, "\"any\" must appear alone");
		any = str_eq(s, STR("any"));
		while (!any && list.ptr) {
			struct str name = str_cut(&list, ',');

			if (!method_exists(v, str_cut(&name, ':')))
				return sshd_refuse_word(v, "invalid method list", s);
		}
		r = sshd_emit(v, s);
		if (r < 0)
			return r;
	}
	return v->n_out ? 0 : sshd_missing(v);
}

static int permit_one(struct sshd_value *v, struct str s)
{
	struct str port = s, host;
	int64_t n;

	if (v->keyword->id == SSHD_KW_PERMITLISTEN && str_find(s, ':') < 0)
		s = arena_cat(v->arena, STR("*:"), s, STR(""));
	else if (!sshd_cut_host(&port, &host))
		return sshd_refuse_word(v, "missing host in", s);
	if (!port.ptr || (!str_eq(port, STR("*")) && (sshd_port(port, &n) < 0 || !n)))
		return sshd_refuse_word(v, "bad port number in", s);
	return sshd_emit(v, s);
}

int sshd_value_permit(struct sshd_value *v)
{
	bool strict = sshd_version(v->build) >= 905;
	struct str s;

	while ((s = sshd_next(v)).ptr) {
		bool word = str_eq(s, STR("any")) || str_eq(s, STR("none"));
		int r;

		if (!s.len && !strict)
			break;
		if (word && strict && v->n_out)
			return sshd_refuse_word(v, "must appear alone:", s);
		if (word && (strict || !v->n_out)) {
			r = sshd_emit(v, s);
			if (r < 0 || !strict)
				return r;
			continue;
		}
		r = permit_one(v, s);
		if (r < 0)
			return r;
	}
	return v->n_out ? 0 : sshd_missing(v);
}

/* ChannelTimeout and LogVerbose: "none" stands alone. */
int sshd_value_channels(struct sshd_value *v)
{
	struct str s;

	while ((s = sshd_next(v)).ptr) {
		struct str rest = s, type;
		int64_t seconds;
		int r;

		if (!s.len)
			return sshd_refuse(v, "empty argument");
		type = str_cut(&rest, '=');
		if (str_ieq(s, STR("none")) && v->n_in > 1)
			return sshd_refuse(v, "\"none\" argument must appear alone");
		if (v->keyword->kind == SSHD_CHANNELS && !str_ieq(s, STR("none")) &&
		    (!type.len || sshd_time(rest, &seconds) < 0))
			return sshd_refuse_word(v, "invalid channel timeout", s);
		if (v->keyword->kind == SSHD_CHANNELS && str_ieq(s, STR("none")))
			s = STR("none");
		r = sshd_emit(v, s);
		if (r < 0)
			return r;
	}
	return nothing(v);
}

/* Since 9.5 words are quoted again where they need it. */
static struct str quoted(struct sshd_value *v, struct str s)
{
	struct str out = STR("");
	bool blanks = false;

	for (size_t i = 0; i < s.len; i++) {
		struct str c = str_sub(s, i, i + 1);

		blanks |= *c.ptr == ' ' || *c.ptr == '\t';
		out = arena_cat(v->arena, out, strchr("\\'\"", *c.ptr) ? STR("\\") : STR(""), c);
		if (!out.ptr)
			return out;
	}
	return blanks ? arena_cat(v->arena, STR("\""), out, STR("\"")) : out;
}

/* Out: the name, and the command with its arguments. */
int sshd_value_subsystem(struct sshd_value *v)
{
	struct str name = sshd_next(v), command = sshd_next(v), s;
	bool quote = sshd_version(v->build) >= 905;
	size_t total = 0;
	int r;

	if (!name.len)
		return sshd_missing(v);
	if (!command.len)
		return sshd_refuse(v, "missing subsystem command");
	if (quote)
		command = quoted(v, command);
	while ((s = sshd_next(v)).ptr) {
		total += s.len;
		if (total > 4096)
			return sshd_refuse(v, "command too long");
		command = arena_cat(v->arena, command, STR(" "), quote ? quoted(v, s) : s);
	}
	r = sshd_emit(v, name);
	return r < 0 ? r : sshd_emit(v, command);
}

int sshd_value_pubkey_options(struct sshd_value *v)
{
	bool touch = false, verify = false;
	struct str s;

	while ((s = sshd_next(v)).ptr) {
		if (str_ieq(s, STR("none")))
			continue;
		if (str_ieq(s, STR("touch-required")))
			touch = true;
		else if (str_ieq(s, STR("verify-required")))
			verify = true;
		else
			return sshd_refuse_word(v, "unsupported option", s);
	}
	if (touch && verify)
		return sshd_emit(v, STR("touch-required verify-required"));
	if (touch || verify)
		return sshd_emit(v, touch ? STR("touch-required") : STR("verify-required"));
	return sshd_emit(v, STR("none"));
}

int sshd_value_addresses(struct sshd_value *v)
{
	struct str s = sshd_next(v);

	if (!s.len)
		return sshd_missing(v);
	if (sshd_address_list_check(s) < 0)
		return sshd_refuse_word(v, "invalid address in", s);
	return sshd_emit(v, str_ieq(s, STR("none")) ? STR("none") : s);
}
