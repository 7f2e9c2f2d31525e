-- Ends a hold of a target in one partition.
--
-- KEYS  1 t  2 due  3 w
-- ARGV  1 target
-- Answer  1 when lanes of it wait here, else 0
redis.call('HDEL', KEYS[1], ARGV[1])
local first = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
if #first == 0 or first[2] == 'inf' then return 0 end
redis.call('ZADD', KEYS[2], first[2], ARGV[1])
return 1
