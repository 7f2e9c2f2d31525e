-- Lists webhooks that were removed and of which something may be left in the lanes.
--
-- KEYS  1 removed
-- ARGV  1 how many at most  2 the only one asked for, empty for any
-- Answer  per webhook: id, the version that removed it
if ARGV[2] ~= '' then
  local version = redis.call('ZSCORE', KEYS[1], ARGV[2])
  return version and { ARGV[2], version } or {}
end
return redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1, 'WITHSCORES')
