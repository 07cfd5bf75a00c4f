#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# secrets
. ./lib.sh


tree shell
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
ann:x:1000:1000::/home/ann:/bin/bash
E
write home/ann/.bash_history 600 <<'E'
#1700000000
mysql -u root -pS3cretPass99 shop
sshpass -p 'hunter2hunter' ssh root@10.0.0.1
curl -u admin:Sup3rSecret https://x/y
curl https://bob:pa55word@example.org/
export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzzzz
az login --service-principal -u http://x -p 4zureS3cret -t tenant
az login -u me@x.com --password 'My$ecret1'
PGPASSWORD=pgsecret99 psql -h db
echo "bob:Geheim123" | chpasswd
wget --password=wgetsecret http://x
openssl rsa -passin pass:opensslpw -in k
docker login -u u -p dockerpass1 reg
docker run -e MYSQL_ROOT_PASSWORD=rootsecret1 mysql
git clone https://oauth2:Zt7pq2LmX9vBn4Rk@github.com/x
sudo mysql -uroot -pTopSecret1 -e "CREATE USER x IDENTIFIED BY 'userpass1'"
ssh host "mysql -pnested123 x"
sqlcmd -S srv -U sa -P 'Str0ng!Passw0rd'
az x --connection-string "Endpoint=https;AccountName=x;AccountKey=abcdeMfghijklmnRopqrstuXvwxyz0123Y456789ABCD==;Suffix=y"
curl "https://x.blob.core.windows.net/c?sv=2020&sig=abc%2Fdefghijklmnopqrstuvwx%3D&se=1"
curl -H "Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.xxx.yyy" https://x
redis-cli -a redispass1 ping
kubectl create secret generic x --from-literal=password=k8ssecret
grep -l "-----BEGIN RSA PRIVATE KEY-----" *
smbclient //h/s -U 'bob%smbsecret'
mount -t cifs //h/s /m -o username=u,password=cifspass1
xfreerdp /u:a /p:rdpsecret1 /v:h
mysql -pshort
htpasswd -b /etc/htpasswd joe joespassword
echo newrootpw | sudo passwd --stdin root
sqlplus scott/tigertiger@db
lftp -u joe,ftpsecret1 ftp.example.org
E
query "SELECT line, kind, masked FROM secrets WHERE username = 'ann' ORDER BY line, kind" "secrets among arguments" <<'E'
2|password-argument|S3****99
3|password-argument|hu****er
4|password-argument|Su****et
5|basic-auth-url|pa****rd
6|aws-key|wJ****zz
7|password-argument|4z****et
8|password-argument|My****t1
9|export|pg****99
10|password-argument|Ge****23
11|password-argument|wg****et
12|password-argument|op****pw
13|password-argument|do****s1
14|export|ro****t1
15|basic-auth-url|Zt****Rk
16|password-argument|To****t1
16|sql-password|us****s1
17|password-argument|ne****23
18|password-argument|St****rd
19|azure-key|ab****==
20|azure-key|ab****3D
21|token|ey****yy
22|password-argument|re****s1
23|password-argument|k8****et
25|password-argument|sm****et
26|password-argument|ci****s1
27|password-argument|rd****t1
28|password-argument|****
29|password-argument|jo****rd
30|password-argument|ne****pw
31|password-argument|ti****er
32|password-argument|ft****t1
E
write home/ann/.bash_history 600 <<'E'
mysql -u root -p shop
ssh -p 2222 host
scp -P 2222 a host:
docker run -p 8080:80 --name mysql -p3306:3306 nginx
mysql --password=$PASS
mysql -p$PASS -u x
mysql --password=${DB_PASSWORD}
mysqldump --password='<password>' x
curl -u admin:$TOKEN https://x
curl -u admin https://x
curl https://user@example.org/
curl "https://$USER:$PASS@example.org/"
openssl rsa -passin env:FOO -passout file:/root/pw -in k
echo "root:$PW" | sudo chpasswd
echo "root:text" | tee /etc/file
cat ~/.ssh/id_rsa; ls -p; ps -u root; grep -p x; mkdir -p a/b; cp -a x y
useradd -p '$6$abc$def' bob
history | grep password
vim password.txt passwords.csv --passwords
export EDITOR=vim TOKEN_FILE=/etc/x PASSWORD= SECRET_PATH=/run/x PWD=/root
export PASSWORD=xxxxxxxx TOKEN='****' API_KEY=YOUR_API_KEY SECRET={{secret}}
passwd ann
sudo -u postgres psql
az login
aws s3 ls s3://bucket --profile secret
PasswordAuthentication=yes
git commit -m "password: fix the token: handling"
wget https://example.org/a:b@c
E
query "SELECT line, kind, masked FROM secrets WHERE username = 'ann' ORDER BY line" "what looks like one and is none" <<'E'
E

tree files
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
ann:x:1000:1000::/home/ann:/bin/bash
E
write home/gone/.bash_history <<'E'
mysql -pleftbehind1 x
E
write home/ann/.zsh_history <<'E'
: 1700000000:0;sshpass -p zshsecret1 ssh h
E
write home/ann/.local/share/fish/fish_history <<'E'
- cmd: sshpass -p fishsecret1 ssh h
  when: 1700000000
E
write home/ann/.mysql_history <<'E'
_HiStOrY_V2_
CREATE\040USER\040x\040IDENTIFIED\040BY\040'mysqlsecret1';
select password from users;
E
write home/ann/.psql_history <<'E'
ALTER USER x WITH PASSWORD 'psqlsecret1';
E
write home/ann/.python_history <<'E'
password = "pythonsecret1"
E
write home/ann/.netrc <<'E'
machine x
  login y
  password netrcsecret1
E
write home/ann/.pgpass <<'E'
# host:port:db:user:password
db:5432:a\:b:me:pgpasssecret1
E
write home/ann/.my.cnf <<'E'
[client]
user=x
password = "mycnfsecret1"
E
write home/ann/.git-credentials <<'E'
https://me:gitsecret1@github.com
E
write home/ann/.aws/credentials <<'E'
[default]
aws_access_key_id = AKIAIOSFODNN7ABCDEFG
aws_secret_access_key = abcdefghijABCDEFGHIJ0123456789/+abcdefgh
E
write home/ann/.azure/service_principal_entries.json <<'E'
[{"client_id": "x", "client_secret": "azuresecret1", "tenant": "y"}]
E
write home/ann/.docker/config.json <<'E'
{"auths":{"r":{"auth":"dXNlcjpUcjB1YjRkb3I="}},"credsStore":"pass"}
E
write var/www/app/.env <<'E'
APP_NAME=x
# OLD_PASSWORD=commented1
DB_PASSWORD="dotenvsecret1" # comment
MAIL_PASSWORD=null
E
write var/www/app/.env.example <<'E'
DB_PASSWORD=examplesecret1
E
write etc/environment <<'E'
API_TOKEN=environmentsecret1
E
write var/lib/cloud/instance/user-data.txt <<'E'
#cloud-config
password: cloudsecret1
chpasswd:
  list: |
    root:listsecret1
    bob:RANDOM
runcmd:
  - mysql -pruncmdsecret1 x
ssh_pwauth: true
E
query "SELECT username, kind, masked, file, line FROM secrets ORDER BY file, line" "secrets in files" <<'E'
|export|en****t1|/etc/environment|1
ann|aws-key|AK****FG|/home/ann/.aws/credentials|2
ann|aws-key|ab****gh|/home/ann/.aws/credentials|3
ann|azure-key|az****t1|/home/ann/.azure/service_principal_entries.json|1
ann|docker-auth|dX****I=|/home/ann/.docker/config.json|1
ann|basic-auth-url|gi****t1|/home/ann/.git-credentials|1
ann|password-argument|fi****t1|/home/ann/.local/share/fish/fish_history|1
ann|stored-password|my****t1|/home/ann/.my.cnf|3
ann|sql-password|my****t1|/home/ann/.mysql_history|2
ann|stored-password|ne****t1|/home/ann/.netrc|3
ann|stored-password|pg****t1|/home/ann/.pgpass|2
ann|sql-password|ps****t1|/home/ann/.psql_history|1
ann|export|py****t1|/home/ann/.python_history|1
ann|password-argument|zs****t1|/home/ann/.zsh_history|1
|password-argument|le****d1|/home/gone/.bash_history|1
|export|cl****t1|/var/lib/cloud/instance/user-data.txt|2
|stored-password|li****t1|/var/lib/cloud/instance/user-data.txt|5
|password-argument|ru****t1|/var/lib/cloud/instance/user-data.txt|8
|export|co****d1|/var/www/app/.env|2
|export|do****t1|/var/www/app/.env|3
E

tree bad
write etc/passwd <<'E'
root:x:0:0::/root:/bin/sh
ann:x:1000:1000::/home/ann:/bin/bash
bob:x:1001:1000::/home/bob:/bin/bash
E
mkdir -p "$ROOT/root" "$ROOT/home/ann" "$ROOT/home/bob"
mkfifo "$ROOT/root/.bash_history"
link /dev/null home/bob/.bash_history
{
	head -c 300000 /dev/zero
	printf '\nmysql -pafterzeros1 x\n'
	head -c 70000 /dev/urandom | tr -d '\n'
	printf '\nmysql -paftergarbage1 x'
} >"$ROOT/home/ann/.bash_history"
{
	echo 'mysql -pfirstsecret1 x'
	truncate -s 256M "$ROOT/home/bob/.zsh_history"
} >"$ROOT/home/bob/start"
dd if="$ROOT/home/bob/start" of="$ROOT/home/bob/.zsh_history" conv=notrunc status=none
printf '\nmysql -plastsecret1 x\n' >>"$ROOT/home/bob/.zsh_history"
query "SELECT file, masked, line FROM secrets" "zeros, garbage and 256 MB" <<'E'
/home/ann/.bash_history|af****s1|2
/home/ann/.bash_history|af****e1|4
/home/bob/.zsh_history|fi****t1|1
/home/bob/.zsh_history|la****t1|3
E
query "SELECT path, error FROM collector_problems WHERE name = 'secrets' ORDER BY path" <<'E'
/root/.bash_history|22
E

finish
