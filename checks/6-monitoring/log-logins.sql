-- id: log-logins
-- title: Logins and failed logins are counted (wtmp, btmp)
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: low
-- applies: linux
-- maps: attack=T1070.006,T1078 cis-v8=8.5 iso27001=A.8.15 mcsb=LT-3 nist-csf=DE.CM-03
-- why: last and lastb answer "who was here, and who tried" in a second; where the files were taken
--   away, nothing is written, and nothing says so.
-- fix: install -m 664 -g utmp /dev/null /var/log/wtmp;
--   install -m 660 -g utmp /dev/null /var/log/btmp
-- action: log-files
-- pass: base
-- fail: log-logins
SELECT 'file ' || f.path AS resource, l.type = 'regular' AND l.type IS NOT NULL AS healthy,
       f.path || CASE WHEN l.path IS NULL THEN ' does not exist'
                      WHEN l.type <> 'regular' THEN ' is a ' || l.type
                      ELSE ' exists' END AS evidence
  FROM (SELECT '/var/log/wtmp' AS path UNION ALL SELECT '/var/log/btmp') AS f
  LEFT JOIN log_files AS l ON l.path = f.path
 WHERE EXISTS (SELECT 1 FROM systemd_units WHERE id IN ('ssh.service', 'sshd.service', 'sshd'))
   AND NOT EXISTS (SELECT 1 FROM os_version WHERE id = 'alpine')
