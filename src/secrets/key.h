/* SPDX-License-Identifier: GPL-3.0-or-later */
/* key: private keys in texts. */
#ifndef HF_SECRETS_KEY_H
#define HF_SECRETS_KEY_H

#include "base/str.h"

enum key_state {
	KEY_NONE,      /* a head without a body behind it, in the middle of other things */
	KEY_OPEN,      /* whoever reads it can use it */
	KEY_ENCRYPTED, /* a pass phrase protects it */
};
#define KEY_LOOK ((size_t)16 << 10) /* bytes of a text that are enough */

/* text: from the line of the head on (see secret_key_head()); behind: offset of what follows it. */
enum key_state key_state(struct str text, size_t behind);

#endif
