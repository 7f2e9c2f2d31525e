-- Holds a target in one partition: no lane of it is leased until the hold ends. One record, however many lanes wait.
--
-- KEYS  1 t  2 due
-- ARGV  1 target  2 for how many ms
-- Answer  ms until the hold ends: a hold is never shortened by another
local at = now()
local till = math.max(at + tonumber(ARGV[2]), tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0'))
redis.call('PERSIST', KEYS[1])
redis.call('HSET', KEYS[1], ARGV[1], int(till))
redis.call('ZADD', KEYS[2], 'XX', int(till), ARGV[1])
return int(till - at)
