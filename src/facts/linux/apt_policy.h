/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * apt_policy: which of the versions that there are APT would install: apt_preferences(5), the
 * default release, and updates that are handed out to more and more machines ("phased").
 */
#ifndef HF_FACTS_LINUX_APT_POLICY_H
#define HF_FACTS_LINUX_APT_POLICY_H

#include "facts/linux/apt_index.h"

enum apt_pin_kind { APT_PIN_VERSION, APT_PIN_RELEASE, APT_PIN_ORIGIN };

struct apt_pin {
	struct str package; /* a name, a glob, /regex/, "src:" in front, ":arch" behind; '' all */
	enum apt_pin_kind kind;
	struct str data;
	int priority; /* APT_NEVER: "never" */
	struct str file;
	unsigned line;
};
#define APT_NEVER (-32768)
#define APT_PINS_MAX 4096

typedef int apt_pin_fn(const struct apt_pin *pin, void *user);
/*
 * Pure. The records of a preferences file, one call a package that a record names. -EBADMSG and
 * *ret_line where APT gives up.
 */
[[nodiscard]] int apt_pins_parse(struct str text, apt_pin_fn *fn, void *user, unsigned *ret_line);

struct apt_policy {
	const struct apt_indexes *indexes;
	int *priority; /* of each index */
	struct apt_pin *pins;
	size_t n, cap;
	struct str machine; /* /etc/machine-id; '' there is none */
	int phased;         /* 1: takes all of them, -1: none, 0: by chance */
};
/* Reads the preferences of c->root. -ENOMEM; what cannot be read is a problem of c. */
[[nodiscard]] int apt_policy_load(struct collect *c, const struct apt_conf *conf,
				  const struct apt_indexes *indexes, struct apt_policy *ret);

/* One index has one version. */
struct apt_offer {
	struct str version, source, source_version;
	unsigned phased;
	size_t index;
};
struct apt_package {
	struct str name, arch, installed;
	const struct apt_offer *offers; /* newest first */
	size_t n;
};
/* The first of the offers of the version that APT would have; NULL: the one that is installed. */
const struct apt_offer *apt_candidate(const struct apt_policy *p, const struct apt_package *pkg);
/* Whether this machine waits for a phased update (pkgDepCache's PhasedUpgrader). */
bool apt_waits(const struct apt_policy *p, const struct apt_offer *o);

/* Pure: the draw that decides, of 0 to 100. */
unsigned apt_phase(struct str source, struct str source_version, struct str machine);

#endif
