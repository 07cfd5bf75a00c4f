-- id: net-rp-filter
-- title: Packets with forged senders are dropped
-- practice: 1-secure-score
-- control: restrict-unauthorized-network-access
-- severity: medium
-- applies: linux
-- maps: attack=T1557,T1498 cis-v8=4.1 iso27001=A.8.20 mcsb=NS-3 nist-csf=PR.IR-01
-- why: The reverse-path filter drops packets whose sender cannot lie behind the interface that
--   they came in by, such as packets from outside that pretend to come from your own network.
-- fix: Write these lines to /etc/sysctl.d/60-rp-filter.conf, then: sysctl --system
--   net.ipv4.conf.all.rp_filter = 1
--   net.ipv4.conf.default.rp_filter = 1
--   (2, the loose mode, on machines with several uplinks.)
-- action: sysctl net.ipv4.conf.*.rp_filter 1
-- pass: base
-- fail: net-rp-filter
SELECT name AS resource, low >= 1 AS healthy, evidence
  FROM sysctl
 WHERE name = 'net.ipv4.conf.all.rp_filter'
    OR name = 'net.ipv4.conf.default.rp_filter'
       AND NOT EXISTS (SELECT 1 FROM sysctl WHERE name = 'net.ipv4.conf.all.rp_filter' AND low >= 1)
