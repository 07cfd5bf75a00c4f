-- id: acct-uid0
-- title: Only root has uid 0
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: critical
-- applies: linux
-- maps: attack=T1136.001,T1078.003 cis-v8=5.1 iso27001=A.8.2 mcsb=PA-1 nist-csf=PR.AA-05
-- why: Every account with uid 0 is root under another name: it is missed when root is locked,
--   watched or audited, and is a common way for an intruder to stay.
-- fix: Find out who made the account, then lock and remove it:
--   usermod -L -e 1 NAME; check its crontab and ~/.ssh/authorized_keys; userdel -f NAME
-- pass: base
-- fail: acct-uid0
SELECT 'account ' || username AS resource,
       username = 'root' AS healthy,
       file || ':' || line || ' ' || username || ' has uid 0' AS evidence
  FROM users
 WHERE uid = 0
