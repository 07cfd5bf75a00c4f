-- id: net-redirects
-- title: ICMP redirects are neither taken nor sent
-- practice: 1-secure-score
-- control: restrict-unauthorized-network-access
-- severity: medium
-- applies: linux
-- maps: attack=T1557 cis-v8=4.1 iso27001=A.8.20 mcsb=NS-3 nist-csf=PR.IR-01
-- why: With a redirect, a neighbour on the network tells the machine to send its traffic through
--   him. Routes of servers are fixed: nothing is lost without redirects.
-- fix: Write these lines to /etc/sysctl.d/60-redirects.conf, then: sysctl --system
--   net.ipv4.conf.all.accept_redirects = 0
--   net.ipv4.conf.default.accept_redirects = 0
--   net.ipv4.conf.all.send_redirects = 0
--   net.ipv4.conf.default.send_redirects = 0
--   net.ipv6.conf.all.accept_redirects = 0
--   net.ipv6.conf.default.accept_redirects = 0
-- action: sysctl net.ipv?.conf.*.accept_redirects 0 net.ipv4.conf.*.send_redirects 0
-- pass: base
-- fail: net-redirects
SELECT name AS resource, high = 0 AS healthy, evidence,
       CASE WHEN name LIKE '%.send\_redirects' ESCAPE '\' THEN 'low' END AS severity
  FROM sysctl
 WHERE name LIKE 'net.ipv_.conf.all.accept\_redirects' ESCAPE '\'
    OR name LIKE 'net.ipv_.conf.default.accept\_redirects' ESCAPE '\'
    OR name IN ('net.ipv4.conf.all.send_redirects', 'net.ipv4.conf.default.send_redirects')
