/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices for log management: CEF in RFC 5424, OCSF. */
#include <arpa/inet.h>

#include "detect/rule.h"
#include "guard/notice_work.h"

#define PRODUCT "Holdfast"
#define FACILITY_AUTHPRIV 10u
#define MESSAGE_MAX 1'000u /* of CEF's msg, which ends at 1,023 */

/* AF_INET, AF_INET6, or 0: a network, a name, nothing. */
static int family_of(struct str s)
{
	unsigned char address[16];
	char text[INET6_ADDRSTRLEN];

	if (!s.len || s.len >= sizeof text)
		return 0;
	memcpy(text, s.ptr, s.len);
	text[s.len] = '\0';
	if (inet_pton(AF_INET, text, address) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, text, address) == 1 ? AF_INET6 : 0;
}

/*
 * CEF: a backslash before what ends a field ('|' in the header, '=' in the extension) and before
 * itself. Control characters have become \xNN by then: no line ends early.
 */
static void put_escaped(struct buf *b, struct str s, size_t max, char end)
{
	struct buf safe = BUF(NOTICE_MAX);
	struct str text;

	safe_put(&safe, notice_cut(s, max));
	text = notice_cut(buf_view(&safe), max);
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '\\' || text.ptr[i] == end)
			buf_putc(b, '\\');
		buf_putc(b, text.ptr[i]);
	}
	buf_release(&safe);
}

static void extension(struct buf *b, const char *key, struct str s, size_t max)
{
	if (!s.len)
		return;
	buf_fmt(b, " %s=", key);
	put_escaped(b, s, max, '=');
}

static void labelled(struct buf *b, const char *key, const char *label, struct str s)
{
	if (!s.len)
		return;
	extension(b, key, s, MESSAGE_MAX);
	buf_fmt(b, " %sLabel=%s", key, label);
}

static void put_times(const struct notice *n, struct buf *b)
{
	buf_fmt(b, "rt=%lld", (long long)MAX(n->time, 0) / 1000);
	if (n->first > 0)
		buf_fmt(b, " start=%lld", (long long)n->first / 1000);
	if (n->last > 0)
		buf_fmt(b, " end=%lld", (long long)n->last / 1000);
}

static void put_message(const struct notice *n, struct buf *b)
{
	struct buf all = BUF(NOTICE_MAX);

	for (size_t i = 0; i < n->n_evidence; i++) {
		buf_puts(&all, i ? " | " : "");
		buf_str(&all, notice_cut(n->evidence[i], MESSAGE_MAX));
	}
	extension(b, "msg", buf_view(&all), MESSAGE_MAX);
	buf_release(&all);
}

static void put_attack(const struct notice *n, struct buf *b)
{
	struct str tags = n->tags;
	char technique[16];
	bool any = false;

	for (; notice_technique(&tags, technique); any = true)
		buf_fmt(b, "%s%s", any ? "," : " cs1=", technique);
	buf_puts(b, any ? " cs1Label=ATT&CK" : "");
}

/* HOSTNAME of RFC 5424: up to 255 printable characters. */
static void put_host(struct buf *b, struct str host)
{
	for (size_t i = 0; i < host.len && i < 255; i++) {
		char c = host.ptr[i];

		buf_putc(b, (char)(c > ' ' && c < 0x7f ? c : '_'));
	}
	buf_puts(b, host.len ? "" : "-");
}

void notice_cef(const struct notice *n, struct buf *b)
{
	static const unsigned syslog[LEVEL_N] = { 6, 5, 4, 3, 2 },
			      cef[LEVEL_N] = { 1, 3, 5, 8, 10 };
	int family = family_of(n->from);

	buf_fmt(b, "<%u>1 ", FACILITY_AUTHPRIV * 8 + syslog[n->level]);
	time_put(b, n->time);
	buf_putc(b, ' ');
	put_host(b, n->host);
	buf_puts(b, " holdfast - alert - CEF:0|" PRODUCT "|guard|" HOLDFAST_VERSION "|");
	put_escaped(b, n->rule, 200, '|');
	buf_putc(b, '|');
	put_escaped(b, n->title.len ? n->title : n->rule, 500, '|');
	buf_fmt(b, "|%u|", cef[n->level]);
	put_times(n, b);
	buf_fmt(b, " cnt=%llu externalId=%016llx", (unsigned long long)n->count + n->more,
		(unsigned long long)n->id);
	if (family == AF_INET)
		extension(b, "src", n->from, MESSAGE_MAX);
	else if (family == AF_INET6)
		labelled(b, "c6a2", "Source IPv6 Address", n->from);
	else
		labelled(b, "cs4", "From", n->from);
	extension(b, "duser", n->account, 500);
	extension(b, "dvchost", n->host, 255);
	extension(b, "act", n->done, 500);
	put_attack(n, b);
	labelled(b, "cs2", "Advice", n->advice);
	labelled(b, "cs3", "Source", n->source);
	put_message(n, b);
}

static void json_member(struct buf *b, const char *name, struct str s)
{
	buf_fmt(b, "\"%s\":", name);
	notice_json_put(b, notice_cut(s, NOTICE_TEXT_MAX));
}

static void put_attacks(const struct notice *n, struct buf *b)
{
	struct str tags = n->tags;
	char technique[16];
	bool any = false;

	for (; notice_technique(&tags, technique); any = true) {
		char *dot = strchr(technique, '.');

		buf_puts(b, any ? ",{" : ",\"attacks\":[{");
		if (dot)
			buf_fmt(b, "\"sub_technique\":{\"uid\":\"%s\"},", technique);
		if (dot)
			*dot = '\0';
		buf_fmt(b, "\"technique\":{\"uid\":\"%s\"}}", technique);
	}
	buf_puts(b, any ? "]" : "");
}

static void put_finding(const struct notice *n, struct buf *b)
{
	buf_fmt(b, "\"finding_info\":{\"uid\":\"%016llx\",", (unsigned long long)n->id);
	json_member(b, "title", n->title.len ? n->title : n->rule);
	buf_puts(b, ",\"analytic\":{\"type_id\":1,\"type\":\"Rule\",");
	json_member(b, "name", n->rule);
	if (n->rule_id.len) {
		buf_putc(b, ',');
		json_member(b, "uid", n->rule_id);
	}
	buf_putc(b, '}');
	if (n->first > 0)
		buf_fmt(b, ",\"first_seen_time\":%lld", (long long)n->first / 1000);
	if (n->last > 0)
		buf_fmt(b, ",\"last_seen_time\":%lld", (long long)n->last / 1000);
	put_attacks(n, b);
	buf_putc(b, '}');
}

static void put_evidences(const struct notice *n, struct buf *b)
{
	bool address = family_of(n->from) != 0, any = false;

	buf_puts(b, ",\"evidences\":[");
	if (address || n->account.len) {
		buf_putc(b, '{');
		if (address) {
			buf_puts(b, "\"src_endpoint\":{");
			json_member(b, "ip", n->from);
			buf_putc(b, '}');
		}
		if (n->account.len) {
			buf_puts(b, address ? ",\"user\":{" : "\"user\":{");
			json_member(b, "name", n->account);
			buf_putc(b, '}');
		}
		buf_putc(b, '}');
		any = true;
	}
	for (size_t i = 0; i < n->n_evidence; i++) {
		buf_puts(b, any ? ",{\"data\":{" : "{\"data\":{");
		json_member(b, "line", n->evidence[i]);
		buf_puts(b, "}}");
		any = true;
	}
	buf_putc(b, ']');
}

static void put_observables(const struct notice *n, struct buf *b)
{
	if (!family_of(n->from))
		return;
	buf_puts(b, ",\"observables\":[{\"name\":\"evidences[0].src_endpoint.ip\",\"type_id\":2,"
		    "\"type\":\"IP Address\",");
	json_member(b, "value", n->from);
	buf_puts(b, "}]");
}

void notice_ocsf(const struct notice *n, struct buf *b)
{
	static const char *const names[LEVEL_N] = { "Informational", "Low", "Medium", "High",
						    "Critical" };

	buf_puts(b, "{\"activity_id\":1,\"activity_name\":\"Create\",\"category_uid\":2,"
		    "\"category_name\":\"Findings\",\"class_uid\":2004,"
		    "\"class_name\":\"Detection Finding\",\"type_uid\":200401,"
		    "\"type_name\":\"Detection Finding: Create\",\"status_id\":1,"
		    "\"status\":\"New\",\"is_alert\":true,");
	buf_fmt(b, "\"severity_id\":%u,\"severity\":\"%s\",\"time\":%lld,\"count\":%llu,",
		n->level + 1u, names[n->level], (long long)MAX(n->time, 0) / 1000,
		(unsigned long long)n->count + n->more);
	buf_fmt(b,
		"\"metadata\":{\"version\":\"1.4.0\",\"uid\":\"%016llx\",\"product\":{"
		"\"name\":\"" PRODUCT "\",\"vendor_name\":\"" PRODUCT
		"\",\"version\":\"" HOLDFAST_VERSION "\"}},",
		(unsigned long long)n->id);
	put_finding(n, b);
	buf_puts(b, ",\"message\":");
	{
		struct buf story = BUF(NOTICE_MAX);

		notice_story(n, &story);
		notice_json_put(b, buf_view(&story));
		buf_release(&story);
	}
	if (n->host.len) {
		buf_puts(b, ",\"resources\":[{\"type\":\"host\",");
		json_member(b, "name", n->host);
		buf_puts(b, "}]");
	}
	put_evidences(n, b);
	put_observables(n, b);
	if (n->advice.len) {
		buf_puts(b, ",\"remediation\":{");
		json_member(b, "desc", n->advice);
		buf_putc(b, '}');
	}
	buf_puts(b, ",\"unmapped\":{");
	json_member(b, "done", n->done);
	buf_putc(b, ',');
	json_member(b, "source", n->source);
	buf_putc(b, ',');
	json_member(b, "from", n->from);
	buf_fmt(b, ",\"late\":%s}}", n->late ? "true" : "false");
}
