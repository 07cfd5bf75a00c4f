#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# container_layers, container_packages: images and containers on the disk.
. ./lib.sh

layers() {
	query "SELECT engine, kind, name, position, layer, path FROM container_layers
		ORDER BY engine, kind, name, position" "$1"
}
packages() {
	query "SELECT layer, os_id, os_version, name, version, source, format FROM container_packages
		ORDER BY layer, name" "$1"
}
stanza() { printf 'Package: %s\nStatus: install ok installed\nVersion: %s\nArchitecture: amd64\n\n' "$@"; }

tree docker
D=var/lib/docker
L=$D/image/overlay2/layerdb/sha256
chain() { # chain diff cache [parent]
	printf 'sha256:%s' "$2" | write $L/$1/diff
	printf %s "$3" | write $L/$1/cache-id
	[ $# = 3 ] || printf 'sha256:%s' "$4" | write $L/$1/parent
}
chain c1 d1 base
chain c2 d2 web c1
chain c3 d2 other c2
echo '{"rootfs":{"type":"layers","diff_ids":["sha256:d1","sha256:d2"]}}' |
	write $D/image/overlay2/imagedb/content/sha256/i1
echo '{"rootfs":{"type":"layers","diff_ids":["sha256:d9"]}}' |
	write $D/image/overlay2/imagedb/content/sha256/gone
echo '{"Repositories":{"shop":{"shop@sha256:xx":"sha256:i1","shop:1.0":"sha256:i1"}}}' |
	write $D/image/overlay2/repositories.json
echo '{"Name":"/till","Image":"sha256:i1"}' | write $D/containers/k1/config.v2.json
printf up | write $D/image/overlay2/layerdb/mounts/k1/mount-id
printf sha256:c2 | write $D/image/overlay2/layerdb/mounts/k1/parent
printf 'ID=debian\nVERSION_ID="11"\n' | write $D/overlay2/base/diff/usr/lib/os-release
link ../usr/lib/os-release $D/overlay2/base/diff/etc/os-release
stanza libc6 2.31-13 | write $D/overlay2/base/diff/var/lib/dpkg/status
{ stanza libc6 2.31-13; stanza curl 7.74.0-1; } | write $D/overlay2/web/diff/var/lib/dpkg/status
folder $D/overlay2/up/diff
layers "Docker: an image and a container" <<'E'
docker|container|till|0|base|/var/lib/docker/overlay2/base/diff
docker|container|till|1|web|/var/lib/docker/overlay2/web/diff
docker|container|till|2|up|/var/lib/docker/overlay2/up/diff
docker|image|shop:1.0|0|base|/var/lib/docker/overlay2/base/diff
docker|image|shop:1.0|1|web|/var/lib/docker/overlay2/web/diff
E
packages "the highest list counts, once, with the distribution of the layers below" <<'E'
web|debian|11|curl|7.74.0-1|curl|deb
web|debian|11|libc6|2.31-13|libc6|deb
E

tree podman
S=home/u/.local/share/containers/storage
echo '[{"id":"top","parent":"low"},{"id":"low"},{"id":"loop","parent":"loop"}]' |
	write $S/overlay-layers/layers.json
echo '[{"id":"i1","names":["alpine:3.18"],"layer":"top"},{"id":"i2","layer":"none"},{"id":"i3","layer":"loop"},3,{"id":{},"layer":[]}]' |
	write $S/overlay-images/images.json
printf 'ID=alpine\nVERSION_ID=3.18.0\n' | write $S/overlay/low/diff/etc/os-release
printf 'P:busybox\nV:1.36.0-r9\nA:x86_64\no:busybox\n\n' | write $S/overlay/low/diff/lib/apk/db/installed
query "SELECT engine, kind, id, name, position, layer FROM container_layers WHERE id <> 'i3'
	ORDER BY position" "Podman without root" <<'E'
podman|image|i1|alpine:3.18|0|low
podman|image|i1|alpine:3.18|1|top
E
packages "apk in an image" <<'E'
low|alpine|3.18.0|busybox|1.36.0-r9|busybox|apk
E
query "SELECT count(*) <= 256 FROM container_layers WHERE id = 'i3'" "a layer above itself has an end" <<'E'
1
E

tree bad
echo '[{"id":"../../../etc","parent":"x"}' | write var/lib/containers/storage/overlay-layers/layers.json
echo '[{"id":"i","layer":"../../../etc"}]' | write var/lib/containers/storage/overlay-images/images.json
mkfifo "$ROOT/var/lib/containers/storage/overlay-containers" 2>/dev/null
printf ../../../../etc | write $L/c1/cache-id
printf sha256:d1 | write $L/c1/diff
echo '{"rootfs":{"diff_ids":["sha256:d1"]}}' | write $D/image/overlay2/imagedb/content/sha256/i1
echo '{"rootfs":{"diff_ids":{}}}' | write $D/image/overlay2/imagedb/content/sha256/i2
echo 'x' | write $D/image/overlay2/imagedb/content/sha256/i3
layers "names that lead elsewhere are none" <<'E'
E
query "SELECT path FROM collector_problems WHERE name = 'container_layers'
	AND (SELECT count(*) FROM container_layers) = 0 ORDER BY path" "what is damaged is named" <<'E'
/var/lib/containers/storage/overlay-layers/layers.json
/var/lib/docker/image/overlay2/imagedb/content/sha256/i3
E
finish
