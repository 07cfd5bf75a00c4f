/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/listen.h"
#include "facts/linux/sshd_load.h"

/* Some line, be it in a Match block, says yes; without a line the default does. */
static bool anywhere(const struct sshd *s, enum sshd_id id)
{
	for (size_t i = 0; i < s->config.n_lines; i++) {
		const struct sshd_line *line = &s->config.lines[i];

		if (line->keyword->id == id && line->n && line->block &&
		    str_eq(line->values[0], STR("yes")))
			return true;
	}
	return sshd_result_is(&s->global, id, "yes");
}

/* Keyboard-interactive asks for passwords through PAM alone. */
static const char *sshd_authentication(const struct sshd *s)
{
	if (anywhere(s, SSHD_KW_PASSWORDAUTHENTICATION))
		return "password";
	if (anywhere(s, SSHD_KW_KBDINTERACTIVEAUTHENTICATION) &&
	    sshd_result_is(&s->global, SSHD_KW_USEPAM, "yes"))
		return "password";
	return "keys";
}

int listen_sshd(struct listen *l)
{
	struct sshd_entry *entries;
	struct sshd s = {};
	size_t n;
	int r = sshd_load(l->c, &s);

	if (r < 0 || !sshd_present(&s))
		return r;
	l->out->sshd_authentication = sshd_authentication(&s);
	if (s.start.socket) /* see listen_sockets() */
		return 0;
	r = sshd_result_entries(&s.global, SSHD_KW_LISTENADDRESS, l->c->arena, &entries, &n);
	for (size_t i = 0; r >= 0 && i < n; i++) {
		struct endpoint e = { .port = 22, .authentication = l->out->sshd_authentication };

		if (entries[i].line) {
			e.file = str_of(entries[i].line->file);
			e.line = entries[i].line->line;
		}
		endpoint_parse(entries[i].value, &e);
		r = listen_add(l, &e);
	}
	return MIN(r, 0);
}
