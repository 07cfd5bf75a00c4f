-- id: az-mgmt-ports
-- title: Management ports of Azure machines are shut to the internet
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: critical
-- applies: azure
-- maps: attack=T1133,T1110,T1021.001 cis-v8=4.4,12.7 iso27001=A.8.20 mcsb=NS-3 nist-csf=PR.IR-01
-- why: RDP, SSH and WinRM are tried within minutes when everybody reaches them. What counts is what
--   all network security groups on the way let through, by priority.
-- fix: az network nsg rule update -g GROUP --nsg-name NSG -n RULE --source-address-prefixes YOUR-NETWORK
--   or open the port just in time. See: holdfast exposure --azure FILES --why PORT
-- pass: azure
-- fail: az-mgmt-ports
SELECT CASE e.kind WHEN 'nsg' THEN 'network security group ' ELSE 'machine ' END || e.name
       AS resource, max(e.wide IS NOT 0 AND e.management) = 0 AS healthy,
       coalesce(group_concat(CASE WHEN e.wide IS NOT 0 AND e.management THEN e.evidence END, '; '),
                'no management port is open') AS evidence,
       1 AS reachable,
       nullif(group_concat(CASE WHEN e.wide IS NOT 0 AND e.management THEN nullif(e.fix, '') END, char(10)),
              '') AS fix
  FROM (SELECT x.*, EXISTS (SELECT 1 FROM known_ports k
                             WHERE k.management = 1 AND x.protocol = 'tcp'
                               AND k.port BETWEEN x.port_from AND x.port_to) AS management,
               x.port_from <> x.port_to
               OR NOT EXISTS (SELECT 1 FROM port_severity p
                               WHERE p.port = x.port_from
                                 AND (p.management = 1 OR p.severity = 'info')) AS other
          FROM azure_exposure x) e
 GROUP BY e.resource
