-- id: net-icmp
-- title: Pings to the whole network get no answer
-- practice: 1-secure-score
-- control: protect-applications-against-ddos
-- severity: low
-- applies: linux
-- maps: attack=T1498.002 cis-v8=4.1 iso27001=A.8.20 mcsb=NS-5 nist-csf=PR.IR-04
-- why: A ping to the broadcast address with a forged sender lets every machine of the network
--   answer the victim at once.
-- fix: Write these lines to /etc/sysctl.d/60-icmp.conf, then: sysctl --system
--   net.ipv4.icmp_echo_ignore_broadcasts = 1
--   net.ipv4.icmp_ignore_bogus_error_responses = 1
-- action: sysctl net.ipv4.icmp_echo_ignore_broadcasts 1 net.ipv4.icmp_ignore_bogus_error_responses
--   1
-- pass: base
-- fail: net-icmp
SELECT name AS resource, low = 1 AS healthy, evidence
  FROM sysctl
 WHERE name IN ('net.ipv4.icmp_echo_ignore_broadcasts',
                'net.ipv4.icmp_ignore_bogus_error_responses')
