#!/usr/bin/env bash
# Installs the outside tools of the conformance suite and the workflow linters, each once a version, outside the checkout, and
# prints their folders as a PATH. Without arguments all of them, otherwise those that are named.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/signed-promote/tools
conformance=$here/../conformance

# Runs the command after the tool and its version, with $version and a new folder $target, which is kept only when it succeeds.
install_once() {
  local name=$1 version=$2
  shift 2
  local folder=$cache/$name/$version
  if [[ ! -d $folder ]]; then
    echo "Installing $name $version" >&2
    mkdir -p "$cache/$name"
    target=$(mktemp -d "$cache/$name/.$version.XXXXXX")
    "$@" >&2
    # Somebody else may have been quicker: theirs is as good.
    mv -T "$target" "$folder" 2>/dev/null || rm -rf "$target"
  fi
  folders+=("$folder")
}

install_go() {
  GOBIN=$target go install "$1@$version"
}

# The program is named after its storage, which says nothing on a PATH.
install_rekor() {
  install_go github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix
  mv "$target/posix" "$target/rekor-server"
}

# Where Go has put the sources of a module.
folder_of_module() {
  go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'
}

# Not every module proxy lists the versions of these names, which go install would ask for. Of what a module vendors only the list is there.
install_from() {
  (cd "$(folder_of_module "$1@$version")" && GOBIN=$target go install -mod=readonly "$2")
}

# Some services listen on every interface, and no flag of theirs changes that: sed's script $4 does, in a copy of the module's file $3.
# What it changes is a part of the version under which the program is kept.
install_on_loopback() {
  install_once "$1" "$2-$(sha256sum <<<"$4" | cut -c1-16)" build_changed "$3" "$4" "$5@$2" "$6"
}

build_changed() {
  local file=$1 change=$2 module=$3 package=$4 origin copy=$target/source
  origin=$(folder_of_module "$module")
  cp -r --no-preserve=mode "$origin" "$copy"
  sed -i "$change" "$copy/$file"
  if cmp --silent "$origin/$file" "$copy/$file"; then
    echo "tools.sh: $change finds nothing in $file of $module: look where this version listens" >&2
    exit 1
  fi
  (cd "$copy" && GOBIN=$target go install "$package")
  rm -r "$copy"
}

# A program of the suite's own, whose sources are the version under which it is kept.
install_own() {
  install_once "$1" "$(cat "$conformance/$1"/{go.mod,go.sum,main.go} | sha256sum | cut -c1-16)" build_own "$1"
}

# The tag spares the policy judge a library in C.
build_own() {
  (cd "$conformance/$1" && go build -tags containers_image_openpgp -o "$target/$1" .)
}

# pip's --target, since a virtual environment cannot be moved to its place once it is complete.
install_zizmor() {
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$target/packages" "zizmor==$version"
  ln -s packages/bin/zizmor "$target/zizmor"
}

# Unpacks a package of this machine's Debian or Ubuntu, for which nobody has to be root, and links its program; with libraries, their packages
# too. The version that is wanted is taken where it is offered, in whatever revision; otherwise the one that is, which is said.
install_deb() {
  local package=$1 apt=(-o APT::Sandbox::User=root) offered chosen
  shift
  if [[ -z $(apt-cache madison "$package" 2>/dev/null) ]]; then
    # Machines are set up without lists of packages, which only root can fetch for all.
    apt+=(-o "Dir::State=$target/apt" -o "Dir::Cache=$target/apt")
    apt-get "${apt[@]}" -qq update
  fi
  offered=$(apt-cache "${apt[@]}" madison "$package" | awk -F ' *[|] *' '{ print $2 }')
  chosen=$(awk -v want="$version" 'NR == 1 { best = $0 } index($0, want) == 1 { best = $0; exit } END { print best }' <<<"$offered")
  if [[ $chosen != "$version"* ]]; then
    echo "tools.sh: $package $version is not offered here, but ${chosen:-nothing}" >&2
  fi
  (cd "$target" && apt-get "${apt[@]}" -qq download "$package=$chosen" "$@" && for deb in ./*.deb; do dpkg -x "$deb" .; done && rm -rf ./*.deb apt)
  if [[ $# -eq 0 ]]; then
    ln -s "usr/bin/$package" "$target/$package"
  else
    printf '#!/bin/bash\nhere=${BASH_SOURCE%%/*}\nexport LD_LIBRARY_PATH=$(echo "$here"/{,usr/}lib/*-linux-gnu | tr " " :)\nexec "$here/usr/bin/%s" "$@"\n' "$package" >"$target/$package"
    chmod +x "$target/$package"
  fi
}

# The one that the machine has, as GitHub's have; otherwise Debian's with those of its libraries that a machine may lack.
install_skopeo() {
  local there
  if there=$(command -v skopeo); then
    ln -s "$there" "$target/skopeo"
  else
    install_deb skopeo libgpgme11 libassuan0 libdevmapper1.02.1
  fi
}

# Pulp with its container plugin, each package as it is pinned, and Debian's PostgreSQL where there is none yet.
install_pulp() {
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$target/packages" --requirement "$conformance/pulp/requirements.txt"
  cp "$conformance"/pulp/{pulp,pulp-database} "$target"
  if ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
    # Otherwise installing it would start a server.
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends postgresql
  fi
}

# What was built for one Python does not run on another.
version_of_pulp() {
  { cat "$conformance"/pulp/*; python3 --version; } | sha256sum | cut -c1-16
}

install_tool() {
  case $1 in
    cosign) install_once cosign v3.1.3 install_go github.com/sigstore/cosign/v3/cmd/cosign ;;
    crane) install_once crane v0.22.1 install_go github.com/google/go-containerregistry/cmd/crane ;;
    registry) install_once registry v3.1.2 install_go github.com/distribution/distribution/v3/cmd/registry ;;
    docker-registry) install_once docker-registry 2.8.2 install_deb docker-registry ;;
    imgpkg) install_once imgpkg v0.46.1 install_from carvel.dev/imgpkg ./cmd/imgpkg ;;
    oras) install_once oras v1.2.3 install_from oras.land/oras ./cmd/oras ;;
    regctl) install_once regctl v0.11.7 install_go github.com/regclient/regclient/cmd/regctl ;;
    skopeo) install_once skopeo 1.9.3 install_skopeo ;;
    act) install_once act v0.2.89 install_go github.com/nektos/act ;;
    fulcio)
      install_on_loopback fulcio v1.8.8 cmd/app/serve.go \
        's/Sprintf(":%v", viper.GetString("metrics-port"))/Sprintf("127.0.0.1:%v", viper.GetString("metrics-port"))/' \
        github.com/sigstore/fulcio .
      ;;
    rekor-server) install_once rekor-server v2.3.0 install_rekor ;;
    timestamp-server)
      install_on_loopback timestamp-server v2.1.2 pkg/server/prometheus.go 's/":2112"/"127.0.0.1:0"/' \
        github.com/sigstore/timestamp-authority/v2 ./cmd/timestamp-server
      ;;
    pulp) install_once pulp "$(version_of_pulp)" install_pulp ;;
    actionlint) install_once actionlint v1.7.12 install_go github.com/rhysd/actionlint/cmd/actionlint ;;
    zizmor) install_once zizmor 1.32.0 install_zizmor ;;
    referrers-registry | policy-judge | compose-reader) install_own "$1" ;;
    *)
      echo "tools.sh: there is no tool named $1" >&2
      exit 2
      ;;
  esac
}

folders=()
if [[ $# -eq 0 ]]; then
  set -- cosign crane imgpkg oras regctl skopeo registry docker-registry act referrers-registry policy-judge compose-reader fulcio rekor-server timestamp-server pulp actionlint zizmor
fi
for tool in "$@"; do
  install_tool "$tool"
done
(IFS=: && echo "${folders[*]}")
