-- id: fw-active
-- title: A host firewall filters what comes in
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: critical
-- applies: linux
-- maps: attack=T1133,T1046,T1562.004 cis-v8=4.4 iso27001=A.8.20 mcsb=NS-1 nist-csf=PR.IR-01
-- why: Without a firewall on the machine itself every service that starts by mistake is open to
--   everybody at once. Network groups of the cloud do not help against neighbours, and one wrong
--   rule there is enough.
-- fix: Debian, Ubuntu: apt install nftables; write /etc/nftables.conf:
--   flush ruleset
--   table inet filter {
--     chain input { type filter hook input priority filter; policy drop;
--       iif lo accept
--       ct state established,related accept
--       meta l4proto { icmp, ipv6-icmp } accept
--       ip saddr YOUR-NETWORK tcp dport 22 accept
--     }
--   }
--   nft -c -f /etc/nftables.conf && systemctl enable --now nftables (keep a second session open)
--   RHEL: systemctl enable --now firewalld
-- action: firewall
-- pass: base
-- fail: fw-active
WITH active AS (
SELECT evidence || ', ' || rules || ' rules' AS evidence FROM firewall_in_force
 WHERE rules > 0 OR policy = 'drop'),
risky AS (
SELECT group_concat(DISTINCT service || ' (' || port || ')') AS list FROM open_sockets
 WHERE port IN (SELECT port FROM known_ports
                 WHERE name NOT IN ('ssh', 'http', 'https', 'smtp', 'domain')))
SELECT 'firewall' AS resource, EXISTS (SELECT 1 FROM active) AS healthy,
       coalesce((SELECT min(evidence) FROM active),
                (SELECT min(file || ':' || line) || ' is not loaded' FROM firewall_chains
                  WHERE origin = 'file' AND hook = 'input'),
                'neither nftables, iptables, ufw nor firewalld has rules')
       || CASE WHEN EXISTS (SELECT 1 FROM active) THEN ''
               ELSE coalesce('; open are ' || (SELECT list FROM risky), '') END AS evidence,
       EXISTS (SELECT 1 FROM open_sockets) AS reachable,
       CASE WHEN (SELECT list FROM risky) IS NULL THEN 'high' END AS severity
