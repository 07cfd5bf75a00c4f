-- id: sysctl-links
-- title: Links, pipes and files in /tmp are protected
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: medium
-- applies: linux
-- maps: attack=T1068,T1574 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: In directories that everybody writes to, one account can lay a link or a pipe where a
--   program of root expects a file, and so read or change what it must not.
-- fix: Write these lines to /etc/sysctl.d/60-links.conf, then: sysctl --system
--   fs.protected_hardlinks = 1
--   fs.protected_symlinks = 1
--   fs.protected_fifos = 1
--   fs.protected_regular = 1
-- action: sysctl fs.protected_hardlinks 1 fs.protected_symlinks 1 fs.protected_fifos 1 fs.protected_regular 1
-- pass: base
-- fail: sysctl-links
SELECT name AS resource, low >= 1 AS healthy, evidence,
       CASE WHEN name IN ('fs.protected_fifos', 'fs.protected_regular') THEN 'low' END AS severity
  FROM sysctl
 WHERE name LIKE 'fs.protected\_%' ESCAPE '\'
