-- id: az-ports-open
-- title: Nothing but web and mail is open to the internet on Azure machines
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: high
-- applies: azure
-- maps: attack=T1190,T1046 cis-v8=4.4 iso27001=A.8.20 mcsb=NS-1 nist-csf=PR.IR-01
-- why: Databases, shares and directories are made for inner networks; a range of ports that is open
--   lets in whatever starts to listen there.
-- fix: Narrow the source of the rule, or its ports:
--   az network nsg rule update -g GROUP --nsg-name NSG -n RULE --source-address-prefixes 10.0.0.0/8
-- action: az-rule
-- pass: azure
-- fail: az-ports-open
SELECT resource, max(door AND other) = 0 AS healthy,
       coalesce(group_concat(CASE WHEN door AND other THEN evidence END, '; '), 'no other port is open')
       AS evidence,
       1 AS reachable,
       nullif(group_concat(CASE WHEN door AND other THEN nullif(fix, '') END, char(10)), '') AS fix
  FROM azure_doors GROUP BY resource
