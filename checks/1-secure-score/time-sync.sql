-- id: time-sync
-- title: The clock is kept right
-- practice: 1-secure-score
-- control: enable-auditing-and-logging
-- severity: medium
-- applies: linux
-- maps: attack=T1070.006 cis-v8=8.4 iso27001=A.8.17 mcsb=LT-7 nist-csf=PR.PS-04
-- why: Logs of several machines tell one story only when their clocks agree; certificates and
--   one-time codes fail when they do not.
-- fix: Debian, Ubuntu: apt install chrony; systemctl enable --now chrony
--   RHEL: dnf install chrony; systemctl enable --now chronyd
--   Alpine: apk add chrony; rc-update add chronyd
-- action: time
-- pass: base
-- fail: time-sync
WITH state AS (
SELECT enabled = 1 AND sources > 0 AND coalesce(running, 1) = 1 AS good,
       service || CASE WHEN enabled = 0 THEN ' is not started at boot'
                       WHEN sources = 0 THEN ' has no time source'
                       WHEN running = 0 THEN ' does not run'
                       ELSE ' has ' || sources || ' sources' END || ': ' || evidence AS evidence
  FROM time_sync)
SELECT 'clock' AS resource, coalesce((SELECT max(good) FROM state), 0) AS healthy,
       coalesce((SELECT evidence FROM state ORDER BY good DESC LIMIT 1),
                'no time service is installed') AS evidence
 WHERE NOT EXISTS (SELECT 1 FROM host_info WHERE live = 1 AND container <> '')
