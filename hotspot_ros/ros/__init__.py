"""What ROS nodes need whatever they do: parameters, quality of service, subscriptions, start and end."""
