/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vuln/version.h"

static const struct version_order orders[] = {
	{"debian",       version_deb     },
	{ "ubuntu",      version_deb     },
	{ "red hat",     version_rpm     },
	{ "rocky linux", version_rpm     },
	{ "almalinux",   version_rpm     },
	{ "suse",        version_rpm     },
	{ "opensuse",    version_rpm     },
	{ "mageia",      version_rpm     },
	{ "openeuler",   version_rpm     },
	{ "alpine",      version_apk     },
	{ "chainguard",  version_apk     },
	{ "wolfi",       version_apk     },
	{ "npm",         version_semver  },
	{ "go",          version_semver  },
	{ "crates.io",   version_semver  },
	{ "hex",         version_semver  },
	{ "swifturl",    version_semver  },
	{ "bitnami",     version_semver  },
	{ "pub",         version_pub     },
	{ "nuget",       version_nuget   },
	{ "pypi",        version_pypi    },
	{ "maven",       version_maven   },
	{ "rubygems",    version_gem     },
	{ "packagist",   version_composer},
	{ "wordpress",   version_composer},
	{ "windows",     version_dotted  },
	{ "cran",        version_dotted  },
	{ "hackage",     version_dotted  },
};

const struct version_order *version_order_find(struct str ecosystem)
{
	struct str name = str_cut(&ecosystem, ':');

	for (size_t i = 0; i < COUNT(orders); i++)
		if (str_ieq(name, str_of(orders[i].name)))
			return &orders[i];
	return NULL;
}

int version_digits(struct str a, struct str b)
{
	while (a.len && *a.ptr == '0')
		a = str_sub(a, 1, a.len);
	while (b.len && *b.ptr == '0')
		b = str_sub(b, 1, b.len);
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len ? memcmp(a.ptr, b.ptr, a.len) : 0;
}

struct str version_run(struct str *s, bool digits)
{
	size_t n = 0;
	struct str head;

	while (n < s->len && version_is_digit(s->ptr[n]) == digits)
		n++;
	head = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->len);
	return head;
}
