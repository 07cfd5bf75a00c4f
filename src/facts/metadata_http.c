/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Just enough of HTTP/1.1 (RFC 9112) for answers of a metadata service. */
#include <arpa/inet.h>

#include "facts/metadata.h"

int metadata_address(struct str url, struct sockaddr_storage *ret, unsigned *ret_len)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct str host, port;
	uint64_t number = 80;
	bool brackets;
	char text[64];

	if (!str_starts(url, STR("http://")))
		return -EINVAL;
	url = str_sub(url, 7, url.len);
	if (str_ends(url, STR("/")))
		url.len--;
	brackets = url.len && url.ptr[0] == '[';
	if (brackets)
		url = str_sub(url, 1, url.len);
	host = str_cut(&url, brackets ? ']' : ':');
	port = brackets ? str_sub(url, 1, url.len) : url;
	if (brackets && (!url.ptr || (url.len && url.ptr[0] != ':')))
		return -EINVAL;
	if (port.len && (str_to_u64(port, 10, &number) < 0 || !number || number > UINT16_MAX))
		return -EINVAL;
	if (host.len >= sizeof text || !host.len)
		return -EINVAL;
	memcpy(text, host.ptr, host.len);
	text[host.len] = '\0';
	v4.sin_port = v6.sin6_port = htons((uint16_t)number);
	if (inet_pton(brackets ? AF_INET6 : AF_INET, text,
		      brackets ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1)
		return -EINVAL;
	memset(ret, 0, sizeof *ret);
	*ret_len = brackets ? sizeof v6 : sizeof v4;
	memcpy(ret, brackets ? (void *)&v6 : (void *)&v4, *ret_len);
	return 0;
}

struct head {
	unsigned status;
	bool chunked, has_length;
	uint64_t length;
};

static int parse_head(struct str text, struct head *ret)
{
	struct head h = {};
	struct str line = {}, version, code;
	uint64_t status;

	str_line(&text, &line, NULL);
	version = str_word(&line);
	code = str_word(&line);
	if ((!str_eq(version, STR("HTTP/1.1")) && !str_eq(version, STR("HTTP/1.0"))) ||
	    code.len != 3 || str_to_u64(code, 10, &status) < 0)
		return -EBADMSG;
	h.status = (unsigned)status;
	while (str_line(&text, &line, NULL) && line.len) {
		struct str name = str_cut(&line, ':'), value = str_trim(line);

		if (str_ieq(name, STR("Transfer-Encoding")))
			h.chunked = str_ieq(value, STR("chunked"));
		if (!str_ieq(name, STR("Content-Length")))
			continue;
		if (str_to_u64(value, 10, &h.length) < 0)
			return -EBADMSG;
		h.has_length = true;
	}
	*ret = h;
	return 0;
}

/* RFC 9112, 7.1: size in hexadecimal, line end, data, line end; a size of 0 ends it. */
static int take_chunks(struct str text, struct buf *body)
{
	for (;;) {
		ssize_t end = str_find(text, '\n');
		struct str line;
		uint64_t size;

		if (end < 0)
			return text.len > 256 ? -EBADMSG : 0;
		line = str_sub(text, 0, (size_t)end);
		text = str_sub(text, (size_t)end + 1, text.len);
		if (str_to_u64(str_trim(str_cut(&line, ';')), 16, &size) < 0)
			return -EBADMSG;
		if (size == 0)
			return 1;
		if (size > METADATA_MAX)
			return -EFBIG;
		if (text.len < size + 2)
			return 0;
		buf_str(body, str_sub(text, 0, size));
		if (body->error)
			return body->error;
		text = str_sub(text, size, text.len);
		text = str_sub(text, text.ptr[0] == '\r' ? 2 : 1, text.len);
	}
}

/* Offset behind the empty line that ends the head; -1. */
static ssize_t head_end(struct str text)
{
	const char *crlf = text.len ? memmem(text.ptr, text.len, "\r\n\r\n", 4) : NULL;
	const char *lf = text.len ? memmem(text.ptr, text.len, "\n\n", 2) : NULL;

	if (crlf && (!lf || crlf < lf))
		return crlf + 4 - text.ptr;
	return lf ? lf + 2 - text.ptr : -1;
}

int metadata_http(struct str text, bool end, struct buf *body, unsigned *ret_status)
{
	ssize_t at = head_end(text);
	struct head h;
	struct str rest;
	int r;

	if (at < 0 && text.len > METADATA_HEAD_MAX)
		return -EFBIG;
	if (at < 0)
		return end ? -EBADMSG : 0;
	r = parse_head(str_sub(text, 0, (size_t)at), &h);
	if (r < 0)
		return r;
	rest = str_sub(text, (size_t)at, text.len);
	if (h.has_length && h.length > METADATA_MAX)
		return -EFBIG;
	buf_reset(body);
	if (h.chunked) {
		r = take_chunks(rest, body);
		if (r == 0 && end)
			return -EBADMSG;
		if (r <= 0)
			return r;
	} else {
		if (h.has_length ? rest.len < h.length : !end)
			return end ? -EBADMSG : 0;
		buf_str(body, str_sub(rest, 0, h.has_length ? h.length : rest.len));
	}
	if (body->error)
		return body->error;
	*ret_status = h.status;
	return 1;
}
