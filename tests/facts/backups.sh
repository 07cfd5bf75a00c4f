#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# backups
. ./lib.sh

rows() { # name of the test
	query "SELECT tool, kind, schedule, repository, offsite, encrypted, append_only, paths,
		credentials_mode, file || ':' || line FROM backups" "$1"
}

tree nothing
write var/lib/dpkg/status <<'E'
Package: restic
Status: install ok installed
Version: 1

E
write etc/rsnapshot.conf <<'E'
snapshot_root	/var/cache/rsnapshot/
backup	/home/	localhost/
E
write usr/local/bin/backup.sh 755 <<'E'
#!/bin/sh
restic -r /mnt/x backup /
E
write etc/cron.d/other <<'E'
# 0 3 * * * root restic backup /
0 3 * * * root echo restic backup /
0 4 * * * root restic -r /mnt/x check
E
rows "what is merely installed is no backup" </dev/null

tree jobs
write etc/restic/env 600 <<'E'
export RESTIC_REPOSITORY=rest:https://user:secret@backup.example/host
export RESTIC_PASSWORD_FILE=/etc/restic/password
E
write etc/restic/password 640 <<'E'
x
E
write etc/cron.d/backup <<'E'
15 3 * * * root . /etc/restic/env && nice -n 10 restic -q backup /etc /home --exclude-file /x
30 3 * * * root /usr/local/bin/borg.sh
0 4 * * * root sh -c 'rsync -a --delete /srv/ bak@nas.example:/volume/x'
0 5 * * * root rsync -a rsync://mirror.example/debian /srv/mirror
@daily root duplicity --no-encryption /var sftp://u:p@host.example/dir
E
write usr/local/bin/borg.sh 700 <<'E'
#!/bin/sh
REPO=ssh://borg@store.example/./x
export BORG_PASSPHRASE='two words'
borg create --stats "${REPO}::{now}" /etc \
  /home
borg prune $REPO
E
rows "every command of its kind" <<'E'
restic|scheduled|15 3 * * *|rest:https://backup.example/host|1|1||/etc /home|416|/etc/cron.d/backup:1
borg|scheduled|30 3 * * *|ssh://store.example/./x|1|1||/etc /home|448|/usr/local/bin/borg.sh:4
script|scheduled|0 4 * * *|bak@nas.example:/volume/x|1|0||/srv/||/etc/cron.d/backup:3
duplicity|scheduled|@daily|sftp://host.example/dir|1|0||/var||/etc/cron.d/backup:5
E

tree timers
write etc/systemd/system/backup.service <<'E'
[Service]
Environment=RESTIC_PASSWORD=secret
EnvironmentFile=/etc/default/restic
ExecStart=-/usr/bin/restic -r ${REPO}/x backup /srv
E
write etc/default/restic <<'E'
REPO=s3:https://s3.example/bucket
E
write etc/systemd/system/backup.timer <<'E'
[Timer]
OnCalendar=daily
[Install]
WantedBy=timers.target
E
rows "a timer that nothing starts" <<'E'
restic|configured|OnCalendar=daily|s3:https://s3.example/bucket/x|1|1||/srv|420|/etc/systemd/system/backup.service:4
E
link ../backup.timer etc/systemd/system/timers.target.wants/backup.timer
write root/.cache/restic/abc/snapshots/0a/0a1b </dev/null
touch -d @1700000000 "$ROOT/root/.cache/restic/abc/snapshots/0a/0a1b"
write var/lib/systemd/timers/stamp-backup.timer </dev/null
touch -d @1700000100 "$ROOT/var/lib/systemd/timers/stamp-backup.timer"
query "SELECT kind, last_success, last_start FROM backups" \
	"restic's cache tells of success, the timer's stamp of a start" <<'E'
scheduled|1700000000|1700000100
E

tree local
write etc/fstab <<'E'
nas.example:/x /mnt/nas nfs4 defaults 0 0
E
write etc/cron.daily/backup 755 <<'E'
#!/bin/sh
borg create /backup/borg::x /etc
restic -r /mnt/nas/restic backup /etc
E
write backup/borg/config <<'E'
[repository]
append_only = 1
id = 00
E
write root/.config/borg/security/00/manifest-timestamp <<'E'
2023-11-14T22:13:20.123456
E
write root/.config/borg/security/00/location <<'E'
/backup/borg
E
query "SELECT tool, repository, offsite, encrypted, append_only, last_success FROM backups" <<'E'
borg|/backup/borg|0|0|1|1700000000
restic|/mnt/nas/restic|1|1||
E

tree configs
write etc/cron.d/x <<'E'
0 1 * * * root rsnapshot daily
0 2 * * * root borgmatic -v 1
0 3 * * * root duply www backup
0 4 * * * postgres pgbackrest --stanza=main backup
E
write etc/rsnapshot.conf <<'E'
snapshot_root	/mnt/snap/
backup	/home/	localhost/
backup	/etc/	localhost/
E
write var/log/rsnapshot.log <<'E'
[2023-11-14T22:13:20] /usr/bin/rsnapshot daily: completed successfully
[2023-11-15T22:13:20] /usr/bin/rsnapshot daily: ERROR: failed
E
write etc/borgmatic/config.yaml 600 <<'E'
source_directories:
    - /etc   # comment
    - "/home"
repositories:
    - path: ssh://b@host.example/./repo
      label: x
encryption_passphrase: "secret"
E
write etc/duply/www/conf 600 <<'E'
GPG_KEY='disabled'
TARGET='b2://id:key@bucket'
SOURCE='/var/www'
E
write etc/pgbackrest.conf 640 <<'E'
[global]
repo1-type=s3
repo1-path=/pg
repo1-cipher-type=aes-256-cbc
[main]
pg1-path=/var/lib/postgresql/15/main
E
rows "every command of its kind" <<'E'
rsnapshot|scheduled|0 1 * * *|/mnt/snap/|0|0|0|/home/ /etc/||/etc/cron.d/x:1
borg|scheduled|0 2 * * *|ssh://host.example/./repo|1|1||/etc /home|384|/etc/cron.d/x:2
duply|scheduled|0 3 * * *|b2://bucket|1|0||/var/www|384|/etc/cron.d/x:3
pgbackrest|scheduled|0 4 * * *|s3:/pg|1|1||/var/lib/postgresql/15/main|416|/etc/cron.d/x:4
E
query "SELECT last_success FROM backups WHERE tool = 'rsnapshot'" "the last good run" <<'E'
1700000000
E

tree unknown
write etc/cron.weekly/my-backup 755 <<'E'
#!/bin/sh
exec tar czf /var/x.tgz /etc
E
rows "a script of one's own" <<'E'
script|scheduled|weekly|||||||/etc/cron.weekly/my-backup:1
E

tree results
write var/lib/holdfast/backup/a.json <<'E'
{"tool": "restic", "repository": "sftp:me@host:/b", "last_success": 1700000000,
 "last_check": 1600000000, "paths": ["/etc", "/home"]}
E
write var/lib/holdfast/backup/cut.json <<'E'
{"tool": "restic",
E
write var/lib/holdfast/backup/empty.json <<'E'
{}
E
D=var/lib/waagent/Microsoft.Azure.RecoveryServices.VMSnapshotLinux-1.0.9/status
write $D/0.status <<'E'
[{"version": "1.0", "timestampUTC": "2023-11-14T22:13:20Z",
  "status": {"operation": "Enable", "status": "success", "code": "1"}}]
E
write $D/1.status <<'E'
[{"version": "1.0", "timestampUTC": "2023-11-15T22:13:20Z",
  "status": {"operation": "Enable", "status": "error", "code": "2"}}]
E
query "SELECT tool, kind, repository, offsite, last_success, last_check, paths FROM backups
	ORDER BY tool" <<'E'
azure-backup|result||1|1700000000||
restic|result|sftp:me@host:/b|1|1700000000|1600000000|/etc /home
E
query "SELECT path, reason FROM collector_problems WHERE name = 'backups' ORDER BY path" <<'E'
/var/lib/holdfast/backup/cut.json|line 2: not the result of a backup
/var/lib/holdfast/backup/empty.json|line 1: not the result of a backup
E

tree agents
write usr/lib/systemd/systemd 755 </dev/null
write usr/lib/systemd/system/bacula-fd.service <<'E'
[Install]
WantedBy=multi-user.target
E
write etc/bacula/bacula-fd.conf 640 <<'E'
Director { }
E
rows "an agent that does not start" </dev/null
link /usr/lib/systemd/system/bacula-fd.service \
	etc/systemd/system/multi-user.target.wants/bacula-fd.service
query "SELECT tool, kind, credentials_mode FROM backups" <<'E'
bacula|agent|416
E
finish
