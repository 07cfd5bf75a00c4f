-- id: unowned-files
-- title: Every file has an owner that exists
-- practice: 6-monitoring
-- control: remediate-security-configurations
-- severity: low
-- applies: linux
-- maps: attack=T1222.002,T1036 cis-v8=3.3,5.3 iso27001=A.8.3 mcsb=PV-4 nist-csf=PR.AA-05
-- why: These files come from accounts that are gone, or from an archive of elsewhere. The next
--   account with that number owns them.
-- fix: find / -xdev \( -nouser -o -nogroup \) lists them; chown -h root:root FILE, or remove them.
-- pass: base
-- fail: unowned-files
SELECT 'files' AS resource, total(f.path IS NOT NULL) = 0 AS healthy,
       CASE WHEN count(f.path) = 0 THEN w.files || ' files, all with an owner'
            ELSE min(f.path) || ' belongs to ' || f.uid || ':' || f.gid || CASE count(f.path)
                 WHEN 1 THEN '' ELSE ', and ' || (count(f.path) - 1) || ' more' END END AS evidence
  FROM file_walk AS w LEFT JOIN file_findings AS f ON f.kind = 'unowned'
HAVING count(*) > 0
