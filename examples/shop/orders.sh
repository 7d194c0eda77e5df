#!/bin/sh
# A pipeline: one child finds orders, the other one packs them.
find_orders() {
	n=0
	while :; do
		n=$((n + 1))
		echo "order $n"
		sleep 0.5
	done
}

pack() {
	while read -r order; do
		echo "$order is packed"
	done
}

find_orders | pack
