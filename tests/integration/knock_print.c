/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * knock_print: opens datagrams as the host does whose key file is named. Usage: knock_print KEY <BASE64
 * One line a datagram: the fault, or "account action ports seconds source reason|fingerprint|flags"; each
 * line of input is one.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "base/file.h"
#include "jit/policy.h"

static void print(const struct knock_opened *o)
{
	const struct knock *k = &o->knock;
	char address[NET_ADDR_TEXT], finger[SSH_FINGERPRINT_LEN] = "", port[JIT_PORT_TEXT];
	struct str source = k->sourced ? net_addr_format(k->source, address) : STR("-");
	unsigned flags = 0;
	enum knock_fault f = knock_verify(o, 0, &flags);

	(void)!public_key_fingerprint(&o->signatures[0].key, finger);
	printf("%s|%.*s|%u|", knock_fault_text(f), STR_FMT(k->account), (unsigned)k->action);
	for (unsigned i = 0; i < k->n_ports; i++) {
		struct str p = jit_port_format(k->ports[i], port);

		printf("%s%.*s", i ? " " : "", STR_FMT(p));
	}
	printf("|%" PRIu32 "|%.*s/%u|%.*s|%s|%" PRId64 "\n", k->seconds, STR_FMT(source), k->bits,
	       STR_FMT(k->reason), finger, k->time);
}

int main(int argc, char **argv)
{
	struct arena own(arena_release) a = {};
	struct host_key key;
	struct knock_host host;
	struct str text;
	char line[2 * KNOCK_MAX];

	if (argc != 2 || sodium_init() < 0 || file_read(argv[1], 1U << 16, &a, &text) < 0 ||
	    host_key_read(text, &key) < 0 || knock_host_of(&key, &host) < 0)
		return 2;
	while (fgets(line, sizeof line, stdin)) {
		unsigned char d[2 * KNOCK_MAX];
		struct knock_opened o;
		enum knock_fault f;
		size_t n;

		if (sodium_base642bin(d, sizeof d, line, strlen(line), "\n", &n, NULL,
				      sodium_base64_VARIANT_ORIGINAL))
			return 2;
		f = knock_open(&host, (struct str){ (char *)d, n }, &o);
		if (f == KNOCK_GOOD)
			print(&o);
		else
			printf("%s\n", knock_fault_text(f));
	}
	return 0;
}
