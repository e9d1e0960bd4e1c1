#!/usr/bin/env bash
# Installs the outside tools of the conformance suite and the workflow linters, each once a version, outside the checkout, and
# prints their folders as a PATH. Without arguments all of them, otherwise those that are named.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/signed-promote/tools
referrers_registry=$here/../conformance/referrers-registry

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

# Some services listen on every interface, and no flag of theirs changes that: sed's script $4 does, in a copy of the module's file $3.
# What it changes is a part of the version under which the program is kept.
install_on_loopback() {
  install_once "$1" "$2-$(sha256sum <<<"$4" | cut -c1-16)" build_changed "$3" "$4" "$5@$2" "$6"
}

build_changed() {
  local file=$1 change=$2 module=$3 package=$4 origin copy=$target/source
  origin=$(go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  cp -r --no-preserve=mode "$origin" "$copy"
  sed -i "$change" "$copy/$file"
  if cmp --silent "$origin/$file" "$copy/$file"; then
    echo "tools.sh: $change finds nothing in $file of $module: look where this version listens" >&2
    exit 1
  fi
  (cd "$copy" && GOBIN=$target go install "$package")
  rm -r "$copy"
}

build_referrers_registry() {
  (cd "$referrers_registry" && go build -o "$target/referrers-registry" .)
}

# pip's --target, since a virtual environment cannot be moved to its place once it is complete.
install_zizmor() {
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$target/packages" "zizmor==$version"
  ln -s packages/bin/zizmor "$target/zizmor"
}

install_tool() {
  case $1 in
    cosign) install_once cosign v3.1.3 install_go github.com/sigstore/cosign/v3/cmd/cosign ;;
    crane) install_once crane v0.22.1 install_go github.com/google/go-containerregistry/cmd/crane ;;
    registry) install_once registry v3.1.2 install_go github.com/distribution/distribution/v3/cmd/registry ;;
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
    actionlint) install_once actionlint v1.7.12 install_go github.com/rhysd/actionlint/cmd/actionlint ;;
    zizmor) install_once zizmor 1.32.0 install_zizmor ;;
    referrers-registry)
      local sources
      sources=$(cat "$referrers_registry"/{go.mod,go.sum,main.go} | sha256sum | cut -c1-16)
      install_once referrers-registry "$sources" build_referrers_registry
      ;;
    *)
      echo "tools.sh: there is no tool named $1" >&2
      exit 2
      ;;
  esac
}

folders=()
if [[ $# -eq 0 ]]; then
  set -- cosign crane registry act referrers-registry fulcio rekor-server timestamp-server actionlint zizmor
fi
for tool in "$@"; do
  install_tool "$tool"
done
(IFS=: && echo "${folders[*]}")
