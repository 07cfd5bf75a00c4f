-- id: acct-dup-uid
-- title: Every account has a name and a number of its own
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1136.001 cis-v8=5.1 iso27001=A.5.16 mcsb=PA-7 nist-csf=PR.AA-01
-- why: Two accounts with one uid are one account for the kernel: each owns the other's files, and
--   the log cannot tell them apart. Of two lines with one name only the first counts, which hides
--   the second from whoever edits the file.
-- fix: Give one of them a new number and hand its files over:
--     usermod -u NEWUID NAME; find / -xdev -uid OLDUID -exec chown -h NEWUID {} +
--   Remove second lines with vipw.
-- pass: base
-- fail: acct-dup-uid
WITH counted AS (
  SELECT *, count(*) OVER (PARTITION BY uid) AS same_uid,
         count(*) OVER (PARTITION BY username) AS same_name
    FROM users WHERE password_field <> 'plus')
SELECT 'account ' || username || ' line ' || line AS resource, 0 AS healthy,
       file || ':' || line || ' ' || username || ' shares '
         || CASE WHEN same_name > 1 THEN 'its name' ELSE 'uid ' || uid END
         || ' with ' || (max(same_name, same_uid) - 1) || ' other' AS evidence
  FROM counted
 WHERE same_name > 1 OR (same_uid > 1 AND uid <> 0)
UNION ALL
SELECT 'accounts', 1, count(*) || ' accounts' FROM counted
HAVING count(*) > 0 AND max(max(same_name, CASE uid WHEN 0 THEN 1 ELSE same_uid END)) = 1
