/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sanitizer: what AddressSanitizer must be told; nothing in other builds. */
#ifndef HF_BASE_SANITIZER_H
#define HF_BASE_SANITIZER_H

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define HF_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define HF_TSAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(HF_ASAN)
#define HF_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__) && !defined(HF_TSAN)
#define HF_TSAN 1
#endif

#ifdef HF_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
/* Bounds inside an arena. */
#define SANITIZER_REDZONE ((size_t)16)
#define sanitizer_poison(p, n) __asan_poison_memory_region(p, n)
#define sanitizer_unpoison(p, n) __asan_unpoison_memory_region(p, n)
/* The check at exit needs ptrace(2); having been done once, it is not tried again. */
#define sanitizer_leak_check() __lsan_do_leak_check()
#else
#define HF_ASAN 0
#define SANITIZER_REDZONE ((size_t)0)
#define sanitizer_poison(p, n) ((void)(p), (void)(n))
#define sanitizer_unpoison(p, n) ((void)(p), (void)(n))
#define sanitizer_leak_check() ((void)0)
#endif
#ifndef HF_TSAN
#define HF_TSAN 0
#endif
#define HF_SANITIZED (HF_ASAN || HF_TSAN)

#endif
