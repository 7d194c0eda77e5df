#!/bin/sh
# Works for a moment, then fails: something to watch the backoff with.
echo "pid $$ works for a moment"
sleep 2
echo "pid $$ fails with status 1" >&2
exit 1
