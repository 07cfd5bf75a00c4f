/* SPDX-License-Identifier: GPL-3.0-or-later */
/* certificates: X.509 certificates of services. */
#include "facts/fact.h"

#define FACT_ROW certificates_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "file") \
	X(TEXT, subject, "subject") \
	X(TEXT, issuer, "issuer") \
	X(INT, not_before, "UNIX time") \
	X(INT, not_after, "UNIX time") \
	X(TEXT, key_algorithm, "rsa, ec, ed25519, dsa") \
	X(INT, bits, "key length") \
	X(TEXT, signature, "signature algorithm") \
	X(INT, self_signed, "1 or 0") \
	X(INT, ca, "1 for a CA certificate") \
	X(TEXT, used_by, "configuration that names it, ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "certificates",
	.doc = "X.509 certificates of services.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

static int collect(struct collect *c)
{
	(void)c;
	return -ENOSYS;
}

const struct collector collector_certificates = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
