/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Build-ids: of this program's file and memory, and of what is no ELF. */
#include <elf.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "facts/linux/elf_id.h"
#include "tap.h"

static int of_bytes(const void *bytes, size_t n, struct build_id *ret)
{
	own(close_fd) int fd = memfd_create("elf", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		return -EIO;
	return elf_build_id(fd, 0, false, ret);
}

/* Where the beginning of this program's file is. */
static uint64_t start_of_program(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[PATH_MAX + 128], path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path);
	uint64_t start = 0;

	while (maps && n > 0 && !start && fgets(line, sizeof line, maps))
		if (str_ends(str_trim(str_of(line)), (struct str){ path, (size_t)n }))
			start = strtoull(line, NULL, 16);
	if (maps)
		(void)fclose(maps);
	return start;
}

static void test_own(void)
{
	own(close_fd) int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	own(close_fd) int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	struct build_id disk = {}, loaded = {};

	if (file < 0 || elf_build_id(file, 0, false, &disk) == -ENOENT) {
		skip("this program", "it was linked without a build-id");
		return;
	}
	ok(disk.len >= 8, "of the file of this program");
	is_int(elf_build_id(memory, start_of_program(), true, &loaded), 0, "of its memory");
	ok(build_id_eq(&disk, &loaded), "it is the same");
	loaded.bytes[0] ^= 1;
	ok(!build_id_eq(&disk, &loaded), "another one is not");
}

struct image {
	Elf64_Ehdr head;
	Elf64_Phdr segment;
	Elf64_Nhdr note;
	char name[4];
	unsigned char id[20];
};
#define IMAGE_LEN (offsetof(struct image, id) + 20)

static struct image good(void)
{
	struct image x = {
		.head = {.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
                         .e_phoff = offsetof(struct image,									    segment),
                         .e_phentsize = sizeof x.segment,
                         .e_phnum = 1 },
		.segment = { .p_type = PT_NOTE,
                         .p_offset = offsetof(struct image,											     note),
                         .p_filesz = sizeof x.note + sizeof x.name + sizeof x.id },
		.note = { .n_namesz = 4,								  .n_descsz = 20,                                                     .n_type = NT_GNU_BUILD_ID													},
		.name = "GNU",
		.id = { 1,2,3},
	};

	return x;
}

static void test_bad(void)
{
	struct build_id id = {};
	struct image x = good();

	is_int(of_bytes(&x, IMAGE_LEN, &id), 0, "a small file");
	ok(id.len == 20 && id.bytes[2] == 3, "its id");
	is_int(of_bytes(&x, IMAGE_LEN - 1, &id), -EBADMSG, "cut off");
	is_int(of_bytes("#!/bin/sh\nexit 0 and so on, until it is as long as a header is\n\n", 64,
			&id),
	       -EBADMSG, "a script");
	is_int(of_bytes("", 0, &id), -EBADMSG, "an empty file");
	x = good();
	x.head.e_phoff = UINT64_MAX - 8;
	is_int(of_bytes(&x, IMAGE_LEN, &id), -EBADMSG, "segments at the end of all numbers");
	x = good();
	x.segment.p_offset = INT64_MAX;
	is_int(of_bytes(&x, IMAGE_LEN, &id), -EBADMSG, "a note outside of the file");
	x = good();
	x.head.e_phentsize = 1;
	is_int(of_bytes(&x, IMAGE_LEN, &id), -EBADMSG, "segments of one byte");
	x = good();
	x.note.n_descsz = UINT32_MAX;
	is_int(of_bytes(&x, IMAGE_LEN, &id), -ENOENT, "a note longer than all");
	x = good();
	x.note.n_descsz = 0;
	is_int(of_bytes(&x, IMAGE_LEN, &id), -ENOENT, "an empty id");
	x = good();
	x.note.n_type = 7;
	is_int(of_bytes(&x, IMAGE_LEN, &id), -ENOENT, "a note of another kind");
}

int main(void)
{
	test_own();
	test_bad();
	return done();
}
