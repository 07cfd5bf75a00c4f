-- id: sysctl-dmesg
-- title: Only root reads the kernel log
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: low
-- applies: linux
-- maps: attack=T1082 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: The kernel log holds addresses, devices and errors that help to break out of a plain
--   account.
-- fix: echo 'kernel.dmesg_restrict = 1' > /etc/sysctl.d/60-dmesg.conf
--   Then: sysctl --system
-- action: sysctl kernel.dmesg_restrict 1
-- pass: base
-- fail: sysctl-dmesg
SELECT name AS resource, low = 1 AS healthy, evidence
  FROM sysctl
 WHERE name = 'kernel.dmesg_restrict'
