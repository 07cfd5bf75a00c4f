-- id: az-encryption
-- title: Disks of Azure machines are encrypted at the host, or inside
-- practice: 1-secure-score
-- control: enable-encryption-at-rest
-- severity: high
-- applies: azure
-- maps: attack=T1005 cis-v8=3.11 iso27001=A.8.24 mcsb=DP-4 nist-csf=PR.DS-01
-- why: Encryption by platform keys leaves temporary disks, caches and what flows to the storage in the
--   clear.
-- fix: az vm deallocate -g GROUP -n VM
--   az vm update -g GROUP -n VM --set securityProfile.encryptionAtHost=true
--   az vm start -g GROUP -n VM
-- action: az host-encryption
-- pass: azure
-- fail: az-encryption
SELECT 'machine ' || v.name AS resource,
       v.encryption_at_host IS 1
       OR EXISTS (SELECT 1 FROM azure_disks d
                   WHERE lower(d.vm_id) = lower(v.id) AND d.os = 1 AND d.disk_encryption = 1)
       OR EXISTS (SELECT 1 FROM azure_vm_extensions x
                   WHERE lower(x.vm_id) = lower(v.id) AND x.type LIKE 'AzureDiskEncryption%')
       AS healthy,
       v.file || ':' || v.line || ': encryption at host is '
       || CASE v.encryption_at_host WHEN 1 THEN 'on' ELSE 'off, no disk encryption inside' END
       AS evidence
  FROM azure_vms v WHERE v.described = 1 AND v.encryption_at_host IS NOT NULL
