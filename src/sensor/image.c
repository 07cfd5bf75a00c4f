/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/image.h"

static struct image **head_of(const struct images *s, uint64_t number)
{
	return &s->table[number * 0x9e3779b97f4a7c15U >> 32 & (IMAGES_MAX - 1)];
}

static size_t size_of(const struct image *i) { return sizeof(*i) + i->path_len + i->command_len; }

static void list_remove(struct images *s, struct image *i)
{
	*(i->newer ? &i->newer->older : &s->newest) = i->older;
	*(i->older ? &i->older->newer : &s->oldest) = i->newer;
}

static void list_add(struct images *s, struct image *i)
{
	i->newer = NULL;
	i->older = s->newest;
	*(i->older ? &i->older->newer : &s->oldest) = i;
	s->newest = i;
}

static void forget(struct images *s, struct image *i)
{
	struct image **at = head_of(s, i->number);

	while (*at != i)
		at = &(*at)->chain;
	*at = i->chain;
	list_remove(s, i);
	s->n--;
	s->bytes -= size_of(i);
	free(i);
}

static struct image *find(const struct images *s, uint64_t number)
{
	if (!s->table)
		return NULL;
	for (struct image *i = *head_of(s, number); i; i = i->chain)
		if (i->number == number)
			return i;
	return NULL;
}

int images_put(struct images *s, uint64_t number, uint32_t flags, struct str path,
	       struct str command)
{
	struct image *i, *was;

	path = str_sub(path, 0, IMAGE_PATH);
	command = str_sub(command, 0, IMAGE_COMMAND);
	if (!s->table && !(s->table = calloc(IMAGES_MAX, sizeof(struct image *))))
		return -ENOMEM;
	i = malloc(sizeof(*i) + path.len + command.len);
	if (!i)
		return -ENOMEM;
	was = find(s, number);
	if (was)
		forget(s, was);
	i->number = number;
	i->flags = flags;
	i->path_len = (uint16_t)path.len;
	i->command_len = (uint16_t)command.len;
	if (path.len)
		memcpy(i->text, path.ptr, path.len);
	if (command.len)
		memcpy(i->text + path.len, command.ptr, command.len);
	i->chain = *head_of(s, number);
	*head_of(s, number) = i;
	list_add(s, i);
	s->n++;
	s->bytes += size_of(i);
	while (s->n > IMAGES_MAX || s->bytes > IMAGES_BYTES) {
		forget(s, s->oldest);
		s->forgotten++;
	}
	return 0;
}

const struct image *images_find(struct images *s, uint64_t number)
{
	struct image *i = find(s, number);

	if (i && i != s->newest) {
		list_remove(s, i);
		list_add(s, i);
	}
	return i;
}

void images_release(struct images *s)
{
	while (s->oldest)
		forget(s, s->oldest);
	free(s->table);
	*s = (struct images){};
}
