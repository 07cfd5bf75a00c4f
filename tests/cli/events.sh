# SPDX-License-Identifier: GPL-3.0-or-later
# Windows event logs as XML and JSON; what is damaged is named, and the rest is shown.
. ./lib.sh
cat >"$TMP/make.py" <<'E'
import struct, sys
sys.path.insert(0, sys.argv[1] + "/bench")
import evtx_make
chunks, after = evtx_make.made_chunks(3)
log = evtx_make.file_header(3, after) + b"".join(chunks)
open("log.evtx", "wb").write(log)
open("cut.evtx", "wb").write(log[:4096 + 65536 + 20000])
broken = bytearray(log)
first = struct.unpack_from("<I", log, 4096 + 512 + 4)[0]
broken[4096 + 512 + first + 4:4096 + 512 + first + 8] = bytes(4)
open("broken.evtx", "wb").write(broken)
open("image.raw", "wb").write(b"\0" * 777 + b"ElfChnk" * 100 + chunks[1] + b"x" * 70000 + chunks[0])
evil = evtx_make.Chunk(1)
evtx_make.event(evil, "P", "Security", 1, "\u202eevil", evtx_make.TIME, ["a\"><b x=\""],
                [(evtx_make.STRING, evtx_make.wide("\x1b]0;x\x07</Data><!--\u202e\udc00"))])
open("evil.evtx", "wb").write(evtx_make.file_header(1, 2) + evil.finish())
open("empty.evtx", "wb").write(evtx_make.file_header(0, 1))
E
cat >"$TMP/count.py" <<'E'
# Events of an XML document or of JSON lines; both must be well-formed.
import json, sys
import xml.etree.ElementTree as tree
data = open(sys.argv[1], encoding="utf-8").read()
if data.startswith("<"):
    print(len(tree.fromstring(data)))
elif data.startswith("["):
    print(len(json.loads(data)))
else:
    print(sum(1 for line in data.splitlines() if json.loads(line)["Event"]))
E
counts() { # want
	got=$(python3 "$TMP/count.py" "$TMP/out" 2>"$TMP/python")
	[ "$got" = "$1" ]
	result $? "  $1 events${got:+ ($got)}"
}
names() { # text
	grep -qF -- "$1" "$TMP/err"
	result $? "  names: $1"
}
folder=$PWD
cd "$TMP" || exit 99
python3 "$TMP/make.py" "$SOURCE" || exit 99

exits 0 "XML" hf events log.evtx
quiet
total=$(python3 "$TMP/count.py" "$TMP/out")
[ "$total" -gt 200 ]
result $? "  $total events"
prints '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-Security-Auditing" Guid="{03020100-0504-0706-0809-0a0b0c0d0e0f}"/>'
prints '<Data Name="SubjectLogonId">0x3e7</Data>'
prints '<Data Name="LogonProcessName">User32 </Data>'
prints '<Data Name="SubjectUserSid">S-1-5-18</Data>'
exits 0 "JSON" hf events --format json log.evtx
counts "$total"
exits 0 "JSON, one a line" hf events -f jsonl log.evtx
counts "$total"
prints '"EventID":4625,'
prints '"TargetUserSid":"S-1-5-21-1-2-3-'
exits 0 "two files" hf events -f jsonl log.evtx log.evtx
counts $((2 * total))
exits 0 "until a moment" hf events -f json --until 2022-06-18T04:26:41 log.evtx
counts 3
exits 0 "since then" hf events -f json --since 2022-06-18T04:26:41 log.evtx
counts $((total - 3))
exits 0 "a log without events" hf events -f json empty.evtx
counts 0
exits 0 "and without lines" hf events -f jsonl empty.evtx
[ ! -s "$TMP/out" ]
result $? "  nothing"

exits 3 "a log that is cut off" hf events -f jsonl cut.evtx
names "cut.evtx: at 89632: 111072 bytes: the header says that there is more"
names " records; 1 places could not be read, 1 records only in part"
exits 3 "a record of size 0" hf events -f jsonl broken.evtx
counts $((total - 1))
names "bytes: no record"
exits 3 "no log, and one" hf events -f jsonl make.py log.evtx
counts "$total"
says "make.py: at 0: not a Windows event log (--carve looks for parts of one)"
exits 3 "no file, and one" hf events -f jsonl nothing log.evtx
counts "$total"
says "nothing: No such file or directory"
exits 3 "a folder" hf events .
says ".: Is a directory"
mkfifo fifo
exits 3 "a FIFO" hf events fifo
says "fifo: neither a file nor a disk"
exits 0 "an image" hf events -f jsonl --carve image.raw
quiet
counts "$(python3 -c 'import struct
log = open("log.evtx", "rb").read()
print(sum(struct.unpack_from("<Q", log, at + 16)[0] - struct.unpack_from("<Q", log, at + 8)[0] + 1
          for at in (4096, 4096 + 65536)))')"

exits 0 "what would be obeyed" hf events evil.evtx
counts 1
! LC_ALL=C grep -q "$(printf '[\033\007]')" "$TMP/out"
result $? "  no control characters"
prints '&#x202E;evil'
prints '&lt;/Data&gt;&lt;!--&#x202E;'
exits 0 "the same as JSON" hf events -f jsonl evil.evtx
counts 1
prints '\u001b]0;x\u0007</Data><!--\u202e\ufffd'

exits 2 "no file" hf events
says "events takes files"
exits 2 "another format" hf events -f csv log.evtx
says "--format is one of: xml json jsonl (not 'csv')"
exits 2 "no time" hf events --since yesterday log.evtx
says "--since is a time in UTC such as 2026-11-22"
exits 2 "no day" hf events --until 2026-13-01 log.evtx
hf events log.evtx 2>"$TMP/err" | head -c 100 >"$TMP/out"
quiet
cd "$folder" || exit 99
finish
