-- id: az-ip-forwarding
-- title: Network interfaces do not forward for others
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: medium
-- applies: azure
-- maps: attack=T1090,T1557 cis-v8=12.2 iso27001=A.8.20 mcsb=NS-3 nist-csf=PR.IR-01
-- why: A machine that forwards packets of others goes around the groups that guard them. Only routers
--   and firewalls need it.
-- fix: az network nic update -g GROUP -n NIC --ip-forwarding false
-- action: az no-forwarding
-- pass: azure
-- fail: az-ip-forwarding
SELECT 'network interface ' || name AS resource, ip_forwarding = 0 AS healthy,
       file || ':' || line || ': IP forwarding is '
       || CASE ip_forwarding WHEN 1 THEN 'on' ELSE 'off' END AS evidence
  FROM azure_nics WHERE described = 1 AND ip_forwarding IS NOT NULL
