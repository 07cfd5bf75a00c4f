# SPDX-License-Identifier: GPL-3.0-or-later
"""CrowdSec from Debian's package, unpacked, with its parsers and scenarios for sshd alone."""
import glob
import os
import shutil
import subprocess

PEERS = os.path.join(os.environ.get("BENCH_DIR", "/var/tmp/holdfast-bench"), "hunt", "peers")
ROOT = PEERS + "/root"
LISTEN = "127.0.0.1:18731"  # in a network namespace

CONFIG = """common: {daemonize: false, log_media: stdout, log_level: error, working_dir: %(dir)s}
config_paths:
  config_dir: %(dir)s
  data_dir: %(dir)s/data
  simulation_path: %(root)s/etc/crowdsec/simulation.yaml
  hub_dir: %(hub)s
  index_path: %(hub)s/.index.json
  notification_dir: %(dir)s
  plugin_dir: %(dir)s
crowdsec_service: {acquisition_path: %(dir)s/acquis.yaml, parser_routines: 1}
cscli: {output: raw}
db_config: {type: sqlite, db_path: %(dir)s/data/crowdsec.db}
prometheus: {enabled: false}
api:
  client: {credentials_path: %(dir)s/credentials.yaml}
  server: {listen_uri: "%(listen)s", profiles_path: %(dir)s/profiles.yaml, log_level: error}
"""


def unpack(*names):
    """The peers' packages, not installed; what cannot be had is left out."""
    os.makedirs(PEERS, exist_ok=True)
    for name in names:
        if not glob.glob(PEERS + "/%s_*.deb" % name):
            subprocess.run(["apt-get", "download", name], cwd=PEERS, check=False,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for package in glob.glob(PEERS + "/%s_*.deb" % name):
            subprocess.run(["dpkg", "-x", package, ROOT], check=True)


def is_here():
    return os.path.exists(ROOT + "/usr/bin/crowdsec") and os.geteuid() == 0


def cscli(folder, *words):
    return subprocess.run([ROOT + "/usr/bin/cscli", "-c", folder + "/config.yaml", *words],
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def prepare(folder, profiles, log=None):
    """Its configuration in a folder made anew; log: a file that it follows. Its command line."""
    hub = ROOT + "/usr/share/crowdsec/hub"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder + "/data")
    for part in ("parsers/s00-raw/syslog-logs", "parsers/s01-parse/sshd-logs",
                 "parsers/s02-enrich/dateparse-enrich", "scenarios/ssh-bf", "scenarios/ssh-slow-bf"):
        kind, name = os.path.split(part)
        os.makedirs(os.path.join(folder, kind), exist_ok=True)
        shutil.copy(os.path.join(hub, kind, "crowdsecurity", name + ".yaml"),
                    os.path.join(folder, kind))
    os.symlink(ROOT + "/etc/crowdsec/patterns", folder + "/patterns")
    with open(folder + "/config.yaml", "w", encoding="ascii") as out:
        out.write(CONFIG % {"dir": folder, "root": ROOT, "hub": hub, "listen": LISTEN})
    with open(folder + "/profiles.yaml", "w", encoding="ascii") as out:
        out.write(profiles)
    with open(folder + "/acquis.yaml", "w", encoding="ascii") as out:
        if log:
            out.write("filenames: [%s]\nlabels: {type: syslog}\n" % log)
    cscli(folder, "machines", "add", "bench", "--password", "bench",
          "-f", folder + "/credentials.yaml", "-u", "http://" + LISTEN)
    return [ROOT + "/usr/bin/crowdsec", "-c", folder + "/config.yaml"]
