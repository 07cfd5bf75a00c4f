/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * field: names of fields that decoders of text fill in. Sigma's taxonomy where it has one; for what
 * programs say of logins and accounts, one set of names for all of them (docs/events.md).
 */
#ifndef HF_EVENTS_FIELD_H
#define HF_EVENTS_FIELD_H

/* F(identifier, "name") */
#define EVENT_FIELDS(F)                                   \
	/* what happened */                               \
	F(ACTION, "action")                               \
	F(OUTCOME, "outcome")                             \
	F(ATTEMPT, "attempt")                             \
	F(METHOD, "method")                               \
	F(REASON, "reason")                               \
	F(INVALID_USER, "invalid_user")                   \
	/* who, and to whom */                            \
	F(USER, "user")                                   \
	F(TARGET_USER, "target_user")                     \
	F(GROUP, "group")                                 \
	F(UID, "uid")                                     \
	F(GID, "gid")                                     \
	F(HOME, "home")                                   \
	F(SHELL, "shell")                                 \
	F(TTY, "tty")                                     \
	F(PWD, "pwd")                                     \
	F(COMMAND, "command")                             \
	F(SESSION, "session")                             \
	/* from where to where */                         \
	F(SRC_IP, "src_ip")                               \
	F(SRC_HOST, "src_host")                           \
	F(SRC_PORT, "src_port")                           \
	F(DST_IP, "dst_ip")                               \
	F(DST_PORT, "dst_port")                           \
	F(PROTOCOL, "protocol")                           \
	/* keys and certificates */                       \
	F(KEY_TYPE, "key_type")                           \
	F(KEY_FINGERPRINT, "key_fingerprint")             \
	F(CERTIFICATE_ID, "certificate_id")               \
	F(CERTIFICATE_SERIAL, "certificate_serial")       \
	F(CA_FINGERPRINT, "ca_fingerprint")               \
	/* who says so */                                 \
	F(HOSTNAME, "hostname")                           \
	F(PROGRAM, "program")                             \
	F(PID, "pid")                                     \
	F(FACILITY, "facility")                           \
	F(SEVERITY, "severity")                           \
	F(MESSAGE, "message")                             \
	F(MODULE, "module")                               \
	F(SERVICE, "service")                             \
	F(DATABASE, "database")                           \
	/* Sigma: web servers and proxies */              \
	F(CS_METHOD, "cs-method")                         \
	F(CS_URI, "cs-uri")                               \
	F(CS_URI_STEM, "cs-uri-stem")                     \
	F(CS_URI_QUERY, "cs-uri-query")                   \
	F(C_URI, "c-uri")                                 \
	F(CS_VERSION, "cs-version")                       \
	F(CS_HOST, "cs-host")                             \
	F(CS_REFERER, "cs-referer")                       \
	F(CS_USER_AGENT, "cs-user-agent")                 \
	F(C_USERAGENT, "c-useragent")                     \
	F(CS_COOKIE, "cs-cookie")                         \
	F(CS_USERNAME, "cs-username")                     \
	F(CS_BYTES, "cs-bytes")                           \
	F(SC_STATUS, "sc-status")                         \
	F(SC_BYTES, "sc-bytes")                           \
	F(C_IP, "c-ip")                                   \
	F(C_PORT, "c-port")                               \
	F(S_IP, "s-ip")                                   \
	F(S_PORT, "s-port")                               \
	F(TIME_TAKEN, "time-taken")                       \
	F(FIELDS, "fields")                          \
	F(MISSING, "missing")                        \
	/* Sigma: processes, files and connections */     \
	F(SIGMA_IMAGE, "Image")                           \
	F(SIGMA_COMMAND_LINE, "CommandLine")              \
	F(SIGMA_CURRENT_DIRECTORY, "CurrentDirectory")    \
	F(SIGMA_USER, "User")                             \
	F(SIGMA_LOGON_ID, "LogonId")                      \
	F(SIGMA_PROCESS_ID, "ProcessId")                  \
	F(SIGMA_PARENT_PROCESS_ID, "ParentProcessId")     \
	F(SIGMA_PARENT_IMAGE, "ParentImage")              \
	F(SIGMA_PARENT_COMMAND_LINE, "ParentCommandLine") \
	F(SIGMA_TARGET_FILENAME, "TargetFilename")        \
	F(SIGMA_DESTINATION_IP, "DestinationIp")          \
	F(SIGMA_DESTINATION_PORT, "DestinationPort")      \
	F(SIGMA_INITIATED, "Initiated")                   \
	/* Sigma's linux sudo rule */                     \
	F(SUDO_USER, "USER")

enum field {
#define F(identifier, name) FIELD_##identifier,
	EVENT_FIELDS(F)
#undef F
		FIELD_N
};

const char *field_name(enum field f);

#endif
