-- id: secure-boot
-- title: Secure Boot is on and unsigned kernel modules are refused
-- practice: 1-secure-score
-- control: remediate-security-configurations
-- severity: low
-- applies: linux
-- maps: attack=T1542.003,T1547.006 cis-v8=2.5 iso27001=A.8.19 mcsb=PV-4 nist-csf=PR.PS-05
-- why: With Secure Boot only signed boot loaders and kernels start, and a root kit in the kernel
--   needs a signature that the intruder does not have.
-- fix: Switch Secure Boot on in the firmware or in the settings of the virtual machine (Azure:
--   security type "Trusted launch"), with the distribution's signed shim and kernel. Add
--   module.sig_enforce=1 to GRUB_CMDLINE_LINUX in /etc/default/grub; update-grub; restart.
-- live: yes
-- pass: base-live
-- fail: secure-boot
SELECT 'secure boot' AS resource, secure_boot AS healthy,
       'EFI variable SecureBoot is ' || secure_boot AS evidence
  FROM kernel_info
UNION ALL
SELECT 'module signatures', module_signatures,
       'the kernel ' || CASE module_signatures WHEN 1 THEN 'refuses' ELSE 'loads' END
       || ' unsigned modules (lockdown: ' || CASE lockdown WHEN '' THEN 'none' ELSE lockdown END
       || ')'
  FROM kernel_info
