/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of apt_preferences(5), and the draw of phased updates. */
#include "facts/linux/apt_policy.h"

struct record {
	struct str package, pin, priority;
	unsigned line; /* 0: none is open */
};

static bool kind_of(struct str word, enum apt_pin_kind *ret)
{
	static const struct str words[] = { STR("version"), STR("release"), STR("origin") };

	for (size_t i = 0; i < COUNT(words); i++) {
		if (str_ieq(word, words[i])) {
			*ret = (enum apt_pin_kind)i;
			return true;
		}
	}
	return false;
}

static int priority_of(struct str s, int *ret)
{
	int64_t n;

	if (str_eq(s, STR("never"))) {
		*ret = APT_NEVER;
		return 0;
	}
	if (str_to_int64(s, &n) < 0 || n == 0 || n <= -32768 || n > 32767)
		return -EBADMSG;
	*ret = (int)n;
	return 0;
}

/* One record names several packages. */
static int finish(struct record *done, apt_pin_fn *fn, void *user)
{
	struct apt_pin pin = { .line = done->line };
	struct str packages = done->package, rest = done->pin, word;
	int r;

	if (!packages.len)
		return -EBADMSG;
	if (!rest.len)
		return 0;
	word = str_word(&rest);
	/* A version of every package, and kinds that are not known: APT warns and goes on. */
	if (!kind_of(word, &pin.kind) ||
	    (pin.kind == APT_PIN_VERSION && str_eq(packages, STR("*"))))
		return 0;
	pin.data = str_trim(rest);
	r = priority_of(done->priority, &pin.priority);
	if (r == 0 && str_eq(packages, STR("*")))
		return fn(&pin, user);
	while (r == 0 && (pin.package = str_word(&packages)).len)
		r = fn(&pin, user);
	return r;
}

/* A line of a record; *last: the text that the next line may continue. */
static int take_line(struct record *record, struct str line, unsigned at, struct str **last)
{
	struct str name;

	if (line.ptr[0] == ' ' || line.ptr[0] == '\t') {
		/* Continues in the same text: one slice from its start. */
		if (*last)
			(*last)->len = (size_t)(line.ptr + line.len - (*last)->ptr);
		return 0;
	}
	if (!record->line)
		record->line = at;
	name = str_trim(str_cut(&line, ':'));
	if (!line.ptr)
		return -EBADMSG;
	*last = NULL;
	if (str_ieq(name, STR("Package")))
		*last = &record->package;
	else if (str_ieq(name, STR("Pin")))
		*last = &record->pin;
	else if (str_ieq(name, STR("Pin-Priority")))
		*last = &record->priority;
	if (*last)
		**last = str_trim(line);
	return 0;
}

int apt_pins_parse(struct str text, apt_pin_fn *fn, void *user, unsigned *ret_line)
{
	struct record record = {};
	struct str line, *last = NULL;
	unsigned at = 0;
	bool more = true;
	int r = 0;

	while (r == 0 && more) {
		more = str_line(&text, &line, &at);
		if (more && line.len && line.ptr[0] == '#')
			continue;
		if (!more || !str_trim(line).len) {
			*ret_line = record.line;
			if (record.line)
				r = finish(&record, fn, user);
			record = (struct record){};
			last = NULL;
			continue;
		}
		if (line.ptr[0] != ' ' && line.ptr[0] != '\t')
			*ret_line = at;
		r = take_line(&record, line, at, &last);
	}
	return r;
}

/* std::seed_seq::generate() of four numbers, [rand.util.seedseq] of the C++ standard. */
static void seed(const struct str v[static 5], size_t n, uint32_t b[static 4])
{
	size_t rounds = MAX(n + 1, (size_t)4), k = 0, part = 0, at = 0;

	for (size_t i = 0; i < 4; i++)
		b[i] = 0x8b8b8b8b;
	for (; k < rounds; k++) {
		uint32_t x = b[k % 4] ^ b[(k + 1) % 4] ^ b[(k + 3) % 4], r1, r2;

		r1 = 1664525U * (x ^ x >> 27);
		r2 = r1 + (uint32_t)(k == 0 ? n : k % 4);
		if (k > 0 && k <= n) {
			while (at == v[part].len) {
				part++;
				at = 0;
			}
			r2 += (uint32_t)(int32_t)(signed char)v[part].ptr[at++];
		} else if (k > n) {
			r2 = r1 + (uint32_t)(k % 4);
		}
		b[(k + 1) % 4] += r1;
		b[(k + 2) % 4] += r2;
		b[k % 4] = r2;
	}
	for (; k < rounds + 4; k++) {
		uint32_t x = b[k % 4] + b[(k + 1) % 4] + b[(k + 3) % 4], r3, r4;

		r3 = 1566083941U * (x ^ x >> 27);
		r4 = r3 - (uint32_t)(k % 4);
		b[(k + 1) % 4] ^= r3;
		b[(k + 2) % 4] ^= r4;
		b[k % 4] = r4;
	}
}

/* std::minstd_rand and std::uniform_int_distribution(0, 100) as libstdc++ has them. */
unsigned apt_phase(struct str source, struct str source_version, struct str machine)
{
	const struct str parts[5] = { source, STR("-"), source_version, STR("-"), machine };
	const uint64_t modulus = 2147483647, scaling = (modulus - 2) / 101;
	uint32_t b[4];
	uint64_t x, draw;
	size_t n = 0;

	for (size_t i = 0; i < COUNT(parts); i++)
		n += parts[i].len;
	seed(parts, n, b);
	x = b[3] % modulus;
	if (!x)
		x = 1;
	do {
		x = x * 48271 % modulus;
		draw = x - 1;
	} while (draw >= 101 * scaling);
	return (unsigned)(draw / scaling);
}

bool apt_waits(const struct apt_policy *p, const struct apt_offer *o)
{
	if (o->phased >= 100 || p->phased > 0 || !p->machine.len)
		return false;
	if (p->phased < 0)
		return true;
	return apt_phase(o->source, o->source_version, p->machine) > o->phased;
}
