-- id: az-edr
-- title: Azure machines run endpoint protection
-- practice: 6-monitoring
-- control: enable-endpoint-protection
-- severity: high
-- applies: azure
-- maps: attack=T1059,T1204 cis-v8=10.1 iso27001=A.8.7 mcsb=ES-1,ES-2 nist-csf=DE.CM-09
-- why: Nobody sees what runs on a machine without a sensor.
-- fix: Enable Defender for Servers on the subscription (it installs MDE), or install another sensor and
--   exempt this finding.
-- pass: azure
-- fail: az-edr
SELECT 'machine ' || v.name AS resource,
       EXISTS (SELECT 1 FROM azure_vm_extensions x
                WHERE lower(x.vm_id) = lower(v.id)
                  AND (x.type LIKE 'MDE.%' OR x.type = 'IaaSAntimalware'
                       OR x.publisher LIKE '%CrowdStrike%' OR x.publisher LIKE '%SentinelOne%'
                       OR x.publisher LIKE '%TrendMicro%' OR x.publisher LIKE '%Symantec%'))
       AS healthy,
       v.file || ':' || v.line || ': extensions '
       || coalesce((SELECT group_concat(x.type, ', ') FROM azure_vm_extensions x
                     WHERE lower(x.vm_id) = lower(v.id)), 'none') AS evidence
  FROM azure_vms v WHERE v.described = 1 AND v.extensions_unknown = 0
