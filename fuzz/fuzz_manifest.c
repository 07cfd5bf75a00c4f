/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What package managers of languages leave; the first byte chooses. */
#include "facts/inventory/jar.h"
#include "facts/inventory/manifest.h"
#include "fuzz.h"

static int count(void *user, const struct component *x)
{
	own(arena_release) struct arena a = {};
	struct str purl;
	unsigned *n = user;

	++*n;
	fuzz_assert(component_text(x->name) && x->ecosystem.len && x->kind.len);
	fuzz_assert(!x->version.len || component_text(x->version));
	(void)component_app(x);
	purl = component_purl(&a, x);
	fuzz_assert(purl.ptr && str_starts(purl, STR("pkg:")) &&
		    component_text(str_sub(purl, 0, 256)));
	return 0;
}

static void parse_jar(struct str text, struct arena *a)
{
	struct pom p;
	struct manifest m;

	pom_parse(text, &p);
	fuzz_assert(p.group.len + p.artifact.len + p.version.len <= text.len);
	if (manifest_parse(text, a, &m) == 0)
		fuzz_assert(m.version.len <= text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		char key;
		manifest_fn *fn;
	} readers[] = {
		{'p',  manifest_python          },
		{ 'n', manifest_npm             },
		{ 'g', manifest_gem             },
		{ 'c', manifest_composer        },
		{ 'd', manifest_nuget           },
		{ 'r', manifest_cargo           },
		{ 'w', manifest_wordpress_plugin},
		{ 't', manifest_wordpress_theme },
		{ 'm', manifest_drupal          },
		{ 'j', manifest_joomla          },
	};
	own(arena_release) struct arena a = {};
	struct str text = { (const char *)data + 1, size - 1 };

	if (size < 1)
		return 0;
	for (size_t i = 0; i < COUNT(readers); i++) {
		struct diag d = {};
		unsigned n = 0;
		int r;

		if (data[0] != (uint8_t)readers[i].key)
			continue;
		r = readers[i].fn(text, STR("token.info.yml"), &a, count, &n, &d);
		fuzz_assert(r == 0 || r == -EBADMSG || r == -E2BIG || r == -EFBIG || r == -ENOMEM);
		fuzz_assert(r != -EBADMSG || d.reason[0]);
	}
	if (data[0] == 'M')
		parse_jar(text, &a);
	return 0;
}
