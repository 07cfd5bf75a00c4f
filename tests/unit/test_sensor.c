/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of the sensors' programs: what they mean, and that none does harm. */
#include <linux/types.h>

#include "sensor/bpf/record.h"
#include "sensor/decode.h"
#include "sensor/sensor.h"
#include "tap.h"

static struct names *names;
static struct record_decoder decoder;
static char raw[DECODE_LINE + 1];
static char seen[2048]; /* "category field=value …" of the last event */
static size_t events;

static void append(struct str s)
{
	size_t used = strlen(seen);

	snprintf(seen + used, sizeof(seen) - used, "%.*s", STR_FMT(s));
}

static int on_event([[maybe_unused]] void *user, const struct event *e)
{
	events++;
	snprintf(raw, sizeof(raw), "%.*s", STR_FMT(e->raw));
	seen[0] = '\0';
	append(names_text(names, e->source.product));
	append(STR("/"));
	append(names_text(names, e->source.category));
	for (uint32_t i = 0; i < e->n; i++) {
		append(STR("|"));
		append(names_text(names, e->values[i].field));
		append(STR("="));
		append(event_text(e, &e->values[i]));
	}
	return 0;
}

static bool says(const char *text) { return strstr(seen, text); }

/* Record and what follows it. */
struct big {
	union {
		struct record_head head;
		struct record_image image;
		struct record_connection connection;
		struct record_module module;
		struct record_flood flood;
	};
	char data[8192];
};

static int give(struct big *b, size_t n)
{
	events = 0;
	b->head.size = (uint32_t)n;
	return record_decode(&decoder, b, n, on_event, NULL);
}

/* The data that follows a struct record_image. */
static char *after_image(struct big *b) { return (char *)b + sizeof(b->image); }

static size_t exec_record(struct big *b, uint64_t number, uint64_t parent)
{
	static const char data[] = "sh\0bin\0usr\0"
				   "b c\0home\0"
				   "sh\0-c\0echo a\0";

	*b = (struct big){
		.image = {.head = { .kind = RECORD_EXEC,
				     .time = 1'500'000'000,
				     .image = number,
				     .tgid = 42,
				     .uid = 1000 },
                          .parent = parent,
                          .ppid = 7,
                          .euid = 1000,
                          .loginuid = UINT32_MAX,
                          .path = 11,
                          .cwd = 9,
                          .args = 13,
                          .comm = "sh"}
	};
	memcpy(after_image(b), data, sizeof(data) - 1);
	return sizeof(b->image) + sizeof(data) - 1;
}

static void test_exec(void)
{
	struct big b;
	size_t n = exec_record(&b, 100, 0);

	is_int(give(&b, n), 1, "an exec is one event");
	ok(says("linux/process_creation|Image=/usr/bin/sh|CommandLine=sh -c echo a|"
		"CurrentDirectory=/home/b c|User=ben|UserId=1000"),
	   "path, arguments and folder are put together");
	ok(says("LogonId=1000|ProcessId=42|ParentProcessId=7|ProcessName=sh"), "numbers are there");
	ok(!says("Parent") || !says("ParentImage"), "an unknown parent is not named");
	is_str(str_sub(str_of(raw), 0, 102),
	       STR("process_creation Image=/usr/bin/sh CommandLine=\"sh -c echo a\" "
		   "CurrentDirectory=\"/home/b c\" User=ben Us"),
	       "and as a line");
	memcpy(after_image(&b) + 20, "s\\-c\0ech\"\na\0", 13);
	give(&b, n);
	ok(strstr(raw, "CommandLine=\"s\\\\-c ech\\\"\na\""), "where quotes are escaped");
	n = exec_record(&b, 100, 0);
	is_int(give(&b, n), 1, "an image that is told of again");
	n = exec_record(&b, 101, 100);
	is_int(give(&b, n), 1, "a child");
	ok(says("ParentImage=/usr/bin/sh|ParentCommandLine=sh -c echo a"), "its parent is named");
	b.image.head.kind = RECORD_SEEN;
	is_int(give(&b, n), 0, "a process that was there before is no event");
	b.image.head.kind = RECORD_EXEC;
	b.image.path = 0;
	b.image.cwd = 0;
	b.image.args = 0;
	is_int(give(&b, sizeof(b.image)), 1, "no texts at all");
	ok(says("Image=/|CurrentDirectory=/|"), "are the root");
}

static void test_flags(void)
{
	struct big b;
	size_t n = exec_record(&b, 200, 0);

	memcpy(after_image(&b), "memfd:x\0\0\0\0", 11);
	b.image.flags = RECORD_MEMFD | RECORD_DELETED;
	give(&b, n);
	ok(says("Image=memfd:x|") && says("ImageDeleted=true|ImageMemory=true"), "memfd");
	n = exec_record(&b, 200, 0);
	memcpy(after_image(&b), "a\0shm\0dev\0\0", 11);
	b.image.flags = RECORD_WRITABLE | RECORD_SETUID;
	give(&b, n);
	ok(says("Image=/dev/shm/a|") && says("ImageWorldWritable=true") && says("SetUserId=true") &&
		   says("ImageSharedMemory=true"),
	   "/dev/shm");
	n = exec_record(&b, 200, 0);
	b.image.flags = RECORD_PATH_CUT;
	give(&b, n);
	ok(says("Image=usr/bin/sh|") && says("Truncated=true"), "a path without its beginning");
	n = exec_record(&b, 200, 0);
	b.image.flags = RECORD_RAISED;
	b.image.old_uid = 1000;
	b.image.old_euid = 1001;
	b.image.euid = 0;
	b.image.caps = 0x1ff;
	is_int(give(&b, n), 2, "rights from nowhere are a second event");
	ok(says("linux/privilege_change|Image=/usr/bin/sh|") && says("EffectiveUser=root|") &&
		   says("OldUser=ben|OldEffectiveUser=1001|Capabilities=511"),
	   "which says what was before");
}

static void test_connection(void)
{
	struct big b = {
		.connection = {.head = { .kind = RECORD_CONNECT, .image = 100, .tgid = 9 },
                               .family = 4,
                               .protocol = 6,
                               .remote_port = 443,
                               .remote = { 192, 0, 2, 1 },
                               .comm = "0123456789abcdef"}
	};

	is_int(give(&b, sizeof(b.connection)), 1, "a connection");
	ok(says("linux/network_connection|Image=/usr/bin/sh|CommandLine=sh -c echo a|"
		"ProcessName=0123456789abcdef|ProcessId=9|User=root|"),
	   "of a known image");
	ok(says("Protocol=tcp|SourceIp=0.0.0.0|Initiated=true|DestinationIp=192.0.2.1|"
		"DestinationPort=443|DestinationIsIpv6=false"),
	   "to an address");
	b.connection.family = 6;
	memcpy(b.connection.remote, "\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\0\2\1", 16);
	b.connection.head.kind = RECORD_REFUSED;
	b.connection.error = 111;
	b.connection.head.image = 12345;
	give(&b, sizeof(b.connection));
	ok(says("network_refused|ProcessName=") && says("DestinationIp=192.0.2.1|") &&
		   says("Error=111"),
	   "an IPv4 address in IPv6 is IPv4; an unknown image is left out");
	b.connection.head.kind = RECORD_LISTEN;
	b.connection.local_port = 22;
	b.connection.local[15] = 1;
	give(&b, sizeof(b.connection));
	ok(says("network_listener|") && says("SourceIp=::1|SourcePort=22") && !says("Destination"),
	   "a listener");
	b.connection.head.kind = RECORD_DATAGRAM;
	b.connection.protocol = 17;
	give(&b, sizeof(b.connection));
	ok(says("network_connection|") && says("Protocol=udp"), "a datagram socket");
	b.connection.family = 5;
	is_int(give(&b, sizeof(b.connection)), -EBADMSG, "an unknown family");
}

static void test_others(void)
{
	struct big b = {
		.module = {.head = { .kind = RECORD_MODULE_LOAD, .image = 100 }, .taints = 4096}
	};
	uint64_t bits[] = { 0, 1, 0xffff, UINT64_MAX };
	const char *counts[] = { "Destinations=0|", "Destinations=1|", "Destinations=17|",
				 "Destinations=74|" };
	char *path;

	memset(b.module.name, 'm', RECORD_MODULE);
	is_int(give(&b, sizeof(b.module)), 1, "a module");
	ok(says("driver_load|Image=/usr/bin/sh|") && says("mmm|Taints=4096"), "with a full name");

	b = (struct big){
		.flood = {.head = { .kind = RECORD_FLOOD, .image = 100, .time = 2'000'000'000 },
                          .cgroup = 77,
                          .since = 1'950'000'000,
                          .sent = { 1, 500, 0, 3, 0 },
                          .family = 4,
                          .protocol = 6,
                          .path = 6}
	};
	path = (char *)&b + sizeof(b.flood);
	memcpy(path, "a.b\0s", 6);
	is_int(give(&b, sizeof(b.flood) + 6), 1, "a flood");
	ok(says("outbound_flood|Image=/usr/bin/sh|") && says("Cgroup=/s/a.b|CgroupId=77|"),
	   "with its cgroup");
	ok(says("FloodKind=syn|Packets=504|PacketsAnswered=0|Milliseconds=50|PacketRate=10080|"),
	   "counts and rate");
	for (size_t i = 0; i < COUNT(bits); i++) {
		b.flood.seen[i % 4] = bits[i];
		give(&b, sizeof(b.flood) + 6);
		append(STR("|"));
		ok(says(counts[i]), counts[i]);
		b.flood.seen[i % 4] = 0;
	}
	memset(&b.flood.sent, 0xff, sizeof(b.flood.sent) + sizeof(uint64_t) + sizeof(b.flood.seen));
	b.flood.since = UINT64_MAX;
	is_int(give(&b, sizeof(b.flood) + 6), 1, "numbers that cannot be");
	b.flood.path = 7;
	is_int(give(&b, sizeof(b.flood) + 6), -EBADMSG, "a path beyond the record");
}

/* Every length of every kind, with lengths inside that reach beyond it. */
static void test_short(void)
{
	size_t bad = 0, tried = 0;

	for (uint32_t kind = 0; kind <= RECORD_KINDS + 1; kind++) {
		for (size_t n = 0; n < 300; n++) {
			/* Of its own size: the sanitizer sees what is read beyond. */
			char *bytes = aligned_alloc(8, (n + 15) / 8 * 8);
			struct record_head *h = (void *)bytes;
			int r;

			if (!bytes)
				continue;
			memset(bytes, 0xff, (n + 15) / 8 * 8);
			if (n >= sizeof(*h)) {
				h->kind = kind;
				h->size = (uint32_t)n;
			}
			r = record_decode(&decoder, bytes, n, on_event, NULL);
			bad += r != -EBADMSG &&
			       (n < sizeof(*h) || kind == 0 || kind >= RECORD_KINDS);
			tried++;
			free(bytes);
		}
	}
	ok(tried > 3000 && bad == 0, "no length of no kind does harm");
}

static void test_limits(void)
{
	struct big b;
	size_t n = exec_record(&b, 300, 0);

	b.head.size = (uint32_t)n + 1;
	is_int(record_decode(&decoder, &b, n, on_event, NULL), -EBADMSG, "longer than it is");
	is_int(record_decode(&decoder, (char *)&b + 1, n - 1, on_event, NULL), -EBADMSG,
	       "at an odd address");
	b.image.args = UINT16_MAX;
	is_int(give(&b, n), -EBADMSG, "arguments beyond the record");
	n = exec_record(&b, 300, 0);
	b.image.path = RECORD_PATH;
	b.image.cwd = RECORD_PATH;
	b.image.args = RECORD_ARGS;
	memset(after_image(&b), 'x', sizeof(b.data));
	is_int(give(&b, sizeof(b.image) + 2 * RECORD_PATH + RECORD_ARGS), 1, "as long as can be");
	memset(after_image(&b), 0, sizeof(b.data));
	is_int(give(&b, sizeof(b.image) + 2 * RECORD_PATH + RECORD_ARGS), 1, "NULs alone");
}

static void test_images(void)
{
	struct images s = {};
	char text[IMAGE_COMMAND + 100];
	const struct image *i;
	size_t missing = 0;

	memset(text, 'c', sizeof(text));
	for (uint64_t n = 1; n <= IMAGES_MAX + 1000; n++) {
		if (images_put(&s, n, 0, STR("/bin/true"), (struct str){ text, n % 50 }) < 0)
			missing++;
		if (!images_find(&s, 1))
			missing++;
	}
	is_int((int64_t)missing, 0, "what is asked for is kept");
	is_int((int64_t)s.n, IMAGES_MAX, "no more than there is room for");
	ok(!images_find(&s, 2) && images_find(&s, IMAGES_MAX + 1000), "the oldest are forgotten");
	for (uint64_t n = 1; n <= 20'000; n++)
		missing += images_put(&s, n << 32, 0, STR("/x"),
				      (struct str){ text, sizeof(text) }) < 0;
	ok(!missing && s.bytes <= IMAGES_BYTES, "nor more bytes");
	i = images_find(&s, (uint64_t)20'000 << 32);
	ok(i && image_command(i).len == IMAGE_COMMAND, "long texts are cut");
	ok(images_put(&s, 5, 0, STR("a"), STR("")) == 0 &&
		   images_put(&s, 5, 0, STR("b"), STR("")) == 0,
	   "one that comes again");
	i = images_find(&s, 5);
	ok(i && str_eq(image_path(i), STR("b")), "is replaced");
	images_release(&s);
}

static void test_users(void)
{
	struct users u = {};
	char line[200];

	users_set(&u, STR("root:x:0:0::/root:/bin/sh\ntoor:x:0:0\n#a:x:1:1\nb:x:-1:1\n:x:3:3\n"
			  "c:x:4294967295:1\nd:x\ne:x:5\n"));
	is_str(users_name(&u, 0), STR("root"), "the first of an id");
	is_str(users_name(&u, 5), STR("e"), "a line that ends early");
	is_int((int64_t)u.n, 3, "lines that are none are left out");
	is_str(users_name(&u, 7), STR(""), "nobody");
	memset(line, 'n', sizeof(line));
	memcpy(line + 100, ":x:9:9:", 7);
	users_set(&u, (struct str){ line, sizeof(line) });
	is_str(users_name(&u, 9), STR(""), "a name that is too long");
	users_set(&u, (struct str){ "", 0 });
	is_int((int64_t)u.n, 0, "an empty file");
	users_release(&u);
}

static void test_sparse(void)
{
	struct names *few = NULL;
	struct record_decoder d = {};
	struct big b;
	size_t n = exec_record(&b, 1, 0);
	uint16_t id;

	if (!ok(names_new(&few) == 0 && names_add(few, STR("Image"), &id) == 0, "names"))
		return;
	record_decoder_names(&d, few);
	events = 0;
	b.head.size = (uint32_t)n;
	is_int(record_decode(&d, &b, n, on_event, NULL), 1,
	       "a decoder that is asked for one field");
	is_int(d.e.n, 1, "fills in one");
	is_int(d.e.time, 1'500'000, "time of the machine");
	record_decoder_release(&d);
	names_release(&few);
}

int main(void)
{
	if (!ok(names_new(&names) == 0 && sensors_fields(names) == 0, "names"))
		return done();
	record_decoder_names(&decoder, names);
	users_set(&decoder.users, STR("root:x:0:0::/root:/bin/sh\nben:x:1000:1000::/home/ben:\n"));
	test_exec();
	test_flags();
	test_connection();
	test_others();
	test_short();
	test_limits();
	test_images();
	test_users();
	test_sparse();
	record_decoder_release(&decoder);
	names_release(&names);
	return done();
}
