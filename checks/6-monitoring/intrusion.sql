-- id: intrusion
-- title: No alert says that somebody got in
-- practice: 6-monitoring
-- control: enable-endpoint-protection
-- severity: critical
-- applies: linux
-- maps: attack=T1078,T1110 cis-v8=13.1,17.4 iso27001=A.5.25,A.8.16 mcsb=LT-1,IR-3 nist-csf=DE.AE-02,RS.MA-01
-- why: An alert of level critical means that a guess worked, that a program came from where none should
--   come from, or that a defence was switched off. Until somebody has looked, this machine is not
--   yours alone, and whoever is in can use its secrets to go on.
-- fix: Look at the evidence: holdfast guard why ADDRESS; holdfast hunt --since 7d /var/log
--   End the sessions: loginctl terminate-user ACCOUNT; ban the address: holdfast guard ban ADDRESS
--   Lock the account (usermod -L -e 1 ACCOUNT), change its secrets and those it could read, look for new keys,
--   accounts and jobs: holdfast assess --practice 3,6. Then exempt the finding with the reason.
-- pass: intrusion-pass
-- fail: intrusion
SELECT trim(coalesce(nullif(account, ''), 'machine') || ' ' || address) AS resource,
       0 AS healthy,
       file || ':' || line || ' ' || title || ', ' || datetime(time, 'unixepoch') || ' UTC'
       || CASE WHEN count > 1 THEN ', ' || count || ' times' ELSE '' END
       || CASE WHEN done <> '' THEN '; ' || done ELSE '' END AS evidence,
       1 AS reachable
  FROM guard_alerts, moment
 WHERE level = 'critical' AND time > now - 7 * 86400
 GROUP BY account, address, rule HAVING time = max(time)
UNION ALL
SELECT 'machine', 1, 'no critical alert of the guard in seven days', 0
  FROM security_agents, moment
 WHERE name = 'holdfast' AND kind = 'bruteforce' AND coalesce(running, enabled, 0) = 1
   AND NOT EXISTS (SELECT 1 FROM guard_alerts WHERE level = 'critical' AND time > now - 7 * 86400)
