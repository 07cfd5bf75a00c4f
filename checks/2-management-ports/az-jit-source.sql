-- id: az-jit-source
-- title: Just-in-time access is for somebody, and for some hours
-- practice: 2-management-ports
-- control: secure-management-ports
-- severity: medium
-- applies: azure
-- maps: attack=T1133 cis-v8=6.8 iso27001=A.5.15 mcsb=PA-2 nist-csf=PR.AA-05
-- why: A policy whose source is Any opens the port to everybody for as long as it lasts; that is what
--   Azure sets when nobody says otherwise.
-- fix: Set allowedSourceAddressPrefix of the policy to your network and maxRequestAccessDuration to PT3H
--   or less (Defender for Cloud, Just-in-time VM access, Edit).
-- pass: azure
-- fail: az-jit-source
SELECT 'machine ' || j.vm || ' port ' || coalesce(j.port_first, '?') AS resource,
       j.sources NOT IN ('*', 'Internet', '0.0.0.0/0', '')
       AND (j.duration GLOB 'PT[1-8]H' OR j.duration GLOB 'PT*M') AS healthy,
       j.file || ':' || j.line || ': for ' || j.duration || ' from ' || j.sources AS evidence
  FROM azure_jit_policies j
