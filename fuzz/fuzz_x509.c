/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/x509.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	own(arena_release) struct arena a = {};
	struct certificate *list = NULL;
	bool more = false, bad = false;
	size_t n = 0;

	if (x509_read(&a, (struct str){ (const char *)data, size }, &list, &n, &more, &bad) < 0)
		return 0;
	fuzz_assert(n <= X509_CERTS_MAX);
	for (size_t i = 0; i < n; i++)
		fuzz_assert(list[i].subject.ptr && list[i].key_algorithm.len &&
			    list[i].signature.len);
	return 0;
}
