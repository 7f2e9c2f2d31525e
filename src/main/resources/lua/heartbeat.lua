-- Says that a gateway is there, and learns which others are.
--
-- KEYS  1 pods
-- ARGV  1 the gateway's id  2 ms between two calls of a gateway while there are few; 0 says good-bye  3 how many are few
-- Answer  the ids of the gateways that are there
--
-- Keeps: however many gateways there are, one that is alive is not taken for gone: more of them call less often each.
local at = now()
-- Changes nothing, but a full Redis lets a script through whose first write needs no memory: draining must go on.
redis.call('PERSIST', KEYS[1])
if ARGV[2] == '0' then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], int(at), ARGV[1])
  local period = ARGV[2] * math.max(1, math.ceil(redis.call('ZCARD', KEYS[1]) / ARGV[3]))
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', int(at - 3 * period))
end
return redis.call('ZRANGE', KEYS[1], 0, -1)
