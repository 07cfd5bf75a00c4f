/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secrets/file.h"

#define H FILE_HISTORY
#define P FILE_PRIVATE
#define N FILE_NAMED
#define B FILE_BINARY

/* The end of a path; what begins with '*' is the end of a name. */
static const struct {
	struct str end;
	enum secret_format format;
	const char *kind;
	unsigned flags;
} files[] = {
  /* clang-format off */
	{ STR(".bash_history"), FORMAT_HISTORY, NULL, H | P | N },
	{ STR(".zsh_history"), FORMAT_HISTORY, NULL, H | P | N },
	{ STR(".zhistory"), FORMAT_HISTORY, NULL, H | P | N },
	{ STR(".histfile"), FORMAT_HISTORY, NULL, H | P | N },
	{ STR(".sh_history"), FORMAT_HISTORY, NULL, H | P | N },
	{ STR(".ash_history"), FORMAT_HISTORY, NULL, H | P | N },
	{ STR(".ksh_history"), FORMAT_HISTORY, NULL, H | P | N },
	{ STR(".history"), FORMAT_HISTORY, NULL, H | P | N },
	{ STR("fish_history"), FORMAT_HISTORY, NULL, H | P | N },
	{ STR("ConsoleHost_history.txt"), FORMAT_HISTORY, NULL, H | P | N },
	{ STR(".mysql_history"), FORMAT_SQL_HISTORY, NULL, H | P | N },
	{ STR(".mariadb_history"), FORMAT_SQL_HISTORY, NULL, H | P | N },
	{ STR(".psql_history"), FORMAT_SQL_HISTORY, NULL, H | P | N },
	{ STR(".sqlite_history"), FORMAT_SQL_HISTORY, NULL, H | P | N },
	{ STR(".python_history"), FORMAT_SQL_HISTORY, NULL, H | P | N },
	{ STR(".node_repl_history"), FORMAT_SQL_HISTORY, NULL, H | P | N },
	{ STR(".irb_history"), FORMAT_SQL_HISTORY, NULL, H | P | N },
	{ STR(".php_history"), FORMAT_SQL_HISTORY, NULL, H | P | N },
	{ STR(".dbshell"), FORMAT_SQL_HISTORY, NULL, H | P | N },
	{ STR("mongosh_repl_history"), FORMAT_SQL_HISTORY, NULL, H | P | N },
	{ STR(".rediscli_history"), FORMAT_TEXT, NULL, H | P | N },
	{ STR(".lesshst"), FORMAT_SQL_HISTORY, NULL, H | P | N },
	{ STR(".viminfo"), FORMAT_SQL_HISTORY, NULL, P | N },
	{ STR(".netrc"), FORMAT_NETRC, NULL, P | N },
	{ STR("_netrc"), FORMAT_NETRC, NULL, P | N },
	{ STR(".authinfo"), FORMAT_NETRC, NULL, P | N },
	{ STR(".pgpass"), FORMAT_PGPASS, NULL, P | N },
	{ STR("pgpass.conf"), FORMAT_PGPASS, NULL, P | N },
	{ STR(".my.cnf"), FORMAT_SETTINGS, "stored-password", P | N },
	{ STR(".mylogin.cnf"), FORMAT_SETTINGS, "stored-password", P },
	{ STR("mysql/debian.cnf"), FORMAT_SETTINGS, "stored-password", P | N },
	{ STR(".git-credentials"), FORMAT_TEXT, NULL, P | N },
	{ STR("git/credentials"), FORMAT_TEXT, NULL, P | N },
	{ STR(".aws/credentials"), FORMAT_SETTINGS, "aws-key", P | N },
	{ STR(".aws/config"), FORMAT_SETTINGS, "aws-key", P | N },
	{ STR(".azure/accessTokens.json"), FORMAT_JSON, "azure-key", P | N },
	{ STR(".azure/service_principal_entries.json"), FORMAT_JSON, "azure-key", P | N },
	{ STR(".azure/msal_token_cache.json"), FORMAT_JSON, "azure-key", P | N },
	{ STR(".azure/TokenCache.dat"), FORMAT_JSON, "azure-key", P | N },
	{ STR("gcloud/credentials.db"), FORMAT_JSON, "google-key", P | N | B },
	{ STR("gcloud/access_tokens.db"), FORMAT_JSON, "google-key", P | N | B },
	{ STR("gcloud/application_default_credentials.json"), FORMAT_JSON, "google-key", P | N },
	{ STR(".boto"), FORMAT_SETTINGS, NULL, P | N },
	{ STR(".docker/config.json"), FORMAT_JSON, NULL, P | N },
	{ STR(".dockercfg"), FORMAT_JSON, NULL, P | N },
	{ STR("containers/auth.json"), FORMAT_JSON, NULL, P | N },
	{ STR(".kube/config"), FORMAT_SETTINGS, NULL, P | N },
	{ STR("kubeconfig"), FORMAT_SETTINGS, NULL, P | N },
	{ STR("*.kubeconfig"), FORMAT_SETTINGS, NULL, P | N },
	{ STR("kubernetes/admin.conf"), FORMAT_SETTINGS, NULL, P | N },
	{ STR("k3s/k3s.yaml"), FORMAT_SETTINGS, NULL, P | N },
	{ STR(".npmrc"), FORMAT_SETTINGS, "token", P | N },
	{ STR(".yarnrc.yml"), FORMAT_SETTINGS, "token", N },
	{ STR(".pypirc"), FORMAT_SETTINGS, "stored-password", P | N },
	{ STR(".s3cfg"), FORMAT_SETTINGS, "aws-key", P | N },
	{ STR("gh/hosts.yml"), FORMAT_SETTINGS, "github-token", P | N },
	{ STR("glab-cli/config.yml"), FORMAT_SETTINGS, "gitlab-token", P | N },
	{ STR("rclone.conf"), FORMAT_SETTINGS, "stored-password", P | N },
	{ STR(".cargo/credentials"), FORMAT_SETTINGS, "token", P | N },
	{ STR(".cargo/credentials.toml"), FORMAT_SETTINGS, "token", P | N },
	{ STR(".composer/auth.json"), FORMAT_JSON, "token", P | N },
	{ STR(".gem/credentials"), FORMAT_SETTINGS, "token", P | N },
	{ STR(".m2/settings.xml"), FORMAT_SETTINGS, "stored-password", P | N },
	{ STR(".gradle/gradle.properties"), FORMAT_SETTINGS, NULL, P | N },
	{ STR(".terraformrc"), FORMAT_SETTINGS, "terraform-token", P | N },
	{ STR(".terraform.d/credentials.tfrc.json"), FORMAT_JSON, "terraform-token", P | N },
	{ STR("*.tfstate"), FORMAT_JSON, NULL, N },
	{ STR("*.tfstate.backup"), FORMAT_JSON, NULL, N },
	{ STR("*.tfvars"), FORMAT_SETTINGS, NULL, N },
	{ STR("*.auto.tfvars.json"), FORMAT_JSON, NULL, N },
	{ STR(".vault-token"), FORMAT_TEXT, "vault-token", P | N },
	{ STR(".ssh/environment"), FORMAT_SETTINGS, NULL, P | N },
	{ STR(".env"), FORMAT_SETTINGS, NULL, N },
	{ STR("web.config"), FORMAT_SETTINGS, NULL, N },
	{ STR("Web.config"), FORMAT_SETTINGS, NULL, N },
	{ STR("appsettings.json"), FORMAT_JSON, NULL, N },
	{ STR("wp-config.php"), FORMAT_CODE, NULL, N },
	{ STR("configuration.php"), FORMAT_CODE, NULL, N },
	{ STR("settings.php"), FORMAT_CODE, NULL, N },
	{ STR("LocalSettings.php"), FORMAT_CODE, NULL, N },
	{ STR("database.yml"), FORMAT_SETTINGS, NULL, N },
	{ STR("secrets.yml"), FORMAT_SETTINGS, NULL, N },
	{ STR("application.properties"), FORMAT_SETTINGS, NULL, N },
	{ STR("application.yml"), FORMAT_SETTINGS, NULL, N },
	{ STR("docker-compose.yml"), FORMAT_SETTINGS, NULL, N },
	{ STR("docker-compose.yaml"), FORMAT_SETTINGS, NULL, N },
	{ STR("compose.yaml"), FORMAT_SETTINGS, NULL, N },
	{ STR("local.xml"), FORMAT_SETTINGS, NULL, N },
	{ STR(".git/config"), FORMAT_SETTINGS, NULL, N },
	{ STR("tomcat-users.xml"), FORMAT_SETTINGS, "stored-password", N },
	{ STR("etc/environment"), FORMAT_SETTINGS, NULL, N },
	{ STR("instance/user-data.txt"), FORMAT_CLOUD_INIT, NULL, N },
	{ STR("user-data"), FORMAT_CLOUD_INIT, NULL, N },
	{ STR("*.ppk"), FORMAT_TEXT, NULL, P | N },
	{ STR("*.pem"), FORMAT_TEXT, NULL, N },
	{ STR("*.key"), FORMAT_TEXT, NULL, N },
	{ STR("id_rsa"), FORMAT_TEXT, NULL, P | N },
	{ STR("id_dsa"), FORMAT_TEXT, NULL, P | N },
	{ STR("id_ecdsa"), FORMAT_TEXT, NULL, P | N },
	{ STR("id_ed25519"), FORMAT_TEXT, NULL, P | N },
	{ STR("identity"), FORMAT_TEXT, NULL, P | N },
  /* clang-format on */
};

/* By the end of the name alone. */
static const struct {
	const char *ends; /* separated by blanks */
	enum secret_format format;
	unsigned flags;
} suffixes[] = {
  /* clang-format off */
	{ ".example .sample .dist .template -example .tmpl .md5 .sha256 .sig .asc .gpg .pub", FORMAT_TEXT, FILE_SKIP },
	{ ".png .jpg .jpeg .gif .bmp .tif .tiff .ico .svg .webp .mp3 .mp4 .mkv .avi .mov .wav .flac .ogg .woff .woff2 .ttf "
	  ".otf .eot .pdf .zip .gz .xz .bz2 .zst .7z .rar .tgz .jar .war .deb .rpm .iso .img .qcow2 .vmdk .o .a .so .pyc "
	  ".pyo .class .exe .dll .bin .wasm .pack .idx .min.js .min.css .map .lock .sum", FORMAT_TEXT, FILE_SKIP },
	{ "package-lock.json yarn.lock pnpm-lock.yaml go.sum Cargo.lock", FORMAT_TEXT, FILE_SKIP },
	{ ".c .h .cc .cpp .hpp .cs .go .java .kt .scala .js .jsx .ts .tsx .mjs .cjs .py .rb .php .pl .pm .rs .swift .m .vb "
	  ".vim .tcl .tm .el .cmake .m4 .awk .md .rst .html .htm .adoc .css .scss .tex .lua .r .dart .ex .exs .erl .clj .hs .vue .sql", FORMAT_CODE, 0 },
	{ ".json .ipynb .har", FORMAT_JSON, 0 },
	{ ".env .conf .cfg .cnf .ini .properties .toml .yml .yaml .xml .config .tf .hcl .plist .service .timer .reg .rdp "
	  ".ovpn .nmconnection", FORMAT_SETTINGS, 0 },
  /* clang-format on */
};

static bool ends_so(struct str path, struct str end)
{
	if (end.ptr[0] == '*')
		return str_ends(path, str_sub(end, 1, end.len));
	return str_ends(path, end) &&
	       (path.len == end.len || path.ptr[path.len - end.len - 1] == '/');
}

static bool ends_in(struct str name, const char *ends)
{
	struct str rest = str_of(ends), end;

	while ((end = str_word(&rest)).ptr)
		if (str_ends(name, end))
			return true;
	return false;
}

/* ".env.production" is one, ".env.example" is not. */
static bool is_environment(struct str name) { return str_starts(name, STR(".env.")); }

struct secret_file secret_file_of(struct str path)
{
	struct str name = str_basename(path);
	struct secret_file f = {};

	for (size_t i = 0; i < COUNT(files); i++)
		if (ends_so(path, files[i].end))
			return (struct secret_file){ files[i].format, files[i].kind,
						     files[i].flags };
	for (size_t i = 0; i < COUNT(suffixes); i++)
		if (ends_in(name, suffixes[i].ends)) {
			f = (struct secret_file){ .format = suffixes[i].format,
						  .flags = suffixes[i].flags };
			break;
		}
	if (is_environment(name) && !(f.flags & FILE_SKIP))
		f = (struct secret_file){ .format = FORMAT_SETTINGS, .flags = FILE_NAMED };
	return f;
}

bool secret_folder_skipped(struct str path)
{
	static const struct str ends[] = {
		STR(".git/objects"),    STR("node_modules"),   STR(".cache"),
		STR("__pycache__"),     STR("site-packages"),  STR("dist-packages"),
		STR(".cargo/registry"), STR("go/pkg/mod"),     STR(".rustup"),
		STR(".npm/_cacache"),   STR(".gradle/caches"), STR(".m2/repository"),
		STR(".venv/lib"),       STR(".terraform"),     STR(".vscode-server"),
	};

	for (size_t i = 0; i < COUNT(ends); i++)
		if (ends_so(path, ends[i]))
			return true;
	return false;
}
