#!/bin/sh
# The real parts that some tests want. As root it installs Debian's packages (no daemon is started); the Kafka broker is an
# ordinary Maven artifact and goes to .parts/. Run again it only does what is missing.
set -eu
cd "$(dirname "$0")/.."
parts="${CORDON_PARTS_DIR:-$PWD/.parts}"
say() { echo "parts: $*" >&2; }

packages=""
command -v java >/dev/null 2>&1 || packages="$packages openjdk-17-jre-headless"
command -v mvn >/dev/null 2>&1 || packages="$packages maven"
command -v snmpd >/dev/null 2>&1 || [ -x /usr/sbin/snmpd ] || packages="$packages snmpd"
command -v snmpwalk >/dev/null 2>&1 || packages="$packages snmp"
command -v ip >/dev/null 2>&1 || packages="$packages iproute2"
# The lab: switches, hosts and attacks in network namespaces.
command -v ovs-vsctl >/dev/null 2>&1 || packages="$packages openvswitch-switch"
[ -x /usr/lib/frr/zebra ] || packages="$packages frr"
[ -x /usr/sbin/lldpd ] || packages="$packages lldpd"
[ -x /usr/sbin/sshd ] || packages="$packages openssh-server"
command -v ssh >/dev/null 2>&1 || packages="$packages openssh-client"
[ -x /usr/sbin/softflowd ] || packages="$packages softflowd"
[ -x /usr/sbin/nft ] || packages="$packages nftables"
command -v ping >/dev/null 2>&1 || packages="$packages iputils-ping"
command -v nmap >/dev/null 2>&1 || packages="$packages nmap"
command -v hydra >/dev/null 2>&1 || packages="$packages hydra"
# What `cordon bench collect` measures itself beside.
command -v nfcapd >/dev/null 2>&1 || packages="$packages nfdump"
command -v sfcapd >/dev/null 2>&1 || packages="$packages nfdump-sflow"
[ -x /usr/sbin/fastnetmon ] || packages="$packages fastnetmon"
[ -x /usr/sbin/sfacctd ] || packages="$packages pmacct"
if [ -n "$packages" ]; then
    if [ "$(id -u)" != 0 ]; then
        say "not root, so these Debian packages are not installed:$packages"
    else
        say "installing$packages"
        policy=/usr/sbin/policy-rc.d
        if [ ! -e "$policy" ]; then
            printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
            trap 'rm -f "$policy"' EXIT
        fi
        apt-get update -qq >/dev/null
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
    fi
fi

if ! ls "$parts"/kafka/kafka_*.jar >/dev/null 2>&1; then
    say "fetching Apache Kafka"
    mkdir -p "$parts/kafka"
    mvn -q -B -f controller/lab/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory="$parts/kafka" -DincludeScope=runtime
fi
# goflow2 needs a newer Go than Debian's: measured where there is one, left out where there is none.
if [ ! -x "$parts/bin/goflow2" ] && command -v go >/dev/null 2>&1; then
    say "building goflow2"
    mkdir -p "$parts/bin"
    GOBIN="$parts/bin" GOTOOLCHAIN=local GOFLAGS=-mod=mod go install github.com/netsampler/goflow2/v2/cmd/goflow2@v2.2.6 2>/dev/null ||
        say "goflow2 was not built: its figures are left out"
fi
say "ready in $parts"
