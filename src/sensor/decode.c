/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sensor/decode.h"

#include <arpa/inet.h>
#include <assert.h>
#include <linux/types.h>
#include <math.h>
#include <stdalign.h>
#include <stdio.h>
#include <time.h>

#include "sensor/bpf/record.h"

#define NS_A_SECOND 1'000'000'000LL

void record_decoder_names(struct record_decoder *d, const struct names *n)
{
	d->names = n;
	d->product = names_find(n, STR("linux"));
	for (size_t i = 0; i < SENSOR_FIELDS; i++)
		d->fields[i] = names_find(n, str_of(sensor_field_names[i]));
	for (size_t i = 0; i < SENSOR_CATEGORIES; i++)
		d->categories[i] = names_find(n, str_of(sensor_category_names[i]));
}

void record_decoder_clock(struct record_decoder *d)
{
	struct timespec real, boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	clock_gettime(CLOCK_REALTIME, &real);
	d->offset = (real.tv_sec - boot.tv_sec) * NS_A_SECOND + real.tv_nsec - boot.tv_nsec;
}

void record_decoder_release(struct record_decoder *d)
{
	images_release(&d->images);
	users_release(&d->users);
}

static void begin(struct record_decoder *d, const struct record_head *h, enum sensor_category c)
{
	int64_t time;

	d->e = (struct event){
		.source = {.product = d->product, .category = d->categories[c]},
		.time = EVENT_TIME_UNKNOWN,
		.raw = { "",                   0                           },
		.values = d->values,
	};
	if (h->time < INT64_MAX && !__builtin_add_overflow((int64_t)h->time, d->offset, &time))
		d->e.time = time / 1000;
	d->used = 0;
}

static void put(struct record_decoder *d, enum sensor_field f, struct str text)
{
	if (d->fields[f] && d->e.n < DECODE_VALUES)
		d->values[d->e.n++] = (struct event_value){ .field = d->fields[f],
							    .type = VALUE_TEXT,
							    .text = text };
}

static void put_some(struct record_decoder *d, enum sensor_field f, struct str text)
{
	if (text.len)
		put(d, f, text);
}

/* Where it is to be put; "" where there is no room. */
static char *room(struct record_decoder *d, size_t n)
{
	return n <= DECODE_TEXT - d->used ? d->text + d->used : NULL;
}

static void put_number(struct record_decoder *d, enum sensor_field f, uint64_t number)
{
	char *at = room(d, 24);
	int n;

	if (!d->fields[f] || !at || d->e.n >= DECODE_VALUES || number > INT64_MAX)
		return;
	n = snprintf(at, 24, "%llu", (unsigned long long)number);
	d->used += (size_t)n;
	d->values[d->e.n++] = (struct event_value){
		.field = d->fields[f],
		.type = VALUE_NUMBER,
		.text = {at, (size_t)n},
		.number = (int64_t)number
	};
}

/* The name, or the number where it has none. */
static void put_user(struct record_decoder *d, enum sensor_field f, uint32_t uid)
{
	struct str name = users_name(&d->users, uid);

	if (name.len)
		put(d, f, name);
	else
		put_number(d, f, uid);
}

static struct str comm_of(const char comm[static RECORD_COMM])
{
	return (struct str){ comm, strnlen(comm, RECORD_COMM) };
}

/*
 * The components of a path stand last first, each with its NUL: "/" and all of them in their order.
 * Without a leading "/" where the beginning is missing. "" where there is no room.
 */
static struct str path_of(struct record_decoder *d, const char *p, size_t n, bool cut)
{
	char *to = room(d, n + 1);
	size_t at = 0;

	if (!to)
		return (struct str){ "", 0 };
	while (n && !p[n - 1])
		n--;
	while (n) {
		size_t start = n;

		while (start && p[start - 1])
			start--;
		if (at || !cut)
			to[at++] = '/';
		memcpy(to + at, p + start, n - start);
		at += n - start;
		n = start ? start - 1 : 0;
	}
	if (!at && !cut)
		to[at++] = '/';
	d->used += at;
	return (struct str){ to, at };
}

/* Arguments with blanks between them. */
static struct str arguments_of(struct record_decoder *d, const char *p, size_t n)
{
	char *to = room(d, n);

	while (n && !p[n - 1])
		n--;
	if (!n || !to)
		return (struct str){ "", 0 };
	for (size_t i = 0; i < n; i++)
		to[i] = p[i];
	for (char *nul = memchr(to, 0, n); nul; nul = memchr(nul, 0, n - (size_t)(nul - to)))
		*nul = ' ';
	d->used += n;
	return (struct str){ to, n };
}

static void put_image(struct record_decoder *d, const struct record_head *h,
		      const char comm[static RECORD_COMM])
{
	const struct image *i = images_find(&d->images, h->image);

	if (i) {
		put_some(d, SENSOR_FIELD_IMAGE, image_path(i));
		put_some(d, SENSOR_FIELD_COMMAND_LINE, image_command(i));
	}
	put_some(d, SENSOR_FIELD_PROCESS_NAME, comm_of(comm));
	put_number(d, SENSOR_FIELD_PROCESS_ID, h->tgid);
	put_user(d, SENSOR_FIELD_USER, h->uid);
	put_number(d, SENSOR_FIELD_USER_ID, h->uid);
}

static void put_flags(struct record_decoder *d, uint32_t flags, struct str path)
{
	static const struct {
		uint32_t flag;
		enum sensor_field field;
	} list[] = {
		{RECORD_DELETED,				      SENSOR_FIELD_IMAGE_DELETED },
		{ RECORD_MEMFD,				       SENSOR_FIELD_IMAGE_MEMORY  },
		{ RECORD_WRITABLE,				    SENSOR_FIELD_IMAGE_WRITABLE},
		{ RECORD_SETUID,				      SENSOR_FIELD_SET_USER_ID   },
		{ RECORD_PATH_CUT | RECORD_CWD_CUT | RECORD_ARGS_CUT, SENSOR_FIELD_TRUNCATED     },
	};

	for (size_t i = 0; i < COUNT(list); i++)
		if (flags & list[i].flag)
			put(d, list[i].field, STR("true"));
	if (str_starts(path, STR("/dev/shm/")))
		put(d, SENSOR_FIELD_IMAGE_SHARED_MEMORY, STR("true"));
}

static int emit(struct record_decoder *d, event_fn *fn, void *user)
{
	record_line(d);
	return fn(user, &d->e);
}

struct image_text {
	struct str path, cwd, command;
};

static void put_process(struct record_decoder *d, const struct record_image *r,
			const struct image_text *t)
{
	const struct image *parent = images_find(&d->images, r->parent);

	put_some(d, SENSOR_FIELD_IMAGE, t->path);
	put_some(d, SENSOR_FIELD_COMMAND_LINE, t->command);
	put_some(d, SENSOR_FIELD_CURRENT_DIRECTORY, t->cwd);
	put_user(d, SENSOR_FIELD_USER, r->head.uid);
	put_number(d, SENSOR_FIELD_USER_ID, r->head.uid);
	put_user(d, SENSOR_FIELD_EFFECTIVE_USER, r->euid);
	put_number(d, SENSOR_FIELD_LOGON_ID, r->loginuid == UINT32_MAX ? r->head.uid : r->loginuid);
	put_number(d, SENSOR_FIELD_PROCESS_ID, r->head.tgid);
	put_number(d, SENSOR_FIELD_PARENT_PROCESS_ID, r->ppid);
	put_some(d, SENSOR_FIELD_PROCESS_NAME, comm_of(r->comm));
	put_number(d, SENSOR_FIELD_CGROUP_ID, r->cgroup);
	if (parent) {
		put_some(d, SENSOR_FIELD_PARENT_IMAGE, image_path(parent));
		put_some(d, SENSOR_FIELD_PARENT_COMMAND_LINE, image_command(parent));
	}
	put_flags(d, r->flags, t->path);
}

static int decode_image(struct record_decoder *d, const struct record_head *h, size_t n,
			event_fn *fn, void *user)
{
	const struct record_image *r = (const void *)h;
	const char *p = (const char *)(r + 1);
	struct image_text t;
	int made = 0, error;

	if (n < sizeof(*r) || (size_t)r->path + r->cwd + r->args > n - sizeof(*r))
		return -EBADMSG;
	begin(d, h, SENSOR_CATEGORY_PROCESS_CREATION);
	t.path = path_of(d, p, r->path, r->flags & RECORD_PATH_CUT);
	if (r->flags & RECORD_MEMFD && t.path.len && t.path.ptr[0] == '/')
		t.path = str_sub(t.path, 1, t.path.len);
	t.cwd = path_of(d, p + r->path, r->cwd, r->flags & RECORD_CWD_CUT);
	t.command = arguments_of(d, p + r->path + r->cwd, r->args);
	error = images_put(&d->images, h->image, r->flags, t.path, t.command);
	if (error < 0)
		return error;
	put_process(d, r, &t);
	if (h->kind == RECORD_EXEC) {
		error = emit(d, fn, user);
		if (error < 0)
			return error;
		made++;
	}
	if (!(r->flags & RECORD_RAISED))
		return made;
	d->e.source.category = d->categories[SENSOR_CATEGORY_PRIVILEGE_CHANGE];
	put_user(d, SENSOR_FIELD_OLD_USER, r->old_uid);
	put_user(d, SENSOR_FIELD_OLD_EFFECTIVE_USER, r->old_euid);
	put_number(d, SENSOR_FIELD_CAPABILITIES, r->caps);
	error = emit(d, fn, user);
	return error < 0 ? error : made + 1;
}

static struct str address_of(struct record_decoder *d, uint8_t family, const uint8_t a[static 16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, 0xff };
	char *at = room(d, INET6_ADDRSTRLEN);
	const char *text;

	if (!at)
		return (struct str){ "", 0 };
	if (family == 6 && memcmp(a, mapped, sizeof(mapped)) == 0)
		text = inet_ntop(AF_INET, a + 12, at, INET6_ADDRSTRLEN);
	else
		text = inet_ntop(family == 6 ? AF_INET6 : AF_INET, a, at, INET6_ADDRSTRLEN);
	if (!text)
		return (struct str){ "", 0 };
	d->used += strlen(at);
	return str_of(at);
}

static const char *protocol_name(unsigned protocol)
{
	switch (protocol) {
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6: return "icmp";
	case IPPROTO_TCP: return "tcp";
	case IPPROTO_UDP: return "udp";
	default: return NULL;
	}
}

static void put_protocol(struct record_decoder *d, unsigned protocol)
{
	const char *name = protocol_name(protocol);

	if (name)
		put(d, SENSOR_FIELD_PROTOCOL, str_of(name));
	else
		put_number(d, SENSOR_FIELD_PROTOCOL, protocol);
}

static int decode_connection(struct record_decoder *d, const struct record_head *h, size_t n,
			     event_fn *fn, void *user)
{
	const struct record_connection *r = (const void *)h;
	enum sensor_category c = SENSOR_CATEGORY_NETWORK_CONNECTION;
	struct str remote;
	int error;

	if (n < sizeof(*r) || (r->family != 4 && r->family != 6))
		return -EBADMSG;
	if (h->kind == RECORD_REFUSED)
		c = SENSOR_CATEGORY_NETWORK_REFUSED;
	if (h->kind == RECORD_LISTEN)
		c = SENSOR_CATEGORY_NETWORK_LISTENER;
	begin(d, h, c);
	put_image(d, h, r->comm);
	put_protocol(d, r->protocol);
	put(d, SENSOR_FIELD_SOURCE_IP, address_of(d, r->family, r->local));
	if (r->local_port)
		put_number(d, SENSOR_FIELD_SOURCE_PORT, r->local_port);
	if (c != SENSOR_CATEGORY_NETWORK_LISTENER) {
		remote = address_of(d, r->family, r->remote);
		put(d, SENSOR_FIELD_INITIATED, STR("true"));
		put(d, SENSOR_FIELD_DESTINATION_IP, remote);
		put_number(d, SENSOR_FIELD_DESTINATION_PORT, r->remote_port);
		put(d, SENSOR_FIELD_DESTINATION_IS_IPV6,
		    str_find(remote, ':') >= 0 ? STR("true") : STR("false"));
	}
	if (c == SENSOR_CATEGORY_NETWORK_REFUSED)
		put_number(d, SENSOR_FIELD_ERROR, r->error);
	error = emit(d, fn, user);
	return error < 0 ? error : 1;
}

static int decode_module(struct record_decoder *d, const struct record_head *h, size_t n,
			 event_fn *fn, void *user)
{
	const struct record_module *r = (const void *)h;
	int error;

	if (n < sizeof(*r))
		return -EBADMSG;
	begin(d, h, SENSOR_CATEGORY_DRIVER_LOAD);
	put_image(d, h, r->comm);
	put(d, SENSOR_FIELD_IMAGE_LOADED, (struct str){ r->name, strnlen(r->name, RECORD_MODULE) });
	put_number(d, SENSOR_FIELD_TAINTS, r->taints);
	error = emit(d, fn, user);
	return error < 0 ? error : 1;
}

/* How many different ones set that many of 256 bits (linear counting). */
static uint64_t different(const uint64_t seen[static 4])
{
	int bits = 0;

	for (size_t i = 0; i < 4; i++)
		bits += __builtin_popcountll(seen[i]);
	if (bits >= 256)
		bits = 255;
	return (uint64_t)lround(-256.0 * log(1.0 - bits / 256.0));
}

static void put_flood(struct record_decoder *d, const struct record_flood *r)
{
	static const char *const kinds[] = { "udp", "syn", "icmp", "raw", "packet" };
	uint64_t all = 0, ms = 1, most = 0;

	static_assert(COUNT(kinds) == FLOOD_KINDS);
	for (uint64_t i = 0; i < FLOOD_KINDS; i++) {
		if (r->sent[i] > r->sent[most])
			most = i;
		all += r->sent[i] > UINT32_MAX ? UINT32_MAX : r->sent[i];
	}
	if (r->head.time > r->since && (r->head.time - r->since) / 1'000'000)
		ms = (r->head.time - r->since) / 1'000'000;
	put(d, SENSOR_FIELD_FLOOD_SCOPE, r->cgroups ? STR("cgroup") : STR("process"));
	put(d, SENSOR_FIELD_FLOOD_KIND, str_of(kinds[most]));
	put_number(d, SENSOR_FIELD_PACKETS, all);
	put_number(d, SENSOR_FIELD_PACKETS_ANSWERED, r->answered);
	put_number(d, SENSOR_FIELD_MILLISECONDS, ms);
	put_number(d, SENSOR_FIELD_PACKET_RATE, all * 1000 / ms);
	put_number(d, SENSOR_FIELD_DESTINATIONS, different((const uint64_t *)r->seen));
}

static int decode_flood(struct record_decoder *d, const struct record_head *h, size_t n,
			event_fn *fn, void *user)
{
	const struct record_flood *r = (const void *)h;
	int error;

	if (n < sizeof(*r) || r->path > n - sizeof(*r) || (r->family != 4 && r->family != 6))
		return -EBADMSG;
	begin(d, h, SENSOR_CATEGORY_OUTBOUND_FLOOD);
	put_image(d, h, r->comm);
	put(d, SENSOR_FIELD_CGROUP, path_of(d, (const char *)(r + 1), r->path, false));
	put_number(d, SENSOR_FIELD_CGROUP_ID, r->cgroup);
	put_protocol(d, r->protocol);
	put(d, SENSOR_FIELD_DESTINATION_IP, address_of(d, r->family, r->remote));
	if (r->port)
		put_number(d, SENSOR_FIELD_DESTINATION_PORT, r->port);
	put_flood(d, r);
	error = emit(d, fn, user);
	return error < 0 ? error : 1;
}

int record_decode(struct record_decoder *d, const void *record, size_t n, event_fn *fn, void *user)
{
	const struct record_head *h = record;

	if (n < sizeof(*h) || (uintptr_t)record % alignof(struct record_head) || h->size > n)
		return -EBADMSG;
	switch (h->kind) {
	case RECORD_EXEC:
	case RECORD_SEEN: return decode_image(d, h, h->size, fn, user);
	case RECORD_CONNECT:
	case RECORD_REFUSED:
	case RECORD_LISTEN:
	case RECORD_DATAGRAM: return decode_connection(d, h, h->size, fn, user);
	case RECORD_MODULE_LOAD: return decode_module(d, h, h->size, fn, user);
	case RECORD_FLOOD: return decode_flood(d, h, h->size, fn, user);
	default: return -EBADMSG;
	}
}
