-- id: az-basic-ip
-- title: Public addresses are of the Standard SKU
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: medium
-- applies: azure
-- maps: attack=T1133 cis-v8=4.1 iso27001=A.8.20 mcsb=NS-1 nist-csf=PR.IR-01
-- why: A Basic address is open where there is no network security group; a Standard one is shut. Azure
--   retired Basic addresses on 30 September 2025.
-- fix: az network public-ip update -g GROUP -n NAME --sku Standard (it must not be in use meanwhile)
-- pass: azure
-- fail: az-basic-ip
SELECT 'public IP ' || name AS resource, sku = 'Standard' AS healthy,
       file || ':' || line || ': SKU ' || sku AS evidence
  FROM azure_public_ips WHERE described = 1 AND sku <> ''
