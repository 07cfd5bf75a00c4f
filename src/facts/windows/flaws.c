/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/windows/flaws.h"
#include "facts/inventory/stretch.h"

#define TERMDD "System32/drivers/termdd.sys"
#define SRV "System32/drivers/srv.sys"

/* clang-format off */
const struct windows_flaw windows_flaws[] = {
	/* The driver as the updates of May 2019 have it; Server 2008 became build 6003 with them. */
	{ "CVE-2019-0708", "BlueKeep", TERMDD, "KB4500331", 2600, 2600, 7701, 0 },
	{ "CVE-2019-0708", "BlueKeep", TERMDD, "KB4500331", 3790, 3790, 6787, 0 },
	{ "CVE-2019-0708", "BlueKeep", TERMDD, "KB4499149", 6002, 6003, 20514, 0 },
	{ "CVE-2019-0708", "BlueKeep", TERMDD, "KB4499149", 6003, 6003, 20514, 0 },
	{ "CVE-2019-0708", "BlueKeep", TERMDD, "KB4499164", 7601, 7601, 24441, 0 },
	/* KB4023262: how to tell by the file that MS17-010 is there. */
	{ "CVE-2017-0144", "EternalBlue", SRV, "KB4012598", 2600, 2600, 7208, 0 },
	{ "CVE-2017-0144", "EternalBlue", SRV, "KB4012598", 3790, 3790, 6021, 0 },
	{ "CVE-2017-0144", "EternalBlue", SRV, "KB4012598", 6002, 6002, 19743, 24067 },
	{ "CVE-2017-0144", "EternalBlue", SRV, "KB4012212", 7601, 7601, 23689, 0 },
	{ "CVE-2017-0144", "EternalBlue", SRV, "KB4012214", 9200, 9200, 22099, 0 },
	{ "CVE-2017-0144", "EternalBlue", SRV, "KB4012213", 9600, 9600, 18604, 0 },
	{ "CVE-2017-0144", "EternalBlue", NULL, "KB4012606", 10240, 10240, 17319, 0 },
	{ "CVE-2017-0144", "EternalBlue", NULL, "KB4013198", 10586, 10586, 839, 0 },
	{ "CVE-2017-0144", "EternalBlue", NULL, "KB4013429", 14393, 14393, 953, 0 },
	{ "CVE-2019-1181", "DejaBlue", NULL, "KB4512497", 10240, 10240, 18305, 0 },
	{ "CVE-2019-1181", "DejaBlue", NULL, "KB4512517", 14393, 14393, 3144, 0 },
	{ "CVE-2019-1181", "DejaBlue", NULL, "KB4512507", 15063, 15063, 1988, 0 },
	{ "CVE-2019-1181", "DejaBlue", NULL, "KB4512516", 16299, 16299, 1331, 0 },
	{ "CVE-2019-1181", "DejaBlue", NULL, "KB4512501", 17134, 17134, 950, 0 },
	{ "CVE-2019-1181", "DejaBlue", NULL, "KB4511553", 17763, 17763, 678, 0 },
	{ "CVE-2019-1181", "DejaBlue", NULL, "KB4512508", 18362, 18362, 295, 0 },
	{ "CVE-2020-0796", "SMBGhost", NULL, "KB4551762", 18362, 18362, 720, 0 },
	{ "CVE-2020-0796", "SMBGhost", NULL, "KB4551762", 18363, 18363, 720, 0 },
	{ "CVE-2024-38077", "MadLicense", NULL, "KB5040434", 14393, 14393, 7159, 0 },
	{ "CVE-2024-38077", "MadLicense", NULL, "KB5040430", 17763, 17763, 6054, 0 },
	{ "CVE-2024-38077", "MadLicense", NULL, "KB5040437", 20348, 20348, 2582, 0 },
	{ "CVE-2024-38063", "IPv6", NULL, "KB5041782", 10240, 10240, 20751, 0 },
	{ "CVE-2024-38063", "IPv6", NULL, "KB5041773", 14393, 14393, 7259, 0 },
	{ "CVE-2024-38063", "IPv6", NULL, "KB5041578", 17763, 17763, 6189, 0 },
	{ "CVE-2024-38063", "IPv6", NULL, "KB5041580", 19044, 19044, 4780, 0 },
	{ "CVE-2024-38063", "IPv6", NULL, "KB5041580", 19045, 19045, 4780, 0 },
	{ "CVE-2024-38063", "IPv6", NULL, "KB5041160", 20348, 20348, 2655, 0 },
	{ "CVE-2024-38063", "IPv6", NULL, "KB5041592", 22000, 22000, 3147, 0 },
	{ "CVE-2024-38063", "IPv6", NULL, "KB5041585", 22621, 22621, 4037, 0 },
	{ "CVE-2024-38063", "IPv6", NULL, "KB5041585", 22631, 22631, 4037, 0 },
	{ "CVE-2024-38063", "IPv6", NULL, "KB5041571", 26100, 26100, 1457, 0 },
};
const size_t n_windows_flaws = COUNT(windows_flaws);

static const struct windows_release releases[] = {
	{ 2600, "Windows XP", NULL, "2014-04-08", NULL, NULL },
	{ 3790, "Windows XP x64", "Windows Server 2003", "2014-04-08", "2015-07-14", NULL },
	{ 6002, "Windows Vista", "Windows Server 2008", "2017-04-11", "2020-01-14", "2023-01-10" },
	{ 6003, NULL, "Windows Server 2008", NULL, "2020-01-14", "2023-01-10" },
	{ 7601, "Windows 7", "Windows Server 2008 R2", "2020-01-14", "2020-01-14", "2023-01-10" },
	{ 9200, "Windows 8", "Windows Server 2012", "2016-01-12", "2023-10-10", "2026-10-13" },
	{ 9600, "Windows 8.1", "Windows Server 2012 R2", "2023-01-10", "2023-10-10", "2026-10-13" },
	{ 10240, "Windows 10 1507", NULL, "2017-05-09", NULL, NULL },
	{ 10586, "Windows 10 1511", NULL, "2017-10-10", NULL, NULL },
	{ 14393, "Windows 10 1607", "Windows Server 2016", "2018-04-10", "2027-01-12", NULL },
	{ 15063, "Windows 10 1703", NULL, "2018-10-09", NULL, NULL },
	{ 16299, "Windows 10 1709", "Windows Server 1709", "2019-04-09", "2019-04-09", NULL },
	{ 17134, "Windows 10 1803", "Windows Server 1803", "2019-11-12", "2019-11-12", NULL },
	{ 17763, "Windows 10 1809", "Windows Server 2019", "2020-11-10", "2029-01-09", NULL },
	{ 18362, "Windows 10 1903", "Windows Server 1903", "2020-12-08", "2020-12-08", NULL },
	{ 18363, "Windows 10 1909", "Windows Server 1909", "2021-05-11", "2021-05-11", NULL },
	{ 19041, "Windows 10 2004", "Windows Server 2004", "2021-12-14", "2021-12-14", NULL },
	{ 19042, "Windows 10 20H2", "Windows Server 20H2", "2022-05-10", "2022-08-09", NULL },
	{ 19043, "Windows 10 21H1", NULL, "2022-12-13", NULL, NULL },
	{ 19044, "Windows 10 21H2", NULL, "2023-06-13", NULL, NULL },
	{ 19045, "Windows 10 22H2", NULL, "2025-10-14", NULL, "2028-10-10" },
	{ 20348, NULL, "Windows Server 2022", NULL, "2031-10-14", NULL },
	{ 22000, "Windows 11 21H2", NULL, "2023-10-10", NULL, NULL },
	{ 22621, "Windows 11 22H2", NULL, "2024-10-08", NULL, NULL },
	{ 22631, "Windows 11 23H2", NULL, "2025-11-11", NULL, NULL },
	{ 25398, NULL, "Windows Server 23H2", NULL, "2026-05-12", NULL },
	{ 26100, "Windows 11 24H2", "Windows Server 2025", "2026-10-13", "2034-11-14", NULL },
	{ 26200, "Windows 11 25H2", NULL, "2027-10-12", NULL, NULL },
};
/* clang-format on */

const struct windows_release *windows_release_find(uint32_t build)
{
	for (size_t i = 0; i < COUNT(releases); i++)
		if (releases[i].build == build)
			return &releases[i];
	return NULL;
}

bool windows_file_version(struct str bytes, uint32_t ret[static 4])
{
	/* dwSignature and dwStrucVersion of VS_FIXEDFILEINFO. */
	static const char mark[] = "\xbd\x04\xef\xfe\0\0\1\0";
	const char *p = bytes.len ? memmem(bytes.ptr, bytes.len, mark, sizeof mark - 1) : NULL;

	if (!p || (size_t)(bytes.ptr + bytes.len - p) < 16)
		return false;
	ret[0] = (uint32_t)read_little(p + 10, 2);
	ret[1] = (uint32_t)read_little(p + 8, 2);
	ret[2] = (uint32_t)read_little(p + 14, 2);
	ret[3] = (uint32_t)read_little(p + 12, 2);
	return true;
}
