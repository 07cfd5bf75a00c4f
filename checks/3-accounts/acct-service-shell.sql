-- id: acct-service-shell
-- title: Accounts of services cannot log in
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1078.001,T1021.004 cis-v8=5.4,4.7 iso27001=A.8.2 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Accounts such as nagios, oracle, postgres, git, test or backup exist on many machines and
--   often have simple passwords, so robots try them first: this is how a monitoring account with
--   a guessed password became the way into a server. A program needs no login.
-- fix: Take the shell and the password away, and keep the account out of sshd:
--     usermod -s /usr/sbin/nologin -L NAME     (Red Hat: /sbin/nologin)
--     rm -f ~NAME/.ssh/authorized_keys
--   For file transfer alone, use "ForceCommand internal-sftp" in a Match block of its own.
-- action: account-lock nologin
-- pass: base
-- fail: acct-service-shell
SELECT 'account ' || s.username AS resource, 0 AS healthy,
       CASE WHEN a.username IS NOT NULL
            THEN a.deciding || ' lets ' || s.username || ' log in ('
              || CASE WHEN a.password OR a.kbdint THEN 'password' ELSE 'key' END || '); '
            ELSE '' END
         || s.file || ':' || s.line || ' shell ' || s.shell AS evidence,
       a.username IS NOT NULL AND EXISTS (SELECT 1 FROM exposed_logins WHERE ssh) AS reachable,
       CASE WHEN a.username IS NULL THEN 'medium' ELSE 'high' END AS severity
  FROM service_accounts AS s
  LEFT JOIN ssh_access AS a ON a.username = s.username AND a.allowed = 1 AND a.shell_access = 1
       AND (a.password = 1 OR a.kbdint = 1 OR a.publickey = 1)
 WHERE s.interactive = 1 AND s.shell NOT LIKE '%/git-shell'
   AND (a.username IS NOT NULL
        OR s.username IN (SELECT username FROM shadow WHERE password_status IN ('set', 'empty')))
UNION ALL
SELECT 'service accounts', 1, count(*) || ' accounts of services', 0, 'high'
  FROM service_accounts
HAVING count(*) > 0
