/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Webhooks and mail, by libcurl. */
#include <stdio.h>
#include <time.h>

#include "guard/sink_work.h"

#define BODY_MAX ((size_t)4 << 20)
#define MAIL_LINE 900u /* RFC 5322 allows 998 */

/* NOLINTNEXTLINE(readability-non-const-parameter): libcurl says what it is */
static size_t discard(char *text, size_t size, size_t n, void *user)
{
	(void)text;
	(void)user;
	return size * n;
}

static int progress(void *user, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	struct sink *s = user;

	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return atomic_load(&s->aborted);
}

CURL *sink_curl(struct sink *s, const char *url)
{
	CURL *c = curl_easy_init();

	if (!c)
		return NULL;
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)s->c.timeout);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)s->c.timeout);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "holdfast/" HOLDFAST_VERSION);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, discard);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, s);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	if (s->c.ca) {
		curl_easy_setopt(c, CURLOPT_CAINFO, s->c.ca);
		curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	}
	return c;
}

void sink_disconnect(struct sink *s)
{
	if (s->curl)
		curl_easy_cleanup(s->curl);
	s->curl = NULL;
	close_fd(&s->socket);
}

/* The records in what the receiver takes. */
static void put_body(const struct sink *s, const struct sink_batch *b, struct buf *body)
{
	own(buf_release) struct buf text = BUF(BODY_MAX);
	const char *between = s->c.format == NOTICE_SLACK ? "\n\n" : ",";
	size_t at = 0;

	for (size_t i = 0; i < b->n; i++) {
		buf_puts(&text, i ? between : "");
		buf_str(&text, sink_record(b, i, &at));
	}
	if (s->c.format == NOTICE_SLACK) {
		buf_puts(body, "{\"text\":");
		notice_json_put(body, buf_view(&text));
		buf_puts(body, "}");
	} else if (s->c.format == NOTICE_TEAMS) {
		buf_puts(body, "{\"type\":\"message\",\"attachments\":[{\"contentType\":"
			       "\"application/vnd.microsoft.card.adaptive\",\"content\":{"
			       "\"$schema\":\"http://adaptivecards.io/schemas/adaptive-card.json\","
			       "\"type\":\"AdaptiveCard\",\"version\":\"1.4\",\"body\":[");
		buf_str(body, buf_view(&text));
		buf_puts(body, "]}}]}");
	} else {
		buf_puts(body, "[");
		buf_str(body, buf_view(&text));
		buf_puts(body, "]");
	}
	if (text.error)
		body->error = text.error;
}

static enum sink_result verdict(struct sink *s, CURLcode r)
{
	curl_off_t after = 0;
	long code = 0;

	if (r != CURLE_OK)
		return sink_fail(s, "%s", curl_easy_strerror(r));
	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &code);
	if (code >= 200 && code < 300)
		return SINK_TOLD;
	curl_easy_getinfo(s->curl, CURLINFO_RETRY_AFTER, &after);
	s->retry_after = (unsigned)MIN(MAX(after, 0), 3600);
	(void)sink_fail(s, "the answer was HTTP %ld", code);
	return code == 400 || code == 413 || code == 422 ? SINK_REFUSED : SINK_LATER;
}

static struct curl_slist *headers_of(const struct sink *s)
{
	struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json"), *more;
	char text[1024];

	more = list ? curl_slist_append(list, "Expect:") : NULL;
	if (more && s->c.secret && strlen(s->c.secret) < sizeof text - 32) {
		snprintf(text, sizeof text, "Authorization: Bearer %s", s->c.secret);
		more = curl_slist_append(list, text);
	}
	if (!more) {
		curl_slist_free_all(list);
		return NULL;
	}
	return list;
}

enum sink_result sink_webhook(struct sink *s, const struct sink_batch *b)
{
	own(buf_release) struct buf body = BUF(BODY_MAX);
	struct curl_slist *headers;
	enum sink_result result;

	put_body(s, b, &body);
	if (body.error)
		return SINK_REFUSED;
	if (!s->curl)
		s->curl = sink_curl(s, s->c.url);
	headers = s->curl ? headers_of(s) : NULL;
	if (!headers)
		return sink_fail(s, "no memory");
	curl_easy_setopt(s->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(s->curl, CURLOPT_POSTFIELDS, body.ptr);
	curl_easy_setopt(s->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
	result = verdict(s, curl_easy_perform(s->curl));
	curl_easy_setopt(s->curl, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(s->curl, CURLOPT_POSTFIELDS, NULL);
	curl_slist_free_all(headers);
	if (result == SINK_LATER)
		sink_disconnect(s);
	return result;
}

/* Printable ASCII, at most max bytes: nothing in it begins another header. */
static void put_plain(struct buf *b, struct str s, size_t max)
{
	for (size_t i = 0; i < s.len && i < max; i++)
		buf_putc(b, (char)(s.ptr[i] >= ' ' && s.ptr[i] < 0x7f ? s.ptr[i] : '?'));
}

/* Lines of at most MAIL_LINE bytes that end with CR LF. */
static void put_lines(struct buf *b, struct str text)
{
	struct str line;

	while (str_line(&text, &line, NULL)) {
		while (line.len > MAIL_LINE) {
			size_t n = MAIL_LINE;

			while (n && ((unsigned char)line.ptr[n] & 0xc0) == 0x80)
				n--;
			n = n ? n : MAIL_LINE;
			buf_add(b, line.ptr, n);
			buf_puts(b, "\r\n");
			line = str_sub(line, n, line.len);
		}
		buf_str(b, line);
		buf_puts(b, "\r\n");
	}
}

static void put_mail(const struct sink *s, const struct sink_batch *b, struct buf *mail)
{
	time_t now = time(NULL);
	struct str first = str_sub(b->text, 0, b->lengths[0]);
	char date[64];
	struct tm tm;
	size_t at = 0;

	/* In C's locale whatever the user's is: this program never sets one. */
	strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", gmtime_r(&now, &tm));
	buf_fmt(mail, "Date: %s\r\nFrom: <%s>\r\nTo: ", date, s->c.from);
	put_plain(mail, str_of(s->c.to), 800);
	buf_puts(mail, "\r\nSubject: [holdfast] ");
	put_plain(mail, str_cut(&first, '\n'), 120);
	if (b->n > 1)
		buf_fmt(mail, " (and %zu more)", b->n - 1);
	buf_fmt(mail, "\r\nMessage-ID: <%lld.%08x@holdfast>\r\n", (long long)now,
		(unsigned)(b->text.len * 2654435761u));
	buf_puts(mail, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		       "Content-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n\r\n");
	for (size_t i = 0; i < b->n; i++) {
		put_lines(mail, sink_record(b, i, &at));
		buf_puts(mail, "\r\n");
	}
}

struct upload {
	struct str rest;
};

static size_t read_upload(char *to, size_t size, size_t n, void *user)
{
	struct upload *u = user;
	size_t part = MIN(size * n, u->rest.len);

	if (part)
		memcpy(to, u->rest.ptr, part);
	u->rest = str_sub(u->rest, part, u->rest.len);
	return part;
}

static struct curl_slist *receivers(const char *to)
{
	struct curl_slist *list = NULL, *more;
	char one[320];

	while (*to) {
		size_t n = strcspn(to, " ,\t");

		if (n && n < sizeof one - 2) {
			snprintf(one, sizeof one, "<%.*s>", (int)n, to);
			more = curl_slist_append(list, one);
			if (!more) {
				curl_slist_free_all(list);
				return NULL;
			}
			list = more;
		}
		to += n + (to[n] != '\0');
	}
	return list;
}

enum sink_result sink_mail(struct sink *s, const struct sink_batch *b)
{
	own(buf_release) struct buf mail = BUF(BODY_MAX);
	struct curl_slist *to = receivers(s->c.to);
	enum sink_result result = SINK_LATER;
	struct upload u;
	char from[320];
	CURLcode r;
	long code = 0;

	put_mail(s, b, &mail);
	u.rest = buf_view(&mail);
	snprintf(from, sizeof from, "<%s>", s->c.from);
	s->curl = to && !mail.error ? sink_curl(s, s->c.url) : NULL;
	if (!s->curl) {
		curl_slist_free_all(to);
		return sink_fail(s, "no memory");
	}
	curl_easy_setopt(s->curl, CURLOPT_USE_SSL,
			 (long)(s->c.user ? CURLUSESSL_ALL : CURLUSESSL_TRY));
	if (s->c.user) {
		curl_easy_setopt(s->curl, CURLOPT_USERNAME, s->c.user);
		curl_easy_setopt(s->curl, CURLOPT_PASSWORD, s->c.secret ? s->c.secret : "");
	}
	curl_easy_setopt(s->curl, CURLOPT_MAIL_FROM, from);
	curl_easy_setopt(s->curl, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(s->curl, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(s->curl, CURLOPT_READFUNCTION, read_upload);
	curl_easy_setopt(s->curl, CURLOPT_READDATA, &u);
	r = curl_easy_perform(s->curl);
	curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &code);
	if (r == CURLE_OK)
		result = SINK_TOLD;
	else
		(void)sink_fail(s, "%s (SMTP %ld)", curl_easy_strerror(r), code);
	if (r != CURLE_OK && (code == 552 || code == 554))
		result = SINK_REFUSED;
	curl_slist_free_all(to);
	sink_disconnect(s);
	return result;
}
