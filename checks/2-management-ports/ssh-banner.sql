-- id: ssh-banner
-- title: Who connects to sshd is told that use is watched
-- practice: 2-management-ports
-- control: implement-security-best-practices
-- severity: info
-- applies: linux
-- maps: attack=T1592.002 cis-v8=4.1 iso27001=A.8.5 mcsb=PV-3 nist-csf=PR.AA-03
-- why: Courts of many countries ask whether an intruder could know that he was not wanted. The banner
--   of a distribution says instead which system runs here, and so which holes to try.
-- fix: Write a sentence without the system's name into /etc/issue.net, and set in
--   /etc/ssh/sshd_config.d/banner.conf
--   Banner /etc/issue.net
-- action: banner
-- pass: base
-- fail: ssh-banner
WITH banner AS (
  SELECT c.value, c.file, c.line, b.path, b.size, b.text,
         (SELECT name FROM os_version) AS name, (SELECT id FROM os_version) AS id
    FROM sshd_config AS c LEFT JOIN login_banners AS b ON b.path = c.value
   WHERE c.keyword = 'banner' AND c.match_block = ''),
judged AS (
  SELECT *, CASE WHEN value IN ('', 'none') THEN 'sshd shows nothing'
                 WHEN path IS NULL AND value NOT GLOB '/etc/ssh/*banner*'
                      AND value NOT GLOB '/etc/banner*' AND value NOT IN ('/etc/issue', '/etc/issue.net', '/etc/motd')
                 THEN NULL
                 WHEN path IS NULL THEN value || ' is not there'
                 WHEN trim(text, ' ' || char(9, 10, 13)) = '' THEN value || ' is empty'
                 WHEN name <> '' AND instr(lower(text), lower(name))
                      OR id <> '' AND instr(lower(text), lower(id))
                 THEN value || ' names the system' END AS bad
    FROM banner)
SELECT 'sshd' AS resource, bad IS NULL AS healthy,
       CASE WHEN file <> '' THEN file || ':' || line || ' Banner ' || value ELSE 'Banner ' || value END
       || ifnull(': ' || bad, '') AS evidence
  FROM judged
