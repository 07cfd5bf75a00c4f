/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens: from the environment, from az, from the machine's managed identity. */
#include <sodium.h>
#include <stdio.h>

#include "action/azure_rule.h"
#include "jit/azure_work.h"
#include "jit/client.h"

#define LOGIN "https://login.microsoftonline.com"

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
			return false;
	return s.len && s.len < TOKEN_MAX;
}

static int keep_token(struct jit_azure *j, struct str s)
{
	if (!is_token(s))
		return -EBADMSG;
	memcpy(j->token, s.ptr, s.len);
	j->token[s.len] = 0;
	return 0;
}

static void keep_subscription(struct jit_azure *j, struct str s)
{
	char name[NAME_MAX_AZURE] = "";

	if (j->subscription[0] || !s.len || s.len >= sizeof name)
		return;
	memcpy(name, s.ptr, s.len);
	if (azure_name(name))
		memcpy(j->subscription, name, sizeof name);
}

/* What a token is for: https://management.azure.com, or that of another cloud. */
static const char *resource_of(const struct jit_azure *j)
{
	return strncmp(j->setup.endpoint, "https://", 8) == 0 ? j->setup.endpoint
							      : JIT_AZURE_ENDPOINT;
}

static void put_escaped(struct buf *out, const char *s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789-._~";

	for (; *s; s++) {
		if (strchr(plain, *s))
			buf_putc(out, *s);
		else
			buf_fmt(out, "%%%02X", (unsigned char)*s);
	}
}

/* Sends without a token; keeps the one that comes back. */
static int fetch(struct jit_azure *j, const struct azure_request *q, const char *who,
		 struct diag *d)
{
	own(azure_answer_release) struct azure_answer a = {};
	char text[300] = "";
	int64_t seconds;
	int r;

	jit_azure_say(j, "asks for a token: %s %s", q->method, q->url);
	r = azure_http(q, &a, d);
	if (r < 0)
		return r;
	if (a.status != 200) {
		(void)azure_error_text(buf_view(&a.body), text, sizeof text);
		return diag_set(d, -EACCES, NULL, 0, "%s gives no token (%ld)%s%s", who, a.status,
				*text ? ": " : "", text);
	}
	r = azure_token_parse(buf_view(&a.body), j->token, sizeof j->token, &seconds);
	if (a.body.ptr)
		sodium_memzero(a.body.ptr, a.body.len);
	return r < 0 ? diag_set(d, -EACCES, NULL, 0, "%s: what it gives is no token", who) : 0;
}

/* A service principal, as the tools of Azure take it from the environment. */
static int from_secret(struct jit_azure *j, struct diag *d)
{
	const char *tenant = getenv("AZURE_TENANT_ID"), *client = getenv("AZURE_CLIENT_ID");
	const char *secret = getenv("AZURE_CLIENT_SECRET");
	const char *login = getenv("AZURE_AUTHORITY_HOST") ?: LOGIN;
	own(buf_release) struct buf body = BUF(16 << 10);
	char url[URL_MAX];
	struct azure_request q = { .method = "POST", .url = url, .form = true };
	size_t n = strlen(login);
	int r;

	if (!tenant || !client || !secret)
		return diag_set(d, -EACCES, NULL, 0, "no AZURE_ACCESS_TOKEN in the environment");
	if (n && login[n - 1] == '/')
		n--;
	if (!azure_name(tenant) || !azure_name(client) || !jit_azure_is_address(login))
		return diag_set(d, -EACCES, NULL, 0,
				"AZURE_TENANT_ID, AZURE_CLIENT_ID or AZURE_AUTHORITY_HOST is none");
	(void)snprintf(url, sizeof url, "%.*s/%s/oauth2/v2.0/token", (int)n, login, tenant);
	buf_fmt(&body, "grant_type=client_credentials&client_id=%s&client_secret=", client);
	put_escaped(&body, secret);
	buf_puts(&body, "&scope=");
	put_escaped(&body, resource_of(j));
	buf_puts(&body, "%2F.default");
	q.body = buf_view(&body);
	r = body.error ? body.error : fetch(j, &q, "Microsoft's login", d);
	if (body.ptr)
		sodium_memzero(body.ptr, body.len);
	return r;
}

static int from_environment(struct jit_azure *j, struct diag *d)
{
	const char *token = getenv("AZURE_ACCESS_TOKEN");

	if (!token || !*token)
		return from_secret(j, d);
	return keep_token(j, str_trim(str_of(token))) < 0
		       ? diag_set(d, -EACCES, NULL, 0, "AZURE_ACCESS_TOKEN is no token")
		       : 0;
}

static int from_cli(struct jit_azure *j, struct diag *d)
{
	own(arena_release) struct arena a = { .limit = 4 << 20 };
	own(jdoc_release) struct jdoc doc = {};
	const char *const argv[] = {
		"az",   "account", "get-access-token", "--resource", resource_of(j), "--output",
		"json", NULL
	};
	struct str text = {};
	uint32_t token, subscription;
	int r;

	jit_azure_say(j, "asks for a token: az account get-access-token --resource %s",
		      resource_of(j));
	r = client_run(argv, STR(""), &a, &text);
	if (r < 0)
		return diag_set(d, -EACCES, NULL, 0, "%s",
				r == -ENOENT ? "az is not installed"
					     : "az gives no token (az login?)");
	if (jdoc_parse(text, &(struct joptions){ .max_depth = 8 }, &doc, NULL) < 0)
		return diag_set(d, -EACCES, NULL, 0, "az: what it prints is no token");
	token = jdoc_get(&doc, 0, STR("accessToken"));
	subscription = jdoc_get(&doc, 0, STR("subscription"));
	if (!token || !jdoc_is(&doc, token, J_STRING) || keep_token(j, jdoc_raw(&doc, token)) < 0)
		return diag_set(d, -EACCES, NULL, 0, "az: what it prints is no token");
	if (subscription && jdoc_is(&doc, subscription, J_STRING))
		keep_subscription(j, jdoc_raw(&doc, subscription));
	return 0;
}

/* The machine's own subscription, where nobody named one. */
static void ask_subscription(struct jit_azure *j)
{
	own(azure_answer_release) struct azure_answer a = {};
	char url[URL_MAX];
	struct azure_request q = { .method = "GET", .url = url, .metadata = true };

	if (j->subscription[0])
		return;
	(void)snprintf(url, sizeof url,
		       "%s/metadata/instance/compute/subscriptionId"
		       "?api-version=2021-02-01&format=text",
		       j->setup.metadata);
	jit_azure_say(j, "asks for the machine's subscription: GET %s", url);
	if (azure_http(&q, &a, NULL) == 0 && a.status == 200)
		keep_subscription(j, str_trim(buf_view(&a.body)));
}

static int from_identity(struct jit_azure *j, struct diag *d)
{
	own(buf_release) struct buf resource = BUF(1 << 10);
	char url[URL_MAX];
	struct azure_request q = { .method = "GET", .url = url, .metadata = true };
	int r;

	put_escaped(&resource, resource_of(j));
	if (resource.error)
		return resource.error;
	(void)snprintf(url, sizeof url,
		       "%s/metadata/identity/oauth2/token?api-version=2018-02-01&resource=%s%%2F"
		       "%s%s",
		       j->setup.metadata, resource.ptr, j->setup.identity ? "&client_id=" : "",
		       j->setup.identity ? j->setup.identity : "");
	r = fetch(j, &q, "the machine's metadata service", d);
	if (r == 0)
		ask_subscription(j);
	return r < 0 ? diag_set(d, -EACCES, NULL, 0, "no managed identity") : 0;
}

static int (*const sources[])(struct jit_azure *j, struct diag *d) = {
	[JIT_AZURE_ENVIRONMENT] = from_environment,
	[JIT_AZURE_CLI] = from_cli,
	[JIT_AZURE_IDENTITY] = from_identity,
};

int jit_azure_token(struct jit_azure *j, struct diag *d)
{
	enum jit_azure_credential from = j->setup.credential;
	struct diag why[COUNT(sources)] = {};

	keep_subscription(j, str_of(j->setup.subscription ?: getenv("AZURE_SUBSCRIPTION_ID")));
	if (from != JIT_AZURE_ANY)
		return sources[from](j, d);
	for (size_t i = 1; i < COUNT(sources); i++) {
		int r = sources[i](j, &why[i]);

		if (r == 0 || r == -ENOMEM)
			return r;
	}
	return diag_set(d, -EACCES, NULL, 0, "nobody gives a token: %.70s; %.70s; %.70s",
			why[JIT_AZURE_ENVIRONMENT].reason, why[JIT_AZURE_CLI].reason,
			why[JIT_AZURE_IDENTITY].reason);
}
