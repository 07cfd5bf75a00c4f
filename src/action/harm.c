/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a remedy could break whose plan does not see it in the files. */
#include "action/remedy.h"

static const struct harm {
	const char *kind;
	const char *argument; /* a pattern of one of the action's words; NULL: of any */
	const char *text;
} harms[] = {
  /* clang-format off */
	{ "auditd", NULL, "room on the disk: logs are kept" },
	{ "comment", NULL, "whoever logs in by what the line says" },
	{ "journald", "Storage", "the journal takes up to a tenth of the disk" },
	{ "log-files", NULL, "room on the disk" },
	{ "mode", "+1000", "programs that remove files of others there" },
	{ "mode", "-6000", "programs that other accounts run with the rights of their owner or group" },
	{ "mode", "-0*", "programs of other accounts that read or write there" },
	{ "mode", "0*", "programs of other accounts that read or write there" },
	{ "package", NULL, "room on the disk and in memory" },
	{ "pam-hash", NULL, "systems that are too old for hashes that are made from now on, where they are copied to" },
	{ "pam-without", "nullok", "accounts with an empty password do not get in any more" },
	{ "password-age", NULL, "accounts whose password gets too old have to change it at their next login" },
	{ "pwhistory", NULL, "going back to a password that was used before" },
	{ "pwquality", NULL, "simple new passwords; those that are there stay" },
	{ "sshd", "Ciphers", "clients that know no SHA-2: OpenSSH before 7.2 (2016), PuTTY before 0.75" },
	{ "sshd", "ClientAlive*", "sessions whose network is gone for a quarter of an hour end" },
	{ "sshd", "DisableForwarding", "tunnels, jumps through this machine (ssh -J), forwarded agents, and "
		"editors that work over them" },
	{ "sshd", "HostbasedAuthentication", "logins that another machine vouches for" },
	{ "sshd", "LoginGraceTime", "who needs longer than a minute to log in" },
	{ "sshd", "MaxAuthTries", "clients that offer four keys before the right one: IdentitiesOnly helps" },
	{ "sshd", "MaxSessions", "programs that open more than ten sessions in one connection" },
	{ "sshd", "MaxStartups", "some of more than ten clients that log in at the same moment" },
	{ "sshd", "PermitEmptyPasswords", "accounts without a password do not get in by ssh any more" },
	{ "sshd", "PermitRootLogin", "root's own logins by ssh, such as copies and jobs of other machines" },
	{ "sshd", "PermitUserEnvironment", "~/.ssh/environment, and environment= in authorized_keys" },
	{ "sshd", "StrictModes", "keys in files or homes that others may write are not taken any more" },
	{ "sudo-defaults", "use_pty", "programs that run sudo without a terminal and read what it writes" },
	{ "sysctl", "*.accept_redirects", "networks whose routers tell of better ways (rare)" },
	{ "sysctl", "*.accept_source_route", "measurements of the network that ask for their way" },
	{ "sysctl", "*.ip_forward", "routers, VPN servers, hosts of containers and virtual machines" },
	{ "sysctl", "*.log_martians", "room on the disk, where the network sends many of them" },
	{ "sysctl", "*.protected_symlinks", "programs that share links or files with others in /tmp" },
	{ "sysctl", "*.rp_filter", "networks where answers take another way than questions: several uplinks, "
		"some VPNs" },
	{ "sysctl", "fs.suid_dumpable", "core dumps of programs that are set-uid" },
	{ "sysctl", "kernel.dmesg_restrict", "dmesg of other accounts than root" },
	{ "sysctl", "kernel.kptr_restrict", "profilers of other accounts than root" },
	{ "sysctl", "kernel.perf_event_paranoid", "perf of other accounts than root" },
	{ "sysctl", "kernel.randomize_va_space", "programs that want fixed addresses (very old ones)" },
	{ "sysctl", "kernel.unprivileged_bpf_disabled", "programs of other accounts than root that load BPF" },
	{ "sysctl", "kernel.yama.ptrace_scope", "debuggers that join a running program (gdb -p) but for root" },
	{ "unit-off", NULL, "whoever still uses it" },
  /* clang-format on */
};

static bool meant(const struct harm *h, const struct remedy *kind, const struct remedy_input *in)
{
	if (strcmp(h->kind, kind->kind) != 0)
		return false;
	for (size_t i = 0; h->argument && i < in->n_args; i++)
		if (str_glob(str_of(h->argument), in->args[i]))
			return true;
	return !h->argument;
}

int remedy_plan(const struct remedy *kind, const struct remedy_input *in, struct plan *p)
{
	int r = kind->plan(in, p);

	for (size_t i = 0; r >= 0 && p->n && !p->breaks && i < COUNT(harms); i++)
		if (meant(&harms[i], kind, in))
			r = plan_breaks(p, "%s", harms[i].text);
	return r;
}
