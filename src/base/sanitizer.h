/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sanitizer: lets AddressSanitizer see the bounds inside an arena; nothing in other builds. */
#ifndef HF_BASE_SANITIZER_H
#define HF_BASE_SANITIZER_H

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define HF_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(HF_ASAN)
#define HF_ASAN 1
#endif

#ifdef HF_ASAN
#include <sanitizer/asan_interface.h>
#define SANITIZER_REDZONE ((size_t)16)
#define sanitizer_poison(p, n) __asan_poison_memory_region(p, n)
#define sanitizer_unpoison(p, n) __asan_unpoison_memory_region(p, n)
#else
#define HF_ASAN 0
#define SANITIZER_REDZONE ((size_t)0)
#define sanitizer_poison(p, n) ((void)(p), (void)(n))
#define sanitizer_unpoison(p, n) ((void)(p), (void)(n))
#endif

#endif
