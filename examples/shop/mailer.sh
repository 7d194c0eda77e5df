#!/bin/sh
# Sends letters, and does not go without having sent the one in hand.
trap 'echo "the last letter is sent"; exit 0' TERM
while :; do
	echo "a letter is sent"
	sleep 0.5
done
