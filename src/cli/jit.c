/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jit: ports that are shut until somebody with a key asks for them. */
#include "cli/jit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>

#include "base/diag.h"
#include "jit/chain.h"

#define FOLDER "/var/lib/holdfast"

static void print_state(const struct chain_state *s, bool json)
{
	char hash[2 * CHAIN_HASH + 1];

	sodium_bin2hex(hash, sizeof hash, s->hash, sizeof s->hash);
	if (json) {
		printf("{\"whole\":%s,\"why\":\"%s\",\"line\":%" PRIu64 ",\"seq\":%" PRIu64
		       ",\"records\":%" PRIu64 ",\"last\":%" PRIu64 ",\"hash\":\"%s\"}\n",
		       s->fault ? "false" : "true", chain_fault_text(s->fault), s->line, s->seq,
		       s->records, s->last, hash);
		return;
	}
	if (s->fault)
		printf("%s: %s, line %" PRIu64 ", where record %" PRIu64 " belongs; %" PRIu64
		       " before it are whole\n",
		       CHAIN_LOG, chain_fault_text(s->fault), s->line, s->seq, s->records);
	else
		printf("%s: whole, %" PRIu64 " records\n", CHAIN_LOG, s->records);
	printf("last record %" PRIu64 ", hash %s\n", s->last, hash);
}

int jit_audit(const char *folder, bool json)
{
	int fd own(close_fd) = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct chain_state s = {};
	char shown[256];
	int r = fd < 0 ? -errno : chain_verify(fd, &s);

	if (r < 0) {
		text_safe(str_of(folder), shown, sizeof shown);
		if (r == -EACCES && fd >= 0)
			cli_error("%s/%s: others may read it, or you may not", shown, CHAIN_KEY);
		else
			cli_error("%s: %s", shown,
				  r == -ENOENT ? "there is no audit log with its key here"
					       : strerror(-r));
		return EXIT_FAILED;
	}
	print_state(&s, json);
	if (fflush(stdout) || ferror(stdout))
		return EXIT_FAILED;
	return s.fault ? EXIT_FINDINGS : EXIT_OK;
}

static int usage(const char *text)
{
	cli_error("jit: %s (see: holdfast help jit)", text);
	return EXIT_USAGE;
}

static void host_release(struct jit_host *h) { cli_list_release(&h->azure); }

/* The two words that Azure has as well. */
static int ask_or_policy(struct jit_ask *ask, const struct cli_list *azure, int n, bool policy)
{
	if (azure->n) {
		if (azure->n > 1 || n > 1)
			return usage("--azure names the one machine");
		ask->destination = azure->items[0];
		if (policy && !strcmp(ask->destination, "all"))
			ask->destination = NULL;
		return policy ? jit_azure_policy(ask) : jit_azure_ask(ask);
	}
	if (policy)
		return n > 2 ? usage("policy takes one file")
			     : jit_policy_show(ask->destination, ask->cloud.json);
	return n != 2 ? usage("request takes one host") : jit_request(ask);
}

static int run(const struct verb *v, int argc, char **argv)
{
	struct jit_ask ask = {};
	struct jit_host own(host_release) host = {};
	struct cli_list own(cli_list_release) ports = {};
	const char *folder = FOLDER, *format = "text";
	bool verify = false;
	/* clang-format off */
	const struct option_spec options[] = {
#include "cli/jit_request.def"
#include "cli/jit_host.def"
	};
	/* clang-format on */
	int n = cli_parse(v, options, COUNT(options), argc, argv);

	if (n < 0)
		return cli_exit(n);
	if (sodium_init() < 0) {
		cli_error("no random numbers");
		return EXIT_FAILED;
	}
	if (n < 1)
		return usage("request, enable, list, status, audit …?");
	host.duration = ask.duration;
	host.from = ask.from;
	host.json = ask.json = *format == 'j';
	if (!strcmp(argv[1], "request") || !strcmp(argv[1], "policy")) {
		ask.ports = ports;
		ask.cloud.json = host.json;
		ask.cloud.dry = host.dry_run;
		ask.destination = n > 1 ? argv[2] : NULL;
		return ask_or_policy(&ask, &host.azure, n, *argv[1] == 'p');
	}
	if (strcmp(argv[1], "audit") != 0) {
		int code = jit_host(&host, n, argv + 1);

		return code >= 0 ? code : usage("request, enable, list, status, audit …?");
	}
	if (n != 1 || !verify)
		return usage("audit takes --verify and nothing else");
	return jit_audit(folder, *format == 'j');
}

/* clang-format off */
const struct verb verb_jit = {
	.name = "jit",
	.args = "request [USER@]HOST | policy [FILE] | audit | enable PORT... | confirm | disable [PORT...] | list | "
		"status | close WHICH | extend WHICH | approve REQUEST",
	.summary = "Ports that are shut until somebody asks, with the SSH key that he has",
	.detail =
		"request makes one UDP datagram, signed with your SSH key and sealed for the\n"
		"ed25519 key that known_hosts has of the host, and says what it sent. Nothing ever\n"
		"answers: connect and see. Host name, port, account and files are those of ssh's\n"
		"own configuration (ssh -G). The signature comes from the agent or from ssh-keygen,\n"
		"which may ask for a pass phrase or a touch.\n"
		"policy says whether /etc/holdfast/jit.conf is understood, and what it says. With\n"
		"--azure, request and policy speak to Azure's own just-in-time access instead, and say\n"
		"what they ask before they do.\n"
		"\n"
		"On the host, beside holdfast guard: enable shuts ports for everybody who was not let\n"
		"in. Connections that are open go on, the console is not touched, and it is undone by\n"
		"itself unless confirm is said in time, from a new connection that a request opened.\n"
		"The whole rule set is evaluated then: a rule by which others still reach the port is\n"
		"named, and the change is undone. disable takes everything back. list shows who was let\n"
		"in; close and extend end and prolong it (WHICH: start of an id, account, address, all);\n"
		"approve takes a request that jit request --stdin printed (- reads it from standard\n"
		"input).\n"
		"audit --verify reads the log of requests on a host, in which each record seals the\n"
		"one before it, and names the first that was altered, removed or added. Exit code 1:\n"
		"it is not whole. Keep the hash that it prints somewhere else, against who has become\n"
		"root.",
	.examples = {
		{ "holdfast jit request ann@vm1.example.com --for 2h --reason 'disk full'",
		  "open the SSH port" },
		{ "holdfast jit request ann@vm1 --via bastion", "where UDP does not get through" },
		{ "holdfast jit request --azure vm1 --for 1h", "a machine of Azure's just-in-time access" },
		{ "holdfast jit enable ssh", "on the host: shut the SSH port, for five minutes at first" },
		{ "holdfast jit confirm", "in a new login, after a request: keep it shut" },
		{ "holdfast jit audit --verify", "on the host: is the log whole?" },
	},
	.run = run,
};
/* clang-format on */
