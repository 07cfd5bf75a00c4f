-- id: egress-policy
-- title: Connections to the outside are limited or logged
-- practice: 6-monitoring
-- control: restrict-unauthorized-network-access
-- severity: low
-- applies: linux
-- maps: attack=T1041,T1571,T1498 cis-v8=13.4,4.4 iso27001=A.8.22 mcsb=NS-1 nist-csf=PR.IR-01
-- why: A server talks to few others: mirrors, mail, its database. A tool that is loaded after a
--   break-in needs to call home, and a flood leaves through the same door.
-- fix: In /etc/nftables.conf give chain output "policy drop" with what is needed accepted
--   (established, DNS, time, mirrors), or at least: ct state new log prefix "out " level info.
--   Then nft -c -f /etc/nftables.conf && systemctl reload nftables
-- action: firewall log
-- pass: base
-- fail: egress-policy
SELECT 'firewall' AS resource, ifnull(max(policy = 'drop' OR rules > 0), 0) AS healthy,
       ifnull(max(CASE WHEN policy = 'drop' OR rules > 0
                       THEN CASE file WHEN '' THEN backend ELSE file || ':' || line END || ' chain '
                            || chain || ' has ' || rules || ' rules, policy ' || policy END),
              'no chain of the firewall says anything about outgoing traffic') AS evidence
  FROM firewall_chains
 WHERE hook = 'output' AND enabled = 1 AND table_name NOT IN ('nat', 'mangle', 'raw', 'security')
