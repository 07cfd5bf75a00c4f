-- id: ssh-root-login
-- title: Root does not log in over SSH
-- practice: 2-management-ports
-- control: manage-access-and-permissions
-- severity: critical
-- applies: linux
-- maps: attack=T1110.001,T1078.003 cis-v8=5.4 iso27001=A.8.2 mcsb=PA-1 nist-csf=PR.AA-05
-- why: Everybody knows the name "root", so its password is guessed first, and whoever gets in owns
--   the machine at once. With own accounts and sudo the log also says who did what.
-- fix: First make sure that another account of yours logs in by key and may use sudo. Then write
--   to /etc/ssh/sshd_config.d/00-no-root.conf
--   PermitRootLogin no
--   and remove the line that the evidence names. Check and load it:
--   sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd PermitRootLogin no
-- pass: base
-- fail: ssh-root-login
WITH root AS (
SELECT * FROM ssh_settings WHERE keyword = 'permitrootlogin' AND username = 'root')
SELECT scope AS resource, value IN ('no', 'forced-commands-only') AS healthy, evidence,
       exposed AS reachable,
       CASE WHEN value <> 'yes' THEN 'low'
            WHEN NOT EXISTS (SELECT 1 FROM ssh_password_logins WHERE uid = 0) THEN 'high'
       END AS severity
  FROM root
UNION ALL
SELECT 'sshd', 1, deciding || ' refuses root', exposed, NULL FROM ssh_access, ssh_server
 WHERE username = 'root' AND allowed = 0 AND NOT EXISTS (SELECT 1 FROM root)
UNION ALL
SELECT scope, 0, evidence || ', which does not reach root as things are', 0, 'medium'
  FROM ssh_globals
 WHERE keyword = 'permitrootlogin' AND value = 'yes'
   AND scope NOT IN (SELECT scope FROM root WHERE value = 'yes')
