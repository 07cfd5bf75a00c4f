-- id: acct-new-login
-- title: No account can log in from outside that could not before
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1136.001,T1098.004 cis-v8=5.1,5.3 iso27001=A.5.16,A.5.18 mcsb=IM-1 nist-csf=PR.AA-01
-- why: A new account, a new key, a shell instead of nologin: intruders keep the door open that way,
--   and so do colleagues in a hurry. Holdfast notes at each run who can log in from outside; who
--   appears is told for a week.
-- fix: Ask who did it. If nobody did, lock it and look for more: usermod -L -e 1 NAME, remove its
--   keys, last -w NAME. If it is meant, state it: an exemption, or wait a week.
-- pass: acct-new-login-pass
-- fail: acct-new-login
SELECT 'account ' || h.username AS resource, NOT h.fresh AS healthy,
       CASE WHEN h.fresh THEN (SELECT d.deciding || ' ' || d.door || ' lets ' || h.username
                                      || ' in by ' || d.means FROM account_doors AS d
                                WHERE d.username = h.username AND d.door <> 'console'
                                ORDER BY d.reachable DESC LIMIT 1)
                              || ', first seen ' || date(h.first_seen, 'unixepoch')
            ELSE h.username || ' could log in before' END AS evidence,
       (SELECT max(d.reachable) FROM account_doors AS d WHERE d.username = h.username) AS reachable,
       CASE WHEN h.username IN (SELECT username FROM account_privileges WHERE usable = 1)
            THEN 'high' ELSE 'medium' END AS severity
  FROM login_history AS h
 WHERE EXISTS (SELECT 1 FROM known_logins)
