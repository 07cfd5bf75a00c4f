/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "base/subprocess.h"
#include "facts/linux/cloud_answer.h"
#include "facts/linux/dmi.h"
#include "facts/metadata.h"
#include "tap.h"

static void addresses(void)
{
	static const char *const bad[] = { "",
					   "169.254.169.254",
					   "https://169.254.169.254",
					   "http://metadata",
					   "http://127.0.0.1:0",
					   "http://127.0.0.1:65536",
					   "http://127.0.0.1:80/path",
					   "http://[::1",
					   "http://[::1]80",
					   "http://[127.0.0.1]" };
	struct sockaddr_storage a;
	unsigned size;
	bool refused = true;

	ok(metadata_address(STR("http://169.254.169.254"), &a, &size) == 0 &&
		   ((struct sockaddr_in *)(void *)&a)->sin_port == htons(80),
	   "IPv4 without a port");
	ok(metadata_address(STR("http://[fd00:ec2::254]:8080/"), &a, &size) == 0 &&
		   a.ss_family == AF_INET6 &&
		   ((struct sockaddr_in6 *)(void *)&a)->sin6_port == htons(8080),
	   "IPv6 with a port");
	for (size_t i = 0; i < COUNT(bad); i++)
		refused &= metadata_address(str_of(bad[i]), &a, &size) == -EINVAL;
	ok(refused, "names, paths and nonsense are refused");
}

static int parse(const char *text, bool end, struct buf *body)
{
	unsigned status;

	return metadata_http(str_of(text), end, body, &status);
}

static void http(void)
{
	own(buf_release) struct buf body = BUF(METADATA_MAX);

	is_int(parse("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", false, &body), 0, "waits");
	is_int(parse("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", true, &body), -EBADMSG,
	       "cut off");
	is_int(parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc", false, &body), 1, "length");
	is_str(buf_view(&body), STR("ab"), "and no more than that");
	is_int(parse("HTTP/1.0 200 OK\n\nabc", false, &body), 0, "until the end of the connection");
	is_int(parse("HTTP/1.0 200 OK\n\nabc", true, &body), 1, "which ends it");
	is_int(parse("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n"
		     "0\r\n\r\n",
		     false, &body),
	       1, "chunks");
	is_str(buf_view(&body), STR("abc"), "put together");
	is_int(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", false, &body),
	       -EBADMSG, "a chunk without a size");
	is_int(parse("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", false, &body), -EFBIG,
	       "too much is announced");
	is_int(parse("SSH-2.0-OpenSSH_9.2\r\n\r\n", false, &body), -EBADMSG, "no HTTP");
	is_int(parse("HTTP/1.1 200 OK\r\n", true, &body), -EBADMSG, "no end of the head");
}

static void answers(void)
{
	own(arena_release) struct arena a = {};
	struct cloud_answer r;

	ok(cloud_answer_parse(STR("azure"),
			      STR("{\"compute\":{\"vmId\":\"v\",\"name\":\"n\",\"location\":\"l\","
				  "\"subscriptionId\":\"s\",\"vmSize\":\"z\"}}"),
			      &a, &r) == 0,
	   "Azure");
	is_str(r.subscription, STR("s"), "the subscription");
	ok(cloud_answer_parse(STR("gcp"),
			      STR("instance-id: 7\nzone: projects/1/zones/europe-west1-b\n"
				  "type: projects/1/machineTypes/e2-micro\n"),
			      &a, &r) == 0,
	   "GCP");
	is_str(r.region, STR("europe-west1"), "the region of a zone");
	is_str(r.size, STR("e2-micro"), "the machine type");
	is_int(cloud_answer_parse(STR("aws"), STR("[1]"), &a, &r), -EBADMSG, "not an object");
	is_int(cloud_answer_parse(STR("azure"), STR("{\"compute\":{}"), &a, &r), -EBADMSG, "cut");
	is_int(cloud_answer_parse(STR("gcp"), STR("<html>"), &a, &r), -EBADMSG, "a login page");
	is_int(cloud_answer_parse(STR("none"), STR(""), &a, &r), -ENOENT, "no provider");
}

/* Starts the server; its URL into url. */
static bool serve(const char *mode, struct subprocess *p, char *url, size_t size)
{
	const char *const argv[] = { "python3", "tests/unit/metadata_server.py", mode, NULL };
	char port[16] = "";

	if (subprocess_start(argv, p) < 0)
		return false;
	if (read(p->out, port, sizeof port - 1) <= 0)
		return false;
	port[strcspn(port, "\n")] = '\0';
	snprintf(url, size, "http://127.0.0.1:%s", port);
	return true;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void fetch(const char *mode, const char *provider, int want, const char *body)
{
	own(subprocess_release) struct subprocess p = {};
	own(buf_release) struct buf out = BUF(METADATA_MAX);
	struct diag why = {};
	char url[64], name[128];
	int r;

	snprintf(name, sizeof name, "%s from a server that is %s", provider, mode);
	if (!serve(mode, &p, url, sizeof url)) {
		skip(name, "no python3");
		return;
	}
	r = metadata_fetch(provider, url, want == -ETIME ? METADATA_MS : 10000, &out, &why);
	is_int(r, want, name);
	if (body)
		is_str(buf_view(&out), str_of(body), name);
	else
		ok(why.reason[0], "and says why");
}

static void fetches(void)
{
	int64_t start;

	fetch("good", "azure", 0, "{\"compute\": {\"vmId\": \"vm-1\"}}");
	fetch("chunked", "azure", 0, "{\"compute\": {\"vmId\": \"vm-1\"}}");
	fetch("good", "aws", 0, "{\"instanceId\": \"i-1\"}");
	fetch("good", "gcp", 0,
	      "instance-id: id\nname: name\nzone: zone\ntype: machine-type\nproject: project-id\n");
	fetch("good", "hetzner", 0, "instance-id: instance-id\nname: hostname\nregion: region\n");
	fetch("good", "openstack", -EBADMSG, NULL);
	fetch("redirect", "azure", -EBADMSG, NULL);
	fetch("huge", "azure", -EFBIG, NULL);
	fetch("evil", "aws", -EBADMSG, NULL);
	start = now_ms();
	fetch("slow", "azure", -ETIME, NULL);
	ok(now_ms() - start < 4000, "the answer is not waited for");
}

static void put(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/class/dmi/id/%s", dir, name);
	f = fopen(path, "w");
	if (f) {
		fprintf(f, "%s\n", text);
		fclose(f);
	}
}

/* What the pipe of metadata_start() gives. */
static struct str read_pipe(int fd, char *p, size_t size)
{
	size_t n = 0;
	ssize_t got;

	while (n < size && (got = read(fd, p + n, size - n)) > 0)
		n += (size_t)got;
	return (struct str){ p, n };
}

static void start(const char *dir)
{
	own(subprocess_release) struct subprocess p = {};
	own(root_release) struct root sys = ROOT_NONE;
	own(close_fd) int fd = -1, refused = -1;
	char url[64], text[512];

	if (!ok(root_open(dir, true, &sys) == 0, "a made-up /sys"))
		return;
	is_int(metadata_start(&sys, NULL, &fd), -ENOENT, "no DMI, no question");
	put(dir, "sys_vendor", "Microsoft Corporation");
	is_int(metadata_start(&sys, NULL, &fd), -ENOENT, "Hyper-V alone is not Azure");
	put(dir, "chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77");
	if (!serve("good", &p, url, sizeof url)) {
		skip("a request in its own process", "no python3");
		return;
	}
	is_int(metadata_start(&sys, url, &fd), 0, "a request in its own process");
	is_str(read_pipe(fd, text, sizeof text), STR("azure\n{\"compute\": {\"vmId\": \"vm-1\"}}"),
	       "and its answer");
	is_int(metadata_start(&sys, "http://127.0.0.1:1", &refused), 0, "nobody listens");
	is_str(read_pipe(refused, text, sizeof text), STR("azure Connection refused\n"),
	       "which is said");
}

static void dmi(void)
{
	static const struct {
		struct dmi dmi;
		const char *virtualization, *provider;
	} machines[] = {
		{{ .sys_vendor = STR("Amazon EC2") },                                            "amazon", "aws"    },
		{ { .sys_vendor = STR("Google"), .product_name = STR("Google Compute Engine") },
                 "google",										 "gcp"    },
		{ { .sys_vendor = STR("QEMU") },						 "qemu",   ""       },
		{ { .sys_vendor = STR("Hetzner"), .product_name = STR("KVM") },                  "kvm",    "hetzner"},
		{ { .sys_vendor = STR("Dell Inc.") },                                            "",       ""       },
		{ { .sys_vendor = STR("Microsoft Corporation"),
		    .product_name = STR("Virtual Machine") },
                 "microsoft",									      ""       },
	};

	for (size_t i = 0; i < COUNT(machines); i++) {
		is_str(str_of(dmi_virtualization(&machines[i].dmi)),
		       str_of(machines[i].virtualization), "hypervisor");
		is_str(str_of(dmi_provider(&machines[i].dmi)), str_of(machines[i].provider),
		       "provider");
	}
}

int main(void)
{
	char dir[] = "/tmp/hf-metadata-XXXXXX", path[128];
	const char *const parts[] = { "class", "class/dmi", "class/dmi/id" };
	const char *const files[] = { "class/dmi/id/sys_vendor",
				      "class/dmi/id/chassis_asset_tag",
				      "class/dmi/id",
				      "class/dmi",
				      "class",
				      "" };

	addresses();
	http();
	answers();
	dmi();
	fetches();
	if (!mkdtemp(dir))
		return 99;
	for (size_t i = 0; i < COUNT(parts); i++) {
		snprintf(path, sizeof path, "%s/%s", dir, parts[i]);
		mkdir(path, 0700);
	}
	start(dir);
	for (size_t i = 0; i < COUNT(files); i++) {
		snprintf(path, sizeof path, "%s/%s", dir, files[i]);
		remove(path);
	}
	return done();
}
