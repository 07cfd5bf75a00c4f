-- id: sudo-nopasswd
-- title: sudo asks for a password
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1548.003 cis-v8=5.4,6.8 iso27001=A.8.2 mcsb=PA-7 nist-csf=PR.AA-05
-- why: With NOPASSWD whatever runs as this account is root as well: a stolen key, a hole in a web
--   application, a malicious package of a build.
-- fix: Remove NOPASSWD: (or "!authenticate") with visudo -f FILE;
--   where a program needs it, allow the single command with all its arguments.
--   Cloud images: give the account a password first (passwd NAME),
--   then edit /etc/sudoers.d/90-cloud-init-users.
-- action: sudo-ask
-- pass: base
-- fail: sudo-nopasswd
SELECT 'sudo rule of ' || user AS resource, 0 AS healthy,
       file || ':' || line || ' ' || rule AS evidence,
       CASE WHEN all_commands = 0 OR EXISTS (
                   SELECT 1 FROM shadow AS s WHERE s.username = user AND password_status <> 'set')
            THEN 'medium' ELSE 'high' END AS severity
  FROM sudo_rules
 WHERE nopasswd = 1 AND negated = 0 AND (all_commands = 1 OR dangerous <> '')
   AND user NOT IN ('root', '#0')
UNION ALL
SELECT 'sudo', 1, count(*) || ' rules', 'high' FROM sudo_rules
HAVING count(*) > 0 AND max(nopasswd AND NOT negated AND (all_commands OR dangerous <> '')
                            AND user NOT IN ('root', '#0')) = 0
