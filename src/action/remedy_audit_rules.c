/* SPDX-License-Identifier: GPL-3.0-or-later */
/* audit-rules: what the kernel writes down: audit.rules(7), a file below rules.d. */
#include "action/draft.h"

#define FOLDER "/etc/audit/rules.d"
#define OURS FOLDER "/50-holdfast.rules"
#define LAST FOLDER "/99-zz-holdfast.rules"

/* Rows of the check and the rules that each of them misses. */
static const struct {
	const char *resource, *rules[3];
} known[] = {
	{"audit of /etc/passwd",       { "-w /etc/passwd -p wa -k identity" }                   },
	{ "audit of /etc/shadow",      { "-w /etc/shadow -p wa -k identity" }                   },
	{ "audit of /etc/group",       { "-w /etc/group -p wa -k identity" }                    },
	{ "audit of sudo",
         { "-w /etc/sudoers -p wa -k scope", "-w /etc/sudoers.d -p wa -k scope" }               },
	{ "audit of the clock",
         { "-a always,exit -F arch=b64 -S adjtimex,settimeofday,clock_settime -k time",
	    "-a always,exit -F arch=b32 -S adjtimex,settimeofday,clock_settime -k time" }       },
	{ "audit of kernel modules",
         { "-a always,exit -F arch=b64 -S init_module,finit_module,delete_module -k modules",
	    "-a always,exit -F arch=b32 -S init_module,finit_module,delete_module -k modules" } },
	{ "audit of commands of root",
         { "-a always,exit -F arch=b64 -S execve -F euid=0 -F auid>=1000 -F auid!=-1 -k root",
	    "-a always,exit -F arch=b32 -S execve -F euid=0 -F auid>=1000 -F auid!=-1 -k root" }},
};

static int write_rules(const struct remedy_input *in, struct plan *p)
{
	own(draft_release) struct draft d = {};
	bool any = false;

	draft_open(&d, p, OURS);
	draft_head(&d);
	for (size_t i = 0; i < COUNT(known); i++) {
		struct str lines[COUNT(known[i].rules)];
		size_t n = 0;

		if (!remedy_fails(in, str_of(known[i].resource)))
			continue;
		while (n < COUNT(lines) && known[i].rules[n]) {
			lines[n] = str_of(known[i].rules[n]);
			n++;
		}
		draft_lines(&d, lines, n);
		any = true;
	}
	return any || d.error < 0 ? draft_save(&d, 0640, NULL) : 0;
}

/* "-e 2" is the last rule: nothing is changed behind it until the next start. */
static int write_lock(struct plan *p)
{
	own(draft_release) struct draft d = {};
	struct str line = STR("-e 2");
	int r;

	draft_open(&d, p, LAST);
	draft_head(&d);
	draft_lines(&d, &line, 1);
	r = draft_save(&d, 0640, NULL);
	return r < 0 ? r
		     : plan_breaks(p, "changes of audit rules count from the next restart of the "
				      "machine only");
}

static int plan_audit_rules(const struct remedy_input *in, struct plan *p)
{
	bool lock = in->n_args && str_eq(in->args[0], STR("lock"));
	int r;

	if (!remedy_has_file(in, FOLDER))
		return plan_cannot(p, "there is no " FOLDER ": install auditd");
	r = lock ? write_lock(p) : write_rules(in, p);
	if (r < 0 || lock)
		return r;
	return plan_effect(p, (const char *const[]){ "augenrules", "--load", NULL });
}

const struct remedy remedy_audit_rules = {
	.kind = "audit-rules",
	.args = "[lock]",
	.what = "rules of the kernel's audit for what the check finds, in " OURS
		"; lock: no rule is "
		"changed until the next start (" LAST ")",
	.plan = plan_audit_rules,
};
