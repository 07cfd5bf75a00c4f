/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <elf.h>
#include <link.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>

#include "detect/cache.h"
#include "detect/image.h"

#define MAGIC "holdfast rules 2"
#define REASONS_MEMORY ((size_t)64 << 20)

/* Before the image. */
struct cache_head {
	char magic[16];
	uint8_t id[32], nonce[32];
	uint64_t size; /* of the image */
	uint8_t tag[16];
};
_Static_assert(sizeof(struct cache_head) % 8 == 0, "an image is aligned");
_Static_assert(sizeof(((struct cache_head *)NULL)->tag) == crypto_onetimeauth_BYTES, "tag");

void rule_cache_release(struct rule_cache *c)
{
	free(c->bytes);
	close_fd(&c->out);
	sodium_memzero(c->key, sizeof c->key);
	*c = RULE_CACHE_NONE;
}

bool rule_cache_hit(const struct rule_cache *c) { return c->bytes; }

/* The note that the linker leaves in the program: layouts are those of one build. */
static int find_build(struct dl_phdr_info *info, size_t size, void *user)
{
	struct str *ret = user;

	(void)size;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[i];
		uintptr_t at = info->dlpi_addr + h->p_vaddr;
		const char *p;
		size_t left = h->p_memsz;
		ElfW(Nhdr) note;

		memcpy(&p, &at, sizeof p);
		while (h->p_type == PT_NOTE && left >= sizeof note) {
			size_t name, whole;

			memcpy(&note, p, sizeof note);
			name = ((size_t)note.n_namesz + 3) & ~(size_t)3;
			whole = sizeof note + name + (((size_t)note.n_descsz + 3) & ~(size_t)3);
			if (whole > left)
				break;
			if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
			    !memcmp(p + sizeof note, "GNU", 4))
				*ret = (struct str){ p + sizeof note + name, note.n_descsz };
			p += whole;
			left -= whole;
		}
	}
	/* The program is the first; libraries do not matter. */
	return 1;
}

static void hash_text(crypto_generichash_state *h, struct str s)
{
	uint64_t len = s.len;

	(void)crypto_generichash_update(h, (const uint8_t *)&len, sizeof len);
	if (s.len)
		(void)crypto_generichash_update(h, (const uint8_t *)s.ptr, s.len);
}

static int make_id(const struct rule_text *texts, size_t n, struct str placeholders,
		   uint8_t ret[static 32])
{
	crypto_generichash_state h;
	struct str build = {};
	uint64_t count = n;

	dl_iterate_phdr(find_build, &build);
	if (!build.len || sodium_init() < 0)
		return -ENOTSUP;
	(void)crypto_generichash_init(&h, NULL, 0, 32);
	hash_text(&h, STR(MAGIC " " HOLDFAST_VERSION));
	hash_text(&h, build);
	hash_text(&h, placeholders);
	hash_text(&h, (struct str){ (const char *)&count, sizeof count });
	for (size_t i = 0; i < n; i++) {
		hash_text(&h, texts[i].file);
		hash_text(&h, texts[i].text);
	}
	(void)crypto_generichash_final(&h, ret, 32);
	return 0;
}

/* Used once: the nonce is random, and everything else that is known of the file is in it. */
static void make_tag(const uint8_t key[static 32], const struct cache_head *head, const char *image,
		     uint8_t ret[static crypto_onetimeauth_BYTES])
{
	uint8_t once[crypto_onetimeauth_KEYBYTES];

	(void)crypto_generichash(once, sizeof once, (const uint8_t *)head,
				 offsetof(struct cache_head, tag), key, 32);
	(void)crypto_onetimeauth(ret, (const uint8_t *)image, head->size, once);
	sodium_memzero(once, sizeof once);
}

static bool is_authentic(const struct rule_cache *c, const char *bytes, size_t n)
{
	uint8_t tag[crypto_onetimeauth_BYTES];
	struct cache_head head;

	if (n < sizeof head)
		return false;
	memcpy(&head, bytes, sizeof head);
	if (memcmp(head.magic, MAGIC, sizeof head.magic) != 0 ||
	    memcmp(head.id, c->id, sizeof head.id) != 0 || head.size != n - sizeof head)
		return false;
	make_tag(c->key, &head, bytes + sizeof head, tag);
	return !sodium_memcmp(tag, head.tag, sizeof tag);
}

/* Where a limit would end the process instead of the writing. */
static bool is_limited(void)
{
	struct rlimit l;

	return getrlimit(RLIMIT_FSIZE, &l) < 0 || l.rlim_cur != RLIM_INFINITY;
}

static void open_file(struct rule_cache *c, int folder, const char *name)
{
	char *bytes = NULL;
	size_t n = 0;

	if (cache_read(folder, name, IMAGE_MAX + sizeof(struct cache_head), &bytes, &n) == 0 &&
	    is_authentic(c, bytes, n)) {
		c->bytes = bytes;
		c->n = n;
		return;
	}
	free(bytes);
	if (is_limited() || getrandom(c->nonce, sizeof c->nonce, 0) != (ssize_t)sizeof c->nonce)
		return;
	cache_prune(folder, RULE_CACHE_KEPT - 1);
	(void)!cache_create(folder, name, &c->out);
}

void rule_cache_open(struct rule_cache *c, const struct rule_text *texts, size_t n,
		     struct str placeholders)
{
	own(close_fd) int folder = -1;
	uint8_t secret[32];
	char id[33], name[80];
	size_t all = 0;

	*c = RULE_CACHE_NONE;
	for (size_t i = 0; i < n; i++)
		all += texts[i].text.len;
	if (all < RULE_CACHE_LEAST || (folder = cache_folder()) < 0)
		return;
	if (make_id(texts, n, placeholders, c->id) < 0 || cache_secret(folder, secret) < 0)
		return;
	/* Whoever gets hold of this key can forge what these very rules compile to, and no more. */
	(void)crypto_generichash(c->key, sizeof c->key, c->id, sizeof c->id, secret, sizeof secret);
	sodium_memzero(secret, sizeof secret);
	sodium_bin2hex(id, sizeof id, c->id, 16);
	snprintf(name, sizeof name, "%s.rules", id);
	open_file(c, folder, name);
}

/* While rules are compiled: what is said of them, for the next time. */
struct recorder {
	const struct rule_text *texts;
	rule_fn *report;
	void *user;
	struct arena arena;
	struct image_head head;
	size_t cap, cap_names;
	int error;
};

static void record(void *user, const struct rule_text *t, const struct rule *rule,
		   const struct diag *d)
{
	struct recorder *x = user;
	struct image_report report = { .text = (uint32_t)(t - x->texts) };

	if (x->report)
		x->report(x->user, t, rule, d);
	if (rule) {
		report.rule = rule->index + 1;
	} else {
		report.line = d->line;
		report.column = d->column;
		report.reason = arena_str(&x->arena, str_of(d->reason));
		if (!report.reason.ptr)
			x->error = -ENOMEM;
	}
	if (arena_push(&x->arena, x->head.reports, x->head.n_reports, x->cap, report) < 0)
		x->error = -ENOMEM;
}

static void store(struct rule_cache *c, struct recorder *x, const struct rules *rules,
		  const struct names *names)
{
	struct cache_head head = { .magic = MAGIC };
	char *image = NULL;
	size_t n = 0;

	for (size_t i = 0; x->error == 0 && i < names_count(names); i++)
		x->error = arena_push(&x->arena, x->head.names, x->head.n_names, x->cap_names,
				      names_text(names, (uint16_t)i));
	x->head.rules = *rules;
	if (x->error < 0 || image_make(&x->head, &image, &n) < 0)
		return;
	memcpy(head.id, c->id, sizeof head.id);
	memcpy(head.nonce, c->nonce, sizeof head.nonce);
	head.size = n;
	make_tag(c->key, &head, image, head.tag);
	/* A disk that is full leaves nothing behind. */
	if (cache_write(c->out, &head, sizeof head) < 0 || cache_write(c->out, image, n) < 0)
		(void)!ftruncate(c->out, 0);
	munmap(image, IMAGE_MAX);
	close_fd(&c->out);
}

static int compile_and_store(struct rule_cache *c, const struct rule_text *texts, size_t n,
			     struct names *names, struct str placeholders, rule_fn *report,
			     void *user, struct rules **ret)
{
	struct recorder x = { .texts = texts, .report = report, .user = user };
	int r;

	x.arena.limit = REASONS_MEMORY;
	r = rules_compile(texts, n, names, placeholders, record, &x, ret);
	if (r == 0)
		store(c, &x, *ret, names);
	arena_release(&x.arena);
	return r;
}

static void tell(const struct image_head *head, const struct rule_text *texts, rule_fn *report,
		 void *user)
{
	for (size_t i = 0; report && i < head->n_reports; i++) {
		const struct image_report *x = head->reports + i;
		const struct rule_text *t = texts + x->text;
		struct diag d = { .line = x->line, .column = x->column };

		snprintf(d.file, sizeof d.file, "%.*s", STR_FMT(t->file));
		snprintf(d.reason, sizeof d.reason, "%.*s", STR_FMT(x->reason));
		report(user, t, x->rule ? head->rules.list + (x->rule - 1) : NULL,
		       x->rule ? NULL : &d);
	}
}

/* -EINVAL: to be compiled. */
static int load(struct rule_cache *c, const struct rule_text *texts, size_t n, struct names *names,
		rule_fn *report, void *user, struct rules **ret)
{
	own(rules_release) struct rules *rules = calloc(1, sizeof *rules);
	struct image_head *head = NULL;
	int r = rules ? image_load(c->bytes + sizeof(struct cache_head),
				   c->n - sizeof(struct cache_head), n, &head)
		      : -ENOMEM;

	for (size_t i = 1; r == 0 && i < head->n_names; i++) {
		uint16_t id = 0;

		r = names_add(names, head->names[i], &id);
		if (r == 0 && id != i)
			r = -EINVAL;
	}
	if (r < 0)
		return r;
	*rules = head->rules;
	rules->image = c->bytes;
	c->bytes = NULL;
	tell(head, texts, report, user);
	*ret = rules;
	rules = NULL;
	return 0;
}

int rules_compile_cached(struct rule_cache *c, const struct rule_text *texts, size_t n,
			 struct names *names, struct str placeholders, rule_fn *report, void *user,
			 struct rules **ret)
{
	bool fresh = c && names_count(names) == 1;

	if (fresh && c->bytes) {
		int r = load(c, texts, n, names, report, user, ret);

		if (r != -EINVAL)
			return r;
	}
	if (fresh && c->out >= 0)
		return compile_and_store(c, texts, n, names, placeholders, report, user, ret);
	return rules_compile(texts, n, names, placeholders, report, user, ret);
}
