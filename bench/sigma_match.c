/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage: sigma_match SECONDS DIR...
 * Compiles every Sigma rule below the folders and matches generated events of a quiet Windows
 * machine and of a quiet Linux web server for that long each; one core. Before that, what the rules
 * cost at the start of a program: read, compiled, compiled and kept, taken from the cache.
 */
#include <ftw.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "base/file.h"
#include "detect/cache.h"

#define EVENTS 4096
#define FIELDS 32

static struct arena arena = { .limit = (size_t)1 << 30 };
static struct rule_text *texts;
static size_t n_texts, cap_texts;

static int add(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct rule_text t;

	(void)st, (void)ftw;
	if (type != FTW_F || !str_ends(str_of(path), STR(".yml")))
		return 0;
	t.file = arena_str(&arena, str_of(path));
	if (!t.file.ptr || file_read(path, (size_t)8 << 20, &arena, &t.text) < 0)
		return -1;
	return arena_push(&arena, texts, n_texts, cap_texts, t);
}

/* A form of event; # in a value is a number that differs each time. */
struct form {
	const char *product, *service, *category, *raw;
	unsigned share; /* of a hundred */
	const char *fields[FIELDS];
};

#define SYSMON                                                                                    \
	"Channel=Microsoft-Windows-Sysmon/Operational", "Provider_Name=Microsoft-Windows-Sysmon", \
		"Computer=WS#.corp.example", "UtcTime=2025-03-0# 10:1#:3#.#"
#define SECURITY                                                                 \
	"Channel=Security", "Provider_Name=Microsoft-Windows-Security-Auditing", \
		"Computer=WS#.corp.example"
#define PROCESS(image, line, parent, parent_line)                                              \
	SYSMON, "EventID=1", "Image=" image, "CommandLine=" line, "ParentImage=" parent,       \
		"ParentCommandLine=" parent_line, "User=CORP\\user#", "IntegrityLevel=Medium", \
		"CurrentDirectory=C:\\Windows\\system32\\", "OriginalFileName=prog#.exe",      \
		"Company=Microsoft Corporation",                                               \
		"Product=Microsoft\xc2\xae Windows\xc2\xae Operating System",                  \
		"Description=Host process", "FileVersion=10.0.19041.#", "LogonId=0x3e7",       \
		"ProcessGuid={8A5B1C2D-#-6#-0#-0000}", "ProcessId=#", "ParentProcessId=#",     \
		"Hashes=SHA1=8F#AB12CD34EF56,MD5=#0AFE12,SHA256=#99AABBCCDDEEFF00112233,IMPHASH=#F0E1D2C3"

static const struct form windows[] = {
	{"windows",
         "sysmon",     "process_creation",
         "", 6,
         { PROCESS("C:\\Windows\\System32\\svchost.exe",
		    "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule #",
		    "C:\\Windows\\System32\\services.exe",
		    "C:\\Windows\\system32\\services.exe") }                                     },
	{ "windows",
         "sysmon",     "process_creation",
         "", 4,
         { PROCESS("C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
		    "\"C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe\" "
		    "--type=renderer --field-trial-handle=#,i,#,262144 --lang=en-US "
		    "--device-scale-factor=1 --num-raster-threads=4 --renderer-client-id=# "
		    "--launch-time-ticks=# --mojo-platform-channel-handle=# /prefetch:1",
		    "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
		    "\"C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe\"") }    },
	{ "windows",
         "sysmon",     "process_creation",
         "", 3,
         { PROCESS("C:\\Windows\\System32\\cmd.exe",
		    "C:\\Windows\\system32\\cmd.exe /c dir C:\\Users\\user#\\Documents\\*.docx",
		    "C:\\Windows\\explorer.exe", "C:\\Windows\\Explorer.EXE") }                  },
	{ "windows",
         "sysmon",     "process_creation",
         "", 2,
         { PROCESS("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
		    "powershell.exe -NoLogo -File C:\\Tools\\inventory#.ps1 -Verbose",
		    "C:\\Windows\\System32\\svchost.exe",
		    "C:\\Windows\\system32\\svchost.exe -k netsvcs -p -s Schedule") }            },
	{ "windows",
         "sysmon",     "network_connection",
         "", 10,
         { SYSMON, "EventID=3", "Image=C:\\Program Files\\Mozilla Firefox\\firefox.exe",
	    "User=CORP\\user#", "Protocol=tcp", "Initiated=true", "SourceIp=10.1.#.#",
	    "SourcePort=#", "DestinationIp=203.0.113.#", "DestinationPort=443",
	    "DestinationHostname=host#.example.net" }                                            },
	{ "windows",
         "sysmon",     "image_load",
         "", 10,
         { SYSMON, "EventID=7", "Image=C:\\Windows\\System32\\svchost.exe",
	    "ImageLoaded=C:\\Windows\\System32\\module#.dll", "Signed=true",
	    "Signature=Microsoft Windows", "SignatureStatus=Valid", "User=NT AUTHORITY\\SYSTEM" }},
	{ "windows",
         "sysmon",     "file_event",
         "", 10,
         { SYSMON, "EventID=11", "Image=C:\\Windows\\System32\\svchost.exe",
	    "TargetFilename=C:\\Users\\user#\\AppData\\Local\\Temp\\file#.tmp",
	    "User=CORP\\user#" }								 },
	{ "windows",
         "sysmon",     "registry_set",
         "", 10,
         { SYSMON, "EventID=13", "EventType=SetValue", "Image=C:\\Windows\\System32\\svchost.exe",
	    "TargetObject=HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component #\\Value#",
	    "Details=DWORD (0x0000000#)", "User=NT AUTHORITY\\SYSTEM" }                          },
	{ "windows",
         "sysmon",     "dns_query",
         "", 5,
         { SYSMON, "EventID=22", "Image=C:\\Program Files\\Mozilla Firefox\\firefox.exe",
	    "QueryName=cdn#.example.net", "QueryStatus=0", "QueryResults=203.0.113.#;" }         },
	{ "windows",
         "security",   "",
         "", 15,
         { SECURITY, "EventID=4624", "TargetUserName=user#", "TargetDomainName=CORP",
	    "LogonType=3", "LogonProcessName=NtLmSsp", "AuthenticationPackageName=NTLM",
	    "WorkstationName=WS#", "IpAddress=10.1.#.#", "IpPort=#", "SubjectUserName=-",
	    "SubjectUserSid=S-1-0-0", "TargetUserSid=S-1-5-21-1-2-3-#", "ProcessName=-" }        },
	{ "windows",
         "security",   "",
         "", 10,
         { SECURITY, "EventID=5156", "Application=\\device\\harddiskvolume2\\windows\\svchost.exe",
	    "Direction=%%14593", "SourceAddress=10.1.#.#", "SourcePort=#",
	    "DestAddress=203.0.113.#", "DestPort=443", "Protocol=6", "LayerName=%%14611" }       },
	{ "windows",
         "security",   "process_creation",
         "", 5,
         { SECURITY, "EventID=4688", "NewProcessName=C:\\Windows\\System32\\conhost.exe",
	    "Image=C:\\Windows\\System32\\conhost.exe", "SubjectUserName=user#",
	    "CommandLine=\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1",
	    "ParentImage=C:\\Windows\\System32\\cmd.exe", "TokenElevationType=%%1938" }          },
	{ "windows",
         "system",     "",
         "", 5,
         { "Channel=System", "Provider_Name=Service Control Manager", "EventID=7036",
	    "Computer=WS#.corp.example", "param1=Windows Update #", "param2=running" }           },
	{ "windows",
         "powershell", "ps_script",
         "", 2,
         { "Channel=Microsoft-Windows-PowerShell/Operational", "EventID=4104",
	    "Provider_Name=Microsoft-Windows-PowerShell", "Path=C:\\Tools\\inventory#.ps1",
	    "ScriptBlockText=function Get-Inventory {\n\tparam([string]$Path = 'C:\\Tools')\n"
	    "\t$items = Get-ChildItem -Path $Path -Recurse | Where-Object { $_.Length -gt # }\n"
	    "\tforeach ($item in $items) {\n\t\t$hash = Get-FileHash -Algorithm SHA256 "
	    "$item.FullName\n\t\t[PSCustomObject]@{ Name = $item.Name; Size = $item.Length; "
	    "Hash = $hash.Hash; Changed = $item.LastWriteTime }\n\t}\n}\n"
	    "Get-Inventory | Export-Csv -Path report#.csv -NoTypeInformation\n" }                },
};

static const struct form web[] = {
	{"linux",
         "sshd",   "",
         "Mar  4 10:17:2# web1 sshd[#]: Failed password for invalid user test# from 203.0.113.# "
	  "port # ssh2",								   30,
         { "SourceUser=test#", "src_ip=203.0.113.#", "src_port=#", "outcome=failure" }          },
	{ "linux",
         "sshd",   "",
         "Mar  4 10:17:2# web1 sshd[#]: Accepted publickey for deploy from 10.0.0.# port # ssh2: "
	  "ED25519 SHA256:abcdefghijklmnopqrstuvwxyz#",				    5,
         { "SourceUser=deploy", "src_ip=10.0.0.#", "src_port=#", "outcome=success" }            },
	{ "linux",
         "sudo",   "",
         "Mar  4 10:17:2# web1 sudo:   deploy : TTY=pts/# ; PWD=/srv/app ; USER=root ; "
	  "COMMAND=/usr/bin/systemctl restart app#",				       5,
         { "User=deploy", "CommandLine=/usr/bin/systemctl restart app#" }                       },
	{ "linux",
         "cron",   "",
         "Mar  4 10:17:2# web1 CRON[#]: (root) CMD (run-parts --report /etc/cron.hourly)", 5,
         { "User=root" }									},
	{ "linux",
         "auditd", "process_creation",
         "type=SYSCALL msg=audit(17#.#:#): arch=c000003e syscall=59 success=yes exit=0",   15,
         { "type=SYSCALL", "Image=/usr/bin/python3.11", "User=www-data",
	    "ParentImage=/usr/sbin/cron",
	    "CommandLine=/usr/bin/python3 /srv/app/manage.py process --batch # --verbose",
	    "CurrentDirectory=/srv/app", "exe=/usr/bin/python3.11", "comm=python3", "key=exec" }},
	{ "nginx",
         "nginx",  "webserver",
         "203.0.113.# - - [04/Mar/2025:10:17:2# +0000] \"GET /products/#?page=#&sort=price "
	  "HTTP/1.1\" 200 # \"https://www.example.net/\" \"Mozilla/5.0 (X11; Linux x86_64) "
	  "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36\"",       40,
         { "c-ip=203.0.113.#", "cs-method=GET", "cs-uri-stem=/products/#",
	    "cs-uri-query=page=#&sort=price", "c-uri=/products/#?page=#&sort=price",
	    "sc-status=200", "sc-bytes=#", "cs-referer=https://www.example.net/",
	    "cs-user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
	    "Chrome/122.0.0.0 Safari/537.36" }						  },
};

static uint64_t seed = 1;

static unsigned dice(unsigned n)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(seed >> 33) % n;
}

static struct str fill(const char *text)
{
	char out[4096];
	size_t n = 0;

	for (; *text && n < sizeof out - 8; text++)
		n += *text == '#' ? (size_t)snprintf(out + n, sizeof out - n, "%u", dice(10000))
				  : (size_t)snprintf(out + n, sizeof out - n, "%c", *text);
	return arena_str(&arena, (struct str){ out, n });
}

static uint16_t name(struct names *names, const char *text)
{
	uint16_t id = 0;

	if (*text && names_add(names, str_of(text), &id) < 0)
		abort();
	return id;
}

static void make(struct names *names, const struct form *f, struct event *e)
{
	e->source = (struct log_source){ name(names, f->product), name(names, f->service),
					 name(names, f->category), 0 };
	e->raw = fill(f->raw);
	e->values = arena_array(&arena, FIELDS, sizeof *e->values);
	for (; e->n < FIELDS && f->fields[e->n]; e->n++) {
		struct str value = fill(f->fields[e->n]), field = str_cut(&value, '=');
		struct event_value *v = e->values + e->n;
		const char *at;

		v->text = value;
		/* A decoder's values are pieces of the line. */
		if (e->raw.len && (at = memmem(e->raw.ptr, e->raw.len, value.ptr, value.len)))
			v->text.ptr = at;
		if (names_add(names, field, &v->field) < 0)
			abort();
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss / 1024;
}

static void run(const struct rules *rules, const char *title, struct event *events, size_t n,
		double seconds)
{
	const struct rule *const *list;
	struct matcher *m = NULL;
	size_t matched = 0, done = 0, k, bytes = 0;
	double start, end;

	if (matcher_new(rules, &m) < 0)
		abort();
	for (size_t i = 0; i < n; i++)
		for (uint32_t j = 0; j < events[i].n; j++)
			bytes += events[i].values[j].text.len;
	start = now();
	do {
		for (size_t i = 0; i < n; i++, done++) {
			if (matcher_match(m, events + i, &list, &k) < 0)
				abort();
			matched += k;
		}
		end = now();
	} while (end - start < seconds);
	printf("%-28s %9.0f events/s a core, %4zu bytes an event, %.3f matches an event\n", title,
	       (double)done / (end - start), bytes / n, (double)matched / (double)done);
	matcher_release(&m);
}

static struct event *generate(struct names *names, const struct form *forms, size_t n)
{
	struct event *events = arena_array(&arena, EVENTS, sizeof *events);
	unsigned total = 0;

	for (size_t i = 0; i < n; i++)
		total += forms[i].share;
	for (size_t i = 0; events && i < EVENTS; i++) {
		const struct form *f = forms;

		for (unsigned at = dice(total); at >= f->share; f++)
			at -= f->share;
		make(names, f, events + i);
	}
	return events;
}

static void say_start(const char *title, size_t n, double seconds)
{
	printf("%-28s %zu rules in %.3f s of CPU time, peak memory %ld MB\n", title, n, seconds,
	       peak());
}

/* Once with an empty cache, twice with what that left: the better of the two counts. */
static int start_cached(void)
{
	static char folder[] = "/tmp/bench_sigma.XXXXXX";
	char command[64];
	double best[2] = { 1e9, 1e9 };
	size_t n = 0;

	if (!mkdtemp(folder) || setenv("HOLDFAST_CACHE", folder, 1) < 0)
		return -errno;
	for (unsigned i = 0; i < 3; i++) {
		own(rule_cache_release) struct rule_cache c = RULE_CACHE_NONE;
		own(rules_release) struct rules *rules = NULL;
		own(names_release) struct names *names = NULL;
		double start = now();

		rule_cache_open(&c, texts, n_texts, STR(""));
		if (rule_cache_hit(&c) != (i > 0) || names_new(&names) < 0 ||
		    rules_compile_cached(&c, texts, n_texts, names, STR(""), NULL, NULL, &rules) <
			    0)
			break;
		n = rules_count(rules);
		best[i > 0] = MIN(best[i > 0], now() - start);
	}
	snprintf(command, sizeof command, "rm -rf %s", folder);
	if (system(command) != 0 || best[1] > 1e8)
		return -EIO;
	say_start("compiled and kept", n, best[0]);
	say_start("taken from the cache", n, best[1]);
	return 0;
}

int main(int argc, char **argv)
{
	struct names *names = NULL;
	struct rules *rules = NULL;
	struct event *events[2];
	double start, seconds = argc > 2 ? atof(argv[1]) : 0;

	start = now();
	for (int i = 2; i < argc; i++)
		if (nftw(argv[i], add, 16, FTW_PHYS) != 0)
			return 3;
	if (argc < 3 || names_new(&names) < 0)
		return 2;
	say_start("files read", n_texts, now() - start);
	events[0] = generate(names, windows, COUNT(windows));
	events[1] = generate(names, web, COUNT(web));
	start = now();
	if (!events[0] || !events[1] ||
	    rules_compile(texts, n_texts, names, STR(""), NULL, NULL, &rules) < 0)
		return 3;
	say_start("compiled", rules_count(rules), now() - start);
	if (start_cached() < 0)
		return 3;
	run(rules, "Windows events", events[0], EVENTS, seconds);
	run(rules, "Linux and web server events", events[1], EVENTS, seconds);
	rules_release(&rules);
	names_release(&names);
	arena_release(&arena);
	return 0;
}
