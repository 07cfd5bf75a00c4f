-- id: az-backup
-- title: Azure machines are backed up
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: high
-- applies: azure
-- maps: attack=T1486,T1490 cis-v8=11.2 iso27001=A.8.13 mcsb=BR-1 nist-csf=PR.DS-11
-- why: Ransom and a wrong command end the same way when there is no copy elsewhere.
-- fix: az backup protection enable-for-vm -g GROUP --vault-name VAULT --vm VM --policy-name DefaultPolicy
-- action: az backup
-- pass: azure
-- fail: az-backup
SELECT 'machine ' || v.name AS resource,
       v.backup = 1 AND EXISTS (SELECT 1 FROM azure_backup_items b
                                 WHERE lower(b.vm_id) = lower(v.id)
                                   AND b.state IN ('Protected', 'IRPending')) AS healthy,
       v.file || ':' || v.line || ': '
       || coalesce((SELECT b.state || CASE b.last_backup WHEN '' THEN ''
                           ELSE ', last backup ' || b.last_backup END
                      FROM azure_backup_items b WHERE lower(b.vm_id) = lower(v.id) LIMIT 1),
                   'no vault backs it up') AS evidence
  FROM azure_vms v WHERE v.backup IS NOT NULL AND v.described = 1
