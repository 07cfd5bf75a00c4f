-- id: os-held
-- title: No package is held back from updates
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: medium
-- applies: linux
-- maps: attack=T1190 cis-v8=7.3 iso27001=A.8.8 mcsb=PV-6 nist-csf=ID.RA-07
-- why: A package on hold gets no security updates either, and stays that way long after the reason
--   is forgotten.
-- fix: apt-mark unhold PACKAGE   (dnf versionlock delete PACKAGE;
--   Alpine: remove the =VERSION from /etc/apk/world).
--   Where a hold is needed, write an exemption with an end.
-- pass: base
-- fail: os-held
SELECT 'package ' || name AS resource, 0 AS healthy,
       name || ' ' || version || ' is held back' AS evidence
  FROM packages
 WHERE hold = 1
UNION ALL
SELECT 'packages', 1, count(*) || ' packages, none held back' FROM packages
HAVING count(*) > 0 AND max(hold) = 0
