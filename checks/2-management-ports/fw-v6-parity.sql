-- id: fw-v6-parity
-- title: IPv6 is filtered like IPv4
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: high
-- applies: linux
-- maps: attack=T1133,T1562.004 cis-v8=4.4 iso27001=A.8.20 mcsb=NS-1 nist-csf=PR.IR-01
-- why: iptables filters IPv4 alone. A machine with an IPv6 address is then open on every port to
--   those who use the other door.
-- fix: Use a table of the family "inet" in /etc/nftables.conf, or give ip6tables the same rules:
--   ip6tables -P INPUT DROP, then ip6tables-save > /etc/iptables/rules.v6
--   In ufw set IPV6=yes in /etc/default/ufw; ufw reload
-- action: firewall
-- pass: base
-- fail: fw-v6-parity
SELECT 'firewall' AS resource,
       v6.shut OR EXISTS (SELECT 1 FROM sysctl WHERE name = 'net.ipv6.conf.all.disable_ipv6'
                                                 AND low = 1) AS healthy,
       v4.evidence || '; ' || coalesce(v6.evidence, 'nothing filters IPv6') AS evidence,
       EXISTS (SELECT 1 FROM open_sockets) AS reachable
  FROM firewall_input v4, firewall_input v6
 WHERE v4.family = 'ip' AND v6.family = 'ip6' AND v4.shut
