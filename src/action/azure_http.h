/* SPDX-License-Identifier: GPL-3.0-or-later */
/* azure_http: one request of Azure's REST API, with bounds on time and answer. */
#ifndef HF_ACTION_AZURE_HTTP_H
#define HF_ACTION_AZURE_HTTP_H

#include "base/buf.h"
#include "base/diag.h"

#define AZURE_ANSWER_MAX ((size_t)4 << 20)

struct azure_request {
	const char *method, *url;
	const char *token;    /* NULL: none is sent */
	const char *if_match; /* ETag; NULL: none; "" means "If-None-Match: *" */
	struct str body;      /* ptr == NULL: none */
	bool form;            /* the body is a form's, else JSON */
	bool metadata;        /* "Metadata: true", no proxy */
};
struct azure_answer {
	long status;
	char etag[256];
	char operation[1024]; /* Azure-AsyncOperation, else Location; "" where there is none */
	int64_t retry_after;  /* seconds; -1: not said */
	struct buf body;      /* released by azure_answer_release() */
};

/* -EHOSTUNREACH, -ETIME, -EPROTO (TLS, not HTTP), -EFBIG, -ENOMEM with a reason in *d. */
[[nodiscard]] int azure_http(const struct azure_request *q, struct azure_answer *ret,
			     struct diag *d);
void azure_answer_release(struct azure_answer *a);

#endif
