-- id: az-subnet-nsg
-- title: Subnets with machines have a network security group
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: low
-- applies: azure
-- maps: attack=T1021,T1046 cis-v8=12.2 iso27001=A.8.22 mcsb=NS-1 nist-csf=PR.IR-01
-- why: Who has taken one machine goes on to its neighbours; a group on the subnet holds for all of them,
--   those of tomorrow included.
-- fix: az network vnet subnet update -g GROUP --vnet-name VNET -n SUBNET --network-security-group NSG
-- action: az subnet-group
-- pass: azure
-- fail: az-subnet-nsg
SELECT 'subnet ' || s.vnet || '/' || s.name AS resource, s.nsg_id <> '' AS healthy,
       s.file || ':' || s.line || ': '
       || CASE s.nsg_id WHEN '' THEN 'no network security group' ELSE s.nsg END AS evidence
  FROM azure_subnets s
 WHERE s.described = 1 AND s.nsg_unknown = 0
   AND s.name NOT IN ('GatewaySubnet', 'AzureFirewallSubnet', 'AzureFirewallManagementSubnet',
                      'RouteServerSubnet')
   AND EXISTS (SELECT 1 FROM azure_nics n
                WHERE instr(' ' || lower(n.subnets) || ' ', ' ' || lower(s.id) || ' ') > 0)
