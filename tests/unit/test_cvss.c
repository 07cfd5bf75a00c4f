/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CVSS: scores that NVD and FIRST's examples give, and vectors that come back as they went in. */
#include "tap.h"
#include "vuln/date.h"
#include "vuln/index_format.h"

static const struct {
	const char *vector;
	int score;
} vectors[] = {
  /* FIRST's examples and well-known CVEs. */
	{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",                     100},
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",                    98 },
	{ "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",                    75 },
	{ "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",                    61 },
	{ "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N",                    64 },
	{ "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N",                    31 },
	{ "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H",                    78 },
	{ "CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N",                    46 },
	{ "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H",                    93 },
	{ "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L",                    47 },
	{ "CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N",                    0  },
	{ "AV:N/AC:L/Au:N/C:N/I:N/A:C",                                      78 },
	{ "AV:N/AC:L/Au:N/C:C/I:C/A:C",                                      100},
	{ "AV:L/AC:H/Au:N/C:C/I:C/A:C",                                      62 },
	{ "AV:N/AC:M/Au:N/C:N/I:P/A:N",                                      43 },
	{ "AV:N/AC:L/Au:N/C:P/I:P/A:P",                                      75 },
	{ "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 0  },
};

static const char *const wrong[] = {
	"",
	"CVSS:3.1",
	"CVSS:3.1/",
	"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H",
	"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:X",
	"CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
	"CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
	"CVSS:3.1/AV:/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
	"high",
	"////////",
};

static void test_dates(void)
{
	static const char *const bad[] = { "",           "2024",       "2024-13-01", "2023-02-29",
					   "2024-02-30", "x024-02-20", "2024-2-1",   "0000-01-01" };
	char text[DATE_TEXT];
	int32_t days = 7;
	int64_t when = 0;

	ok(date_days(STR("1970-01-01"), &days) == 0 && days == 0, "the first day");
	ok(date_days(STR("2024-02-29T23:00Z"), &days) == 0 && days == 19'782, "a leap day");
	is_str(str_of(date_text(19'782, text)), STR("2024-02-29"), "and back");
	for (int i = 0; i < 40'000; i += 17)
		if (date_days(str_of(date_text(i, text)), &days) != 0 || days != i)
			ok(false, text);
	for (size_t i = 0; i < COUNT(bad); i++)
		ok(date_days(str_of(bad[i]), &days) == -EINVAL, "no day");
	is_int(date_days(STR("1969-12-31"), &days), -ERANGE, "before the first day");
	ok(date_seconds(STR("2025-08-25T17:04:19.9796Z"), &when) == 0 && when == 1'756'141'459,
	   "with a fraction");
	ok(date_seconds(STR("2025-08-25T00:00:00+0200"), &when) == 0 && when == 1'756'072'800,
	   "with a zone");
	ok(date_seconds(STR("2025-08-25 01:02"), &when) == 0 && when == 1'756'083'720,
	   "without seconds");
	is_int(date_seconds(STR("2025-08-25T25:00:00Z"), &when), -EINVAL, "no such hour");
	is_int(date_seconds(STR("2025-08-25T00:00:00 CET"), &when), -EINVAL, "no such zone");
}

int main(void)
{
	for (size_t i = 0; i < COUNT(vectors); i++) {
		char text[128] = "";
		uint32_t packed = 0;

		if (!is_int(cvss_pack(str_of(vectors[i].vector), &packed), 0, vectors[i].vector))
			continue;
		is_int(cvss_score(packed), vectors[i].score, "its score");
		ok(cvss_text(packed, text, sizeof text), "it stands for a vector");
		is_str(str_of(text), str_of(vectors[i].vector), "the same one");
		ok(packed < 1 << 20, "in a small number");
	}
	for (size_t i = 0; i < COUNT(wrong); i++) {
		uint32_t packed = 0;

		is_int(cvss_pack(str_of(wrong[i]), &packed), -EINVAL, wrong[i]);
	}
	ok(!cvss_text(UINT32_MAX, (char[99]){}, 99), "a number that is none");
	is_int(cvss_score(UINT32_MAX), 0, "has no score");
	is_int(cvss_severity(39), RATED_LOW, "3.9 is low");
	is_int(cvss_severity(40), RATED_MEDIUM, "4.0 is medium");
	is_int(cvss_severity(90), RATED_CRITICAL, "9.0 is critical");
	test_dates();
	return done();
}
