/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * archive_lib: libarchive, loaded when it is needed. What it brings along (libxml2, ICU, …) takes
 * longer to load than most verbs take for their work, and only the import of feeds uses it.
 */
#ifndef HF_VULN_ARCHIVE_LIB_H
#define HF_VULN_ARCHIVE_LIB_H

#include <archive.h>
#include <archive_entry.h>

#include "base/diag.h"

#define ARCHIVE_LIB "libarchive.so.13"

#define ARCHIVE_FUNCTIONS(X)                        \
	X(archive_read_new)                         \
	X(archive_read_free)                        \
	X(archive_error_string)                     \
	X(archive_errno)                            \
	X(archive_filter_bytes)                     \
	X(archive_format)                           \
	X(archive_read_support_filter_gzip)         \
	X(archive_read_support_filter_xz)           \
	X(archive_read_support_filter_zstd)         \
	X(archive_read_support_filter_bzip2)        \
	X(archive_read_support_format_zip_seekable) \
	X(archive_read_support_format_tar)          \
	X(archive_read_support_format_raw)          \
	X(archive_read_open_fd)                     \
	X(archive_read_next_header)                 \
	X(archive_read_data_block)                  \
	X(archive_entry_pathname)                   \
	X(archive_entry_filetype)                   \
	X(archive_entry_is_encrypted)

#define ARCHIVE_FIELD_(name) typeof(name) *name;
struct archive_lib {
	ARCHIVE_FUNCTIONS(ARCHIVE_FIELD_)
};

/*
 * Stays loaded. To be called before a sandbox is entered that hides the library. NULL: it is not
 * there, *d says so.
 */
const struct archive_lib *archive_lib(struct diag *d);

#endif
