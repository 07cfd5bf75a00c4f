/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ssh_login: whether sshd lets an account in from a place, by what means, and to what: the order of
 * allowed_user(), auth2.c and session.c of OpenSSH, with PAM's say.
 */
#ifndef HF_FACTS_LINUX_SSH_LOGIN_H
#define HF_FACTS_LINUX_SSH_LOGIN_H

#include "facts/linux/pam_eval.h"
#include "facts/linux/ssh_keyring.h"
#include "facts/linux/ssh_places.h"

enum ssh_method {
	SSH_PASSWORD,
	SSH_KBDINT,
	SSH_PUBLICKEY,
	SSH_GSSAPI,
	SSH_HOSTBASED,
	SSH_NONE, /* an empty password, without asking */
	SSH_METHODS
};

enum ssh_session {
	SSH_NO_SESSION, /* forwarding at most */
	SSH_CHANGE,     /* the password must be changed first */
	SSH_SFTP,       /* files alone */
	SSH_COMMAND,    /* what ForceCommand or command= say */
	SSH_SHELL
};
const char *ssh_session_name(enum ssh_session s);

struct ssh_login {
	const char *refused; /* why whoever comes is refused; NULL: he is not */
	const struct sshd_line *line;
	const struct pam_rule *rule;
	bool works[SSH_METHODS]; /* alone, or as a part of what AuthenticationMethods asks for */
	bool keys, certificates; /* what publickey stands for */
	bool foreign;            /* … a command names keys or principals: not known here */
	bool anything;           /* no password, or any */
	bool two;                /* never one method alone */
	bool factor;             /* PAM asks for more than the password */
	bool kerberos;
	bool perhaps; /* something that is not known here may refuse it */
	enum ssh_session session;
	bool opens, listens; /* direct-tcpip; tcpip-forward */
};

struct ssh_login_judge {
	struct collect *c;
	struct sshd sshd;
	struct ssh_accounts accounts;
	struct pam pam;
	struct pam_eval eval;
	struct ssh_keyring_judge keys;
	/* the keyring of the account and settings that were asked for last */
	const struct ssh_account *account;
	const struct sshd_line *of[4];
	struct ssh_keyring ring;
	/* TrustedUserCAKeys that was read last */
	const struct sshd_line *authority_line;
	bool authority, authority_read;
};
/* Loads sshd, accounts and PAM. Reports what is missing. -ENOMEM. */
[[nodiscard]] int ssh_login_load(struct collect *c, struct ssh_login_judge *ret);
void ssh_login_release(struct ssh_login_judge *j);

/* conn: of ssh_account_connection(). What it allocates may be rewound with the account. */
[[nodiscard]] int ssh_login(struct ssh_login_judge *j, const struct ssh_account *a,
			    const struct sshd_result *r, const struct sshd_connection *conn,
			    struct ssh_login *ret);
/* Forget the account before its memory is rewound. */
void ssh_login_forget(struct ssh_login_judge *j);
/* Some method works. */
bool ssh_login_works(const struct ssh_login *l);
/* No single one of the methods is enough. */
bool ssh_login_two_factors(const struct ssh_login *l);
/* The setting that opens it. */
enum sshd_id ssh_login_deciding(const struct ssh_login *l);

/* Of ssh_session.c. By settings and account alone: a shell or a command can be run; tunnels. */
bool ssh_session_shell(struct ssh_login_judge *j, const struct ssh_account *a,
		       const struct sshd_result *r);
bool ssh_session_tunnels(const struct sshd_result *r);
/* What the login is good for. */
[[nodiscard]] int ssh_session_find(struct ssh_login_judge *j, const struct ssh_account *a,
				   const struct sshd_result *r, const struct sshd_connection *conn,
				   bool must_change, struct ssh_login *l);

#endif
