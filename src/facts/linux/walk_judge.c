/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/magic.h>
#include <sys/stat.h>

#include "facts/linux/walk_judge.h"

/* systemd.exec(5): users that DynamicUser= makes up. */
#define DYNAMIC_UID_MIN 61184u
#define DYNAMIC_UID_MAX 65519u

const char *walk_kind_name(enum walk_kind k)
{
	static const char *const names[] = {
		[WALK_SUID] = "suid",
		[WALK_SGID] = "sgid",
		[WALK_WORLD_WRITABLE] = "world_writable",
		[WALK_WORLD_WRITABLE_DIR] = "world_writable_dir",
		[WALK_UNOWNED] = "unowned",
		[WALK_CAPABILITY] = "capability",
		[WALK_DEVICE] = "device",
		[WALK_SUSPICIOUS_EXEC] = "suspicious_exec",
	};

	return k < COUNT(names) ? names[k] : "";
}

enum walk_zone walk_zone_of(struct str path, enum walk_zone parent)
{
	static const struct {
		struct str path;
		enum walk_zone zone;
	} zones[] = {
		{STR("tmp"),                ZONE_TEMPORARY},
		{ STR("var/tmp"),           ZONE_TEMPORARY},
		{ STR("dev/shm"),           ZONE_TEMPORARY},
		{ STR("run/shm"),           ZONE_TEMPORARY},
		{ STR("dev"),               ZONE_DEVICES  },
		{ STR("bin"),               ZONE_SYSTEM   },
		{ STR("sbin"),              ZONE_SYSTEM   },
		{ STR("lib"),               ZONE_SYSTEM   },
		{ STR("lib64"),             ZONE_SYSTEM   },
		{ STR("usr"),               ZONE_SYSTEM   },
		{ STR("etc"),               ZONE_SYSTEM   },
		{ STR("boot"),              ZONE_SYSTEM   },
		{ STR("var/lib/private"),   ZONE_PRIVATE  },
		{ STR("var/cache/private"), ZONE_PRIVATE  },
		{ STR("var/log/private"),   ZONE_PRIVATE  },
	};

	for (size_t i = 0; path.len < 18 && i < COUNT(zones); i++)
		if (str_eq(path, zones[i].path))
			return zones[i].zone;
	return parent;
}

int id_set_add(struct id_set *s, struct arena *a, uint64_t first, uint64_t count)
{
	struct id_range range;
	uint64_t last;

	if (!count || first > UINT32_MAX || __builtin_add_overflow(first, count - 1, &last))
		return 0;
	range = (struct id_range){ (uint32_t)first, (uint32_t)MIN(last, UINT32_MAX) };
	return arena_push(a, s->ranges, s->n, s->cap, range);
}

static int compare_ranges(const void *a, const void *b)
{
	const struct id_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

void id_set_seal(struct id_set *s)
{
	size_t n = 0;

	if (s->n)
		qsort(s->ranges, s->n, sizeof *s->ranges, compare_ranges);
	for (size_t i = 0; i < s->n; i++) {
		struct id_range next = s->ranges[i];

		if (n && (uint64_t)s->ranges[n - 1].last + 1 >= next.first)
			s->ranges[n - 1].last = MAX(s->ranges[n - 1].last, next.last);
		else
			s->ranges[n++] = next;
	}
	s->n = n;
}

bool id_set_has(const struct id_set *s, uint32_t id)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (id > s->ranges[mid].last)
			lo = mid + 1;
		else if (id < s->ranges[mid].first)
			hi = mid;
		else
			return true;
	}
	return false;
}

int id_set_add_file(struct id_set *s, struct arena *a, struct str text, bool ranges)
{
	struct str line;
	int r = 0;

	while (r >= 0 && str_line(&text, &line, NULL)) {
		struct str second, third;
		uint64_t first, count = 1;

		str_cut(&line, ':');
		second = str_trim(str_cut(&line, ':'));
		third = str_trim(str_cut(&line, ':'));
		if (str_to_u64(ranges ? second : third, 10, &first) < 0 ||
		    (ranges && str_to_u64(third, 10, &count) < 0))
			continue;
		r = id_set_add(s, a, first, count);
	}
	return r;
}

/* "...", " ", ". " and the like: made to be overlooked beside "." and "..". */
static bool deceptive(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] != '.' && (unsigned char)name.ptr[i] > ' ')
			return false;
	return true;
}

static bool suspicious(const struct walk_facts *f)
{
	bool runs = S_ISREG(f->mode) && f->mode & 0111;

	if (!S_ISREG(f->mode) && !S_ISDIR(f->mode))
		return false;
	if (f->name.len && (f->name.ptr[0] == '.' || f->name.ptr[0] <= ' ') && deceptive(f->name))
		return true;
	if (f->zone == ZONE_TEMPORARY || f->zone == ZONE_DEVICES)
		return runs;
	return f->zone == ZONE_SYSTEM && runs && f->name.len && f->name.ptr[0] == '.';
}

static bool unowned(const struct walk_facts *f, const struct id_set *uids,
		    const struct id_set *gids)
{
	if (f->zone == ZONE_PRIVATE && f->uid >= DYNAMIC_UID_MIN && f->uid <= DYNAMIC_UID_MAX)
		return false;
	return (uids->known && !id_set_has(uids, f->uid)) ||
	       (gids->known && !id_set_has(gids, f->gid));
}

unsigned walk_judge(const struct walk_facts *f, const struct id_set *uids,
		    const struct id_set *gids)
{
	unsigned kinds = 0;

	if (S_ISREG(f->mode)) {
		kinds |= (f->mode & S_ISUID ? 1u : 0) << WALK_SUID;
		kinds |= (f->mode & S_ISGID ? 1u : 0) << WALK_SGID;
		kinds |= (f->mode & S_IWOTH ? 1u : 0) << WALK_WORLD_WRITABLE;
	} else if (S_ISDIR(f->mode)) {
		bool open = f->mode & S_IWOTH && !(f->mode & S_ISVTX);

		kinds |= (open ? 1u : 0) << WALK_WORLD_WRITABLE_DIR;
	} else if ((S_ISCHR(f->mode) || S_ISBLK(f->mode)) && f->zone != ZONE_DEVICES) {
		kinds |= (f->null_device ? 0 : 1u) << WALK_DEVICE;
	}
	kinds |= (unowned(f, uids, gids) ? 1u : 0) << WALK_UNOWNED;
	kinds |= (suspicious(f) ? 1u : 0) << WALK_SUSPICIOUS_EXEC;
	return kinds;
}

bool walk_skips_type(struct str type)
{
	static const char *const types[] = {
		"proc",      "sysfs",     "devpts", "cgroup",      "cgroup2",    "debugfs",
		"tracefs",   "bpf",       "pstore", "efivarfs",    "configfs",   "fusectl",
		"mqueue",    "hugetlbfs", "autofs", "binfmt_misc", "rpc_pipefs", "securityfs",
		"selinuxfs", "smackfs",   "nsfs",   "nfsd",        "overlay",    "aufs",
		"squashfs",  "iso9660",   "nfs",    "nfs4",        "cifs",       "smb3",
		"smbfs",     "9p",        "afs",    "ceph",        "glusterfs",  "lustre",
		"gpfs",      "beegfs",    "ncpfs",  "coda",        "ocfs2",      "gfs2",
		"fuse",
	};

	for (size_t i = 0; i < COUNT(types); i++)
		if (str_eq(type, str_of(types[i])))
			return true;
	return str_starts(type, STR("fuse."));
}

bool walk_skips_magic(uint64_t magic)
{
	static const uint64_t magics[] = {
		PROC_SUPER_MAGIC,
		SYSFS_MAGIC,
		DEVPTS_SUPER_MAGIC,
		CGROUP_SUPER_MAGIC,
		CGROUP2_SUPER_MAGIC,
		DEBUGFS_MAGIC,
		TRACEFS_MAGIC,
		BPF_FS_MAGIC,
		PSTOREFS_MAGIC,
		EFIVARFS_MAGIC,
		HUGETLBFS_MAGIC,
		AUTOFS_SUPER_MAGIC,
		BINFMTFS_MAGIC,
		SECURITYFS_MAGIC,
		SELINUX_MAGIC,
		SMACK_MAGIC,
		NSFS_MAGIC,
		OVERLAYFS_SUPER_MAGIC,
		SQUASHFS_MAGIC,
		ISOFS_SUPER_MAGIC,
		NFS_SUPER_MAGIC,
		SMB_SUPER_MAGIC,
		V9FS_MAGIC,
		AFS_SUPER_MAGIC,
		0xff534d42 /* CIFS */,
		0xfe534d42 /* SMB2 */,
		0x00c36400 /* Ceph */,
		0x65735546 /* FUSE */,
		0x65735543 /* fusectl */,
		0x19800202 /* mqueue */,
		0x62656570 /* configfs */,
		0x67596969 /* rpc_pipefs */,
	};

	for (size_t i = 0; i < COUNT(magics); i++)
		if (magic == magics[i])
			return true;
	return false;
}

const char *const walk_skipped_paths[] = {
	"proc",
	"sys",
	"var/lib/docker/overlay2",
	"var/lib/docker/overlay",
	"var/lib/docker/aufs",
	"var/lib/docker/btrfs",
	"var/lib/docker/vfs",
	"var/lib/docker/zfs",
	"var/lib/docker/devicemapper",
	"var/lib/docker/rootfs",
	"var/lib/containers/storage/overlay",
	"var/lib/containers/storage/vfs",
	"var/lib/containers/storage/btrfs",
	"var/lib/containerd/io.containerd.snapshotter.v1.overlayfs",
	"var/lib/containerd/io.containerd.snapshotter.v1.native",
	"var/lib/containerd/io.containerd.snapshotter.v1.btrfs",
};
const size_t walk_n_skipped_paths = COUNT(walk_skipped_paths);
