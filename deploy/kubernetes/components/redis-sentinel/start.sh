#!/bin/sh
# Writes down, each time a pod starts, how its Redis and its Sentinel are set up: by what the manifests say now, and by who is the primary
# now. One that was the primary and comes back must not be it once more: what it has is older.
set -eu
data=${DATA:-/data}
config=${CONFIG:-/config}
name="$HOSTNAME.redis"

# What the other Sentinels say.
primary=
for pod in redis-0 redis-1 redis-2; do
  if [ -z "$primary" ] && [ "$pod" != "$HOSTNAME" ]; then
    primary=$(timeout 3 redis-cli -h "$pod.redis" -p 26379 sentinel get-master-addr-by-name sluice 2>/dev/null | head -n 1) || primary=
    case "$primary" in redis-[012].redis) ;; *) primary= ;; esac
  fi
done
# When all of them start: as it was, and the very first time by the number.
if [ -z "$primary" ] && [ -f "$data/redis.conf" ]; then
  primary=$(sed -n 's/^replicaof "\{0,1\}\([^" ]*\)"\{0,1\} .*/\1/p' "$data/redis.conf")
  primary=${primary:-$name}
fi
primary=${primary:-redis-0.redis}

{
  cat "$config/redis.conf"
  echo "replica-announce-ip $name"
  if [ "$primary" != "$name" ]; then echo "replicaof $primary 6379"; fi
} > "$data/redis.conf.new"
{
  sed "s/^sentinel monitor sluice [^ ]*/sentinel monitor sluice $primary/" "$config/sentinel.conf"
  echo "sentinel announce-ip $name"
  # What it knows of the others and of the votes so far.
  if [ -f "$data/sentinel.conf" ]; then
    grep -E '^sentinel (myid|config-epoch|leader-epoch|current-epoch|known-replica|known-sentinel) ' "$data/sentinel.conf" || true
  fi
} > "$data/sentinel.conf.new"
mv "$data/redis.conf.new" "$data/redis.conf"
mv "$data/sentinel.conf.new" "$data/sentinel.conf"
