-- id: audit-immutable
-- title: Audit rules cannot be changed until the next start
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: low
-- applies: linux
-- maps: attack=T1562.012 cis-v8=8.2 iso27001=A.8.15 mcsb=LT-3 nist-csf=PR.PS-04
-- why: Otherwise root, whoever that is by then, switches the recorder off with one command.
-- fix: Write /etc/audit/rules.d/99-finalize.rules with the one line "-e 2",
--   then restart the machine.
-- action: audit-rules lock
-- pass: base
-- fail: audit-immutable
WITH control AS (SELECT file || ':' || line || ' ' || rule AS evidence FROM audit_rules
                  WHERE kind = 'control' AND (rule = '-e 2' OR rule LIKE '-e 2 %'))
SELECT 'audit' AS resource, EXISTS (SELECT 1 FROM control) AS healthy,
       ifnull((SELECT evidence FROM control LIMIT 1),
              'no file of /etc/audit/rules.d says -e 2') AS evidence
 WHERE EXISTS (SELECT 1 FROM audit_rules WHERE kind <> 'control')
