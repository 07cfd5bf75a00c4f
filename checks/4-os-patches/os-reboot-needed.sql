-- id: os-reboot-needed
-- title: No restart is due for updates to take effect
-- practice: 4-os-patches
-- control: apply-system-updates
-- severity: high
-- applies: linux
-- maps: attack=T1068,T1210 cis-v8=7.3 iso27001=A.8.8 mcsb=PV-6 nist-csf=PR.PS-02
-- why: A new kernel protects only after the machine has started with it. Until then the hole that
--   the update closed is open.
-- fix: Restart at a quiet time: systemctl reboot.
--   To have it done by itself, Debian and Ubuntu: Unattended-Upgrade::Automatic-Reboot "true";
--   in /etc/apt/apt.conf.d/52reboot
-- pass: live
-- fail: os-reboot-needed
WITH running AS (
  SELECT r.version AS old, n.version AS new, r.newest FROM kernels AS r, kernels AS n
   WHERE r.running = 1 AND n.newest = 1)
SELECT 'kernel' AS resource,
       CASE WHEN reboot_required = 1 OR (SELECT newest FROM running) = 0 THEN 0
            WHEN reboot_required = 0 OR EXISTS (SELECT 1 FROM running) THEN 1 END AS healthy,
       CASE WHEN reboot_required = 1 THEN 'a restart is due: ' || reboot_reason
            ELSE ifnull((SELECT 'running ' || old || ', installed ' || new FROM running),
                        'nothing runs') END AS evidence
  FROM update_state
