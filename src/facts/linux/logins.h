/* SPDX-License-Identifier: GPL-3.0-or-later */
/* logins: the ways into accounts that logins.c and logins_doors.c put into one table. */
#ifndef HF_FACTS_LINUX_LOGINS_H
#define HF_FACTS_LINUX_LOGINS_H

#include "facts/linux/ssh_login.h"

#define FACT_ROW logins_row
/* clang-format off */
#define LOGINS_COLUMNS(X) \
	X(TEXT, username, "account") \
	X(INT, uid, "user id") \
	X(TEXT, door, "sshd, console, cockpit, xrdp, vsftpd, proftpd, pureftpd or samba") \
	X(TEXT, place, "from where, separated by blanks: internet, localhost, a pattern of Match, user@host or from=; '' for a door that does not ask") \
	X(TEXT, address, "an address of each of these places, separated by blanks") \
	X(INT, internet, "1 when one of the places is anywhere: the door lets in whoever reaches it") \
	X(TEXT, means, "what opens it, separated by commas: password, kbdint, key, certificate, command (AuthorizedKeysCommand or AuthorizedPrincipalsCommand decides), gssapi, hostbased, kerberos, nothing (no password is asked for, or any is taken)") \
	X(INT, second_factor, "1 when no single one of these is enough") \
	X(TEXT, session, "shell, command (of ForceCommand or command=), sftp, files, share, change-password (it must be changed first) or none") \
	X(INT, tunnel, "1 when TCP connections can be made through it (ssh -L, -W, -D)") \
	X(INT, listen, "1 when it can listen for TCP connections (ssh -R)") \
	X(INT, certain, "0 when something that is not known here may refuse it: a PAM module, a list of revoked keys, a command") \
	X(TEXT, deciding, "file:line of the setting that opens it, or its default")
/* clang-format on */

struct FACT_ROW {
	LOGINS_COLUMNS(FACT_FIELD_)
};

/* Emits the ways through other doors than sshd. */
[[nodiscard]] int logins_other_doors(struct collect *c, struct ssh_login_judge *j);

#endif
