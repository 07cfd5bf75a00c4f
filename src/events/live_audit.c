/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel sends to AUDIT_NLGRP_READLOG, as auditd writes it: "type=NAME msg=audit(…): …".
 * Numbers: linux/audit.h; those from 1100 on are libaudit's, of programs.
 */
#include <linux/netlink.h>

#include "events/live_work.h"

static const struct audit_type {
	uint16_t number;
	const char *name;
} types[] = {
  /* clang-format off */
	{1006, "LOGIN"},
	{1100, "USER_AUTH"},
	{1101, "USER_ACCT"},
	{1102, "USER_MGMT"},
	{1103, "CRED_ACQ"},
	{1104, "CRED_DISP"},
	{1105, "USER_START"},
	{1106, "USER_END"},
	{1107, "USER_AVC"},
	{1108, "USER_CHAUTHTOK"},
	{1109, "USER_ERR"},
	{1110, "CRED_REFR"},
	{1111, "USYS_CONFIG"},
	{1112, "USER_LOGIN"},
	{1113, "USER_LOGOUT"},
	{1114, "ADD_USER"},
	{1115, "DEL_USER"},
	{1116, "ADD_GROUP"},
	{1117, "DEL_GROUP"},
	{1118, "DAC_CHECK"},
	{1119, "CHGRP_ID"},
	{1120, "TEST"},
	{1121, "TRUSTED_APP"},
	{1122, "USER_SELINUX_ERR"},
	{1123, "USER_CMD"},
	{1124, "USER_TTY"},
	{1125, "CHUSER_ID"},
	{1126, "GRP_AUTH"},
	{1127, "SYSTEM_BOOT"},
	{1128, "SYSTEM_SHUTDOWN"},
	{1129, "SYSTEM_RUNLEVEL"},
	{1130, "SERVICE_START"},
	{1131, "SERVICE_STOP"},
	{1132, "GRP_MGMT"},
	{1133, "GRP_CHAUTHTOK"},
	{1134, "MAC_CHECK"},
	{1135, "ACCT_LOCK"},
	{1136, "ACCT_UNLOCK"},
	{1137, "USER_DEVICE"},
	{1138, "SOFTWARE_UPDATE"},
	{1300, "SYSCALL"},
	{1301, "FS_WATCH"},
	{1302, "PATH"},
	{1303, "IPC"},
	{1304, "SOCKETCALL"},
	{1305, "CONFIG_CHANGE"},
	{1306, "SOCKADDR"},
	{1307, "CWD"},
	{1309, "EXECVE"},
	{1311, "IPC_SET_PERM"},
	{1312, "MQ_OPEN"},
	{1313, "MQ_SENDRECV"},
	{1314, "MQ_NOTIFY"},
	{1315, "MQ_GETSETATTR"},
	{1316, "KERNEL_OTHER"},
	{1317, "FD_PAIR"},
	{1318, "OBJ_PID"},
	{1319, "TTY"},
	{1320, "EOE"},
	{1321, "BPRM_FCAPS"},
	{1322, "CAPSET"},
	{1323, "MMAP"},
	{1324, "NETFILTER_PKT"},
	{1325, "NETFILTER_CFG"},
	{1326, "SECCOMP"},
	{1327, "PROCTITLE"},
	{1328, "FEATURE_CHANGE"},
	{1329, "REPLACE"},
	{1330, "KERN_MODULE"},
	{1331, "FANOTIFY"},
	{1332, "TIME_INJOFFSET"},
	{1333, "TIME_ADJNTPVAL"},
	{1334, "BPF"},
	{1335, "EVENT_LISTENER"},
	{1336, "URINGOP"},
	{1337, "OPENAT2"},
	{1338, "DM_CTRL"},
	{1339, "DM_EVENT"},
	{1400, "AVC"},
	{1401, "SELINUX_ERR"},
	{1402, "AVC_PATH"},
	{1403, "MAC_POLICY_LOAD"},
	{1404, "MAC_STATUS"},
	{1405, "MAC_CONFIG_CHANGE"},
	{1406, "MAC_UNLBL_ALLOW"},
	{1407, "MAC_CIPSOV4_ADD"},
	{1408, "MAC_CIPSOV4_DEL"},
	{1409, "MAC_MAP_ADD"},
	{1410, "MAC_MAP_DEL"},
	{1411, "MAC_IPSEC_ADDSA"},
	{1412, "MAC_IPSEC_DELSA"},
	{1413, "MAC_IPSEC_ADDSPD"},
	{1414, "MAC_IPSEC_DELSPD"},
	{1415, "MAC_IPSEC_EVENT"},
	{1416, "MAC_UNLBL_STCADD"},
	{1417, "MAC_UNLBL_STCDEL"},
	{1418, "MAC_CALIPSO_ADD"},
	{1419, "MAC_CALIPSO_DEL"},
	{1700, "ANOM_PROMISCUOUS"},
	{1701, "ANOM_ABEND"},
	{1702, "ANOM_LINK"},
	{1703, "ANOM_CREAT"},
	{1800, "INTEGRITY_DATA"},
	{1801, "INTEGRITY_METADATA"},
	{1802, "INTEGRITY_STATUS"},
	{1803, "INTEGRITY_HASH"},
	{1804, "INTEGRITY_PCR"},
	{1805, "INTEGRITY_RULE"},
	{1806, "INTEGRITY_EVM_XATTR"},
	{1807, "INTEGRITY_POLICY_RULE"},
	{2000, "KERNEL"},
  /* clang-format on */
};

static const char *name_of(uint16_t number)
{
	size_t low = 0, high = COUNT(types);

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (types[mid].number == number)
			return types[mid].name;
		if (types[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

int audit_line(const void *message, size_t n, struct buf *ret)
{
	struct nlmsghdr h;
	struct str text;
	const char *name;

	if (n < NLMSG_HDRLEN)
		return -EBADMSG;
	memcpy(&h, message, sizeof h);
	/* The length in the header is wrong in some kernels: what came counts. */
	text = (struct str){ (const char *)message + NLMSG_HDRLEN, n - NLMSG_HDRLEN };
	while (text.len && (!text.ptr[text.len - 1] || text.ptr[text.len - 1] == '\n'))
		text.len--;
	if (!str_starts(text, STR("audit(")) || memchr(text.ptr, '\n', text.len) ||
	    memchr(text.ptr, '\0', text.len))
		return -EBADMSG;
	name = name_of(h.nlmsg_type);
	if (name)
		buf_fmt(ret, "type=%s msg=", name);
	else
		buf_fmt(ret, "type=UNKNOWN[%u] msg=", h.nlmsg_type);
	return buf_str(ret, text);
}
