/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * template: a message as "words %u words": what stands between fixed words goes into fields.
 *
 * %x takes up to the first place where the words behind it follow, %X (upper case) up to the last one,
 * either to the end where nothing follows. Which of the two is right depends on who writes what: names
 * that an attacker chooses are followed by words of the program, so the last place counts; what the
 * program writes in front of something hostile ends at the first. No going back: linear in the message.
 */
#ifndef HF_EVENTS_TEMPLATE_H
#define HF_EVENTS_TEMPLATE_H

#include "events/work.h"

/*
 * u user, t target user, s source (address or name, no blank), a source that must be an address,
 * h name of the source, p port, d destination address, e destination port, r reason, m method (one word), g
 * group, i uid, j gid, k home, l shell, y terminal, w working directory, c command, n session,
 * x source and port ("1.2.3.4:22"), v service, b database, f protocol, o target of a change (module), q nothing: left out.
 */
struct template {
	uint8_t form; /* of the set */
	const char *text;
};

/* The first template that the whole message fits; its form is begun and its fields are put in. NULL: none. */
const struct template *template_match(struct work *w, const struct template *list, size_t n,
				      const struct message_form *forms, unsigned first,
				      struct str message);

#endif
