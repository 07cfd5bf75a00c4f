#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# mounts, fstab, disk_encryption.
. "$(dirname "$0")/lib.sh"

tree debian
write etc/fstab <<'T'
# <file system> <mount point> <type> <options>
UUID=1234 / ext4 errors=remount-ro 0 1
/dev/mapper/vg-data /srv ext4 defaults,nodev 0 2
/dev/mapper/home_crypt /home ext4 defaults 0 2
/dev/mapper/plain-var /var ext4 defaults 0 2
/dev/vda5 none swap sw 0 0
tmpfs /tmp tmpfs nosuid,nodev,noexec 0 0
//server/share /mnt/a\040b cifs ro 0 0
/dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0
lonely
T
write etc/crypttab <<'T'
# name device key options
home_crypt UUID=99 none luks,discard
vda5_crypt UUID=88 none luks
swap_crypt /dev/vda6 /dev/urandom swap,cipher=aes
broken
T
write etc/lvm/backup/vg <<'T'
vg {
	physical_volumes {
		pv0 {
			device = "/dev/mapper/vda5_crypt"	# Hint only
		}
	}
}
T
write etc/lvm/backup/plain <<'T'
			device = "/dev/mapper/vda5_crypt"
			device = "/dev/vdb1"
T
query "SELECT device, path, type, options, line FROM fstab" "fstab(5)" <<'T'
UUID=1234|/|ext4|errors=remount-ro|2
/dev/mapper/vg-data|/srv|ext4|defaults,nodev|3
/dev/mapper/home_crypt|/home|ext4|defaults|4
/dev/mapper/plain-var|/var|ext4|defaults|5
/dev/vda5|none|swap|sw|6
tmpfs|/tmp|tmpfs|nosuid,nodev,noexec|7
//server/share|/mnt/a b|cifs|ro|8
/dev/sr0|/media/cdrom0|udf,iso9660|user,noauto|9
T
query "SELECT name, source, type, encrypted, mount, evidence FROM disk_encryption" \
	"what is encrypted, from configuration and LVM's backup" <<'T'
home_crypt|UUID=99|luks2|1||/etc/crypttab:2
vda5_crypt|UUID=88|luks2|1||/etc/crypttab:3
swap_crypt|/dev/vda6|plain|1||/etc/crypttab:4
UUID=1234|UUID=1234|none|0|/|/etc/fstab:2
vg-data|/dev/mapper/vg-data|crypt|1|/srv|/etc/fstab:3
home_crypt|/dev/mapper/home_crypt|crypt|1|/home|/etc/fstab:4
plain-var|/dev/mapper/plain-var|none|0|/var|/etc/fstab:5
vda5|/dev/vda5|none|0|swap|/etc/fstab:6
T
query "SELECT name, path, reason FROM collector_problems
       WHERE name IN ('fstab','disk_encryption') ORDER BY 1, 2" "lines that are no entries" <<'T'
disk_encryption|/etc/crypttab|line 5 is no entry
disk_encryption|/etc/fstab|1 lines are no entries
fstab|/etc/fstab|1 lines are no entries
T
query "SELECT status FROM collector_status WHERE name='mounts'" <<'T'
not_applicable
T

PROC=$TMP/proc
mkdir -p "$PROC"
cat >"$PROC/mounts" <<'T'
/dev/vda1 / ext4 rw,relatime 0 0
tmpfs /mnt/a\040b\134c tmpfs rw,nosuid 0 0
T
OPTS="--proc $PROC"
query "SELECT device, path, type, flags FROM mounts" "/proc/mounts" <<'T'
/dev/vda1|/|ext4|rw,relatime
tmpfs|/mnt/a b\c|tmpfs|rw,nosuid
T
OPTS=

tree bad
folder etc
mkfifo "$ROOT/etc/fstab"
head -c 100000 /dev/zero >"$ROOT/etc/crypttab"
query "SELECT count(*) FROM fstab" <<'T'
0
T
query "SELECT name, path, reason FROM collector_problems
       WHERE name IN ('fstab','disk_encryption') ORDER BY 1, 2" "no regular file, no text" <<'T'
disk_encryption|/etc/crypttab|line 1 is no entry
disk_encryption|/etc/fstab|not a regular file
fstab|/etc/fstab|not a regular file
T
finish
