/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What reaches the daemon for just-in-time access, chosen by the first byte: packets, its own file,
 * and messages of the processes that take knocks and look up keys.
 */
#include "fuzz.h"
#include "guard/doors_work.h"
#include "guard/packet.h"

static void try_packet(struct str s)
{
	struct packet p;

	if (!packet_parse(s, 62'201, &p))
		return;
	fuzz_assert(p.payload.len + 8 <= s.len && p.payload.len <= p.size && p.size <= UINT16_MAX);
	fuzz_assert(!p.payload.len ||
		    (p.payload.ptr > s.ptr && p.payload.ptr + p.payload.len <= s.ptr + s.len));
}

/* What was read is written, and reads the same. */
static void try_file(struct str s)
{
	static struct doors first, second;
	struct buf a own(buf_release) = BUF(1 << 20), b own(buf_release) = BUF(1 << 20);
	char boot[KNOCKS_BOOT_MAX] = "";
	struct diag d = {};

	first = second = DOORS_NONE;
	if (doors_parse(s, &first, boot, &d) < 0)
		return;
	memcpy(first.boot, boot, sizeof boot);
	for (size_t i = 0; i < DOORS_GRANTS; i++)
		if (first.grants[i].state != GRANT_FREE)
			fuzz_assert(first.grants[i].n_ports > 0 &&
				    door_fits(&first.grants[i].source));
	fuzz_assert(doors_format(&first, &a) == 0);
	d = (struct diag){};
	fuzz_assert(doors_parse(buf_view(&a), &second, boot, &d) == 0 && !d.reason[0]);
	memcpy(second.boot, boot, sizeof boot);
	fuzz_assert(doors_format(&second, &b) == 0);
	fuzz_assert(str_eq(buf_view(&a), buf_view(&b)));
}

static void try_messages(struct str s)
{
	struct chain_field fields[KNOCKS_FIELDS_MAX];
	struct message m = { .rest = s };
	struct knocks_grant g;
	int64_t now;
	size_t n = 0;

	if (knocks_take(&m, &g)) {
		fuzz_assert(g.n_ports && g.n_ports <= KNOCK_PORTS_MAX && g.deed < KNOCKS_DEEDS);
		fuzz_assert(g.source.bits <= PREFIX_HOST && g.account.len <= KNOCK_ACCOUNT_MAX);
	}
	m = (struct message){ .rest = s };
	if (knocks_take_record(&m, &now, fields, &n))
		for (size_t i = 0; i < n; i++)
			fuzz_assert(strlen(fields[i].name) < 32 && fields[i].text.len <= s.len);
}

static void try_account(struct str s)
{
	struct judge_account a;

	if (knocks_read_account(s, &a) < 0)
		return;
	fuzz_assert(a.n_keys <= JUDGE_FILES_MAX);
	for (size_t i = 0; i < a.n_keys; i++)
		fuzz_assert(a.keys[i].len <= s.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str s;

	if (!len)
		return 0;
	s = (struct str){ (const char *)data + 1, len - 1 };
	switch (*data % 4) {
	case 0: try_packet(s); break;
	case 1: try_file(s); break;
	case 2: try_messages(s); break;
	default: try_account(s); break;
	}
	return 0;
}
