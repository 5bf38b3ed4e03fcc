#!/usr/bin/env bash
# Build or test ros_ws/ with the ROS 2 wheels of a virtual environment: colcon.sh build, colcon.sh test.
# What is built lies in build/ros_ws/; use it with `source build/ros_ws/install/setup.bash`. More words go to colcon.
# ALSO names a folder with packages that are built beside those of ros_ws/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

venv=$(realpath "${ROS_VENV:-.venv-ros}")
built=build/ros_ws
verb=$1
shift

# Whatever was sourced before would be found first.
unset PYTHONPATH LD_LIBRARY_PATH COLCON_PREFIX_PATH _ROS_WHEELS_BOOTSTRAP_COMPLETE
export PATH="$venv/bin:$PATH" AMENT_PREFIX_PATH="$venv" CMAKE_PREFIX_PATH="$venv"

options=(
  --base-paths ros_ws/src ${ALSO:+"$ALSO"} --build-base "$built/build" --install-base "$built/install" --merge-install
  --executor sequential --event-handlers console_cohesion+
)
case $verb in
  build)
    export MAKEFLAGS="-j${JOBS:-1}"  # else colcon starts a compiler for every core
    options+=(--cmake-args -DPython3_EXECUTABLE="$venv/bin/python" -DPython3_FIND_VIRTUALENV=ONLY -DBUILD_TESTING=ON)
    ;;
  test) options+=(--return-code-on-test-failure) ;;
  *) echo "colcon.sh build or colcon.sh test, not $verb" >&2; exit 2 ;;
esac

colcon --log-base "$built/log" "$verb" "$@" "${options[@]}"
if [ "$verb" = test ]; then
  colcon --log-base "$built/log" test-result --test-result-base "$built/build" --all --verbose
fi
