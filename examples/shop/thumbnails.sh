#!/bin/sh
# Starts two helpers that nobody waits for: their parent has ended at once.
helper() {
	while :; do
		sleep 0.5
	done
}

for n in 1 2; do
	(helper &)
done
while :; do
	echo "two helpers draw"
	sleep 2
done
