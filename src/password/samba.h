/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * samba: the accounts of Samba: smbpasswd(5), and passdb.tdb as tdbsam writes it (a TDB 1 file, whose
 * records are SAM accounts in the packing of Samba 3.0.25 and later).
 */
#ifndef HF_PASSWORD_SAMBA_H
#define HF_PASSWORD_SAMBA_H

#include "base/arena.h"
#include "base/diag.h"

#define SAMBA_ACCOUNTS_MAX ((size_t)1 << 18)

struct samba_account {
	struct str name;
	struct str hash; /* "$3$$" and 32 digits; "" where there is none */
	bool disabled, no_password;
	unsigned line; /* smbpasswd */
};
struct samba_file {
	const char *store; /* "smbpasswd", "tdbsam" */
	struct samba_account *accounts;
	size_t n, cap;
	size_t skipped;         /* lines or records that are malformed */
	unsigned first_skipped; /* line of smbpasswd */
};

/* Either of them, by its first bytes. Texts are in the arena. -EBADMSG with *d, -ENOMEM, -E2BIG. */
[[nodiscard]] int samba_parse(struct str bytes, struct arena *a, struct samba_file *ret,
			      struct diag *d);

#endif
