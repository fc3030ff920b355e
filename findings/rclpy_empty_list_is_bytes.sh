#!/usr/bin/env bash
# rclpy: a parameter that is declared with the default [] is of type BYTE_ARRAY, and refuses strings and numbers.
#
# Guess:   an empty list says nothing of its elements; the parameter takes the list of strings, or of numbers, that a
#          parameter file sets, as one declared with [""] takes strings.
# Happens: the type that rclpy infers from [] is BYTE_ARRAY. An override with strings raises where the parameter is
#          declared; set_parameters answers with a failure. The other way round, an array of strings or of numbers
#          cannot be emptied with Parameter(name, value=[]), which is bytes again.
# Hurt:    nodes with "all of them" as an empty default list (names of joints, topics, actions): they run by default and
#          end with an exception for the first user who sets the list. The remedy is a descriptor with the type, and the
#          type in place of the value: declare_parameter(name, Parameter.Type.STRING_ARRAY), or dynamic_typing.
# Seen:    rclpy 7.1.6 (Jazzy) from PyPI.
# Source:  rclpy/rclpy/parameter.py, Parameter.Type.from_parameter_value.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet "ros-rclpy[fastrtps]==7.1.6" "numpy<2.5"
ROS_DOMAIN_ID=77 ROS_LOG_DIR=$work venv/bin/python - <<'PY'
from importlib.metadata import version

import rclpy
from rclpy.exceptions import InvalidParameterTypeException
from rclpy.node import Node
from rclpy.parameter import Parameter

print("rclpy", version("ros-rclpy"))
rclpy.init()
node = Node("finding")
for name, default in (("empty", []), ("strings", [""]), ("numbers", [0.0])):
    declared = node.declare_parameter(name, default)
    print(name, "is declared with", default, "and has type", declared.type_.name)
    for value in (["door"], [1.5], []):
        result = node.set_parameters([Parameter(name, value=value)])[0]
        print("  set to", value, "->", "taken" if result.successful else f"refused: {result.reason}")
assert node.get_parameter("empty").type_ is Parameter.Type.BYTE_ARRAY
assert not node.set_parameters([Parameter("empty", value=["door"])])[0].successful
assert node.set_parameters([Parameter("strings", value=["door"])])[0].successful
assert not node.set_parameters([Parameter("strings", value=[])])[0].successful

other = Node("overridden", parameter_overrides=[Parameter("empty", value=["door", "drawer"])])
try:
    other.declare_parameter("empty", [])
    raise SystemExit("an override with strings is taken now")
except InvalidParameterTypeException as error:
    print("override with strings:", error)
rclpy.shutdown()
PY
