-- id: shell-timeout
-- title: Idle shells end by themselves
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: low
-- applies: linux
-- maps: attack=T1563.001 cis-v8=4.3 iso27001=A.8.1 mcsb=PA-7 nist-csf=PR.AA-05
-- why: A shell that was left open is a login without a password for whoever comes by the desk, or
--   takes over the session.
-- fix: Write /etc/profile.d/tmout.sh:
--     readonly TMOUT=900; export TMOUT
-- action: tmout 900
-- pass: base
-- fail: shell-timeout
WITH limits AS (
  SELECT *, CAST(value AS INTEGER) AS seconds
    FROM startup_scripts WHERE kind = 'tmout' AND file LIKE '/etc/%')
SELECT 'shells' AS resource, ifnull(max(seconds) BETWEEN 1 AND 900, 0) AS healthy,
       ifnull(group_concat(file || ':' || line || ' TMOUT=' || value, '; '),
              'no file below /etc sets TMOUT') AS evidence
  FROM limits
 WHERE EXISTS (SELECT 1 FROM users WHERE interactive = 1)
HAVING EXISTS (SELECT 1 FROM users WHERE interactive = 1)
