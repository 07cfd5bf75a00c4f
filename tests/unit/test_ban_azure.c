/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bans in a network security group, against a server that answers as Azure's documentation says. */
#include <poll.h>
#include <time.h>

#include "action/azure_http.h"
#include "action/azure_rule.h"
#include "ban_net.h"

static char endpoint[64];

static bool start_server(struct subprocess *p)
{
	const char *const argv[] = { "python3", "tests/unit/azure_server.py", NULL };
	struct pollfd wait = { .events = POLLIN };
	char text[32] = "";

	if (subprocess_start(argv, p) < 0)
		return false;
	wait.fd = p->out;
	if (poll(&wait, 1, 20000) != 1 || read(p->out, text, sizeof text - 1) <= 0)
		return false;
	(void)snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%ld", strtol(text, NULL, 10));
	return true;
}

/* What the server was asked, and its rules; or tells it what to do. */
static const char *control(const char *path, const char *body)
{
	own(azure_answer_release) struct azure_answer a = {};
	static char said[1 << 16];
	char url[128];
	struct azure_request q = { .method = body ? "POST" : "GET", .url = url };

	(void)snprintf(url, sizeof url, "%s%s", endpoint, path);
	if (body)
		q.body = str_of(body);
	said[0] = 0;
	if (azure_http(&q, &a, NULL) == 0)
		(void)snprintf(said, sizeof said, "%.*s", STR_FMT(buf_view(&a.body)));
	return said;
}

static struct ban *open_azure(const char *nsg, const char *token)
{
	struct ban_azure_config c = {
		.subscription = "00000000-1111",
		.resource_group = "web",
		.nsg = nsg,
		.max_prefixes = 3,
		.interval_ms = 100,
		.token = token,
		.endpoint = endpoint,
		.metadata = endpoint,
	};
	struct ban *b = NULL;
	struct diag d = {};

	if (!is_int(ban_open(&(struct ban_config){ .kind = BAN_AZURE, .azure = &c }, &b, &d), 0,
		    "a group"))
		printf("# %s\n", d.reason);
	return b;
}

static void change(struct ban *b, const char *text, uint32_t seconds, int want)
{
	struct ban_item item = { prefix(text), seconds ? seconds : 1, 0 };
	int r = seconds ? ban_add(b, &item, 1, NULL, NULL) : ban_remove(b, &item, 1, NULL, NULL);

	is_int(r < 0 ? r : item.error, want, text);
}

/* Until nothing is left to be sent; the first fault, its reason in *d. */
static int settle(struct ban *b, struct diag *d)
{
	int first = 0;

	for (int i = 0; i < 400; i++) {
		struct timespec nap = { .tv_nsec = 50'000'000 };
		struct diag one = {};
		int ms = 0, r = ban_tick(b, &ms, &one);

		if (r < 0 && !first) {
			first = r;
			*d = one;
		}
		if (r == 0 && (ms < 0 || ms > 20000))
			return first;
		nanosleep(&nap, NULL);
	}
	return -ETIME;
}

static int first_fault(struct ban *b, struct diag *d)
{
	int r = 0;

	for (int i = 0, ms; r == 0 && i < 100; i++) {
		struct timespec nap = { .tv_nsec = 50'000'000 };

		r = ban_tick(b, &ms, d);
		nanosleep(&nap, NULL);
	}
	return r;
}

static bool log_has(const char *part)
{
	const char *log = control("/log", NULL);
	bool found = strstr(log, part);

	if (!found)
		printf("# no %s in %s\n", part, log);
	return found;
}

static void test_names(void)
{
	struct ban_azure_config c = { .subscription = "a", .resource_group = "b", .nsg = "c" };
	const struct ban_config config = { .kind = BAN_AZURE, .azure = &c };
	struct ban *b = NULL;

	c.nsg = "../x";
	is_int(ban_open(&config, &b, NULL), -EINVAL, "a name that is a path");
	c.nsg = "a?b";
	is_int(ban_open(&config, &b, NULL), -EINVAL, "or a query");
	c.nsg = "ok";
	c.endpoint = "http://example.com";
	is_int(ban_open(&config, &b, NULL), -EINVAL, "an endpoint without TLS");
	c.endpoint = NULL;
	c.priority = 99;
	is_int(ban_open(&config, &b, NULL), -EINVAL, "a priority that Azure has not");
	is_int(ban_open(&(struct ban_config){ .kind = BAN_AZURE }, &b, NULL), -EINVAL, "nothing");
}

static void test_texts(void)
{
	struct azure_rule rule;
	int64_t seconds;
	char text[64];

	is_int(azure_rule_parse(STR("[]"), &rule), -EBADMSG, "no rule");
	is_int(azure_rule_parse(STR("{\"properties\":{\"provisioningState\":\"Updating\"}}"),
				&rule),
	       0, "a rule");
	ok(!rule.ours && !rule.settled, "of somebody else, that is being changed");
	is_int(azure_token_parse(STR("{\"access_token\":\"a\\r\\nX: y\"}"), text, sizeof text,
				 &seconds),
	       -EBADMSG, "a token that would be a header");
	is_int(azure_token_parse(STR("{\"access_token\":\"\"}"), text, sizeof text, &seconds),
	       -EBADMSG, "an empty one");
	is_int(azure_operation_parse(STR("{\"status\":\"Canceled\"}")), -EIO, "cancelled");
	is_str(str_of(azure_error_text(
		       STR("{\"error\":{\"code\":\"A\",\"message\":\"\\u001b[1m\"}}"), text,
		       sizeof text)),
	       STR("A: \\u001b[1m"), "an error is safe to print");
}

static void test_changes(struct ban *b)
{
	struct diag d = {};
	unsigned found = 0;
	struct prefix allow = prefix("198.51.100.0/24");

	is_int(ban_ensure(b, &found, &d), 0, "looked at");
	is_int(found, BAN_CREATED, "there is no rule yet");
	change(b, "192.0.2.1", 600, 0);
	change(b, "192.0.2.0/25", 600, 0);
	change(b, "2001:db8:1::/64", 600, 0);
	change(b, "8.0.0.0/7", 600, -E2BIG);
	(void)control("/log", NULL);
	is_int(settle(b, &d), 0, "sent");
	ok(log_has("[\"GET\", \"PUT\", \"GET\", \"PUT\"]"), "each family in one request");
	ok(log_has("\"sourceAddressPrefixes\": [\"192.0.2.1\", \"192.0.2.0/25\"]"), "IPv4");
	ok(log_has("\"access\": \"Deny\", \"direction\": \"Inbound\", \"priority\": 101"), "IPv6");
	change(b, "192.0.2.1", 900, 0);
	is_int(settle(b, &d), 0, "a longer ban");
	ok(log_has("\"log\": []"), "needs no request");
	change(b, "192.0.2.7", 600, 0);
	change(b, "192.0.2.8", 600, 0);
	is_int(settle(b, &d), 0, "more than the rule may hold");
	ok(log_has("[\"192.0.2.0/25\", \"192.0.2.7\", \"192.0.2.8\"]"), "the oldest goes");
	change(b, "198.51.100.1", 600, 0);
	is_int(ban_allow(b, &allow, 1, NULL), 0, "allowed");
	change(b, "198.51.100.2", 600, -EACCES);
	is_int((int64_t)count_bans(b), 3, "no longer listed");
	change(b, "2001:db8:1::/64", 0, 0);
	change(b, "2001:db8:1::/64", 0, -ENOENT);
	is_int(settle(b, &d), 0, "removed");
	ok(!strstr(control("/log", NULL), "ipv6"), "a rule without bans is deleted");
}

static void test_faults(struct ban *b)
{
	struct diag d = {};

	(void)control("/script", "[429]");
	change(b, "192.0.2.20", 600, 0);
	is_int(settle(b, &d), -EAGAIN, "too many requests");
	ok(strstr(d.reason, "429") && strstr(d.reason, "TooManyRequests"), "is told");
	ok(log_has("192.0.2.20"), "and tried again");
	(void)control("/script", "[500, 503]");
	change(b, "192.0.2.21", 600, 0);
	is_int(settle(b, &d), -EAGAIN, "faults of the server");
	ok(log_has("192.0.2.21"), "are survived");
	(void)control("/script", "[401]");
	change(b, "192.0.2.22", 600, 0);
	is_int(settle(b, &d), -EACCES, "a token that is no longer good");
	ok(log_has("192.0.2.22"), "is replaced");
	(void)control("/script", "[1]");
	change(b, "192.0.2.23", 600, 0);
	is_int(settle(b, &d), -EBADMSG, "nonsense");
	ok(log_has("192.0.2.23"), "is survived");
	(void)control("/script", "[\"slow\"]");
	change(b, "192.0.2.24", 600, 0);
	is_int(settle(b, &d), 0, "an operation that takes its time");
	ok(log_has("\"GET\", \"PUT\", \"GET\", \"GET\", \"GET\""), "is waited for");
	(void)control("/script", "[\"fail\"]");
	change(b, "192.0.2.25", 600, 0);
	is_int(settle(b, &d), -EAGAIN, "one that fails");
	ok(log_has("192.0.2.25"), "is done again");
	(void)control("/script", "[\"elsewhere\"]");
	change(b, "192.0.2.26", 600, 0);
	is_int(settle(b, &d), 0,
	       "an operation at another address is not asked: it has no token to give");
}

static void test_others(void)
{
	struct ban *b = open_azure("front", NULL);
	struct diag d = {};
	unsigned found = 0;

	is_int(ban_ensure(b, &found, &d), 0, "another run");
	is_int(found, BAN_TOUCHED, "finds the rule");
	change(b, "203.0.113.1", 600, 0);
	is_int(settle(b, &d), 0, "and writes its own");
	ok(log_has("[\"203.0.113.1\"]"), "bans");
	(void)control("/script", "\"foreign\"");
	change(b, "203.0.113.2", 600, 0);
	is_int(first_fault(b, &d), -EEXIST, "a rule that somebody made");
	ok(!log_has("203.0.113.2"), "is left alone");
	ban_close(&b);
	b = open_azure("nowhere", NULL);
	d = (struct diag){};
	is_int(ban_ensure(b, &found, &d), -EPROTO, "a group that is not there");
	ok(strstr(d.reason, "ResourceNotFound"), "is told");
	ban_close(&b);
	b = open_azure("front", "bad-token");
	is_int(ban_ensure(b, &found, &d), -EACCES, "a token that is not good");
	ban_close(&b);
}

int main(void)
{
	own(subprocess_release) struct subprocess server = {};
	struct ban *b;

	test_names();
	test_texts();
	if (!start_server(&server)) {
		skip("Azure", "python3 cannot be run");
		return done();
	}
	b = open_azure("front", NULL);
	test_changes(b);
	test_faults(b);
	ban_close(&b);
	test_others();
	return done();
}
