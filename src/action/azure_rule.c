/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "action/azure_rule.h"
#include "base/json.h"

static const struct joptions options = { .max_depth = 32, .max_nodes = 1 << 20 };

bool azure_name(const char *name)
{
	size_t n = name ? strlen(name) : 0;

	if (!n || n > 90 || name[0] == '.')
		return false;
	return strspn(name,
		      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.()") == n;
}

int azure_rule_body(struct buf *out, const struct prefix *list, size_t n, unsigned priority)
{
	char text[PREFIX_TEXT];

	buf_fmt(out,
		"{\"properties\":{\"description\":\"" AZURE_RULE_WORDS "\",\"protocol\":\"*\","
		"\"access\":\"Deny\",\"direction\":\"Inbound\",\"priority\":%u,"
		"\"sourcePortRange\":\"*\",\"destinationPortRange\":\"*\","
		"\"destinationAddressPrefix\":\"*\",\"sourceAddressPrefixes\":[",
		priority);
	for (size_t i = 0; i < n; i++)
		buf_fmt(out, "%s\"%s\"", i ? "," : "", prefix_format(&list[i], text).ptr);
	return buf_puts(out, "]}}");
}

/* A header takes no line feeds; what goes into one has none. */
static bool plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= ' ' || s.ptr[i] > '~')
			return false;
	return s.len > 0;
}

static bool text_is(const struct jdoc *d, uint32_t object, struct str name, struct str want)
{
	uint32_t v = jdoc_get(d, object, name);

	return v && jdoc_is(d, v, J_STRING) && jdoc_ieq(d, v, want);
}

int azure_rule_parse(struct str json, struct azure_rule *ret)
{
	own(arena_release) struct arena a = { .limit = 64 << 10 };
	own(jdoc_release) struct jdoc d = {};
	struct azure_rule rule = {};
	uint32_t properties, v;
	struct str etag;
	int r = jdoc_parse(json, &options, &d, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	properties = jdoc_get(&d, 0, STR("properties"));
	if (!properties || !jdoc_is(&d, properties, J_OBJECT))
		return -EBADMSG;
	v = jdoc_get(&d, properties, STR("description"));
	rule.ours = v && jdoc_is(&d, v, J_STRING) && str_starts(jdoc_raw(&d, v), STR("holdfast:"));
	v = jdoc_get(&d, properties, STR("provisioningState"));
	rule.settled = !v || text_is(&d, properties, STR("provisioningState"), STR("Succeeded"));
	rule.failed = text_is(&d, properties, STR("provisioningState"), STR("Failed")) ||
		      text_is(&d, properties, STR("provisioningState"), STR("Canceled"));
	v = jdoc_get(&d, properties, STR("sourceAddressPrefixes"));
	if (v && jdoc_is(&d, v, J_ARRAY))
		rule.prefixes = jdoc_count(&d, v);
	v = jdoc_get(&d, 0, STR("etag"));
	if (v && jdoc_is(&d, v, J_STRING) && jdoc_text(&d, v, &a, &etag) == 0 && plain(etag) &&
	    etag.len < sizeof rule.etag)
		memcpy(rule.etag, etag.ptr, etag.len);
	*ret = rule;
	return 0;
}

int azure_operation_parse(struct str json)
{
	own(jdoc_release) struct jdoc d = {};
	int r = jdoc_parse(json, &options, &d, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	if (text_is(&d, 0, STR("status"), STR("Succeeded")))
		return 1;
	if (text_is(&d, 0, STR("status"), STR("Failed")) ||
	    text_is(&d, 0, STR("status"), STR("Canceled")))
		return -EIO;
	return 0;
}

int azure_token_parse(struct str json, char *ret, size_t size, int64_t *ret_seconds)
{
	own(jdoc_release) struct jdoc d = {};
	int64_t seconds = 0;
	struct str token;
	uint32_t v;
	int r = jdoc_parse(json, &options, &d, NULL);

	if (r < 0)
		return r == -ENOMEM ? r : -EBADMSG;
	v = jdoc_get(&d, 0, STR("access_token"));
	if (!v || !jdoc_is(&d, v, J_STRING) || jdoc_escaped(&d, v))
		return -EBADMSG;
	token = jdoc_raw(&d, v);
	if (!plain(token) || token.len >= size)
		return -EBADMSG;
	/* The metadata service writes it as text, others as a number. */
	v = jdoc_get(&d, 0, STR("expires_in"));
	if (v && str_to_int64(jdoc_raw(&d, v), &seconds) < 0)
		seconds = 0;
	memcpy(ret, token.ptr, token.len);
	ret[token.len] = 0;
	*ret_seconds = MIN(MAX(seconds, (int64_t)0), (int64_t)86'400);
	return 0;
}

const char *azure_error_text(struct str json, char *ret, size_t size)
{
	own(jdoc_release) struct jdoc d = {};
	char code[64] = "", message[192] = "";
	uint32_t error, v;

	ret[0] = 0;
	if (jdoc_parse(json, &options, &d, NULL) < 0)
		return ret;
	error = jdoc_get(&d, 0, STR("error"));
	v = error ? jdoc_get(&d, error, STR("code")) : 0;
	if (v && jdoc_is(&d, v, J_STRING))
		(void)text_safe(jdoc_raw(&d, v), code, sizeof code);
	v = error ? jdoc_get(&d, error, STR("message")) : 0;
	if (v && jdoc_is(&d, v, J_STRING))
		(void)text_safe(jdoc_raw(&d, v), message, sizeof message);
	if (code[0] || message[0])
		(void)snprintf(ret, size, "%s: %s", code, message);
	return ret;
}
