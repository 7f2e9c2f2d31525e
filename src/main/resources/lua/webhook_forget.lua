-- Forgets a removed webhook of which nothing is left.
--
-- KEYS  1 changed  2 removed  3 floor  4 failing
-- ARGV  1 id
-- Answer  1, or 0 when it was forgotten already
--
-- Keeps: a gateway that slept through the removal is told everything anew, because it is behind the floor.
local version = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not version then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[4], ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
if tonumber(version) > tonumber(redis.call('GET', KEYS[3]) or '0') then redis.call('SET', KEYS[3], version) end
return 1
