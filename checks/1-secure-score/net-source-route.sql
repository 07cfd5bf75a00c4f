-- id: net-source-route
-- title: Source-routed packets are refused
-- practice: 1-secure-score
-- control: restrict-unauthorized-network-access
-- severity: medium
-- applies: linux
-- maps: attack=T1557,T1599 cis-v8=4.1 iso27001=A.8.20 mcsb=NS-3 nist-csf=PR.IR-01
-- why: A packet that brings its own route passes filters that rely on where packets normally come
--   from. No honest sender uses them.
-- fix: Write these lines to /etc/sysctl.d/60-source-route.conf, then: sysctl --system
--   net.ipv4.conf.all.accept_source_route = 0
--   net.ipv4.conf.default.accept_source_route = 0
--   net.ipv6.conf.all.accept_source_route = 0
-- action: sysctl net.ipv?.conf.*.accept_source_route 0
-- pass: base
-- fail: net-source-route
SELECT name AS resource, high <= 0 AS healthy, evidence,
       CASE WHEN name LIKE '%.default.%' THEN 'low' END AS severity
  FROM sysctl
 WHERE name LIKE 'net.ipv_.conf.%.accept\_source\_route' ESCAPE '\'
