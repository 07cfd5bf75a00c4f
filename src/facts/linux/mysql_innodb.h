/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mysql_innodb: the accounts of MySQL 8, read from the pages of the tablespace mysql.ibd: rows of
 * mysql.user in row format DYNAMIC ("InnoDB Row Formats", storage/innobase/include/page0types.h,
 * rem0types.h, fsp0types.h). What a running server has not yet written is not seen.
 */
#ifndef HF_FACTS_LINUX_MYSQL_INNODB_H
#define HF_FACTS_LINUX_MYSQL_INNODB_H

#include "facts/linux/mysql_users.h"

#define MYSQL_INNODB_PAGES_MAX 65'536U

/* size bytes at offset, all of them, or -errno. */
typedef int mysql_innodb_read(void *user, uint64_t offset, char *to, size_t size);

/*
 * Rows of mysql.user in a tablespace of `bytes`. -ENODATA where no page has such rows (encrypted, or
 * altered), -EBADMSG where one is damaged or of a version that is not known, -E2BIG, -ENOMEM.
 */
[[nodiscard]] int mysql_innodb_parse(mysql_innodb_read *fn, void *user, uint64_t bytes,
				     struct arena *a, struct mysql_users *ret);

#endif
