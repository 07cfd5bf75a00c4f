/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/linux/repository.h"

static const char *const domains[] = {
	"debian.org",
	"ubuntu.com",
	"debian-archive.trafficmanager.net", /* Debian's images in Azure */
	"kali.org",
	"raspberrypi.com",
	"raspberrypi.org",
	"raspbian.org",
	"devuan.org",
	"linuxmint.com",
	"redhat.com", /* with rhui.REGION.aws.ce.redhat.com */
	"rhel.updates.googlecloud.com",
	"rhui.microsoft.com",
	"rhui-1.microsoft.com",
	"rhui-2.microsoft.com",
	"rhui-3.microsoft.com",
	"rhui4-1.microsoft.com",
	"centos.org",
	"fedoraproject.org",
	"fedora.org",
	"rockylinux.org",
	"almalinux.org",
	"yum.oracle.com",
	"linux.oracle.com",
	"oraclecloud.com",
	"amazonlinux.com",
	"al2023-repos-$awsregion-de612dc2.s3.dualstack.$awsregion.$awsdomain",
	"amazonlinux.$awsregion.$awsdomain",
	"cdn.amazonlinux.com",
	"opensuse.org",
	"suse.com",
	"suse.net",
	"alpinelinux.org",
};

static struct str authority(struct str uri)
{
	const char *slashes = uri.len ? memmem(uri.ptr, uri.len, "://", 3) : NULL;
	struct str rest;

	if (!slashes || str_starts(uri, STR("file:")) || str_starts(uri, STR("mirror+file:")))
		return STR("");
	rest = str_sub(uri, (size_t)(slashes - uri.ptr) + 3, uri.len);
	return rest;
}

struct str uri_host(struct str uri)
{
	struct str rest = authority(uri), host = str_cut(&rest, '/');
	ssize_t at = str_rfind(host, '@');

	host = str_sub(host, (size_t)(at + 1), host.len);
	return str_find(host, '[') == 0 ? host : str_cut(&host, ':');
}

struct str uri_path(struct str uri)
{
	struct str rest = authority(uri);
	ssize_t slash = str_find(rest, '/');

	rest = slash < 0 ? STR("") : str_sub(rest, (size_t)slash, rest.len);
	while (rest.len && rest.ptr[rest.len - 1] == '/')
		rest.len--;
	return rest;
}

struct str uri_public(struct arena *a, struct str uri)
{
	struct str rest = authority(uri), head = rest, host = str_cut(&rest, '/');
	ssize_t at = str_rfind(host, '@');

	if (at < 0)
		return uri.ptr ? uri : STR("");
	return arena_cat(a, str_sub(uri, 0, uri.len - head.len),
			 str_sub(head, (size_t)at + 1, head.len), STR(""));
}

bool uri_encrypted(struct str uri)
{
	struct str scheme = str_cut(&uri, ':');

	return str_ieq(scheme, STR("https")) || str_ends(scheme, STR("+https"));
}

bool host_of_distribution(struct str host)
{
	for (size_t i = 0; i < COUNT(domains); i++) {
		struct str domain = str_of(domains[i]);

		if (str_ieq(host, domain))
			return true;
		if (host.len > domain.len && host.ptr[host.len - domain.len - 1] == '.' &&
		    str_ieq(str_sub(host, host.len - domain.len, host.len), domain))
			return true;
	}
	return false;
}
