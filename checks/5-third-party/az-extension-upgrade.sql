-- id: az-extension-upgrade
-- title: Extensions of Azure machines upgrade themselves
-- practice: 5-third-party
-- control: remediate-vulnerabilities
-- severity: low
-- applies: azure
-- maps: attack=T1068 cis-v8=7.4 iso27001=A.8.8 mcsb=PV-6 nist-csf=PR.PS-02
-- why: Agents run as root or SYSTEM; OMIGOD (CVE-2021-38647) waited in one that nobody updated.
-- fix: az vm extension set -g GROUP --vm-name VM -n NAME --publisher PUBLISHER --enable-auto-upgrade true
-- action: az extension-upgrade
-- pass: azure
-- fail: az-extension-upgrade
SELECT 'extension ' || vm || '/' || name AS resource, auto_upgrade = 1 AS healthy,
       file || ':' || line || ': ' || publisher || ' ' || type || ' ' || version
       || CASE auto_upgrade WHEN 1 THEN ' upgrades itself' ELSE ' does not upgrade itself' END
       AS evidence
  FROM azure_vm_extensions WHERE auto_upgrade IS NOT NULL
