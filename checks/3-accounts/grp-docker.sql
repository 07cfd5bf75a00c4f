-- id: grp-docker
-- title: Nobody is root by way of a group
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1548,T1611 cis-v8=5.4,6.8 iso27001=A.8.2 mcsb=PA-1 nist-csf=PR.AA-05
-- why: Members of docker, lxd or libvirt start machines that see the whole disk, members of disk
--   read and write it directly, members of shadow read all hashes: they are root without a
--   password and without a trace in the log of sudo.
-- fix: Take the account out (gpasswd -d NAME GROUP) and let it use sudo for single commands,
--   or use rootless containers: dockerd-rootless-setuptool.sh install, or podman.
-- action: account-leave docker lxd incus incus-admin libvirt disk shadow kmem
-- pass: base
-- fail: grp-docker
SELECT 'account ' || g.username AS resource, 0 AS healthy,
       '/etc/group: ' || g.username || ' is in ' || group_concat(g.groupname, ', ') AS evidence,
       CASE WHEN g.username IN (SELECT username FROM administrators WHERE how LIKE '%sudo%'
                                   OR how LIKE '%wheel%' OR how LIKE '%admin') THEN 'medium'
            ELSE 'high' END AS severity
  FROM user_groups AS g
 WHERE g.uid <> 0
   AND g.groupname IN ('docker', 'lxd', 'incus', 'incus-admin', 'libvirt', 'disk', 'shadow', 'kmem')
 GROUP BY g.username
UNION ALL
SELECT 'groups', 1, count(*) || ' groups; none that is as good as root has a member', 'high'
  FROM groups
HAVING count(*) > 0 AND NOT EXISTS (
  SELECT 1 FROM user_groups
   WHERE uid <> 0 AND groupname IN ('docker', 'lxd', 'incus', 'incus-admin', 'libvirt', 'disk',
                                    'shadow', 'kmem'))
