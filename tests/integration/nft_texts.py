# SPDX-License-Identifier: GPL-3.0-or-later
"""Files as people write them for nft(8): NAME: ((file, text), …), the first includes the others."""


def inbound(rules, before="", policy="drop"):
    """One table with these rules in its input chain."""
    return (("rules.nft", """flush ruleset
table inet filter {
    %s
    chain input {
        type filter hook input priority filter; policy %s;
        %s
    }
}
""" % (before, policy, rules)),)


TEXTS = {
    "a workstation": inbound("""
        ct state { established, related } accept
        ct state invalid drop
        iif lo accept
        iif != lo ip daddr 127.0.0.1/8 counter drop comment "drop connections to loopback"
        iif != lo ip6 daddr ::1/128 counter drop
        ip protocol icmp icmp type { destination-unreachable, router-advertisement,
            time-exceeded, parameter-problem } accept
        ip6 nexthdr icmpv6 icmpv6 type { destination-unreachable, packet-too-big,
            nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
        ip protocol icmp icmp type echo-request limit rate 4/second accept
        tcp dport { ssh, 8000-8010, https } ct state new accept
        udp dport mdns ip daddr 224.0.0.251 accept
        udp dport mdns ip6 daddr ff02::fb accept
        log prefix "dropped: " flags all counter drop"""),
    "a server": (("rules.nft", """#!/usr/sbin/nft -f
# a comment with { braces } and "quotes"
flush ruleset

define wan = "wan1"
define admin = { 10.1.0.0/16, 192.0.2.33 }
define web = { 80, 443 }
define both = { $web, 8443 }
table ip filter {
    # a comment; with a semicolon
    set blocked { type ipv4_addr; flags interval; elements = { 203.0.113.0/24, # one
        198.51.100.7 } }
    chain services { tcp dport $both accept; udp dport 53 accept; }
    chain input {
        type filter hook input priority 0; policy drop
        ip saddr @blocked drop
        iifname $wan ip saddr $admin tcp dport 22 accept
        iifname != $wan accept
        jump services
    }
}
"""),),
    "includes": (("rules.nft", """flush ruleset
include "@DIR@/define.nft"
table inet t {
    include "@DIR@/set.nft"
    chain input {
        type filter hook input priority filter; policy drop;
        include "@DIR@/rule.nft"
        tcp dport $port accept
    }
}
"""), ("define.nft", "define port = 2222\n"),
                 ("set.nft", "set s { type ipv4_addr; elements = { 10.0.0.1 } }\n"),
                 ("rule.nft", "ip saddr @s accept; udp dport 53 accept\n")),
    "one line each": (("rules.nft", """flush ruleset
add table inet t
add chain inet t in { type filter hook input priority 0; policy drop; }
add chain inet t other
add set inet t open { type inet_service; flags interval; }
add element inet t open { 22, 80-90, 443 }
add element inet t open { 8080 }
add rule inet t in ct state established,related accept
add rule inet t in tcp dport @open accept
add rule inet t in jump other
add rule inet t other udp dport { 53, 123 } \\
    accept
"""),),
    "without add": (("rules.nft", """table ip t { }
flush table ip t
table t { chain in { type filter hook input priority 0; policy drop; tcp dport 22 accept; }; }
"""),),
    "twice the table": (("rules.nft", """flush ruleset
table inet t { chain in { type filter hook input priority 0; policy drop; }
}
table inet t { chain in { tcp dport 22 accept; }
}
table inet t { chain in { tcp dport 23 accept
    }
}
"""),),
    "delete first": (("rules.nft", """table inet t
delete table inet t
table inet t { chain in { type filter hook input priority 0; policy drop; tcp dport 22 accept; }
}
"""),),
    "flush a table": (("rules.nft", """table inet t { chain in { type filter hook input priority 0
        policy drop; tcp dport 22 accept; }
}
flush table inet t
table inet t { chain in { tcp dport 443 accept; }
}
"""),),
    "flush a chain": (("rules.nft", """table inet t { chain in { type filter hook input priority 0
        policy drop; tcp dport 22 accept; }
}
flush chain inet t in
add rule inet t in tcp dport 25 accept
"""),),
    "insert": (("rules.nft", """table inet t { chain in { type filter hook input priority 0
        policy accept; tcp dport 22 accept; }
}
insert rule inet t in ip saddr 10.0.0.0/8 drop
add rule inet t in tcp dport 0-1000 drop
"""),),
    "flags": inbound("""
        tcp flags & (fin|syn|rst|ack) == syn tcp dport 1 accept
        tcp flags syn / fin,syn tcp dport 2 accept
        tcp flags != syn / fin,syn,rst,ack tcp dport 3 accept
        tcp flags syn tcp dport 4 accept
        tcp flags { syn, syn|ack } tcp dport 5 accept
        tcp flags & syn != 0 tcp dport 6 accept
        tcp flags & (fin | syn) == (fin | syn) tcp dport 7 accept
        tcp flags fin,psh,urg / fin,psh,urg tcp dport 8 accept
        tcp flags & (fin|syn|rst|psh|ack|urg) == 0x0 tcp dport 9 accept
        tcp flags == syn tcp dport 10 accept
        tcp flags & syn == syn tcp dport 11 accept
        tcp flags ! ack tcp dport 12 accept
        tcp flags syn | ack tcp dport 14 accept
        tcp flags syn,ack tcp dport 15 accept
        tcp flags (syn | ack) tcp dport 16 accept
        tcp flags ack | fin tcp dport 17 accept
        tcp flags & (syn|ack) == syn | ack tcp dport 13 accept"""),
    "states": inbound("""
        ct state vmap { established : accept, related : accept, invalid : drop }
        ct state new tcp dport 1 accept
        ct state new,established tcp dport 2 accept
        ct state != new tcp dport 3 accept
        ct state { new, untracked } tcp dport 4 accept
        ct state new | established tcp dport 5 accept
        ct state & (new | related) != 0 tcp dport 6 accept
        ct state ! established tcp dport 7 accept
        ct status dnat accept
        ct direction original tcp dport 8 accept
        ct original ip saddr 10.0.0.0/8 tcp dport 9 accept
        ct original proto-dst 10 accept
        ct mark 0x10 tcp dport 11 accept
        ct mark & 0xff == 0 tcp dport 12 accept
        ct helper "ftp" tcp dport 13 accept"""),
    "addresses": inbound("""
        ip saddr 10.0.0.1 tcp dport 1 accept
        ip saddr 10.0.0.1-10.0.0.77 tcp dport 2 accept
        ip saddr { 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 } tcp dport 3 accept
        ip saddr != { 10.0.0.0-10.0.0.8, 1.1.1.1 } tcp dport 4 accept
        ip6 saddr fe80::/10 tcp dport 5 accept
        ip6 saddr { 2001:db8::1, 2001:db8:1::/48, ::1 } tcp dport 6 accept
        ip6 saddr 2001:db8::1-2001:db8::ff tcp dport 7 accept
        ip6 saddr ::/0 tcp dport 8 accept
        ip saddr 0.0.0.0/0 tcp dport 9 accept
        ip saddr & 255.0.0.0 == 10.0.0.0 tcp dport 10 accept
        ip saddr and 0.0.0.1 == 0.0.0.1 tcp dport 11 accept
        ip saddr > 9.9.9.9 tcp dport 12 accept
        ip6 saddr & ffff:ffff:: == 2001:db8:: tcp dport 13 accept
        ip saddr 10.0.0.0/255.0.0.0 tcp dport 14 accept
        ip6 daddr ::ffff:10.0.0.1 tcp dport 16 accept
        ip saddr 10.0.0.1/32 tcp dport 17 accept"""),
    "ports": inbound("""
        tcp dport { 22, 80-90, http-alt, 443 } accept
        tcp dport != { 1, 2 } tcp sport 1 accept
        tcp dport 100-200 accept
        tcp dport ftp-data-ssh accept
        tcp dport >= 60000 accept
        tcp dport lt 5 accept
        udp dport ne 53 udp sport 2 accept
        th dport 33 accept
        meta l4proto { tcp, udp } th dport { 53, 853 } accept
        tcp dport & 1 == 1 tcp sport 7 accept
        tcp dport { 0x1f90, 3389 } accept
        sctp dport 33 accept
        udplite dport 33 accept""".replace("tcp dport ftp-data-ssh accept", "")),
    "names of services": inbound("""
        tcp dport { ftp-data, ftp, iscsi-target, nfs, ms-sql-s, x11-1 } accept
        tcp dport ftp-data accept
        tcp sport iscsi-target accept
        tcp dport ms-sql-s accept
        udp dport { netbios-ns, netbios-dgm, syslog, bootps, bootpc } accept"""),
    "concatenations": inbound("""
        ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.2 . 80 } accept
        ip saddr . tcp dport { 10.1.0.0/16 . 1-1024, 1.1.1.1-1.1.1.9 . 53 } accept
        meta l4proto . th dport { tcp . 53, udp . 53 } accept
        iifname . tcp dport { "wan1" . 99, "tun0" . 98 } accept
        ip saddr . ip daddr . tcp dport vmap { 10.0.0.1 . 10.9.0.1 . 7 : accept }
        ip saddr . tcp dport @pairs accept
        ct state . tcp dport { new . 9 } accept""",
                              "set pairs { type ipv4_addr . inet_service; flags interval; "
                              "elements = { 10.5.0.0/16 . 5, 10.6.6.6 . 60-66 }; }"),
    "verdict maps": inbound("""
        ip saddr vmap { 10.0.0.0/8 : jump a, 192.0.2.0/24 : goto b }
        tcp dport vmap { 22 : accept, 23 : drop, 80-90 : jump a }
        tcp dport vmap @m
        ip saddr . tcp dport vmap { 198.51.100.7 . 443 : accept }
        iifname vmap { "wan1" : jump b, "tun0" : accept, "lo" : accept }""",
                            """chain a { tcp dport 80 accept; return; }
    chain b { udp dport 53 accept
        drop; }
    map m { type inet_service : verdict; flags interval; elements = { 1-5 : accept, 6 : jump a,
        7 : drop }
}"""),
    "typeof": inbound("""
        ip saddr @s accept
        ip saddr . tcp dport @p accept
        ip saddr vmap @v""", """set s { typeof ip saddr; flags interval, timeout
            auto-merge; timeout 1h; size 65535; comment "a; b { c"
            elements = { 10.0.0.0/8 timeout 10m, 10.0.0.0/16, 1.1.1.1 timeout 1d2h comment "x, y" } }
    set p { typeof ip saddr . tcp dport; elements = { 10.1.1.1 . 22 } }
    map v { typeof ip saddr : verdict; elements = { 3.3.3.3 : accept }
}"""),
    "limits": inbound("""
        tcp dport 1 limit rate 10/second accept
        tcp dport 2 limit rate over 10/minute burst 5 packets drop
        tcp dport 3 limit rate 10 mbytes/second burst 5 mbytes accept
        tcp dport 4 limit rate 1 kbytes/second accept
        tcp dport 5 limit rate until 100/day accept
        tcp dport 6 quota over 25 mbytes drop
        tcp dport 7 quota until 100 mbytes accept
        tcp dport 8 ct count 5 accept
        tcp dport 9 ct count over 5 reject
        tcp dport 10 limit name "lim" accept
        tcp dport 11 quota name "quo" accept
        tcp dport 12 counter name "cnt" accept
        tcp dport 13 add @meter4 { ip saddr limit rate 10/second } accept
        tcp dport 14 update @meter4 { ip saddr timeout 10s limit rate over 10/second } drop
        tcp dport 15 add @seen { ip saddr timeout 1m } accept
        tcp dport 16 ct count over 3 counter packets 0 bytes 0 drop
        tcp dport 17 meter old { ip saddr limit rate 3/minute } accept
        tcp dport 18 meter old2 size 128 { ip saddr ct count over 2 } reject
        tcp dport 19 add @seen { ip saddr } counter accept""",
                      """limit lim { rate 10/second }
    limit lim2 { rate over 10 kbytes/second burst 5 kbytes; }
    quota quo { over 10 mbytes }
    counter cnt { comment "c" }
    set meter4 { type ipv4_addr; flags dynamic, timeout; timeout 5m; }
    set seen { type ipv4_addr; size 128; flags dynamic, timeout; }"""),
    "logs and rejects": inbound("""
        tcp dport 1 log prefix "a } b { ; \\\\ # " level info accept
        tcp dport 2 log level debug flags tcp sequence,options flags ip options accept
        tcp dport 3 log group 5 prefix "x" queue-threshold 4 snaplen 64 accept
        tcp dport 4 log accept
        tcp dport 5 reject with tcp reset
        tcp dport 6 reject with icmpx type admin-prohibited
        tcp dport 7 reject with icmpx admin-prohibited
        ip protocol tcp tcp dport 8 reject with icmp type host-unreachable
        ip6 nexthdr tcp tcp dport 9 reject with icmpv6 type no-route
        tcp dport 10 counter log prefix 'single' accept
        tcp dport 11 counter packets 0 bytes 0 accept comment "tcp dport 12 accept; drop"
        tcp dport 13 accept comment "ümläut \u202e #"
        tcp dport 14 log prefix "with $dollar" flags ether accept""".replace(
            "tcp dport 10 counter log prefix 'single' accept", "")),
    "meta": inbound("""
        meta iifname "wan1" tcp dport 1 accept
        iifname { "tun*", wan1 } tcp dport 2 accept
        iifname != { "lo", "tun0" } tcp dport 3 accept
        iif { lo, "tun0" } tcp dport 4 accept
        meta l4proto 47 accept
        meta l4proto ipv6-icmp accept
        meta nfproto ipv6 tcp dport 5 accept
        meta protocol ip tcp dport 6 accept
        meta mark 0x1 tcp dport 7 accept
        meta mark & 0xf == 0 tcp dport 8 accept
        pkttype { broadcast, multicast } tcp dport 9 accept
        meta skuid 0 tcp dport 10 accept
        meta length 0-100 tcp dport 11 accept
        fib daddr type { local, broadcast } tcp dport 12 accept
        fib saddr . iif oif missing drop
        fib saddr . mark oif exists tcp dport 13 accept
        fib daddr . iif type != { local, broadcast, multicast } drop
        mark 5 tcp dport 14 accept
        meta mark set 0x5 tcp dport 15 accept
        tcp dport 15 meta mark 0x5 drop
        socket transparent 1 tcp dport 16 accept
        rt nexthop 10.0.0.1 tcp dport 17 accept
        meta iiftype loopback tcp dport 18 accept
        meta time > "2020-01-01 00:00:00" tcp dport 19 accept
        meta hour "08:00"-"17:00" tcp dport 20 accept
        meta day { "Monday", "Friday" } tcp dport 21 accept
        numgen inc mod 2 == 0 tcp dport 22 accept
        jhash ip saddr mod 2 0 tcp dport 23 accept
        osf name "Linux" tcp dport 24 accept"""),
    "headers": inbound("""
        ip protocol { icmp, esp, ah } accept
        ip protocol vmap { tcp : jump tcps, udp : drop }
        ip6 nexthdr { tcp, udp } tcp dport 1 accept
        ip ttl > 5 tcp dport 2 accept
        ip length 20-80 tcp dport 3 accept
        ip frag-off & 0x1fff != 0 drop
        ip dscp { cs1, af41 } tcp dport 4 accept
        icmp type { echo-request, echo-reply, 13 } accept
        icmp type destination-unreachable icmp code { 4, port-unreachable } accept
        icmpv6 type { nd-router-solicit, mld-listener-query } ip6 hoplimit 255 accept
        icmp type echo-request icmp code 0 accept
        ether saddr 00:11:22:33:44:55 tcp dport 5 accept
        ether saddr { 00:11:22:33:44:55, 66:77:88:99:aa:bb } tcp dport 6 accept
        tcp option maxseg size 0-500 drop
        tcp sequence 22 tcp dport 7 accept
        frag more-fragments 1 drop
        exthdr frag exists drop
        rt type 0 drop
        @th,16,16 8 accept
        @nh,96,32 0x0a000001 tcp dport 9 accept
        igmp type membership-query accept
        esp spi 100 accept
        vlan id 5 accept""", "chain tcps { tcp dport 8 accept; }"),
    "translations": (("rules.nft", """flush ruleset
table ip nat {
    map ports { type inet_service : inet_service; elements = { 81 : 8081 }
}
    map hosts { type inet_service : ipv4_addr; elements = { 90 : 10.0.0.9 } }
    chain prerouting {
        type nat hook prerouting priority dstnat; policy accept;
        iifname "wan1" tcp dport 80 redirect to :8080
        tcp dport 79 redirect
        tcp dport { 85, 86 } dnat to 10.0.0.5:80
        tcp dport 87 dnat to 10.0.0.5
        tcp dport 88 dnat ip to 10.0.0.5:1000-1010 random
        tcp dport 89 dnat to 10.0.0.5-10.0.0.7 persistent
        udp dport 53 redirect to 5353 random,persistent
        tcp dport 91 dnat to tcp dport map { 91 : 10.0.0.8 }
        dnat to tcp dport map @hosts
        redirect to tcp dport map @ports
    }
    chain postrouting {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "wan1" masquerade random,persistent
        ip saddr 10.0.0.0/8 snat to 192.0.2.1-192.0.2.5:1024-2048
        masquerade to :1024-65535
    }
}
table ip6 nat {
    chain prerouting {
        type nat hook prerouting priority -100;
        tcp dport 80 dnat to [2001:db8::5]:8080
        tcp dport 81 dnat to 2001:db8::5
        tcp dport 82 dnat to [2001:db8::5]
    }
}
table inet nat {
    chain prerouting {
        type nat hook prerouting priority dstnat + 5;
        tcp dport 8443 dnat ip to 10.0.0.6:443
        tcp dport 8443 dnat ip6 to [fd00::6]:443
    }
}
table inet filter {
    chain input { type filter hook input priority filter; policy drop
        tcp dport { 8080, 8081, 79, 5353 } accept
        ct status dnat accept
    }
    chain forward { type filter hook forward priority filter; policy drop; ct status dnat accept; }
}
"""),),
    "hooks": (("rules.nft", """flush ruleset
table inet a { chain x { type filter hook prerouting priority raw; policy accept
    udp dport 53 notrack; ip saddr 10.0.0.0/8 drop; }
    chain y { type filter hook input priority filter - 1; tcp dport 1 accept; }
    chain z { type filter hook input priority filter+1; policy drop; tcp dport 1-2 accept; }
    chain o { type filter hook output priority 0; policy drop; }
    chain r { type route hook output priority mangle; }
}
table netdev b { chain in { type filter hook ingress device "wan1" priority -500; policy accept
    ip saddr 192.0.2.0/24 drop; }
}
table netdev c { chain in { type filter hook ingress devices = { wan1, tun0 } priority 0
    udp dport 123 drop; }
}
table bridge d { chain in { type filter hook input priority filter; policy drop; }
}
table arp e { chain in { type filter hook input priority 0; policy drop; }
}
table ip6 f { chain in { type filter hook input priority security; policy drop
    tcp dport 22 accept; }
}
"""),),
    "nothing in it": (("rules.nft", "flush ruleset\n"),),
    "empty tables": (("rules.nft", "table ip a {\n}\ntable ip6 b { chain c { }\n}\n"),),
    "odd names": (("rules.nft", """flush ruleset
table inet my-table.1 { chain in_put-1 { type filter hook input priority 0; policy drop; jump a/b
    } 
    chain a/b { tcp dport 22 accept; }
}
""".replace("jump a/b\n    } \n    chain a/b { tcp dport 22 accept }", "tcp dport 5 accept }")),),
    "definitions": (("rules.nft", """define a = 22
define b = { $a, 80 }
define c = { $b, 443 }
define net = 10.0.0.0/8
define nets = { $net, 192.168.0.0/16 }
define span = 100-200
define word = "wan1"
define lines = {
    1,   # the first
    2
}
redefine a = 23
undefine word
define word = wan1
table inet t {
    define inner = 99
    chain in {
        type filter hook input priority 0; policy drop;
        define deeper = 98
        tcp dport $a accept
        tcp dport $c accept
        ip saddr $nets tcp dport $span accept
        ip saddr { $net, 1.1.1.1 } tcp dport { $span, 7 } accept
        iifname $word tcp dport $lines accept
        tcp dport { $inner, $deeper } accept
    }
}
"""),),
    "a variable in the hook": (("rules.nft", """define prio = 10
define dev = wan1
table inet t { chain in { type filter hook input priority $prio; policy drop
    iifname $dev tcp dport 22 accept; }
}
"""),),
    "flow tables and helpers": (("rules.nft", """flush ruleset
table inet t {
    ct helper ftp { type "ftp" protocol tcp; l3proto ip; }
    ct timeout slow { protocol tcp; l3proto ip; policy = { established: 100, close: 4 }; }
    counter c { packets 0 bytes 0 }
    chain in { type filter hook input priority 0; policy drop;
        tcp dport 21 ct helper set "ftp" accept
        tcp dport 22 ct timeout set "slow" accept
        tcp dport 23 ct zone set 1 accept; }
}
"""),),
    "changes": inbound("""
        tcp dport 1 meta mark set 1 accept
        tcp dport 2 ct mark set meta mark accept
        tcp dport 3 ip dscp set cs1 accept
        tcp dport 4 meta priority set 1:2 accept
        tcp dport 5 ct mark set ct mark or 0x1 accept
        tcp dport 6 meta nftrace set 1 accept
        tcp dport 7 tcp option maxseg size set 1400 accept
        tcp dport 8 ip ttl set 64 accept
        tcp dport 9 meta pkttype set host accept
        tcp dport 10 meta mark set ct mark & 0xff accept"""),
    "queues": inbound("""
        tcp dport 1 queue
        tcp dport 2 queue num 3 bypass
        tcp dport 3 queue num 1-4 fanout
        tcp dport 4 queue flags bypass to 5
        tcp dport 5 tproxy ip to :5000 accept
        tcp dport 6 dup to 10.0.0.1
        tcp dport 7 accept""".replace("tcp dport 5 tproxy ip to :5000 accept", "").replace(
            "tcp dport 6 dup to 10.0.0.1", "")),
    "spaces": (("rules.nft", "table  inet\tt{chain in{type filter hook input priority 0;policy drop;"
                "tcp dport{22,80-90,443}accept;ip saddr{10.0.0.0/8,1.1.1.1}udp dport 53 accept;"
                "tcp dport!=1 tcp sport==7 accept;tcp dport>=60000 accept;}\n}\n"),),
    "carriage returns": (("rules.nft", "table inet t {\n chain in {\n  type filter hook input "
                          "priority 0; policy drop;\n  tcp dport 22 \\\n accept\n }\n}"),),
    "an empty set": inbound("tcp dport @none accept\nip saddr @never drop\n tcp dport 5 accept",
                            "set none { type inet_service; }\n"
                            "set never { type ipv4_addr; flags interval; }"),
}

# In the first, statements that only the JSON tells apart from what follows; in the second, devices
# of chains, which the JSON of older versions leaves out.
LOOSE = {"meta", "hooks"}
