-- SPDX-License-Identifier: GPL-3.0-or-later
-- Views over the fact tables: what several checks need, said once.

-- Listeners that others can reach at least as far as the socket decides: what runs, and where
-- nothing runs (a mounted tree) what the configuration would start.
CREATE VIEW exposed_services AS
SELECT process AS service, protocol, address, port, path, package, unit,
       'live' AS origin, process || ' listens on ' || address || ':' || port AS evidence
  FROM listening_ports WHERE loopback = 0
UNION ALL
SELECT service, protocol, address, port, '', package, '',
       'config', CASE WHEN file = '' THEN service || ' default'
                      ELSE file || ':' || line END || ' listens on ' || address || ':' || port
  FROM expected_listeners
 WHERE loopback = 0 AND enabled = 1
   AND NOT EXISTS (SELECT 1 FROM collector_status WHERE name = 'listening_ports' AND status = 'ok');
