-- id: acct-inactive
-- title: Accounts that nobody used for 90 days are locked
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1078.003 cis-v8=5.3 iso27001=A.5.18 mcsb=PA-4 nist-csf=PR.AA-05
-- why: Nobody notices when a forgotten account is used: its owner has left, its password is old,
--   and its keys lie on machines that are gone.
-- fix: Lock it and let it expire: usermod -L -e 1 NAME and let all others lock themselves:
--   useradd -D -f 30; chage -I 30 NAME
-- action: account-lock expire
-- pass: acct-inactive-pass
-- fail: acct-inactive
SELECT 'account ' || u.username AS resource,
       ifnull(l.time, s.last_change * 86400) > now - 90 * 86400 AS healthy,
       CASE WHEN l.time IS NULL THEN s.file || ':' || s.line || ' ' || u.username
              || ' never logged in since its password was set on '
              || date(s.last_change * 86400, 'unixepoch')
            ELSE '/var/log/lastlog ' || u.username || ' logged in last on '
              || date(l.time, 'unixepoch') END AS evidence
  FROM users AS u JOIN shadow AS s ON s.username = u.username
  JOIN last_login AS l ON l.username = u.username, moment
 WHERE u.interactive = 1 AND u.uid <> 0
   AND (s.expires IS NULL OR s.expires * 86400 > now) AND s.inactive IS NULL
   AND (s.password_status IN ('set', 'empty')
        OR u.username IN (SELECT username FROM authorized_keys))
   AND ifnull(l.time, s.last_change) IS NOT NULL
