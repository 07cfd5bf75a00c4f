-- id: acct-weak-internet
-- title: No account that the internet reaches has a weak password, or none
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: critical
-- applies: linux
-- maps: attack=T1110.001,T1078 cis-v8=5.2,6.4 iso27001=A.5.17,A.8.5 mcsb=IM-6 nist-csf=PR.AA-03
-- why: This is how most machines fall: a robot finds the port, tries a short list of names and
--   passwords, and one of them fits. Nobody has to break anything. Where the account becomes root
--   by sudo, the machine is lost with it.
-- fix: At once: lock the password (usermod -L NAME), and look at who logged in (last -w NAME).
--   Then a key instead of the password, or a long random one (passwd NAME).
--   Keys only for everybody: "PasswordAuthentication no" and "KbdInteractiveAuthentication no" in
--   /etc/ssh/sshd_config.d/10-keys.conf; then sshd -t && systemctl reload ssh
-- action: account-lock
-- pass: base
-- fail: acct-weak-internet
WITH open AS (
  SELECT d.username, max(d.reachable IS NULL OR d.reachable) AS reached, max(d.reachable) AS sure,
         max(d.means LIKE '%nothing%') AS unasked, min(d.door) AS door, max(d.deciding) AS deciding
    FROM account_doors AS d
   WHERE d.door <> 'console' AND d.by_password AND d.second_factor = 0
   GROUP BY d.username)
SELECT 'account ' || o.username AS resource,
       NOT (o.unasked OR w.username IS NOT NULL) AS healthy,
       o.deciding || ' ' || o.door || ' takes ' || CASE
         WHEN o.unasked THEN 'no password from ' || o.username
         WHEN w.username IS NOT NULL THEN 'a password from ' || o.username
              || ' that was guessed in ' || w.tries || CASE w.tries WHEN 1 THEN ' try'
                                                       ELSE ' tries' END
         ELSE 'a password from ' || o.username || ' that was not guessed' END
       || coalesce((SELECT '; it becomes root: ' || p.evidence FROM account_privileges AS p
                     WHERE p.username = o.username AND p.usable = 1 LIMIT 1), '') AS evidence,
       CASE WHEN o.sure THEN 1 ELSE NULL END AS reachable
  FROM open AS o LEFT JOIN weak_passwords AS w ON w.username = o.username AND w.kind <> 'empty'
 WHERE o.reached
UNION ALL
SELECT 'accounts', 1, 'the internet reaches no account by a password', 0
 WHERE NOT EXISTS (SELECT 1 FROM open WHERE reached) AND EXISTS (SELECT 1 FROM users)
