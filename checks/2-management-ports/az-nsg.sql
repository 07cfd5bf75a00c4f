-- id: az-nsg
-- title: Machines with a public address are behind a network security group
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: high
-- applies: azure
-- maps: attack=T1133,T1190 cis-v8=4.4 iso27001=A.8.20 mcsb=NS-1 nist-csf=PR.IR-01
-- why: Without a network security group a Basic public address leads to every port of the machine.
-- fix: az network nsg create -g GROUP -n NSG
--   az network nic update -g GROUP -n NIC --network-security-group NSG
-- pass: azure
-- fail: az-nsg
SELECT CASE n.vm WHEN '' THEN 'network interface ' || n.name ELSE 'machine ' || n.vm END AS resource,
       n.nsg_id <> ''
       OR EXISTS (SELECT 1 FROM azure_subnets s
                   WHERE s.nsg_id <> '' AND instr(' ' || lower(n.subnets) || ' ',
                                                  ' ' || lower(s.id) || ' ') > 0) AS healthy,
       n.file || ':' || n.line || ': '
       || CASE n.nsg_id WHEN '' THEN 'no network security group of its own' ELSE n.nsg END
       AS evidence,
       1 AS reachable
  FROM azure_nics n WHERE n.described = 1 AND n.public_ips <> '' AND n.nsg_unknown = 0
