-- id: edr
-- title: A malware scanner or endpoint sensor works and is up to date
-- practice: 6-monitoring
-- control: enable-endpoint-protection
-- severity: medium
-- applies: linux
-- maps: attack=T1562.001,T1496 cis-v8=10.1,10.2 iso27001=A.8.7 mcsb=ES-1 nist-csf=DE.CM-09
-- why: Most break-ins end with known tools: miners, bots, encrypters. A scanner with fresh
--   signatures knows them; one that is only installed does not look.
-- fix: apt install clamav-daemon clamav-freshclam && systemctl enable --now clamav-freshclam
--   clamav-daemon, and clamonacc or a nightly clamdscan.
--   Or the sensor of your vendor, with its licence in place.
-- action: package "clamav-daemon clamav-freshclam" - "clamav clamav-daemon"
--   clamav-freshclam.service clamav-daemon.service
-- pass: base
-- fail: edr
WITH tools AS (
  SELECT name, ifnull(configured, 1) = 1 AND ifnull(enabled, 1) = 1 AND ifnull(running, 1) = 1
         AS works, evidence
    FROM security_agents WHERE kind IN ('edr', 'antivirus'))
SELECT 'endpoint protection' AS resource, ifnull((SELECT max(works) FROM tools), 0) AS healthy,
       ifnull((SELECT name || CASE WHEN works THEN ' works' ELSE ' does not work' END || ' ('
                 || evidence || ')' FROM tools ORDER BY works DESC LIMIT 1),
              'no scanner or sensor is installed') AS evidence
