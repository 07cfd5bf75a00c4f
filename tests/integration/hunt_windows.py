#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in rules for Windows over event logs that are made here: what each of them finds, and the
honest event beside it.

usage: hunt_windows.py HOLDFAST SOURCE
"""
import glob
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

from tap import ok, plan, skip

HOLDFAST, SOURCE = sys.argv[1:3]
sys.path.insert(0, os.path.join(SOURCE, "bench"))
import evtx_make  # noqa: E402
from evtx_make import HEX32, SID, STRING, U32, wide  # noqa: E402

SECURITY = ("Microsoft-Windows-Security-Auditing", "Security")
SYSTEM = ("Service Control Manager", "System")
SYSMON = ("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational")
DEFENDER = ("Microsoft-Windows-Windows Defender", "Microsoft-Windows-Windows Defender/Operational")
FIREWALL = ("Microsoft-Windows-Windows Firewall With Advanced Security",
            "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall")
RDP = ("Microsoft-Windows-RemoteDesktopServices-RdpCoreTS",
       "Microsoft-Windows-RemoteDesktopServices-RdpCoreTS/Operational")
SESSIONS = ("Microsoft-Windows-TerminalServices-RemoteConnectionManager",
            "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational")
EVIL, OTHER = "203.0.113.5", "192.0.2.77"
USER = "S-1-5-21-1-2-3-1001"

found, missed = set(), set()


def value(name, text):
    """Typed as Windows types it."""
    if re.fullmatch(r"0x[0-9a-f]{1,8}", text) and "Status" in name:
        return HEX32, struct.pack("<I", int(text, 16))
    if re.fullmatch(r"S-1-5(-\d+)+", text):
        return SID, evtx_make.sid(*map(int, text.split("-")[3:]))
    if name in ("LogonType", "Direction", "Action", "Active", "Protocol", "SettingType"):
        return U32, struct.pack("<I", int(text))
    return STRING, wide(text + "\0")


class Log:
    """Events, a second apart."""

    def __init__(self):
        self.chunks, self.time = [evtx_make.Chunk(1)], evtx_make.TIME
        self.done, self.turn, self.closed = [], 0, False

    def add(self, source, number, **fields):
        chunk = self.chunks[-1]
        if len(chunk.data) > evtx_make.CHUNK - 8192:
            self.done.append(chunk.finish())
            chunk = evtx_make.Chunk(chunk.next)
            self.chunks.append(chunk)
        self.time += 10_000_000
        # A template knows its provider and the names of its data, so that no two events share one.
        chunk.templates.clear()
        evtx_make.event(chunk, source[0], source[1], number, "VM1", self.time, list(fields),
                        [value(k, v) for k, v in fields.items()])
        return self

    def turned(self, n):
        """As a log that is full: the newest chunks stand where the oldest ones were."""
        self.turn = n
        return self

    def wait(self, seconds):
        self.time += seconds * 10_000_000
        return self

    def failed(self, n, address=EVIL, user="Administrator", why="0xc000006a", kind="3",
               client="KALI"):
        for i in range(n):
            self.add(SECURITY, 4625, TargetUserName=user.replace("#", str(i)),
                     Status="0xc000006d", SubStatus=why, LogonType=kind, WorkstationName=client,
                     IpAddress=address.replace("#", str(i)), IpPort="50000")
        return self

    def entered(self, address=EVIL, user="Administrator", kind="10"):
        return self.add(SECURITY, 4624, TargetUserSid=USER, TargetUserName=user, LogonType=kind,
                        WorkstationName="KALI", IpAddress=address, IpPort="50001")

    def kerberos(self, n, number=4771, status="0x18", user="alice", address="::ffff:" + EVIL):
        for i in range(n):
            self.add(SECURITY, number, TargetUserName=user.replace("#", str(i)), Status=status,
                     PreAuthType="2", IpAddress=address, IpPort="50000")
        return self

    def ntlm(self, n, status="0xc000006a", user="alice", client="KALI"):
        for i in range(n):
            self.add(SECURITY, 4776, PackageName="MICROSOFT_AUTHENTICATION_PACKAGE_V1_0",
                     TargetUserName=user.replace("#", str(i)), Workstation=client, Status=status)
        return self

    def locked(self, *users):
        for user in users:
            self.add(SECURITY, 4740, TargetUserName=user, TargetDomainName="KALI",
                     TargetSid=USER, SubjectUserName="VM1$")
        return self

    def user(self, number, sid=USER, name="eve"):
        return self.add(SECURITY, number, TargetUserName=name, TargetDomainName="VM1",
                        TargetSid=sid, SubjectUserSid="S-1-5-21-1-2-3-500",
                        SubjectUserName="admin")

    def member(self, group, member=USER, number=4732, by="S-1-5-21-1-2-3-500"):
        return self.add(SECURITY, number, MemberName="-", MemberSid=member, TargetUserName="group",
                        TargetSid=group, SubjectUserSid=by, SubjectUserName="admin")

    def registry(self, target, details):
        return self.add(SYSMON, 13, EventType="SetValue", Image="C:\\Windows\\regedit.exe",
                        TargetObject=target, Details=details)

    def audited(self, name, key, now, before="3389"):
        return self.add(SECURITY, 4657, ObjectName="\\REGISTRY\\MACHINE\\SYSTEM\\ControlSet001\\"
                        + key, ObjectValueName=name, OldValue=before, NewValue=now)

    def rule(self, number, ports="3389", remote="*", action="3", direction="1", active="1",
             rule="{1}", program="", user=USER):
        return self.add(FIREWALL, number, RuleId=rule, RuleName="r", ApplicationPath=program,
                        ServiceName="", Direction=direction, Protocol="6", LocalPorts=ports,
                        RemotePorts="*", Action=action, LocalAddresses="*", RemoteAddresses=remote,
                        Active=active, ModifyingUser=user,
                        ModifyingApplication="C:\\Windows\\System32\\dllhost.exe")

    def service(self, path, name="svc", kind="user mode service"):
        return self.add(SYSTEM, 7045, ServiceName=name, ImagePath=path, ServiceType=kind,
                        StartType="auto start", AccountName="LocalSystem")

    def service_audited(self, path, kind="0x10"):
        return self.add(SECURITY, 4697, ServiceName="svc", ServiceFileName=path, ServiceType=kind,
                        ServiceStartType="2", ServiceAccount="LocalSystem")

    def defender(self, number, new="", old=""):
        return self.add(DEFENDER, number, **{"Product Name": "Microsoft Defender Antivirus",
                                             "Old Value": old, "New Value": new})

    def policy(self, changes, by=USER):
        return self.add(SECURITY, 4719, SubjectUserSid=by, SubcategoryId="%%12544",
                        AuditPolicyChanges=changes)

    def refused(self, n, address=EVIL):
        for _ in range(n):
            self.add(RDP, 140, IPString=address)
        return self

    def authenticated(self, address=EVIL):
        return self.add(SESSIONS, 1149, Param1="alice", Param2="VM1", Param3=address)

    def write(self, path):
        if not self.closed:
            self.done.append(self.chunks[-1].finish())
            self.closed = True
        chunks = self.done[self.turn:] + self.done[:self.turn]
        with open(path, "wb") as f:
            f.write(evtx_make.file_header(len(chunks), self.chunks[-1].next) + b"".join(chunks))


def hunt(log, form, *options):
    path = os.path.join(log, "Security.evtx") if isinstance(log, str) else None
    with tempfile.TemporaryDirectory() as folder:
        if not path:
            path = os.path.join(folder, "Security.evtx")
            log.write(path)
        return subprocess.run([HOLDFAST, "hunt", "-f", form, "--level", "informational", *options,
                               path], capture_output=True, text=True, check=False)


def case(name, log, titles=(), without=(), quiet=False):
    """Titles are found, the others are not. quiet: nothing that anybody is told of is."""
    run = hunt(log, "jsonl")
    alerts = [json.loads(line) for line in run.stdout.splitlines()]
    have = {a["title"] for a in alerts}
    loud = {a["title"] for a in alerts if a["level"] != "informational"}
    found.update(have)
    missed.update(set(without) - have)
    ok(run.returncode == 0 and not run.stderr and set(titles) <= have
       and not set(without) & have and not (quiet and loud), name,
       "found: %s" % sorted(have), run.stderr)


NET = "over the network (Windows, RDP too)"
BRUTE, GUESS, SPRAY = "Brute force " + NET, "Password guessing " + NET, "Password spraying " + NET
AFTER = "Login " + NET + " after several failures"
AFTER_BRUTE = "Login " + NET + " from an address that guessed passwords"
AFTER_SPRAY = "Login " + NET + " from an address that tried many accounts"
BARRED = "Password guessed of an account that may not log in (Windows, RDP too)"
MANY = "Distributed password guessing " + NET


def logons():
    case("brute force by RDP", Log().failed(40, kind="10"), [BRUTE], [AFTER_BRUTE, MANY, SPRAY])
    case("guessing one account", Log().failed(12), [GUESS], [BRUTE, SPRAY])
    case("spraying", Log().failed(12, user="u#"), [SPRAY], [GUESS, AFTER_SPRAY])
    case("many addresses, one account", Log().failed(12, address="198.51.#.7"), [MANY],
         [GUESS, BRUTE])
    case("a login after failures", Log().failed(7).entered(),
         [AFTER], [BRUTE, AFTER_BRUTE, GUESS])
    case("a login after brute force", Log().failed(40).entered(user="bob"), [AFTER_BRUTE])
    case("a login after spraying", Log().failed(12, user="u#").entered(user="u5", kind="3"),
         [AFTER_SPRAY])
    case("the right password of an expired account", Log().failed(7).failed(1, why="0xc0000071"),
         [BARRED], [AFTER])
    case("a user who mistyped", Log().failed(3).entered(), [], [AFTER, GUESS], quiet=True)
    case("a user who mistyped every day",
         Log().failed(3).entered().wait(40000).failed(3).entered().wait(40000).failed(3).entered(),
         [], [], quiet=True)
    case("a user whose password has expired", Log().failed(2, why="0xc0000071"), [],
         [BARRED, GUESS], quiet=True)
    case("clocks that differ", Log().failed(40, why="0xc0000133"), [], [BRUTE, GUESS], quiet=True)
    case("a machine's own account", Log().failed(40, user="VM2$"), [], [BRUTE], quiet=True)
    case("failures on the machine itself", Log().failed(40, address="127.0.0.1"), [], [BRUTE],
         quiet=True)
    case("services and the console", Log().failed(40, address="-", kind="5").failed(
        9, address="-", kind="2"), [], [BRUTE, GUESS], quiet=True)
    case("a login after failures of another address", Log().failed(7).entered(OTHER), [], [AFTER])
    case("a login two hours after failures", Log().failed(7).wait(7200).entered(), [], [AFTER])
    case("the same account in capitals", Log().failed(4).failed(4, user="ADMINISTRATOR").failed(
        4, user="administrator"), [GUESS], [SPRAY])
    unknown = "by a client without an address (Windows)"
    case("clients without an address", Log().failed(25, address="-"),
         ["Password guessing " + unknown],
         ["Password spraying " + unknown])
    case("spraying without an address", Log().failed(12, address="-", user="u#"),
         ["Password spraying " + unknown], ["Password guessing " + unknown])
    title = "Account tried from many clients without an address (Windows)"
    log = Log()
    for i in range(45):
        log.failed(1, address="-", client="PC%d" % i)
    case("one account, many clients without an address", log, [title],
         ["Password guessing " + unknown])
    case("a few failures without an address", Log().failed(6, address="-"), [],
         ["Password guessing " + unknown, "Password spraying " + unknown, title], quiet=True)


def domain():
    by = "by Kerberos"
    case("Kerberos: brute force", Log().kerberos(40), ["Brute force " + by],
         ["Login by Kerberos from a source that guessed passwords"])
    case("Kerberos: guessing", Log().kerberos(12), ["Password guessing " + by],
         ["Brute force " + by, "Password spraying " + by])
    case("Kerberos: spraying", Log().kerberos(12, user="u#"), ["Password spraying " + by],
         ["Password guessing " + by, "User names looked for " + by])
    case("Kerberos: a login after failures", Log().kerberos(7).kerberos(1, 4768, "0x0"),
         ["Login by Kerberos after several failures"], ["Brute force " + by])
    case("Kerberos: a login after brute force", Log().kerberos(40).kerberos(1, 4768, "0x0", "bob"),
         ["Login by Kerberos from a source that guessed passwords"],
         ["Login by Kerberos after several failures"])
    case("Kerberos: a login after spraying",
         Log().kerberos(12, user="u#").kerberos(1, 4768, "0x0", "u3"),
         ["Login by Kerberos from a source that tried many accounts"])
    case("Kerberos: names that are not there", Log().kerberos(12, 4768, "0x6", "x#"),
         ["User names looked for " + by])
    case("Kerberos: a user who mistyped", Log().kerberos(3).kerberos(1, 4768, "0x0"), [],
         ["Password guessing " + by, "Login by Kerberos after several failures",
          "Password spraying " + by, "User names looked for " + by,
          "Login by Kerberos from a source that tried many accounts"], quiet=True)
    case("Kerberos: an expired password, a machine", Log().kerberos(40, status="0x17").kerberos(
        40, user="VM2$").kerberos(40, 4768, "0x6", "VM#$"), [],
         ["Brute force " + by],
         quiet=True)
    by = "by NTLM"
    case("NTLM: brute force", Log().ntlm(40), ["Brute force " + by],
         ["Login by NTLM from a source that guessed passwords", "Password spraying " + by])
    case("NTLM: guessing", Log().ntlm(12), ["Password guessing " + by], ["Brute force " + by])
    case("NTLM: spraying", Log().ntlm(12, user="u#"), ["Password spraying " + by],
         ["Password guessing " + by])
    case("NTLM: a login after failures", Log().ntlm(7).ntlm(1, "0x0"),
         ["Login by NTLM after several failures"])
    case("NTLM: a login after brute force", Log().ntlm(40).ntlm(1, "0x0", "bob"),
         ["Login by NTLM from a source that guessed passwords"],
         ["Login by NTLM after several failures"])
    case("NTLM: a login after spraying", Log().ntlm(12, user="u#").ntlm(1, "0x0", "u2"),
         ["Login by NTLM from a source that tried many accounts"])
    case("NTLM: a user who mistyped", Log().ntlm(3).ntlm(1, "0x0"), [],
         ["Password guessing " + by, "Login by NTLM after several failures",
          "Login by NTLM from a source that tried many accounts"], quiet=True)
    case("one account locked out", Log().locked("alice"), ["Account locked out (Windows)"],
         ["Several accounts locked out (Windows)"])
    case("three accounts locked out", Log().locked("alice", "bob", "carol"),
         ["Several accounts locked out (Windows)"])
    case("an account unlocked", Log().user(4767), [], ["Account locked out (Windows)"], quiet=True)


def accounts():
    admins, machine = "S-1-5-32-544", "S-1-5-18"
    new, admin = "New local user (Windows)", "Member added to the local administrators (Windows)"
    both = "New user became an administrator (Windows)"
    hidden = "New user with the name of a computer (Windows)"
    group = "Member added to a local group that may log in or read everything (Windows)"
    upper = "Member added to administrators of the domain (Windows)"
    builtin = "Built-in account enabled (Windows)"
    case("a new user", Log().user(4720), [new], [both, admin, hidden])
    case("what Windows makes for itself", Log().user(4720, name="WDAGUtilityAccount"), [], [new],
         quiet=True)
    case("a hidden user", Log().user(4720, name="support$"), [hidden])
    case("an administrator", Log().member(admins), [admin], [both, group, upper])
    case("a new administrator", Log().user(4720).member(admins), [both, new, admin])
    case("another one's new administrator", Log().user(4720).member(
        admins, "S-1-5-21-1-2-3-1099"), [new, admin], [both])
    case("setup", Log().member(admins, "S-1-5-21-1-2-3-500", by=machine), [], [admin], quiet=True)
    case("a user of Remote Desktop", Log().member("S-1-5-32-555"), [group], [admin])
    case("a user of the machine", Log().member("S-1-5-32-545"), [], [group, admin], quiet=True)
    case("Domain Admins", Log().member("S-1-5-21-1-2-3-512", number=4728), [upper])
    case("Enterprise Admins", Log().member("S-1-5-21-1-2-3-519", number=4756), [upper])
    case("Domain Users", Log().member("S-1-5-21-1-2-3-513", number=4728), [], [upper], quiet=True)
    case("Guest enabled", Log().user(4722, "S-1-5-21-1-2-3-501"), [builtin])
    case("a user enabled", Log().user(4722), [], [builtin], quiet=True)


def exposure():
    key = "HKLM\\System\\CurrentControlSet\\Control\\Terminal Server\\"
    port, port_audit = "RDP port changed (Windows)", "RDP port changed (Windows, audit)"
    on = "RDP switched on or made weaker (Windows)"
    on_audit = "RDP switched on or made weaker (Windows, audit)"
    opened = "Firewall opened for remote administration (Windows)"
    added = "Firewall rule for incoming connections added (Windows)"
    off, reset = "Firewall switched off (Windows)", "Firewall rules deleted or reset (Windows)"
    stopped = "Firewall stopped (Windows, audit)"
    audit = "Firewall rule of remote administration changed (Windows, audit)"
    tcp = "Control\\Terminal Server\\WinStations\\RDP-Tcp"
    case("RDP on another port", Log().registry(key + "WinStations\\RDP-Tcp\\PortNumber",
                                               "DWORD (0x00000d3e)"), [port])
    case("RDP on its own port", Log().registry(key + "WinStations\\RDP-Tcp\\PortNumber",
                                               "DWORD (0x00000d3d)"), [], [port], quiet=True)
    case("the same in the security log", Log().audited("PortNumber", tcp, "3390"), [port_audit])
    case("another port of something else", Log().audited("PortNumber", "Services\\x", "3390"), [],
         [port_audit], quiet=True)
    case("RDP switched on", Log().registry(key + "fDenyTSConnections", "DWORD (0x00000000)"), [on])
    case("RDP switched off", Log().registry(key + "fDenyTSConnections", "DWORD (0x00000001)"), [],
         [on], quiet=True)
    case("RDP without NLA", Log().registry(key + "WinStations\\RDP-Tcp\\UserAuthentication",
                                           "DWORD (0x00000000)"), [on])
    case("RDP switched on, in the security log", Log().audited(
        "fDenyTSConnections", "Control\\Terminal Server", "0", "1"), [on_audit])
    case("RDP without NLA, in the security log", Log().audited("UserAuthentication", tcp, "0",
                                                               "1"), [on_audit])
    case("RDP switched off, in the security log", Log().audited(
        "fDenyTSConnections", "Control\\Terminal Server", "1", "0"), [], [on_audit], quiet=True)
    for number in (2004, 2071, 2097, 2005, 2073, 2099):
        case("RDP for everybody (%d)" % number, Log().rule(number), [opened])
    case("WinRM among other ports", Log().rule(2004, ports="80,5985,8080"), [opened])
    case("RDP's own rule", Log().rule(2005, rule="RemoteDesktop-UserMode-In-TCP"), [opened])
    case("RDP for one network", Log().rule(2004, remote="10.0.0.0/8"), [added], [opened])
    case("RDP blocked", Log().rule(2004, action="2"), [], [opened, added], quiet=True)
    case("RDP to others", Log().rule(2004, direction="2"), [], [opened, added], quiet=True)
    case("a rule that is switched off", Log().rule(2005, active="0"), [], [opened, added],
         quiet=True)
    case("a web server", Log().rule(2004, ports="443"), [added], [opened])
    case("port 33890", Log().rule(2004, ports="33890"), [added], [opened])
    case("the firewall switched off", Log().add(FIREWALL, 2003, SettingType="1",
                                                SettingValue="00000000"), [off])
    case("the firewall switched off (2082)", Log().add(FIREWALL, 2082, SettingType="1",
                                                       SettingValue="00000000"), [off])
    case("the firewall switched on", Log().add(FIREWALL, 2003, SettingType="1",
                                               SettingValue="01000000"), [], [off], quiet=True)
    case("rules deleted", Log().add(FIREWALL, 2033, ModifyingApplication="C:\\x.exe"), [reset])
    case("rules of the service", Log().add(
        FIREWALL, 2033, ModifyingApplication="C:\\Windows\\System32\\svchost.exe"), [], [reset],
        quiet=True)
    case("the service stopped", Log().add(SECURITY, 5025), [stopped])
    case("the service started", Log().add(SECURITY, 5024), [], [stopped], quiet=True)
    case("a rule of Remote Desktop", Log().add(
        SECURITY, 4947, RuleId="RemoteDesktop-UserMode-In-TCP", RuleName="@FirewallAPI.dll"),
        [audit])
    case("a rule of a game", Log().add(SECURITY, 4946, RuleId="{2}", RuleName="Game"), [], [audit],
         quiet=True)


def services():
    new, audit = "New service (Windows)", "New service (Windows, audit)"
    odd = "New service that runs a shell or lies in an unusual place (Windows)"
    odd_audit = "New service that runs a shell or lies in an unusual place (Windows, audit)"
    remote = "Remote execution service installed (Windows)"
    good = "C:\\Program Files\\Backup\\backup.exe"
    case("a service", Log().service(good), [new], [odd, remote])
    case("a driver", Log().service("\\SystemRoot\\System32\\drivers\\tunnel.sys",
                                   kind="kernel mode driver"), [], [new, odd], quiet=True)
    case("a service that is a shell", Log().service("%COMSPEC% /c start x"), [new, odd])
    case("a service in a folder of everybody", Log().service("C:\\Users\\Public\\x.exe"), [odd])
    case("PsExec", Log().service("%SystemRoot%\\PSEXESVC.exe", name="PSEXESVC"), [remote])
    case("a service, audited", Log().service_audited(good), [audit], [odd_audit])
    case("a shell, audited", Log().service_audited("powershell -enc AAAA"), [audit, odd_audit])
    case("a driver, audited", Log().service_audited("system32\\drivers\\x.sys", "0x1"), [],
         [audit, odd_audit], quiet=True)


def blinding():
    off = "Microsoft Defender switched off (Windows)"
    spared = "Microsoft Defender told to overlook something (Windows)"
    weaker = "Microsoft Defender made weaker (Windows)"
    registry = "Microsoft Defender switched off in the registry (Windows)"
    failed = "Microsoft Defender found something and could not remove it (Windows)"
    tamper = "Attempt to switch Microsoft Defender off (Windows)"
    removed, system = "Audit policy made weaker (Windows)", \
        "Audit policy made weaker by the system (Windows)"
    changed = "Audit policy changed (Windows)"
    base = "HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\"
    for number in (5001, 5010, 5012):
        case("Defender off (%d)" % number, Log().defender(number), [off])
    case("Defender on", Log().defender(5000).defender(5009).defender(5011), [],
         [off, spared, weaker, failed, tamper], quiet=True)
    case("an exclusion", Log().defender(5007, base + "Exclusions\\Paths\\C:\\ = 0x0"), [spared],
         [weaker])
    case("an exclusion taken away", Log().defender(5007, "", base + "Exclusions\\Paths\\C:\\ = 0"),
         [], [spared], quiet=True)
    case("a setting", Log().defender(
        5007, base + "Real-Time Protection\\DisableRealtimeMonitoring = 0x1"), [weaker], [spared])
    case("a setting back", Log().defender(
        5007, base + "Real-Time Protection\\DisableRealtimeMonitoring = 0x0"), [], [weaker],
        quiet=True)
    case("a policy", Log().registry(
        "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender\\DisableAntiSpyware",
        "DWORD (0x00000001)"), [registry])
    case("a policy taken back", Log().registry(
        "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender\\DisableAntiSpyware",
        "DWORD (0x00000000)"), [], [registry], quiet=True)
    case("a virus that stays", Log().defender(1119), [failed])
    case("tamper protection", Log().defender(5013), [tamper])
    case("auditing less", Log().policy("%%8448, %%8450"), [removed], [system, changed])
    case("auditing less by policy", Log().policy("%%8450", "S-1-5-18"), [system], [removed])
    case("auditing more", Log().policy("%%8449, %%8451"), [changed], [removed, system], quiet=True)
    case("logs cleared", Log().add(("Microsoft-Windows-Eventlog", "Security"), 1102).add(
        ("Microsoft-Windows-Eventlog", "System"), 104, Channel="Application"),
        ["Windows event log cleared", "Windows event log cleared (System)"])
    case("what has the number of a cleared log", Log().add(("Other", "System"), 104).add(
        ("Microsoft-Windows-Eventlog", "Security"), 1101), [],
        ["Windows event log cleared", "Windows event log cleared (System)"], quiet=True)


def full():
    """20 MB are not much: the security log of a machine under attack has gone round."""
    for turn in (0, 1, 4, 5):
        log = Log().failed(200, OTHER, kind="5").failed(40).entered(user="bob").turned(turn)
        case("a log of %d chunks that begins with number %d" % (6, turn), log,
             [BRUTE, AFTER_BRUTE])
        run = hunt(log, "json")
        files = json.loads(run.stdout)["files"]
        ok(files[0]["events"] == 241 and "problem" not in files[0], "  all of it is read", files)


def rdp_logs():
    brute, guess = "Brute force by RDP", "Password guessing by RDP"
    after = "Login by RDP from an address that guessed passwords"
    soon = "Login by RDP after failed connections"
    case("RDP's own log: brute force", Log().refused(40), [brute, guess],
         [after, soon])
    case("RDP's own log: a login after that", Log().refused(40).authenticated(),
         [after, soon])
    case("RDP's own log: of another address", Log().refused(40).authenticated(OTHER), [brute],
         [after, soon])
    case("RDP's own log: a user who mistyped", Log().refused(3).authenticated(), [],
         [brute, guess, after, soon], quiet=True)


def summary():
    """Account, source, attempts, window, and whether somebody got in."""
    log = Log().failed(40, kind="10").failed(3, OTHER, "bob").entered(user="Administrator")
    run = hunt(log, "json")
    people = {a["address"]: a for a in json.loads(run.stdout)["attackers"]}
    a = people.get(EVIL, {})
    ok(a.get("attempts") == 40 and a.get("logged_in_as") == "Administrator"
       and a.get("accounts") == 1 and OTHER not in people, "the summary of an attack", people)
    run = hunt(log, "text")
    row = [line for line in run.stdout.splitlines() if line.strip().startswith(EVIL)]
    ok(len(row) == 1 and "logged in as Administrator" in row[0] and " 40 " in row[0]
       and row[0].count("2022-06-18 04:2") == 2, "the summary in text", run.stdout)
    run = hunt(Log().failed(12, address="-", user="u#", client="KALI"), "json")
    people = json.loads(run.stdout)["attackers"]
    run = hunt(Log().refused(40).authenticated(), "json")
    a = json.loads(run.stdout)["attackers"][0]
    ok((a["address"], a["attempts"], a["logged_in_as"]) == (EVIL, 40, "alice"),
       "the summary of RDP's own log", a)
    run = hunt(Log().failed(12, address="-", user="u#", client="KALI"), "json")
    people = json.loads(run.stdout)["attackers"]
    ok([(a["address"], a["attempts"], a["accounts"]) for a in people] == [("KALI", 12, 12)],
       "who has no address has a name", people)


def corpus():
    """Logs that were recorded elsewhere."""
    folder = os.path.join(SOURCE, "../shared/corpora/evtx")
    if not os.path.isdir(folder):
        skip("recorded logs", "the corpora are not there")
        return
    run = subprocess.run([HOLDFAST, "hunt", "-f", "json", folder], capture_output=True, text=True,
                         check=False)
    titles = {a["title"] for a in json.loads(run.stdout)["alerts"]}
    want = {"Windows event log cleared", "Windows event log cleared (System)",
            "New local user (Windows)", "Member added to the local administrators (Windows)",
            "New service that runs a shell or lies in an unusual place (Windows)",
            "Password guessing by RDP"}
    ok(want <= titles, "recorded logs", want - titles)


def complete():
    """Rules that only feed correlations are shown by these."""
    titles, fed = set(), set()
    for path in glob.glob(os.path.join(SOURCE, "rules/windows/*.yml")):
        with open(path, encoding="ascii") as f:
            for text in f.read().split("\n---\n"):
                title = re.search(r"^title: (.*)$", text, re.M).group(1)
                if re.search(r"^level: informational$", text, re.M):
                    fed.add(title)
                titles.add(title)
    fed.discard("Audit policy changed (Windows)")
    ok(titles - fed <= found, "every rule found something", sorted(titles - fed - found))
    ok(titles - fed <= missed, "and had something to leave alone",
       sorted(titles - fed - missed))


def main():
    for part in (logons, full, domain, accounts, exposure, services, blinding, rdp_logs, summary, corpus,
                 complete):
        part()
    return plan()


sys.exit(main())
