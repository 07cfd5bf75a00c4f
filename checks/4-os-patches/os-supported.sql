-- id: os-supported
-- title: The operating system still gets security updates
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1210 cis-v8=2.2,7.3 iso27001=A.8.8,A.8.19 mcsb=PV-6 nist-csf=ID.RA-07
-- why: After the last day of support holes are found and published as before, but nobody closes
--   them here. Debian's LTS team takes over for free where the standard support ends; Ubuntu and
--   Red Hat sell the time after, which counts once their repository is set up.
-- fix: Upgrade to the next release:
--   back up, read its release notes, then for Debian and Ubuntu put its name into
--   /etc/apt/sources.list*, apt update && apt full-upgrade (Ubuntu: do-release-upgrade;
--   Red Hat: leapp upgrade). Until then: pro attach (Ubuntu), ELS (Red Hat).
-- pass: os-supported-pass
-- fail: os-supported
WITH os AS (
  SELECT *, extended_eol_date IS NOT NULL AND (id = 'debian' OR EXISTS (
              SELECT 1 FROM package_repositories
               WHERE enabled = 1 AND (uri LIKE '%esm.ubuntu.com%' OR suite LIKE '%-els-%'
                                      OR suite LIKE '%-eus-%' OR uri LIKE '%/els/%'))) AS extended,
         (SELECT date(now, 'unixepoch') FROM moment) AS today
    FROM os_version)
SELECT 'operating system' AS resource,
       CASE WHEN eol_date IS NULL THEN NULL
            ELSE today <= CASE WHEN extended THEN extended_eol_date ELSE eol_date END END
         AS healthy,
       file || ': ' || pretty_name || CASE
         WHEN extended AND today > eol_date THEN ', long-term support until ' || extended_eol_date
         ELSE ', supported until ' || ifnull(eol_date, 'an unknown day') END AS evidence,
       EXISTS (SELECT 1 FROM exposed_services) AS reachable,
       CASE WHEN today > ifnull(extended_eol_date, eol_date) THEN 'critical' ELSE 'high' END
         AS severity
  FROM os
