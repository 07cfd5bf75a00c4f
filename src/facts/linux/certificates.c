/* SPDX-License-Identifier: GPL-3.0-or-later */
/* certificates: X.509 certificates of services. */
#include "facts/fact.h"
#include "facts/linux/x509.h"

#define FACT_ROW certificates_row
/* clang-format off */
#define COLUMNS(X) \
	X(TEXT, path, "file") \
	X(TEXT, subject, "subject") \
	X(TEXT, issuer, "issuer") \
	X(INT, not_before, "UNIX time") \
	X(INT, not_after, "UNIX time") \
	X(TEXT, key_algorithm, "rsa, ec, ed25519, dsa") \
	X(INT, bits, "key length") \
	X(TEXT, signature, "signature algorithm") \
	X(INT, self_signed, "1 or 0") \
	X(INT, ca, "1 for a CA certificate") \
	X(TEXT, used_by, "configuration that names it, ''")
/* clang-format on */

struct FACT_ROW {
	COLUMNS(FACT_FIELD_)
};
static const struct fact_column columns[] = { COLUMNS(FACT_DESC_) };
static const struct fact_table table = {
	.name = "certificates",
	.doc = "X.509 certificates of services.",
	.columns = columns,
	.n_columns = COUNT(columns),
};

enum { SEEN_MAX = 4096 };

struct run {
	struct collect *c;
	/* What was shown already: certificates and files. */
	unsigned char (*seen)[32];
	struct str *paths;
	size_t n_seen, cap_seen, n_paths, cap_paths;
};

static bool is_seen(const struct run *run, const struct certificate *cert)
{
	for (size_t i = 0; i < run->n_seen; i++)
		if (!memcmp(run->seen[i], cert->fingerprint, sizeof cert->fingerprint))
			return true;
	return false;
}

static int mark_seen(struct run *run, const struct certificate *cert)
{
	int r = run->n_seen < SEEN_MAX ? arena_grow(run->c->arena, &run->seen, run->n_seen,
						    &run->cap_seen, sizeof *run->seen)
				       : 0;

	if (r == 0 && run->n_seen < SEEN_MAX)
		memcpy(run->seen[run->n_seen++], cert->fingerprint, sizeof cert->fingerprint);
	return r;
}

static int add(struct run *run, const struct certificate *cert, const char *path,
	       struct str used_by)
{
	struct certificates_row row = { .path = str_of(path),
					.subject = cert->subject,
					.issuer = cert->issuer,
					.not_before = cert->not_before,
					.not_after = cert->not_after,
					.key_algorithm = cert->key_algorithm,
					.bits = cert->bits,
					.signature = cert->signature,
					.self_signed = cert->self_signed,
					.ca = cert->ca,
					.used_by = used_by };
	int r;

	/* Copies that nobody names, such as cert.pem beside fullchain.pem, say nothing new. */
	if (!used_by.len && is_seen(run, cert))
		return 0;
	r = mark_seen(run, cert);
	return r < 0 ? r : collect_row(run->c, &row);
}

static bool read_before(struct run *run, struct str path)
{
	for (size_t i = 0; i < run->n_paths; i++)
		if (str_eq(run->paths[i], path))
			return true;
	return false;
}

static int read_file(struct run *run, const char *path, struct str used_by)
{
	struct collect *c = run->c;
	struct certificate *certs = NULL;
	bool more = false, bad = false;
	struct str bytes;
	size_t n = 0;
	int r;

	if (read_before(run, str_of(path)))
		return 0;
	r = arena_push(c->arena, run->paths, run->n_paths, run->cap_paths, str_of(path));
	if (r < 0)
		return r;
	r = root_read(c->root, path, X509_FILE_MAX, c->arena, &bytes, NULL);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		if (r != -ENOENT && r != -ENOTDIR)
			collect_problem(c, r, path, "cannot read the certificate");
		return 0;
	}
	r = x509_read(c->arena, bytes, &certs, &n, &more, &bad);
	if (r < 0)
		return r;
	/* That many are a store of authorities, not what a service shows. */
	if (more && !used_by.len)
		return 0;
	if (bad)
		collect_problem(c, EBADMSG, path, "holds what is no valid certificate");
	else if (!n && used_by.len)
		collect_problem(c, EBADMSG, path, "%.*s names it, but no certificate is in it",
				STR_FMT(used_by));
	for (size_t i = 0; r == 0 && i < n; i++)
		r = add(run, &certs[i], path, used_by);
	return r;
}

/* Where services say which certificate they show. */
static const struct source {
	const char *glob, *keyword, *base; /* base: of relative paths, "" none */
} sources[] = {
	{"/etc/nginx/*.conf",                    "ssl_certificate",       "/etc/nginx/"         },
	{ "/etc/nginx/conf.d/*.conf",            "ssl_certificate",       "/etc/nginx/"         },
	{ "/etc/nginx/sites-enabled/*",          "ssl_certificate",       "/etc/nginx/"         },
	{ "/etc/nginx/snippets/*.conf",          "ssl_certificate",       "/etc/nginx/"         },
	{ "/etc/apache2/*.conf",                 "SSLCertificateFile",    "/etc/apache2/"       },
	{ "/etc/apache2/sites-enabled/*",        "SSLCertificateFile",    "/etc/apache2/"       },
	{ "/etc/apache2/conf-enabled/*.conf",    "SSLCertificateFile",    "/etc/apache2/"       },
	{ "/etc/apache2/mods-enabled/*.conf",    "SSLCertificateFile",    "/etc/apache2/"       },
	{ "/etc/apache2/conf.d/*.conf",          "SSLCertificateFile",    "/etc/apache2/"       },
	{ "/etc/httpd/conf/*.conf",              "SSLCertificateFile",    "/etc/httpd/"         },
	{ "/etc/httpd/conf.d/*.conf",            "SSLCertificateFile",    "/etc/httpd/"         },
	{ "/etc/postfix/main.cf",                "smtpd_tls_cert_file",   ""                    },
	{ "/etc/postfix/main.cf",                "smtpd_tls_chain_files", ""                    },
	{ "/etc/dovecot/dovecot.conf",           "ssl_cert",              ""                    },
	{ "/etc/dovecot/conf.d/*.conf",          "ssl_cert",              ""                    },
	{ "/etc/dovecot/conf.d/*.conf",          "ssl_server_cert_file",  ""                    },
	{ "/etc/postgresql/*/*/postgresql.conf", "ssl_cert_file",         ""                    },
	{ "/var/lib/pgsql/data/postgresql.conf", "ssl_cert_file",         "/var/lib/pgsql/data/"},
	{ "/etc/haproxy/haproxy.cfg",            "bind",                  ""                    },
	{ "/etc/lighttpd/lighttpd.conf",         "ssl.pemfile",           ""                    },
	{ "/etc/lighttpd/conf-enabled/*.conf",   "ssl.pemfile",           ""                    },
	{ "/etc/mysql/*.conf.d/*.cnf",           "ssl_cert",              ""                    },
	{ "/etc/mysql/*.conf.d/*.cnf",           "ssl-cert",              ""                    },
	{ "/etc/my.cnf.d/*.cnf",                 "ssl-cert",              ""                    },
	{ "/etc/vsftpd.conf",                    "rsa_cert_file",         ""                    },
	{ "/etc/vsftpd/vsftpd.conf",             "rsa_cert_file",         ""                    },
	{ "/etc/stunnel/*.conf",                 "cert",                  ""                    },
	{ "/etc/mosquitto/conf.d/*.conf",        "certfile",              ""                    },
	{ "/etc/mosquitto/mosquitto.conf",       "certfile",              ""                    },
	{ "/etc/redis/redis.conf",               "tls-cert-file",         ""                    },
};

/* haproxy: "bind :443 ssl crt /etc/x.pem"; the others: keyword, "=" or blanks, the path. */
static struct str named_path(struct str line, const struct source *s)
{
	struct str rest = str_trim(line), word;

	if (!str_istarts(rest, str_of(s->keyword)))
		return STR("");
	rest = str_sub(rest, strlen(s->keyword), rest.len);
	if (!rest.len || !strchr(" \t=", rest.ptr[0]))
		return STR("");
	if (!strcmp(s->keyword, "bind")) {
		while ((word = str_word(&rest)).len)
			if (str_eq(word, STR("crt")))
				return str_word(&rest);
		return STR("");
	}
	while (rest.len && strchr(" \t=<", rest.ptr[0]))
		rest = str_sub(rest, 1, rest.len);
	word = str_quoted_word(&rest);
	while (word.len && (word.ptr[word.len - 1] == ';' || word.ptr[word.len - 1] == ','))
		word.len--;
	return str_unquote(word);
}

static int scan_config(struct run *run, const struct source *s, const char *path, struct str text)
{
	struct str line;
	unsigned at = 0;
	int r = 0;

	while (r == 0 && str_line(&text, &line, &at)) {
		struct arena *a = run->c->arena;
		struct str named = named_path(line, s), used_by;

		/* A variable of nginx is known at run time only. */
		if (!named.len || str_find(named, '$') >= 0 || (named.ptr[0] != '/' && !s->base[0]))
			continue;
		used_by = arena_fmt(a, "%s:%u", path, at);
		named = arena_cat(a, named.ptr[0] == '/' ? STR("") : str_of(s->base), named,
				  STR(""));
		if (!used_by.ptr || !named.ptr)
			return -ENOMEM;
		r = read_file(run, named.ptr, used_by);
	}
	return r;
}

static int scan_configs(struct run *run)
{
	for (size_t i = 0; i < COUNT(sources); i++) {
		struct str *paths, text;
		size_t n = 0;
		int r = collect_glob(run->c, sources[i].glob, &paths, &n);

		for (size_t k = 0; r == 1 && k < n; k++) {
			struct stat st;
			int e = root_stat(run->c->root, paths[k].ptr, &st);

			if (e == 0 && S_ISDIR(st.st_mode))
				continue;
			e = collect_read(run->c, paths[k].ptr, &text, NULL);
			if (e == 1)
				e = scan_config(run, &sources[i], paths[k].ptr, text);
			if (e < 0)
				return e;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

/* Trust stores: links into them, their bundles, and names that are hashes (openssl rehash). */
static bool is_store(struct run *run, const char *path)
{
	static const char *const bundles[] = {
		"ca-certificates.crt", "ca-bundle.crt", "ca-bundle.trust.crt",
		"ca-cert-*",           "*.[0-9]",       "ca-legacy*"
	};
	struct str name = str_basename(str_of(path));
	struct stat st;

	for (size_t i = 0; i < COUNT(bundles); i++)
		if (str_glob(str_of(bundles[i]), name))
			return true;
	return str_starts(str_of(path), STR("/etc/ssl/certs/")) &&
	       root_lstat(run->c->root, path, &st) == 0 && S_ISLNK(st.st_mode);
}

static int scan_places(struct run *run)
{
	static const char *const globs[] = {
		"/etc/letsencrypt/live/*/cert.pem",
		"/etc/ssl/private/*",
		"/etc/ssl/certs/*",
		"/etc/ssl/*.pem",
		"/etc/ssl/*.crt",
		"/etc/pki/tls/certs/*",
	};

	for (size_t i = 0; i < COUNT(globs); i++) {
		struct str *paths;
		size_t n = 0;
		int r = collect_glob(run->c, globs[i], &paths, &n);

		for (size_t k = 0; r == 1 && k < n; k++) {
			struct stat st;
			int e = 0;

			if (is_store(run, paths[k].ptr) ||
			    root_stat(run->c->root, paths[k].ptr, &st) < 0 || S_ISDIR(st.st_mode))
				continue;
			e = read_file(run, paths[k].ptr, STR(""));
			if (e < 0)
				return e;
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int collect(struct collect *c)
{
	struct run run = { .c = c };
	int r = scan_configs(&run);

	return r == 0 ? scan_places(&run) : r;
}

const struct collector collector_certificates = {
	.table = &table,
	.collect = collect,
	.group = GROUP_CONFIG,
};
