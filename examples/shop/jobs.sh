#!/bin/sh
# One short job after the other, each a process of its own.
while :; do
	date '+cleaned up at %T'
	sleep 0.3
done
