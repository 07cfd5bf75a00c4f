-- id: sysctl-kptr
-- title: The kernel hides its addresses
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1068 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: Addresses of kernel objects in /proc tell an intruder with a plain account where to aim
--   when he attacks the kernel. Nothing on a server needs them.
-- fix: echo 'kernel.kptr_restrict = 1' > /etc/sysctl.d/60-kptr.conf
--   Then: sysctl --system
-- action: sysctl kernel.kptr_restrict 1
-- pass: base
-- fail: sysctl-kptr
SELECT name AS resource, low >= 1 AS healthy, evidence
  FROM sysctl
 WHERE name = 'kernel.kptr_restrict'
