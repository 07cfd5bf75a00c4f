/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * image: compiled rules as one block of bytes, and back.
 *
 * The same walk over the structures makes an image and reads it. Parts lie behind each other in the
 * order of the walk, so there are no offsets: a pointer in an image only says whether there is
 * something. Numbers that are used as an index, a bound or a state are checked, whoever made it.
 * The layout is that of the program that made it; nothing else may read it.
 */
#ifndef HF_DETECT_IMAGE_H
#define HF_DETECT_IMAGE_H

#include "detect/compiled.h"

#define IMAGE_MAX ((size_t)64 << 20)

/* What was said of a rule while it was compiled. */
struct image_report {
	uint32_t text; /* which of the texts */
	uint32_t rule; /* 1 + its index; 0: it was refused */
	unsigned line, column;
	struct str reason;
};

struct image_head {
	struct rules rules;
	struct image_report *reports;
	size_t n_reports;
	struct str *names; /* from the first on, with [0] "" */
	size_t n_names;
};

struct image {
	char *base;
	size_t at, size;
	bool load;
	struct image_head *head;       /* in the image */
	const struct rule *rules_from; /* while it is made: where the rules were */
	size_t *places, n_places, cap_places;
	uint8_t *programs; /* what was seen of each */
};

/* Bytes to be freed with munmap(2), IMAGE_MAX of them are mapped. -E2BIG, -ENOMEM, -EINVAL. */
[[nodiscard]] int image_make(const struct image_head *head, char **ret, size_t *ret_n);
/* Structures inside the bytes (aligned to 8, changed). -EINVAL: it is not one of n_texts texts. */
[[nodiscard]] int image_load(char *bytes, size_t n, size_t n_texts, struct image_head **ret);

/* What a pointer in an image points to, and the number that stands for it. */
static inline void *image_at(const void *pointer)
{
	void *at;

	memcpy(&at, pointer, sizeof at);
	return at;
}

static inline uintptr_t image_number(const void *pointer) { return (uintptr_t)image_at(pointer); }

static inline void image_set_number(void *pointer, uintptr_t number)
{
	memcpy(pointer, &number, sizeof number);
}

/* The parts of the walk: false where something is wrong. A pointer to n elements: */
bool image_ref(struct image *im, void *pointer, size_t n, size_t size);
#define IMAGE_LIST(im, list, n) image_ref(im, &(list), n, sizeof *(list))
bool image_text(struct image *im, struct str *s);
/* Numbers of names. */
bool image_names(struct image *im, uint16_t **list, size_t n);
bool image_flag(const bool *b);
/* A rule is 1 + its index, or 0 where there is none. */
bool image_reference(const struct image *im, const struct rule **rule);
bool image_rule(struct image *im, struct rule *rule);
bool image_regex(struct image *im, const struct regex **regex);
bool image_bucket(struct image *im, struct bucket *b);

#endif
