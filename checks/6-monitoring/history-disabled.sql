-- id: history-disabled
-- title: Nobody has switched the shell history off
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: medium
-- applies: linux
-- maps: attack=T1070.003,T1562.003 cis-v8=8.5 iso27001=A.8.15 mcsb=LT-3 nist-csf=DE.CM-03
-- why: A history that is a link to /dev/null, or a HISTFILE that is unset, is what intruders leave
--   behind on their way in.
-- fix: Remove the link or the line, and ask whose it was: rm FILE; touch FILE; chmod 600 FILE
-- pass: base
-- fail: history-disabled
WITH disabled(resource, evidence) AS (
  SELECT 'file ' || path, path || ' is a link to ' || target FROM home_files
   WHERE kind = 'history' AND type = 'symlink' AND target LIKE '/dev/%'
  UNION ALL
  SELECT 'file ' || file, file || ':' || line || ' ' || value FROM startup_scripts
   WHERE kind = 'history')
SELECT resource, 0 AS healthy, evidence FROM disabled
UNION ALL
SELECT 'histories', 1, count(*) || ' accounts' FROM users WHERE interactive = 1
HAVING count(*) > 0 AND NOT EXISTS (SELECT 1 FROM disabled)
