-- id: proc-shell
-- title: No shell is connected to another machine
-- practice: 6-monitoring
-- control: enable-endpoint-protection
-- severity: critical
-- applies: linux
-- live: yes
-- maps: attack=T1059.004,T1571 cis-v8=13.2,13.7 iso27001=A.8.7,A.8.16 mcsb=LT-1 nist-csf=DE.CM-01
-- why: These command lines hand a shell to whoever is at the other end of a connection. There is no
--   other use for them.
-- fix: Cut the machine off (nft, or the firewall of your cloud),
--   keep what is in memory (/proc/PID/exe, /proc/PID/fd, ss -tnp),
--   then kill -9 PID and look for how it came in.
-- pass: live
-- fail: proc-shell
WITH bad AS (
  SELECT * FROM processes
   WHERE cmdline LIKE '%/dev/tcp/%' OR cmdline LIKE '%/dev/udp/%'
      OR cmdline LIKE '%pty.spawn%' OR cmdline LIKE '%bash -i >&%'
      OR (name IN ('nc', 'ncat', 'netcat', 'nc.traditional')
          AND (cmdline LIKE '% -e %' OR cmdline LIKE '%-exec %' OR cmdline LIKE '% -c %sh%'))
      OR (name LIKE 'socat%' AND lower(cmdline) LIKE '%exec:%sh%'))
SELECT 'process ' || name AS resource, 0 AS healthy,
       'process ' || pid || ' (uid ' || uid || '): ' || substr(cmdline, 1, 160) AS evidence,
       1 AS reachable
  FROM bad
UNION ALL
SELECT 'processes', 1, count(*) || ' processes', 0 FROM processes
HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM bad)
