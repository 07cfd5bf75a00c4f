-- id: os-auto-ran
-- title: The automatic update ran within the last three days
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: medium
-- applies: linux
-- maps: attack=T1190,T1210 cis-v8=7.3 iso27001=A.8.8 mcsb=PV-6 nist-csf=PR.PS-02
-- why: Automatic updates stop without a word: a full disk, a key that expired, a package that asks
--   a question. The date of the last run is what shows it.
-- fix: Look at why it stopped.
--   Debian and Ubuntu: unattended-upgrade --dry-run --debug and /var/log/unattended-upgrades;
--   Red Hat: systemctl status dnf-automatic.timer
-- pass: base
-- fail: os-auto-ran
SELECT manager AS resource,
       CASE WHEN auto_last_run IS NULL THEN 0 ELSE now - auto_last_run <= 3 * 86400 END AS healthy,
       CASE WHEN auto_last_run IS NULL THEN 'no run is recorded'
            ELSE 'last run on ' || date(auto_last_run, 'unixepoch') END
         || CASE auto_evidence WHEN '' THEN '' ELSE ' (' || auto_evidence || ')' END AS evidence
  FROM update_state, moment
 WHERE auto_upgrade = 1
