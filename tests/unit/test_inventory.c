/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Readers of what is beside the package manager: names, package URLs, archives, programs. */
#include <elf.h>
#include <stdio.h>

#include "facts/inventory/jar.h"
#include "facts/inventory/manifest.h"
#include "facts/inventory/program.h"
#include "facts/linux/inventory_names.h"
#include "facts/linux/proc_code.h"
#include "tap.h"

/* What a reader says, as "name version" separated by '|'. */
static int note(void *user, const struct component *x)
{
	struct buf *b = user;

	return buf_fmt(b, "%s%.*s %.*s", b->len ? "|" : "", STR_FMT(x->name), STR_FMT(x->version));
}

static void test_purl(void)
{
	static const struct {
		const char *ecosystem, *kind, *name, *version, *purl;
	} cases[] = {
		{"PyPI",       "library",     "flask-login",         "0.6.2",              "pkg:pypi/flask-login@0.6.2"  },
		{ "npm",       "library",     "@babel/core",         "7.0.0",              "pkg:npm/%40babel/core@7.0.0" },
		{ "Maven",     "library",     "org.a.b:c",           "1.0",                "pkg:maven/org.a.b/c@1.0"     },
		{ "Maven",     "library",     "c",                   "1.0",                "pkg:maven/c@1.0"             },
		{ "Go",        "library",     "github.com/Azure/go", "1.2.3+incompatible",
                 "pkg:golang/github.com/azure/go@1.2.3%2Bincompatible"                                                   },
		{ "Packagist", "library",     "A/b",                 "1.0",                "pkg:composer/a/b@1.0"        },
		{ "NuGet",     "library",     "Newtonsoft.Json",     "12",                 "pkg:nuget/Newtonsoft.Json@12"},
		{ "crates.io", "library",     "serde",               "1.0.1",              "pkg:cargo/serde@1.0.1"       },
		{ "RubyGems",  "library",     "rails",               "",                   "pkg:gem/rails"               },
		{ "",          "application", "nginx",               "1.18.0",             "pkg:generic/nginx@1.18.0"    },
		{ "",          "application", "a?b#c",               "1 2",                "pkg:generic/a%3Fb%23c@1%202" },
	};
	own(arena_release) struct arena a = {};
	struct purl_package p = { STR("rpm"),         STR("redhat"), STR("bash"),
				  STR("1:5.1-2.el9"), STR("x86_64"), STR("rhel-9.2") };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct component x = { .ecosystem = str_of(cases[i].ecosystem),
				       .kind = str_of(cases[i].kind),
				       .name = str_of(cases[i].name),
				       .version = str_of(cases[i].version) };

		is_str(component_purl(&a, &x), str_of(cases[i].purl), cases[i].purl);
	}
	is_str(package_purl(&a, &p),
	       STR("pkg:rpm/redhat/bash@5.1-2.el9?arch=x86_64&distro=rhel-9.2&epoch=1"),
	       "rpm: the epoch is a qualifier");
	p = (struct purl_package){ STR("apk"),       STR("alpine"), STR("busybox"),
				   STR("1.36.1-r0"), STR("x86_64"), STR("alpine-3.18") };
	is_str(package_purl(&a, &p),
	       STR("pkg:apk/alpine/busybox@1.36.1-r0?arch=x86_64&distro=alpine-3.18"), "apk");
	ok(!component_text(STR("")) && !component_text(STR("a b")) &&
		   !component_text(STR("a\033")) && !component_text(STR("\xc3\xa9")) &&
		   component_text(STR("@a/b-1.0~rc+2")),
	   "what can be a name");
}

static void test_jar_names(void)
{
	static const struct {
		const char *file, *artifact, *version, *group;
	} cases[] = {
		{"log4j-core-2.14.1.jar",                  "log4j-core",              "2.14.1",      "org.apache.logging.log4j"},
		{ "a/b/jackson-dataformat-yaml-2.9.8.jar", "jackson-dataformat-yaml", "2.9.8",       ""                        },
		{ "h2-1.4.200.jar",                        "h2",                      "1.4.200",     "com.h2database"          },
		{ "h2o.jar",			       "h2o",                     "",            ""                        },
		{ "commons-io-2.4-sources.jar",            "commons-io",              "2.4-sources", ""                        },
		{ "log4j-1.2.17.jar",                      "log4j",                   "1.2.17",      "log4j"                   },
		{ "spring-boot-2.0.jar",                   "spring-boot",             "2.0",         "org.springframework.boot"},
		{ "-1.jar",				"-1",                      "",            ""                        },
		{ "bcprov-jdk15on-1.68.jar",               "bcprov-jdk15on",          "1.68",        "org.bouncycastle"        },
		{ "mysql-connector-java-5.1.40-bin.jar",   "mysql-connector-java",    "5.1.40-bin",
                 "mysql"												       },
		{ "mysql-connector-j-8.0.31.jar",          "mysql-connector-j",       "8.0.31",      "com.mysql"               },
		{ "antlr-2.7.7.jar",                       "antlr",                   "2.7.7",       ""                        },
	};
	static const char text[] = "Manifest-Version: 1.0\r\nImplementation-Ver\r\n sion: 5.3\r\n"
				   "Bundle-SymbolicName: org.acme;x:=y\r\n\r\nName: z\r\n"
				   "Main-Class: not.of.this.section\r\n";
	own(arena_release) struct arena a = {};
	struct manifest m;
	struct pom p;

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str artifact, version;

		jar_name(str_of(cases[i].file), &artifact, &version);
		is_str(artifact, str_of(cases[i].artifact), cases[i].file);
		is_str(version, str_of(cases[i].version), "  version");
		is_str(jar_group(artifact), str_of(cases[i].group), "  group");
	}
	pom_parse(STR("#x\ngroupId = g\r\nartifactId=a\nversion=1\nversion2=3"), &p);
	is_str(p.group, STR("g"), "groupId");
	is_str(p.version, STR("1"), "version");
	ok(manifest_parse(str_of(text), &a, &m) == 0, "a manifest");
	is_str(m.version, STR("5.3"), "a name that goes on in the next line");
	is_str(m.symbolic_name, STR("org.acme"), "without directives");
	is_str(m.main_class, STR(""), "the sections of entries are not looked at");
	ok(jar_is(STR("x.JAR")) && jar_is(STR("x.war")) && !jar_is(STR(".jar")) &&
		   !jar_is(STR("x.jar.bak")),
	   "archives by name");
}

static void test_names(void)
{
	static const struct {
		const char *dir, *name;
		enum inventory_zone zone;
		enum inventory_kind kind;
	} files[] = {
		{"srv/node_modules/a",         "package.json",     INVENTORY_MODULE, INVENTORY_NPM     },
		{ "srv/a",                     "package.json",     INVENTORY_PLAIN,  INVENTORY_NONE    },
		{ "w/vendor/composer",         "installed.json",   INVENTORY_PLAIN,  INVENTORY_COMPOSER},
		{ "w/vendor/mycomposer",       "installed.json",   INVENTORY_PLAIN,  INVENTORY_NONE    },
		{ "gems/3.1.0/specifications", "a-1.gemspec",      INVENTORY_PLAIN,  INVENTORY_GEM     },
		{ "gems/a-1",                  "a.gemspec",        INVENTORY_PLAIN,  INVENTORY_NONE    },
		{ "x",			 "App.deps.json",    INVENTORY_PLAIN,  INVENTORY_NUGET   },
		{ "w/wp-includes",             "version.php",      INVENTORY_PLAIN,  INVENTORY_MARKER  },
		{ "w/mywp-includes",           "version.php",      INVENTORY_PLAIN,  INVENTORY_MARKER  },
		{ "w",			 "index.php",        INVENTORY_PLAIN,  INVENTORY_NONE    },
		{ "usr/sbin",                  "nginx",            INVENTORY_PLAIN,  INVENTORY_MARKED  },
		{ "usr/sbin",                  "php-fpm8.2",       INVENTORY_PLAIN,  INVENTORY_MARKED  },
		{ "usr/lib",                   "libcrypto.so.1.1", INVENTORY_PLAIN,  INVENTORY_MARKED  },
		{ "usr/sbin",                  "nginx.conf",       INVENTORY_PLAIN,  INVENTORY_NONE    },
		{ "usr/bin",                   "app",              INVENTORY_PLAIN,  INVENTORY_PROGRAM },
		{ "usr/bin",                   "tool-1.2.3",       INVENTORY_PLAIN,  INVENTORY_PROGRAM },
		{ "usr/bin",                   "tool.linux-amd64", INVENTORY_PLAIN,  INVENTORY_PROGRAM },
		{ "usr/share",                 "a.txt",            INVENTORY_PLAIN,  INVENTORY_NONE    },
		{ "m",			 "token.info.yml",   INVENTORY_PLAIN,  INVENTORY_DRUPAL  },
		{ "overlay2/a",                "x.jar",            INVENTORY_STACK,  INVENTORY_NONE    },
	};
	enum inventory_zone zone;
	bool enter;

	for (size_t i = 0; i < COUNT(files); i++)
		is_int(inventory_file(files[i].zone, str_of(files[i].dir), str_of(files[i].name)),
		       files[i].kind, files[i].name);
	is_int(inventory_folder(INVENTORY_PLAIN, STR("a"), STR("x-1.dist-info"), &zone, &enter),
	       INVENTORY_DIST_INFO, "dist-info");
	ok(!enter, "  is not entered");
	(void)inventory_folder(INVENTORY_PLAIN, STR("a"), STR(".git"), &zone, &enter);
	ok(!enter, ".git is not entered");
	(void)inventory_folder(INVENTORY_MODULES, STR("a/node_modules"), STR("@s"), &zone, &enter);
	is_int(zone, INVENTORY_SCOPE, "a scope");
	(void)inventory_folder(INVENTORY_PLAIN, STR("var/lib/docker"), STR("overlay2"), &zone,
			       &enter);
	is_int(zone, INVENTORY_STORE, "a store of layers");
	is_int(inventory_folder(INVENTORY_STACK, STR("var/lib/docker/overlay2/a"), STR("diff"),
				&zone, &enter),
	       INVENTORY_LAYER, "a layer");
	(void)inventory_folder(INVENTORY_STACK, STR("var/lib/docker/overlay2/a"), STR("merged"),
			       &zone, &enter);
	ok(!enter, "its mounted view is not entered");
}

static void test_layers(void)
{
	static const struct {
		const char *path, *layer, *inside;
	} cases[] = {
		{"/var/lib/docker/overlay2/aa/diff/usr/x",                      "aa", "/usr/x"},
		{ "/var/lib/docker/overlay2/aa/diff",                           "aa", "/"     },
		{ "/var/lib/docker/overlay2/aa/merged/x",                       NULL, NULL    },
		{ "/home/u/.local/share/containers/storage/overlay/b/diff/x",   "b",  "/x"    },
		{ "/x/io.containerd.snapshotter.v1.overlayfs/snapshots/7/fs/y", "7",  "/y"    },
		{ "/srv/mydocker/overlay2/aa/diff/x",                           NULL, NULL    },
		{ "/usr/bin/x",						 NULL, NULL    },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct str layer = {}, inside = {};
		bool in = inventory_layer(str_of(cases[i].path), &layer, &inside);

		is_int(in, cases[i].layer != NULL, cases[i].path);
		is_str(layer, str_of(cases[i].layer), "  layer");
		is_str(inside, str_of(cases[i].inside), "  inside");
	}
}

static void test_processes(void)
{
	own(arena_release) struct arena a = {};

	is_str(proc_absolute(&a, STR("/srv/app"), STR("../x/./y.js")), STR("/srv/x/y.js"),
	       "relative to the working folder");
	is_str(proc_absolute(&a, STR("/srv"), STR("/a//b/../../../c")), STR("/c"),
	       "never above the root");
	is_str(proc_absolute(&a, STR("/"), STR("")), STR("/"), "nothing");
	is_str(proc_library_folder(STR("/v/lib/python3/site-packages/lxml/etree.so")),
	       STR("/v/lib/python3/site-packages"), "a library");
	is_str(proc_library_folder(STR("/usr/lib/libc.so.6")), STR(""), "none of a language");
	is_int(proc_language(STR("/usr/bin/python3.11")), PROC_PYTHON, "python3.11");
	is_int(proc_language(STR("/usr/bin/nodename")), PROC_NATIVE, "nodename is not node");
	is_int(proc_language(STR("/opt/jdk/bin/java")), PROC_JAVA, "java");
	is_str(proc_overlay(&a, STR("1 2 0:1 / /proc rw - proc proc rw\n"
				    "2 1 0:2 / / rw shared:1 - overlay overlay "
				    "rw,lowerdir=/l/A\\040B:/l/C,upperdir=/u,workdir=/w\n")),
	       STR("/u:/l/A B:/l/C"), "layers of a container");
	is_str(proc_overlay(&a, STR("2 1 8:2 / / rw - ext4 /dev/sda rw\n")), STR(""),
	       "a machine has none");
}

/* A program of 64 bits with one writable segment that is all of the file, and no sections. */
static size_t make_program(char *p, struct str data, uint64_t address)
{
	Elf64_Ehdr h = { .e_phoff = sizeof h, .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1 };
	size_t n = sizeof h + sizeof(Elf64_Phdr) + 8 + data.len;
	Elf64_Phdr s = {
		.p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_vaddr = address, .p_filesz = n
	};

	memcpy(h.e_ident, ELFMAG, SELFMAG);
	h.e_ident[EI_CLASS] = ELFCLASS64;
	h.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(p, &h, sizeof h);
	memcpy(p + sizeof h, &s, sizeof s);
	memset(p + sizeof h + sizeof s, 0, 8);
	memcpy(p + sizeof h + sizeof s + 8, data.ptr, data.len);
	return n;
}

#define MODULES                                                                 \
	"0123456789abcdefpath\tshop\nmod\texample.com/shop\t(devel)\t\n"        \
	"dep\tgithub.com/a/b\tv1.2.3\th1:x\n=>\tgithub.com/c/d\tv1.4.0\th1:y\n" \
	"dep\tgithub.com/e/f\tv2.0.0\n=>\t./local\t\nbuild\t-x=y\n0123456789abcdef"

static void test_go_pointers(void)
{
	enum { BASE = 0x400000, AT = 128 };
	char data[1024] = "\xff Go buildinf:", file[2048];
	uint64_t header = BASE + AT + 32, text = header + 32;
	uint64_t words[] = { header, header + 16, text, 8, text + 8, sizeof MODULES - 1 };
	own(buf_release) struct buf said = BUF(4096);
	own(arena_release) struct arena a = {};
	struct stretch s;
	struct elf e;
	size_t n;

	data[14] = 8;
	memcpy(data + 16, words, sizeof words);
	memcpy(data + 64, "go1.12.5" MODULES, 8 + sizeof MODULES);
	n = make_program(file, (struct str){ data, 72 + sizeof MODULES }, BASE);
	s = stretch_of_memory((struct str){ file, n });
	ok(elf_open(&s, &e) == 0 && program_go(&e, &a, note, &said) == 0,
	   "Go before 1.18, without sections");
	is_str(buf_view(&said),
	       STR("stdlib 1.12.5|example.com/shop |github.com/c/d 1.4.0|github.com/e/f "),
	       "  modules, those that replace others, folders instead of modules");
	words[2] = BASE + 0x10000;
	memcpy(data + 16, words, sizeof words);
	n = make_program(file, (struct str){ data, 72 + sizeof MODULES }, BASE);
	s = stretch_of_memory((struct str){ file, n });
	ok(elf_open(&s, &e) == 0 && program_go(&e, &a, note, &said) == -EBADMSG,
	   "a pointer to nowhere");
	s = stretch_of_memory((struct str){ file, 40 });
	is_int(elf_open(&s, &e), -ENOEXEC, "what is too short");
}

static void test_marks(void)
{
	static const struct {
		const char *file, *text, *said;
	} cases[] = {
		{"nginx",             "\1nginx version: nginx/1.18.0\n",                 "nginx 1.18.0"      },
		{ "nginx-debug",      "nginx version: openresty/1.21.4.1\n",             "openresty 1.21.4.1"},
		{ "httpd",            "Apache/2\1Apache/2.4.49 (Unix)\1",                "apache 2.4.49"     },
		{ "libcrypto.so.1.1", "OpenSSL \1OpenSSL 1.1.1k  25 Mar 2021\1",         "openssl 1.1.1k"    },
		{ "php-fpm",          "X-Powered-By: PHP/%s\1X-Powered-By: PHP/7.4.3\1", "php 7.4.3"         },
		{ "sshd",             "OpenSSH_9.2p1 Debian\1",                          "openssh 9.2p1"     },
		{ "nginx",            "nginx/1.18.0",                                    ""                  },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		own(buf_release) struct buf said = BUF(4096);
		struct stretch s = stretch_of_memory(str_of(cases[i].text));

		is_int(program_marked(&s, str_of(cases[i].file), note, &said),
		       cases[i].said[0] != 0, cases[i].file);
		is_str(buf_view(&said), str_of(cases[i].said), "  version");
	}
	ok(!program_is_marked(STR("nginxify")) && !program_is_marked(STR("phpunit")) &&
		   program_is_marked(STR("php8.2")),
	   "names of programs");
}

static void test_manifests(void)
{
	own(arena_release) struct arena a = {};
	own(buf_release) struct buf said = BUF(4096);
	struct diag d = {};

	is_str(pypi_name(&a, STR("Zope.__Interface-X")), STR("zope-interface-x"), "PEP 503");
	ok(manifest_cargo(
		   STR("{\"packages\":[{\"name\":\"a\",\"version\":\"1\",\"kind\":\"build\"},"
		       "{\"name\":\"b\",\"version\":\"2\"}]}"),
		   STR(""), &a, note, &said, &d) == 0,
	   "crates");
	is_str(buf_view(&said), STR("b 2"), "  without what only built it");
	is_int(manifest_composer(STR("{}"), STR(""), &a, note, &said, &d), -EBADMSG,
	       "Composer without packages");
	ok(d.reason[0], "  says why");
	is_int(manifest_npm(STR("{\"name\":1,\"version\":{}}"), STR(""), &a, note, &said, &d), 0,
	       "npm: members of another type");
	is_str(buf_view(&said), STR("b 2"), "  name nothing");
}

int main(void)
{
	test_purl();
	test_jar_names();
	test_names();
	test_layers();
	test_processes();
	test_go_pointers();
	test_marks();
	test_manifests();
	return done();
}
