-- id: sudo-dangerous
-- title: No command of sudo gives a root shell by the way
-- practice: 3-accounts
-- control: manage-access-and-permissions
-- severity: medium
-- applies: linux
-- maps: attack=T1548.003 cis-v8=5.4,6.8 iso27001=A.8.2,A.8.18 mcsb=PA-7 nist-csf=PR.AA-05
-- why: Editors, pagers, interpreters, package managers and wildcards let their user start any
--   program as root; the rule looks narrow and is as wide as ALL.
-- fix: Allow exact commands with all arguments; for editing use sudoedit FILE;
--   write NOEXEC: before programs that can start others. Edit with visudo -f FILE.
-- pass: base
-- fail: sudo-dangerous
SELECT 'sudo rule of ' || user AS resource, 0 AS healthy,
       file || ':' || line || ' ' || command || ': ' || dangerous AS evidence
  FROM sudo_rules
 WHERE dangerous <> '' AND dangerous NOT LIKE '%writable%' AND all_commands = 0 AND negated = 0
   AND user NOT IN ('root', '#0')
UNION ALL
SELECT 'sudo', 1, count(*) || ' rules' FROM sudo_rules
HAVING count(*) > 0
   AND max(dangerous <> '' AND dangerous NOT LIKE '%writable%' AND NOT all_commands AND NOT negated
           AND user NOT IN ('root', '#0')) = 0
