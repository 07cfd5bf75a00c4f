-- id: port-open-internet
-- title: What the internet reaches is known and wanted
-- practice: 2-management-ports
-- control: restrict-unauthorized-network-access
-- severity: medium
-- applies: linux
-- maps: attack=T1190,T1133,T1046 cis-v8=4.4,4.8 iso27001=A.8.20 mcsb=NS-1 nist-csf=PR.IR-01
-- why: Every port that the internet reaches is tried by everybody, whatever number it has: moving
--   a service to another port hides nothing. Web and mail servers are there for the internet;
--   anything else should be.
-- fix: Stop what is not needed, bind it to 127.0.0.1, or admit the networks that need it alone:
--   holdfast exposure --why PORT
--   names the rule that lets the internet in. Exempt what is meant for everybody.
-- pass: port-open-internet-pass
-- fail: port-open-internet
SELECT 'port ' || e.protocol || ' ' || e.port AS resource, e.wide IS 0 AS healthy,
       coalesce(nullif(e.process, ''), e.service) || ' listens on ' || e.address || ':' || e.port
       || CASE WHEN e.reason <> '' THEN '; ' || e.reason ELSE '' END
       || CASE WHEN e.rule <> '' THEN '; ' || e.rule
               WHEN e.wide = 1 THEN '; no rule keeps the internet out' ELSE '' END AS evidence,
       e.internet AS reachable,
       coalesce((SELECT severity FROM service_severity WHERE service IN (e.service, e.process)),
                (SELECT severity FROM port_severity WHERE port = e.port), 'medium') AS severity
  FROM exposure e
 WHERE NOT EXISTS (SELECT 1 FROM service_severity s
                    WHERE s.service IN (e.service, e.process) AND s.severity <> 'info')
   AND NOT EXISTS (SELECT 1 FROM port_severity p WHERE p.port = e.port AND p.severity <> 'info')
