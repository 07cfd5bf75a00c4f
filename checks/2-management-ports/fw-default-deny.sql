-- id: fw-default-deny
-- title: The firewall drops what no rule lets in
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: high
-- applies: linux
-- maps: attack=T1133,T1046 cis-v8=4.4 iso27001=A.8.20 mcsb=NS-1 nist-csf=PR.IR-01
-- why: A list of what is forbidden is never complete. With the policy "drop" a new service stays
--   shut until somebody opens it on purpose, in IPv4 and in IPv6.
-- fix: Give the input chain "policy drop" (nftables), or: iptables -P INPUT DROP and
--   ip6tables -P INPUT DROP; ufw default deny incoming; firewall-cmd --set-default-zone=public
--   Admit your own ssh first, and keep a second session open.
-- action: firewall
-- pass: base
-- fail: fw-default-deny
SELECT name || ' input' AS resource, shut AS healthy,
       coalesce(evidence, 'no firewall filters ' || name) AS evidence,
       NOT shut AND EXISTS (SELECT 1 FROM open_sockets) AS reachable,
       CASE WHEN NOT filtered THEN 'medium' END AS severity
  FROM firewall_input
