-- id: app-agent-open
-- title: Monitoring agents answer the monitoring only
-- practice: 5-third-party
-- control: restrict-unauthorized-network-access
-- severity: medium
-- applies: linux
-- maps: attack=T1046,T1082 cis-v8=4.4 iso27001=A.8.20 mcsb=NS-2 nist-csf=PR.IR-01
-- why: Exporters and agents tell everybody who asks what runs here, in which version and how much
--   it has to do; some of them also run commands.
-- fix: Bind the agent to 127.0.0.1 or an inner address, or let the firewall admit the monitoring
--   server only, such as: nft add rule inet filter input ip saddr MONITORING tcp dport 9100 accept
-- pass: app-agent-pass
-- fail: app-agent-open
SELECT service || ' ' || protocol || ' port ' || port AS resource, why IS NULL AS healthy,
       evidence || coalesce('; ' || why, '') AS evidence, 1 AS reachable
  FROM open_ports
 WHERE service IN ('prometheus', 'node_exporter', 'nrpe', 'zabbix-agent', 'munin-node')
