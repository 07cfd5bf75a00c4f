/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nt: the hash of Windows and Samba: MD4 (RFC 1320) of the password in UTF-16LE ([MS-NLMP] 3.3.1). */
#ifndef HF_PASSWORD_NT_H
#define HF_PASSWORD_NT_H

#include "base/str.h"

void md4(const void *data, size_t n, uint8_t ret[static 16]);
/* Passwords over 256 characters are cut; bytes that are no UTF-8 are taken as Latin-1. */
void nt_hash(struct str password, uint8_t ret[static 16]);

#endif
