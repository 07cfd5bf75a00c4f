-- id: sysctl-ptrace
-- title: Programs cannot read the memory of other programs
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1055.008,T1003 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: Without Yama's restriction, one hijacked program reads passwords and keys out of every
--   other program of the same account, such as the ssh agent.
-- fix: echo 'kernel.yama.ptrace_scope = 1' > /etc/sysctl.d/60-ptrace.conf
--   Then: sysctl --system
-- action: sysctl kernel.yama.ptrace_scope 1
-- pass: base
-- fail: sysctl-ptrace
SELECT name AS resource, low >= 1 AS healthy, evidence
  FROM sysctl
 WHERE name = 'kernel.yama.ptrace_scope'
