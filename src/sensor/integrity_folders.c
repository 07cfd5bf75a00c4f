/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/integrity_folders.h"

#include <sys/random.h>

#include "base/map.h"

#define MOST ((size_t)1 << 16)
#define SLOTS (MOST * 2)

int fim_folders_new(struct fim_folders *f)
{
	f->list = calloc(SLOTS, sizeof *f->list);
	if (!f->list)
		return -ENOMEM;
	return getrandom(f->seed, sizeof f->seed, 0) == sizeof f->seed ? 0 : -EIO;
}

void fim_folders_forget(struct fim_folders *f)
{
	for (size_t i = 0; f->n && i < SLOTS; i++) {
		free(f->list[i].path);
		f->list[i] = (struct fim_folder){};
	}
	f->n = 0;
}

void fim_folders_release(struct fim_folders *f)
{
	fim_folders_forget(f);
	free(f->list);
	f->list = NULL;
}

bool fim_folders_half_full(const struct fim_folders *f) { return f->n >= MOST / 2; }

uint64_t fim_folders_key(const struct fim_folders *f, const struct file_handle *h, const fsid_t *id)
{
	unsigned char text[sizeof *id + sizeof h->handle_type + FIM_HANDLE_MAX];
	size_t n = MIN(h->handle_bytes, (unsigned)FIM_HANDLE_MAX), at = sizeof *id;

	memcpy(text, id, sizeof *id);
	memcpy(text + at, &h->handle_type, sizeof h->handle_type);
	at += sizeof h->handle_type;
	memcpy(text + at, h->f_handle, n);
	return siphash13(f->seed, text, at + n) | 1;
}

struct fim_folder *fim_folders_slot(const struct fim_folders *f, uint64_t key)
{
	size_t i = (key >> 1) & (SLOTS - 1);

	while (f->list[i].key && f->list[i].key != key)
		i = (i + 1) & (SLOTS - 1);
	return &f->list[i];
}

int fim_folders_add(struct fim_folders *f, uint64_t key, struct str path, struct fim_folder **ret)
{
	struct fim_folder *slot;
	char *copy = path.ptr ? strndup(path.ptr, path.len) : NULL;

	if (path.ptr && !copy)
		return -ENOMEM;
	if (f->n >= MOST)
		fim_folders_forget(f);
	slot = fim_folders_slot(f, key);
	f->n += !slot->key;
	free(slot->path);
	*slot = (struct fim_folder){ key, copy };
	if (ret)
		*ret = slot;
	return 0;
}
