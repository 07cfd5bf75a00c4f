-- id: az-vault
-- title: Vaults keep backups that somebody deletes
-- practice: 7-backup
-- control: back-up-and-restore
-- severity: medium
-- applies: azure
-- maps: attack=T1490 cis-v8=11.3 iso27001=A.8.13 mcsb=BR-2 nist-csf=PR.DS-11
-- why: Who has the account deletes the vault's recovery points, unless they stay for some days all
--   the same and nobody may shorten that; and one data centre can be lost as a whole.
-- fix: az backup vault update -g GROUP -n VAULT --soft-delete-state AlwaysOn
--   az backup vault update -g GROUP -n VAULT --immutability-state Unlocked
--   (and Locked once it is known to fit)
--   az backup vault backup-properties set -g GROUP -n VAULT --backup-storage-redundancy GeoRedundant
--   (before the first item is protected)
-- pass: azure
-- fail: az-vault
WITH answers(name, what, value, bad, severity, place, maybe) AS (
  SELECT name, 'soft delete', soft_delete, 'disabled', 'medium', file || ':' || line, maybe
    FROM azure_vaults
   UNION ALL
  SELECT name, 'immutability', immutability, 'disabled', 'medium', file || ':' || line, maybe
    FROM azure_vaults
   UNION ALL
  SELECT name, 'redundancy', redundancy, 'locallyredundant', 'low', file || ':' || line, maybe
    FROM azure_vaults)
SELECT 'vault ' || name || ': ' || what AS resource,
       CASE WHEN value <> '' AND NOT (maybe AND lower(value) = bad) THEN lower(value) <> bad END
         AS healthy,
       place || ': ' || name || ': ' || what || ' '
         || CASE value WHEN '' THEN 'is not told by what was exported' ELSE value END AS evidence,
       severity
  FROM answers
