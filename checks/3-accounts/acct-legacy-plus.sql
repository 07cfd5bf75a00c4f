-- id: acct-legacy-plus
-- title: No "+" entries in passwd, shadow and group
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: high
-- applies: linux
-- maps: attack=T1078.003,T1136 cis-v8=5.1 iso27001=A.5.16 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Lines that begin with + take in accounts of NIS, a service without encryption or proof of
--   who answers; where it is not used, some programs have taken "+" as a name without password.
-- fix: Remove the lines with vipw, vipw -s and vigr.
-- action: comment drop
-- pass: base
-- fail: acct-legacy-plus
SELECT file || ':' || line AS resource, 0 AS healthy,
       file || ':' || line || ' begins with +' AS evidence
  FROM (SELECT file, line FROM users WHERE username LIKE '+%' OR username LIKE '-%'
        UNION ALL SELECT file, line FROM shadow WHERE username LIKE '+%' OR username LIKE '-%'
        UNION ALL SELECT file, line FROM groups WHERE groupname LIKE '+%' OR groupname LIKE '-%')
UNION ALL
SELECT 'accounts', 1, count(*) || ' accounts, all of this machine' FROM users
HAVING count(*) > 0 AND sum(substr(username, 1, 1) IN ('+', '-')) = 0
