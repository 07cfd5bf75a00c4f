-- id: os-old-kernels
-- title: At most three kernels are installed
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: low
-- applies: linux
-- maps: attack=T1068 cis-v8=2.3,7.3 iso27001=A.8.8 mcsb=PV-6 nist-csf=PR.PS-02
-- why: Old kernels can be started by whoever has the console, with all their holes; and they fill
--   /boot until the next kernel update fails.
-- fix: apt autoremove --purge   (Red Hat: dnf remove --oldinstallonly)
-- pass: base
-- fail: os-old-kernels
SELECT 'kernels' AS resource, count(*) <= 3 AS healthy,
       count(*) || ' kernels: ' || group_concat(version, ', ') AS evidence
  FROM (SELECT DISTINCT version FROM kernels ORDER BY version)
HAVING count(*) > 0
