-- id: net-martians
-- title: Impossible packets are logged
-- practice: 1-secure-score
-- control: enable-auditing-and-logging
-- severity: low
-- applies: linux
-- maps: attack=T1498,T1595.001 cis-v8=8.2 iso27001=A.8.15 mcsb=LT-4 nist-csf=DE.CM-01
-- why: Packets with senders that cannot exist are a sign of forging. The kernel drops them in
--   silence unless it is told to write them down.
-- fix: Write these lines to /etc/sysctl.d/60-martians.conf, then: sysctl --system
--   net.ipv4.conf.all.log_martians = 1
--   net.ipv4.conf.default.log_martians = 1
-- action: sysctl net.ipv4.conf.*.log_martians 1
-- pass: base
-- fail: net-martians
SELECT name AS resource, low = 1 AS healthy, evidence
  FROM sysctl
 WHERE name = 'net.ipv4.conf.all.log_martians'
