-- id: app-snmp-default
-- title: SNMP has no community that everybody knows
-- practice: 5-third-party
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1602.001,T1078.001 cis-v8=4.7 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: "public" and "private" are tried first. With them everybody reads processes, routes and
--   accounts of the machine, or changes settings; the replies also serve to flood others.
-- fix: Remove the rocommunity and rwcommunity lines from /etc/snmp/snmpd.conf and make an SNMPv3
--   user (net-snmp-create-v3-user -ro -a SHA -x AES NAME), with agentaddress 127.0.0.1 or an inner
--   address; then: systemctl restart snmpd
-- pass: app-snmp-pass
-- fail: app-snmp-default
WITH bad AS (
SELECT name, file || ':' || line || ' ' || name || ' ' || value AS evidence FROM service_settings
 WHERE service = 'snmpd'
   AND name IN ('rocommunity', 'rwcommunity', 'rocommunity6', 'rwcommunity6', 'com2sec',
                'com2sec6'))
SELECT resource, NOT EXISTS (SELECT 1 FROM bad) OR NOT listens AS healthy,
       evidence || coalesce('; ' || (SELECT group_concat(evidence, '; ') FROM bad), '') AS evidence,
       reachable,
       CASE WHEN reachable IS NOT 1 OR NOT EXISTS
                 (SELECT 1 FROM bad WHERE name LIKE 'rw%' OR evidence LIKE '% public%'
                                       OR evidence LIKE '% private%')
            THEN 'medium' END AS severity
  FROM network_services
 WHERE service = 'snmpd'
