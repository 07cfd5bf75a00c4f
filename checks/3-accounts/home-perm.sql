-- id: home-perm
-- title: Homes belong to their accounts, and nobody else can write there
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1222.002,T1546.004 cis-v8=3.3 iso27001=A.8.3 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Whoever can write into a home can change what runs at the next login. Whoever can read it
--   finds keys, histories and passwords.
-- fix: chown NAME: ~NAME; chmod 750 ~NAME   (files in it: chmod go-w FILE)
-- action: mode -0027 -
-- pass: base
-- fail: home-perm
WITH files AS (
  SELECT h.*, h.uid NOT IN (0, h.expected_uid) OR (h.mode & 18 AND h.type <> 'symlink') AS written,
         h.kind = 'home' AND h.mode & 4 AS listed
    FROM home_files AS h JOIN users AS u ON u.username = h.username
   WHERE h.kind IN ('home', 'history', 'forward', 'other_dotfile')
     AND (u.interactive = 1 AND (u.uid = 0 OR u.uid >= 1000)))
SELECT 'file ' || path AS resource, 0 AS healthy,
       path || ' has mode ' || printf('%04o', mode) || ', owner ' || uid AS evidence,
       CASE WHEN written THEN 'medium' ELSE 'low' END AS severity
  FROM files
 WHERE written OR listed
UNION ALL
SELECT 'homes', 1, count(*) || ' homes and files in them', 'medium' FROM files
HAVING count(*) > 0 AND max(written OR listed) = 0
