/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "facts/linux/integrity.h"

static const char *const packages[] = {
	/* Debian, Ubuntu */
	"openssh-server",
	"openssh-client",
	"openssh-sftp-server",
	"sudo",
	"sudo-ldap",
	"login",
	"login.defs",
	"passwd",
	"libpam-modules",
	"libpam-runtime",
	"libpam0g",
	"libpam0t64",
	"systemd",
	"coreutils",
	"bash",
	"dash",
	"util-linux",
	"util-linux-extra",
	"mount",
	"libc6",
	"libc-bin",
	"cron",
	"procps",
	"net-tools",
	"iproute2",
	"findutils",
	"grep",
	"lsof",
	"dpkg",
	"apt",
	"e2fsprogs",
	"psmisc",
	/* Red Hat, SUSE */
	"openssh",
	"openssh-clients",
	"util-linux-core",
	"shadow-utils",
	"shadow",
	"pam",
	"pam-libs",
	"coreutils-single",
	"glibc",
	"glibc-common",
	"cronie",
	"procps-ng",
	"iproute",
	"rpm",
	"util-linux-user",
	/* Alpine */
	"busybox",
	"busybox-binsh",
	"musl",
	"openssh-server-common",
	"openssh-client-default",
	"openssh-client-common",
	"openssh-keygen",
	"apk-tools",
	"doas",
	"linux-pam",
	"shadow-login",
	"iproute2-minimal",
	"iproute2-ss",
};

/* What rootkits replace: shells, logins, and whatever would show them. */
static const char *const programs[] = {
	"agetty",   "apk",     "apt-get",   "bash",       "busybox",     "cat",     "chattr",
	"chpasswd", "cron",    "crond",     "crontab",    "dash",        "doas",    "dpkg",
	"find",     "fuser",   "grep",      "id",         "ifconfig",    "ip",      "kill",
	"killall",  "login",   "ls",        "lsattr",     "lsof",        "mount",   "netstat",
	"nologin",  "passwd",  "pgrep",     "pidof",      "pkill",       "ps",      "pstree",
	"rpm",      "scp",     "sftp",      "sh",         "sha256sum",   "md5sum",  "ss",
	"ssh",      "ssh-add", "ssh-agent", "ssh-keygen", "sshd",        "stat",    "su",
	"sudo",     "sulogin", "systemctl", "top",        "unix_chkpwd", "useradd", "vipw",
	"visudo",   "w",       "who",       "whoami",
};

static bool in_list(struct str s, const char *const list[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s, str_of(list[i])))
			return true;
	return false;
}

bool integrity_wants_package(struct str name) { return in_list(name, packages, COUNT(packages)); }

bool integrity_wants_file(struct str path)
{
	static const char *const patterns[] = {
		"*/security/pam_*.so",   "*/libpam.so.*",     "*/ld-linux*.so.*",
		"*/libc.so.6",           "*/ld-musl-*.so.1",  "*/systemd/systemd",
		"*/openssh/sftp-server", "*/ssh/sftp-server", "*/openssh/sshd-*",
		"*/ssh/sshd-*",          "*/sudo/sudoers.so",
	};
	struct str dir = str_sub(path, 0, path.len - str_basename(path).len);

	if (str_ends(dir, STR("bin/")))
		return in_list(str_basename(path), programs, COUNT(programs));
	for (size_t i = 0; i < COUNT(patterns); i++)
		if (str_glob(str_of(patterns[i]), path))
			return true;
	return false;
}

static void md_release(EVP_MD **md) { EVP_MD_free(*md); }
static void ctx_release(EVP_MD_CTX **ctx) { EVP_MD_CTX_free(*ctx); }

static int hash_fd(int fd, const char *algorithm, unsigned char ret[static EVP_MAX_MD_SIZE],
		   unsigned *ret_n)
{
	own(md_release) EVP_MD *md = EVP_MD_fetch(NULL, algorithm, NULL);
	own(ctx_release) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char chunk[32768];
	ssize_t n;

	if (!md || !ctx || !EVP_DigestInit_ex2(ctx, md, NULL))
		return -ENOTSUP;
	do {
		n = read(fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n > 0 && !EVP_DigestUpdate(ctx, chunk, (size_t)n))
			return -ENOTSUP;
	} while (n != 0);
	return EVP_DigestFinal_ex(ctx, ret, ret_n) ? 0 : -ENOTSUP;
}

int integrity_compare(struct integrity *in, struct str package, struct str path,
		      const char *algorithm, const unsigned char *digest, size_t n)
{
	own(close_fd) int fd = -1;
	const char *name = arena_cstr(in->c->arena, path);
	unsigned char got[EVP_MAX_MD_SIZE];
	unsigned got_n = 0;
	struct stat st;
	int r;

	if (!name)
		return -ENOMEM;
	if (in->over)
		return 0;
	r = root_open_file(in->c->root, name, &st, &fd);
	if (r == -ENOENT || r == -ENOTDIR)
		return in->add(in, package, path, INTEGRITY_MISSING);
	if (r < 0)
		return in->add(in, package, path, INTEGRITY_UNREADABLE);
	if ((uint64_t)st.st_size > in->budget) {
		in->over = true;
		collect_problem(in->c, EFBIG, name, "the files to compare are too large together");
		return 0;
	}
	in->budget -= (uint64_t)st.st_size;
	/* No configuration of OpenSSL: it is that of this machine, not of the root. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	r = hash_fd(fd, algorithm, got, &got_n);
	if (r == -ENOTSUP) {
		collect_problem(in->c, r, name, "cannot compute %s", algorithm);
		return 0;
	}
	if (r < 0)
		return in->add(in, package, path, INTEGRITY_UNREADABLE);
	if (got_n == n && !memcmp(got, digest, n))
		return 0;
	return in->add(in, package, path, INTEGRITY_CHANGED);
}

size_t integrity_hex(struct str text, unsigned char ret[static INTEGRITY_DIGEST_MAX])
{
	if (text.len % 2 || text.len / 2 > INTEGRITY_DIGEST_MAX)
		return 0;
	for (size_t i = 0; i < text.len; i += 2) {
		uint64_t byte;

		if (str_to_u64(str_sub(text, i, i + 2), 16, &byte) < 0)
			return 0;
		ret[i / 2] = (unsigned char)byte;
	}
	return text.len / 2;
}

size_t integrity_base64(struct str text, unsigned char ret[static INTEGRITY_DIGEST_MAX])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	uint32_t bits = 0;
	size_t n = 0, have = 0;

	for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
		const char *at = memchr(digits, text.ptr[i], sizeof digits - 1);

		if (!at)
			return 0;
		bits = bits << 6 | (uint32_t)(at - digits);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		if (n == INTEGRITY_DIGEST_MAX)
			return 0;
		ret[n++] = (unsigned char)(bits >> have);
	}
	return n;
}
