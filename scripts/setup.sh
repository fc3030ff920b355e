#!/usr/bin/env bash
# Makes the virtual environment .venv; called by make.
# usage: scripts/setup.sh <sourced ROS distribution, or "wheels" or "wheels-kilted"> [Python to use]
set -euo pipefail
cd "$(dirname "$0")/.."
ros=$1
shift

fail() {
  echo "hotspot_ros: $*" >&2
  exit 1
}

# An installed ROS has its own Python, whatever that is; the wheels are tested with these.
case $ros in
  wheels*) newest=12 supported="3.10, 3.11 or 3.12" ;;
  *) newest=99 supported="3.10 or newer" ;;
esac

# Says major.minor of a Python that is supported, else nothing.
supported_version() {
  "$1" -c "import sys; v = sys.version_info[:2]; (3, 10) <= v <= (3, $newest) and print('%d.%d' % v)" 2>/dev/null || true
}

candidates=("$@")
[ $# -gt 0 ] || candidates=(python3 python3.12 python3.11 python3.10)
for python in "${candidates[@]}"; do
  version=$(supported_version "$python")
  [ -z "$version" ] || break
done
[ -n "$version" ] || fail "Python $supported is needed, ${1:-python3} is not one; on Debian 12 and Ubuntu 22.04 or" \
  "24.04: 'sudo apt install python3 python3-venv python3-dev'; elsewhere name one: 'make setup PYTHON=/path/to/python3.12'"

packages=()
"$python" -c 'import ensurepip, venv' 2>/dev/null || packages+=("python$version-venv")
[ -f "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" ] ||
  packages+=("python$version-dev")
command -v c++ >/dev/null || packages+=(g++)
command -v cmake >/dev/null || packages+=(cmake)
[[ $ros = wheels* ]] || command -v colcon >/dev/null || packages+=(python3-colcon-common-extensions)
[ ${#packages[@]} = 0 ] || fail "tools are missing, install them with 'sudo apt install ${packages[*]}'"

[ -f ".venv/ready-$ros" ] || rm -rf .venv .build

if [[ $ros = wheels* ]]; then
  extras=ros${ros#wheels},train,export,render,sim,dev,docs
  "$python" -m venv .venv
  cp constraints.txt .venv/
else
  extras=train,export,render,sim,dev,docs
  "$python" -m venv --system-site-packages .venv
  # The compiled modules of this ROS fit one major version of NumPy, and robots often have a PyTorch of their own.
  {
    "$python" -c 'import numpy; print(f"numpy=={numpy.__version__[0]}.*")'
    "$python" -c 'import torch; print(f"torch=={torch.__version__}")' 2>/dev/null || cat constraints.txt
  } >.venv/constraints.txt
fi

echo "Installing Python packages into .venv (the first time this takes some minutes) ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check \
  --constraint .venv/constraints.txt --editable ".[$extras]"
