/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/samba_names.h"

#define TDB_MAGIC "TDB file\n"
#define TDB_VERSION 0x26011967U
#define TDB_RECORD 0x26011999U
#define TDB_HEAD 168U /* tdb_header of tdb 1.2 and later */
#define RECORD_HEAD 24U

/* acct_ctrl */
#define ACB_DISABLED 0x00000001U
#define ACB_PWNOTREQ 0x00000004U

static uint32_t get(struct str s, size_t at)
{
	uint32_t v = 0;

	for (size_t i = 0; i < 4 && at + i < s.len; i++)
		v |= (uint32_t)(unsigned char)s.ptr[at + i] << (8 * i);
	return v;
}

/* Passes over n buffers: a length of four bytes and as many bytes each. */
static bool skip_buffers(struct str data, size_t *at, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t len = get(data, *at);

		if (*at + 4 > data.len || len > data.len - *at - 4)
			return false;
		*at += 4 + (size_t)len;
	}
	return true;
}

/* TDB_FORMAT_STRING_V3 of pdb_tdb.c: "dddddddBBBBBBBBBBBBddBBBdwdBwwd". */
static bool read_record(struct str data, uint32_t *ret_control)
{
	size_t at = 7 * sizeof(uint32_t);

	if (!skip_buffers(data, &at, 12))
		return false;
	at += 2 * sizeof(uint32_t);
	if (!skip_buffers(data, &at, 3) || at + 4 > data.len)
		return false;
	*ret_control = get(data, at);
	return true;
}

int samba_names_tdb(struct str text, samba_name_fn *fn, void *user)
{
	struct str magic = STR(TDB_MAGIC);
	size_t at;

	if (text.len < TDB_HEAD || !str_starts(text, magic) || get(text, 32) != TDB_VERSION)
		return -EBADMSG;
	/* Records stand one behind the other, after as many chain heads as the file says. */
	at = TDB_HEAD + ((size_t)get(text, 36) + 1) * 4;
	while (at + RECORD_HEAD <= text.len) {
		uint32_t room = get(text, at + 4), key_len = get(text, at + 8);
		uint32_t data_len = get(text, at + 12), state = get(text, at + 20), control;
		struct str body = str_sub(text, at + RECORD_HEAD, at + RECORD_HEAD + room);
		struct str key = str_sub(body, 0, key_len);
		int r = 0;

		if (body.len < room || (size_t)key_len + data_len > room)
			return state == TDB_RECORD ? -EBADMSG : 0;
		if (state == TDB_RECORD && str_starts(key, STR("USER_")) &&
		    read_record(str_sub(body, key_len, (size_t)key_len + data_len), &control)) {
			struct samba_name n = { .disabled = control & ACB_DISABLED,
						.no_password = control & ACB_PWNOTREQ };

			n.name = str_sub(key, 5, key.len);
			n.name.len = n.name.len ? strnlen(n.name.ptr, n.name.len) : 0;
			r = n.name.len ? fn(&n, user) : 0;
		}
		if (r < 0)
			return r;
		at += RECORD_HEAD + (size_t)room;
	}
	return 0;
}

int samba_names_smbpasswd(struct str text, samba_name_fn *fn, void *user)
{
	struct str line;

	while (str_line(&text, &line, NULL)) {
		struct str rest = line, flags;
		struct samba_name n = {};
		int r;

		if (!line.len || line.ptr[0] == '#')
			continue;
		n.name = str_cut(&rest, ':');
		for (int i = 0; i < 3; i++)
			str_cut(&rest, ':');
		flags = str_cut(&rest, ':');
		if (!n.name.len || !str_starts(flags, STR("[")))
			continue;
		n.disabled = str_find(flags, 'D') >= 0;
		n.no_password = str_find(flags, 'N') >= 0;
		r = fn(&n, user);
		if (r < 0)
			return r;
	}
	return 0;
}
