-- id: mfa-ssh
-- title: Administrators need a second factor to log in by SSH
-- practice: 3-accounts
-- control: enable-mfa
-- severity: medium
-- applies: linux
-- maps: attack=T1078,T1552.004 cis-v8=6.4,6.5 iso27001=A.8.5 mcsb=IM-6 nist-csf=PR.AA-03
-- why: A password or a key file can be copied without being missed. A security key must be touched,
--   and a one-time code is worth nothing a minute later.
-- fix: Security keys need nothing on the server:
--   ssh-keygen -t ed25519-sk, and put only such keys into authorized_keys.
--   Or one-time codes: apt install libpam-google-authenticator,
--   add "auth required pam_google_authenticator.so" to /etc/pam.d/sshd,
--   and write /etc/ssh/sshd_config.d/20-mfa.conf:
--     KbdInteractiveAuthentication yes
--     AuthenticationMethods publickey,keyboard-interactive
--   then sshd -t && systemctl reload ssh, and try it in a second session.
-- pass: base
-- fail: mfa-ssh
WITH plain AS (
  SELECT username, min(file || ':' || line || ' ' || key_type) AS place FROM authorized_keys
   WHERE key_type NOT LIKE 'sk-%' GROUP BY username)
SELECT 'account ' || a.username AS resource,
       a.second_factor = 1 OR (a.password = 0 AND a.kbdint = 0 AND p.username IS NULL) AS healthy,
       CASE WHEN a.second_factor THEN a.deciding || ' asks ' || a.username || ' for two factors'
            WHEN a.password OR a.kbdint THEN a.deciding || ' a password alone opens ' || a.username
            WHEN p.username IS NOT NULL THEN p.place || ' alone opens ' || a.username
            ELSE 'only security keys open ' || a.username END AS evidence,
       EXISTS (SELECT 1 FROM exposed_logins WHERE ssh) AS reachable
  FROM ssh_access AS a LEFT JOIN plain AS p ON p.username = a.username
 WHERE a.allowed = 1 AND (a.password OR a.kbdint OR a.publickey)
   AND (a.username IN (SELECT username FROM administrators)
        OR a.username IN (SELECT g.username FROM user_groups AS g JOIN sudo_rules AS r
                              ON r.user = '%' || g.groupname
                           WHERE r.all_commands AND NOT r.negated))
