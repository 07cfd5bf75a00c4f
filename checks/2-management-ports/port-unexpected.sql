-- id: port-unexpected
-- title: Nothing unknown listens
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: medium
-- applies: linux
-- maps: attack=T1571,T1205,T1543 cis-v8=4.8,2.3 iso27001=A.8.20 mcsb=NS-1 nist-csf=DE.CM-01
-- why: A program that no package brought and no service file starts, but that waits for
--   connections, is a forgotten test or a back door.
-- fix: Look at what it is: ss -lptn 'sport = :PORT'; ls -l /proc/PID/exe
--   Stop and remove it, or give it a package or a unit; exempt this finding if it is yours.
-- live: yes
-- pass: base-live
-- fail: port-unexpected
SELECT 'port ' || protocol || ' ' || port AS resource, package <> '' OR unit LIKE '%.service'
       AND path NOT LIKE '/tmp/%' AND path NOT LIKE '/var/tmp/%' AND path NOT LIKE '/dev/shm/%'
       AND path NOT LIKE '/home/%' AND unit NOT LIKE 'user@%' AS healthy,
       CASE path WHEN '' THEN process ELSE path END || ' (process ' || pid || ', user ' || uid
       || ', ' || CASE unit WHEN '' THEN 'no unit' ELSE unit END || ') listens on ' || address
       || ':' || port AS evidence,
       (SELECT max(coalesce(e.internet, 1)) FROM exposure e
         WHERE e.protocol = p.protocol AND e.port = p.port) AS reachable
  FROM listening_ports p
 WHERE loopback = 0 AND pid > 0
