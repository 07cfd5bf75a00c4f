/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mail: what the files that read messages of mail servers share. */
#ifndef HF_EVENTS_MAIL_H
#define HF_EVENTS_MAIL_H

#include "events/program.h"
#include "events/template.h"

enum mail_form {
	POSTFIX_OTHER,
	POSTFIX_SASL,
	POSTFIX_SASL_LOST,
	POSTFIX_LOGIN,
	POSTFIX_REJECT,
	POSTFIX_AUTH,
	POSTFIX_ABUSE,
	POSTFIX_LOST,
	POSTFIX_LEFT,
	POSTFIX_CONNECT,
	DOVECOT_OTHER,
	DOVECOT_FAILED,
	DOVECOT_ABORTED,
	DOVECOT_WORKER,
	DOVECOT_LOGIN,
	EXIM_OTHER,
	EXIM_FAILED,
	EXIM_ABUSE,
	EXIM_REJECT,
	EXIM_NAME,
	EXIM_LOGIN,
	COURIER_OTHER,
	COURIER_FAILED,
	COURIER_LOGIN,
	COURIER_SMTP,
	COURIER_REJECT,
	CYRUS_OTHER,
	CYRUS_FAILED,
	CYRUS_LOGIN,
	SENDMAIL_OTHER,
	SENDMAIL_FAILED,
	SENDMAIL_ATTACK,
	UWIMAP_FAILED,
	MAIL_N
};
extern const struct message_form mail_forms[MAIL_N];

#define MAIL_MATCH(w, list, message) \
	template_match(w, list, COUNT(list), mail_forms, FORMS_MAIL, message)

static inline void mail_begin(struct work *w, enum mail_form form)
{
	work_begin(w, &mail_forms[form], FORMS_MAIL + form);
}

#endif
