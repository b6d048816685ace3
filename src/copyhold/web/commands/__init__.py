"""One file for each command of the office. They start what they need and then ask the rooms."""
