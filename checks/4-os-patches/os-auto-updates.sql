-- id: os-auto-updates
-- title: Security updates are installed by themselves
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: high
-- applies: linux
-- maps: attack=T1190,T1210 cis-v8=7.3 iso27001=A.8.8 mcsb=PV-6 nist-csf=PR.PS-02
-- why: Holes are used within hours of becoming known. Updates that wait for somebody to have time
--   come weeks later.
-- fix: Debian and Ubuntu: apt install unattended-upgrades && dpkg-reconfigure -plow
--   unattended-upgrades.
--   Red Hat: dnf install dnf-automatic, upgrade_type = security and apply_updates = yes in
--   /etc/dnf/automatic.conf, systemctl enable --now dnf-automatic.timer.
--   Alpine: a script with "apk upgrade -U" in /etc/periodic/daily.
-- action: auto-updates install
-- pass: base
-- fail: os-auto-updates
SELECT manager AS resource, auto_upgrade = 1 AS healthy,
       CASE WHEN auto_evidence <> '' THEN auto_evidence
            ELSE 'nothing installs security updates by itself' END AS evidence,
       EXISTS (SELECT 1 FROM exposed_services) AS reachable
  FROM update_state
