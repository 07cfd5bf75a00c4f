-- id: az-patch-mode
-- title: Azure looks for missing updates or installs them
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: medium
-- applies: azure
-- maps: attack=T1190,T1068 cis-v8=7.3 iso27001=A.8.8 mcsb=PV-6 nist-csf=PR.PS-02
-- why: Attackers have an exploit within days of an update; whoever has to remember to look is late.
-- fix: Linux: az vm update -g GROUP -n VM --set
--   osProfile.linuxConfiguration.patchSettings.patchMode=AutomaticByPlatform
--   osProfile.linuxConfiguration.patchSettings.assessmentMode=AutomaticByPlatform
--   Windows: the same with windowsConfiguration
-- action: az patch-mode
-- pass: azure
-- fail: az-patch-mode
SELECT 'machine ' || name AS resource,
       patch_mode IN ('AutomaticByPlatform', 'AutomaticByOS')
       OR assessment_mode = 'AutomaticByPlatform' AS healthy,
       file || ':' || line || ': patch mode '
       || CASE patch_mode WHEN '' THEN 'not set' ELSE patch_mode END || ', assessment '
       || CASE assessment_mode WHEN '' THEN 'not set' ELSE assessment_mode END AS evidence
  FROM azure_vms WHERE described = 1 AND patch_unknown = 0
