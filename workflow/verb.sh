# Read before each rule's shell line: `cross2stra VERB OPTIONS 2> LOG` runs one verb of this checkout. Its messages go
# to the log and, as they come, to the terminal; when it fails, the log's last lines and the command follow.
exec 3>&2
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Idle OpenMP threads sleep: jobs side by side would otherwise spin against each other. Equal bytes need a fixed hash.
export PYTHONPATH=$checkout PYTHONUNBUFFERED=1 PYTHONHASHSEED=0 MPLBACKEND=Agg LC_ALL=C.UTF-8
export OMP_WAIT_POLICY=PASSIVE GOMP_SPINCOUNT=0 TOKENIZERS_PARALLELISM=false

cross2stra() {
    local status=0 log
    { python -m cross2stra "$@" 2>&1 >&4 4>&- | both; } 4>&1 || status=$?
    if ((status)); then
        log=$(readlink /proc/self/fd/2 || true)
        {
            printf 'failed (exit %s): cross2stra %s; ' "$status" "$1"
            printf 'the last lines of %s:\n' "${log#"$PWD/"}"
            tail -n 12 "$log" | sed 's/^/    /'
            printf 'to run it by hand, in %s:\n    OMP_NUM_THREADS=%s PYTHONPATH=%q' "$PWD" "${OMP_NUM_THREADS:-1}" "$checkout"
            printf ' %q' python -m cross2stra "$@"
            printf '\n'
        } >&3
    fi
    return "$status"
}

of_record() { # FILE TO: what a record holds, or why it does not
    if [[ ! -e $1 ]]; then
        echo "$1: the record lacks it, as its part was not complete; run that part whole where it was made, record again" |
            tee /dev/fd/3 >&2
        return 1
    fi
    cp -r "$1" "$2"
}

both() { # each line to the log (2) and to the terminal (3)
    local line
    while IFS= read -r line || [[ -n $line ]]; do
        printf '%s\n' "$line" >&2
        printf '%s\n' "$line" >&3
    done
}
