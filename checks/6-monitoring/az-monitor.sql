-- id: az-monitor
-- title: Azure machines send their logs away
-- practice: 6-monitoring
-- control: enable-auditing-and-logging
-- severity: medium
-- applies: azure
-- maps: attack=T1070 cis-v8=8.9 iso27001=A.8.15 mcsb=LT-3,LT-5 nist-csf=PR.PS-04
-- why: Whoever takes a machine wipes its logs first. A copy elsewhere is what an investigation has.
-- fix: az vm extension set -g GROUP --vm-name VM -n AzureMonitorLinuxAgent --publisher Microsoft.Azure.Monitor
--   and a data collection rule for it.
-- action: az monitor-agent
-- pass: azure
-- fail: az-monitor
SELECT 'machine ' || v.name AS resource,
       EXISTS (SELECT 1 FROM azure_vm_extensions x
                WHERE lower(x.vm_id) = lower(v.id)
                  AND (x.type LIKE 'AzureMonitor%Agent'
                       OR x.type IN ('OmsAgentForLinux', 'MicrosoftMonitoringAgent',
                                     'LinuxDiagnostic', 'IaaSDiagnostics'))) AS healthy,
       v.file || ':' || v.line || ': extensions '
       || coalesce((SELECT group_concat(x.type, ', ') FROM azure_vm_extensions x
                     WHERE lower(x.vm_id) = lower(v.id)), 'none') AS evidence
  FROM azure_vms v WHERE v.described = 1 AND v.extensions_unknown = 0
