-- id: acct-weak-password
-- title: No password is on the list of those that are tried first
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: critical
-- applies: linux
-- maps: attack=T1110.001,T1078 cis-v8=5.2 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: Holdfast tried the passwords that attackers try first (the account's own name, the host's
--   name, defaults of products, the most common ones), and one of them fits. Robots that try the
--   same list find such an account within hours.
-- fix: Set a long random password or a pass phrase, and look at who logged in so far:
--     passwd NAME
--     last -w NAME
--   Better: keys only. Put "PasswordAuthentication no" into /etc/ssh/sshd_config.d/10-keys.conf,
--   then: sshd -t && systemctl reload ssh   (Red Hat: systemctl reload sshd)
-- action: account-lock
-- pass: base
-- fail: acct-weak-password
SELECT 'account ' || w.username AS resource, 0 AS healthy,
       CASE WHEN w.store IN ('smbpasswd', 'tdbsam') OR s.file IS NULL THEN w.store
            ELSE s.file || ':' || s.line END || ' the password of ' || w.username
         || CASE WHEN w.tries = 0 THEN ' is in the list of leaked passwords'
                 WHEN w.audited IS NOT NULL
                 THEN ' was guessed within ' || w.tries || ' tries of the default list'
                 ELSE ' fell after ' || w.tries
                      || CASE w.tries WHEN 1 THEN ' guess' ELSE ' guesses' END END
         || CASE w.kind
            WHEN 'username' THEN ' (made from the account''s name)'
            WHEN 'hostname' THEN ' (made from the host''s name)'
            WHEN 'organisation' THEN ' (made from a word of the organisation)'
            WHEN 'service-default' THEN ' (default of a product)'
            WHEN 'word' THEN ' (a common word with changes)'
            WHEN 'breach' THEN ''
            ELSE ' (common password)' END AS evidence,
       w.username IN (SELECT username FROM guessable_accounts) AS reachable
  FROM weak_passwords AS w LEFT JOIN shadow AS s ON s.username = w.username
 WHERE w.kind <> 'empty' OR w.audited IS NOT NULL
UNION ALL
SELECT 'passwords', 1, count(*) || ' passwords, none was guessed', 0
  FROM shadow
 WHERE password_status = 'set'
HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM weak_passwords
                                     WHERE kind <> 'empty' OR audited IS NOT NULL)
