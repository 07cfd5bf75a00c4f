-- id: miner
-- title: Nothing mines coins here
-- practice: 6-monitoring
-- control: enable-endpoint-protection
-- severity: high
-- applies: linux
-- maps: attack=T1496 cis-v8=10.1,13.3 iso27001=A.8.7 mcsb=ES-2 nist-csf=DE.CM-09
-- why: Miners are what most break-ins into servers end with: they cost the bill of the cloud, and
--   show that somebody else is in charge.
-- fix: Keep a copy of the program (cp /proc/PID/exe), kill -9 PID, remove the job,
--   unit or key that brings it back, and close the way it came in:
--   look at the critical findings first.
-- pass: base
-- fail: miner
WITH pool(pattern) AS (VALUES ('%stratum+tcp%'), ('%stratum+ssl%'), ('%xmrig%'), ('%minerd %'),
  ('%cpuminer%'), ('%kinsing%'), ('%kdevtmpfsi%'), ('%--donate-level%'), ('%xmr-stak%'),
  ('%nicehash%'), ('%minexmr%'), ('%supportxmr%'), ('%nanopool%'), ('%ethminer%'), ('%lolminer%')),
places(resource, text, evidence) AS (
  SELECT 'process ' || name, path || ' ' || cmdline || ' ',
         'process ' || pid || ' ' || substr(cmdline, 1, 160) FROM processes
  UNION ALL
  SELECT 'job ' || file || ':' || line, command || ' ', file || ':' || line || ' '
         || substr(replace(command, char(10), ' '), 1, 160) FROM crontab
  UNION ALL
  SELECT 'unit ' || id, exec || ' ', path || ' ' || substr(exec, 1, 160) FROM systemd_units
   WHERE type IN ('service', 'script'))
SELECT resource, 0 AS healthy, evidence FROM places JOIN pool ON text LIKE pattern
UNION ALL
SELECT 'programs', 1, count(*) || ' processes, jobs and services' FROM places
HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM places JOIN pool ON text LIKE pattern)
