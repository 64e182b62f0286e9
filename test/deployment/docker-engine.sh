#!/bin/bash
# Starts a Docker engine of its own in the folder $1 and stays until it gets SIGTERM; "ready" says that it
# is there. No registry is needed: stand-ins for the base images consist of this machine's programs.
# Needs root on Debian or Ubuntu.
set -euo pipefail
folder=$1 project=$2
cd "$folder"
mkdir -p config/cli-plugins apt

install_programs() {
  command -v dockerd >/dev/null || {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends docker.io
  } >/dev/null
  docker compose version >/dev/null 2>&1 && return
  # Debian 12 has no Compose 2. The programs in the package of Debian 13 need no other package.
  local cache=/var/cache/mention-relay-test
  [ -e $cache/docker-compose ] || {
    mkdir -p apt/state/lists/partial apt/cache/archives/partial apt/etc/apt.conf.d
    : >apt/status
    local site
    site=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site trixie main" >apt/etc/sources.list
    cat >apt/conf <<END
Dir::Etc "$folder/apt/etc"; Dir::Etc::sourceparts "/nonexistent"; Dir::State "$folder/apt/state";
Dir::State::status "$folder/apt/status"; Dir::Cache "$folder/apt/cache"; Acquire::Languages "none";
END
    APT_CONFIG=$folder/apt/conf apt-get update -qq
    (cd apt && APT_CONFIG=$folder/apt/conf apt-get download -qq docker-compose docker-buildx 2>/dev/null)
    for package in apt/*.deb; do dpkg-deb -x "$package" apt/unpacked; done
    mkdir -p $cache
    mv apt/unpacked/usr/libexec/docker/cli-plugins/docker-{buildx,compose} $cache/
  }
  ln -s $cache/docker-{buildx,compose} config/cli-plugins/
}

# FOLDER PROGRAM...: writes a root file system with these programs and the libraries that they need.
write_root() {
  local root=$1 program library
  shift
  mkdir -p "$root"/{bin,usr/bin,etc,tmp,root,app,lib64}
  chmod 1777 "$root/tmp"
  for program in "$@" sh bash cat chmod chown env find grep id install kill ls mkdir rm sleep tar; do
    program=$(command -v "$program" || echo "/bin/$program")
    [ -e "$program" ] || continue
    install -D -m 755 "$(readlink -f "$program")" "$root/usr/bin/$(basename "$program")"
    ln -sf "/usr/bin/$(basename "$program")" "$root/bin/$(basename "$program")"
    { ldd "$program" 2>/dev/null || true; } | grep -oE '/[^ ]+' | while read -r library; do
      [ -e "$root$library" ] || install -D -m 755 "$(readlink -f "$library")" "$root$library"
    done
  done
  for library in $(ldconfig -p | grep -oE '/\S+/(libnss_(dns|files)|libresolv|libgcc_s|libdl|libpthread|librt|libm)\.so\.[0-9]+' | grep -v lib32 | sort -u); do
    [ -e "$root$library" ] || install -D -m 755 "$(readlink -f "$library")" "$root$library"
  done
  printf 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\nredis:x:999:999::/data:/bin/sh\n' >"$root/etc/passwd"
  printf 'root:x:0:\nnode:x:1000:\nredis:x:999:\n' >"$root/etc/group"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
}

# npm, with the packages that the machine has downloaded already; and an apt-get that installs one package.
node_image() {
  local npm
  npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
  write_root node "$(readlink -f "$project/node_modules/node/bin/node")"
  mkdir -p node/usr/lib/node_modules node/usr/etc node/etc/ssl/certs node/var/npm
  cp -r "$npm" node/usr/lib/node_modules/npm
  ln -s ../lib/node_modules/npm/bin/npm-cli.js node/usr/bin/npm
  cp /etc/ssl/certs/ca-certificates.crt node/etc/ssl/certs/
  [ ! -d "$(npm config get cache)/_cacache" ] || cp -r "$(npm config get cache)/_cacache" node/var/npm/
  {
    echo cafile=/etc/ssl/certs/ca-certificates.crt
    echo prefer-offline=true
    echo "registry=$(npm config get registry)"
  } >node/usr/etc/npmrc
  write_root node/opt/redis redis-server
  cat >node/usr/bin/apt-get <<'END'
#!/bin/sh
case " $* " in *' install '*' redis-server '*) tar -C /opt/redis -c usr lib lib64 2>/dev/null | tar -C / -x --skip-old-files ;; esac
END
  chmod 755 node/usr/bin/apt-get
}

redis_image() {
  write_root redis redis-server redis-cli setpriv
  mkdir redis/data
  chown 999:999 redis/data
  cat >redis/usr/bin/docker-entrypoint.sh <<'END'
#!/bin/sh
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . ! -user redis -exec chown redis '{}' +
  exec setpriv --reuid 999 --regid 999 --clear-groups "$0" "$@"
fi
exec "$@"
END
  chmod 755 redis/usr/bin/docker-entrypoint.sh
}

export DOCKER_CONFIG=$folder/config DOCKER_HOST=unix://$folder/docker.sock
node_image &
redis_image &
install_programs
# No bridge and no firewall rules: nothing on this machine changes.
setpriv --pdeathsig TERM dockerd --bridge=none --iptables=false --ip6tables=false --ip-forward=false \
  --data-root="$folder/data" --exec-root="$folder/exec" --pidfile="$folder/pid" -H "$DOCKER_HOST" >dockerd.log 2>&1 &
engine=$!
trap 'kill $engine; wait $engine; rm -rf "$folder"; exit' TERM
until docker version >/dev/null 2>&1; do
  kill -0 $engine || { tail -n 5 dockerd.log >&2; exit 1; }
  sleep 0.1
done
wait %1 %2
tar -C node -c . | docker import -c 'CMD ["node"]' - node:24-slim >/dev/null
tar -C redis -c . | docker import -c 'VOLUME /data' -c 'WORKDIR /data' -c 'ENTRYPOINT ["docker-entrypoint.sh"]' \
  -c 'CMD ["redis-server"]' - redis:7.4-alpine >/dev/null
rm -r node redis
echo ready
wait $engine
