/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of a metadata service: HTTP, then the documents. */
#include "facts/linux/cloud_answer.h"
#include "facts/metadata.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct str providers[] = { STR("azure"), STR("aws"), STR("gcp"),
						STR("openstack") };
	own(arena_release) struct arena a = {};
	own(buf_release) struct buf body = BUF(METADATA_MAX);
	struct str text = { len ? (const char *)data : "", len };
	struct sockaddr_storage address;
	unsigned status, size;
	int r = metadata_http(text, false, &body, &status);

	fuzz_assert(r == 1 || r == 0 || r == -EBADMSG || r == -EFBIG);
	/* What is complete stays so at the end of the connection. */
	if (r == 1)
		fuzz_assert(metadata_http(text, true, &body, &status) == 1 && body.len <= len);
	(void)metadata_address(text, &address, &size);
	if (r == 1)
		text = buf_view(&body);
	for (size_t i = 0; i < COUNT(providers); i++) {
		struct cloud_answer answer;

		if (cloud_answer_parse(providers[i], text, &a, &answer) == 0)
			fuzz_assert(answer.instance_id.ptr && answer.size.ptr);
	}
	return 0;
}
