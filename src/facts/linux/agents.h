/* SPDX-License-Identifier: GPL-3.0-or-later */
/* agents: the products that security_agents looks for, and how each shows that it does its work. */
#ifndef HF_FACTS_LINUX_AGENTS_H
#define HF_FACTS_LINUX_AGENTS_H

#include "facts/linux/presence.h"

/*
 * *ret: 1, 0 or FACT_UNKNOWN; *ret_evidence: the file (and line) that decides, in c->arena, left
 * alone where there is none.
 */
typedef int agent_judge_fn(struct collect *c, int64_t *ret, struct str *ret_evidence);

struct agent {
	struct daemon daemon;
	const char *kind;
	const char *processes; /* names as in /proc/PID/comm (15 bytes), blank separated */
	agent_judge_fn *configured;
	/* No daemon but a program that a job runs: these files make it run, '' for daemons. */
	const char *jobs;
};

extern const struct agent agents[];
extern const size_t n_agents;

/* Judges, in agents_judge.c. */
agent_judge_fn agent_fail2ban, agent_sshguard, agent_crowdsec, agent_clamav, agent_aide,
	agent_tripwire, agent_samhain, agent_rkhunter, agent_chkrootkit, agent_osquery,
	agent_auditd, agent_wazuh, agent_suricata, agent_rsyslog, agent_syslog_ng, agent_mdatp,
	agent_falcon, agent_holdfast, agent_holdfast_integrity;

#endif
