#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Labelled lines: what people type and keep, with secrets in it and without.

No secret stands in this file: they are made when it runs, by a generator with a fixed seed, in the
forms that their issuers document. usage: lines.py FOLDER [SEED] writes positive.txt, negative.txt and
labels.json; as a module it gives positives() and negatives().
"""
import base64
import json
import os
import random
import sys
import zlib

LOWER = "abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()
DIGITS = "0123456789"
ALNUM = LOWER + UPPER + DIGITS
HEX = DIGITS + "abcdef"
WORD = ALNUM + "-_"
B64 = ALNUM + "+/"
WORDS = ["tiger", "Summer", "dragon", "Winter", "shadow", "rocket", "Monday", "purple", "Falcon",
         "coffee", "Berlin", "monkey", "silver", "Madrid", "guitar", "Orange", "castle", "pepper"]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def run(self, alphabet, n):
        text = "".join(self.r.choice(alphabet) for _ in range(n))
        while n >= 8 and set(DIGITS) < set(alphabet) and text.isalpha():
            text = "".join(self.r.choice(alphabet) for _ in range(n))
        return text

    def password(self):
        """As people choose them, and as generators do."""
        r = self.r
        w, v = r.choice(WORDS), r.choice(WORDS)
        return r.choice([
            lambda: w + str(r.randint(1970, 2029)) + r.choice("!#?."),
            lambda: w.replace("a", "@").replace("o", "0").replace("e", "3") + str(r.randint(1, 99)) + "!",
            lambda: w.capitalize() + v.capitalize() + str(r.randint(10, 99)),
            lambda: self.run(ALNUM, r.randint(10, 24)),
            lambda: self.run(ALNUM + "_-.+", r.randint(12, 20)),
            lambda: self.run(HEX, 32),
            lambda: "%s-%s-%s%d" % (w.lower(), v.lower(), r.choice(WORDS).lower(), r.randint(1, 9)),
            lambda: w + "@" + str(r.randint(100, 999)),
        ])()

    def plain(self):
        """Without what a URL or a list would have to escape."""
        return self.run(ALNUM, self.r.randint(10, 20))

    def jwt(self):
        def part(x):
            return base64.urlsafe_b64encode(json.dumps(x).encode()).decode().rstrip("=")
        return ".".join([part({"alg": "HS256", "typ": "JWT"}),
                         part({"sub": self.run(HEX, 24), "iat": self.r.randint(1600000000, 1700000000)}),
                         self.run(WORD, 43)])

    def crc(self, prefix):
        body = self.run(ALNUM, 30)
        digits, n, out = DIGITS + UPPER + LOWER, zlib.crc32(body.encode()), ""
        for _ in range(6):
            out, n = digits[n % 62] + out, n // 62
        return prefix + body + out

    def b64(self, n):
        return base64.b64encode(bytes(self.r.getrandbits(8) for _ in range(n))).decode()

    def pair(self):
        return base64.b64encode(("svc:" + self.plain()).encode()).decode()

    def uuid(self):
        h = self.run(HEX, 32)
        return "-".join([h[:8], h[8:12], h[12:16], h[16:20], h[20:]])

    def aws(self):
        return self.r.choice(["AKIA", "ASIA"]) + self.run(UPPER + "234567", 16)

    def aws_secret(self):
        return self.run(B64, 40)

    def sas(self):
        return self.b64(32).replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")


def templates(m):
    """(kind, line, secret): one of each."""
    p, t, a, h = m.password, m.plain, lambda n: m.run(ALNUM, n), lambda n: m.run(HEX, n)
    w = lambda n: m.run(WORD, n)  # noqa: E731
    out = []

    def add(kind, line, *secrets):
        out.append((kind, line % secrets if secrets else line, secrets))

    cmd = "command"
    # databases
    add(cmd, "mysql -u root -p%s shop", t())
    add(cmd, "mysql -uroot -p'%s' -h 10.0.0.5 shop < dump.sql", p())
    add(cmd, "mysql --user=root --password=%s -e 'show tables'", t())
    add(cmd, "mysqldump -h db01 -u backup -p\"%s\" --all-databases | gzip > /backup/all.sql.gz", p())
    add(cmd, "sudo mysqladmin -u root password '%s'", p())
    add(cmd, "mariadb -u admin -p%s -D wp", t())
    add(cmd, "MYSQL_PWD=%s mysql -u root shop", t())
    add(cmd, "mysql -e \"CREATE USER 'app'@'%%' IDENTIFIED BY '%s'\"", p())
    add(cmd, "mysql -e \"GRANT ALL ON *.* TO 'bob'@'localhost' IDENTIFIED BY '%s'; FLUSH PRIVILEGES\"", p())
    add(cmd, "mysql -e \"ALTER USER 'root'@'localhost' IDENTIFIED WITH mysql_native_password BY '%s'\"", p())
    add(cmd, "mysql -e \"SET PASSWORD FOR 'root'@'localhost' = PASSWORD('%s')\"", p())
    add(cmd, "PGPASSWORD=%s psql -h db.internal -U app app", t())
    add(cmd, "PGPASSWORD='%s' pg_dump -Fc -h db -U postgres prod > prod.dump", p())
    add(cmd, "export PGPASSWORD=%s", t())
    add(cmd, "psql postgresql://app:%s@db.internal:5432/app", t())
    add(cmd, "psql \"host=db user=app password=%s dbname=app\"", t())
    add(cmd, "sudo -u postgres psql -c \"ALTER USER app WITH PASSWORD '%s';\"", p())
    add(cmd, "sudo -u postgres psql -c \"CREATE ROLE web LOGIN ENCRYPTED PASSWORD '%s'\"", p())
    add(cmd, "redis-cli -h cache -a %s ping", t())
    add(cmd, "redis-cli -u redis://default:%s@cache:6379/0 info", t())
    add(cmd, "redis-cli CONFIG SET requirepass %s", t())
    add(cmd, "mongo -u admin -p %s --authenticationDatabase admin", t())
    add(cmd, "mongosh \"mongodb://root:%s@mongo:27017/admin\"", t())
    add(cmd, "mongodump --host db --username backup --password %s --out /b", t())
    add(cmd, "mongo --eval 'db.createUser({user:\"app\",pwd:\"%s\",roles:[]})'", p())
    add(cmd, "sqlcmd -S sql01 -U sa -P '%s' -Q 'select 1'", p())
    add(cmd, "bcp dbo.t out t.csv -S sql01 -U sa -P %s -c", t())
    add(cmd, "sqlplus system/%s@//ora01:1521/XE", t())
    add(cmd, "expdp scott/%s directory=d dumpfile=x.dmp", t())
    add(cmd, "cqlsh cass01 -u cassandra -p %s", t())
    add(cmd, "influx -username admin -password '%s' -database metrics", p())
    add(cmd, "cypher-shell -a bolt://neo -u neo4j -p %s", t())
    add(cmd, "clickhouse-client --host ch --user default --password %s", t())
    add(cmd, "curl -s -u elastic:%s http://localhost:9200/_cat/indices", t())
    add(cmd, "rabbitmqctl add_user shop %s", t())
    add(cmd, "sudo rabbitmqctl change_password admin '%s'", p())
    add(cmd, "mosquitto_pub -h mq -u dev -P '%s' -t a -m b", p())
    add(cmd, "mosquitto_passwd -b /etc/mosquitto/passwd dev %s", t())
    # remote
    add(cmd, "sshpass -p '%s' ssh root@10.1.2.3", p())
    add(cmd, "sshpass -p%s scp dump.sql ann@host:/tmp", t())
    add(cmd, "SSHPASS='%s' sshpass -e rsync -a . host:/srv", p())
    add(cmd, "plink -ssh -pw %s root@router", t())
    add(cmd, "lftp -u ftpuser,%s ftp.host.de", t())
    add(cmd, "ncftpput -u web -p %s ftp.host.de /www index.html", t())
    add(cmd, "wget --user=ann --password='%s' https://files.corp/a.iso", p())
    add(cmd, "wget --http-user ann --http-password %s https://files.corp/b", t())
    add(cmd, "curl -u admin:%s https://nexus.corp/repository/", t())
    add(cmd, "curl --user 'admin:%s' -X POST https://jenkins.corp/job/x/build", p())
    add(cmd, "curl -uadmin:'%s' -k https://10.0.0.1/api", p())
    add(cmd, "curl -x http://proxy:3128 --proxy-user ann:%s https://x.corp", t())
    add(cmd, "curl -H 'Authorization: Bearer %s' https://api.corp/v1/me", a(40))
    add(cmd, "curl -H \"Authorization: Basic %s\" https://api.corp", m.pair())
    add(cmd, "curl -H 'X-API-Key: %s' https://api.corp/v1/things", a(32))
    add(cmd, "curl --header 'PRIVATE-TOKEN: %s' https://gitlab.corp/api/v4/projects", a(20))
    add(cmd, "curl -d 'username=admin&password=%s' https://portal.corp/login", t())
    add(cmd, "curl -X POST -d '{\"user\":\"admin\",\"password\":\"%s\"}' https://portal.corp/api/login", p())
    add(cmd, "curl 'https://api.corp/v1/x?api_key=%s&limit=5'", a(32))
    add(cmd, "http -a admin:%s GET https://api.corp/users", t())
    add(cmd, "git clone https://ann:%s@git.corp/team/app.git", t())
    add(cmd, "git remote set-url origin https://oauth2:%s@gitlab.com/x/y.git", "glpat-" + w(20))
    add(cmd, "git push https://%s@github.com/x/y.git master", m.crc("ghp_"))
    add(cmd, "svn co --username ann --password %s https://svn.corp/r", t())
    add(cmd, "smbclient //files/share -U 'ann%%%s'", t())
    add(cmd, "smbclient -U CORP/ann%%%s -L files", t())
    add(cmd, "mount -t cifs //files/share /mnt -o username=ann,password=%s,domain=CORP", t())
    add(cmd, "net use Z: '\\\\files\\share' %s /user:CORP\\ann", t())
    add(cmd, "net ads join -U administrator%%%s", t())
    add(cmd, "rpcclient -U 'administrator%%%s' dc01", t())
    add(cmd, "xfreerdp /v:win01 /u:administrator /p:'%s' /cert-ignore", p())
    add(cmd, "rdesktop -u administrator -p '%s' win01", p())
    add(cmd, "evil-winrm -i 10.0.0.9 -u administrator -p '%s'", p())
    add(cmd, "ipmitool -I lanplus -H bmc01 -U ADMIN -P %s chassis power status", t())
    add(cmd, "snmpwalk -v3 -l authPriv -u mon -a SHA -A '%s' sw01 system", p())
    add(cmd, "expect -c 'spawn ssh root@h; expect \"assword:\"; send \"%s\\r\"; interact'", t())
    # directory, mail
    add(cmd, "ldapsearch -x -H ldap://dc -D cn=admin,dc=corp -w %s -b dc=corp", t())
    add(cmd, "ldapmodify -D 'cn=Manager,dc=corp' -w'%s' -f x.ldif", p())
    add(cmd, "slappasswd -s %s", t())
    add(cmd, "samba-tool user create bob '%s'", p())
    add(cmd, "echo '%s' | kinit admin@CORP", p())
    add(cmd, "swaks --to a@b.de --server mx --auth LOGIN --auth-user ann --auth-password %s", t())
    add(cmd, "doveadm auth test ann '%s'", p())
    # accounts
    add(cmd, "echo 'root:%s' | chpasswd", p())
    add(cmd, "echo \"deploy:%s\" | sudo chpasswd", t())
    add(cmd, "echo '%s' | passwd --stdin bob", p())
    add(cmd, "echo %s | sudo -S apt-get update", t())
    add(cmd, "sudo -S systemctl restart nginx <<< '%s'", p())
    add(cmd, "chpasswd <<< 'bob:%s'", p())
    add(cmd, "printf '%s\\n%s\\n' | sudo smbpasswd -s -a bob", *([p()] * 2))
    add(cmd, "useradd -m -p $(openssl passwd -1 %s) bob", t())
    add(cmd, "htpasswd -b /etc/nginx/.htpasswd ann %s", t())
    add(cmd, "htpasswd -cb /etc/apache2/.htpasswd ann '%s'", p())
    add(cmd, "htpasswd -nbB ann %s", t())
    # encryption
    add(cmd, "openssl rsa -in a.key -out b.key -passin pass:%s", t())
    add(cmd, "openssl pkcs12 -export -in c.pem -out c.p12 -password pass:'%s'", p())
    add(cmd, "openssl enc -aes-256-cbc -salt -in a -out b -k %s", t())
    add(cmd, "gpg --batch --yes --passphrase '%s' -d backup.gpg", p())
    add(cmd, "zip -r -P %s logs.zip /var/log", t())
    add(cmd, "unzip -P '%s' x.zip", p())
    add(cmd, "7z a -p%s -mhe x.7z /data", t())
    add(cmd, "keytool -importkeystore -srckeystore a.p12 -deststorepass %s -destkeystore b.jks", t())
    add(cmd, "keytool -list -keystore b.jks -storepass '%s'", p())
    add(cmd, "ssh-keygen -t rsa -N '%s' -f key", p())
    add(cmd, "echo -n '%s' | cryptsetup luksOpen /dev/sdb1 data -", p())
    add(cmd, "RESTIC_PASSWORD=%s restic -r sftp:host:/b backup /home", t())
    add(cmd, "export BORG_PASSPHRASE='%s'", p())
    add(cmd, "qpdf --password=%s --decrypt in.pdf out.pdf", t())
    # containers and clouds
    add(cmd, "docker login -u ann -p %s registry.corp", t())
    add(cmd, "docker login registry.corp --username ann --password '%s'", p())
    add(cmd, "echo %s | docker login -u ann --password-stdin", t())
    add(cmd, "docker run -d --name db -e MYSQL_ROOT_PASSWORD=%s -p 3306:3306 mysql:8", t())
    add(cmd, "docker exec -it db mysql -uroot -p%s", t())
    add(cmd, "docker run --rm mysql:8 sh -c 'mysqldump -h db -uroot -p%s shop'", t())
    add(cmd, "podman run -e POSTGRES_PASSWORD='%s' postgres", p())
    add(cmd, "skopeo copy --src-creds ann:%s docker://a docker://b", t())
    add(cmd, "kubectl create secret generic db --from-literal=password=%s", t())
    add(cmd, "kubectl create secret docker-registry r --docker-username=a --docker-password='%s'", p())
    add(cmd, "kubectl exec -it pg-0 -- env PGPASSWORD=%s psql -U app", t())
    add(cmd, "kubectl --token=%s get pods", m.jwt())
    add(cmd, "oc login --token=%s https://api.ocp:6443", "sha256~" + w(43))
    add(cmd, "helm install pg bitnami/postgresql --set auth.postgresPassword=%s", t())
    add(cmd, "helm repo add corp https://charts.corp --username ann --password %s", t())
    add(cmd, "argocd login cd.corp --username admin --password %s", t())
    add(cmd, "az login --service-principal -u %s -p %s --tenant %s" % (m.uuid(), "%s", m.uuid()), t())
    add(cmd, "az login -u ann@corp.com -p '%s'", p())
    add(cmd, "az storage blob list --account-name st1 --account-key %s -c x", m.b64(64))
    add(cmd, "az storage blob upload -f a -c b -n c --connection-string 'DefaultEndpointsProtocol=https;"
        "AccountName=st1;AccountKey=%s;EndpointSuffix=core.windows.net'", m.b64(64))
    add(cmd, "az vm create -n vm1 -g rg --image Ubuntu2204 --admin-username a --admin-password '%s'", p())
    add(cmd, "az keyvault secret set --vault-name kv -n db --value '%s'", p())
    add(cmd, "az sql server create -n s -g rg -u adm -p '%s'", p())
    add(cmd, "azcopy copy a 'https://st1.blob.core.windows.net/c?sv=2022-11-02&ss=b&srt=co&sp=rwl&se=2025-01-01"
        "T00:00:00Z&spr=https&sig=%s'", m.sas())
    add(cmd, "export AZURE_CLIENT_SECRET='%s'", a(3) + "8Q~" + m.run(ALNUM, 34))
    add(cmd, "export ARM_ACCESS_KEY=%s", m.b64(64))
    add(cmd, "export AWS_ACCESS_KEY_ID=%s", m.aws())
    add(cmd, "export AWS_SECRET_ACCESS_KEY=%s", m.aws_secret())
    add(cmd, "aws configure set aws_secret_access_key %s", m.aws_secret())
    add(cmd, "AWS_SECRET_ACCESS_KEY=%s aws s3 ls", m.aws_secret())
    add(cmd, "s3cmd --access_key=x --secret_key=%s ls", m.aws_secret())
    add(cmd, "mc alias set corp https://minio.corp minioadmin %s", t())
    add(cmd, "gcloud sql users set-password root --instance db --password='%s'", p())
    add(cmd, "doctl auth init -t %s", "dop_v1_" + h(64))
    add(cmd, "ngrok authtoken %s", a(27) + "_" + a(21))
    add(cmd, "tailscale up --authkey %s", "tskey-auth-" + a(12) + "-" + a(32))
    add(cmd, "vault login %s", "hvs." + w(24))
    add(cmd, "export VAULT_TOKEN=%s", "hvs." + w(24))
    add(cmd, "vault operator unseal %s", m.b64(33))
    add(cmd, "vault kv put secret/db password=%s", t())
    add(cmd, "terraform apply -var db_password=%s", t())
    add(cmd, "TF_VAR_admin_password='%s' terraform plan", p())
    add(cmd, "ansible-playbook site.yml -e ansible_become_pass=%s", t())
    add(cmd, "ansible all -m ping -e 'ansible_user=a ansible_password=%s'", t())
    add(cmd, "heroku config:set SECRET_KEY_BASE=%s", h(64))
    add(cmd, "gh auth login --with-token <<< %s", m.crc("gho_"))
    add(cmd, "export GITHUB_TOKEN=%s", m.crc("ghp_"))
    add(cmd, "export GH_TOKEN=%s", "github_pat_" + a(22) + "_" + a(59))
    add(cmd, "npm config set //registry.npmjs.org/:_authToken %s", "npm_" + a(36))
    add(cmd, "pip install --index-url https://ann:%s@pypi.corp/simple pkg", t())
    add(cmd, "twine upload -u __token__ -p %s dist/*", "pypi-AgEIcHlwaS5vcmc" + w(80))
    add(cmd, "cargo login %s", a(32))
    add(cmd, "mvn deploy -Drepo.password=%s", t())
    add(cmd, "java -Djavax.net.ssl.keyStorePassword=%s -jar app.jar", t())
    add(cmd, "gradle publish -PnexusPassword=%s", t())
    add(cmd, "export OPENAI_API_KEY=%s", "sk-proj-" + w(74) + "T3BlbkFJ" + w(74))
    add(cmd, "export ANTHROPIC_API_KEY=%s", "sk-ant-api03-" + w(93) + "AA")
    add(cmd, "export STRIPE_SECRET_KEY=%s", "sk_live_" + a(24))
    add(cmd, "export SLACK_BOT_TOKEN=%s", "xoxb-%s-%s-%s" % (m.run(DIGITS, 12), m.run(DIGITS, 12), a(24)))
    add(cmd, "curl -X POST -d '{}' https://%s",
        "hooks.slack.com/services/T%s/B%s/%s" % (m.run(UPPER, 8), m.run(UPPER, 8), a(24)))
    add(cmd, "curl https://api.telegram.org/bot%s/getMe", m.run(DIGITS, 10) + ":AAH" + w(32))
    add(cmd, "curl https://%s -d x", "discord.com/api/webhooks/" + m.run(DIGITS, 18) + "/" + w(68))
    add(cmd, "nmcli dev wifi connect HomeNet password %s", t())
    add(cmd, "wpa_passphrase HomeNet '%s' >> /etc/wpa_supplicant.conf", p())
    add(cmd, "ssh deploy@web1 \"mysql -uroot -p%s shop -e 'select 1'\"", t())
    add(cmd, "bash -c 'export DB_PASSWORD=%s; ./run.sh'", t())
    add(cmd, "sudo su -c 'mysqldump -p%s shop > /tmp/x'", t())
    add(cmd, "while true; do sshpass -p %s ssh h uptime; sleep 5; done", t())
    add(cmd, "crontab -l; echo \"0 3 * * * mysqldump -uroot -p%s db > /b\" | crontab -", t())
    add(cmd, "kubectl patch secret db -p '{\"stringData\":{\"password\":\"%s\"}}'", p())
    add(cmd, "set -x API_TOKEN %s", a(32))
    add(cmd, "sed -i 's/^DB_PASSWORD=.*/DB_PASSWORD=%s/' .env", t())
    add(cmd, "echo 'DB_PASSWORD=%s' >> .env", t())
    add(cmd, "wp core config --dbname=wp --dbuser=wp --dbpass=%s", t())
    add(cmd, "wp user create bob b@x.de --user_pass='%s'", p())
    add(cmd, "virt-customize -a d.qcow2 --root-password password:%s", t())
    add(cmd, "sendemail -f a -t b -xu ann -xp '%s'", p())
    add(cmd, "grafana-cli admin reset-admin-password %s", t())
    add(cmd, "openvpn --config a.ovpn --askpass <(echo %s); export VPN_PASS=%s", t(), t())
    add(cmd, "impacket-psexec 'CORP/administrator:%s@10.0.0.5'", t())
    add(cmd, "kcadm.sh config credentials --server http://kc --realm master --user admin --password %s", t())
    add(cmd, "neo4j-admin set-initial-password %s", t())
    add(cmd, "snmpget -v2c -c %s sw01 sysName.0", t())
    add(cmd, "echo -n 'admin:%s' | base64", t())
    add(cmd, "x11vnc -forever -passwd %s", t())
    add(cmd, "hydra -l root -p '%s' ssh://10.0.0.7", p())
    add(cmd, "radtest bob '%s' localhost 0 testing123", p())

    cfg = "setting"
    add(cfg, "DB_PASSWORD=%s", p())
    add(cfg, "DB_PASSWORD=\"%s\"", p())
    add(cfg, "MAIL_PASSWORD='%s'", p())
    add(cfg, "DATABASE_URL=postgres://app:%s@db:5432/app", t())
    add(cfg, "REDIS_URL=redis://:%s@cache:6379/0", t())
    add(cfg, "CELERY_BROKER_URL=amqp://guest:%s@mq:5672//", t())
    add(cfg, "SECRET_KEY=%s", h(64))
    add(cfg, "JWT_SECRET=%s", a(40))
    add(cfg, "APP_KEY=base64:%s", m.b64(32))
    add(cfg, "password: %s", t())
    add(cfg, "  password: \"%s\"", p())
    add(cfg, "      - POSTGRES_PASSWORD=%s", t())
    add(cfg, "      MYSQL_ROOT_PASSWORD: %s", t())
    add(cfg, "spring.datasource.password=%s", t())
    add(cfg, "\"password\": \"%s\",", p())
    add(cfg, "  \"client_secret\": \"%s\",", w(32))
    add(cfg, "\"ConnectionStrings\": {\"Default\": \"Server=sql;Database=d;User Id=sa;Password=%s;\"}", t())
    add(cfg, "<add name=\"Db\" connectionString=\"Data Source=sql;Initial Catalog=d;User ID=sa;Password=%s\" />", t())
    add(cfg, "<add key=\"SmtpPassword\" value=\"%s\" />", p())
    add(cfg, "<machineKey validationKey=\"%s\" decryptionKey=\"%s\" />", m.run(HEX, 128).upper(), m.run(HEX, 48).upper())
    add(cfg, "    <password>%s</password>", t())
    add(cfg, "<user username=\"admin\" password=\"%s\" roles=\"manager-gui\"/>", t())
    add(cfg, "define('DB_PASSWORD', '%s');", p())
    add(cfg, "define( 'AUTH_KEY', '%s' );", m.run(ALNUM + "!#%&()*+,-./:;<=>?@[]^_{|}~", 64).replace("%", "+").replace("<", "d").replace("{", "b").replace("[", "c").replace("(", "g"))
    add(cfg, "$db_password = '%s';", p())
    add(cfg, "'password' => '%s',", p())
    add(cfg, "password = \"%s\"", p())
    add(cfg, "api_key = \"%s\"", a(32))
    add(cfg, "const apiKey = \"%s\";", a(32))
    add(cfg, "aws_access_key_id = %s", m.aws())
    add(cfg, "aws_secret_access_key = %s", m.aws_secret())
    add(cfg, "AccountKey=%s;EndpointSuffix=core.windows.net", m.b64(64))
    add(cfg, "SERVICEBUS=Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=%s", m.b64(32))
    add(cfg, "AZURE_STORAGE_KEY=%s", m.b64(64))
    add(cfg, "machine git.corp login ann password %s", t())
    add(cfg, "https://ann:%s@github.com", m.crc("ghp_"))
    add(cfg, "    token: %s", m.jwt())
    add(cfg, "//registry.npmjs.org/:_authToken=%s", "npm_" + a(36))
    add(cfg, "_auth=%s", m.pair())
    add(cfg, "\"auth\": \"%s\"", m.pair())
    add(cfg, "requirepass %s", t())
    add(cfg, "bindpw %s", t())
    add(cfg, "psk=\"%s\"", p())
    add(cfg, "//files/share /mnt cifs username=ann,password=%s,uid=0 0 0", t())
    add(cfg, "Environment=DB_PASSWORD=%s", t())
    add(cfg, "Environment=\"API_TOKEN=%s\"", a(32))
    add(cfg, "ExecStart=/usr/bin/exporter --web.password=%s", t())
    add(cfg, "ExecStartPre=/usr/bin/mysql -uroot -p%s -e 'select 1'", t())
    add(cfg, "30 2 * * * root mysqldump -u root -p'%s' shop | gzip > /b.gz", p())
    add(cfg, "*/5 * * * * curl -s -u mon:%s https://hc.corp/ping", t())
    add(cfg, "ENV NPM_TOKEN=%s", "npm_" + a(36))
    add(cfg, "RUN curl -H 'Authorization: token %s' https://api.github.com", m.crc("ghp_"))
    add(cfg, "jdbc:mysql://db/app?user=app&password=%s", t())
    add(cfg, "url=jdbc:oracle:thin:app/%s@//ora:1521/x", t())
    add(cfg, "client-key-data: %s", m.b64(90))
    add(cfg, "-----BEGIN RSA PRIVATE KEY-----")
    add(cfg, "-----BEGIN OPENSSH PRIVATE KEY-----")
    add(cfg, "\"private_key\": \"-----BEGIN PRIVATE KEY-----\\n%s\\n" % m.b64(48))
    add(cfg, "GRAFANA_TOKEN=%s", "glsa_" + a(32) + "_" + h(8))
    add(cfg, "DD_API_KEY=%s", h(32))
    add(cfg, "TWILIO_AUTH_TOKEN=%s", h(32))
    add(cfg, "HEROKU_API_KEY=%s", m.uuid())
    add(cfg, "snmp_auth_passphrase: '%s'", p())

    tok = "token"
    add(tok, "GitHub: %s", m.crc("ghp_"))
    add(tok, "the token is %s ok?", m.crc("ghs_"))
    add(tok, "use %s", "github_pat_" + a(22) + "_" + a(59))
    add(tok, "log: using %s for clone", "glpat-" + w(20))
    add(tok, "%s", "xoxb-%s-%s-%s" % (m.run(DIGITS, 12), m.run(DIGITS, 12), a(24)))
    add(tok, "%s", "xoxp-%s-%s-%s-%s" % (m.run(DIGITS, 12), m.run(DIGITS, 12), m.run(DIGITS, 12), h(32)))
    add(tok, "stripe %s", "rk_live_" + a(24))
    add(tok, "key %s", "SG." + w(22) + "." + w(43))
    add(tok, "%s", "AIza" + w(35))
    add(tok, "%s", "GOCSPX-" + w(28))
    add(tok, "ya29 %s", "ya29." + w(100))
    add(tok, "%s", "npm_" + a(36))
    add(tok, "%s", "pypi-AgEIcHlwaS5vcmc" + w(100))
    add(tok, "%s", "dop_v1_" + h(64))
    add(tok, "bot %s", m.run(DIGITS, 9) + ":AAF" + w(32))
    add(tok, "%s", "hf_" + m.run(LOWER + UPPER + DIGITS, 34))
    add(tok, "%s", "hvs." + w(90))
    add(tok, "%s", "sk-ant-api03-" + w(93) + "AA")
    add(tok, "%s", "sk-" + a(20) + "T3BlbkFJ" + a(20))
    add(tok, "%s", "shpat_" + h(32))
    add(tok, "%s", "lin_api_" + a(40))
    add(tok, "%s", "dckr_pat_" + w(27))
    add(tok, "%s", "PMAK-" + h(24) + "-" + h(34))
    add(tok, "%s", "NRAK-" + m.run(UPPER + DIGITS, 27))
    add(tok, "%s", "AKIA" + m.run(UPPER + "234567", 16))
    add(tok, "jwt: %s", m.jwt())
    add(tok, "%s", "AGE-SECRET-KEY-1" + m.run("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58))
    add(tok, "%s", "sq0csp-" + w(43))
    add(tok, "%s", "glsa_" + a(32) + "_" + h(8))
    add(tok, "%s", "rubygems_" + h(48))
    add(tok, "%s", "a" + a(13) + ".atlasv1." + w(66))
    add(tok, "secret value: %s", a(3) + "8Q~" + m.run(ALNUM, 34))
    more(m, add)
    return out


def more(m, add):
    """Forms that an earlier version did not know."""
    t = m.plain
    for line in ("REDISCLI_AUTH=%s redis-cli info", "snowsql -a acc -u ann -p %s", "consul kv put app/db/password %s",
                 "helm upgrade x ./chart --set db.password=%s,replicas=2", "pass insert -e web <<< %s",
                 "aws ssm put-parameter --name /db/pw --type SecureString --value %s", "set SQLPASS=%s",
                 "ansible-vault encrypt_string '%s' --name db_password", "gh secret set DB_PASSWORD --body %s",
                 "systemctl set-environment APP_PASSWORD=%s", "jenkins-cli -auth admin:%s list-jobs",
                 "$p = ConvertTo-SecureString '%s' -AsPlainText -Force", "  - echo 'ubuntu:%s' | chpasswd",
                 "ExecStart=/usr/bin/mysqld_exporter --mysqld.password %s", "rocommunity %s",
                 "\"Main\": \"Server=s;Database=d;User Id=u;Password=%s;TrustServerCertificate=True\"",
                 "requests.get(url, auth=('ann', '%s'))", "<Password><Value>%s</Value></Password>",
                 "DriverManager.getConnection(\"jdbc:mysql://db/app?user=a&password=%s\")",
                 "mysqlsh root:%s@localhost --sql", "ipa-client-install -p admin -w %s --unattended",
                 "vault write auth/ldap/config bindpass='%s'", "jboss-cli.sh -c -u=a -p=%s",
                 "/usr/lib/nagios/plugins/check_http -H h -a mon:%s", "wp config set DB_PASSWORD '%s'",
                 "ENV ADMIN_PASSWORD %s", "RUN echo 'root:%s' | chpasswd", "new PDO('mysql:host=h', 'app', '%s')",
                 "sql.Open(\"mysql\", \"app:%s@tcp(db:3306)/app\")", "new NetworkCredential(\"ann\", \"%s\");",
                 "dsn := \"host=db user=app password=%s dbname=app\"", "smtp.login('a@b.c', '%s')",
                 "mysqli_connect('localhost', 'root', '%s', 'shop')", "realm join -U admin corp.lan <<< '%s'",
                 "<property name=\"hibernate.connection.password\">%s</property>", "ann : EAP \"%s\"",
                 "cvs -d :pserver:ann:%s@cvs:/r login", "dotnet user-secrets set Db:Password %s",
                 "ssh root@h 'PGPASSWORD=%s psql -U app -c \"select 1\"'", "tmux new -d 'PGPASSWORD=%s psql'",
                 "printf '[client]\\nuser=root\\npassword=%s\\n' > ~/.my.cnf", "$env:DB_PASSWORD = '%s'",
                 "echo 'machine api.h login ann password %s' >> ~/.netrc", "echo \"%s\" | su -c id",
                 "useradd -m -p $(perl -e 'print crypt(\"%s\",\"sa\")') ann", "rman target sys/%s@db",
                 "sqlplus 'sys/%s@//h/s as sysdba'", "keytool -storepasswd -new %s -keystore k",
                 "zip -rP %s a.zip d", "lftp -c 'open -u a,%s sftp://h; mirror x'", "make deploy DB_PASSWORD=%s", "yt-dlp -u ann -p %s https://v.corp/1"):
        add("command", line, t())
    add("command", "snyk auth %s", m.uuid())
    add("command", "netlify deploy --auth %s", "nfp_" + m.run(ALNUM, 36))


def quiet(m):
    """Lines without a secret that look as if they had one."""
    h = lambda n: m.run(HEX, n)  # noqa: E731
    port = str(m.r.randint(1025, 65000))
    name = m.r.choice(["shop", "app", "web", "api", "blog", "crm", "erp", "wiki"])
    host = m.r.choice(["web1", "db02", "10.0.0.7", "files.corp", "host.example.org"])
    user = m.r.choice(["ann", "bob", "root", "deploy", "admin"])
    var = m.r.choice(["$PASS", "${DB_PASSWORD}", "$(cat /run/secrets/db)", "\"$MYSQL_ROOT_PASSWORD\"",
                      "`cat ~/.pw`", "$1", "$(pass show db)", "${SECRET:-}"])
    hole = m.r.choice(["<password>", "YOUR_PASSWORD", "your_password_here", "xxxxxxxx", "********",
                       "changeme", "<your-token>", "{{ db_password }}", "PASSWORD", "[REDACTED]",
                       "%PASSWORD%", "<PASSWORD>", "your-api-key", "REPLACE_ME", "example",
                       "INSERT_TOKEN_HERE", "...", "null", "password"])
    bcrypt = "$2y$10$" + m.run(ALNUM + "./", 53)
    crypt = "$6$" + m.run(ALNUM, 8) + "$" + m.run(ALNUM + "./", 86)
    return [
        "mysql -u root -p %s" % name,
        "mysql -u %s -p -h %s %s" % (user, host, name),
        "mysql -P %s -h %s -u %s -p" % (port, host, user),
        "mysqldump -u root -p --single-transaction %s > %s.sql" % (name, name),
        "mysql -u root -p%s %s" % (var, name),
        "mysql --password=%s -u root" % var,
        "mysql -u root -p'%s'" % hole if " " not in hole else "mysql -u root -p",
        "psql -h %s -p %s -U %s %s" % (host, port, user, name),
        "PGPASSWORD=%s psql -h %s" % (var, host),
        "PGPASSWORD=%s psql" % hole if "<" not in hole and " " not in hole else "psql",
        "ssh -p %s %s@%s" % (port, user, host),
        "ssh -p%s %s@%s" % (port, user, host),
        "scp -P %s a.tgz %s@%s:/tmp" % (port, user, host),
        "rsync -avp -e 'ssh -p %s' . %s:/srv" % (port, host),
        "cp -p /etc/%s.conf /root/" % name,
        "mkdir -p /srv/%s/%s" % (name, h(8)),
        "tar -xpf %s.tar.gz -C /srv" % name,
        "ps -u %s -p %s" % (user, port),
        "docker run -d -p %s:80 --name %s nginx" % (port, name),
        "docker run -p%s:3306 --name mysql -e MYSQL_RANDOM_ROOT_PASSWORD=yes mysql" % port,
        "docker run -e MYSQL_ROOT_PASSWORD=%s mysql" % var,
        "docker pull %s@sha256:%s" % (name, h(64)),
        "docker login -u %s registry.corp" % user,
        "docker login -u %s -p %s registry.corp" % (user, var),
        "docker run --network host %s:%s" % (name, h(40)),
        "git checkout %s" % h(40),
        "git show %s" % h(10),
        "git commit -m 'fix password: reset of %s'" % user,
        "git commit -am \"rotate token for %s, password=changed\"" % name,
        "git clone git@github.com:%s/%s.git" % (user, name),
        "git clone https://github.com/%s/%s.git" % (user, name),
        "git clone https://%s@git.corp/%s.git" % (user, name),
        "git clone https://%s:%s@git.corp/x.git" % (user, "$TOKEN"),
        "curl -u %s https://%s/" % (user, host),
        "curl -u %s:%s https://%s/" % (user, var.strip('"'), host),
        "curl -u '%s:%s' https://%s/" % (user, hole, host),
        "curl -H \"Authorization: Bearer $TOKEN\" https://%s" % host,
        "curl -H 'Authorization: Bearer <token>' https://%s" % host,
        "curl -H 'Authorization: Bearer YOUR_ACCESS_TOKEN' https://%s" % host,
        "curl -H 'X-Request-Id: %s' https://%s" % (m.uuid(), host),
        "curl -H 'If-None-Match: \"%s\"' https://%s" % (h(32), host),
        "curl -o %s.html https://%s/p?id=%s" % (name, host, m.uuid()),
        "wget https://%s/%s-%s.tar.gz" % (host, name, h(12)),
        "wget --password=%s https://%s/" % (var, host),
        "sha256sum -c <<< '%s  %s.iso'" % (h(64), name),
        "echo '%s  %s.tgz' | sha256sum -c" % (h(64), name),
        "md5sum %s; # %s" % (name, h(32)),
        "echo \"root:%s\" | chpasswd" % var.strip('"'),
        "echo 'hello %s' | base64" % name,
        "echo %s | sudo tee /proc/sys/vm/drop_caches" % port[0],
        "usermod -p '%s' %s" % (crypt, user),
        "useradd -m -s /bin/bash %s" % user,
        "passwd %s" % user,
        "sudo passwd -l %s" % user,
        "htpasswd -c /etc/nginx/.htpasswd %s" % user,
        "openssl rsa -in %s.key -passin env:KEYPASS" % name,
        "openssl rsa -in %s.key -passin file:/root/pw.txt" % name,
        "openssl enc -aes-256-cbc -pass stdin -in a -out b",
        "openssl passwd -6",
        "openssl rand -hex 32",
        "gpg --recv-keys 0x%s" % h(16).upper(),
        "apt-key adv --keyserver keyserver.ubuntu.com --recv-keys %s" % h(40).upper(),
        "gpg --passphrase-file /root/.pw -d x.gpg",
        "ssh-keygen -t ed25519 -N '' -f key",
        "ssh-keygen -lf key.pub",
        "sshpass -f /root/.pw ssh %s" % host,
        "sshpass -e ssh %s@%s" % (user, host),
        "sshpass -p %s ssh %s" % (var, host),
        "redis-cli -h %s -p %s ping" % (host, port),
        "redis-cli -a %s ping" % var,
        "mongo --host %s --port %s -u %s -p" % (host, port, user),
        "ldapsearch -x -W -D cn=admin -b dc=corp",
        "ldapsearch -x -y /root/.ldappw -D cn=admin",
        "smbclient //%s/share -U %s" % (host.replace(".", ""), user),
        "smbclient -A /root/.smbcred //files/share",
        "mount -t cifs //files/s /mnt -o credentials=/root/.smb,uid=1000",
        "az login",
        "az login --identity",
        "az login --service-principal -u %s -p %s --tenant %s" % (m.uuid(), var, m.uuid()),
        "az account set --subscription %s" % m.uuid(),
        "az keyvault secret show --vault-name kv --name %s-password" % name,
        "az ad sp create-for-rbac --name %s --role contributor" % name,
        "az vm create -n %s -g rg --generate-ssh-keys" % name,
        "aws s3 ls s3://%s-secrets/" % name,
        "aws secretsmanager get-secret-value --secret-id prod/%s" % name,
        "aws configure --profile %s" % name,
        "aws ec2 describe-instances --instance-ids i-%s" % h(17),
        "aws configure set aws_secret_access_key %s" % var,
        "export AWS_PROFILE=%s AWS_REGION=eu-central-1" % name,
        "export AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE",
        "export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "gcloud secrets versions access latest --secret=%s-db" % name,
        "kubectl get secret %s -o yaml" % name,
        "kubectl create secret generic db --from-file=password=./pw.txt",
        "kubectl create secret generic db --from-literal=password=%s" % var,
        "kubectl describe secret %s-token-%s" % (name, m.run(LOWER + DIGITS, 5)),
        "kubectl delete pod %s-%s-%s" % (name, h(9), m.run(LOWER, 5)),
        "helm install %s . --set auth.existingSecret=%s-secret" % (name, name),
        "helm upgrade %s . --set image.tag=%s" % (name, h(8)),
        "kubeadm join %s:6443 --discovery-token-ca-cert-hash sha256:%s" % (host, h(64)),
        "vault kv get -field=password secret/%s" % name,
        "vault login -method=oidc",
        "vault status; vault token lookup",
        "terraform apply -var-file=%s.tfvars" % name,
        "terraform import aws_instance.%s i-%s" % (name, h(17)),
        "ansible-playbook site.yml --ask-become-pass --vault-password-file ~/.vault",
        "ansible-vault view group_vars/%s.yml" % name,
        "export GITHUB_TOKEN=$(gh auth token)",
        "export TOKEN=%s" % var,
        "export API_KEY=%s" % (hole if " " not in hole and "<" not in hole else "changeme"),
        "export PASSWORD_FILE=/run/secrets/%s" % name,
        "export EDITOR=vim HISTSIZE=%s" % port,
        "export SECRET_NAME=%s-prod" % name,
        "grep -rn password /etc/%s" % name,
        "grep 'password=%s' -r ." % name,
        "grep -i token access.log | tail -n %s" % port,
        "rg 'api_key|secret' src/%s" % name,
        "find / -name '*.pem' -o -name id_rsa",
        "cat ~/.ssh/id_rsa.pub",
        "vim /etc/%s/passwords.yml" % name,
        "less /var/log/auth.log; man passwd",
        "history | grep mysql",
        "pass show %s/db" % name,
        "pwgen -s 24 1",
        "keytool -list -keystore %s.jks" % name,
        "zip -r %s.zip /srv/%s" % (name, name),
        "7z x %s.7z -o/tmp" % name,
        "unzip -p %s.zip x > y" % name,
        "xfreerdp /v:%s /u:%s" % (host, user),
        "net use Z: '\\\\files\\share' /user:CORP\\%s" % user,
        "net user %s" % user,
        "snmpwalk -v2c -c public %s" % host if False else "snmpwalk -v3 -u mon %s system" % host,
        "nmap -p %s %s" % (port, host),
        "nc -zv %s %s" % (host, port),
        "netstat -tulpn | grep %s" % port,
        "systemctl restart %s; journalctl -u %s -p err" % (name, name),
        "npm install --save %s@%s" % (name, "1.2.3"),
        "npm ci && npm run build -- --token-file x",
        "pip install -r requirements.txt --hash=sha256:%s" % h(64),
        "curl https://api.corp/%s?token=%s" % (name, "$TOKEN"),
        "curl 'https://api.corp/x?api_key=<key>'",
        "http POST api.corp/login user=%s password=%s" % (user, var),
        "mvn -Dpassword=${env.PW} deploy",
        "password=%s" % var,
        "password: %s" % ("{{ vault_password }}"),
        "password: %s" % hole,
        "password =",
        "PASSWORD=",
        "DB_PASSWORD=%s" % var,
        "DB_PASSWORD=%s" % hole,
        "DB_PASSWORD_FILE=/run/secrets/%s" % name,
        "password_hash: \"%s\"" % bcrypt,
        "'password' => '%s'," % bcrypt,
        "password_digest = %s" % h(64),
        "%s:%s:19000:0:99999:7:::" % (user, crypt),
        "%s:{SSHA}%s" % (user, m.b64(24)),
        "password: String;",
        "password: string",
        "  password: { type: String, required: true },",
        "String password = request.getParameter(\"password\");",
        "password = os.environ[\"DB_PASSWORD\"]",
        "password = getpass.getpass(\"Password: \")",
        "const password = process.env.DB_PASSWORD;",
        "const token = req.headers.authorization;",
        "secret = config.get(\"secret\")",
        "token := os.Getenv(\"TOKEN\")",
        "api_key = settings.API_KEY",
        "$password = $_POST['password'];",
        "if (password == null) throw new Error(\"password missing\");",
        "label.password = \"Password\"",
        "\"password\": \"\",",
        "\"password\": null,",
        "\"token_type\": \"bearer\",",
        "\"client_id\": \"%s\"," % m.uuid(),
        "\"tenantId\": \"%s\"," % m.uuid(),
        "\"integrity\": \"sha512-%s\"," % m.b64(64),
        "\"sha256\": \"%s\"," % h(64),
        "\"etag\": \"%s\"" % h(32),
        "request_id=%s user=%s" % (m.uuid(), user),
        "commit %s" % h(40),
        "Merge: %s %s" % (h(7), h(7)),
        "index %s..%s 100644" % (h(7), h(7)),
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI%s %s@%s" % (m.run(B64, 43), user, host),
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
        "grep -l 'BEGIN RSA PRIVATE KEY' *",
        "PasswordAuthentication no",
        "PermitEmptyPasswords no",
        "password required pam_unix.so obscure sha512",
        "max_tokens: %s" % port,
        "tokenizer: gpt2-%s" % h(6),
        "Failed password for %s from 10.0.0.%s port %s ssh2" % (user, port[:2], port),
        "Accepted publickey for %s from 10.1.1.1 port %s ssh2: RSA SHA256:%s" % (user, port, m.run(B64, 43)),
        "UUID=%s /home ext4 defaults 0 2" % m.uuid(),
        "INSTANCE_ID=i-%s" % h(17),
        "Enter your password to continue.",
        "The password must have at least 12 characters.",
        "See https://docs.corp/%s#password-reset" % name,
        "https://%s/reset?user=%s" % (host, user),
        "mailto:%s@%s" % (user, "corp.com"),
        "postgres://%s@%s:%s/%s" % (user, host, port, name),
        "postgres://user:password@localhost:5432/db",
        "mysql://root:${MYSQL_PASSWORD}@db/%s" % name,
        "redis://%s:%s/0" % (host, port),
        "amqp://user:<password>@%s//" % host,
        "secretKeyRef: {name: %s-secret, key: password}" % name,
        "secretName: %s-tls" % name,
        "passwordSecretRef: %s" % name,
        "key: \"%s\"" % name,
        "cache_key = \"%s:%s\"" % (name, user),
        "primary_key: id",
        "token: ${{ secrets.GITHUB_TOKEN }}",
        "password: ${{ secrets.DB_PASSWORD }}",
        "password: !vault |",
        "$ANSIBLE_VAULT;1.1;AES256",
        "%s" % h(80),
        "ghp_%s" % ("x" * 36),
        "glpat-xxxxxxxxxxxxxxxxxxxx",
        "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx",
        "xoxb-your-token-here",
        "AIza%s" % ("X" * 35),
        "AccountKey=<your-account-key>;EndpointSuffix=core.windows.net",
        "Server=db;User Id=%s;Password=<password>;" % user,
        "Server=db;User Id=%s;Password={0};" % user,
        "Server=db;Database=%s;Integrated Security=true;" % name,
        "Environment=DB_PASSWORD_FILE=/etc/%s/pw" % name,
        "LoadCredential=db:/etc/%s/pw" % name,
        "0 3 * * * root /usr/local/bin/backup-%s --password-file /root/.pw" % name,
        "define('DB_PASSWORD', 'password_here');",
        "define('AUTH_KEY', 'put your unique phrase here');",
        "color: #%s; background: #%s" % (h(6), h(6)),
        "STRIPE_KEY=pk_live_%s" % m.run(ALNUM, 24),
        "  password = random_password.%s.result" % name,
        "# requirepass foobared",
        "UPDATE users SET password = MD5(?) WHERE id = %s;" % port,
        "\"password\": \"Mot de passe\",",
        "login.password=Kennwort",
        "docker build --secret id=npm,src=.npmrc .",
        "vault kv put secret/db password=@pw",
        "mkpasswd -m yescrypt",
        "make test TOKEN=1",
        "echo decrypt('message') | php",
        "sqlplus @scripts/run.sql",
        "printf 'password=%s\\n' \"$P\" > f",
        "update_password: on_create",
        "$Password = Read-Host -AsSecureString",
        "'password' => 'required|min:8',",
        "build-%s-%s.log" % (name, h(12)),
    ]


def positives(seed=1, rounds=1):
    return [x for i in range(rounds) for x in templates(Maker(seed + i))]


def negatives(seed=1, least=2000):
    out, i = [], 0
    while len(out) < least:
        out += quiet(Maker(seed + 1000 + i))
        i += 1
    return out


def write(folder, seed):
    good, bad = positives(seed), negatives(seed)
    for name, lines in (("positive.txt", [x[1] for x in good]), ("negative.txt", bad)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
    with open(os.path.join(folder, "labels.json"), "w", encoding="utf-8") as f:
        json.dump([{"kind": k, "secrets": list(s)} for k, _, s in good], f)


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
