-- id: az-disk-network
-- title: Nobody exports disks over the public network
-- practice: 1-secure-score
-- control: restrict-unauthorized-network-access
-- severity: medium
-- applies: azure
-- maps: attack=T1537,T1578.001 cis-v8=3.3 iso27001=A.8.3 mcsb=NS-2 nist-csf=PR.DS-01
-- why: A disk that all networks may export leaves by one link that somebody made.
-- fix: az disk update -g GROUP -n DISK --network-access-policy DenyAll
-- action: az disk-network
-- pass: azure
-- fail: az-disk-network
SELECT 'disk ' || name AS resource, network_access <> 'AllowAll' AS healthy,
       file || ':' || line || ': network access ' || network_access AS evidence
  FROM azure_disks WHERE described = 1 AND network_access <> ''
