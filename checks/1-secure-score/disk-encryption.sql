-- id: disk-encryption
-- title: Data volumes are encrypted
-- practice: 1-secure-score
-- control: enable-encryption-at-rest
-- severity: medium
-- applies: linux
-- maps: attack=T1005 cis-v8=3.11 iso27001=A.8.24 mcsb=DP-4 nist-csf=PR.DS-01
-- why: A disk, a snapshot or a backup of the volume that gets into wrong hands is readable unless
--   it is encrypted. Where the provider encrypts the disk below the machine, exempt this finding
--   and say so.
-- fix: Put data on a volume made with cryptsetup luksFormat, and name it in /etc/crypttab; on
--   Azure switch on encryption at host; elsewhere choose an encrypted disk type.
-- pass: base
-- fail: disk-encryption
SELECT 'volume ' || CASE mount WHEN '' THEN name ELSE mount END AS resource, encrypted AS healthy,
       CASE mount WHEN '' THEN name ELSE mount END
       || CASE encrypted WHEN 1 THEN ' is encrypted (' || type || '): '
               ELSE ' is not encrypted: ' END || evidence AS evidence
  FROM disk_encryption
 WHERE mount NOT IN ('/boot', '/boot/efi', '/efi')
UNION ALL
SELECT 'volumes', 0, 'neither /etc/crypttab nor /etc/fstab names an encrypted volume'
 WHERE NOT EXISTS (SELECT 1 FROM disk_encryption)
   AND NOT EXISTS (SELECT 1 FROM host_info WHERE live = 1 AND container <> '')
