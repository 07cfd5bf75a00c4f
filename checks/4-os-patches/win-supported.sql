-- id: win-supported
-- title: This Windows still gets security updates
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1210 cis-v8=2.2,7.3 iso27001=A.8.8,A.8.19 mcsb=PV-6 nist-csf=ID.RA-07
-- why: After the last day of support holes are found and published as before, but nobody closes
--   them here. Extended security updates are sold for some releases for three years more.
-- fix: Upgrade to a supported release, or buy extended security updates until that is done.
--   Until then no port of it belongs on the internet, Remote Desktop least of all.
-- pass: win-pass
-- fail: win-fail
SELECT 'operating system' AS resource,
       CASE WHEN eol_date IS NULL THEN NULL ELSE date(now, 'unixepoch') <= eol_date END AS healthy,
       file || ': ' || product || ' ' || version
       || coalesce(', supported until ' || eol_date, '')
       || coalesce(', with extended security updates until ' || extended_eol_date, '') AS evidence,
       CASE WHEN date(now, 'unixepoch') <= coalesce(extended_eol_date, eol_date) THEN 'high'
            ELSE 'critical' END AS severity
  FROM windows_version, moment
