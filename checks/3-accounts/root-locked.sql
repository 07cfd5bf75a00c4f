-- id: root-locked
-- title: The password of root is locked, or good for the console only
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1078.003,T1110.001 cis-v8=5.4 iso27001=A.8.2 mcsb=PA-1 nist-csf=PR.AA-05
-- why: Every machine has an account named root, so only its password is left to guess; and who
--   shares one root password leaves no trace of who did what. With sudo it is not needed.
-- fix: Make sure that an account may use sudo, then lock the password: passwd -l root
-- action: account-lock
-- pass: base
-- fail: root-locked
SELECT 'account root' AS resource, s.password_status IN ('unset', 'locked') AS healthy,
       s.file || ':' || s.line || ' the password of root is ' || s.password_status
         || CASE WHEN a.allowed AND (a.password OR a.kbdint)
            THEN ', and ' || a.deciding || ' lets it in' ELSE '' END AS evidence,
       'root' IN (SELECT username FROM guessable_accounts) AS reachable,
       CASE WHEN a.allowed AND (a.password OR a.kbdint) THEN 'medium' ELSE 'low' END AS severity
  FROM shadow AS s LEFT JOIN ssh_access AS a ON a.username = s.username
 WHERE s.username = 'root'
