-- id: mount-tmp
-- title: Nothing can be executed from /tmp, /var/tmp and /dev/shm
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: low
-- applies: linux
-- maps: attack=T1059.004,T1036.005 cis-v8=4.1 iso27001=A.8.9 mcsb=PV-4 nist-csf=PR.PS-01
-- why: Everybody may write there, so this is where intruders put their first program. Mounted
--   with nodev, nosuid and noexec it does not run.
-- fix: Give each a line in /etc/fstab, such as
--   tmpfs /tmp tmpfs nodev,nosuid,noexec 0 0
--   tmpfs /dev/shm tmpfs nodev,nosuid,noexec 0 0
--   /tmp /var/tmp none bind,nodev,nosuid,noexec 0 0
--   and then: mount /tmp; mount -o remount /dev/shm; mount /var/tmp
-- action: mount nodev nosuid noexec
-- pass: base
-- fail: mount-tmp
WITH state AS (
SELECT d.value AS path, ',' || coalesce(m.flags, f.options, '') || ',' AS options,
       CASE WHEN m.path IS NOT NULL THEN d.value || ' is mounted with ' || m.flags
            WHEN f.path IS NOT NULL THEN f.file || ':' || f.line || ' ' || f.options
            ELSE d.value || ' has no mount of its own in /etc/fstab' END AS evidence
  FROM json_each('["/tmp", "/var/tmp", "/dev/shm"]') d
  LEFT JOIN mounts m ON m.path = d.value
  LEFT JOIN fstab f ON f.path = d.value)
SELECT path AS resource, evidence,
       options LIKE '%,nodev,%' AND options LIKE '%,nosuid,%' AND options LIKE '%,noexec,%'
       AS healthy
  FROM state
