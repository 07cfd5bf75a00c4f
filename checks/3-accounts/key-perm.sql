-- id: key-perm
-- title: Only the owner can write authorised keys, and read private ones
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1098.004,T1552.004 cis-v8=3.3 iso27001=A.8.3 mcsb=IM-6 nist-csf=PR.AA-05
-- why: Whoever can write the file of authorised keys, or a directory above it, can add a key and
--   log in as the account. Whoever can read a private key has every machine that trusts it.
-- fix: chown -R NAME: ~NAME/.ssh; chmod 700 ~NAME/.ssh;
--   chmod 600 ~NAME/.ssh/authorized_keys ~NAME/.ssh/id_*; chmod go-w ~NAME
-- action: mode -0077 -
-- pass: base
-- fail: key-perm
WITH files AS (
  SELECT DISTINCT file AS path, file_mode AS mode, file_uid AS uid,
         file_mode & 18 OR file_uid NOT IN (0, uid) AS bad
    FROM authorized_keys
  UNION ALL
  SELECT path, mode, uid, mode & 18 OR uid NOT IN (0, expected_uid)
    FROM home_files WHERE kind = 'ssh_dir' AND type = 'directory'
  UNION ALL
  SELECT path, mode, uid, mode & (CASE WHEN host_key THEN 39 ELSE 63 END) <> 0 FROM private_keys)
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid AS evidence
  FROM files
 WHERE bad
UNION ALL
SELECT 'keys', 1, count(*) || ' files with keys' FROM files
HAVING count(*) > 0 AND max(bad) = 0
