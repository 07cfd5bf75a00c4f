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
-- action: az-rule
-- pass: azure
-- fail: az-mgmt-ports
SELECT resource, max(door AND management) = 0 AS healthy,
       coalesce(group_concat(CASE WHEN door AND management THEN evidence END, '; '), 'no management port is open')
       AS evidence,
       1 AS reachable,
       nullif(group_concat(CASE WHEN door AND management THEN nullif(fix, '') END, char(10)), '') AS fix
  FROM azure_doors GROUP BY resource
