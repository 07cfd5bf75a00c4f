-- id: pw-change-date
-- title: No password was changed in the future
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: low
-- applies: linux
-- maps: attack=T1078.003 cis-v8=5.2 iso27001=A.5.17 mcsb=IM-6 nist-csf=PR.AA-01
-- why: A date in the future keeps a password from ever expiring. It comes from a wrong clock, or
--   from somebody who edited the file.
-- fix: Set the date of today: chage -d "$(date +%F)" NAME,
--   after making sure that the clock is right.
-- pass: base
-- fail: pw-change-date
SELECT 'account ' || username AS resource, 0 AS healthy,
       file || ':' || line || ' ' || username || ' changed on '
         || ifnull(date(last_change * 86400, 'unixepoch'), 'day ' || last_change) AS evidence
  FROM shadow, moment
 WHERE last_change > now / 86400 + 1
UNION ALL
SELECT 'passwords', 1, count(*) || ' accounts' FROM shadow, moment
HAVING count(*) > 0 AND sum(ifnull(last_change, 0) > now / 86400 + 1) = 0
