-- id: sysctl-core-pattern
-- title: Core dumps start no foreign program
-- practice: 1-secure-score
-- control: apply-adaptive-application-control
-- severity: high
-- applies: linux
-- maps: attack=T1546,T1611 cis-v8=2.5 iso27001=A.8.19 mcsb=AM-5 nist-csf=PR.PS-05
-- why: The kernel runs the program behind the | of core_pattern as root whenever anything crashes.
--   Intruders put their own program there: it comes back after every clean-up, and is a way out
--   of containers.
-- fix: Look at the program that the evidence names. Unless it is your crash reporter, remove it
--   and the line, then: sysctl -w kernel.core_pattern=core
-- pass: base
-- fail: sysctl-core-pattern
WITH patterns AS (
SELECT name, trim(replace(coalesce(v.value, ''), '|', '')) || ' ' AS program,
       v.value LIKE '|%' AS pipe, s.evidence
  FROM system_controls c
  JOIN sysctl s USING (name)
  JOIN json_each(json_array(c.value, c.config_value)) v
 WHERE name = 'kernel.core_pattern')
SELECT name AS resource, evidence,
       NOT pipe AND program NOT LIKE '/tmp/%' AND program NOT LIKE '/dev/shm/%'
       OR program LIKE '/usr/lib/systemd/systemd-coredump %'
       OR program LIKE '/lib/systemd/systemd-coredump %'
       OR program LIKE '/usr/share/apport/apport %'
       OR program LIKE '/usr/libexec/abrt-hook-ccpp %'
       OR program LIKE '/bin/false %' OR program LIKE '/usr/bin/false %' AS healthy
  FROM patterns
