/* SPDX-License-Identifier: GPL-3.0-or-later */
/* holdfast jit request --azure: asks Azure to open ports of a machine. */
#include <stdio.h>

#include "base/conf.h"
#include "cli/jit_azure.h"
#include "jit/json_text.h"
#include "jit/policy.h"

#define WAIT_S 180U

/* What is asked of Azure is told before, on standard error. */
static void say(void *user, const char *line)
{
	(void)user;
	fprintf(stderr, "holdfast: %s\n", line);
}

int azure_failed(const struct jit_ask *a, const struct diag *d, int error)
{
	char text[600], shown[300];

	cli_error("%s%s%s",
		  a->destination ? text_safe(str_of(a->destination), shown, sizeof shown) : "",
		  a->destination ? ": " : "",
		  d->reason[0] ? diag_text(d, text, sizeof text) : strerror(-error));
	return error == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
}

static enum jit_azure_credential credential_of(const char *word)
{
	return !word                          ? JIT_AZURE_ANY
	       : !strcmp(word, "environment") ? JIT_AZURE_ENVIRONMENT
	       : !strcmp(word, "az")          ? JIT_AZURE_CLI
					      : JIT_AZURE_IDENTITY;
}

int azure_open(const struct jit_ask *a, struct jit_azure **ret)
{
	const struct jit_cloud *c = &a->cloud;
	struct str id = str_of(a->destination ? a->destination : "");
	unsigned wait = WAIT_S;
	struct arena own(arena_release) arena = {};
	struct jit_azure_setup s = {
		.endpoint = c->endpoint,
		.metadata = c->metadata,
		.identity = c->client_id ? c->client_id : getenv("AZURE_CLIENT_ID"),
		.subscription = c->subscription,
		.credential = credential_of(c->token),
		.say = say,
	};
	struct diag d = {};
	int r;

	if (c->wait && (conf_seconds(str_of(c->wait), &wait) < 0 || wait > 3'600))
		return jit_wrong("--wait", c->wait, "30s, 5m … up to 1h");
	s.wait_ms = (int64_t)wait * 1000;
	/* The id of a machine says where it is. */
	if (!s.subscription && str_starts(id, STR("/subscriptions/"))) {
		struct str rest = str_sub(id, strlen("/subscriptions/"), id.len);

		s.subscription = arena_cstr(&arena, str_cut(&rest, '/'));
	}
	r = jit_azure_open(&s, ret, &d);
	return r < 0 ? azure_failed(a, &d, r) : EXIT_OK;
}

int azure_ask_of(const struct jit_ask *a, size_t max_sources, struct jit_azure_ask *ret)
{
	struct str from = a->from ? str_of(a->from) : (struct str){};
	int code;

	*ret = (struct jit_azure_ask){ .machine = a->destination, .group = a->cloud.group };
	code = jit_ask_ports(a, ret->ports, &ret->n_ports);
	if (code != EXIT_OK)
		return code;
	if (a->duration && (conf_seconds(str_of(a->duration), &ret->seconds) < 0 ||
			    ret->seconds < JIT_AZURE_SHORTEST || ret->seconds > JIT_AZURE_LONGEST))
		return jit_wrong("--for", a->duration, "a time as Azure takes it: 5m to 24h");
	code = jit_ask_reason(a, &ret->reason);
	if (code != EXIT_OK)
		return code;
	while (from.ptr) {
		struct str s = str_cut(&from, ',');

		if (ret->n_sources == max_sources || !jit_azure_source_parse(s))
			return jit_wrong("--from", a->from,
					 max_sources == 1 ? "an address or a network, from /8 on"
							  : "addresses or networks, with commas "
							    "between them, from /8 on");
		ret->sources[ret->n_sources++] = s;
	}
	return EXIT_OK;
}

void azure_put_opening(struct buf *b, const struct jit_azure_opening *o)
{
	const struct {
		const char *name;
		struct str text;
	} texts[] = {
		{"machine",    o->machine  },
                { "from",      o->source   },
		{ "start",     o->start    },
                { "end",       o->end      },
		{ "status",    o->status   },
                { "why",       o->why      },
		{ "requestor", o->requestor},
                { "reason",    o->reason   },
	};

	buf_fmt(b, "{\"port\":%u", o->port);
	for (size_t i = 0; i < COUNT(texts); i++) {
		buf_fmt(b, ",\"%s\":", texts[i].name);
		json_text_put(b, texts[i].text);
	}
	buf_putc(b, '}');
}

static void print_opening(const struct jit_ask *a, const struct jit_azure_opening *o)
{
	char name[128], source[256], end[64], status[64], why[64];

	printf("port %u of %s", o->port, text_safe(str_of(a->destination), name, sizeof name));
	if (o->source.len)
		printf(" for %s", text_safe(o->source, source, sizeof source));
	printf(": %s", text_safe(o->status, status, sizeof status));
	if (o->why.len)
		printf(" (%s)", text_safe(o->why, why, sizeof why));
	printf(", until %s\n", text_safe(o->end, end, sizeof end));
}

static int print_openings(const struct jit_ask *a, const struct jit_azure_opening *list, size_t n)
{
	own(buf_release) struct buf b = BUF(16 << 20);
	bool good = true;

	buf_putc(&b, '[');
	for (size_t i = 0; i < n; i++) {
		good &= str_ieq(list[i].status, STR("Initiated"));
		if (!a->cloud.json)
			print_opening(a, &list[i]);
		if (i)
			buf_putc(&b, ',');
		azure_put_opening(&b, &list[i]);
	}
	buf_putc(&b, ']');
	if (b.error)
		return EXIT_FAILED;
	if (a->cloud.json)
		puts(b.ptr);
	else if (!n)
		puts("Azure took the request, and says no more");
	return fflush(stdout) || ferror(stdout) || !good ? EXIT_FAILED : EXIT_OK;
}

int jit_azure_ask(const struct jit_ask *a)
{
	struct arena own(arena_release) arena = {};
	struct jit_azure *j own(jit_azure_close) = NULL;
	struct jit_azure_opening *list = NULL;
	struct jit_azure_ask ask;
	struct diag d = {};
	size_t n = 0;
	int code, r;

	if (a->close || a->extend || a->approve || a->stdin_form || a->via) {
		cli_error("--azure asks Azure: --close, --extend, --approve, --stdin and --via "
			  "are for hosts with Holdfast");
		return EXIT_USAGE;
	}
	code = azure_ask_of(a, 1, &ask);
	if (code == EXIT_OK)
		code = azure_open(a, &j);
	if (code != EXIT_OK)
		return code;
	r = jit_azure_request(j, &ask, &arena, &list, &n, &d);
	return r < 0 ? azure_failed(a, &d, r) : print_openings(a, list, n);
}
