-- id: os-check-age
-- title: The machine looked for updates within the last two days
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: medium
-- applies: linux
-- maps: attack=T1190 cis-v8=7.3 iso27001=A.8.8 mcsb=PV-6 nist-csf=ID.RA-01
-- why: A machine that does not look has no pending updates as far as it knows, which reads like
--   being up to date.
-- fix: Debian and Ubuntu: APT::Periodic::Update-Package-Lists "1";
--   in /etc/apt/apt.conf.d/20auto-upgrades, systemctl enable --now apt-daily.timer,
--   and once: apt update.
--   Red Hat: systemctl enable --now dnf-makecache.timer. Alpine: apk update from cron.
-- action: auto-updates lists
-- pass: base
-- fail: os-check-age
SELECT manager AS resource, ifnull(now - lists_time <= 2 * 86400, 0) AS healthy,
       ifnull('package lists of ' || date(lists_time, 'unixepoch'), 'there are no package lists')
         AS evidence
  FROM update_state, moment
