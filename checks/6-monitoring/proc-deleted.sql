-- id: proc-deleted
-- title: No process runs from memory, a temporary directory or a deleted file
-- practice: 6-monitoring
-- control: enable-endpoint-protection
-- severity: critical
-- applies: linux
-- live: yes
-- maps: attack=T1620,T1070.004,T1036.005 cis-v8=10.1,13.7 iso27001=A.8.7 mcsb=ES-2
--   nist-csf=DE.CM-09
-- why: Who deletes a program while it runs, or never writes it to disk, does not want it to be
--   found.
-- fix: Save it before it ends: cp /proc/PID/exe /root/evidence; ls -l /proc/PID/fd; ss -tnp.
--   Then kill -9 PID, and look for what started it (cron, units, start-up files).
-- pass: live
-- fail: proc-deleted
WITH bad AS (
  SELECT *, CASE
         WHEN memfd = 1 THEN 'runs from memory'
         WHEN path LIKE '/tmp/%' OR path LIKE '/var/tmp/%' OR path LIKE '/dev/shm/%'
              THEN 'runs from a temporary directory'
         WHEN on_disk = 0 AND path LIKE '%/.%' THEN 'runs from a deleted, hidden file'
         WHEN on_disk = 0 AND path NOT LIKE '/usr/%' AND path NOT LIKE '/bin/%'
              AND path NOT LIKE '/sbin/%' AND path NOT LIKE '/lib%' AND path NOT LIKE '/opt/%'
              AND path NOT LIKE '/snap/%' THEN 'runs from a deleted file' END AS why
    FROM processes
   WHERE container = '' AND name NOT LIKE 'runc%' AND name NOT LIKE 'crun%')
SELECT 'process ' || name || ' ' || path AS resource, 0 AS healthy,
       'process ' || pid || ' ' || name || ' (' || path || ', uid ' || uid || ') ' || why
         AS evidence,
       CASE WHEN why LIKE '%deleted file' THEN 'high' ELSE 'critical' END AS severity
  FROM bad
 WHERE why IS NOT NULL
UNION ALL
SELECT 'processes', 1, count(*) || ' processes', 'critical' FROM processes
HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM bad WHERE why IS NOT NULL)
