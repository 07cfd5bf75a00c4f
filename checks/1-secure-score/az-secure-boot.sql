-- id: az-secure-boot
-- title: Azure machines start with Secure Boot and a virtual TPM
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: low
-- applies: azure
-- maps: attack=T1542.003 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: A boot kit sits below everything that could find it.
-- fix: az vm update -g GROUP -n VM --security-type TrustedLaunch --enable-secure-boot true --enable-vtpm true
--   (generation 2 machines, deallocated)
-- action: az secure-boot
-- pass: azure
-- fail: az-secure-boot
SELECT 'machine ' || name AS resource, secure_boot = 1 AND vtpm = 1 AS healthy,
       file || ':' || line || ': security type '
       || CASE security_type WHEN '' THEN 'not set' ELSE security_type END || ', Secure Boot '
       || CASE secure_boot WHEN 1 THEN 'on' ELSE 'off' END || ', TPM '
       || CASE vtpm WHEN 1 THEN 'on' ELSE 'off' END AS evidence
  FROM azure_vms WHERE described = 1 AND secure_boot IS NOT NULL AND vtpm IS NOT NULL
