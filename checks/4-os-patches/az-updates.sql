-- id: az-updates
-- title: No critical or security update is missing on Azure machines
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: high
-- applies: azure
-- maps: attack=T1190,T1068 cis-v8=7.3,7.4 iso27001=A.8.8 mcsb=PV-6 nist-csf=PR.PS-02
-- why: Azure has looked and named what is missing; so do those who scan for it.
-- fix: az vm install-patches -g GROUP -n VM --maximum-duration PT2H --reboot-setting IfRequired
--   --classifications-to-include-linux Critical Security
-- action: az install-patches
-- pass: azure
-- fail: az-updates
SELECT 'machine ' || vm AS resource, critical = 0 AND coalesce(reboot_pending, 0) = 0 AS healthy,
       file || ':' || line || ': ' || critical || ' critical and security updates are missing'
       || CASE reboot_pending WHEN 1 THEN ', a restart is pending' ELSE '' END
       || CASE assessed WHEN '' THEN '' ELSE ', as of ' || assessed END AS evidence
  FROM azure_patch_assessments WHERE critical IS NOT NULL
