-- id: sysctl-suid-dump
-- title: Set-uid programs leave no core dumps
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1003.007 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: A program that runs with root's rights on behalf of a user holds secrets in memory, such as
--   password hashes. Its core dump must not be written where that user reads it.
-- fix: echo 'fs.suid_dumpable = 0' > /etc/sysctl.d/60-core.conf
--   Then: sysctl --system
-- action: sysctl fs.suid_dumpable 0
-- pass: base
-- fail: sysctl-suid-dump
SELECT name AS resource, low = 0 AND high = 0 AS healthy, evidence,
       CASE WHEN high = 2 THEN 'low' END AS severity
  FROM sysctl
 WHERE name = 'fs.suid_dumpable'
