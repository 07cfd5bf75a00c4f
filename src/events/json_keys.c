/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "events/json_keys.h"
#include "events/scan.h"

/* Members that are named otherwise in Sigma, and those that tell what the object is. */
static const struct known {
	const char *path, *sigma;
	enum json_mark mark;
} known[] = {
	/* times */
	{ "@timestamp", NULL, MARK_TIME },
	{ "timestamp", NULL, MARK_TIME },
	{ "time", NULL, MARK_TIME },
	{ "TimeGenerated", NULL, MARK_TIME },
	{ "TimeCreated", NULL, MARK_TIME },
	{ "EventTime", NULL, MARK_TIME },
	{ "eventTime", NULL, MARK_TIME },
	{ "createdDateTime", NULL, MARK_TIME },
	{ "time_iso8601", NULL, MARK_TIME },
	{ "time_local", NULL, MARK_TIME },
	{ "StartUTC", NULL, MARK_TIME },
	{ "t.$date", NULL, MARK_TIME },
	{ "ts", NULL, MARK_TIME_UNIX },
	{ "msec", NULL, MARK_TIME_UNIX },
	{ "unixTime", NULL, MARK_TIME_UNIX },
	{ "unix_time", NULL, MARK_TIME_UNIX },
	{ "__REALTIME_TIMESTAMP", NULL, MARK_JOURNAL_TIME },
	/* Windows, by winlogbeat, NXLog and others */
	{ "winlog.channel", "Channel", MARK_CHANNEL },
	{ "Channel", NULL, MARK_CHANNEL },
	{ "log_name", "Channel", MARK_CHANNEL },
	{ "winlog.event_id", "EventID", MARK_EVENT_ID },
	{ "event_id", "EventID", MARK_EVENT_ID },
	{ "EventID", NULL, MARK_EVENT_ID },
	{ "event.code", "EventID", MARK_EVENT_ID },
	{ "winlog.provider_name", "Provider_Name", MARK_PROVIDER },
	{ "SourceName", "Provider_Name", MARK_PROVIDER },
	{ "winlog.computer_name", "Computer", MARK_NONE },
	/* Elastic Common Schema */
	{ "event.category", NULL, MARK_ECS_CATEGORY },
	{ "event.dataset", NULL, MARK_ECS_DATASET },
	{ "host.os.type", NULL, MARK_OS },
	{ "host.os.family", NULL, MARK_OS },
	{ "process.executable", "Image", MARK_NONE },
	{ "process.command_line", "CommandLine", MARK_NONE },
	{ "process.args", "CommandLine", MARK_NONE },
	{ "process.pid", "ProcessId", MARK_NONE },
	{ "process.working_directory", "CurrentDirectory", MARK_NONE },
	{ "process.parent.executable", "ParentImage", MARK_NONE },
	{ "process.parent.command_line", "ParentCommandLine", MARK_NONE },
	{ "process.parent.pid", "ParentProcessId", MARK_NONE },
	{ "process.hash.md5", "Hashes", MARK_NONE },
	{ "file.path", "TargetFilename", MARK_NONE },
	{ "registry.path", "TargetObject", MARK_NONE },
	{ "dns.question.name", "QueryName", MARK_NONE },
	{ "user.name", "User", MARK_NONE },
	{ "user.name", "user", MARK_NONE },
	{ "user.target.name", "target_user", MARK_NONE },
	{ "source.ip", "src_ip", MARK_NONE },
	{ "source.port", "src_port", MARK_NONE },
	{ "destination.ip", "DestinationIp", MARK_NONE },
	{ "destination.port", "DestinationPort", MARK_NONE },
	{ "destination.domain", "DestinationHostname", MARK_NONE },
	{ "host.name", "hostname", MARK_NONE },
	{ "event.outcome", "outcome", MARK_NONE },
	{ "event.action", "action", MARK_NONE },
	{ "http.request.method", "cs-method", MARK_METHOD },
	{ "http.response.status_code", "sc-status", MARK_STATUS },
	{ "http.request.referrer", "cs-referer", MARK_NONE },
	{ "http.response.body.bytes", "sc-bytes", MARK_NONE },
	{ "url.original", NULL, MARK_PATH },
	{ "url.domain", NULL, MARK_HOST },
	{ "user_agent.original", NULL, MARK_AGENT },
	{ "client.ip", NULL, MARK_CLIENT },
	/* web servers: nginx, Apache, Traefik, Caddy */
	{ "remote_addr", NULL, MARK_CLIENT },
	{ "remote_ip", NULL, MARK_CLIENT },
	{ "client_ip", NULL, MARK_CLIENT },
	{ "clientip", NULL, MARK_CLIENT },
	{ "remoteIP", NULL, MARK_CLIENT },
	{ "ClientHost", NULL, MARK_CLIENT },
	{ "request.remote_ip", NULL, MARK_CLIENT },
	{ "request.client_ip", NULL, MARK_CLIENT },
	{ "request", NULL, MARK_REQUEST },
	{ "request_method", "cs-method", MARK_METHOD },
	{ "method", "cs-method", MARK_METHOD },
	{ "verb", "cs-method", MARK_METHOD },
	{ "RequestMethod", "cs-method", MARK_METHOD },
	{ "request.method", "cs-method", MARK_METHOD },
	{ "request_uri", NULL, MARK_PATH },
	{ "uri", NULL, MARK_PATH },
	{ "RequestPath", NULL, MARK_PATH },
	{ "request.uri", NULL, MARK_PATH },
	{ "query_string", NULL, MARK_QUERY },
	{ "args", NULL, MARK_QUERY },
	{ "status", "sc-status", MARK_STATUS },
	{ "response", "sc-status", MARK_STATUS },
	{ "DownstreamStatus", "sc-status", MARK_STATUS },
	{ "body_bytes_sent", "sc-bytes", MARK_NONE },
	{ "bytes_sent", "sc-bytes", MARK_NONE },
	{ "remote_user", "cs-username", MARK_NONE },
	{ "http_referrer", "cs-referer", MARK_NONE },
	{ "http_referer", "cs-referer", MARK_NONE },
	{ "referer", "cs-referer", MARK_NONE },
	{ "http_user_agent", NULL, MARK_AGENT },
	{ "user_agent", NULL, MARK_AGENT },
	{ "agent", NULL, MARK_AGENT },
	{ "userAgent", NULL, MARK_AGENT },
	{ "request_User-Agent", NULL, MARK_AGENT },
	{ "request.headers.User-Agent", NULL, MARK_AGENT },
	{ "http_host", NULL, MARK_HOST },
	{ "host", NULL, MARK_HOST },
	{ "RequestHost", NULL, MARK_HOST },
	{ "request.host", NULL, MARK_HOST },
	{ "http_cookie", "cs-cookie", MARK_NONE },
	/* Azure Monitor */
	{ "category", NULL, MARK_AZURE_CATEGORY },
	{ "Category", NULL, MARK_AZURE_CATEGORY },
	{ "operationName", NULL, MARK_AZURE_OPERATION },
	{ "OperationName", NULL, MARK_AZURE_OPERATION },
	{ "resourceId", NULL, MARK_AZURE_RESOURCE },
	{ "ResourceId", NULL, MARK_AZURE_RESOURCE },
	{ "_ResourceId", NULL, MARK_AZURE_RESOURCE },
	{ "callerIpAddress", "src_ip", MARK_NONE },
	{ "CallerIpAddress", "src_ip", MARK_NONE },
	{ "properties.ipAddress", "src_ip", MARK_NONE },
	{ "IPAddress", "src_ip", MARK_NONE },
	{ "properties.userPrincipalName", "user", MARK_NONE },
	{ "UserPrincipalName", "user", MARK_NONE },
	{ "properties.clientIP", NULL, MARK_CLIENT },
	{ "properties.clientIp", NULL, MARK_CLIENT },
	{ "properties.httpMethod", "cs-method", MARK_METHOD },
	{ "properties.requestUri", NULL, MARK_PATH },
	{ "properties.originalRequestUriWithArgs", NULL, MARK_PATH },
	{ "properties.requestQuery", NULL, MARK_QUERY },
	{ "properties.userAgent", NULL, MARK_AGENT },
	{ "properties.httpStatus", "sc-status", MARK_STATUS },
	{ "properties.host", NULL, MARK_HOST },
	{ "properties.originalHost", NULL, MARK_HOST },
	{ "properties.timeTaken", "time-taken", MARK_NONE },
	/* osquery */
	{ "name", NULL, MARK_OSQUERY_NAME },
	{ "hostIdentifier", "hostname", MARK_OSQUERY_HOST },
	{ "columns.cmdline", "CommandLine", MARK_NONE },
	{ "columns.path", "Image", MARK_NONE },
	{ "columns.cwd", "CurrentDirectory", MARK_NONE },
	{ "columns.parent", "ParentProcessId", MARK_NONE },
	{ "columns.pid", "ProcessId", MARK_NONE },
	{ "columns.username", "User", MARK_NONE },
	{ "columns.target_path", "TargetFilename", MARK_NONE },
	{ "columns.remote_address", "DestinationIp", MARK_NONE },
	{ "columns.remote_port", "DestinationPort", MARK_NONE },
	/* the journal, as journalctl -o json writes it */
	{ "MESSAGE", NULL, MARK_JOURNAL_MESSAGE },
	{ "SYSLOG_IDENTIFIER", NULL, MARK_JOURNAL_IDENTIFIER },
	{ "_PID", NULL, MARK_JOURNAL_PID },
	{ "_COMM", NULL, MARK_JOURNAL_COMM },
	{ "_HOSTNAME", NULL, MARK_JOURNAL_HOST },
	{ "_UID", NULL, MARK_JOURNAL_UID },
	{ "_EXE", NULL, MARK_JOURNAL_EXE },
	/* MongoDB */
	{ "msg", NULL, MARK_MONGO_MESSAGE },
	{ "attr.remote", NULL, MARK_MONGO_REMOTE },
	{ "attr.client", NULL, MARK_MONGO_REMOTE },
	{ "attr.principalName", NULL, MARK_MONGO_USER },
	{ "attr.user", NULL, MARK_MONGO_USER },
	/* laurel */
	{ "ID", NULL, MARK_LAUREL_ID },
	{ "NODE", NULL, MARK_LAUREL_NODE },
	{ "SYSCALL", NULL, MARK_LAUREL_RECORD },
	{ "EXECVE", NULL, MARK_LAUREL_RECORD },
	{ "USER_LOGIN", NULL, MARK_LAUREL_RECORD },
	{ "USER_AUTH", NULL, MARK_LAUREL_RECORD },
};

/* What stands in front of a name and says nothing. */
static const char *const prefixes[] = { "winlog.event_data.", "event_data.", "properties.", "columns.",
					"Event.EventData.", "Event.System.", "EventData." };

static uint32_t folded_hash(struct str s)
{
	uint32_t h = 2166136261U;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		h = (h ^ (c >= 'A' && c <= 'Z' ? c | 32 : c)) * 16777619U;
	}
	return h ^ h >> 15;
}

int json_keys_new(struct json_keys *k, const struct names *names)
{
	size_t n = 1;

	while (n < UINT16_MAX && names_text(names, (uint16_t)n).len)
		n++;
	k->names = names;
	k->next = calloc(n, sizeof *k->next);
	if (!k->next)
		return -ENOMEM;
	memset(k->first, 0, sizeof k->first);
	for (uint16_t id = (uint16_t)(n - 1); id; id--) {
		uint16_t *first = &k->first[folded_hash(names_text(names, id)) % COUNT(k->first)];

		k->next[id] = *first;
		*first = id;
	}
	return 0;
}

void json_keys_release(struct json_keys *k)
{
	free(k->next);
	k->next = NULL;
}

static void add_field(struct json_key *key, uint16_t id)
{
	for (size_t i = 0; id && i < JSON_KEY_FIELDS; i++) {
		if (key->fields[i] == id)
			return;
		if (!key->fields[i]) {
			key->fields[i] = id;
			return;
		}
	}
}

/* All registered names that differ from this one in case at most. */
static void add_names(const struct json_keys *k, struct json_key *key, struct str name)
{
	unsigned steps = 0;

	add_field(key, names_find(k->names, name));
	for (uint16_t id = k->first[folded_hash(name) % COUNT(k->first)]; id && steps < 64;
	     id = k->next[id], steps++)
		if (str_ieq(names_text(k->names, id), name))
			add_field(key, id);
}

static void fill(const struct json_keys *k, struct json_key *key, struct str path)
{
	memset(key->fields, 0, sizeof key->fields);
	key->mark = MARK_NONE;
	for (size_t i = 0; i < COUNT(known); i++) {
		if (!str_eq(path, str_of(known[i].path)))
			continue;
		if (known[i].mark)
			key->mark = (uint8_t)known[i].mark;
		if (known[i].sigma)
			add_field(key, names_find(k->names, str_of(known[i].sigma)));
	}
	add_names(k, key, path);
	for (size_t i = 0; i < COUNT(prefixes); i++) {
		struct str rest = path;

		if (scan_eat(&rest, prefixes[i], strlen(prefixes[i])))
			add_names(k, key, rest);
	}
}

const struct json_key *json_key_of(struct json_keys *k, struct str path)
{
	struct json_key *key = &k->odd;
	size_t mid = path.len / 2;

	if (path.len && path.len <= sizeof key->text) {
		uint32_t h = (uint32_t)path.len * 131U + (unsigned char)path.ptr[0] * 7U +
			     (unsigned char)path.ptr[path.len - 1] * 31U +
			     (unsigned char)path.ptr[mid] * 61U +
			     (unsigned char)path.ptr[path.len / 4] * 17U;

		key = &k->recent[h % JSON_KEYS];
		if (key->len == path.len && !memcmp(key->text, path.ptr, path.len))
			return key;
		key->len = (uint8_t)path.len;
		memcpy(key->text, path.ptr, path.len);
	}
	fill(k, key, path);
	return key;
}
