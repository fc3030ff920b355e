# Enters the environment that `make setup` built: source env.sh (bash or zsh, from any folder).

if [ -n "${ZSH_VERSION:-}" ]; then
  eval '_hotspot_root="${${(%):-%x}:A:h}"'
  _hotspot_shell=zsh
else
  _hotspot_root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)"
  _hotspot_shell=bash
fi
_hotspot_built="$(find "$_hotspot_root/.build" -maxdepth 1 -name "built-${ROS_DISTRO:-*}" 2>/dev/null)"

if [ -z "$_hotspot_built" ]; then
  echo "hotspot_ros is not set up${ROS_DISTRO:+ for ROS 2 $ROS_DISTRO} yet: run 'make setup' in $_hotspot_root" >&2
  unset _hotspot_root _hotspot_shell _hotspot_built
  return 1
fi

. "$_hotspot_root/.venv/bin/activate"
case "${_hotspot_built##*/built-}" in
wheels*)
  # The virtual environment is the ROS prefix. Its Python finds the libraries by itself, unless told that it has already.
  export AMENT_PREFIX_PATH="$_hotspot_root/.venv"
  unset _ROS_WHEELS_BOOTSTRAP_COMPLETE
  . "$_hotspot_root/.build/install/local_setup.$_hotspot_shell"
  ;;
*)
  . "$_hotspot_root/.build/install/setup.$_hotspot_shell"
  ;;
esac
export PATH="$_hotspot_root/.build/install/lib/hotspot_ros:$PATH"
# What the build installs of hotspot_core is what a robot needs; here, all of it is imported from the source folder.
export PYTHONPATH="$_hotspot_root${PYTHONPATH:+:$PYTHONPATH}"
# Fast DDS's own shared memory is smaller than an image, and best-effort subscribers then lose most of them.
# Up to Jazzy it looks for its profile under the first name; from Kilted on under the second, and warns of the first.
case "${_hotspot_built##*/built-}" in
wheels | humble | iron | jazzy)
  export FASTRTPS_DEFAULT_PROFILES_FILE="${FASTRTPS_DEFAULT_PROFILES_FILE:-$_hotspot_root/config/fastdds.xml}"
  ;;
*)
  export FASTDDS_DEFAULT_PROFILES_FILE="${FASTDDS_DEFAULT_PROFILES_FILE:-$_hotspot_root/config/fastdds.xml}"
  ;;
esac
# Threads of PyTorch that spin while they wait take the cores from other programs. hotspot_core sets this, too, which is too
# late where torch is imported before it.
[ -n "${OMP_WAIT_POLICY:-}" ] || export GOMP_SPINCOUNT="${GOMP_SPINCOUNT:-10000}"
unset _hotspot_root _hotspot_shell _hotspot_built
