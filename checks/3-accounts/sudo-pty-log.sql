-- id: sudo-pty-log
-- title: sudo uses a terminal of its own and writes a log
-- practice: 3-accounts
-- control: enable-auditing-and-logging
-- severity: low
-- applies: linux
-- maps: attack=T1548.003,T1562.006 cis-v8=8.2,8.5 iso27001=A.8.15 mcsb=LT-3 nist-csf=PR.PS-04
-- why: Without use_pty a program can leave a child behind that types into the administrator's
--   terminal; without a log nobody can say who did what as root.
-- fix: Write /etc/sudoers.d/10-log with visudo -f /etc/sudoers.d/10-log:
--     Defaults use_pty
--     Defaults logfile="/var/log/sudo.log"
-- action: sudo-defaults use_pty 'logfile="/var/log/sudo.log"'
-- pass: base
-- fail: sudo-pty-log
WITH last AS (
  SELECT name, value, max(rowid), file || ':' || line || ' ' AS place
    FROM sudo_defaults WHERE scope = '' GROUP BY name)
SELECT 'sudo' AS resource,
       ifnull((SELECT value = 'yes' FROM last WHERE name = 'use_pty'), 0)
         AND (EXISTS (SELECT 1 FROM last WHERE name = 'logfile' AND value <> 'no')
              OR EXISTS (SELECT 1 FROM last WHERE name = 'log_output' AND value = 'yes'))
         AS healthy,
       ifnull((SELECT place || 'use_pty ' || value FROM last WHERE name = 'use_pty'),
              'use_pty is not set')
         || '; ' || ifnull((SELECT place || name || ' ' || value FROM last
                             WHERE name IN ('logfile', 'log_output')), 'no logfile') AS evidence
 WHERE EXISTS (SELECT 1 FROM sudo_rules)
