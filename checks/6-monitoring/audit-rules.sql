-- id: audit-rules
-- title: Changes to accounts, sudo, the clock and the kernel are recorded
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: medium
-- applies: linux
-- maps: attack=T1562.012,T1136.001 cis-v8=8.5 iso27001=A.8.15 mcsb=LT-3 nist-csf=DE.CM-09
-- why: auditd without rules records nothing but logins. These rules cover what nearly every
--   intruder does: a new account, a change of sudo, a kernel module, a clock that is turned back.
-- fix: Write /etc/audit/rules.d/50-holdfast.rules:
--     -w /etc/passwd -p wa -k identity
--     -w /etc/shadow -p wa -k identity
--     -w /etc/group -p wa -k identity
--     -w /etc/sudoers -p wa -k scope
--     -w /etc/sudoers.d -p wa -k scope
--     -a always,exit -F arch=b64 -S adjtimex,settimeofday,clock_settime -k time
--     -a always,exit -F arch=b64 -S init_module,finit_module,delete_module -k modules
--     -a always,exit -F arch=b64 -S execve -F euid=0 -F auid>=1000 -F auid!=-1 -k root
--   then augenrules --load
-- action: audit-rules
-- pass: base
-- fail: audit-rules
WITH wanted(what, a, b) AS (VALUES
  ('/etc/passwd', '%/etc/passwd%', '% dir=/etc %'),
  ('/etc/shadow', '%/etc/shadow%', '% dir=/etc %'),
  ('/etc/group', '%/etc/group%', '% dir=/etc %'), ('sudo', '%/etc/sudoers%', '% dir=/etc %'),
  ('the clock', '%settime%', '%adjtimex%'), ('kernel modules', '%init_module%', '%/sbin/modprobe%'),
  ('commands of root', '%execve%', '%-S all%'))
SELECT 'audit of ' || what AS resource, r.file IS NOT NULL AS healthy,
       CASE WHEN r.file IS NULL THEN 'no rule below /etc/audit/rules.d records ' || what
            ELSE r.file || ':' || min(r.line) || ' ' || r.rule END AS evidence
  FROM wanted LEFT JOIN audit_rules AS r
    ON r.kind <> 'control' AND (r.rule LIKE a OR r.rule LIKE b) AND r.rule NOT LIKE '%never%'
 WHERE EXISTS (SELECT 1 FROM security_agents WHERE name = 'auditd')
 GROUP BY what
