-- id: mgmt-open-any
-- title: Management ports are not open to everybody
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: critical
-- applies: linux
-- maps: attack=T1133,T1021.004,T1110 cis-v8=4.4,12.7 iso27001=A.8.20 mcsb=NS-3 nist-csf=PR.IR-01
-- why: What steers the machine (ssh, remote desktop, Docker, Kubernetes, Webmin) is attacked within
--   minutes when everybody reaches it. Only you need to: from your network, through a VPN, or for
--   an hour when you ask for it.
-- fix: Let the firewall admit your network only, such as in /etc/nftables.conf
--   ip saddr 198.51.100.0/24 tcp dport 22 accept
--   and remove the rule that admits all. Keep a second session open until the new rules have let
--   you in.
-- pass: base
-- fail: mgmt-open-any
SELECT 'port ' || o.port AS resource,
       o.why IS NULL AS healthy, o.evidence || coalesce('; ' || o.why, '') AS evidence,
       CASE WHEN NOT o.inner THEN 1 END AS reachable,
       CASE WHEN o.service IN ('sshd', 'dropbear')
                 AND NOT EXISTS (SELECT 1 FROM ssh_password_logins) THEN 'medium'
            WHEN o.service IN ('sshd', 'dropbear') OR o.authentication NOT IN ('none', '')
            THEN 'high' END AS severity
  FROM open_ports o
 WHERE o.protocol = 'tcp'
   AND (o.port IN (SELECT port FROM known_ports WHERE management = 1)
        OR o.service IN (SELECT service FROM service_severity WHERE management = 1))
