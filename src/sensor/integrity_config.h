/* SPDX-License-Identifier: GPL-3.0-or-later */
/* integrity_config: which pattern a path falls under, and which folders lead to any. */
#ifndef HF_SENSOR_INTEGRITY_CONFIG_H
#define HF_SENSOR_INTEGRITY_CONFIG_H

#include "sensor/integrity.h"

/* Like glob(7) by components; "**" is any number of components, none as well. */
bool fim_path_match(struct str pattern, struct str path);
/* Whether a path below this folder may match ("" is the top). */
bool fim_path_may_match_below(struct str pattern, struct str folder);

/* The leading components without wildcards: "/home" of "/home/x*y/z". */
struct str fim_pattern_base(struct str pattern);

/* The patterns with links in their bases resolved, and those added while running. */
struct fim_patterns {
	struct fim_pattern *list;
	size_t n, cap;
	struct arena arena;
};
void fim_patterns_release(struct fim_patterns *p);
/* /lib -> /usr/lib and the like are found in root; -ENOMEM. */
[[nodiscard]] int fim_patterns_load(struct fim_patterns *p, const struct fim_config *c,
				    const struct root *root);
/* In front of all others; not twice. -ENOMEM, -E2BIG. */
[[nodiscard]] int fim_patterns_add(struct fim_patterns *p, enum fim_class class, struct str path);
/* NULL: not watched. */
const struct fim_pattern *fim_patterns_find(const struct fim_patterns *p, struct str path);
/* What is below the folder is of no interest at all. */
bool fim_patterns_ignored(const struct fim_patterns *p, struct str folder);
/* scratch: also below folders of FIM_SCRATCH, where nothing is kept. */
bool fim_patterns_may_match_below(const struct fim_patterns *p, struct str folder, bool scratch);

#endif
