/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/web.h"

/* A token of RFC 9110: letters and '-', as all methods are. */
static bool is_method(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.ptr[i] | 32) >= 'a' && (s.ptr[i] | 32) <= 'z') && s.ptr[i] != '-' &&
		    s.ptr[i] != '_')
			return false;
	return s.len && s.len <= 24;
}

void web_request(struct work *w, struct str request)
{
	struct str uri = request, method = scan_word(&uri), version = scan_word_end(uri);
	size_t n = 0;

	if (!is_method(method) || !uri.len) {
		work_some(w, FIELD_CS_URI, request);
		work_some(w, FIELD_CS_URI_QUERY, request);
		work_some(w, FIELD_C_URI, request);
		return;
	}
	/* A URI with blanks in it is one still. */
	if (version.len > 5 && version.len < uri.len && !memcmp(version.ptr, "HTTP/", 5))
		uri.len -= version.len + 1;
	else
		version = (struct str){};
	while (n < uri.len && uri.ptr[n] != '?')
		n++;
	work_put(w, FIELD_CS_METHOD, method);
	work_put(w, FIELD_CS_URI, uri);
	work_put(w, FIELD_C_URI, uri);
	work_put(w, FIELD_CS_URI_STEM, (struct str){ uri.ptr, n });
	work_put(w, FIELD_CS_URI_QUERY, uri);
	work_some(w, FIELD_CS_VERSION, version);
}

void web_client(struct work *w, struct str client, struct str port)
{
	struct str address = work_address(w, client);

	if (!address.len)
		address = client;
	if (!address.len || str_eq(address, STR("-")))
		return;
	work_put(w, FIELD_C_IP, address);
	work_source(w, address);
	if (port.len) {
		work_number(w, FIELD_C_PORT, port);
		work_number(w, FIELD_SRC_PORT, port);
	}
}

void web_agent(struct work *w, struct str agent)
{
	work_put(w, FIELD_CS_USER_AGENT, agent);
	work_put(w, FIELD_C_USERAGENT, agent);
}

struct str web_host(struct str host)
{
	size_t n = host.len;

	while (n && scan_is_digit(host.ptr[n - 1]))
		n--;
	/* Not the end of an IPv6 address without brackets. */
	if (n && n < host.len && host.ptr[n - 1] == ':' && !memchr(host.ptr, ':', n - 1))
		host.len = n - 1;
	else if (n > 1 && n < host.len && host.ptr[n - 1] == ':' && host.ptr[n - 2] == ']')
		host.len = n - 1;
	return host;
}
