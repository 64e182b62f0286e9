#!/bin/sh
# Process 1 of the image: starts the program, passes signals on to it, and ends with its status. The
# kernel lets nobody inside a container kill process 1, so the program's watchdog could not end it.

child=
if [ -t 0 ]; then
  trap : INT # a terminal sends it to the program too
else
  trap 'kill -INT "$child"' INT
fi
trap 'kill -TERM "$child"' TERM
trap 'kill -HUP "$child"' HUP

# Empty in one that Docker started again, and outside of Docker.
new_container=$(find /.dockerenv -newermt '-5 seconds' 2>/dev/null)

# Without the redirection, a program in the background reads nothing.
node dist/main.js "$@" <&0 &
child=$!
wait "$child" 2>/dev/null
status=$?
# A signal ends `wait`, but not the program.
while kill -0 "$child" 2>/dev/null; do
  wait "$child" 2>/dev/null
  status=$?
done

# Docker starts a relay again whose configuration has mistakes (status 78). The container stays for a while
# first, long enough to be unhealthy: the pauses grow with its age, so the log stays short. A person waits
# for one that is new.
if [ "$status" = 78 ] && [ "$1" = run ] && [ -e /.dockerenv ] && [ -z "$new_container" ]; then
  trap 'exit 78' INT TERM HUP
  pause=$(node -p '
    const age = (Date.now() - fs.statSync("/.dockerenv").mtimeMs) / 1000;
    Math.ceil(Math.min(300, Math.max(75, age)))')
  echo "mention-relay ends in $pause s: a start with this configuration would fail again." >&2
  sleep "$pause" &
  wait $!
fi
exit "$status"
