#!/bin/sh
# Tells the headlines of the file beside it, over and over.
while :; do
	while read -r line; do
		echo "$FEED_PREFIX $line"
		sleep "$FEED_PAUSE"
	done <headlines.txt
done
