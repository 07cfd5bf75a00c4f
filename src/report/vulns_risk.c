/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one order of everything that `vulns` shows. docs/vulns.md has the table. */
#include "report/vulns.h"

#define EPSS_LIKELY 10'000 /* one in ten within 30 days */

unsigned vuln_risk(unsigned threat, enum internet reach, bool runs, bool local)
{
	unsigned weight = reach == INTERNET_YES ? 10 : reach == INTERNET_UNKNOWN ? 8 : runs ? 3 : 1;

	/* Who has to be on the machine does not come from the internet. */
	return threat * (local ? MIN(weight, 3U) : weight);
}

bool vuln_flaw_is_minor(const struct vuln_flaw *f)
{
	return !f->kev &&
	       (str_eq(f->status, STR("minor")) || str_eq(f->severity, STR("negligible")));
}

static unsigned of_severity(struct str s)
{
	static const struct {
		struct str name;
		unsigned threat;
	} names[] = {
		{STR("critical"),    THREAT_CRITICAL},
                { STR("high"),       THREAT_HIGH    },
		{ STR("medium"),     THREAT_MEDIUM  },
                { STR("low"),        THREAT_LOW     },
		{ STR("negligible"), THREAT_NONE    },
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(s, names[i].name))
			return names[i].threat;
	return THREAT_MEDIUM;
}

unsigned vuln_flaw_threat(const struct vuln_flaw *f)
{
	if (f->kev)
		return f->ransomware ? THREAT_RANSOM : THREAT_EXPLOITED;
	if (vuln_flaw_is_minor(f))
		return THREAT_NONE;
	if (str_eq(f->status, STR("malicious")))
		return THREAT_EXPLOITED;
	return f->epss >= EPSS_LIKELY ? THREAT_LIKELY : of_severity(f->severity);
}

const char *vuln_risk_name(unsigned risk)
{
	return risk >= 40 ? "critical" : risk >= 15 ? "high" : risk >= 5 ? "medium" : "low";
}
