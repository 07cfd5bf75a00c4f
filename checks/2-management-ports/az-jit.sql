-- id: az-jit
-- title: Management ports of Azure machines open just in time
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: high
-- applies: azure
-- maps: attack=T1133,T1110 cis-v8=6.8 iso27001=A.5.15 mcsb=NS-3,PA-2 nist-csf=PR.AA-05
-- why: A port that opens for one address and a few hours when somebody asks for it cannot be tried by
--   everybody for the rest of the year.
-- fix: In the portal: Defender for Cloud, Workload protections, Just-in-time VM access, Enable; the
--   policy has to cover the port at which the machine is managed.
-- action: az jit
-- pass: azure
-- fail: az-jit
SELECT 'machine ' || v.name AS resource,
       v.jit = 1 AND EXISTS (SELECT 1 FROM azure_jit_policies j
                              WHERE lower(j.vm_id) = lower(v.id)
                                AND CASE v.os WHEN 'windows' THEN 3389 ELSE 22 END
                                    BETWEEN j.port_first AND j.port_last) AS healthy,
       v.file || ':' || v.line || ': '
       || CASE v.jit WHEN 1 THEN 'the policy covers port '
            || coalesce((SELECT group_concat(j.port_first, ', ') FROM azure_jit_policies j
                          WHERE lower(j.vm_id) = lower(v.id)), 'none')
          ELSE 'no just-in-time policy' END AS evidence
  FROM azure_vms v WHERE v.jit IS NOT NULL AND v.described = 1
