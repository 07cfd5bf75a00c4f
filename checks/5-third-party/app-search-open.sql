-- id: app-search-open
-- title: Search engines are not open to others
-- practice: 5-third-party
-- control: remediate-vulnerabilities
-- severity: critical
-- applies: linux
-- maps: attack=T1190 cis-v8=4.4,7.4 iso27001=A.8.8 mcsb=PV-6 nist-csf=ID.RA-01
-- why: Elasticsearch, OpenSearch and Solr without a password give away and delete every document.
--   Old versions run commands of whoever asks (CVE-2014-3120, CVE-2015-1427, CVE-2019-17558):
--   one request, and the machine mines or floods for somebody else.
-- fix: In elasticsearch.yml (or opensearch.yml) set
--   network.host: 127.0.0.1
--   xpack.security.enabled: true
--   For Solr set SOLR_JETTY_HOST=127.0.0.1 in /etc/default/solr.in.sh. Update to a version that is
--   supported, and restart it.
-- pass: with-search
-- fail: app-search-open
SELECT resource, evidence, reachable, NOT listens OR authentication NOT IN ('none', '') AS healthy,
       CASE WHEN authentication = '' OR reachable IS NOT 1 THEN 'high' END AS severity
  FROM network_services
 WHERE service IN ('elasticsearch', 'opensearch', 'solr')
