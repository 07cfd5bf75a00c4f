/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cloud_answer: what the metadata services of cloud providers answer. */
#ifndef HF_FACTS_LINUX_CLOUD_ANSWER_H
#define HF_FACTS_LINUX_CLOUD_ANSWER_H

#include "base/arena.h"

struct cloud_answer {
	struct str instance_id, name, region, subscription, size; /* '' where not said */
};
/* Pure. -EBADMSG: not what such a service answers; -ENOENT: no such provider; -ENOMEM. */
[[nodiscard]] int cloud_answer_parse(struct str provider, struct str body, struct arena *a,
				     struct cloud_answer *ret);

#endif
