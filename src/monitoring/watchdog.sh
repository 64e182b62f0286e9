# Kills a process that no longer shows signs of life: lines on the standard input. Ends with that input.
#
# $1  id of the process
# $2  seconds to wait for a line: much longer than one takes, because Bash can lose a line that arrives
#     just when its wait ends
# $3  waits in vain that end the process
# LAST_WORDS  what the process would log, with TIME in place of the time
#
# Sleep of the machine and `docker pause` end one wait. A process that was stopped by SIGSTOP or by a
# debugger has not missed any.

trap '' HUP INT TERM
vain=0
while [ "$vain" -lt "$3" ]; do
  read -r -t "$2"
  case $? in
    0) vain=0 ;;
    1) exit ;;
    *) vain=$((vain + 1)) ;;
  esac
  if read -r stat <"/proc/$1/stat"; then
    case "${stat##*) }" in [Tt]*) vain=0 ;; esac
  fi
done

printf -v now '%(%Y-%m-%dT%H:%M:%S.000Z)T' -1
printf '%s\n' "${LAST_WORDS/TIME/$now}" &
# A log that nobody reads must not prevent the end.
read -r -t 1
kill -KILL "$1"
