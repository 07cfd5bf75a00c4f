-- id: os-pkg-integrity
-- title: Programs are as their packages brought them
-- practice: 4-os-patches
-- control: apply-adaptive-application-control
-- severity: high
-- applies: linux
-- maps: attack=T1554,T1036.005 cis-v8=2.5,2.7 iso27001=A.8.19 mcsb=PV-4 nist-csf=PR.PS-05
-- why: A changed sshd, sudo or PAM module is how intruders keep a door open and collect passwords.
--   Nothing but an update should ever change these files.
-- fix: Look at the file first, keep a copy as evidence, then install the package again:
--     apt install --reinstall PACKAGE     (Red Hat: dnf reinstall PACKAGE; Alpine: apk fix PACKAGE)
--   If you cannot explain the change, treat the machine as broken into.
-- pass: base
-- fail: os-pkg-integrity
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' of package ' || package || ' is ' || status AS evidence,
       CASE status WHEN 'changed' THEN 'high' ELSE 'medium' END AS severity
  FROM package_integrity
UNION ALL
SELECT 'packages', 1, count(*) || ' packages: what was compared is unchanged', 'high'
  FROM packages
HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM package_integrity)
