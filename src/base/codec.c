/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/codec.h"

struct codec_stream {
	union {
		z_stream gzip;
		bz_stream bzip2;
		lzma_stream xz;
		ZSTD_DStream *zstd;
		LZ4F_dctx *lz4;
	};
};

/* The libraries count in unsigned int. */
#define PART(n) ((unsigned)MIN(n, (size_t)1 << 30))

static void advance(struct codec_step *s, size_t in_left, size_t in_was, size_t out_left,
		    size_t out_was)
{
	s->in += in_was - in_left;
	s->in_len -= in_was - in_left;
	s->out += out_was - out_left;
	s->out_len -= out_was - out_left;
}

static struct codec_stream *gzip_open(void)
{
	struct codec_stream *s = calloc(1, sizeof *s);

	/* 16: a gzip header is needed. */
	if (s && inflateInit2(&s->gzip, 16 + MAX_WBITS) != Z_OK) {
		free(s);
		s = NULL;
	}
	return s;
}

static enum codec_result gzip_step(struct codec_stream *s, struct codec_step *step)
{
	unsigned in = PART(step->in_len), out = PART(step->out_len);
	int r;

	s->gzip.next_in = (Bytef *)step->in;
	s->gzip.avail_in = in;
	s->gzip.next_out = (Bytef *)step->out;
	s->gzip.avail_out = out;
	r = inflate(&s->gzip, Z_NO_FLUSH);
	advance(step, s->gzip.avail_in, in, s->gzip.avail_out, out);
	if (r == Z_STREAM_END)
		return inflateReset(&s->gzip) == Z_OK ? CODEC_END : CODEC_DAMAGED;
	if (r == Z_MEM_ERROR)
		return CODEC_MEMORY;
	return r == Z_OK || r == Z_BUF_ERROR ? CODEC_MORE : CODEC_DAMAGED;
}

static void gzip_close(struct codec_stream *s)
{
	inflateEnd(&s->gzip);
	free(s);
}

static struct codec_stream *bzip2_open(void)
{
	struct codec_stream *s = calloc(1, sizeof *s);

	if (s && BZ2_bzDecompressInit(&s->bzip2, 0, 0) != BZ_OK) {
		free(s);
		s = NULL;
	}
	return s;
}

static enum codec_result bzip2_step(struct codec_stream *s, struct codec_step *step)
{
	unsigned in = PART(step->in_len), out = PART(step->out_len);
	int r;

	s->bzip2.next_in = step->in;
	s->bzip2.avail_in = in;
	s->bzip2.next_out = step->out;
	s->bzip2.avail_out = out;
	r = BZ2_bzDecompress(&s->bzip2);
	advance(step, s->bzip2.avail_in, in, s->bzip2.avail_out, out);
	if (r == BZ_STREAM_END) {
		BZ2_bzDecompressEnd(&s->bzip2);
		memset(&s->bzip2, 0, sizeof s->bzip2);
		return BZ2_bzDecompressInit(&s->bzip2, 0, 0) == BZ_OK ? CODEC_END : CODEC_MEMORY;
	}
	if (r == BZ_MEM_ERROR)
		return CODEC_MEMORY;
	return r == BZ_OK ? CODEC_MORE : CODEC_DAMAGED;
}

static void bzip2_close(struct codec_stream *s)
{
	BZ2_bzDecompressEnd(&s->bzip2);
	free(s);
}

static struct codec_stream *xz_open(void)
{
	struct codec_stream *s = calloc(1, sizeof *s);

	if (s && lzma_stream_decoder(&s->xz, CODEC_MEMORY_MAX, LZMA_CONCATENATED) != LZMA_OK) {
		free(s);
		s = NULL;
	}
	return s;
}

static enum codec_result xz_step(struct codec_stream *s, struct codec_step *step)
{
	size_t in = step->in_len, out = step->out_len;
	lzma_ret r;

	s->xz.next_in = (const uint8_t *)step->in;
	s->xz.avail_in = in;
	s->xz.next_out = (uint8_t *)step->out;
	s->xz.avail_out = out;
	r = lzma_code(&s->xz, step->last ? LZMA_FINISH : LZMA_RUN);
	advance(step, s->xz.avail_in, in, s->xz.avail_out, out);
	if (r == LZMA_STREAM_END)
		return CODEC_END;
	if (r == LZMA_MEM_ERROR || r == LZMA_MEMLIMIT_ERROR)
		return CODEC_MEMORY;
	return r == LZMA_OK || r == LZMA_BUF_ERROR ? CODEC_MORE : CODEC_DAMAGED;
}

static void xz_close(struct codec_stream *s)
{
	lzma_end(&s->xz);
	free(s);
}

static struct codec_stream *zstd_open(void)
{
	struct codec_stream *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->zstd = ZSTD_createDStream();
	/* 2^26: what --ultra needs at most without --long. */
	if (!s->zstd || ZSTD_isError(ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, 26))) {
		ZSTD_freeDStream(s->zstd);
		free(s);
		s = NULL;
	}
	return s;
}

static enum codec_result zstd_step(struct codec_stream *s, struct codec_step *step)
{
	ZSTD_inBuffer in = { step->in, step->in_len, 0 };
	ZSTD_outBuffer out = { step->out, step->out_len, 0 };
	size_t r = ZSTD_decompressStream(s->zstd, &out, &in);

	advance(step, in.size - in.pos, in.size, out.size - out.pos, out.size);
	if (ZSTD_isError(r))
		return ZSTD_getErrorCode(r) == ZSTD_error_frameParameter_windowTooLarge
			       ? CODEC_MEMORY
			       : CODEC_DAMAGED;
	return r == 0 ? CODEC_END : CODEC_MORE;
}

static void zstd_close(struct codec_stream *s)
{
	ZSTD_freeDStream(s->zstd);
	free(s);
}

static struct codec_stream *lz4_open(void)
{
	struct codec_stream *s = calloc(1, sizeof *s);

	if (s && LZ4F_isError(LZ4F_createDecompressionContext(&s->lz4, LZ4F_VERSION))) {
		free(s);
		s = NULL;
	}
	return s;
}

static enum codec_result lz4_step(struct codec_stream *s, struct codec_step *step)
{
	size_t in = step->in_len, out = step->out_len;
	size_t r = LZ4F_decompress(s->lz4, step->out, &out, step->in, &in, NULL);

	if (LZ4F_isError(r))
		return CODEC_DAMAGED;
	advance(step, step->in_len - in, step->in_len, step->out_len - out, step->out_len);
	return r == 0 ? CODEC_END : CODEC_MORE;
}

static void lz4_close(struct codec_stream *s)
{
	LZ4F_freeDecompressionContext(s->lz4);
	free(s);
}

/* clang-format off */
static const struct codec codecs[] = {
	{ "gzip", STR("\x1f\x8b"), gzip_open, gzip_step, gzip_close },
	{ "xz", STR("\xfd" "7zXZ\0"), xz_open, xz_step, xz_close },
	{ "zstd", STR("\x28\xb5\x2f\xfd"), zstd_open, zstd_step, zstd_close },
	{ "bzip2", STR("BZh"), bzip2_open, bzip2_step, bzip2_close },
	{ "lz4", STR("\x04\x22\x4d\x18"), lz4_open, lz4_step, lz4_close },
};
/* clang-format on */

const struct codec *codec_of(struct str head)
{
	for (size_t i = 0; i < COUNT(codecs); i++)
		if (str_starts(head, codecs[i].magic))
			return &codecs[i];
	return NULL;
}
