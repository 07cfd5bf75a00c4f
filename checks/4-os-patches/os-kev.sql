-- id: os-kev
-- title: No installed package has a vulnerability that is known to be exploited
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1210,T1068 cis-v8=7.3,7.7 iso27001=A.8.8 mcsb=PV-6 nist-csf=ID.RA-01,ID.RA-05
-- why: Of all vulnerabilities about one in twenty is ever used. Those of CISA's catalogue are, now.
-- fix: holdfast vulns --cve ID --why   (who uses it, how it is reached, what closes it)
-- pass: os-kev-pass
-- fail: os-kev
SELECT source || ' ' || id AS resource, 0 AS healthy,
       min(package) || ' ' || min(version) || ' has ' || id
         || CASE max(ransomware) WHEN 1 THEN ', which extortionists use' ELSE ', which is exploited' END
         || CASE WHEN max(update_version) <> '' THEN '; closed by ' || max(update_version)
                 WHEN max(fixed) <> '' THEN '; fixed in ' || max(fixed)
                 ELSE '; there is no fix' END AS evidence,
       package IN (SELECT package FROM used_packages WHERE internet IS NOT 0) AS reachable
  FROM vulnerabilities WHERE kev = 1
 GROUP BY source, id
UNION ALL
SELECT 'packages', CASE WHEN EXISTS (SELECT 1 FROM advisory_sources WHERE format = 'kev') THEN 1 END,
       'none of them is in CISA''s catalogue', 0
 WHERE EXISTS (SELECT 1 FROM advisory_sources)
   AND NOT EXISTS (SELECT 1 FROM vulnerabilities WHERE kev = 1)
