#!/bin/bash
# Arguments are those of the launch file; anything else is run as a command: docker run ... hotspot_ros ros2 topic list
set -e
source "/opt/hotspots/install/setup.bash"
if [ $# -eq 0 ] || [[ $1 == *:=* ]] || [[ $1 == --* ]]; then
  exec ros2 launch hotspot_ros hotspots.launch.py "$@"
fi
exec "$@"
