/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options of requests, whoever is asked: a host or Azure. */
#include <netinet/in.h>

#include "cli/jit.h"
#include "jit/policy.h"

int jit_wrong(const char *option, const char *value, const char *expected)
{
	char shown[128];

	cli_error("%s '%s': expected %s", option, text_safe(str_of(value), shown, sizeof shown),
		  expected);
	return EXIT_USAGE;
}

int jit_ask_ports(const struct jit_ask *a, struct knock_port ret[static KNOCK_PORTS_MAX],
		  unsigned *ret_n)
{
	unsigned n = 0;

	if (a->ports.n > KNOCK_PORTS_MAX) {
		cli_error("a request is for at most %u ports", KNOCK_PORTS_MAX);
		return EXIT_USAGE;
	}
	if (!a->ports.n)
		ret[n++] = (struct knock_port){ IPPROTO_TCP, 22 };
	for (size_t i = 0; i < a->ports.n; i++)
		if (jit_port_parse(str_of(a->ports.items[i]), &ret[n++]) < 0)
			return jit_wrong("--port", a->ports.items[i], "ssh, 443, 51820/udp …");
	*ret_n = n;
	return EXIT_OK;
}

int jit_ask_reason(const struct jit_ask *a, struct str *ret)
{
	struct str reason = str_of(a->reason ? a->reason : "");

	if (reason.len > KNOCK_REASON_MAX || !knock_is_clean(reason))
		return jit_wrong("--reason", a->reason, "at most 200 bytes of text on one line");
	*ret = reason;
	return EXIT_OK;
}
