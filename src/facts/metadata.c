/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "base/file.h"
#include "facts/linux/dmi.h"
#include "facts/metadata.h"

#define DEFAULT_URL "http://169.254.169.254"
#define QUESTIONS_MAX 6

/* One request; its answer is one line "key: value" of the body, or with key NULL all of it. */
struct question {
	const char *key, *path;
};
static const struct provider {
	const char *name;
	const char *header; /* sent with every request, or "" */
	const char *token;  /* path that gives a session token by PUT (AWS IMDSv2), or NULL */
	struct question questions[QUESTIONS_MAX];
} providers[] = {
	{"azure",
         "Metadata: true\r\n",	       NULL,
         { { NULL, "/metadata/instance?api-version=2021-02-01" } }                                                },
	{ "aws",
         "",				 "/latest/api/token",
         { { NULL, "/latest/dynamic/instance-identity/document" } }                                               },
	{ "gcp",
         "Metadata-Flavor: Google\r\n",      NULL,
         { { "instance-id", "/computeMetadata/v1/instance/id" },
	    { "name", "/computeMetadata/v1/instance/name" },
	    { "zone", "/computeMetadata/v1/instance/zone" },
	    { "type", "/computeMetadata/v1/instance/machine-type" },
	    { "project", "/computeMetadata/v1/project/project-id" } }                                             },
	{ "digitalocean",
         "",				 NULL,
         { { "instance-id", "/metadata/v1/id" },
	    { "name", "/metadata/v1/hostname" },
	    { "region", "/metadata/v1/region" } }								 },
	{ "hetzner",
         "",				 NULL,
         { { "instance-id", "/hetzner/v1/metadata/instance-id" },
	    { "name", "/hetzner/v1/metadata/hostname" },
	    { "region", "/hetzner/v1/metadata/region" } }                                                         },
	{ "oracle",
         "Authorization: Bearer Oracle\r\n", NULL,
         { { "instance-id", "/opc/v2/instance/id" },
	    { "name", "/opc/v2/instance/displayName" },
	    { "region", "/opc/v2/instance/canonicalRegionName" },
	    { "type", "/opc/v2/instance/shape" },
	    { "project", "/opc/v2/instance/compartmentId" } }                                                     },
	{ "openstack",    "",                NULL,                { { NULL, "/openstack/latest/meta_data.json" } }},
};

struct client {
	const struct provider *provider;
	struct str host;
	struct sockaddr_storage address;
	unsigned address_len;
	int64_t deadline_ms;
	struct buf token;
	struct diag *reason;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int wait_for(const struct client *x, int fd, short events)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = events };
		int64_t left = x->deadline_ms - now_ms();
		int r = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (r > 0)
			return 0;
		if (r == 0)
			return -ETIME;
		if (errno != EINTR)
			return -errno;
	}
}

static int open_connection(const struct client *x, int *ret_fd)
{
	own(close_fd) int fd =
		socket(x->address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(int);
	int r = 0, error = 0;

	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)&x->address, x->address_len) < 0) {
		if (errno != EINPROGRESS)
			return -errno;
		r = wait_for(x, fd, POLLOUT);
		if (r >= 0 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
			r = -errno;
		if (r >= 0 && error)
			r = -error;
	}
	if (r >= 0)
		*ret_fd = take_fd(&fd);
	return r;
}

static int send_all(const struct client *x, int fd, struct str text)
{
	while (text.len) {
		ssize_t n = send(fd, text.ptr, text.len, MSG_NOSIGNAL);
		int r = 0;

		if (n >= 0)
			text = str_sub(text, (size_t)n, text.len);
		else if (errno == EAGAIN)
			r = wait_for(x, fd, POLLOUT);
		else if (errno != EINTR)
			r = -errno;
		if (r < 0)
			return r;
	}
	return 0;
}

static int receive(const struct client *x, int fd, struct buf *body, unsigned *ret_status)
{
	own(buf_release) struct buf raw = BUF(METADATA_HEAD_MAX + 2 * METADATA_MAX);

	for (;;) {
		char p[8192];
		ssize_t n;
		int r = wait_for(x, fd, POLLIN);

		if (r < 0)
			return r;
		n = recv(fd, p, sizeof p, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return -errno;
		buf_add(&raw, p, (size_t)n);
		if (raw.error)
			return raw.error;
		r = metadata_http(buf_view(&raw), n == 0, body, ret_status);
		if (r)
			return MIN(r, 0);
		if (n == 0)
			return -EBADMSG;
	}
}

static int request(const struct client *x, const char *method, const char *path,
		   const char *headers, struct buf *body)
{
	own(buf_release) struct buf text = BUF(8192);
	own(close_fd) int fd = -1;
	unsigned status = 0;
	int r;

	buf_fmt(&text, "%s %s HTTP/1.1\r\nHost: %.*s\r\nAccept: */*\r\nConnection: close\r\n%s%s",
		method, path, STR_FMT(x->host), x->provider->header, headers);
	if (x->token.len)
		buf_fmt(&text, "X-aws-ec2-metadata-token: %.*s\r\n", STR_FMT(buf_view(&x->token)));
	buf_puts(&text, "\r\n");
	r = text.error ? text.error : open_connection(x, &fd);
	if (r >= 0)
		r = send_all(x, fd, buf_view(&text));
	if (r >= 0)
		r = receive(x, fd, body, &status);
	if (r < 0)
		return diag_set(x->reason, r, NULL, 0, "%s", strerror(-r));
	if (status != 200)
		return diag_set(x->reason, -EBADMSG, NULL, 0, "status %u for %s", status, path);
	return 0;
}

/* A token goes into a header: nothing that could end it may be in it. */
static int get_token(struct client *x)
{
	own(buf_release) struct buf body = BUF(METADATA_MAX);
	struct str token;
	int r = request(x, "PUT", x->provider->token,
			"X-aws-ec2-metadata-token-ttl-seconds: 60\r\nContent-Length: 0\r\n", &body);

	if (r < 0)
		return r;
	token = str_trim(buf_view(&body));
	for (size_t i = 0; i < token.len; i++)
		if (token.ptr[i] <= ' ' || token.ptr[i] > '~')
			return diag_set(x->reason, -EBADMSG, NULL, 0, "a token that is none");
	return buf_str(&x->token, token);
}

static int ask(struct client *x, const struct question *q, struct buf *out)
{
	own(buf_release) struct buf body = BUF(METADATA_MAX);
	struct str text;
	int r = request(x, "GET", q->path, "", &body);

	if (r < 0)
		return r;
	text = buf_view(&body);
	if (!q->key)
		return buf_str(out, text);
	text = str_trim(str_cut(&text, '\n'));
	return buf_fmt(out, "%s: %.*s\n", q->key, STR_FMT(text));
}

static const struct provider *find_provider(const char *name)
{
	for (size_t i = 0; i < COUNT(providers); i++)
		if (!strcmp(providers[i].name, name))
			return &providers[i];
	return NULL;
}

int metadata_fetch(const char *provider, const char *base_url, int timeout_ms, struct buf *out,
		   struct diag *reason)
{
	struct client x = { .provider = find_provider(provider),
			    .deadline_ms = now_ms() + timeout_ms,
			    .token = BUF(2048),
			    .reason = reason };
	const char *url = base_url && *base_url ? base_url : DEFAULT_URL;
	int r;

	if (!x.provider)
		return diag_set(reason, -ENOENT, NULL, 0, "no metadata service");
	r = metadata_address(str_of(url), &x.address, &x.address_len);
	if (r < 0)
		return diag_set(reason, r, NULL, 0, "%s: not http:// and a numeric address", url);
	x.host = str_of(url + strlen("http://"));
	if (str_ends(x.host, STR("/")))
		x.host.len--;
	if (x.provider->token)
		r = get_token(&x);
	for (size_t i = 0; r >= 0 && i < QUESTIONS_MAX && x.provider->questions[i].path; i++)
		r = ask(&x, &x.provider->questions[i], out);
	buf_release(&x.token);
	return MIN(r, 0);
}

static _Noreturn void answer(const char *provider, const char *base_url, int fd)
{
	own(buf_release) struct buf out = BUF(METADATA_MAX + 256), body = BUF(METADATA_MAX);
	struct diag reason = {};
	int r;

	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, SIG_DFL);
	alarm(5);
	r = metadata_fetch(provider, base_url, METADATA_MS, &body, &reason);
	buf_puts(&out, provider);
	if (r < 0)
		buf_fmt(&out, " %s", reason.reason[0] ? reason.reason : strerror(-r));
	buf_putc(&out, '\n');
	if (r >= 0)
		buf_str(&out, buf_view(&body));
	(void)file_write_all(fd, buf_view(&out)); /* a reader that has gone needs no answer */
	_exit(0);
}

/* A grandchild, so that nobody has to wait for it. */
static int start_process(const char *provider, const char *base_url, int fds[2])
{
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		pid = fork();
		if (pid != 0)
			_exit(pid < 0);
		close(fds[0]);
		answer(provider, base_url, fds[1]);
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}

int metadata_start(const struct root *sys, const char *base_url, int *ret_fd)
{
	own(arena_release) struct arena a = {};
	const char *provider;
	struct dmi dmi;
	int fds[2];
	int r;

	if (!sys || sys->fd < 0)
		return -ENOENT;
	r = dmi_read(sys, &a, &dmi);
	if (r < 0)
		return r;
	provider = dmi_provider(&dmi);
	if (!find_provider(provider))
		return -ENOENT;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	r = start_process(provider, base_url, fds);
	close(fds[1]);
	if (r < 0)
		close(fds[0]);
	else
		*ret_fd = fds[0];
	return r;
}
