/* SPDX-License-Identifier: GPL-3.0-or-later */
/* integrity: files that intruders like to replace, compared with the digests of their package. */
#ifndef HF_FACTS_LINUX_INTEGRITY_H
#define HF_FACTS_LINUX_INTEGRITY_H

#include "facts/fact.h"

enum { INTEGRITY_DIGEST_MAX = 64 };

enum integrity_result {
	INTEGRITY_SAME,
	INTEGRITY_CHANGED,
	INTEGRITY_MISSING,
	INTEGRITY_UNREADABLE
};

struct integrity {
	struct collect *c;
	/* Bytes that may still be hashed: 20 MB take 35 ms. */
	uint64_t budget;
	bool over;
	int (*add)(struct integrity *in, struct str package, struct str path,
		   enum integrity_result result);
};

/* Packages of which something is compared, and the files: by path, with or without "/usr". */
bool integrity_wants_package(struct str name);
bool integrity_wants_file(struct str path);

/* Compares one file and calls in->add() unless it is the same. algorithm: "MD5", "SHA256" … */
[[nodiscard]] int integrity_compare(struct integrity *in, struct str package, struct str path,
				    const char *algorithm, const unsigned char *digest, size_t n);

/* The three databases; each does nothing where it is not there. */
[[nodiscard]] int integrity_dpkg(struct integrity *in);
[[nodiscard]] int integrity_rpm(struct integrity *in);
[[nodiscard]] int integrity_apk(struct integrity *in);

/* Bytes of hexadecimal or base64 text; the number of bytes, 0 if it is none. */
size_t integrity_hex(struct str text, unsigned char ret[static INTEGRITY_DIGEST_MAX]);
size_t integrity_base64(struct str text, unsigned char ret[static INTEGRITY_DIGEST_MAX]);

#endif
