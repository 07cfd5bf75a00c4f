-- id: os-pkg-broken
-- title: No package is half installed
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: medium
-- applies: linux
-- maps: attack=T1190 cis-v8=7.3 iso27001=A.8.8 mcsb=PV-6 nist-csf=PR.PS-02
-- why: A package that stopped in the middle of its installation stops every update after it, also
--   the automatic ones.
-- fix: dpkg --configure -a && apt --fix-broken install
-- pass: base
-- fail: os-pkg-broken
SELECT 'package ' || name AS resource, 0 AS healthy,
       name || ' ' || version || ' is ' || status AS evidence
  FROM packages
 WHERE status NOT IN ('installed', 'config-files', 'not-installed')
UNION ALL
SELECT 'packages', 1, count(*) || ' packages' FROM packages
HAVING count(*) > 0 AND max(status NOT IN ('installed', 'config-files', 'not-installed')) = 0
