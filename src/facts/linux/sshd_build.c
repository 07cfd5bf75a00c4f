/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/sshd_load.h"

#define PROGRAM_MAX ((size_t)8 << 20)
#define DATABASE_MAX ((size_t)48 << 20)

/* Alpine's variants first: its service starts them where they are installed. */
static const char *const programs[] = { "/usr/sbin/sshd.krb5", "/usr/sbin/sshd.pam",
					"/usr/sbin/sshd", "/usr/local/sbin/sshd" };
/* Since 9.8 a second program does most of the work. */
static const char *const sessions[] = { "/usr/lib/openssh/sshd-session",
					"/usr/libexec/openssh/sshd-session",
					"/usr/lib/ssh/sshd-session.pam",
					"/usr/lib/ssh/sshd-session", "/usr/libexec/sshd-session" };

static bool digit(char c) { return c >= '0' && c <= '9'; }

/* "9.2p1…" -> 902, 0 if it is no version. */
static unsigned parse_version(struct str s, struct str *ret_release)
{
	unsigned major = 0, minor = 0;
	size_t i = 0;

	for (; i < s.len && i < 2 && digit(s.ptr[i]); i++)
		major = major * 10 + (unsigned)(s.ptr[i] - '0');
	if (!i || i >= s.len || s.ptr[i++] != '.')
		return 0;
	for (size_t start = i; i < s.len && i < start + 2 && digit(s.ptr[i]); i++)
		minor = minor * 10 + (unsigned)(s.ptr[i] - '0');
	if (i + 1 >= s.len || (s.ptr[i] != 'p' && s.ptr[i] != '_') || major < 3)
		return 0;
	while (i < s.len && s.ptr[i] > ' ' && s.ptr[i] != '-' && s.ptr[i] < 0x7f)
		i++;
	*ret_release = str_sub(s, 0, i);
	return major * 100 + minor;
}

/* Alpine writes 9.6_p1. */
static struct str plain_release(struct str s, char room[static 64])
{
	size_t n = 0;

	for (size_t i = 0; i < s.len && n < 64; i++)
		if (s.ptr[i] != '_')
			room[n++] = s.ptr[i];
	return (struct str){ room, n };
}

static unsigned banner_version(struct str image, struct str *ret_release)
{
	static const char mark[] = "OpenSSH_";
	const char *p = image.ptr, *end = p + image.len;

	while ((p = memmem(p, (size_t)(end - p), mark, sizeof mark - 1))) {
		struct str s;
		unsigned version;

		p += sizeof mark - 1;
		s = (struct str){ p, MIN((size_t)(end - p), (size_t)64) };
		version = parse_version((struct str){ p, strnlen(p, s.len) }, ret_release);
		if (version)
			return version;
	}
	return 0;
}

static bool contains(struct str image, const char *text)
{
	return image.len && memmem(image.ptr, image.len, text, strlen(text));
}

static unsigned image_features(struct str image)
{
	static const struct {
		const char *text;
		unsigned feature;
	} marks[] = {
		{"libpam.so",            SSHD_PAM   },
                { "libkrb5.so",          SSHD_KRB5  },
		{ "libgssapi",           SSHD_GSSAPI},
                { "gssapikexalgorithms", SSHD_GSSKEX},
		{ "debianbanner",        SSHD_DEBIAN},
                { "gssapienablek5users", SSHD_REDHAT},
	};
	const struct sshd_build b = { .image = image };
	unsigned features = 0;

	if (sshd_image_has(&b, STR("sk-ssh-ed25519@openssh.com")))
		features |= SSHD_SK;
	if (sshd_image_has(&b, STR("webauthn-sk-ecdsa-sha2-nistp256@openssh.com")))
		features |= SSHD_WEBAUTHN;
	if (sshd_image_has(&b, STR("sntrup761x25519-sha512")))
		features |= SSHD_SNTRUP_ALIAS;
	for (size_t i = 0; i < COUNT(marks); i++)
		if (contains(image, marks[i].text))
			features |= marks[i].feature;
	return features;
}

/* Value of ID or ID_LIKE contains the word. */
static bool os_is(struct str os_release, const char *word)
{
	struct str line;

	while (str_line(&os_release, &line, NULL)) {
		struct str value = line, key = str_cut(&value, '='), w;

		if (!str_eq(key, STR("ID")) && !str_eq(key, STR("ID_LIKE")))
			continue;
		value = str_unquote(str_trim(value));
		while ((w = str_word(&value)).ptr)
			if (str_eq(w, str_of(word)))
				return true;
	}
	return false;
}

/* How the distributions build it: for trees without the program. */
static unsigned usual_features(const struct root *root, struct arena *a)
{
	struct str text;
	const unsigned keys = SSHD_SK | SSHD_WEBAUTHN;
	const unsigned full = keys | SSHD_PAM | SSHD_KRB5 | SSHD_GSSAPI | SSHD_GSSKEX;

	if (root_read(root, "/etc/os-release", 0, a, &text, NULL) < 0 &&
	    root_read(root, "/usr/lib/os-release", 0, a, &text, NULL) < 0)
		return keys | SSHD_PAM;
	if (os_is(text, "debian") || os_is(text, "ubuntu"))
		return full | SSHD_DEBIAN;
	if (os_is(text, "rhel") || os_is(text, "fedora") || os_is(text, "centos"))
		return full | SSHD_REDHAT;
	if (os_is(text, "alpine"))
		return keys | SSHD_ALPINE;
	return keys | SSHD_PAM | SSHD_KRB5 | SSHD_GSSAPI;
}

static int read_program(const struct root *root, struct arena *a, struct sshd_build *b)
{
	for (size_t i = 0; i < COUNT(programs); i++) {
		struct str image;
		int r = root_read(root, programs[i], PROGRAM_MAX, a, &image, NULL);

		if (r == -ENOMEM)
			return r;
		if (r == -ENOENT || r == -ENOTDIR)
			continue;
		b->installed = true;
		b->program = programs[i];
		if (r < 0)
			return 0; /* there, but we may not read it */
		b->version = banner_version(image, &b->release);
		if (!b->version)
			return 0; /* a script, or not OpenSSH's */
		b->image = image;
		b->source = "banner";
		b->features = image_features(image);
		return 0;
	}
	return 0;
}

static void read_session(const struct root *root, struct arena *a, struct sshd_build *b)
{
	for (size_t i = 0; i < COUNT(sessions); i++) {
		struct arena_mark mark = arena_mark(a);
		struct str image;

		if (root_read(root, sessions[i], PROGRAM_MAX, a, &image, NULL) == 0) {
			b->features |= image_features(image);
			arena_rewind(a, mark);
			return;
		}
	}
}

/* The paragraph of a package in dpkg's status or apk's installed; fields are "Key: " or "K:". */
static bool find_paragraph(struct str db, struct str head, struct str *ret)
{
	const char *p = db.ptr, *end = p + db.len;

	while (p && (p = memmem(p, (size_t)(end - p), head.ptr, head.len))) {
		const char *after = p + head.len, *stop;

		if ((p == db.ptr || p[-1] == '\n') && after < end && *after == '\n') {
			const char *start = p;

			while (start > db.ptr + 1 && !(start[-1] == '\n' && start[-2] == '\n'))
				start--;
			stop = memmem(p, (size_t)(end - p), "\n\n", 2);
			*ret = (struct str){ start, (size_t)((stop ? stop : end) - start) };
			return true;
		}
		p = after;
	}
	return false;
}

static struct str field(struct str paragraph, struct str key)
{
	struct str line;

	while (str_line(&paragraph, &line, NULL))
		if (str_starts(line, key))
			return str_trim(str_sub(line, key.len, line.len));
	return STR("");
}

void sshd_build_package(struct sshd_build *b, struct str version)
{
	ssize_t epoch = str_find(version, ':');

	if (epoch >= 0)
		version = str_sub(version, (size_t)epoch + 1, version.len);
	b->installed = true;
	if (b->version)
		return;
	b->version = parse_version(version, &b->release);
	b->source = b->version ? "package" : "";
}

static int read_packages(const struct root *root, struct arena *a, struct sshd_build *b)
{
	struct str db, p;
	int r = root_read(root, "/var/lib/dpkg/status", DATABASE_MAX, a, &db, NULL);

	if (r >= 0 && find_paragraph(db, STR("Package: openssh-server"), &p) &&
	    str_ends(field(p, STR("Status:")), STR(" installed")))
		sshd_build_package(b, field(p, STR("Version:")));
	if (r != -ENOENT && r != -ENOTDIR)
		return r == -ENOMEM ? r : 0;
	r = root_read(root, "/lib/apk/db/installed", DATABASE_MAX, a, &db, NULL);
	if (r == -ENOENT)
		r = root_read(root, "/usr/lib/apk/db/installed", DATABASE_MAX, a, &db, NULL);
	if (r >= 0 && find_paragraph(db, STR("P:openssh-server"), &p))
		sshd_build_package(b, field(p, STR("V:")));
	return r == -ENOMEM ? r : 0;
}

int sshd_build_read(const struct root *root, struct arena *a, struct sshd_build *ret)
{
	struct sshd_build b = { .source = "", .release = STR("") };
	struct arena_mark mark;
	struct str release;
	char room[64];
	int r = read_program(root, a, &b);

	if (r < 0)
		return r;
	if (b.version >= 908)
		read_session(root, a, &b);
	if (!b.image.len)
		b.features = usual_features(root, a);
	if (!b.version) {
		mark = arena_mark(a);
		r = read_packages(root, a, &b);
		if (r < 0)
			return r;
		/* The database may be large: keep the version alone. */
		release = plain_release(b.release, room);
		arena_rewind(a, mark);
		b.release = arena_str(a, release);
		if (!b.release.ptr)
			return -ENOMEM;
	}
	*ret = b;
	return 0;
}
