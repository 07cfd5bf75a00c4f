-- id: port-open-any
-- title: Databases, shares and directories are not open to everybody
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: critical
-- applies: linux
-- maps: attack=T1190,T1210,T1046 cis-v8=4.4 iso27001=A.8.20 mcsb=NS-2 nist-csf=PR.IR-01
-- why: FTP, LDAP, SMB, NFS, databases, caches and message brokers are made for inner networks.
--   Scanners try each of these ports on every address of the internet.
-- fix: Bind the service to 127.0.0.1 or an inner address, or remove the firewall's rule for the
--   port and admit the machines that need it:
--   ip saddr 10.1.2.0/24 tcp dport 5432 accept
-- action: firewall shut
-- pass: port-open-pass
-- fail: port-open-any
SELECT 'port ' || o.protocol || ' ' || o.port AS resource,
       o.why IS NULL AS healthy, o.evidence || coalesce('; ' || o.why, '') AS evidence,
       CASE WHEN NOT o.inner THEN 1 END AS reachable,
       CASE WHEN o.inner THEN 'medium'
            WHEN o.authentication <> 'none' THEN 'high'
            WHEN o.service IN ('rpcbind', 'avahi', 'nrpe', 'zabbix-agent', 'node_exporter')
            THEN 'medium' END AS severity
  FROM open_ports o
 WHERE o.port IN (SELECT port FROM port_severity WHERE management = 0 AND severity <> 'info')
    OR o.service IN (SELECT service FROM service_severity
                      WHERE management = 0 AND severity <> 'info')
