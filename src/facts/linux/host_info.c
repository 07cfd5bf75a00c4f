/* SPDX-License-Identifier: GPL-3.0-or-later */
/* host_info: The machine under assessment, one row. */
#include <elf.h>

#include "facts/fact.h"
#include "facts/linux/dmi.h"
#include "facts/linux/proc.h"

#define FACT_ROW host_info_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, hostname, "host name: /etc/hostname, or the kernel's where live") \
	X(TEXT, machine_id, "systemd machine id; '' where there is none") \
	X(TEXT, architecture, "as uname -m, or of the package database: x86_64, aarch64") \
	X(INT, live, "1 when the running machine was assessed, 0 for a mounted tree") \
	X(TEXT, virtualization, "none, or the kind as systemd-detect-virt names it; '' when not known") \
	X(TEXT, container, "docker, lxc, podman, systemd-nspawn or ''") \
	X(TEXT, vendor, "DMI system vendor; '' when not live") \
	X(TEXT, product, "DMI product name; '' when not live") \
	X(INTN, boot_time, "UNIX time of the last boot") \
	X(INT, collected_at, "UNIX time of collection")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "host_info",
	.doc = "The machine under assessment, one row.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

/* e_machine of elf(5) and uname's name for it; word size and byte order are part of it. */
static struct str machine_name(struct str elf)
{
	static const struct {
		unsigned machine, bits;
		struct str name;
	} machines[] = {
		{EM_X86_64,               64, STR("x86_64")     },
		{ EM_X86_64,              32, STR("x86_64")     },
		{ EM_386,                 32, STR("i686")       },
		{ EM_AARCH64,             64, STR("aarch64")    },
		{ EM_ARM,                 32, STR("armv7l")     },
		{ EM_RISCV,               64, STR("riscv64")    },
		{ EM_RISCV,               32, STR("riscv32")    },
		{ EM_PPC64,               64, STR("ppc64")      },
		{ EM_S390,                64, STR("s390x")      },
		{ EM_MIPS,                32, STR("mips")       },
		{ EM_MIPS,                64, STR("mips64")     },
		{ EM_SPARCV9,             64, STR("sparc64")    },
		{ 258 /* EM_LOONGARCH */, 64, STR("loongarch64")},
	};
	const unsigned char *p = (const unsigned char *)elf.ptr;
	unsigned machine, bits;
	bool little;

	if (elf.len < 20 || memcmp(p, ELFMAG, SELFMAG) != 0)
		return STR("");
	bits = p[EI_CLASS] == ELFCLASS64 ? 64 : 32;
	little = p[EI_DATA] == ELFDATA2LSB;
	machine = little ? p[18] | (unsigned)p[19] << 8 : p[19] | (unsigned)p[18] << 8;
	if (machine == EM_PPC64 && little)
		return STR("ppc64le");
	for (size_t i = 0; i < COUNT(machines); i++)
		if (machines[i].machine == machine && machines[i].bits == bits)
			return machines[i].name;
	return STR("");
}

static struct str dpkg_architecture(struct collect *c)
{
	static const struct {
		struct str debian, name;
	} names[] = {
		{STR("amd64"),    STR("x86_64") },
                { STR("arm64"),   STR("aarch64")},
		{ STR("i386"),    STR("i686")   },
                { STR("armhf"),   STR("armv7l") },
		{ STR("ppc64el"), STR("ppc64le")},
	};
	struct str text;

	if (root_read(c->root, "/var/lib/dpkg/arch", 4096, c->arena, &text, NULL) < 0)
		return STR("");
	text = str_trim(str_cut(&text, '\n'));
	for (size_t i = 0; i < COUNT(names); i++)
		if (str_eq(text, names[i].debian))
			return names[i].name;
	return text;
}

/* The shell is there on every machine, and for the machine's own architecture. */
static struct str architecture(struct collect *c)
{
	static const char *const programs[] = { "/bin/sh", "/usr/bin/ls", "/bin/busybox",
						"/sbin/init" };
	struct str name = {};

	for (size_t i = 0; !name.len && i < COUNT(programs); i++) {
		own(close_fd) int fd = -1;
		char head[64];
		struct stat st;
		ssize_t n = -1;

		if (root_open_file(c->root, programs[i], &st, &fd) >= 0)
			n = pread(fd, head, sizeof head, 0);
		if (n > 0)
			name = machine_name((struct str){ head, (size_t)n });
	}
	return name.len ? name : dpkg_architecture(c);
}

static struct str first_line(const struct root *root, const char *path, struct arena *a)
{
	struct str text;

	if (!root || root_read(root, path, 65536, a, &text, NULL) < 0)
		return STR("");
	return str_trim(str_cut(&text, '\n'));
}

/* Variable of a process' environment; ptr == NULL if it is not there. */
static struct str environment(struct str block, struct str name)
{
	while (block.ptr) {
		struct str value = str_cut(&block, '\0'), key = str_cut(&value, '=');

		if (value.ptr && str_eq(key, name))
			return value;
	}
	return (struct str){};
}

static struct str container_by_cgroup(struct collect *c)
{
	static const struct {
		struct str part, name;
	} parts[] = {
		{STR("docker"),       STR("docker")},
                { STR("libpod"),      STR("podman")},
		{ STR("/lxc"),        STR("lxc")   },
                { STR("lxc.payload"), STR("lxc")   },
		{ STR("kubepods"),    STR("docker")},
	};
	struct str text;

	if (!c->proc || root_read(c->proc, "1/cgroup", 65536, c->arena, &text, NULL) < 0)
		return STR("");
	for (size_t i = 0; i < COUNT(parts); i++)
		if (str_contains(text, parts[i].part))
			return parts[i].name;
	return STR("");
}

/* The places in which container managers say so; systemd writes down what it was told. */
static struct str container(struct collect *c)
{
	struct str name = first_line(c->root, "/run/systemd/container", c->arena), text;
	struct stat st;

	if (name.len)
		return name;
	if (root_stat(c->root, "/run/.containerenv", &st) >= 0)
		return STR("podman");
	if (root_stat(c->root, "/.dockerenv", &st) >= 0)
		return STR("docker");
	if (!c->proc)
		return STR("");
	if (root_read(c->proc, "1/environ", 1 << 20, c->arena, &text, NULL) >= 0) {
		name = environment(text, STR("container"));
		if (name.len)
			return name;
	}
	return container_by_cgroup(c);
}

static bool has_hypervisor_flag(struct collect *c)
{
	struct arena_mark mark = arena_mark(c->arena);
	struct str text, line;
	bool found = false;

	if (root_read(c->proc, "cpuinfo", 0, c->arena, &text, NULL) < 0)
		return false;
	while (!found && str_line(&text, &line, NULL))
		if (str_starts(line, STR("flags"))) {
			found = str_contains(line, STR(" hypervisor"));
			break;
		}
	arena_rewind(c->arena, mark);
	return found;
}

static struct str virtualization(struct collect *c, const struct dmi *dmi)
{
	struct str name = str_of(dmi_virtualization(dmi)), tree;

	if (name.len || !c->proc || !c->sys)
		return name;
	if (str_eq(first_line(c->sys, "hypervisor/type", c->arena), STR("xen")))
		return STR("xen");
	tree = first_line(c->sys, "firmware/devicetree/base/hypervisor/compatible", c->arena);
	if (tree.len)
		return str_contains(tree, STR("xen")) ? STR("xen") : STR("kvm");
	if (has_hypervisor_flag(c))
		return STR("vm-other");
	return dmi->present ? STR("none") : STR("");
}

static struct str hostname(struct collect *c)
{
	struct str name = first_line(c->proc, "sys/kernel/hostname", c->arena), text, line;
	int r;

	if (name.len)
		return name;
	r = root_read(c->root, "/etc/hostname", 65536, c->arena, &text, NULL);
	/* hostname(5): lines that begin with # are no name. */
	while (r >= 0 && str_line(&text, &line, NULL)) {
		line = str_trim(line);
		if (line.len && line.ptr[0] != '#')
			return line;
	}
	if (r < 0 && r != -ENOENT)
		collect_problem(c, r, "/etc/hostname", "cannot be read");
	return STR("");
}

static int collect(struct collect *c)
{
	struct host_info_row row = { .live = c->proc != NULL, .collected_at = c->now };
	struct dmi dmi;
	int r = dmi_read(c->sys, c->arena, &dmi);

	if (r < 0)
		return r;
	row.hostname = hostname(c);
	row.machine_id = first_line(c->root, "/etc/machine-id", c->arena);
	row.architecture = architecture(c);
	row.virtualization = virtualization(c, &dmi);
	row.container = container(c);
	row.vendor = dmi.sys_vendor;
	row.product = dmi.product_name;
	row.boot_time = proc_boot_time(c);
	return collect_row(c, &row);
}

const struct collector collector_host_info = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
