/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "posture/control.h"

/* clang-format off */
const struct control controls[] = {
	{ "enable-mfa", "Enable MFA", 10, false },
	{ "secure-management-ports", "Secure management ports", 8, false },
	{ "apply-system-updates", "Apply system updates", 6, false },
	{ "remediate-vulnerabilities", "Remediate vulnerabilities", 6, false },
	{ "back-up-and-restore", "Back up and restore", 6, true },
	{ "remediate-security-configurations", "Remediate security configurations", 4, false },
	{ "manage-access-and-permissions", "Manage access and permissions", 4, false },
	{ "enable-encryption-at-rest", "Enable encryption at rest", 4, false },
	{ "encrypt-data-in-transit", "Encrypt data in transit", 4, false },
	{ "restrict-unauthorized-network-access", "Restrict unauthorized network access", 4, false },
	{ "apply-adaptive-application-control", "Apply adaptive application control", 3, false },
	{ "protect-applications-against-ddos", "Protect applications against DDoS attacks", 2, false },
	{ "enable-endpoint-protection", "Enable endpoint protection", 2, false },
	{ "enable-auditing-and-logging", "Enable auditing and logging", 1, false },
	{ "enable-enhanced-security-features", "Enable enhanced security features", 0, false },
	{ "implement-security-best-practices", "Implement security best practices", 0, false },
};
/* clang-format on */
const size_t n_controls = COUNT(controls);

const struct practice practices[7] = {
	{"1-secure-score",      "Secure score and hardening"                  },
	{ "2-management-ports", "Management ports closed, opened just in time"},
	{ "3-accounts",         "Strong accounts and passwords"               },
	{ "4-os-patches",       "Operating system patches"                    },
	{ "5-third-party",      "Third-party software and its patches"        },
	{ "6-monitoring",       "Threat monitoring"                           },
	{ "7-backup",           "Backup"				      },
};

int control_find(struct str id)
{
	for (size_t i = 0; i < n_controls; i++)
		if (str_eq(id, str_of(controls[i].id)))
			return (int)i;
	return -ENOENT;
}

int practice_find(struct str s)
{
	for (size_t i = 0; i < COUNT(practices); i++) {
		struct str id = str_of(practices[i].id);

		if (str_eq(s, id) || str_eq(s, str_sub(id, 0, 1)) ||
		    str_eq(s, str_sub(id, 2, id.len)))
			return (int)i;
	}
	return -ENOENT;
}

static const char *const severities[SEVERITY_N] = { "info", "low", "medium", "high", "critical" };

const char *severity_name(enum severity s) { return severities[s]; }

int severity_find(struct str s)
{
	for (size_t i = 0; i < SEVERITY_N; i++)
		if (str_ieq(s, str_of(severities[i])))
			return (int)i;
	return -ENOENT;
}
