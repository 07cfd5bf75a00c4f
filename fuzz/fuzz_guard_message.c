/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams of a child that was taken over, and its history: nothing outside them is read. */
#include "fuzz.h"
#include "guard/alert.h"

static void take_one(struct str text, enum message_role role, enum message_phase phase)
{
	struct message m = {};

	if (message_parse(text, 0, role, phase, &m) < 0)
		return;
	fuzz_assert(m.type > MESSAGE_NONE && m.type < MESSAGE_N);
	if (m.type == MESSAGE_ALERT) {
		struct guard_alert a = {};

		if (alert_take(&m, &a))
			fuzz_assert(a.level < 5 && a.from.bits <= PREFIX_HOST);
		return;
	}
	if (m.type == MESSAGE_BAN || m.type == MESSAGE_LOGIN) {
		struct prefix p = message_prefix(&m);

		fuzz_assert(m.bad || p.bits <= PREFIX_HOST);
	}
	while (!m.bad && m.rest.len) {
		struct str s = message_str(&m, 1'000);

		fuzz_assert(s.len <= 1'000);
		(void)message_u8(&m);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct str text = { len ? (const char *)data : "", len };

	for (unsigned role = 0; role < ROLE_N; role++)
		for (unsigned phase = PHASE_START; phase <= PHASE_STOP; phase <<= 1)
			take_one(text, (enum message_role)role, (enum message_phase)phase);
	return 0;
}
