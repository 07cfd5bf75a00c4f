-- id: key-unknown
-- title: No key alone opens root or the account of a service from anywhere
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: critical
-- applies: linux
-- maps: attack=T1098.004,T1078.003 cis-v8=5.4,6.8 iso27001=A.5.18,A.8.2 mcsb=PA-7 nist-csf=PR.AA-05
-- why: A line in authorized_keys is the quietest way to come back: it survives every change of
--   passwords, and nobody reads the file. A key of root gives everything, without a name in the
--   log; a program needs no key at all.
-- fix: Ask who owns the key; the comment may lie.
--   Remove the line if nobody does, then look for what else was changed.
--   Else let the person use an account of their own and sudo,
--   and put "PermitRootLogin no" into /etc/ssh/sshd_config.d/10-root.conf (sshd -t && systemctl
--   reload ssh).
--   Keys of backup jobs: from="ADDRESS",restrict,command="..." in front of the key.
-- pass: base
-- fail: key-unknown
WITH keys AS (
  SELECT k.*, ifnull(a.allowed AND a.publickey, 0) AS opens,
         k.uid = 0 OR (k.username IN (SELECT username FROM service_accounts)
                       AND k.options NOT LIKE '%command=%') AS bad,
         k.from_limited OR k.key_type LIKE 'sk-%' OR ifnull(a.second_factor, 0) AS limited
    FROM authorized_keys AS k LEFT JOIN ssh_access AS a ON a.username = k.username)
SELECT 'key ' || fingerprint || ' of ' || username AS resource, 0 AS healthy,
       file || ':' || line || ' ' || key_type || ' ' || comment || ' opens ' || username
         || CASE WHEN opens THEN '' ELSE ' as soon as sshd allows it' END AS evidence,
       opens AND EXISTS (SELECT 1 FROM exposed_logins WHERE ssh) AS reachable,
       CASE WHEN NOT opens THEN 'medium' WHEN uid = 0 THEN 'critical' ELSE 'high' END AS severity
  FROM keys
 WHERE bad AND NOT limited
UNION ALL
SELECT 'authorised keys', 1, count(*) || ' keys', 0, 'high' FROM keys
HAVING count(*) > 0 AND max(bad AND NOT limited) = 0
