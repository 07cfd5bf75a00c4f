-- id: win-known-flaws
-- title: This Windows has no hole that worms use
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: critical
-- applies: linux
-- maps: attack=T1210,T1190 cis-v8=7.3,7.7 iso27001=A.8.8 mcsb=PV-6 nist-csf=ID.RA-01
-- why: These holes let anyone who reaches a port take the machine over without a password, and
--   worms have used them: BlueKeep by Remote Desktop, EternalBlue by file sharing.
-- fix: Install the update that the evidence names, or the latest cumulative one, and restart. Until
--   then shut ports 3389 and 445 and ask for network level authentication.
-- pass: win-pass
-- fail: win-fail
SELECT f.name || ' ' || cve AS resource, NOT vulnerable AS healthy,
       f.file || ': ' || CASE installed WHEN '' THEN 'not there' ELSE installed END
       || CASE WHEN vulnerable THEN ', fixed in ' || fixed || ' (' || kb || ')'
               WHEN vulnerable IS NULL THEN ', its version cannot be told' ELSE '' END
       || CASE WHEN vulnerable AND f.name IN ('BlueKeep', 'DejaBlue') THEN
               CASE v.remote_desktop WHEN 1 THEN ', Remote Desktop is on' WHEN 0
                    THEN ', Remote Desktop is off' ELSE '' END ELSE '' END AS evidence,
       -- Switched off, or with a login in front: the hole is there, but not the way to it.
       CASE WHEN f.name IN ('BlueKeep', 'DejaBlue') AND (v.remote_desktop = 0 OR v.network_level = 1)
            THEN 'high' END AS severity
  FROM windows_flaws f, windows_version v
