/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <curl/curl.h>
#include <stdio.h>

#include "action/azure_http.h"

#define CONNECT_MS 5000L
#define REQUEST_MS 20'000L

static void easy_release(CURL **c) { curl_easy_cleanup(*c); }
static void list_release(struct curl_slist **l) { curl_slist_free_all(*l); }

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is curl's */
static size_t on_body(char *data, size_t size, size_t n, void *user)
{
	struct str bytes = { data, size * n };

	return buf_add(user, bytes.ptr, bytes.len) < 0 ? 0 : size * n;
}

/* The value of a header of that name; a longer one than fits is left out. */
static void keep(struct str line, struct str name, char *ret, size_t size)
{
	struct str value = line, head = str_cut(&value, ':');

	value = str_trim(value);
	if (!str_ieq(head, name) || value.len >= size)
		return;
	memcpy(ret, value.ptr, value.len);
	ret[value.len] = 0;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the type is curl's */
static size_t on_header(char *data, size_t size, size_t n, void *user)
{
	struct azure_answer *a = user;
	struct str line = { data, size * n };
	char location[sizeof a->operation] = "";

	keep(line, STR("ETag"), a->etag, sizeof a->etag);
	keep(line, STR("Azure-AsyncOperation"), a->operation, sizeof a->operation);
	keep(line, STR("Location"), location, sizeof location);
	if (!a->operation[0])
		memcpy(a->operation, location, sizeof location);
	return size * n;
}

static int add_header(struct curl_slist **list, const char *name, const char *value)
{
	own(buf_release) struct buf text = BUF(16 << 10);
	struct curl_slist *more;

	if (buf_fmt(&text, "%s%s", name, value) < 0)
		return text.error;
	more = curl_slist_append(*list, text.ptr);
	if (!more)
		return -ENOMEM;
	*list = more;
	return 0;
}

static int add_headers(struct curl_slist **list, const struct azure_request *q)
{
	int r = 0;

	if (q->token)
		r = add_header(list, "Authorization: Bearer ", q->token);
	if (r == 0 && q->if_match && q->if_match[0])
		r = add_header(list, "If-Match: ", q->if_match);
	if (r == 0 && q->if_match && !q->if_match[0])
		r = add_header(list, "If-None-Match: ", "*");
	if (r == 0 && q->metadata)
		r = add_header(list, "Metadata: ", "true");
	if (r == 0 && q->body.ptr)
		r = add_header(list, "Content-Type: ",
			       q->form ? "application/x-www-form-urlencoded" : "application/json");
	/* No "100 Continue" first. */
	return r == 0 ? add_header(list, "Expect:", "") : r;
}

static int error_of(CURLcode code, const struct buf *body)
{
	if (code == CURLE_OUT_OF_MEMORY)
		return -ENOMEM;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return -ETIME;
	if (code == CURLE_WRITE_ERROR)
		return body->error ? body->error : -EFBIG;
	if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
	    code == CURLE_COULDNT_RESOLVE_PROXY)
		return -EHOSTUNREACH;
	return -EPROTO;
}

static CURLcode set_options(CURL *c, const struct azure_request *q, struct curl_slist *headers,
			    struct azure_answer *a)
{
	/* Whoever configures an address without TLS means a test or the metadata service. */
	const char *protocols = strncmp(q->url, "http://", 7) == 0 ? "http" : "https";
	CURLcode r = curl_easy_setopt(c, CURLOPT_URL, q->url);

	r = r ?: curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocols);
	r = r ?: curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, q->method);
	r = r ?: curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	r = r ?: curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	r = r ?: curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	r = r ?: curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	r = r ?: curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, REQUEST_MS);
	r = r ?: curl_easy_setopt(c, CURLOPT_USERAGENT, "holdfast/" HOLDFAST_VERSION);
	r = r ?: curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	r = r ?: curl_easy_setopt(c, CURLOPT_WRITEDATA, &a->body);
	r = r ?: curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	r = r ?: curl_easy_setopt(c, CURLOPT_HEADERDATA, a);
	if (q->metadata)
		r = r ?: curl_easy_setopt(c, CURLOPT_PROXY, "");
	if (!q->body.ptr)
		return r;
	r = r ?: curl_easy_setopt(c, CURLOPT_POSTFIELDS, q->body.ptr);
	return r ?: curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.len);
}

int azure_http(const struct azure_request *q, struct azure_answer *ret, struct diag *d)
{
	own(azure_answer_release) struct azure_answer a = { .body = BUF(AZURE_ANSWER_MAX) };
	own(list_release) struct curl_slist *headers = NULL;
	own(easy_release) CURL *c = curl_easy_init();
	curl_off_t after = 0;
	CURLcode code;
	int r;

	if (!c)
		return -ENOMEM;
	r = add_headers(&headers, q);
	if (r < 0)
		return r;
	code = set_options(c, q, headers, &a);
	if (code == CURLE_OK)
		code = curl_easy_perform(c);
	if (code != CURLE_OK)
		return diag_set(d, error_of(code, &a.body), "", 0, "Azure cannot be asked: %s",
				curl_easy_strerror(code));
	(void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &a.status);
	(void)curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &after);
	a.retry_after = after > 0 ? (int64_t)after : -1;
	*ret = take(a);
	return 0;
}

void azure_answer_release(struct azure_answer *a) { buf_release(&a->body); }
