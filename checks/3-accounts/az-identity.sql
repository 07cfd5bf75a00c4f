-- id: az-identity
-- title: Azure machines have a managed identity
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: azure
-- maps: attack=T1552.001,T1078.004 cis-v8=5.6 iso27001=A.5.16 mcsb=IM-3 nist-csf=PR.AA-01
-- why: Without one, programs keep passwords and keys of Azure in files, where whoever gets in finds
--   them.
-- fix: az vm identity assign -g GROUP -n VM
-- action: az identity
-- pass: azure
-- fail: az-identity
SELECT 'machine ' || name AS resource, identity NOT IN ('', 'None') AS healthy,
       file || ':' || line || ': identity '
       || CASE identity WHEN '' THEN 'none' ELSE identity END AS evidence
  FROM azure_vms WHERE described = 1 AND identity_unknown = 0
