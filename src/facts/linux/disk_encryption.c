/* SPDX-License-Identifier: GPL-3.0-or-later */
/* disk_encryption: Block devices and volumes, and whether they are encrypted. */
#include "base/map.h"
#include "facts/fact.h"
#include "facts/linux/mount_table.h"

#define FACT_ROW disk_encryption_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, name, "mapped name or device") \
	X(TEXT, source, "underlying device, UUID or ''") \
	X(TEXT, type, "luks2, luks1, plain, crypt, none") \
	X(INT, encrypted, "1 or 0") \
	X(TEXT, mount, "mount point that uses it, '' when not known") \
	X(TEXT, evidence, "file and line, or the sysfs entry that says so")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "disk_encryption",
	.doc = "Block devices and volumes, and whether they are encrypted.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* What the machine's own devices say; without it, what /etc/crypttab and LVM's backups say. */
struct reader {
	struct collect *c;
	struct map encrypted; /* mapped names that are known: value 1 encrypted, 0 not */
	bool live;
};

#define SLAVES_DEPTH 8

static void reader_release(struct reader *x) { map_release(&x->encrypted); }

static struct str sysfs(struct reader *x, const char *dev, const char *leaf)
{
	struct str path = arena_fmt(x->c->arena, "class/block/%s/%s", dev, leaf), text;

	if (!path.ptr || root_read(x->c->sys, path.ptr, 4096, x->c->arena, &text, NULL) < 0)
		return STR("");
	return str_trim(text);
}

/* "CRYPT-LUKS2-…": the prefix that cryptsetup gives a mapping's uuid. */
static const char *crypt_type(struct str uuid)
{
	if (!str_starts(uuid, STR("CRYPT-")))
		return NULL;
	if (str_starts(uuid, STR("CRYPT-LUKS2-")))
		return "luks2";
	if (str_starts(uuid, STR("CRYPT-LUKS1-")))
		return "luks1";
	return str_starts(uuid, STR("CRYPT-PLAIN-")) ? "plain" : "crypt";
}

static const char *slave_type(struct reader *x, const char *dev, unsigned depth);

/* A device is encrypted if it is a mapping of dm-crypt or all that it lies on is encrypted. */
static const char *device_type(struct reader *x, const char *dev, unsigned depth)
{
	const char *type = crypt_type(sysfs(x, dev, "dm/uuid"));

	return type || depth == SLAVES_DEPTH ? type : slave_type(x, dev, depth);
}

static const char *slave_type(struct reader *x, const char *dev, unsigned depth)
{
	struct str path = arena_fmt(x->c->arena, "class/block/%s/slaves", dev);
	const char *type = NULL;
	struct dir_list list;

	if (!path.ptr || root_list(x->c->sys, path.ptr, x->c->arena, &list) < 0)
		return NULL;
	for (size_t i = 0; i < list.n; i++) {
		type = device_type(x, list.entries[i].name, depth + 1);
		if (!type)
			return NULL;
	}
	return type;
}

/* The kernel's name ("dm-0", "vda1") of a device as /proc/mounts has it; NULL. */
static const char *kernel_name(struct reader *x, struct str device, const struct dir_list *blocks)
{
	struct str name = str_basename(device);

	for (size_t i = 0; i < blocks->n; i++) {
		const char *block = blocks->entries[i].name;

		if (str_eq(str_of(block), name) || (str_starts(str_of(block), STR("dm-")) &&
						    str_starts(device, STR("/dev/mapper/")) &&
						    str_eq(sysfs(x, block, "dm/name"), name)))
			return block;
	}
	return NULL;
}

static int live_mount(struct reader *x, const struct mount_entry *m, const struct dir_list *blocks)
{
	const char *block = kernel_name(x, m->device, blocks);
	const char *type = block ? device_type(x, block, 0) : NULL;
	struct disk_encryption_row row = {
		.name = str_basename(m->device),
		.source = m->device,
		.type = str_of(type ? type : "none"),
		.encrypted = type != NULL,
		.mount = m->path,
	};

	if (block)
		row.evidence = arena_fmt(x->c->arena, "/sys/class/block/%s", block);
	else
		row.evidence = arena_fmt(x->c->arena, "/proc/mounts:%u", m->line);
	return row.evidence.ptr ? collect_row(x->c, &row) : -ENOMEM;
}

static bool repeats(const struct mount_table *t, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (str_eq(t->list[k].device, t->list[i].device))
			return true;
	return false;
}

/* Network devices with a name below /dev are none of ours; loop devices are files of a disk. */
static bool is_disk(struct str device)
{
	return str_starts(device, STR("/dev/")) && !str_starts(device, STR("/dev/loop")) &&
	       !str_starts(device, STR("/dev/fuse"));
}

static int live_swaps(struct reader *x, const struct dir_list *blocks)
{
	struct str text, line;
	unsigned n = 0;
	int r = 0;

	if (root_read(x->c->proc, "swaps", 0, x->c->arena, &text, NULL) < 0)
		return 0;
	while (r >= 0 && str_line(&text, &line, &n)) {
		struct mount_entry m = { .path = STR("swap"), .line = n };

		m.device = str_word(&line);
		if (n > 1 && is_disk(m.device))
			r = live_mount(x, &m, blocks);
	}
	return r;
}

static int collect_live(struct reader *x)
{
	struct mount_table t;
	struct dir_list blocks;
	int r = root_list(x->c->sys, "class/block", x->c->arena, &blocks);

	if (r < 0) {
		collect_problem(x->c, r, "/sys/class/block", "cannot be read");
		return r == -ENOMEM ? r : 0;
	}
	r = mount_table_live(x->c, &t);
	for (size_t i = 0; r >= 0 && i < t.n; i++)
		if (is_disk(t.list[i].device) && !repeats(&t, i))
			r = live_mount(x, &t.list[i], &blocks);
	return r < 0 ? r : live_swaps(x, &blocks);
}

/* crypttab(5): name, device, key file, options. */
static int crypttab_line(struct reader *x, struct str line, unsigned n)
{
	struct disk_encryption_row row = { .name = str_word(&line), .encrypted = 1 };
	struct str options;

	row.source = str_word(&line);
	str_word(&line);
	options = str_word(&line);
	if (!row.source.len) {
		collect_problem(x->c, EBADMSG, "/etc/crypttab", "line %u is no entry", n);
		return 0;
	}
	row.type = STR("crypt");
	if (mount_option(options, STR("luks")))
		row.type = STR("luks2");
	else if (mount_option(options, STR("plain")) || mount_option(options, STR("swap")) ||
		 mount_option(options, STR("tmp")))
		row.type = STR("plain");
	row.evidence = arena_fmt(x->c->arena, "/etc/crypttab:%u", n);
	if (!row.evidence.ptr || map_put(&x->encrypted, row.name, 1) < 0)
		return -ENOMEM;
	return x->live ? 0 : collect_row(x->c, &row);
}

static int read_crypttab(struct reader *x)
{
	struct str text, line;
	unsigned n = 0;
	int r = collect_read(x->c, "/etc/crypttab", &text, NULL);

	if (r <= 0)
		return r;
	r = 0;
	while (r >= 0 && str_line(&text, &line, &n)) {
		line = str_trim(line);
		if (line.len && line.ptr[0] != '#')
			r = crypttab_line(x, line, n);
	}
	return r;
}

/* LVM's backup of a group's metadata names its physical volumes: device = "/dev/mapper/x". */
static bool group_is_encrypted(struct reader *x, struct str group)
{
	struct str path = arena_fmt(x->c->arena, "/etc/lvm/backup/%.*s", STR_FMT(group)), text,
		   line;
	unsigned volumes = 0, encrypted = 0;

	if (!path.ptr || !group.len || str_find(group, '/') >= 0 ||
	    root_read(x->c->root, path.ptr, 0, x->c->arena, &text, NULL) < 0)
		return false;
	while (str_line(&text, &line, NULL)) {
		line = str_trim(line);
		if (!str_starts(line, STR("device = \"/dev/")))
			continue;
		str_cut(&line, '"');
		volumes++;
		encrypted += map_get(&x->encrypted, str_basename(str_cut(&line, '"'))) != NULL;
	}
	return volumes && volumes == encrypted;
}

/* "/dev/mapper/group-volume" (a dash in a name is doubled) and "/dev/group/volume". */
static struct str volume_group(struct reader *x, struct str device)
{
	struct str name = str_basename(device);
	char *p;
	size_t n = 0;

	if (!str_starts(device, STR("/dev/mapper/"))) {
		device = str_sub(device, 5, device.len);
		return str_find(device, '/') >= 0 ? str_cut(&device, '/') : STR("");
	}
	p = arena_alloc(x->c->arena, name.len + 1);
	for (size_t i = 0; p && i < name.len; i++) {
		if (name.ptr[i] == '-' && (i + 1 >= name.len || name.ptr[i + 1] != '-'))
			return (struct str){ p, n };
		i += name.ptr[i] == '-';
		p[n++] = name.ptr[i];
	}
	return STR("");
}

static bool configured_encrypted(struct reader *x, struct str device)
{
	if (str_starts(device, STR("/dev/mapper/")) && map_get(&x->encrypted, str_basename(device)))
		return true;
	return str_starts(device, STR("/dev/")) && group_is_encrypted(x, volume_group(x, device));
}

static bool names_disk(struct str device)
{
	static const struct str tags[] = { STR("UUID="), STR("LABEL="), STR("PARTUUID="),
					   STR("PARTLABEL="), STR("ID=") };

	for (size_t i = 0; i < COUNT(tags); i++)
		if (str_starts(device, tags[i]))
			return true;
	return is_disk(device);
}

static int collect_configured(struct reader *x)
{
	struct mount_table t;
	int r = mount_table_fstab(x->c, &t);

	for (size_t i = 0; r >= 0 && i < t.n; i++) {
		const struct mount_entry *m = &t.list[i];
		bool encrypted = configured_encrypted(x, m->device);
		struct disk_encryption_row row = {
			.name = str_basename(m->device),
			.source = m->device,
			.type = encrypted ? STR("crypt") : STR("none"),
			.encrypted = encrypted,
			.mount = str_eq(m->type, STR("swap")) ? STR("swap") : m->path,
			.evidence = arena_fmt(x->c->arena, "/etc/fstab:%u", m->line),
		};

		if (!row.evidence.ptr)
			return -ENOMEM;
		/* CD-ROM drives and sticks that nobody mounts at boot hold none of the machine's data. */
		if (names_disk(m->device) && !mount_option(m->options, STR("noauto")))
			r = collect_row(x->c, &row);
	}
	return r;
}

static int collect(struct collect *c)
{
	own(reader_release) struct reader x = { .c = c, .live = c->proc && c->sys };
	int r = read_crypttab(&x);

	if (r < 0)
		return r;
	return x.live ? collect_live(&x) : collect_configured(&x);
}

const struct collector collector_disk_encryption = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
