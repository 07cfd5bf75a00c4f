-- id: ssh-password-auth
-- title: SSH accepts no passwords
-- practice: 2-management-ports
-- control: manage-access-and-permissions
-- severity: critical
-- applies: linux
-- maps: attack=T1110.001,T1110.003,T1133 cis-v8=6.3,5.2 iso27001=A.8.5 mcsb=IM-6
--   nist-csf=PR.AA-03
-- why: Robots guess passwords on every ssh port of the internet, thousands a day. A key cannot be
--   guessed. One Match block that allows passwords for one account is enough for them.
-- fix: First make sure that a key of yours works. Then write to
--   /etc/ssh/sshd_config.d/00-keys-only.conf
--   PasswordAuthentication no
--   and remove the line that the evidence names. Check and load it:
--   sshd -t && systemctl reload ssh (RHEL, Alpine: sshd)
-- action: sshd-keys PasswordAuthentication no
-- pass: base
-- fail: ssh-password-auth
SELECT scope AS resource, min(value = 'no') AS healthy,
       min(evidence) || coalesce('; open to ' || (SELECT group_concat(username, ' ')
                                                   FROM ssh_password_logins), '') AS evidence,
       exposed AS reachable,
       CASE WHEN NOT EXISTS (SELECT 1 FROM ssh_password_logins) THEN 'high' END AS severity
  FROM ssh_settings
 WHERE keyword = 'passwordauthentication'
 GROUP BY scope, value
UNION ALL
SELECT scope, 0, evidence || ', which applies to no account as things are', 0, 'medium'
  FROM ssh_globals
 WHERE keyword = 'passwordauthentication' AND value = 'yes'
   AND scope NOT IN (SELECT scope FROM ssh_settings WHERE keyword = 'passwordauthentication')
